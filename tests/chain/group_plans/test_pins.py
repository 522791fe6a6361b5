"""What officers decide beforehand of groups: kept by every plan from then on, refused in words where it cannot be."""

from __future__ import annotations

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.selectors_group_plans import explanation, studio
from tests.chain.group_plans.test_effect import sent
from tests.chain.group_plans.test_pages import client, page
from tests.chain.group_plans.world import Ground, fresh


@pytest.fixture
def plan(ground: Ground) -> GroupPlan:
    """Two members in each building of the first branch, which has two groups of three buildings in a row."""
    ground.count([2, 2, 2, 2, 2, 2, *[3] * 12])
    return ground.made(asked={ground.left.pk: 2})


def draw(
    ground: Ground, plan: GroupPlan, kind: str, places: tuple[int, ...], **more: object
) -> list[int | None]:
    """The labels after the pin, of buildings by their place in the row."""
    ids = [ground.buildings[at].pk for at in places]
    plans.draw_pin(actor=ground.actor("secretary"), plan_id=plan.pk, kind=kind, buildings=ids, **more)  # type: ignore[arg-type]  # tests ask anything
    return fresh(plan).current.labels


def test_every_pin_is_kept_by_what_follows(ground: Ground) -> None:
    ground.count([3] * 18)
    plan = ground.made(asked={ground.left.pk: 2})
    before = plan.current.labels
    assert before[:6] == [0, 0, 0, 1, 1, 1]
    together = draw(ground, plan, "together", (2, 3), words="一个院子")
    assert together[2] == together[3] and together[6:] == before[6:], "the other branch is not touched"
    inside = draw(ground, plan, "inside", (1, 4), number=together[3])
    assert inside[1:5] == [together[3]] * 4
    apart = draw(ground, plan, "apart", (4, 5))
    assert apart[1:5] == [together[3]] * 4 and apart[5] != apart[4]
    move = {"actor": ground.actor("secretary"), "plan_id": plan.pk}
    with pytest.raises(RuleViolation, match="有要求定了它在哪里"):
        plans.move_buildings(**move, moved={ground.buildings[4].pk: None})
    plans.compute_again(**move, asked={ground.left.pk: 2}, minimum=3, size=6)
    again = fresh(plan).current
    assert again.labels[1:5] == [together[3]] * 4 and again.labels[5] != again.labels[4]
    with pytest.raises(RuleViolation, match=r"不能分1个组|至少要2个组"):
        plans.compute_again(**move, asked={ground.left.pk: 1})
    assert again.figures["pins_broken"] == 0
    lines = explanation(studio(ground.actor("street"), fresh(plan))[1], fresh(plan), again.labels[1])
    assert any("有要求定了它在哪里" in line for line in lines)
    assert Entry.objects.filter(action="chain.group_plan_pinned").count() == 3


def test_a_step_back_says_which_pins_it_does_not_keep_and_is_not_sent(
    ground: Ground, plan: GroupPlan
) -> None:
    draw(ground, plan, "together", (2, 3))
    secretary = {"actor": ground.actor("secretary"), "plan_id": plan.pk}
    assert plans.undo(**secretary).figures["pins_broken"] == 1
    with pytest.raises(RuleViolation, match="有要求还没有做到"):
        sent(ground, plan, approval="演批〔2026〕7号")
    with pytest.raises(NotVisible):
        plans.remove_pin(**secretary, pin_id=0)
    version = plans.remove_pin(**secretary, pin_id=plan.pins.get().pk)
    assert version.kind == "unpinned" and version.figures["pins_broken"] == 0
    assert sent(ground, plan, approval="演批〔2026〕7号").state == "sent"
    with pytest.raises(Conflict, match="已送审"):
        draw(ground, plan, "together", (2, 3))


def test_what_cannot_be_decided_is_refused_and_leaves_the_plan(ground: Ground, plan: GroupPlan) -> None:
    first = ground.buildings[0].called
    for kind, places, more, words in (
        ("somehow", (0, 1), {}, "要求只有三种"), ("together", (0,), {}, "请选两栋以上"), ("apart", (0, 1, 2), {}, "请正好选两栋"),
        ("inside", (), {"number": 0}, "请选要定下来的楼栋"), ("inside", (0,), {"number": 99}, "没有这个小组"),
        ("inside", (0,), {}, "没有这个小组"), ("together", (0, 1), {"words": "长" * 201}, "不超过200个字"),
        ("together", (0, 8), {}, f"“{first}”、“.*不在一个支部"),
    ):  # fmt: skip
        with pytest.raises(RuleViolation, match=words):
            draw(ground, plan, kind, places, **more)
    draw(ground, plan, "together", (0, 1))
    with pytest.raises(RuleViolation, match=f"“{first}”、“.*要分开，别的要求却"):
        draw(ground, plan, "apart", (0, 1))
    draw(ground, plan, "apart", (2, 3))
    with pytest.raises(RuleViolation, match="不能每组最少3人又做到全部要求"):
        draw(ground, plan, "apart", (3, 4))
    assert fresh(plan).current.figures["pins_broken"] == 0
    with pytest.raises(RuleViolation, match="不在这个方案里"):
        plans.draw_pin(actor=ground.actor("street"), plan_id=plan.pk, kind="inside", buildings=[0], number=0)
    with pytest.raises(NotAllowed):
        plans.draw_pin(actor=ground.actor("deputy"), plan_id=plan.pk, kind="inside", buildings=[0], number=0)


def test_the_page_draws_and_takes_away(ground: Ground, plan: GroupPlan) -> None:
    secretary, pair = client(ground, "secretary"), [ground.buildings[at].pk for at in (2, 3)]
    given = {
        "buildings": pair,
        "kind": "together",
        "number": 0,
        "words": "一个院子",
        "lock_version": plan.lock_version,
    }
    refused = secretary.post(page(plan, "pin/"), given | {"buildings": pair[:1]})
    assert refused.status_code == 422 and "请选两栋以上" in refused.content.decode()
    assert secretary.post(page(plan, "pin/"), given).status_code == 302
    assert secretary.post(page(plan, "pin/"), given).status_code == 409
    shown = secretary.get(page(plan)).content.decode()
    assert "须在一起" in shown and "一个院子" in shown
    assert "去掉要求" not in client(ground, "deputy").get(page(plan)).content.decode()
    pin = plan.pins.get()
    assert secretary.post(page(plan, "unpin/"), {"pin_id": pin.pk}).status_code == 302
    assert not plan.pins.exists()


def test_side_by_side(ground: Ground, plan: GroupPlan) -> None:
    other = ground.made(asked={ground.left.pk: 3})
    secretary, address = client(ground, "secretary"), "/desk/chain/group-plans/compare/"
    shown = secretary.get(f"{address}?plan={plan.pk}&plan={other.pk}")
    rows = {row.key: row for row in shown.context["rows"]}
    assert rows["groups"].values == [str(one.current.figures["groups"]) for one in (plan, other)]
    assert rows["without"].today == "12" and rows["moved"].best == [0]
    spread = [sum(one["values"]) for one in shown.context["chart"]["series"]]
    assert spread == [2, *(one.current.figures["groups"] for one in (plan, other))]
    for wrong in (f"?plan={plan.pk}", "?plan=a&plan=b", ""):
        assert secretary.get(f"{address}{wrong}").status_code == 302
    assert client(ground, "neighbour").get(f"{address}?plan={plan.pk}&plan={other.pk}").status_code == 404


def test_names_after_buildings_follow_the_buildings(ground: Ground, plan: GroupPlan) -> None:
    """A name that counts buildings is made anew when they change; any other stays."""
    from doorstep.kernel.organisations.models import UnitVersion

    first, second = ground.groups
    own = ground.buildings[0].called
    UnitVersion.objects.filter(unit=first).update(name=f"{own}等3栋楼党小组")
    moved = {ground.buildings[2].pk: plan.current.labels[3]}
    plans.move_buildings(actor=ground.actor("secretary"), plan_id=plan.pk, moved=moved)
    sent(ground, fresh(plan), approval="演批〔2026〕7号")
    done = plans.approve_plan(actor=ground.actor("street"), plan_id=plan.pk)
    from doorstep.kernel.access.actors import system_actor
    from doorstep.kernel.shared import clock

    assert done.effective_on is not None
    with clock.fixed(done.effective_on):
        assert plans.apply_due(actor=system_actor("tests")) == 1
        names = dict(UnitVersion.objects.in_force().values_list("unit_id", "name"))
    assert names[first.pk] == f"{own}等2栋楼党小组" and names[second.pk] == "第二党小组"

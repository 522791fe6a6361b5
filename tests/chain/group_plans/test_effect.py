"""Sending, the second person, taking back, the day: one transaction or nothing, lineage, leaders, notices, what changed meanwhile."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations.models import Appointment, UnitLineage, UnitVersion
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.findings import without_leader
from doorstep.modules.chain.group_plan_changes import changes
from doorstep.modules.chain.models import Approval, BranchGrid, GroupBuilding, GroupPlan, MemberCount
from doorstep.modules.chain.selectors import GROUP, scattered_groups
from tests.chain.group_plans.world import G1, G2, Ground, covering, fresh
from tests.chain.world import TODAY

LATER = TODAY + dt.timedelta(days=5)
PAPER = "演组〔2026〕9号"


def sent(ground: Ground, plan: GroupPlan, on: dt.date = LATER, **more: object) -> GroupPlan:
    sending = {"effective_on": on, "document": PAPER, **more}
    return plans.send_plan(actor=ground.actor("secretary"), plan_id=plan.pk, **sending)  # type: ignore[arg-type]  # tests send anything


def approved(ground: Ground, plan: GroupPlan, on: dt.date = LATER, **more: object) -> GroupPlan:
    sent(ground, plan, on, **more)
    return plans.approve_plan(actor=ground.actor("street"), plan_id=plan.pk)


def ending_one(ground: Ground) -> GroupPlan:
    """A plan in which the two groups of the first branch become one."""
    ground.count([2, 2, 2, 2, 2, 2, *[3] * 12])
    return ground.made(asked={ground.left.pk: 1})


def whole(ground: Ground, on: dt.date) -> None:
    """Each building in exactly one group, every group adjacent inside its branch's grids."""
    covered = covering(on)
    assert set(covered) == {one.pk for one in ground.buildings}
    assert GroupBuilding.objects.in_force(on).count() == len(covered)
    assert scattered_groups(on) == set()
    superior = dict(UnitVersion.objects.in_force(on).filter(kind=GROUP).values_list("unit_id", "superior_id"))
    grids = dict(BuildingPlacement.objects.in_force(on).values_list("building_id", "grid_id"))
    inside = set(BranchGrid.objects.in_force(on).values_list("branch_id", "grid_id"))
    for building, group in covered.items():
        assert (superior[group], grids[building]) in inside


def test_groups_begin_go_on_and_end_with_lineage_in_one_act(ground: Ground) -> None:
    plan = ending_one(ground)
    told = changes(plan)
    assert not told["problem"] and len(told["ended"]) == 1 and len(told["leaving"]) == 1
    assert GroupBuilding.objects.count() == 6, "a preview leaves nothing"
    first, second = ground.groups
    plan = approved(ground, plan, TODAY)
    assert plan.state == "applied"
    whole(ground, TODAY)
    ended, heir = (
        (second, first)
        if UnitVersion.objects.in_force(TODAY).filter(unit=first).exists()
        else (first, second)
    )
    assert UnitLineage.objects.get(kind="merged").unit_id == ended.pk
    assert UnitLineage.objects.get(kind="merged").other_id == heir.pk
    ended.refresh_from_db()
    assert ended.ended_on == TODAY
    left = Appointment.objects.get(unit=ended, post="group_leader")
    assert (left.valid_to, left.end_reason) == (TODAY, "合并")
    assert Appointment.objects.in_force(TODAY).filter(unit=heir, post="group_leader").exists(), (
        "an heir keeps its leader"
    )
    new = UnitVersion.objects.in_force(TODAY).filter(kind=GROUP).exclude(unit=heir)
    assert set(new.values_list("superior_id", flat=True)) == {ground.right.pk}
    assert set(without_leader(GROUP)(TODAY).values_list("unit_id", flat=True)) == set(
        new.values_list("unit_id", flat=True)
    )
    assert MemberCount.objects.get(unit=heir, counted_on=TODAY).full == 12
    assert covering(TODAY - dt.timedelta(1)) == {one.pk: first.pk for one in ground.buildings[:3]} | {
        one.pk: second.pk for one in ground.buildings[3:6]
    }
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {
        "chain.group_plan_applied",
        "chain.group_formed",
        "chain.buildings_changed",
        "organisations.merged",
    } <= actions
    keys = set(Notice.objects.filter(about="chain.group_plan").values_list("key", flat=True))
    assert keys == {"yours", "ended", "branches"}
    assert len(plan.outcome["begun"]) == new.count() and plan.outcome["without_leader"]


def test_a_new_group_is_split_from_the_one_that_gave(ground: Ground) -> None:
    ground.count([2, 2, 2, 2, 2, 2, *[3] * 12])
    plan = ground.made(branch_id=ground.left.pk, asked={ground.left.pk: 3})
    approved(ground, plan, TODAY)
    made = UnitVersion.objects.in_force(TODAY).filter(kind=GROUP).exclude(unit__in=ground.groups).get()
    lineage = UnitLineage.objects.get(unit=made.unit_id, kind="established")
    assert lineage.other_id in {one.pk for one in ground.groups}
    assert UnitLineage.objects.filter(unit=lineage.other_id, kind="split", other=made.unit_id).exists()
    assert (
        Appointment.objects.in_force(TODAY).filter(unit__in=ground.groups, post="group_leader").count() == 2
    )
    assert made.document == PAPER


def test_names_and_estimates_on_the_day(ground: Ground) -> None:
    plan = ground.made(branch_id=ground.left.pk, size=14)
    plans.rename_group(
        actor=ground.actor("secretary"), plan_id=plan.pk, number=plan.current.labels[0], name="春天党小组"
    )
    approved(ground, fresh(plan), TODAY)
    kept = UnitVersion.objects.in_force(TODAY).get(name="春天党小组")
    assert kept.unit_id in {one.pk for one in ground.groups}
    assert not MemberCount.objects.filter(unit=kept.unit_id, counted_on=TODAY).exists(), (
        "an estimate is not recorded as a count"
    )


def test_the_sender_never_approves_neither_by_service_nor_in_the_database(ground: Ground) -> None:
    plan = sent(ground, ending_one(ground))
    with pytest.raises(NotAllowed, match="送审的人不能自己批准"):
        plans.approve_plan(actor=ground.actor("secretary"), plan_id=plan.pk)
    for role in ("deputy", "branch"):
        with pytest.raises((NotAllowed, NotVisible)):
            plans.approve_plan(actor=ground.actor(role), plan_id=plan.pk)
    with pytest.raises(NotVisible):
        plans.approve_plan(actor=ground.actor("neighbour"), plan_id=plan.pk)
    with pytest.raises(IntegrityError, match="group_plan_second_person"), transaction.atomic():
        GroupPlan.objects.filter(pk=plan.pk).update(state="approved", approved_by=plan.sent_by)
    with pytest.raises(IntegrityError, match="group_plan_approved"), transaction.atomic():
        GroupPlan.objects.filter(pk=plan.pk).update(state="approved")
    assert plans.approve_plan(actor=ground.actor("district"), plan_id=plan.pk).state == "approved"


def test_what_nobody_should_be_asked_to_approve(ground: Ground) -> None:
    plan = ending_one(ground)
    with pytest.raises(RuleViolation, match="不能早于今天"):
        sent(ground, plan, TODAY - dt.timedelta(1))
    with pytest.raises(RuleViolation, match="请填写文号"):
        sent(ground, plan, document=" ")
    actor = ground.actor("secretary")
    plans.undo(actor=actor, plan_id=plan.pk)
    with pytest.raises(RuleViolation, match="没有分到小组"):
        sent(ground, plan)
    ground.count([1, 0, 0, 0, 0, 1])
    small = ground.made()
    with pytest.raises(RuleViolation, match=r"不足3人.*例外批准文号"):
        sent(ground, small)
    sent(ground, small, approval="演批〔2026〕7号")
    plans.approve_plan(actor=ground.actor("street"), plan_id=small.pk)


@pytest.mark.parametrize("which", ["torn", "across branches"])
def test_groups_as_they_cannot_stay_are_not_sent(ground: Ground, which: str) -> None:
    """Today as it was, taken back to: the first two groups with a building of each other's, or with one of the other branch."""
    own, others = ground.buildings[:6], ground.buildings[6:]
    rows = GroupBuilding.objects.in_force()
    if which == "torn":
        for at, group in ((0, ground.groups[1]), (5, ground.groups[0])):
            rows.filter(building=own[at]).update(group=group)
        plan = ground.made(branch_id=ground.left.pk)
    else:
        ground.world.group(ground.right, others, full=9, name="第三党小组")
        rows.filter(building=others[0]).update(group=ground.groups[1])
        plan = ground.made()
    plans.undo(actor=ground.actor("secretary"), plan_id=plan.pk)
    with pytest.raises(RuleViolation, match="不相邻，或者不在一个党支部"):
        sent(ground, fresh(plan), approval="演批〔2026〕7号")


def test_a_group_too_small_needs_and_keeps_its_superiors_document(ground: Ground) -> None:
    ground.count([1, 0, 0, 0, 0, 1, *[3] * 12])
    approved(ground, ground.made(), TODAY, approval="演批〔2026〕7号")
    row = Approval.objects.get(rule="group.members_min", valid_from=TODAY)
    assert row.document == "演批〔2026〕7号"


def test_taken_back_until_its_day(ground: Ground) -> None:
    plan = approved(ground, ending_one(ground))
    before = covering(TODAY)
    assert (plan.state, covering(LATER)) == ("approved", before), "nothing is written ahead"
    with pytest.raises(Conflict, match="送审"):
        plans.undo(actor=ground.actor("secretary"), plan_id=plan.pk)
    plans.take_back(actor=ground.actor("secretary"), plan_id=plan.pk)
    with clock.fixed(LATER):
        assert plans.apply_due(actor=system_actor("tests")) == 0
        plan = sent(ground, fresh(plan), LATER)
        plans.approve_plan(actor=ground.actor("street"), plan_id=plan.pk)
        whole(ground, LATER)
        with pytest.raises(Conflict, match="已经生效"):
            plans.take_back(actor=ground.actor("secretary"), plan_id=plan.pk)


def test_on_its_day_it_takes_effect_once(ground: Ground) -> None:
    plan = approved(ground, ending_one(ground))
    assert plans.apply_due(actor=system_actor("tests")) == 0
    with clock.fixed(LATER):
        assert plans.apply_due(actor=system_actor("tests")) == 1
        assert plans.apply_due(actor=system_actor("tests")) == 0
        whole(ground, LATER)
    assert fresh(plan).state == "applied" and covering(TODAY) != covering(LATER)


def test_sent_back_with_its_reason(ground: Ground) -> None:
    plan = sent(ground, ending_one(ground))
    with pytest.raises(RuleViolation, match="退回的原因"):
        plans.send_back(actor=ground.actor("street"), plan_id=plan.pk, reason=" ")
    plan = plans.send_back(actor=ground.actor("street"), plan_id=plan.pk, reason="二号楼应跟一号楼")
    assert (plan.state, plan.reason) == ("ready", "二号楼应跟一号楼")
    assert Notice.objects.filter(about="chain.group_plan", key="back").count() == 1


def other_group(ground: Ground) -> None:
    ground.world.group(ground.right, ground.buildings[6:8], name="半路党小组", formed_on=TODAY)


def taken_away(ground: Ground) -> None:
    GroupBuilding.objects.filter(building=ground.buildings[0]).update(valid_to=TODAY)


def moved_grid(ground: Ground) -> None:
    BuildingPlacement.objects.filter(building=ground.buildings[7]).update(grid=Grid.objects.get(code=G1))


def uncovered(ground: Ground) -> None:
    BranchGrid.objects.filter(grid__code=G2).update(valid_to=LATER)


def changed_later(ground: Ground) -> None:
    GroupBuilding.objects.create(
        building=ground.buildings[9], group=ground.groups[0], valid_from=LATER + dt.timedelta(days=1)
    )


def new_building(ground: Ground) -> None:
    first = ground.buildings[8]
    made = Building.objects.create(
        place_code=G2,
        name="新盖的楼",
        pinyin="xin",
        initials="x",
        longitude=first.longitude,
        latitude=first.latitude,
    )
    BuildingPlacement.objects.create(building=made, grid=Grid.objects.get(code=G2), valid_from=TODAY)


def merged(ground: Ground) -> None:
    from doorstep.modules.chain.adjustments import Adjustment, adjust

    this = Adjustment(
        kind="merge", unit_kind=GROUP, effective_on=TODAY, document="演批〔2026〕8号", unit_id=ground.groups[0].pk,
        others=(ground.groups[1].pk,),
    )  # fmt: skip
    adjust(actor=system_actor("tests"), adjustment=this)


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (other_group, "划入了“半路党小组”"),
        (taken_away, "离开了“第一党小组”"),
        (moved_grid, "不在“演示党支部002”的网格内"),
        (uncovered, "不在“演示党支部002”的网格内"),
        (new_building, "“新盖的楼”是方案做好以后才有的楼"),
        (changed_later, "在生效日期以后已有调整"),
        (merged, "第二党小组|已撤销"),
    ],
)
def test_what_changed_meanwhile_is_refused_in_words_and_nothing_stands(
    ground: Ground, meanwhile, words: str
) -> None:
    plan = approved(ground, ending_one(ground))
    meanwhile(ground)
    covered, units = covering(LATER), UnitVersion.objects.filter(kind=GROUP).count()
    with clock.fixed(LATER):
        assert plans.apply_due(actor=system_actor("tests")) == 0
    plan = fresh(plan)
    assert plan.state == "refused" and re.search(words, plan.error), plan.error
    assert covering(LATER) == covered and UnitVersion.objects.filter(kind=GROUP).count() == units
    assert changes(plan)["problem"]
    assert Notice.objects.filter(about="chain.group_plan", key="refused").count() == 1

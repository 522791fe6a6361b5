"""A plan of workers made, computed, moved by hand, pinned, explained and taken back step by step."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import selectors_staffing, services_staffing, staff_words
from doorstep.modules.grids.models import StaffPlan
from tests.grids.staffing.world import (
    FIRST,
    FOURTH,
    ONE,
    SECOND,
    STREET,
    THIRD,
    TODAY,
    Ground,
    holders,
    made,
    working,
)
from tests.grids.world import SYSTEM, person


def test_a_plan_is_computed_at_once_and_keeps_what_is_as_good(ground: Ground) -> None:
    plan = made(ground)
    assert (plan.state, plan.current.number, plan.current.kind) == ("ready", 2, "computed")
    assert holders(ground, plan) == "abbc", (
        "two light ones for one, the heavy one alone: today is as good as can be"
    )
    view = selectors_staffing.staffing(ground.actor("street"), plan)
    assert [one.grids for one in view.workers] == [["第1网格"], ["第2网格", "第3网格"], ["第4网格"]]
    assert view.figures["heaviest"] == pytest.approx(view.figures["least"]) and view.figures["changed"] == 0
    assert all(one.stand_in for one in view.workers)


def test_who_has_two_far_ones_is_put_right(ground: Ground) -> None:
    """The second and the fourth do not lie beside each other; the third has nobody."""
    for name, places in (("b", [SECOND, FOURTH]), ("c", [THIRD])):
        held = ground.workers[name]
        held.places.all().delete()
        for code in places:
            held.places.create(code=code)
    plan = made(ground)
    assert sorted(holders(ground, plan)[1:]) in (["b", "b", "c"], ["b", "c", "c"])
    assert plan.current.figures["apart"] == 0
    first = plan.versions.get(number=1)
    assert first.figures["apart"] == 1 and first.kind == "today"


def test_a_grid_is_given_to_another_and_no_more_changes_than_must(ground: Ground) -> None:
    plan = made(ground)
    actor = ground.actor("street")
    services_staffing.move_grid(actor=actor, plan_id=plan.pk, grid=THIRD, worker=ground.workers["c"].pk)
    plan.refresh_from_db()
    assert holders(ground, plan) == "abcc"
    services_staffing.move_grid(actor=actor, plan_id=plan.pk, grid=FOURTH, worker=ground.workers["a"].pk)
    plan.refresh_from_db()
    found = holders(ground, plan)
    assert found[3] == "a" and set(found) == {"a", "b", "c"} and plan.current.figures["apart"] == 0
    assert services_staffing.undo_staffing(actor=actor, plan_id=plan.pk).back_to == 3
    back = services_staffing.undo_staffing(actor=actor, plan_id=plan.pk)
    assert back.holders == plan.versions.get(number=2).holders
    today = services_staffing.undo_staffing(actor=actor, plan_id=plan.pk)
    assert today.back_to == 1
    with pytest.raises(RuleViolation, match="最早的一版"):
        services_staffing.undo_staffing(actor=actor, plan_id=plan.pk)


def test_a_pin_is_kept_by_computing_again(ground: Ground) -> None:
    plan = made(ground)
    actor, third = ground.actor("street"), ground.workers["c"].pk
    pin = services_staffing.pin_grid(
        actor=actor, plan_id=plan.pk, kind="hold", grid=THIRD, worker=third, words="会说朝鲜语"
    )
    plan.refresh_from_db()
    assert holders(ground, plan)[2] == "c"
    services_staffing.compute_staffing(actor=actor, plan_id=plan.pk, keep="even")
    plan.refresh_from_db()
    assert holders(ground, plan)[2] == "c"
    with pytest.raises(RuleViolation, match="定给了两个人"):
        services_staffing.move_grid(actor=actor, plan_id=plan.pk, grid=THIRD, worker=ground.workers["b"].pk)
    with pytest.raises(RuleViolation, match="已有这样的要求"):
        services_staffing.pin_grid(
            actor=actor, plan_id=plan.pk, kind="hold", grid=THIRD, worker=ground.workers["b"].pk
        )
    assert any("定给这个人" in line for line in staff_words.explanation(actor, plan, third))
    services_staffing.unpin_grid(actor=actor, plan_id=plan.pk, pin_id=pin.pk)
    services_staffing.compute_staffing(actor=actor, plan_id=plan.pk)
    plan.refresh_from_db()
    assert holders(ground, plan) == "abbc"


def test_pins_that_cannot_be_are_refused_and_not_kept(ground: Ground) -> None:
    plan = made(ground)
    actor, first = ground.actor("street"), ground.workers["a"].pk
    services_staffing.pin_grid(actor=actor, plan_id=plan.pk, kind="hold", grid=FIRST, worker=first)
    with pytest.raises(RuleViolation, match="不相邻"):
        services_staffing.pin_grid(actor=actor, plan_id=plan.pk, kind="hold", grid=FOURTH, worker=first)
    assert plan.pins.count() == 1


def test_a_wish_decides_where_nothing_else_does(ground: Ground) -> None:
    plan = made(ground)
    actor = ground.actor("street")
    services_staffing.pin_grid(
        actor=actor, plan_id=plan.pk, kind="wish", grid=THIRD, worker=ground.workers["c"].pk
    )
    services_staffing.compute_staffing(actor=actor, plan_id=plan.pk, keep="even")
    plan.refresh_from_db()
    assert holders(ground, plan) == "abcc"


def test_why_somebody_has_these_grids_and_no_others(ground: Ground) -> None:
    plan = made(ground)
    told = staff_words.explanation(ground.actor("street"), plan, ground.workers["b"].pk)
    assert "“第2网格”、“第3网格”" in told[0] and "走得到一起" in told[1]
    assert any("第1网格" in line and "超过每人两个" in line for line in told)
    alone = staff_words.explanation(ground.actor("street"), plan, ground.workers["c"].pk)
    assert any("第3网格" in line and "演示乙" in line for line in alone)


@pytest.mark.parametrize(
    ("keep", "words"), [(0, "至少要2名网格员，现在只有0名"), (1, "至少要2名网格员，现在只有1名")]
)
def test_too_few_workers_are_told_in_words(ground: Ground, keep: int, words: str) -> None:
    for row in list(ground.workers.values())[keep:]:
        Appointment.objects.filter(pk=row.pk).update(valid_to=TODAY)
    with pytest.raises(RuleViolation, match=words) as refused:
        made(ground)
    assert "演示一社区" in str(refused.value.message) and not StaffPlan.objects.exists()


def test_more_workers_than_grids_are_told_in_words(ground: Ground) -> None:
    for number in (1, 2):
        ground.world.worker(FIRST, name=f"演示多{number}")
    with pytest.raises(RuleViolation, match="有5名网格员，只有4个网格"):
        made(ground)


def test_grids_without_neighbours_are_told_in_words(ground: Ground) -> None:
    """Two workers for four grids, of which the buildings of none stand beside another's: nobody can have two."""
    Appointment.objects.filter(pk=ground.workers["c"].pk).update(valid_to=TODAY)
    from doorstep.kernel.places.models import BuildingPlacement

    BuildingPlacement.objects.filter(grid__code__in=[SECOND, THIRD, FOURTH]).update(valid_to=TODAY)
    with pytest.raises(RuleViolation, match="没有相邻网格"):
        made(ground)


def neighbouring_grid() -> str:
    """The one grid of another community of the street."""
    from doorstep.kernel.places.models import Area, Grid
    from doorstep.kernel.shared.names import name_keys

    other = f"{STREET}012"
    Area.objects.create(
        code=other, level="community", edition=2023, parent_id=STREET, **name_keys("演示三社区")
    )
    return Grid.objects.create(
        code=f"{other}001", community_id=other, valid_from=TODAY, document="演批", **name_keys("第1网格")
    ).code


def test_a_worker_of_another_community_takes_no_grid_of_this_one(ground: Ground) -> None:
    grid = neighbouring_grid()
    ground.world.committees[grid[:12]] = organisations.found_unit(
        actor=SYSTEM, kind="residents_committee", name="演示居委会012", place_code=grid[:12], founded_on=dt.date(2020, 1, 1),
        document="演批〔2020〕1号", phone="0411-80000001", hours="周一至周五",
    )  # fmt: skip
    other = ground.world.worker(grid, name="演示丁", on=TODAY)
    plan = made(ground, place_code=STREET)
    assert other.pk in plan.workers
    with pytest.raises(RuleViolation, match="请从这个社区的网格员中选择"):
        services_staffing.move_grid(
            actor=ground.actor("street"), plan_id=plan.pk, grid=THIRD, worker=other.pk
        )


def test_a_community_that_cannot_be_planned_stays_and_says_why(ground: Ground) -> None:
    """Of a street with two communities, the one without workers."""
    other = neighbouring_grid()[:12]
    plan = made(ground, place_code=STREET)
    assert list(plan.problems) == [other] and "演示三社区" in plan.problems[other]
    assert plan.current.holders[-1] is None and plan.current.figures["without"] == 1
    assert holders(ground, plan) == "abbc-"


def test_who_may_plan(ground: Ground) -> None:
    made(ground, "secretary")
    for role, refusal in (("deputy", NotAllowed), ("outsider", NotVisible), ("worker", NotAllowed)):
        with pytest.raises(refusal):
            made(ground, role)
    with pytest.raises(NotVisible):
        made(ground, "secretary", place_code=STREET)


def test_names_are_for_whom_the_appointments_exist(ground: Ground) -> None:
    plan = made(ground)
    names = selectors_staffing.names_shown(ground.actor("street"), plan)
    assert set(names.values()) == {"演示worker", "演示乙", "演示丙"}
    assert set(selectors_staffing.names_shown(ground.actor("resident"), plan).values()) == {
        "网格员1", "网格员2", "网格员3",
    }  # fmt: skip


def test_nobody_is_ranked(ground: Ground) -> None:
    """Workers stand in the order of their grids, whatever they carry."""
    plan = made(ground)
    view = selectors_staffing.staffing(ground.actor("street"), plan)
    assert [one.grids[0] for one in view.workers] == sorted(one.grids[0] for one in view.workers)


def test_of_two_the_second_is_told(ground: Ground) -> None:
    plan = made(ground)
    actor, version = ground.actor("street"), plan.lock_version
    services_staffing.move_grid(
        actor=actor, plan_id=plan.pk, grid=THIRD, worker=ground.workers["c"].pk, lock_version=version
    )
    with pytest.raises(Conflict, match="演示street"):
        services_staffing.move_grid(
            actor=actor, plan_id=plan.pk, grid=SECOND, worker=ground.workers["a"].pk, lock_version=version
        )


def test_the_studio_takes_a_fixed_number_of_statements(
    ground: Ground, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    plan = made(ground)
    actor = ground.actor("street")
    with django_assert_num_queries(11):
        selectors_staffing.staffing(actor, plan)
    with django_assert_max_num_queries(26):
        services_staffing.move_grid(actor=actor, plan_id=plan.pk, grid=THIRD, worker=ground.workers["c"].pk)


def test_the_day_of_the_plan_counts(ground: Ground) -> None:
    """Somebody who comes later is no worker yet."""
    later = TODAY.replace(day=25)
    organisations.appoint(
        actor=SYSTEM, person_id=person("演示丁").pk, post="grid_worker", unit_id=ground.world.committees[ONE].pk,
        valid_from=later, places=[FOURTH],
    )  # fmt: skip
    assert len(made(ground).workers) == 3
    with clock.fixed(later):
        assert len(made(ground).workers) == 4


def test_dedicated_grids_and_who_has_them_alone_stay_out(ground: Ground) -> None:
    from doorstep.kernel.places.models import Grid
    from doorstep.kernel.shared.names import name_keys

    code = f"{ONE}008"
    Grid.objects.create(
        code=code, community_id=ONE, kind="dedicated", valid_from=TODAY.replace(day=1), document="演批",
        **name_keys("医院专属网格"),
    )  # fmt: skip
    other = ground.world.worker(code, name="演示专属", on=TODAY)
    ground.workers["a"].places.create(code=code)
    plan = made(ground)
    assert len(plan.workers) == 3 and code not in plan.grids
    assert holders(ground, plan) == "abbc"
    actor = ground.actor("street")
    services_staffing.move_grid(actor=actor, plan_id=plan.pk, grid=SECOND, worker=ground.workers["a"].pk)
    services_staffing.send_staffing(
        actor=actor, plan_id=plan.pk, effective_on=TODAY, document="演任〔2026〕9号"
    )
    services_staffing.approve_staffing(actor=ground.actor("street2"), plan_id=plan.pk)
    assert working()[code] == [ground.workers["a"].person_id, other.person_id], (
        "what the plan does not speak of stays"
    )

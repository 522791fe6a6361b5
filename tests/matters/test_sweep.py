"""Every minute: breaches are marked once and told upwards, reminders given once, paused promises left alone."""

import datetime as dt

import pytest

from doorstep.kernel.matters import selectors, sweep
from doorstep.kernel.matters.escalation import checkers_of
from doorstep.kernel.matters.models import Deadline, History, Matter, Notice, TimeLimit
from doorstep.kernel.matters.notices import line_of
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.shared import clock
from tests.matters.offices import appoint_cast
from tests.matters.world import SYSTEM, UNTIL, opened, step, unit
from tests.organisations.world import DISTRICT, START, person


def on(day, hour=12):
    return clock.fixed(dt.date.fromisoformat(day))


def appointed(post, where):
    """Somebody plainly made up in a real appointment."""
    somebody = person(f"演示{post}")
    appoint(actor=SYSTEM, person_id=somebody.pk, post=post, unit_id=where.pk, valid_from=START)
    return somebody


def resolve(matter):
    return Deadline.objects.get(matter=matter, clock="resolve")


def test_a_breach_is_marked_once_and_climbs_level_by_level(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    with on("2026-06-22"):
        sweep.sweep()
        assert resolve(matter).breached_at is None
    with on("2026-06-23"):
        sweep.sweep()
        sweep.sweep()
        row = resolve(matter)
        assert (row.breached_at, row.level) == (row.due_at, 1)
        assert row.escalate_at == dt.datetime(2026, 6, 24, 16, tzinfo=dt.UTC)
    told = History.objects.get(matter=matter, name="overdue")
    assert told.note == "办结已超过期限，已报社区督促。" and told.data == {
        "promises": ["resolve"],
        "level": 1,
    }
    for day, level in (("2026-06-24", 1), ("2026-06-25", 2), ("2026-06-27", 3), ("2026-07-30", 3)):
        with on(day):
            sweep.sweep()
            matter.refresh_from_db()
            assert (resolve(matter).level, matter.escalation) == (level, level)
    assert History.objects.filter(matter=matter, name="overdue").count() == 3
    with on("2026-07-30"):
        step(world, "worker", matter, "handle", note="好了")
        step(world, "community", matter, "verify", note="好了")
    assert Matter.objects.get(pk=matter.pk).escalation == 0
    assert resolve(matter).breached_at == resolve(matter).first_due_at


def test_what_a_street_holds_goes_to_the_district(world):
    matter = opened(world)
    step(world, "street", matter, "dispatch", unit_id=world.street.pk)
    step(world, "street", matter, "accept")
    with on("2026-06-23"):
        sweep.sweep()
    assert Matter.objects.get(pk=matter.pk).escalation == 3
    assert resolve(matter).escalate_at is None


def test_the_table_says_when_the_next_level_is_told(world):
    TimeLimit.objects.create(
        kind="request", clock="escalate", amount=2, measure="natural_days", clause="演示时限",
        valid_from=dt.date(2026, 1, 1),
    )  # fmt: skip
    matter = opened(world)
    step(world, "worker", matter, "accept")
    with on("2026-06-23"):
        sweep.sweep()
    assert resolve(matter).escalate_at == dt.datetime(2026, 6, 25, 16, tzinfo=dt.UTC)


def test_paused_promises_rest_and_go_on(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    step(world, "worker", matter, "suspend", note="等配件", until=UNTIL)
    with on("2026-07-10"):
        sweep.sweep()
        assert resolve(matter).breached_at is None
        step(world, "worker", matter, "resume")
    with on("2026-07-17"):
        sweep.sweep()
        assert resolve(matter).breached_at is None  # seven natural days were left: until the end of the 17th
    with on("2026-07-18"):
        sweep.sweep()
        assert resolve(matter).level == 1


def test_a_pause_that_runs_out_is_late(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    step(world, "worker", matter, "suspend", note="等配件", until=UNTIL)
    appoint_cast(world)
    with on("2026-07-10"):
        assert sweep.remind() == 1
    with on("2026-07-11"):
        sweep.sweep()
    late = Deadline.objects.get(matter=matter, clock="resume")
    assert (late.breached_at, late.level) == (late.due_at, 1) and resolve(matter).breached_at is None
    parts = Notice.objects.filter(matter=matter, key="overdue").values_list("part", flat=True)
    assert "handler" in parts
    line = History.objects.get(matter=matter, name="overdue")
    assert line.data["promises"] == ["resume"]


def test_who_must_check_is_reminded_and_the_level_above_hears_of_it(world):
    appoint_cast(world)
    chair = appointed("residents_committee_chair", world.committee)
    matter = opened(world)
    step(world, "worker", matter, "accept")
    step(world, "worker", matter, "handle", note="换了灯泡")  # Monday: until the end of Wednesday
    Notice.objects.all().delete()
    with on("2026-06-17"):
        sweep.remind()
    told = Notice.objects.filter(matter=matter, key="remind").values_list("person_id", "part")
    assert set(told) == {(world.people["community"].pk, "checker"), (chair.pk, "checker")}
    with on("2026-06-18"):
        sweep.sweep()
        assert Deadline.objects.get(matter=matter, clock="check").level == 1
        assert selectors.box(world["street"], "overdue").get() == matter
    told = Notice.objects.filter(matter=matter, key="overdue").values_list("person_id", "part")
    assert (world.people["community"].pk, "checker") in told


def test_who_did_the_work_is_not_asked_to_check_it(world):
    appoint_cast(world)
    matter = opened(world)
    step(world, "community", matter, "accept")
    step(world, "community", matter, "handle", note="换了灯泡")
    assert checkers_of([matter]) == {matter.pk: [world.people["street"].pk]}


def test_reminded_once_a_day_before(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    row = resolve(matter)
    assert row.due_at - row.remind_at == dt.timedelta(hours=24)
    with on("2026-06-21"):
        assert sweep.remind() == 0
    with on("2026-06-22"):
        assert (sweep.remind(), sweep.remind()) == (1, 0)
    assert resolve(matter).reminded_at is not None
    told = Notice.objects.filter(matter=matter, key="remind")
    assert [(row.person_id, row.part) for row in told] == [(world.people["worker"].pk, "handler")]


def test_each_level_hears_of_it_in_its_turn(world):
    chair = appointed("residents_committee_chair", world.committee)
    officer = appointed("street_officer", world.street)
    chief = appointed("district_officer", unit("district_government", "演示区政府", DISTRICT))
    appointed("street_officer", world.abroad)
    matter = opened(world)
    step(world, "worker", matter, "accept")
    Notice.objects.all().delete()
    for day, expected in (("2026-06-23", [chair]), ("2026-06-25", [officer]), ("2026-06-27", [chief])):
        with on(day):
            sweep.sweep()
        told = Notice.objects.filter(matter=matter, key="overdue", part="above", at__date=day)
        assert [row.person_id for row in told] == [row.pk for row in expected]
        assert "超过期限" in line_of(told[0])


def test_a_short_term_is_reminded_of_when_a_quarter_is_left(world):
    row = resolve(opened(world, urgency="emergency"))
    assert row.due_at - row.remind_at == dt.timedelta(hours=6)


@pytest.mark.parametrize("number", [1, 40])
def test_one_portion_costs_the_same_for_few_and_for_many(world, number, django_assert_max_num_queries):
    for _number in range(number):
        opened(world)
    with on("2026-06-23"), django_assert_max_num_queries(24):
        sweep.mark_breaches()
    assert Matter.objects.filter(escalation=1).count() == number

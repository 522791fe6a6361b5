"""A promise is extended by somebody who does not handle the matter, and the reporter reads why."""

import datetime as dt

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters import services
from doorstep.kernel.matters.models import Deadline, History, Matter
from doorstep.kernel.matters.services_deadlines import extend_deadline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.matters.world import UNTIL, opened, step

LATER = dt.date(2026, 7, 10)


def extended(world, matter, by="street", day=LATER, why="配件要从外地发货"):
    return extend_deadline(actor=world[by], matter_id=matter.pk, due_day=day, explanation=why)


def test_extended_with_a_reason_for_the_reporter(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    matter = extended(world, matter)
    row = Deadline.objects.get(matter=matter, clock="resolve")
    assert row.due_at == dt.datetime(2026, 7, 10, 16, tzinfo=dt.UTC) == matter.due_at
    assert row.first_due_at == dt.datetime(2026, 6, 22, 16, tzinfo=dt.UTC)
    assert (row.extended_by_id, row.extended_at) == (world.people["street"].pk, clock.now())
    assert row.remind_at is not None and row.remind_at < row.due_at
    told = History.objects.get(matter=matter, number=3)
    assert (told.name, told.source, told.target, told.since) == ("extend", "in_progress", "in_progress", None)
    assert told.note == "配件要从外地发货"
    assert told.data == {"promise": "resolve", "from": "2026-06-22", "to": "2026-07-10"}
    assert Entry.objects.filter(action="request.extend", target_id=str(matter.pk)).exists()


def test_who_handles_it_does_not_extend_it(world):
    matter = opened(world)
    step(world, "community", matter, "accept")
    with pytest.raises(NotAllowed, match="您是办理人"):
        extended(world, matter, by="community")
    assert Matter.objects.get(pk=matter.pk).version == 2
    assert extended(world, matter, by="street").version == 3


@pytest.mark.parametrize(("who", "refusal"), [("worker", NotAllowed), ("outsider", NotVisible)])
def test_without_the_post_nobody_extends(world, who, refusal):
    with pytest.raises(refusal):
        extended(world, opened(world), by=who)


@pytest.mark.parametrize(
    ("day", "words"),
    [(dt.date(2026, 6, 22), "晚于现在的 2026-06-22"), (dt.date(2028, 1, 1), "一年以后")],
)
def test_a_day_that_is_none(world, day, words):
    with pytest.raises(RuleViolation, match=words) as refused:
        extended(world, opened(world), day=day)
    assert refused.value.field == "due_day"


def test_a_reason_is_due(world):
    with pytest.raises(RuleViolation, match="请填写给报告人的说明"):
        extended(world, opened(world), why="  ")


def test_paused_or_past_promises_are_not_extended(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    step(world, "worker", matter, "suspend", note="等配件", until=UNTIL)
    with pytest.raises(RuleViolation, match="已暂停"):
        extended(world, matter)
    late = opened(world)
    with clock.fixed(dt.date(2026, 6, 23)), pytest.raises(RuleViolation, match="期限已过"):
        extended(world, late)


def test_a_note_does_not_make_a_page_stale(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    extended(world, matter)
    matter = services.apply_transition(
        actor=world["worker"], matter_id=matter.pk, name="handle", expected_version=2,
        inputs=services.Inputs(note="换好了"),
    )  # fmt: skip
    assert matter.version == 4

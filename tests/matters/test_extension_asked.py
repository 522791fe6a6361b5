"""More time is asked for by who has a matter in hand and granted by somebody else, one request at a time."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models import Deadline, ExtensionRequest, History, Notice
from doorstep.kernel.matters.notices import line_of
from doorstep.kernel.matters.services_deadlines import (
    ask_extension,
    decline_extension,
    extend_deadline,
    grant_extension,
    open_request,
)
from doorstep.kernel.matters.services_retention import erase_matters
from doorstep.kernel.matters.work import extensions
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.matters.offices import appoint_cast
from tests.matters.world import SYSTEM, opened, step

LATER = dt.date(2026, 7, 10)


@pytest.fixture
def matter(world):
    appoint_cast(world)
    return step(world, "worker", opened(world), "accept")


def asked(world, matter, by="worker", day=LATER, why="配件要从外地发货"):
    return ask_extension(actor=world[by], matter_id=matter.pk, due_day=day, reason=why)


def resolve(matter):
    return Deadline.objects.get(matter=matter, clock="resolve")


def waiting(world, who):
    return [item.title for item in extensions(world[who], clock.today(), 5)[0]]


def test_asked_and_granted(world, matter):
    row = asked(world, matter)
    assert open_request(matter) == row and resolve(matter).extended_to is None
    line = History.objects.get(matter=matter, name="ask_extension")
    assert (line.internal, line.note, line.data) == ("配件要从外地发货", "", {"until": "2026-07-10"})
    assert waiting(world, "community") == waiting(world, "street") == [matter.title]
    assert waiting(world, "worker") == waiting(world, "outsider") == []
    grant_extension(actor=world["community"], matter_id=matter.pk, explanation="配件月初到货")
    row.refresh_from_db()
    assert (row.granted, row.answered_by_id) == (True, world.people["community"].pk)
    assert resolve(matter).due_at == dt.datetime(2026, 7, 10, 16, tzinfo=dt.UTC)
    assert History.objects.get(matter=matter, name="extend").note == "配件月初到货"
    told = Notice.objects.filter(matter=matter, key="extend").values_list("part", flat=True)
    assert {"reporter", "handler"} <= set(told)
    assert waiting(world, "community") == [] and open_request(matter) is None


def test_declined_with_a_reason_for_who_asked(world, matter):
    row = asked(world, matter, by="second_worker")
    with pytest.raises(RuleViolation):
        decline_extension(actor=world["street"], matter_id=matter.pk, reason=" ")
    decline_extension(actor=world["street"], matter_id=matter.pk, reason="先借用备件")
    row.refresh_from_db()
    assert row.granted is False and resolve(matter).extended_to is None
    line = History.objects.get(matter=matter, name="decline_extension")
    assert (line.internal, line.note) == ("先借用备件", "")
    told = Notice.objects.filter(matter=matter, key="decline_extension").values_list("person_id", flat=True)
    assert set(told) == {world.people["worker"].pk, world.people["second_worker"].pk}
    asked(world, matter)  # another may be asked for afterwards


def told_of(matter, key="ask_extension"):
    return set(Notice.objects.filter(matter=matter, key=key).values_list("person_id", flat=True))


def test_the_nearest_who_may_grant_it_are_told(world, matter):
    asked(world, matter)
    assert told_of(matter) == {world.people["community"].pk}
    notice = Notice.objects.get(matter=matter, key="ask_extension")
    assert line_of(notice).startswith(f"等您答复的 {matter.number}：申请延期。")


def test_never_is_who_asks_or_handles_it(world):
    """Held by the community itself: its only officer asks, so the street is told."""
    appoint_cast(world)
    matter = step(world, "community", opened(world), "accept")
    asked(world, matter, by="community")
    assert told_of(matter) == {world.people["street"].pk}


def test_one_at_a_time(world, matter):
    asked(world, matter)
    with pytest.raises(Conflict, match="已经有一份"):
        asked(world, matter, by="second_worker")
    assert ExtensionRequest.objects.count() == 1


def test_who_asked_does_not_answer_nor_who_handles(world):
    matter = opened(world)
    step(world, "community", matter, "accept")
    asked(world, matter, by="community")
    for act in (grant_extension, extend_deadline, decline_extension):
        words = {"reason": "好"} if act is decline_extension else {"explanation": "好"}
        day = {"due_day": LATER} if act is extend_deadline else {}
        with pytest.raises(NotAllowed):
            act(actor=world["community"], matter_id=matter.pk, **words, **day)
    with pytest.raises(NotAllowed):
        grant_extension(actor=world["worker"], matter_id=matter.pk, explanation="好")
    assert open_request(matter) is not None and resolve(matter).extended_to is None


@pytest.mark.parametrize(("who", "refusal"), [("street", NotAllowed), ("outsider", NotVisible)])
def test_only_who_has_it_in_hand_asks(world, matter, who, refusal):
    with pytest.raises(refusal):
        asked(world, matter, by=who)


def test_an_officer_who_extends_answers_the_request(world, matter):
    row = asked(world, matter)
    extend_deadline(
        actor=world["street"], matter_id=matter.pk, due_day=dt.date(2026, 7, 1), explanation="先到月底"
    )
    row.refresh_from_db()
    assert row.granted is True and open_request(matter) is None
    with pytest.raises(RuleViolation, match="没有等答复"):
        grant_extension(actor=world["street"], matter_id=matter.pk, explanation="好")


def test_what_is_over_needs_no_answer(world, matter):
    asked(world, matter)
    step(world, "worker", matter, "handle", note="换了灯泡")
    assert open_request(matter) is None and waiting(world, "community") == []
    step(world, "community", matter, "rework", internal="还是不亮")
    assert open_request(matter) is not None


def test_no_request_for_a_day_that_is_none_or_too_late(world, matter):
    with pytest.raises(RuleViolation, match="晚于现在") as refused:
        asked(world, matter, day=dt.date(2026, 6, 22))
    assert refused.value.field == "due_day"
    with clock.fixed(dt.date(2026, 6, 23)), pytest.raises(RuleViolation, match="期限已过"):
        asked(world, matter)


def test_the_reason_goes_with_the_words(world, matter):
    asked(world, matter, why="三单元演示某某")
    step(world, "worker", matter, "handle", note="好")
    step(world, "community", matter, "verify", note="好")
    erase_matters(SYSTEM, [matter.pk])
    assert ExtensionRequest.objects.get().reason == ""

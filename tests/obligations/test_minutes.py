"""Real records keep what is owed, and nothing else does: linked when they appear, unlinked when they are taken back."""

import itertools
import uuid

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.obligations.selectors import state_of
from doorstep.kernel.obligations.services_linking import link, link_anew
from doorstep.kernel.obligations.services_minutes import cancel_minutes, record_minutes
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.obligations.world import TODAY


def state(world, due: str, code: str = "assembly", unit: str = "branch") -> str:
    return state_of(world.row(due, code, unit), TODAY)


def test_minutes_keep_what_is_owed_until_they_are_cancelled(world):
    assert (state(world, "2026-03-31"), state(world, "2026-06-30"), state(world, "2026-09-30")) == (
        "overdue",
        "due",
        "ahead",
    )
    first, second = world.held("2026-05-20"), world.held("2026-06-10", role="branch")
    assert state(world, "2026-06-30") == "kept" and world.row("2026-06-30").proof == first.proof
    assert (
        state(world, "2026-03-31") == "late" and world.row("2026-03-31").proof == second.proof
    )  # the second makes it up
    cancel_minutes(actor=world.actor("secretary"), minutes_id=first.pk, reason="登记错了")
    assert state(world, "2026-06-30") == "kept" and world.row("2026-06-30").proof == second.proof
    assert state(world, "2026-03-31") == "overdue"
    told = (
        Entry.objects.filter(action__startswith="obligations.minutes")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert list(told) == [*["obligations.minutes_recorded"] * 2, "obligations.minutes_cancelled"]
    with pytest.raises(RuleViolation, match="已经作废"):
        cancel_minutes(actor=world.actor("secretary"), minutes_id=first.pk, reason="再来")
    with pytest.raises(RuleViolation, match="作废原因"):
        cancel_minutes(actor=world.actor("secretary"), minutes_id=second.pk, reason=" ")


def test_without_quorum_minutes_are_kept_and_prove_nothing(world):
    short = world.held("2026-05-20", present=10)
    assert not short.quorate and state(world, "2026-06-30") == "due"
    assert world.held("2026-05-21", present=11).quorate and state(world, "2026-06-30") == "kept"
    lecture = world.held("2026-05-22", "lecture", present=3)  # a lecture needs none
    assert lecture.quorate and state(world, "2026-12-31", "lecture") == "kept"


def test_in_the_grace_of_one_period_the_older_is_kept_first(world):
    """Two meetings in April: the first within the grace of March. Entered in any order, the same proves the same."""
    days = ("2026-04-03", "2026-04-20", "2026-05-30")
    for order in itertools.permutations(days):
        with transaction.atomic():
            by_day = {day: world.held(day) for day in order}
            assert world.row("2026-03-31").proof == by_day["2026-04-03"].proof
            assert (state(world, "2026-03-31"), state(world, "2026-06-30")) == ("kept", "kept")
            assert world.row("2026-06-30").proof == by_day["2026-04-20"].proof
            assert link() == 0 and link_anew([world.branch.pk], ["assembly"]) == []
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("day", "more", "field", "words"),
    [
        ("2026-06-16", {}, "day", "还没有开完"), ("2026-06-10", {"present": 21}, "present", "应到人数 20"),
        ("2026-06-10", {"present": 0}, "present", "实到"), ("2026-06-10", {"entitled": 0}, "entitled", "应到"),
        ("2026-06-10", {"where": " "}, "where", "地点"), ("2026-06-10", {"agenda": "议" * 501}, "agenda", "500"),
        ("2026-06-10", {"kind": "party"}, "kind", "种类"), ("2023-12-31", {}, "day", "还没有成立"),
        ("2026-05-20", {"at": "09:30", "kind": "lecture"}, "starts", "已登记了党员大会"),
    ],
)  # fmt: skip
def test_minutes_that_cannot_be_are_refused_in_words(world, day, more, field, words):
    world.held("2026-05-20")
    with pytest.raises(RuleViolation, match=words) as refused:
        world.held(day, **({"kind": "assembly"} | more))
    assert refused.value.field == field and Minutes.objects.count() == 1


def test_the_database_itself_keeps_two_meetings_apart(world):
    first = world.held("2026-05-20")
    other = world.held("2026-05-21", "lecture")
    with pytest.raises(IntegrityError, match="minutes_one_at_a_time"), transaction.atomic():
        Minutes.objects.filter(pk=other.pk).update(starts_at=first.starts_at, ends_at=first.ends_at)
    cancel_minutes(actor=world.actor("secretary"), minutes_id=first.pk, reason="登记错了")
    world.held("2026-05-20", "lecture")  # the hour is free again


def test_sent_twice_is_kept_once_and_only_who_may_keeps_minutes(world):
    new = world.meeting("2026-05-20", key=uuid.uuid4())
    for _time in range(2):
        record_minutes(actor=world.actor("branch"), new=new)
    assert Minutes.objects.count() == 1 and Occurrence.objects.filter(proof__isnull=False).count() == 1
    with pytest.raises(NotVisible):
        world.held("2026-05-21", role="outsider")
    with pytest.raises(NotVisible):
        cancel_minutes(actor=world.actor("outsider"), minutes_id=Minutes.objects.get().pk, reason="不是我的")
    with pytest.raises(NotAllowed):
        world.held("2026-05-21", role="street")  # sees it, and was not there

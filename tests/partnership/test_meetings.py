"""Consultation meetings: called ahead, topics screened by others, quorum by those entitled, resolutions with clocks."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.matters.models import Matter, Notice
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.selectors import state_of
from doorstep.kernel.obligations.services_minutes import cancel_minutes
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import services_meetings as meetings
from doorstep.modules.partnership.models import Consultation, Resolution, RuleValue
from doorstep.modules.partnership.services import end_agreement
from doorstep.modules.partnership.services_resolutions import NewResolution, Tally, assign, resolve
from doorstep.modules.partnership.wording import tally_words
from tests.organisations.world import COMMUNITY, officer
from tests.partnership.world import NOW

DAY = dt.timedelta(days=1)
AFTER = dt.datetime(2026, 7, 10, 12, 0, tzinfo=NOW.tzinfo)


@pytest.fixture
def meeting(world) -> Consultation:
    world.agreed()
    return world.called()


def held(world, meeting, present=3) -> Consultation:
    with clock.fixed(AFTER):
        return world.minuted(meeting, present)


def owed(world) -> str:
    row = Occurrence.objects.get(
        unit=world.units["community"], code="joint_meeting", ends_on=dt.date(2026, 6, 30)
    )
    return state_of(row, AFTER.date())


def resolved(world, meeting, *units: str, **more) -> list[Resolution]:
    more.setdefault("tally", Tally(votes_for=2))
    new = [
        NewResolution(title="腾出二十个车位", unit_id=world.units[unit].pk, **more)
        for unit in units or ("firm",)
    ]
    with clock.fixed(AFTER):
        return resolve(actor=world.actor("secretary"), minutes_id=held_id(meeting), resolutions=new)


def step(world, role: str, row: Resolution, name: str, **inputs) -> Matter:
    with clock.fixed(AFTER + 2 * DAY):
        return apply_transition(actor=world.actor(role), matter_id=row.pk, name=name, inputs=Inputs(**inputs))


def test_called_ahead_members_and_partners_are_told(world, meeting):
    assert meeting.topics_until == dt.date(2026, 6, 25)
    told = set(
        Notice.objects.filter(about="partnership.consultation", key="called").values_list(
            "person_id", flat=True
        )
    )
    assert told == {world.people[role].pk for role in ("deputy", "member", "partner")}  # not who called it
    assert world.called(key=meeting.key) == meeting


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"day": "2026-06-29"}, "提前 15 天征集，最早可以定在 2026-06-30"), ({"day": "2026-06-01"}, "提前 15 天"),
        ({"day": "2027-07-01"}, "一年以内"), ({"at": "10:30"}, "已经召集"), ({"title": " ", "day": "2026-07-13"}, "名称"), ({"where": "", "day": "2026-07-13"}, "地点"),
        ({"ends_at": dt.datetime(2026, 7, 11, 9, tzinfo=NOW.tzinfo)}, "不超过 12 小时"),
        ({"ends_at": dt.datetime(2026, 7, 10, 8, tzinfo=NOW.tzinfo)}, "须在开始时间之后"),
    ],
)  # fmt: skip
def test_what_cannot_be_called(world, meeting, more, words):
    with pytest.raises(RuleViolation, match=words):
        world.called(**more)
    assert Consultation.objects.count() == 1


def test_topics_are_brought_by_members_and_units_until_their_day(world, meeting):
    first = world.topic(meeting)
    own = world.topic(meeting, "member", "community", "楼道灯")
    for role, unit in (
        ("partner", "school"),
        ("partner2", "school"),
        ("worker", "committee"),
        ("member", "firm"),
    ):
        with pytest.raises((NotAllowed, NotVisible)):
            world.topic(meeting, role, unit)
    with (
        clock.fixed(dt.datetime(2026, 6, 26, 9, tzinfo=NOW.tzinfo)),
        pytest.raises(RuleViolation, match="征集到 2026-06-25"),
    ):
        world.topic(meeting)
    secretary = world.actor("secretary")
    assert meetings.screen_topic(actor=secretary, topic_id=first.pk, take=True).state == "taken"
    with pytest.raises(RuleViolation, match="不列入的原因"):
        meetings.screen_topic(actor=secretary, topic_id=own.pk, take=False)
    assert (
        meetings.screen_topic(actor=secretary, topic_id=own.pk, take=False, reason="物业已修").reason
        == "物业已修"
    )
    mine = world.topic(meeting, "secretary", "community", "电动车充电")
    with pytest.raises(NotAllowed, match="您提的议题"):
        meetings.screen_topic(actor=secretary, topic_id=mine.pk, take=True)
    with pytest.raises(NotAllowed):
        meetings.screen_topic(actor=world.actor("partner"), topic_id=first.pk, take=False, reason="x")


def test_a_part_time_commissioner_speaks_for_the_own_unit(world, meeting):
    seat = world.seated()
    own = officer("part_time_commissioner", COMMUNITY, unit_id=seat.community_id, person_id=seat.person_id)
    assert meetings.units_to_speak_for(own, meeting) == [world.units["firm"].pk]
    new = meetings.NewTopic(consultation_id=meeting.pk, unit_id=world.units["firm"].pk, title="义诊")
    assert meetings.bring_topic(actor=own, new=new).brought_by_id == seat.person_id


def test_with_quorum_it_proves_and_resolves(world, meeting):
    topic = world.topic(meeting)
    with clock.fixed(AFTER), pytest.raises(RuleViolation, match="还有没筛选的议题"):
        world.minuted(meeting)
    meetings.screen_topic(actor=world.actor("secretary"), topic_id=topic.pk, take=True)
    done = held(world, meeting, present=2)
    assert (done.minutes.entitled, done.minutes.quorate, done.minutes.agenda) == (3, True, "停车难")
    assert owed(world) == "kept"
    (row,) = resolved(world, meeting, topic_id=topic.pk)
    assert (row.number, row.matter.state, row.matter.holder_id) == (
        1,
        "resolved",
        world.units["community"].pk,
    )
    assert Notice.objects.filter(matter=row.matter, key="open", person=world.people["partner"]).exists()
    with clock.fixed(AFTER), pytest.raises(RuleViolation, match="已经登记过"):
        world.minuted(meeting)


def test_without_quorum_it_is_kept_proves_nothing_and_resolves_nothing(world, meeting):
    short = held(world, meeting, present=1)
    assert not short.minutes.quorate and owed(world) != "kept"
    with pytest.raises(RuleViolation, match="没有达到规定人数，不能形成决议"):
        resolved(world, meeting)
    assert not Resolution.objects.exists()


def test_without_a_vote_nobody_counts_for_the_quorum(world, meeting):
    world.seated(has_vote=False)
    world.seated(name="演示另一人", has_vote=True)
    assert held(world, meeting).minutes.entitled == 4


def test_a_meeting_to_come_or_called_off_has_no_minutes(world, meeting):
    with pytest.raises(RuleViolation, match="还没有开完"):
        world.minuted(meeting)
    with pytest.raises(RuleViolation, match="取消原因"):
        meetings.call_off(actor=world.actor("secretary"), consultation_id=meeting.pk, reason="")
    meetings.call_off(actor=world.actor("secretary"), consultation_id=meeting.pk, reason="台风")
    assert Notice.objects.filter(about="partnership.consultation", key="called_off").count() == 3
    with clock.fixed(AFTER), pytest.raises(RuleViolation, match="已经取消"):
        world.minuted(meeting)
    with pytest.raises(RuleViolation, match="已经取消"):
        world.topic(meeting)
    assert world.called()  # the hour is free again


def test_it_may_have_been_at_another_hour_but_not_over_another_meeting(world, meeting):
    other = world.called("2026-07-10", "14:00")
    held(world, meeting)
    at = dt.datetime(2026, 7, 10, 10, 0, tzinfo=NOW.tzinfo)
    with clock.fixed(AFTER + DAY), pytest.raises(RuleViolation, match="这段时间已登记"):
        world.minuted(other, starts_at=at, ends_at=at + dt.timedelta(hours=1))
    with clock.fixed(AFTER + DAY):
        assert world.minuted(other).minutes.quorate


def test_cancelled_after_it_was_proof_it_is_owed_again_and_what_was_resolved_is_void(world, meeting):
    held(world, meeting)
    open_, done = resolved(world, meeting, "firm", "committee")
    step(world, "worker", done, "handle", note="划好了")
    step(world, "secretary", done, "confirm")
    with clock.fixed(AFTER + 3 * DAY):
        cancel_minutes(
            actor=world.actor("secretary"),
            minutes_id=held_id(meeting),
            reason="人数写错",
        )
    assert owed(world) == "overdue" or owed(world) == "due"
    states = dict(Matter.objects.filter(resolution__isnull=False).values_list("pk", "state"))
    assert states == {open_.pk: "void", done.pk: "kept"}  # what was done stays done
    with clock.fixed(AFTER + 3 * DAY):
        again = world.minuted(meeting, key=uuid.uuid4())
    assert again.minutes.cancelled_at is None and owed(world) == "kept"


def held_id(meeting: Consultation) -> int:
    return Consultation.objects.values_list("minutes_id", flat=True).get(pk=meeting.pk)


def test_a_resolution_is_done_by_the_unit_and_confirmed_by_the_committee(world, meeting):
    held(world, meeting)
    (row,) = resolved(world, meeting)
    with pytest.raises(NotVisible):
        step(world, "partner2", row, "accept")
    assert step(world, "partner", row, "accept").state == "running"
    assert step(world, "partner", row, "handle", note="车位已腾出").state == "handled"
    with pytest.raises(NotAllowed):
        step(world, "partner", row, "confirm")
    assert step(world, "secretary", row, "rework", note="还差五个").state == "running"
    assert step(world, "partner", row, "handle", note="补齐了").state == "handled"
    assert step(world, "member", row, "confirm", note="看过了").state == "kept"
    last = row.matter.history.get(name="accept")
    assert (last.unit_id, last.person_id) == (world.units["firm"].pk, world.people["partner"].pk)


def test_terms_come_from_the_dated_table_by_how_pressing_it_is(world, meeting):
    held(world, meeting)
    days = {}
    for category in ("pressing", "ordinary", "long"):
        (row,) = resolved(world, meeting, category=category)
        days[category] = row.matter.deadlines.get(clock="resolve").amount
    assert days == {"pressing": 15, "ordinary": 60, "long": 180}


@pytest.mark.parametrize(
    ("unit", "more", "words"),
    [
        ("community", {}, "不能自己做责任单位"), ("school", {}, "没有共建协议"), ("elsewhere", {}, "没有共建协议"),
        ("firm", {"category": "never"}, "缓急"), ("firm", {"topic_id": 0}, "不是这次会上的"),
    ],
)  # fmt: skip
def test_who_cannot_be_responsible(world, meeting, unit, more, words):
    held(world, meeting)
    with pytest.raises(RuleViolation, match=words):
        resolved(world, meeting, unit, **more)
    assert not Resolution.objects.exists() and not Matter.objects.filter(kind="resolution").exists()


def test_a_unit_that_leaves_gives_its_promises_back_and_another_takes_them(world, meeting):
    held(world, meeting)
    (row,) = resolved(world, meeting)
    agreement = row.unit.agreements.get()
    with clock.fixed(AFTER + DAY):
        end_agreement(
            actor=world.actor("secretary"), agreement_id=agreement.pk, on=clock.today(), reason="搬走"
        )
        row.matter.refresh_from_db()
        assert row.matter.state == "unowned"
        world.agreed("school", valid_from=clock.today(), document="演示共建〔2026〕5号")
        with pytest.raises(RuleViolation, match="没有共建协议"):
            assign(actor=world.actor("secretary"), matter_id=row.pk, unit_id=row.unit_id)
        assign(actor=world.actor("secretary"), matter_id=row.pk, unit_id=world.units["school"].pk)
    assert step(world, "partner2", row, "accept").state == "running"
    with pytest.raises(NotVisible):
        step(world, "partner", row, "handle", note="x")


def test_only_the_community_enters_what_was_resolved(world, meeting):
    held(world, meeting)
    new = [NewResolution(title="a", unit_id=world.units["firm"].pk, tally=Tally(votes_for=3))]
    for role, refusal in (
        ("partner", NotVisible),
        ("outsider", NotVisible),
        ("street", NotAllowed),
        ("worker", NotAllowed),
    ):
        with pytest.raises(refusal):
            resolve(actor=world.actor(role), minutes_id=held_id(meeting), resolutions=new)


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        ({"votes_for": 1, "against": 2}, "赞成 1 票，没有超过应到 3 名有表决权委员的 50%"), ({"votes_for": 0}, "没有通过"),
        ({"votes_for": 3, "against": 1}, "多于到会的 3 名"), ({"votes_for": -1}, "各多少票"), ({"votes_for": 2, "abstained": -1}, "各多少票"),
        ({"votes_for": True}, "各多少票"),
    ],
)  # fmt: skip
def test_what_the_votes_did_not_carry_is_no_resolution(world, meeting, votes, words):
    held(world, meeting)
    with pytest.raises(RuleViolation, match=words) as refused:
        resolved(world, meeting, tally=Tally(**votes))
    assert refused.value.field == "votes_for" and not Matter.objects.filter(kind="resolution").exists()


def test_votes_are_kept_whole_and_the_majority_is_that_of_the_day(world, meeting):
    held(world, meeting, present=3)
    (row,) = resolved(world, meeting, tally=Tally(votes_for=2, against=1))
    assert (row.votes_for, row.votes_against, row.abstained) == (2, 1, 0)
    assert tally_words(row) == "赞成 2 · 反对 1 · 弃权 0"
    with pytest.raises(IntegrityError), transaction.atomic():
        Resolution.objects.filter(pk=row.pk).update(abstained=None)
    Resolution.objects.filter(pk=row.pk).update(votes_for=None, votes_against=None, abstained=None)
    assert tally_words(Resolution.objects.get(pk=row.pk)) == ""  # entered before votes were asked for
    RuleValue.objects.filter(key="resolutions.majority").update(value=0.7)
    with pytest.raises(RuleViolation, match="70%"):
        resolved(world, meeting, tally=Tally(votes_for=2, against=1))


def test_the_majority_is_of_those_entitled_and_not_of_those_who_came(world, meeting):
    held(world, meeting, present=2)
    with pytest.raises(RuleViolation, match="没有通过"):
        resolved(world, meeting, tally=Tally(votes_for=1))
    assert resolved(world, meeting, tally=Tally(votes_for=2))


def test_whoever_did_it_does_not_confirm_by_another_post(world, meeting):
    """Neither who serves in the unit that is called, nor who handled it and has left the unit since."""
    held(world, meeting)
    (row,) = resolved(world, meeting)
    step(world, "partner", row, "handle", note="车位已腾出")
    both = replace(
        world.actor("member"), grants=(*world.actor("member").grants, *world.actor("partner").grants)
    )
    since = officer(
        "community_committee_member", COMMUNITY, unit_id=world.units["community"].pk, person_id=world.people["partner"].pk
    )  # fmt: skip
    for actor in (both, since):
        with clock.fixed(AFTER + 3 * DAY), pytest.raises(NotAllowed):
            apply_transition(actor=actor, matter_id=row.pk, name="confirm")
    assert step(world, "member", row, "confirm").state == "kept"

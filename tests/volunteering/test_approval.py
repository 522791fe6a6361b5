"""Hours and points come from one thing alone: a session, who was there, the organiser's word, and a second person's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.activities.services_attendance import correct, return_confirmation
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import endings
from doorstep.kernel.ledger.services import Move, Posting, post
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Approval, Credit, RuleValue, ServiceKind
from doorstep.modules.volunteering.selectors import standing_of, to_approve
from doorstep.modules.volunteering.services_approval import approve_session, approve_sessions
from doorstep.modules.volunteering.services_past import PastApproval, approve_past
from tests.volunteering.world import (
    ONE,
    SYSTEM,
    TODAY,
    announced,
    approved,
    at,
    confirmed,
    credit_of,
    held,
    people,
    there,
    volunteers,
    with_account,
)


def approve(world, session, by="secretary", version=None):
    return approve_session(
        actor=world.actor(by), session_id=session.pk,
        expected_version=session.lock_version if version is None else version,
    )  # fmt: skip


def spend(volunteer, amount):
    points = books.book(books.POINTS)
    pool = books.standing(points, books.HELD)
    post(
        actor=SYSTEM,
        posting=Posting(
            book=points, key=books.key_of("test", volunteer.pk, amount), kind=books.HOLD,
            moves=(Move(volunteer.points_id, pool.pk, amount),),
        ),
    )  # fmt: skip


def test_everybody_there_who_volunteers_is_credited_with_one_tap(world):
    one, two = volunteers(2)
    (neighbour,) = people(1)
    made = approved(world, [one.person_id, two.person_id, neighbour.pk])
    assert (made.credited, made.others, made.minutes, made.points) == (2, 1, 240, 40)
    assert held(one) == held(two) == (20, 120)
    row = credit_of(one, made.approval.session_id)
    assert (row.attended, row.minutes, row.rate, row.points, row.cut) == (120, 120, 10, 20, "")
    assert row.expires_on == dt.date(2028, 6, 12) == endings(one.points_id)[0].day
    assert {row.minutes_booking, row.points_booking} <= set(Transaction.objects.values_list("pk", flat=True))
    assert made.approval.within_48h
    told = Entry.objects.get(action="volunteering.approved")
    assert told.changes == {"credited": 2, "others": 1, "minutes": 240, "points": 40}


def test_the_same_again_changes_nothing(world):
    (one,) = volunteers(1)
    session = confirmed(world, [one.person_id])
    first = approve(world, session)
    again = approve(world, session, by="deputy")
    assert (again.approval, again.minutes, again.points) == (first.approval, 120, 20)
    assert held(one) == (20, 120) and Credit.objects.count() == 1


def test_neither_who_confirmed_nor_who_was_there_approves(world):
    (one,) = volunteers(1)
    own = confirmed(world, [one.person_id], by="secretary", organiser=world.units["residents_committee", ONE])
    with pytest.raises(NotAllowed, match="自己确认的不能自己审核"):
        approve(world, own)
    there_too = confirmed(world, [world.people["deputy"].pk, one.person_id], start=14)
    with pytest.raises(NotAllowed, match="您参加了这场服务"):
        approve(world, there_too, by="deputy")
    assert not Approval.objects.exists() and held(one) == (0, 0)
    assert approve(world, own, by="deputy").credited == 1
    assert [row.pk for row in to_approve(world.actor("secretary"))] == [there_too.pk]
    assert not to_approve(world.actor("deputy")).exists()


@pytest.mark.parametrize(
    "role, refusal", [("outsider", NotVisible), ("leader", NotAllowed), ("resident", NotVisible)]
)
def test_who_may_not_approve(world, role, refusal):
    (one,) = volunteers(1)
    session = confirmed(world, [one.person_id], by="secretary")
    with pytest.raises(refusal):
        approve(world, session, by=role)
    assert held(one) == (0, 0)


def test_what_is_not_confirmed_or_no_service_or_changed_is_refused(world):
    (one,) = volunteers(1)
    with pytest.raises(Conflict, match="还没有由组织者确认"):
        approve(world, announced(world))
    session = confirmed(world, [one.person_id])
    with pytest.raises(Conflict, match="刚刚有变动"):
        approve(world, session, version=session.lock_version - 1)
    return_confirmation(actor=world.actor("secretary"), session_id=session.pk, reason="有人没来")
    with pytest.raises(Conflict):
        approve(world, session)
    unknown = confirmed(world, [one.person_id], start=14, category="nothing")
    with pytest.raises(RuleViolation, match="计分标准"):
        approve(world, unknown)
    assert held(one) == (0, 0)


@pytest.mark.parametrize(
    "spans, minutes, cuts",
    [
        ([(8, 6)], [240], ["activity"]),
        ([(6, 4), (11, 4), (16, 3)], [240, 240, 0], ["", "", "day"]),
        ([(6, 3), (11, 4), (16, 3)], [180, 240, 60], ["", "", "day"]),
    ],
)
def test_caps_of_a_session_and_of_a_day(world, spans, minutes, cuts):
    (one,) = volunteers(1)
    found = []
    for start, hours in spans:
        made = approved(world, [one.person_id], start=start, hours=hours)
        found.append(credit_of(one, made.approval.session_id))
    assert [row.minutes for row in found] == minutes and [row.cut for row in found] == cuts
    assert held(one) == (sum(minutes) // 6, sum(minutes))


def test_the_cap_of_a_month(world):
    (one,) = volunteers(1)
    RuleValue.objects.filter(key="cap.month").update(value=300)
    days = [TODAY - dt.timedelta(days=number) for number in (4, 3, 2)]
    for day in days:
        approved(world, [one.person_id], day=day)
    may = approved(world, [one.person_id], day=dt.date(2026, 5, 20))
    assert list(Credit.objects.order_by("pk").values_list("minutes", "cut")) == [
        (120, ""), (120, ""), (60, "month"), (120, ""),
    ]  # fmt: skip
    assert may.points == 20 and held(one) == (70, 420)


def test_only_the_announced_time_counts(world):
    (one,) = volunteers(1)
    made = approved(world, [one.person_id], times=(8.5, 12))
    assert credit_of(one, made.approval.session_id).attended == 120


def test_the_rate_of_the_sessions_day_and_of_the_nearest_place(world):
    (one,) = volunteers(1)
    day = TODAY - dt.timedelta(days=3)
    ServiceKind.objects.create(
        place_code=ONE, code="visiting", name="探访", points_per_hour=20, clause="演", valid_from=day,
    )  # fmt: skip
    assert approved(world, [one.person_id], day=day - dt.timedelta(days=1)).points == 20
    assert approved(world, [one.person_id], day=day).points == 40


def test_late_confirmation_is_known(world):
    (one,) = volunteers(1)
    day = TODAY - dt.timedelta(days=6)
    late = approved(world, [one.person_id], day=day, confirmed_at=at(12, TODAY - dt.timedelta(days=3)))
    assert not late.approval.within_48h


def test_the_number_of_statements_does_not_depend_on_how_many_came(world):
    def statements(count: int, start: float) -> int:
        session = confirmed(world, [row.person_id for row in volunteers(count)], start=start)
        actor = world.actor("secretary")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            approve_session(actor=actor, session_id=session.pk, expected_version=session.lock_version)
        return len(seen)

    statements(1, 6)  # whatever is opened or kept once
    few, many = statements(2, 9), statements(40, 14)
    assert few == many <= 32


def test_several_at_once_each_by_itself(world):
    (one,) = volunteers(1)
    good = confirmed(world, [one.person_id])
    own = confirmed(world, [one.person_id], start=14, by="secretary")
    found = approve_sessions(
        actor=world.actor("secretary"), sessions=[(own.pk, own.lock_version), (good.pk, good.lock_version)]
    )
    assert [row.approved is None for row in found] == [True, False] and "自己确认" in found[0].refusal
    assert held(one) == (20, 120)


def test_a_correction_changes_what_was_credited(world):
    one, two = volunteers(2)
    made = approved(world, [one.person_id, two.person_id])
    session_id = made.approval.session_id
    correct(
        actor=world.actor("worker"), attendance_id=there(session_id, one).pk, reason="十点就走了",
        out_at=at(10, TODAY - dt.timedelta(days=3)),
    )  # fmt: skip
    assert held(one) == (10, 60) and held(two) == (20, 120)
    correct(
        actor=world.actor("worker"), attendance_id=there(session_id, two).pk, reason="没有来", struck=True
    )
    assert held(two) == (0, 0) and credit_of(two, session_id) is None
    correct(
        actor=world.actor("worker"), attendance_id=there(session_id, two).pk, reason="来过",
        out_at=at(10.5, TODAY - dt.timedelta(days=3)),
    )  # fmt: skip
    assert held(two) == (15, 90) and endings(two.points_id)[0].amount == 15
    assert Credit.objects.filter(volunteer=two).count() == 2


def test_points_already_spent_stay_and_minutes_follow(world):
    (one,) = volunteers(1)
    made = approved(world, [one.person_id])
    spend(one, 15)
    row = there(made.approval.session_id, one)
    correct(actor=world.actor("worker"), attendance_id=row.pk, reason="早退", out_at=at(9.5, row.session.day))
    assert held(one) == (0, 30)  # of 20 five were still there; fifteen are more than the five now due
    correct(
        actor=world.actor("worker"), attendance_id=row.pk, reason="查清了", out_at=at(11, row.session.day)
    )
    assert held(one)[1] == 120


def test_the_past_at_once_by_the_same_rules(world):
    rows = volunteers(3)
    day = TODAY - dt.timedelta(days=20)
    sessions = [
        confirmed(world, [row.person_id for row in rows], day=day, start=start, hours=4)
        for start in (6, 11, 16)
    ]
    cases = [
        PastApproval(session_id=row.pk, at=at(18, day), by_id=world.people["secretary"].pk)
        for row in sessions
    ]
    assert approve_past(actor=SYSTEM, cases=cases[:2]) == 6
    assert approve_past(actor=SYSTEM, cases=cases) == 3  # those known are passed over
    assert held(rows[0]) == (80, 480)
    cuts = Credit.objects.filter(volunteer=rows[0]).order_by("session").values_list("cut", flat=True)
    assert list(cuts) == ["", "", "day"]
    assert set(Transaction.objects.values_list("day", flat=True)) == {day}
    assert not Credit.objects.filter(minutes__gt=0, minutes_booking=None).exists()
    assert approved(world, [rows[0].person_id], day=day, start=21).minutes == 0
    with pytest.raises(PermissionError):
        approve_past(actor=world.actor("secretary"), cases=cases)
    later = confirmed(world, [rows[0].person_id])
    with pytest.raises(ValueError, match="confirmed it or was there"):
        approve_past(
            actor=SYSTEM, cases=[PastApproval(session_id=later.pk, at=clock.now(), by_id=world.people["leader"].pk)]
        )  # fmt: skip


def test_milestones_by_hours(world):
    (one,) = volunteers(1)
    RuleValue.objects.filter(key="milestones").update(value=[1, 3, 5, 8, 10])
    approved(world, [one.person_id])
    standing = standing_of(one)
    assert (standing.points, standing.minutes, standing.reached, standing.next, standing.to_next) == (
        20,
        120,
        1,
        3,
        1,
    )


def test_a_volunteer_who_left_before_gets_none(world):
    (one,) = volunteers(1)
    actor = with_account(world, "one", one.person)
    from doorstep.modules.volunteering.services_profile import leave

    with clock.fixed(TODAY - dt.timedelta(days=5)):
        leave(actor=actor, volunteer_id=one.pk)
    made = approved(world, [one.person_id])
    assert (made.credited, made.others, held(one)) == (0, 1, (0, 0))

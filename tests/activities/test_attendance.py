"""Coming and going by the changing code, by tick; confirming; putting right."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from doorstep.kernel.activities import codes
from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.activities.models import Attendance, Correction
from doorstep.kernel.activities.services import cancel_session, move_session, note_insurance
from doorstep.kernel.activities.services_attendance import (
    Presence,
    check_in,
    check_out,
    confirm,
    correct,
    return_confirmation,
    tick,
)
from doorstep.kernel.activities.services_sign_up import Applicant, join
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.activities.world import NOW, World

HOUR, SECOND = dt.timedelta(hours=1), dt.timedelta(seconds=1)
BEGIN = NOW + dt.timedelta(days=1)


def come(actor, session, at=BEGIN, shown=None) -> Attendance:
    with clock.fixed(at):
        return check_in(actor=actor, session_id=session.pk, code=codes.typed_code(session.pk, shown or at))


def go(actor, session, at=BEGIN + 2 * HOUR) -> Attendance:
    with clock.fixed(at):
        return check_out(actor=actor, session_id=session.pk, code=codes.scanned_code(session.pk, at))


def close(world: World, session, role="leader", at=BEGIN + 2 * HOUR, **more):
    session.refresh_from_db()
    with clock.fixed(at):
        return confirm(
            actor=world.actor(role), session_id=session.pk, expected_version=session.lock_version, **more
        )


def test_come_and_go_with_the_code_on_the_screen(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    come(one, session)
    assert come(one, session, BEGIN + HOUR).in_at == BEGIN  # again changes nothing
    row = go(one, session)
    assert (row.minutes, row.how_in, row.how_out) == (120, "code", "code")
    assert go(one, session, BEGIN + 2.5 * HOUR).out_at == BEGIN + 2 * HOUR


def test_a_code_counts_for_its_half_minute_and_the_next(world: World) -> None:
    session = world.session()
    come(world.resident("甲"), session, BEGIN + 59 * SECOND, shown=BEGIN)
    for age in (61, 90, 3600):
        with pytest.raises(RuleViolation) as refused:
            come(world.resident("乙"), session, BEGIN + (100 + age) * SECOND, shown=BEGIN + 100 * SECOND)
        assert refused.value.field == "code"


def test_a_code_of_another_session_or_made_up_is_none(world: World) -> None:
    session, other, one = world.session(), world.session(title="读书会"), world.resident("甲")
    for code in (
        codes.typed_code(other.pk, BEGIN),
        "000000",
        "",
        "１２３４５６",
        codes.scanned_code(session.pk, BEGIN)[:-1],
    ):
        with clock.fixed(BEGIN), pytest.raises(RuleViolation):
            check_in(actor=one, session_id=session.pk, code=code)
    assert not Attendance.objects.exists()


def test_a_clock_set_back_brings_no_photographed_code_to_life(world: World) -> None:
    session = world.session()
    come(world.resident("甲"), session, BEGIN + HOUR)
    with pytest.raises(RuleViolation):
        come(world.resident("乙"), session, BEGIN + 60 * SECOND, shown=BEGIN + 60 * SECOND)


def test_once_somebody_came_the_time_stands(world: World) -> None:
    session, leader = world.session(), world.actor("leader")
    come(world.resident("甲"), session)
    later = BEGIN + 3 * HOUR
    session.refresh_from_db()
    version = session.lock_version
    with clock.fixed(BEGIN + HOUR):
        with pytest.raises(RuleViolation):
            move_session(
                actor=leader, session_id=session.pk, expected_version=version,
                new=NewSession(starts_at=later, ends_at=later + HOUR),
            )  # fmt: skip
        with pytest.raises(RuleViolation):
            cancel_session(actor=leader, session_id=session.pk, reason="下大雨", expected_version=version)


def test_too_early_too_late_and_for_nobody(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    for at in (BEGIN - 61 * 60 * SECOND, BEGIN + 2 * HOUR, BEGIN + 5 * HOUR):
        with pytest.raises(RuleViolation):
            come(one, session, at)
    come(one, session, BEGIN - HOUR)
    with pytest.raises(RuleViolation):
        go(world.resident("乙"), session)  # never came


def test_who_did_not_sign_up_takes_a_free_seat_and_a_full_house_is_full(world: World) -> None:
    session, one, two = world.session(capacity=1), world.resident("甲"), world.resident("乙")
    come(one, session)
    assert session.sign_ups.get().state == "joined"
    with pytest.raises(RuleViolation):
        come(two, session)


def test_conditions_hold_at_the_door_too(world: World) -> None:
    with pytest.raises(RuleViolation):
        come(world.resident("甲"), world.session(least_age=18))
    session, child = world.session(title="读书会"), world.resident("小")
    join(actor=child, session_id=session.pk, who=Applicant(person_id=child.person_id, born_in=2012))
    with pytest.raises(RuleViolation, match="监护人"):
        come(child, session)


def test_a_child_does_not_walk_in_without_a_guardians_word(world: World) -> None:
    session, child = world.session(), world.resident("小")
    code = codes.typed_code(session.pk, BEGIN)
    with clock.fixed(BEGIN):
        with pytest.raises(RuleViolation, match="监护人"):
            check_in(actor=child, session_id=session.pk, code=code, born_in=2012)
        present = [Presence(person_id=child.person_id, in_at=BEGIN)]
        with pytest.raises(RuleViolation, match="监护人"):
            tick(
                actor=world.actor("leader"),
                session_id=session.pk,
                present=present,
                born_in={child.person_id: 2012},
            )
        row = join(
            actor=world.actor("leader"), session_id=world.session(title="读书会", at=BEGIN + HOUR).pk,
            who=Applicant(person_id=child.person_id, born_in=2012), paper_seen=True,
        )  # fmt: skip
    assert row.state == "joined" and not Attendance.objects.exists()


def test_who_was_struck_is_told_so_at_the_door(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    row = come(one, session)
    with clock.fixed(BEGIN + HOUR):
        correct(actor=world.actor("deputy"), attendance_id=row.pk, reason="其实没有来", struck=True)
    with pytest.raises(RuleViolation, match="更正"):
        come(one, session, BEGIN + HOUR)


def test_a_private_session_is_there_only_before_its_screen(world: World) -> None:
    session, one = world.session(is_public=False), world.resident("甲")
    with clock.fixed(BEGIN), pytest.raises(NotVisible):
        check_in(actor=one, session_id=session.pk, code="000000")
    assert come(one, session).pk


def test_what_is_confirmed_is_what_was_seen(world: World) -> None:
    session = world.session()
    come(world.resident("甲"), session)
    session.refresh_from_db()
    seen = session.lock_version
    come(world.resident("乙"), session, BEGIN + 60 * SECOND)
    with clock.fixed(BEGIN + 2 * HOUR), pytest.raises(Conflict, match="名单"):
        confirm(
            actor=world.actor("leader"),
            session_id=session.pk,
            expected_version=seen,
            close_at=BEGIN + 2 * HOUR,
        )


def test_insurance_is_noted_before_the_work(world: World) -> None:
    session = world.session(needs_insurance=True)
    with clock.fixed(BEGIN + 3 * HOUR), pytest.raises(Conflict):
        note_insurance(actor=world.actor("leader"), session_id=session.pk, policy="演示保单1")


def test_risky_work_begins_after_its_insurance(world: World) -> None:
    session, one = world.session(needs_insurance=True), world.resident("甲")
    with pytest.raises(RuleViolation, match="保险"):
        come(one, session)
    note_insurance(actor=world.actor("leader"), session_id=session.pk, policy="演示保单1")
    assert come(one, session).pk


def test_nobody_is_in_two_places_at_once(world: World) -> None:
    session, other, one = (
        world.session(by_sign_up=False),
        world.session(title="读书会", by_sign_up=False),
        world.resident("甲"),
    )
    come(one, session)
    with pytest.raises(RuleViolation, match="两处"):
        come(one, other, BEGIN + HOUR)
    go(one, session, BEGIN + HOUR)
    assert come(one, other, BEGIN + HOUR + SECOND).pk


def test_the_organiser_ticks_others_and_never_oneself(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    leader = world.actor("leader")
    with clock.fixed(BEGIN + 3 * HOUR):
        with pytest.raises(NotAllowed):
            tick(
                actor=leader,
                session_id=session.pk,
                present=[Presence(person_id=leader.person_id, in_at=BEGIN)],
            )
        (row,) = tick(
            actor=leader, session_id=session.pk, present=[Presence(person_id=one.person_id, in_at=BEGIN)]
        )
        assert row.out_at is None
        (row,) = tick(
            actor=leader, session_id=session.pk,
            present=[Presence(person_id=one.person_id, in_at=BEGIN, out_at=BEGIN + HOUR)],
        )  # fmt: skip
    assert (row.minutes, row.how_in, row.how_out) == (60, "tick", "tick")


def test_what_is_put_in_a_day_later_is_called_so(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    with clock.fixed(BEGIN + 30 * HOUR):
        (row,) = tick(
            actor=world.actor("leader"), session_id=session.pk,
            present=[Presence(person_id=one.person_id, in_at=BEGIN, out_at=BEGIN + HOUR)],
        )  # fmt: skip
    assert row.how_in == "list"


@pytest.mark.parametrize(
    ("came", "went"),
    [(-1.5, 1), (2, 2.5), (0, 0), (1, 0.5), (0, 4.5), (3.5, None)],
)
def test_times_outside_the_session_are_refused(world: World, came, went) -> None:
    session, one = world.session(), world.resident("甲")
    each = Presence(
        person_id=one.person_id,
        in_at=BEGIN + came * HOUR,
        out_at=None if went is None else BEGIN + went * HOUR,
    )
    with clock.fixed(BEGIN + 6 * HOUR), pytest.raises(RuleViolation) as refused:
        tick(actor=world.actor("leader"), session_id=session.pk, present=[each])
    assert refused.value.field == "present-0" and not Attendance.objects.exists()


def test_a_list_with_one_fault_writes_nothing(world: World) -> None:
    session, one, two = world.session(), world.resident("甲"), world.resident("乙")
    present = [
        Presence(person_id=one.person_id, in_at=BEGIN),
        Presence(person_id=two.person_id, in_at=BEGIN + 9 * HOUR),
    ]
    with clock.fixed(BEGIN + 10 * HOUR), pytest.raises(RuleViolation) as refused:
        tick(actor=world.actor("leader"), session_id=session.pk, present=present)
    assert refused.value.field == "present-1" and not Attendance.objects.exists()


def test_confirming_needs_everybody_to_have_gone_or_a_time(world: World) -> None:
    session, one, two = world.session(), world.resident("甲"), world.resident("乙")
    come(one, session)
    go(one, session, BEGIN + HOUR)
    come(two, session, BEGIN + HOUR)
    with pytest.raises(RuleViolation) as refused:
        close(world, session)
    assert refused.value.field == "close_at"
    done = close(world, session, close_at=BEGIN + 2 * HOUR)
    assert (done.state, done.head_count, done.confirmed_by_id) == ("confirmed", 2, world.people["leader"].pk)
    assert [row.minutes for row in Attendance.objects.order_by("pk")] == [60, 60]
    with pytest.raises(Conflict):
        close(world, session)
    with pytest.raises(Conflict):
        come(world.resident("丙"), session, BEGIN + HOUR)


def test_confirming_too_early_empty_or_with_too_few(world: World) -> None:
    session = world.session()
    with pytest.raises(RuleViolation):
        close(world, session, at=BEGIN - HOUR, head_count=3)
    with pytest.raises(RuleViolation) as refused:
        close(world, session)
    assert refused.value.field == "head_count"
    come(world.resident("甲"), session)
    with pytest.raises(RuleViolation):
        close(world, session, close_at=BEGIN + HOUR, head_count=0)
    assert close(world, session, close_at=BEGIN + HOUR, head_count=40).head_count == 40


def test_sent_back_by_a_second_person_with_a_reason(world: World) -> None:
    session = world.session()
    close(world, session, role="secretary", head_count=5)
    with pytest.raises(NotAllowed):
        return_confirmation(actor=world.actor("secretary"), session_id=session.pk, reason="人数不对")
    with pytest.raises(NotAllowed):
        return_confirmation(actor=world.actor("leader"), session_id=session.pk, reason="人数不对")
    with pytest.raises(RuleViolation):
        return_confirmation(actor=world.actor("deputy"), session_id=session.pk, reason="")
    back = return_confirmation(actor=world.actor("deputy"), session_id=session.pk, reason="人数不对")
    assert (back.state, back.confirmed_by_id) == ("announced", None)


def test_put_right_by_who_neither_recorded_nor_confirmed_nor_was_there(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    with clock.fixed(BEGIN + 3 * HOUR):
        (row,) = tick(
            actor=world.actor("leader"), session_id=session.pk,
            present=[Presence(person_id=one.person_id, in_at=BEGIN, out_at=BEGIN + 2 * HOUR)],
        )  # fmt: skip
    close(world, session, role="secretary", at=BEGIN + 3 * HOUR)
    with clock.fixed(BEGIN + 4 * HOUR):
        for role in ("leader", "secretary"):
            with pytest.raises(NotAllowed):
                correct(
                    actor=world.actor(role), attendance_id=row.pk, reason="只来了一小时", out_at=BEGIN + HOUR
                )
        with pytest.raises(NotVisible):
            correct(actor=one, attendance_id=row.pk, reason="只来了一小时", out_at=BEGIN + HOUR)
        with pytest.raises(RuleViolation):
            correct(actor=world.actor("deputy"), attendance_id=row.pk, reason=" ", out_at=BEGIN + HOUR)
        correct(actor=world.actor("deputy"), attendance_id=row.pk, reason="只来了一小时", out_at=BEGIN + HOUR)
        correct(actor=world.actor("deputy"), attendance_id=row.pk, reason="其实没有来", struck=True)
    row.refresh_from_db()
    assert row.struck and [each.struck for each in Correction.objects.order_by("pk")] == [False, True]


def test_corrections_are_never_changed(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    row = come(one, session)
    with clock.fixed(BEGIN + HOUR):
        made = correct(actor=world.actor("deputy"), attendance_id=row.pk, reason="其实没有来", struck=True)
    for act in (lambda: Correction.objects.filter(pk=made.pk).update(reason="改"), lambda: made.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()

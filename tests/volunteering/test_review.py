"""What is odd is found by numbers and decided by a person; a volunteer who finds a record wrong is answered."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.activities.models import BY_CARD, Attendance
from doorstep.kernel.declarations.findings import finding
from doorstep.kernel.ledger.services import Move, Posting, post
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Credit, Oddity, RuleValue
from doorstep.modules.volunteering.models_review import DECLINED, FINE, TAKEN_BACK, UPHELD
from doorstep.modules.volunteering.services_appeals import answer, appeal
from doorstep.modules.volunteering.services_review import decide, find_oddities
from tests.volunteering.world import (
    SYSTEM,
    TODAY,
    TWO,
    approved,
    at,
    confirmed,
    held,
    there,
    volunteers,
    with_account,
)


def test_identical_times_of_several_are_found_once_and_not_what_was_ticked_from_a_list(world):
    rows = [row.person_id for row in volunteers(5)]
    odd = confirmed(world, rows, how=BY_CARD)
    confirmed(world, rows, start=13)  # ticked by the organiser
    confirmed(world, rows[:4], start=16, how=BY_CARD)  # fewer than the rule asks for
    assert find_oddities() == 1
    found = Oddity.objects.get()
    assert (found.kind, found.session_id, found.facts["people"]) == ("identical", odd.pk, 5)
    assert find_oddities() == 0
    Oddity.objects.update(decision=FINE, decided_at=clock.now())
    assert find_oddities() == 0


def test_what_was_put_in_afterwards_is_found(world):
    day = TODAY - dt.timedelta(days=5)
    late = confirmed(
        world,
        [row.person_id for row in volunteers(5)],
        day=day,
        confirmed_at=at(20, TODAY - dt.timedelta(days=2)),
    )
    assert find_oddities() == 1
    assert (Oddity.objects.get().kind, Oddity.objects.get().session_id) == ("late", late.pk)


def test_two_communities_with_too_few_minutes_between(world):
    one, two = volunteers(2)
    confirmed(world, [one.person_id, two.person_id], start=9)
    near = confirmed(world, [one.person_id], start=11.1, place=TWO, by="system")
    confirmed(world, [two.person_id], start=12, place=TWO, by="system")
    assert find_oddities() == 1
    found = Oddity.objects.get()
    assert (found.kind, found.session_id, found.place_code) == ("journey", near.pk, TWO)
    assert found.facts["volunteer"] == one.number and found.facts["minutes"] == 6


def test_one_persons_share_of_a_units_hours(world):
    RuleValue.objects.filter(key="oddity.confirmer_hours").update(value=4)
    (one,) = volunteers(1)
    approved(world, [one.person_id])
    assert find_oddities() == 0
    approved(world, [one.person_id], start=14)
    assert find_oddities() == 1
    found = Oddity.objects.get()
    assert (found.kind, found.unit_id, found.facts["share"]) == ("one_confirmer", world.team.pk, 100)
    with pytest.raises(RuleViolation, match="逐场核实"):
        decide(actor=world.actor("secretary"), oddity_id=found.pk, decision=TAKEN_BACK, note="看过")
    decide(actor=world.actor("secretary"), oddity_id=found.pk, decision=FINE, note="队里只有一位队长")


def odd_session(world, count=5):
    rows = volunteers(count)
    made = approved(world, [row.person_id for row in rows], how=BY_CARD)
    find_oddities()
    return rows, made, Oddity.objects.get(kind="identical")


def test_taken_back_reverses_what_was_credited(world):
    rows, made, odd = odd_session(world)
    points = books.book(books.POINTS)
    post(
        actor=SYSTEM,
        posting=Posting(
            book=points, key=books.key_of("spent"), kind=books.HOLD,
            moves=(Move(rows[0].points_id, books.standing(points, books.HELD).pk, 12),),
        ),
    )  # fmt: skip
    decided, left = decide(
        actor=world.actor("deputy"), oddity_id=odd.pk, decision=TAKEN_BACK, note="没有到场"
    )
    assert (decided.decision, left) == (TAKEN_BACK, 12)
    assert [held(row) for row in rows] == [(0, 0)] * 5
    assert not Credit.objects.filter(session=made.approval.session_id, taken_back_at=None).exists()
    with pytest.raises(Conflict, match="已经有人核实"):
        decide(actor=world.actor("deputy"), oddity_id=odd.pk, decision=FINE, note="又看了")


@pytest.mark.parametrize(
    "role, refusal",
    [("leader", NotVisible), ("outsider", NotVisible), ("worker", NotVisible), ("secretary", NotAllowed)],
)
def test_who_had_a_part_or_no_post_does_not_decide(world, role, refusal):
    """The secretary approved it, the leader confirmed it."""
    rows, _made, odd = odd_session(world)
    with pytest.raises(refusal):
        decide(actor=world.actor(role), oddity_id=odd.pk, decision=TAKEN_BACK, note="看过")
    assert held(rows[0]) == (20, 120)


def appealed(world):
    (one,) = volunteers(1)
    actor = with_account(world, "volunteer", one.person)
    made = approved(world, [one.person_id], times=(9, 10))
    return one, actor, made, appeal(actor=actor, session_id=made.approval.session_id, text="十一点才走")


def test_an_appeal_upheld_corrects_attendance_and_credit(world):
    one, actor, made, row = appealed(world)
    assert row.due_on == dt.date(2026, 6, 30)  # ten working days, the Dragon Boat holiday between
    with pytest.raises(Conflict, match="还在办理"):
        appeal(actor=actor, session_id=made.approval.session_id, text="再说一次")
    day = TODAY - dt.timedelta(days=3)
    answer(
        actor=world.actor("deputy"), appeal_id=row.pk, outcome=UPHELD, text="队长记得是十一点", in_at=at(9, day),
        out_at=at(11, day),
    )  # fmt: skip
    assert held(one) == (20, 120) and there(made.approval.session_id, one).minutes == 120
    with pytest.raises(Conflict, match="已经答复"):
        answer(actor=world.actor("deputy"), appeal_id=row.pk, outcome=DECLINED, text="改主意")


def test_an_appeal_declined_leaves_the_record(world):
    one, _actor, _made, row = appealed(world)
    answer(actor=world.actor("deputy"), appeal_id=row.pk, outcome=DECLINED, text="签退是十点")
    row.refresh_from_db()
    assert (row.outcome, row.answer, held(one)) == (DECLINED, "签退是十点", (10, 60))


@pytest.mark.parametrize(
    "role, refusal",
    [("secretary", NotAllowed), ("leader", NotVisible), ("volunteer", NotAllowed), ("outsider", NotVisible)],
)
def test_who_had_a_part_does_not_answer(world, role, refusal):
    _one, _actor, _made, row = appealed(world)
    with pytest.raises(refusal):
        answer(actor=world.actor(role), appeal_id=row.pk, outcome=DECLINED, text="不改")


def test_who_may_appeal_and_until_when(world):
    (one,) = volunteers(1)
    actor = with_account(world, "volunteer", one.person)
    made = approved(world, [row.person_id for row in volunteers(1)])
    with pytest.raises(NotVisible):
        appeal(actor=actor, session_id=made.approval.session_id, text="我也去了")
    own = approved(world, [one.person_id], start=14)
    with clock.fixed(TODAY + dt.timedelta(days=200)), pytest.raises(RuleViolation, match="不再受理"):
        appeal(actor=actor, session_id=own.approval.session_id, text="记错了")
    with pytest.raises(RuleViolation, match="写明"):
        appeal(actor=actor, session_id=own.approval.session_id, text=" ")
    assert Attendance.objects.count() == 2


def test_breaks(world):
    _one, _actor, _made, row = appealed(world)
    assert not finding("volunteering.appeal_overdue").rows(row.due_on).exists()
    assert finding("volunteering.appeal_overdue").rows(row.due_on + dt.timedelta(days=1)).get() == row
    assert not finding("volunteering.team_without_leader").rows(TODAY).exists()
    from tests.volunteering.world import announced, found

    lone = found("volunteer_team", TWO, "演示没有队长的队")
    assert [each.unit_id for each in finding("volunteering.team_without_leader").rows(TODAY)] == [lone.pk]
    open_one = announced(world, day=TODAY - dt.timedelta(days=4))
    announced(world, day=TODAY - dt.timedelta(days=1), start=10)
    assert [each.pk for each in finding("volunteering.unconfirmed").rows(TODAY)] == [open_one.pk]

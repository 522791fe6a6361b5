"""However often an attendance is put right, one session brings one volunteer no more points than it is due."""

from __future__ import annotations

import datetime as dt
import uuid
from importlib import import_module

import pytest
from django.apps import apps

from doorstep.kernel.activities.models import BY_CODE, Session
from doorstep.kernel.activities.services_attendance import correct
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import Move, Posting, post
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed
from doorstep.modules.volunteering import books, services_profile, services_programmes
from doorstep.modules.volunteering.models import Credit, Oddity, Slip
from doorstep.modules.volunteering.models_redemption import HELD, VOID
from doorstep.modules.volunteering.models_review import TAKEN_BACK, UPHELD
from doorstep.modules.volunteering.services_appeals import answer, appeal
from doorstep.modules.volunteering.services_programmes import ItemData, ProgrammeData
from doorstep.modules.volunteering.services_review import decide, find_oddities
from doorstep.modules.volunteering.services_slips import give_slip_up, make_slip, offer_slip
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.volunteering.world import (
    BEGAN,
    DISTRICT,
    ONE,
    SYSTEM,
    TODAY,
    approved,
    at,
    held,
    people,
    there,
    volunteers,
    with_account,
)

WHOLE = (20, 120)  # points and minutes of a session as the tests hold it


def spend(volunteer, amount):
    book = books.book(books.POINTS)
    move = Move(volunteer.points_id, books.standing(book, books.HELD).pk, amount)
    post(actor=SYSTEM, posting=Posting(book=book, key=uuid.uuid4(), kind=books.HOLD, moves=(move,)))


def put_right(world, session_id, volunteer, by="deputy", **what):
    correct(actor=world.actor(by), attendance_id=there(session_id, volunteer).pk, reason="核对签到表", **what)


def one_approved(world, **more):
    (row,) = volunteers(1)
    return row, approved(world, [row.person_id], **more).approval.session_id


def net(volunteer):
    rows = Credit.objects.filter(volunteer=volunteer)
    return sum(row.points - (row.recovered or 0) for row in rows)


def test_struck_and_not_struck_after_spending_brings_no_points_again(world):
    row, session = one_approved(world)
    spend(row, 20)
    for _again in range(3):
        put_right(world, session, row, struck=True)
        assert held(row) == (0, 0)
        put_right(world, session, row)
        assert held(row) == (0, 120) and net(row) == 20
    told = Entry.objects.filter(action="volunteering.taken_back").order_by("pk")
    assert told[0].changes["points"] == [20, 20]  # nothing of it came back
    assert Entry.objects.filter(action="volunteering.credit_corrected").first().changes["points_kept"] == 20


def test_less_and_more_again_after_spending_brings_no_points_again(world):
    row, session = one_approved(world)
    spend(row, 15)
    end = Session.objects.get(pk=session).ends_at
    for out in (end - dt.timedelta(minutes=30), end, end - dt.timedelta(minutes=90), end):
        put_right(world, session, row, out_at=out)
        assert net(row) >= 15 and held(row)[0] == net(row) - 15
    assert held(row) == (5, 120) and net(row) == 20


def test_what_was_recovered_is_credited_again(world):
    row, session = one_approved(world)
    put_right(world, session, row, struck=True)
    assert held(row) == (0, 0)
    put_right(world, session, row)
    assert held(row) == WHOLE


def test_what_earlier_credits_gave_back_is_told_from_the_books(world):
    """The migration that fills `recovered` finds what is known of credits taken back since."""
    spent, session = one_approved(world)
    spend(spent, 15)
    put_right(world, session, spent, struck=True)
    (kept,) = volunteers(1)
    whole = approved(world, [kept.person_id]).approval.session_id
    put_right(world, whole, kept, struck=True)
    standing = dict(Credit.objects.values_list("pk", "recovered"))
    assert sorted(standing.values()) == [5, 20]
    Credit.objects.update(recovered=0)
    import_module("doorstep.modules.volunteering.migrations.0021_recovered").fill(apps, None)
    assert dict(Credit.objects.values_list("pk", "recovered")) == standing


def untrue(world):
    rows = volunteers(5)
    session = approved(world, [row.person_id for row in rows], how=BY_CODE).approval.session_id
    find_oddities()
    odd = Oddity.objects.filter(session=session).first()
    decide(actor=world.actor("deputy"), oddity_id=odd.pk, decision=TAKEN_BACK, note="没有这回事")
    return rows[0], session


def test_what_was_decided_untrue_is_not_credited_again_by_a_correction(world):
    row, session = untrue(world)
    put_right(world, session, row, by="worker")
    put_right(world, session, row, by="worker", struck=True)
    put_right(world, session, row, by="worker")
    assert held(row) == (0, 0)


def test_an_upheld_appeal_credits_what_was_decided_untrue(world):
    row, session = untrue(world)
    made = appeal(actor=with_account(world, "volunteer", row.person), session_id=session, text="我去了")
    day = TODAY - dt.timedelta(days=3)
    answer(
        actor=world.actor("deputy"), appeal_id=made.pk, outcome=UPHELD, text="有照片", in_at=at(9, day), out_at=at(11, day),
    )  # fmt: skip
    assert held(row) == WHOLE


@pytest.fixture
def soap(world):
    programme = services_programmes.create_programme(
        actor=SYSTEM,
        data=ProgrammeData(
            place_code=DISTRICT, name="演示兑换", organiser_id=world.federation.pk, valid_from=BEGAN
        ),
    )
    data = ItemData(name="香皂", kind="goods", points=10, most=9, place_code=DISTRICT, valid_from=BEGAN)
    item = services_programmes.create_item(actor=SYSTEM, programme_id=programme.pk, data=data)
    services_programmes.deliver(actor=SYSTEM, item_id=item.pk, pieces=5, day=TODAY, key=uuid.uuid4())
    return item


def test_open_slips_shelter_no_points(world, soap):
    row, session = one_approved(world)
    me = with_account(world, "holder", row.person)
    slips = [make_slip(actor=me, item_id=soap.pk, key=uuid.uuid4()) for _slip in range(2)]
    offer_slip(actor=world.actor("secretary"), number=slips[0].number)
    assert held(row) == (0, 120) and balance(soap.stock_id) == 3
    put_right(world, session, row, struck=True)
    assert held(row) == (0, 0) and balance(soap.stock_id) == 5
    ended = Slip.objects.get(pk=slips[1].pk)
    assert (ended.state, ended.reason) == (VOID, "服务记录更正，积分收回")
    assert give_slip_up(actor=me, number=slips[0].number).state == VOID  # ended already: gives nothing again
    assert held(row) == (0, 0) and net(row) == 0
    assert Entry.objects.filter(action="volunteering.slip_void").count() == 2


def test_only_as_many_slips_end_as_it_takes_the_newest_first(world, soap):
    row, session = one_approved(world)
    me = with_account(world, "holder", row.person)
    slips = [make_slip(actor=me, item_id=soap.pk, key=uuid.uuid4()) for _slip in range(2)]
    approved(world, [row.person_id], start=14, times=(14, 15))
    assert held(row)[0] == 10
    put_right(world, session, row, struck=True)
    states = [Slip.objects.get(pk=slip.pk).state for slip in slips]
    assert states == [HELD, VOID] and held(row) == (0, 60)


def test_the_approver_adds_no_minutes_but_may_take_away(world):
    row, session = one_approved(world, times=(9, 10))
    end = Session.objects.get(pk=session).ends_at
    with pytest.raises(NotAllowed, match="另一位"):
        put_right(world, session, row, by="secretary", out_at=end)
    assert held(row) == (10, 60) and there(session, row).out_at != end
    put_right(world, session, row, by="secretary", struck=True)
    with pytest.raises(NotAllowed, match="另一位"):
        put_right(world, session, row, by="secretary")
    put_right(world, session, row, by="deputy", out_at=end)
    assert held(row) == WHOLE


def test_whom_the_approval_passed_over_gets_nothing_by_a_correction(world):
    (gone,) = volunteers(1)
    with clock.fixed(at(9, TODAY - dt.timedelta(days=10))):
        services_profile.leave(actor=SYSTEM, volunteer_id=gone.pk)
    (later,) = people(1)
    session = approved(world, [gone.person_id, later.pk]).approval.session_id
    with clock.fixed(TODAY + dt.timedelta(days=1)):
        (new,) = register_volunteers(
            actor=SYSTEM, volunteers=[NewVolunteer(person_id=later.pk, place_code=ONE)]
        )
        for row in (gone, new):
            put_right(world, session, row)
            assert held(row) == (0, 0)


def test_odd_digits_in_what_a_browser_sends_are_no_session(world):
    from django.urls import reverse

    from tests.sign_in import client_of

    answered = client_of(world.accounts["secretary"]).post(
        reverse("volunteering:approvals"), {"session": "²:1"}
    )
    assert answered.status_code == 302

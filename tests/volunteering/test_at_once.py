"""Two approvers, a volunteer in many sessions, a payment meanwhile: on real connections, every cap and every point holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction

from doorstep.kernel.activities.services_attendance import correct
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import Move, NotEnough, Posting, post
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.volunteering import books, services_programmes
from doorstep.modules.volunteering.models import Approval, Credit, Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import HANDED, VOID
from doorstep.modules.volunteering.services_approval import approve_session
from doorstep.modules.volunteering.services_credits import take_back
from doorstep.modules.volunteering.services_programmes import ItemData, ProgrammeData
from doorstep.modules.volunteering.services_slips import confirm_slip, make_slip, offer_slip
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.volunteering import world as district
from tests.volunteering.world import SYSTEM, TODAY, World, confirmed, held, volunteers


@pytest.fixture
def world(fresh_database) -> World:
    return district.build()


def together(*acts: Callable[[], object]) -> list[object]:
    """Each on a connection of its own, all at once; what it gave, or its refusal."""
    found: list[object] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            with clock.fixed(TODAY):
                ready.wait(20)
                found[place] = act()
        except Refused as refusal:
            found[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_two_approve_the_same_session_and_it_is_credited_once(world):
    rows = volunteers(5)
    session = confirmed(world, [row.person_id for row in rows])
    actors = [world.actor(role) for role in ("secretary", "deputy", "worker", "street")]
    found = together(
        *[
            lambda actor=actor: approve_session(
                actor=actor, session_id=session.pk, expected_version=session.lock_version
            )
            for actor in actors
        ]
    )
    assert not [one for one in found if isinstance(one, Refused)]
    assert Approval.objects.count() == 1 and Credit.objects.count() == 5
    assert [held(row) for row in rows] == [(20, 120)] * 5


def test_a_day_is_capped_however_many_approve_at_once(world):
    rows = volunteers(6)
    persons = [row.person_id for row in rows]
    sessions = [confirmed(world, persons, start=start, hours=3) for start in (6, 10, 14, 18)]
    actors = [world.actor(role) for role in ("secretary", "deputy", "worker", "street")]
    found = together(
        *[
            lambda actor=actor, session=session: approve_session(
                actor=actor, session_id=session.pk, expected_version=session.lock_version
            )
            for actor, session in zip(actors, sessions, strict=True)
        ]
    )
    assert not [one for one in found if isinstance(one, Refused)]
    assert [held(row) for row in rows] == [(80, 480)] * 6
    assert (
        Credit.objects.count() == 24 and Credit.objects.filter(points_booking=None, points__gt=0).count() == 0
    )


def test_points_are_spent_or_taken_back_never_both(world):
    (row,) = volunteers(1)
    made = district.approved(world, [row.person_id])
    points = books.book(books.POINTS)
    pool = books.standing(points, books.HELD).pk

    def spend() -> object:
        posting = Posting(
            book=points, key=books.key_of("spend"), kind=books.HOLD, moves=(Move(row.points_id, pool, 20),)
        )
        return post(actor=SYSTEM, posting=posting)

    def back() -> object:
        with transaction.atomic():
            volunteer = Volunteer.objects.select_for_update().get(pk=row.pk)
            credits = list(Credit.objects.filter(session=made.approval.session_id))
            return take_back(SYSTEM, credits, [volunteer])

    found = together(spend, back)
    spent, left = found
    assert held(row)[0] == 0
    if isinstance(spent, NotEnough):
        assert left == 0
    else:
        assert left == 20 or isinstance(left, Refused)


def test_one_person_registered_twice_at_once_is_one_volunteer(world):
    (person,) = district.people(1)
    new = NewVolunteer(person_id=person.pk, place_code=district.ONE)
    act = partial(register_volunteers, actor=SYSTEM, volunteers=[new])
    found = together(*[act] * 6)
    (row,) = Volunteer.objects.filter(person=person)
    assert found == [[row]] * 6


def test_a_slip_is_confirmed_or_given_up_for_what_is_taken_back_never_both(world):
    (row,) = volunteers(1)
    session = district.approved(world, [row.person_id]).approval.session_id
    me, clerk, deputy = (
        district.with_account(world, "holder", row.person), world.actor("secretary"), world.actor("deputy"),
    )  # fmt: skip
    data = ProgrammeData(
        place_code=district.DISTRICT, name="演示兑换", organiser_id=world.federation.pk, valid_from=district.BEGAN,
    )  # fmt: skip
    programme = services_programmes.create_programme(actor=SYSTEM, data=data)
    soap = ItemData(
        name="香皂", kind="goods", points=20, place_code=district.DISTRICT, valid_from=district.BEGAN
    )
    item = services_programmes.create_item(actor=SYSTEM, programme_id=programme.pk, data=soap)
    services_programmes.deliver(actor=SYSTEM, item_id=item.pk, pieces=1, day=TODAY, key=uuid4())
    with clock.fixed(TODAY):
        number = make_slip(actor=me, item_id=item.pk, key=uuid4()).number
        offer_slip(actor=clerk, number=number)
    there = district.there(session, row).pk
    confirmed_slip, corrected = together(
        lambda: confirm_slip(actor=me, number=number),
        lambda: correct(actor=deputy, attendance_id=there, reason="没有来", struck=True),
    )
    assert None not in (
        confirmed_slip,
        corrected,
    )  # each was done or refused: neither died waiting for the other
    credit, state = Credit.objects.get(), Slip.objects.get().state
    assert held(row)[0] == 0 and balance(item.reserved_id) == 0
    if state == HANDED:
        assert balance(item.stock_id) == 0 and (isinstance(corrected, Refused) or credit.recovered == 0)
    else:
        assert (state, credit.recovered, balance(item.stock_id)) == (VOID, 20, 1)

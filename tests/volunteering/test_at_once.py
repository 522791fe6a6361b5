"""Two approvers, a volunteer in many sessions, a payment meanwhile: on real connections, every cap and every point holds."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from doorstep.kernel.ledger.services import Move, NotEnough, Posting, post
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Approval, Credit, Volunteer
from doorstep.modules.volunteering.services_approval import approve_session
from doorstep.modules.volunteering.services_credits import take_back
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
    act = lambda: register_volunteers(actor=SYSTEM, volunteers=[new])  # noqa: E731  the same on each connection
    found = together(*[act] * 6)
    (row,) = Volunteer.objects.filter(person=person)
    assert found == [[row]] * 6

"""On real connections at once: one wish has one claimer, one last place one taker, one offer one substitute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from doorstep.kernel.activities.models import JOINED, WAITING, SignUp
from doorstep.kernel.activities.services_sign_up import Applicant, join, withdraw
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.vanguard import services_callups, services_feedback, services_members, services_wishes
from doorstep.modules.vanguard.models import Feedback, Holding, Member, Wish
from doorstep.modules.vanguard.selectors_feedback import feedback_of_employer
from tests.grids.world import TODAY, World
from tests.vanguard import world as district
from tests.vanguard.world import callup, held, position, post, reported, served_wish, sessions_of, wish


@pytest.fixture
def world(fresh_database: object) -> World:
    built = district.build()
    for role in ("member", "other"):
        reported(built, role)
    return built


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


def refusals(found: list[object]) -> int:
    return sum(isinstance(one, Refused) for one in found)


def test_a_wish_claimed_twice_at_once_has_one_claimer(world: World) -> None:
    row = wish(world)
    actors = [world.actor(role) for role in ("member", "other")]
    found = together(*(partial(services_wishes.claim, actor=actor, wish_id=row.pk) for actor in actors))
    assert refusals(found) == 1
    kept = Wish.objects.select_related("member", "matter").get(pk=row.pk)
    assert kept.member is not None and kept.matter.handler_id == kept.member.person_id


def test_one_member_at_two_wishes_at_once_keeps_the_limit(world: World) -> None:
    for number in range(2):
        services_wishes.claim(actor=world.actor("member"), wish_id=wish(world, title=f"心愿{number}").pk)
    rows, actor = [wish(world, title=f"又一件{number}") for number in range(3)], world.actor("member")
    found = together(*(partial(services_wishes.claim, actor=actor, wish_id=row.pk) for row in rows))
    assert refusals(found) == 2
    assert Wish.objects.filter(member__person=world.people["member"]).count() == 3


def test_two_take_the_last_place_of_a_shift(world: World) -> None:
    first, _second = sessions_of(position(world, callup(world)))
    acts = [
        partial(
            join, actor=world.actor(role), session_id=first.pk,
            who=Applicant(person_id=world.people[role].pk),
        )
        for role in ("member", "other")
    ]  # fmt: skip
    assert refusals(together(*acts)) == 0
    states = sorted(SignUp.objects.filter(session=first).values_list("state", flat=True))
    assert states == [JOINED, WAITING]


def test_two_stand_in_for_the_same_person(world: World) -> None:
    for role in ("resident", "worker"):
        held(world, post(world, role), role)
    first, _second = sessions_of(position(world, callup(world)))
    join(actor=world.actor("member"), session_id=first.pk, who=Applicant(person_id=world.people["member"].pk))
    offer = services_callups.offer_seat(actor=world.actor("member"), session_id=first.pk)
    actors = [world.actor(role) for role in ("resident", "worker")]
    found = together(
        *(partial(services_callups.take_seat, actor=actor, offer_id=offer.pk) for actor in actors)
    )
    assert refusals(found) == 1
    assert SignUp.objects.filter(session=first, state=JOINED).count() == 1


def test_a_place_is_taken_or_given_up_never_both(world: World) -> None:
    """Each waits for the shift's row first, so that neither waits for the other in a ring."""
    first, _second = sessions_of(position(world, callup(world)))
    member, person = world.actor("member"), world.people["member"].pk
    join(actor=member, session_id=first.pk, who=Applicant(person_id=person))
    offer = services_callups.offer_seat(actor=member, session_id=first.pk)
    together(
        partial(services_callups.take_seat, actor=world.actor("other"), offer_id=offer.pk),
        partial(withdraw, actor=member, session_id=first.pk, person_id=person),
    )
    offer.refresh_from_db()
    taken = SignUp.objects.filter(session=first, person=world.people["other"], state=JOINED).exists()
    assert taken == (offer.taken_at is not None) == (offer.withdrawn_at is None)
    assert not SignUp.objects.filter(session=first, person=person, state=JOINED).exists()


def test_a_post_given_to_two_at_once_has_one_holder(world: World) -> None:
    row = post(world)
    found = together(*(partial(held, world, row, role, valid_from=TODAY) for role in ("member", "other")))
    assert refusals(found) == 1 and Holding.objects.filter(post=row).count() == 1


def test_told_and_withdrawn_at_once_the_employer_sees_nothing_afterwards(world: World) -> None:
    row = Member.objects.get(person=world.people["member"])
    services_members.agree_to_feedback(actor=world.actor("member"), member_id=row.pk, agrees=True)
    done = served_wish(world)
    services_wishes.answer_for(
        actor=world.actor("deputy"), wish_id=done.pk, done=True, asked_how="visit", words="好了"
    )
    secretary, member = world.actor("secretary"), world.actor("member")
    together(
        partial(services_feedback.tell_employers, actor=secretary, member_ids=[row.pk], year=TODAY.year),
        partial(services_members.agree_to_feedback, actor=member, member_id=row.pk, agrees=False),
        partial(services_feedback.tell_employers, actor=secretary, member_ids=[row.pk], year=TODAY.year),
    )
    assert Feedback.objects.count() <= 1
    assert feedback_of_employer(world.actor("department")) == []

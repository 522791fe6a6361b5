"""A merchant has a manager and as many clerks as it likes: all serve, the manager alone agrees what is paid."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.models_redemption import HANDED, VOID
from doorstep.modules.volunteering.services_settlement import agree_settlement, make_settlement
from doorstep.modules.volunteering.services_slips import void_slip
from tests.volunteering.redemption.world import BEGAN, ONE, SYSTEM, TODAY, World


def test_several_clerks_are_appointed_and_serve_beside_the_manager(world: World) -> None:
    second, third = world.second_clerk(), world.second_clerk()
    one, two = (world.volunteer() for _each in range(2))
    slip = world.handed(one, clerk=second)
    assert slip.state == HANDED and slip.offered_by_id == second.person_id
    assert world.handed(two, clerk=third).offered_by_id == third.person_id
    assert void_slip(actor=third, number=slip.number, reason="坏的").state == VOID


def test_a_second_manager_is_refused_in_words(world: World) -> None:
    other = register_people(actor=SYSTEM, people=[NewPerson("演示店主乙", ONE)])[0]
    with pytest.raises(RuleViolation):
        organisations.appoint(
            actor=world.actor("secretary"), person_id=other.pk, post="merchant_manager", unit_id=world.shop.pk,
            valid_from=BEGAN,
        )  # fmt: skip


def test_the_manager_alone_agrees(world: World) -> None:
    second = world.second_clerk()
    slip = world.handed(world.volunteer(), clerk=second)
    with clock.fixed(TODAY + dt.timedelta(days=40)):
        made = make_settlement(
            actor=world.actor("street"), programme_id=world.programme.pk, merchant_id=world.shop.pk,
            month=TODAY.replace(day=1),
        )  # fmt: skip
        with pytest.raises((NotAllowed, NotVisible)):
            agree_settlement(actor=second, settlement_id=made.pk)
        assert agree_settlement(actor=world.clerk, settlement_id=made.pk).agreed_at is not None
    slip.refresh_from_db()
    assert slip.settlement_id == made.pk

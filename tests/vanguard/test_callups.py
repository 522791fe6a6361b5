"""A call-up: positions and shifts, one place at a time, substitutes in one step, notes to the next shift, result from
attendances."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from doorstep.kernel.activities.models import JOINED, WAITING, SignUp
from doorstep.kernel.activities.services_attendance import Presence, confirm, tick
from doorstep.kernel.activities.services_sign_up import Applicant, join
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.vanguard import services_callups
from doorstep.modules.vanguard.models import Served
from doorstep.modules.vanguard.selectors_callups import board_of, result_of, shift_for, shift_page, shifts_for
from doorstep.modules.vanguard.services_callups import NewPosition
from tests.grids.world import DISTRICT, ONE, TODAY, TWO, World
from tests.vanguard.world import (
    HOUR,
    TOMORROW,
    at,
    callup,
    held,
    party,
    position,
    post,
    reported,
    sessions_of,
    shift,
)


def stand(world: World, role: str, session_id: int) -> SignUp:
    return join(
        actor=world.actor(role), session_id=session_id, who=Applicant(person_id=world.people[role].pk)
    )


def test_members_and_holders_may_stand_and_nobody_else(world: World) -> None:
    reported(world)
    held(world, post(world), "other")
    first, second = sessions_of(position(world, callup(world)))
    assert stand(world, "member", first.pk).state == JOINED
    assert stand(world, "other", second.pk).state == JOINED
    for role in ("resident", "far"):
        with pytest.raises(NotVisible):
            stand(world, role, first.pk)
        with pytest.raises(NotVisible):
            shift_for(world.actor(role), first.pk)
    reported(world, "far", place=TWO, received=False)
    with pytest.raises(NotVisible):
        stand(world, "far", first.pk)


def test_full_one_waits_and_the_board_says_what_is_missing(world: World) -> None:
    reported(world), reported(world, "other")
    row = callup(world)
    first, _second = sessions_of(position(world, row))
    stand(world, "member", first.pk)
    assert stand(world, "other", first.pk).state == WAITING
    board = board_of(world.actor("street"), row)
    (line,) = board.rows
    assert [cell.missing for cell in line.cells] == [0, 1] and board.missing == 1
    assert [one.left for one in shifts_for(world.actor("member"), ONE)] == [0, 1]


def test_nobody_stands_in_two_shifts_at_once(world: World) -> None:
    reported(world)
    row = callup(world)
    (first,) = sessions_of(position(world, row, shift(9)))
    (other,) = sessions_of(position(world, row, shift(10), title="终点服务岗"))
    stand(world, "member", first.pk)
    with pytest.raises(RuleViolation, match="不能同时在两处"):
        stand(world, "member", other.pk)
    with pytest.raises(RuleViolation, match="不能同时在两处"):
        services_callups.assign(
            actor=world.actor("street"), session_id=other.pk, person_id=world.people["member"].pk
        )


@pytest.mark.parametrize(
    ("shifts", "said"),
    [
        ((shift(9), shift(11)), "不能重叠"),
        ((shift(9, capacity=None),), "每班要几个人"),
        ((shift(9, day=TODAY + dt.timedelta(days=9)),), "班次须在"),
    ],
)
def test_shifts_that_cannot_be_are_refused(world: World, shifts: tuple, said: str) -> None:
    with pytest.raises(RuleViolation, match=said):
        position(world, callup(world), *shifts)


def test_a_place_passes_in_one_step_past_the_waiting_list(world: World) -> None:
    for role in ("member", "other"):
        reported(world, role)
    held(world, post(world), "resident")
    first, _second = sessions_of(position(world, callup(world)))
    stand(world, "member", first.pk)
    assert stand(world, "other", first.pk).state == WAITING
    with pytest.raises(NotVisible):
        services_callups.offer_seat(actor=world.actor("resident"), session_id=first.pk)
    offer = services_callups.offer_seat(actor=world.actor("member"), session_id=first.pk)
    assert services_callups.offer_seat(actor=world.actor("member"), session_id=first.pk).pk == offer.pk
    assert SignUp.objects.get(session=first, person=world.people["member"]).state == JOINED
    with pytest.raises(RuleViolation):
        services_callups.take_seat(actor=world.actor("member"), offer_id=offer.pk)
    with pytest.raises(NotAllowed):
        services_callups.take_seat(actor=world.actor("far"), offer_id=offer.pk)
    services_callups.take_seat(actor=world.actor("resident"), offer_id=offer.pk)
    states = dict(SignUp.objects.filter(session=first).values_list("person", "state"))
    assert states == {
        world.people["member"].pk: "withdrawn", world.people["resident"].pk: JOINED, world.people["other"].pk: WAITING,
    }  # fmt: skip
    with pytest.raises(Conflict):
        services_callups.take_seat(actor=world.actor("other"), offer_id=offer.pk)


def test_a_substitute_is_not_elsewhere_then_and_an_offer_can_be_taken_back(world: World) -> None:
    for role in ("member", "other"):
        reported(world, role)
    row = callup(world)
    (first,) = sessions_of(position(world, row, shift(9)))
    (beside,) = sessions_of(position(world, row, shift(10), title="终点服务岗"))
    stand(world, "member", first.pk), stand(world, "other", beside.pk)
    offer = services_callups.offer_seat(actor=world.actor("member"), session_id=first.pk)
    with pytest.raises(NotVisible):
        services_callups.take_back_offer(actor=world.actor("other"), offer_id=offer.pk)
    with clock.fixed(beside.starts_at), pytest.raises(Conflict, match="已经开始"):
        services_callups.offer_seat(actor=world.actor("other"), session_id=beside.pk)
    with pytest.raises(RuleViolation, match="不能同时在两处"):
        services_callups.take_seat(actor=world.actor("other"), offer_id=offer.pk)
    assert SignUp.objects.get(session=first, person=world.people["member"]).state == JOINED
    services_callups.take_back_offer(actor=world.actor("member"), offer_id=offer.pk)
    with pytest.raises(Conflict):
        services_callups.take_seat(actor=world.actor("other"), offer_id=offer.pk)


def test_notes_go_from_shift_to_shift(world: World) -> None:
    for role in ("member", "other"):
        reported(world, role)
    first, second = sessions_of(position(world, callup(world)))
    stand(world, "member", first.pk), stand(world, "other", second.pk)
    with pytest.raises(Conflict, match="还没有开始"):
        services_callups.hand_over(actor=world.actor("member"), session_id=first.pk, text="水还有三箱")
    with clock.fixed(first.ends_at - HOUR / 2):
        services_callups.hand_over(actor=world.actor("member"), session_id=first.pk, text="水还有三箱")
        (note,) = shift_page(world.actor("other"), second).notes
        assert note.text == "水还有三箱"
        assert shift_page(world.actor("far"), second).notes == []
        with pytest.raises(NotVisible):
            services_callups.hand_over(actor=world.actor("far"), session_id=first.pk, text="我来过")


def test_the_result_is_who_was_there(world: World) -> None:
    reported(world)
    row = callup(world)
    first, _second = sessions_of(position(world, row))
    stand(world, "member", first.pk)
    present = [Presence(person_id=world.people["member"].pk, in_at=first.starts_at, out_at=first.ends_at)]
    with clock.fixed(first.ends_at + HOUR):
        tick(actor=world.actor("street"), session_id=first.pk, present=present)
        assert not Served.objects.exists()
        first.refresh_from_db()
        confirm(actor=world.actor("street"), session_id=first.pk, expected_version=first.lock_version)
    result = result_of(row)
    assert (result.shifts, result.confirmed, result.times, result.minutes) == (2, 1, 1, 180)
    (served,) = Served.objects.all()
    assert (served.day, served.session_id) == (TOMORROW, first.pk)


def test_called_off_its_shifts_are_cancelled_and_nothing_is_added(world: World) -> None:
    reported(world)
    row = callup(world)
    first, _second = sessions_of(position(world, row))
    stand(world, "member", first.pk)
    services_callups.end_callup(actor=world.actor("street"), callup_id=row.pk, reason="大风")
    first.refresh_from_db()
    assert first.state == "cancelled" and first.reason == "大风"
    with pytest.raises(Conflict):
        position(world, row)


def test_a_position_lies_in_the_places_called_up_and_who_may_stand_is_put_there(world: World) -> None:
    row, desk = callup(world), world.actor("street")
    with pytest.raises(RuleViolation, match="范围里") as refused:
        services_callups.add_position(
            actor=desk, callup_id=row.pk, new=NewPosition(place_code=TWO, title="别处", where="街口"), shifts=[shift(9)],
            key=uuid.uuid4(),
        )  # fmt: skip
    assert refused.value.field == "place_code"
    first, second = sessions_of(position(world, row))
    reported(world, "other", received=False)
    for role in ("resident", "other"):
        with pytest.raises(RuleViolation, match="只能安排"):
            services_callups.assign(actor=desk, session_id=first.pk, person_id=world.people[role].pk)
    reported(world)
    put = services_callups.assign(actor=desk, session_id=first.pk, person_id=world.people["member"].pk)
    assert put.state == JOINED
    with pytest.raises((NotAllowed, NotVisible)):
        services_callups.assign(
            actor=world.actor("outsider"), session_id=second.pk, person_id=world.people["member"].pk
        )


@pytest.mark.parametrize(
    ("first", "days", "said"), [(-9, 5, "已经过去"), (3, -1, "不能早于"), (0, 121, "最长 120 天")]
)
def test_days_that_cannot_be_called_up(world: World, first: int, days: int, said: str) -> None:
    begins = TODAY + dt.timedelta(days=first)
    with pytest.raises(RuleViolation, match=said) as refused:
        callup(world, starts_on=begins, ends_on=begins + dt.timedelta(days=days))
    assert refused.value.field == "ends_on"


def test_units_and_posts_of_its_places_are_called(world: World) -> None:
    row, desk = callup(world), world.actor("street")
    services_callups.call(actor=desk, callup_id=row.pk, unit_id=party(ONE, world), people=5)
    services_callups.call(actor=desk, callup_id=row.pk, unit_id=party(ONE, world), people=8)
    services_callups.call(actor=desk, callup_id=row.pk, post_id=post(world).pk, people=1)
    assert sorted(one.row.people for one in board_of(desk, row).called) == [1, 8]
    for given in ({"unit_id": party(TWO, world)}, {"unit_id": None}, {"post_id": 0}):
        with pytest.raises(RuleViolation):
            services_callups.call(actor=desk, callup_id=row.pk, people=2, **given)
    with pytest.raises(RuleViolation):
        services_callups.call(actor=desk, callup_id=row.pk, unit_id=party(ONE, world), people=0)


def test_who_calls_up_answers_for_the_place(world: World) -> None:
    row = callup(world)
    for role in ("secretary", "worker"):
        with pytest.raises(NotAllowed):
            services_callups.end_callup(actor=world.actor(role), callup_id=row.pk, reason="x")
    with pytest.raises(NotVisible):
        services_callups.end_callup(actor=world.actor("outsider"), callup_id=row.pk, reason="x")
    with pytest.raises(RuleViolation):
        callup(world, ends_on=TODAY - dt.timedelta(days=1), starts_on=TODAY)
    with pytest.raises(NotVisible):
        callup(world, place_code=DISTRICT)
    assert at(9) < at(10)

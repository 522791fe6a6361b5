"""Several at the same moment: the last place, the last seat, one project, one slip."""

from __future__ import annotations

import pytest

from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused
from doorstep.modules.partnership import services_ratings as ratings
from doorstep.modules.partnership.models_lists import Booking, Claim, Project, Rating
from doorstep.modules.partnership.services_claims import claim
from doorstep.modules.partnership.services_projects import agree_project
from tests.culture.test_at_once import together
from tests.partnership.lists_world import DAY, TODAY, Lists, build_lists, use


@pytest.fixture
def lists(fresh_database: str) -> Lists:
    with clock.fixed(TODAY):
        return build_lists()


def test_two_units_claim_the_last_place_and_one_is_told_kindly(lists: Lists) -> None:
    with clock.fixed(TODAY):
        units = {role: lists.partner(role) for role in ("one", "two", "three")}
        need = lists.published(wish={"units": 2})
    actors = {role: lists.actor(role) for role in units}
    roles = list(units)
    found = together(
        lambda number: claim(actor=actors[roles[number]], need_id=need.pk, unit_id=units[roles[number]].pk),
        times=3,
    )
    refused = [one for one in found if not isinstance(one, Claim)]
    assert len(refused) == 1 and isinstance(refused[0], Conflict) and "谢谢" in str(refused[0].message)
    assert sorted(Claim.objects.filter(ended_at=None).values_list("slot", flat=True)) == [1, 2]


def test_a_resource_is_booked_once_however_many_ask(lists: Lists) -> None:
    with clock.fixed(TODAY):
        room = lists.offer()
        needs = [lists.published() for _ in range(4)]
    actor = lists.actor("secretary")
    data = [lists_data(lists, room) for _ in needs]
    found = together(
        lambda number: agree_project(actor=actor, need_id=needs[number].pk, data=data[number]), times=4
    )
    assert sum(isinstance(one, Project) for one in found) == 1
    assert all(isinstance(one, Refused) for one in found if not isinstance(one, Project)), found
    assert Booking.objects.filter(released_at=None).count() == 1 == Project.objects.count()


def test_two_seats_are_booked_at_the_same_moment_by_two(lists: Lists) -> None:
    """Under the lock of the resource each finds the seat that the other left."""
    with clock.fixed(TODAY):
        room = lists.offer(capacity=3)
        needs = [lists.published() for _ in range(3)]
    actor, data = lists.actor("secretary"), [lists_data(lists, room) for _ in needs]
    found = together(
        lambda number: agree_project(actor=actor, need_id=needs[number].pk, data=data[number]), times=3
    )
    assert all(isinstance(one, Project) for one in found), found
    assert sorted(Booking.objects.values_list("seat", flat=True)) == [1, 2, 3]


def lists_data(lists: Lists, room):
    with clock.fixed(TODAY):
        return lists.data(uses=[use(room, TODAY + DAY)])


def test_a_slip_counts_once(lists: Lists) -> None:
    with clock.fixed(TODAY):
        project = lists.confirmed()
        ratings.issue_slips(actor=lists.actor("secretary"), project_id=project.pk, more=1)
    code = ratings.code_of(project.pk, 1, project.matter.key)
    found = together(
        lambda number: ratings.rate_by_slip(project_id=project.pk, slip=1, code=code, grade=number % 5 + 1),
        times=4,
    )
    assert Rating.objects.count() == 1
    assert sum(isinstance(one, Rating) for one in found) == 1 and all(
        isinstance(one, Rating | Conflict) for one in found
    ), found

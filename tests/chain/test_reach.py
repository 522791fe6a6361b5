"""What a branch covers is what its people answer for, day by day; a grid worker sees the chain of the own grid."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.chain.adjustments import Adjustment, adjust
from doorstep.modules.chain.policies import COUNT, VIEW
from doorstep.modules.chain.selectors import BRANCH
from doorstep.modules.chain.selectors_grids import grid_chains
from doorstep.modules.chain.services import record_member_count
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, World, person
from tests.sign_in import client_of

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))
LATER = TODAY + dt.timedelta(days=30)


def member(
    unit_id: int, post: str = "branch_secretary", since: dt.date = BEGAN, places: tuple[str, ...] = ()
) -> Account:
    who = person()
    organisations.appoint(
        actor=SYSTEM, person_id=who.pk, post=post, unit_id=unit_id, valid_from=since, places=places
    )
    return Account.objects.create(username=f"{post}{who.pk}", person=who)


def places(account: Account, on: dt.date = TODAY) -> list[str]:
    return actor_for(account, on).places_for(VIEW)


def change(unit_id: int | None, kind: str, on: dt.date = TODAY, **fields: object) -> int:
    this = Adjustment(
        kind=kind, unit_kind=BRANCH, effective_on=on, document="演批9号", unit_id=unit_id, **fields
    )
    return adjust(actor=SYSTEM, adjustment=this).unit_id


def test_a_secretary_answers_for_every_grid_of_the_branch(world: World) -> None:
    branch = world.branch(G1, G2)
    neighbours = world.branch(G3, name="演示邻支部")
    team = world.group(branch, world.buildings[G2][:3])
    secretary, neighbour = member(branch.pk), member(neighbours.pk)
    assert places(secretary) == [G1, G2]
    record_member_count(actor=actor_for(secretary), unit_id=team.pk, counted_on=TODAY, full=4)
    with pytest.raises(NotVisible):
        record_member_count(actor=actor_for(neighbour), unit_id=team.pk, counted_on=TODAY, full=5)


def test_authority_goes_with_the_coverage_on_its_day(world: World) -> None:
    branch = world.branch(G1, G2)
    secretary = member(branch.pk)
    change(branch.pk, "grids", on=LATER, grids=(G1, G3))
    assert places(secretary) == [G1, G2]
    assert places(secretary, LATER - dt.timedelta(days=1)) == [G1, G2]
    assert places(secretary, LATER) == [G1, G3]
    team = world.group(branch, world.buildings[G2][:3])
    with clock.fixed(LATER), pytest.raises(NotVisible):
        record_member_count(actor=actor_for(secretary), unit_id=team.pk, counted_on=LATER, full=4)


def test_merging_splitting_moving_and_establishing_carry_it_along(world: World) -> None:
    one, two = world.branch(G1, full=20), world.branch(G2, full=20, name="演示党支部二")
    first, second = member(one.pk), member(two.pk)
    change(one.pk, "merge", others=(two.pk,))
    assert places(first) == [G1, G2]
    assert places(second) == []
    part = change(one.pk, "split", on=LATER, grids=(G2,), name="演示分支部", full=10, form="branch")
    third = member(part, since=LATER)
    assert places(first, LATER) == [G1]
    assert places(third, LATER) == [G2]
    moved = LATER + dt.timedelta(days=1)
    change(one.pk, "move", on=moved, superior_id=world.communities[TWO].pk, grids=(f"{TWO}001",))
    assert places(first, moved) == [f"{TWO}001"]
    made = change(
        None, "establish", superior_id=world.communities[ONE].pk, name="演示新支部", grids=(G3,), full=9
    )
    assert places(member(made, since=TODAY)) == [G3]


def test_a_branch_without_grids_gives_nothing_and_keeps_its_own_page(world: World) -> None:
    branch = world.branch(G1)
    secretary = member(branch.pk)
    change(branch.pk, "grids", grids=())
    actor = actor_for(secretary)
    assert not actor.holds(COUNT, G1)
    client = client_of(secretary)
    assert client.get(reverse("chain:unit", args=[branch.pk])).status_code == 200
    assert "现在没有覆盖网格" in client.get(reverse("chain:home")).content.decode()


def test_a_post_that_follows_the_branch_names_no_places_of_its_own(world: World) -> None:
    branch = world.branch(G1, G2)
    with pytest.raises(RuleViolation) as refused:
        member(branch.pk, places=(G1,))
    assert refused.value.field == "places"


def test_a_worker_of_a_covered_grid_reaches_the_branch_seated_elsewhere(world: World) -> None:
    branch = world.branch(G1, G2)
    worker, other = worker_of(world, G2), worker_of(world, G3)
    address = reverse("chain:unit", args=[branch.pk])
    assert client_of(worker).get(address).status_code == 200
    assert client_of(other).get(address).status_code == 404


def test_a_unit_that_moved_takes_its_people_along(world: World) -> None:
    branch = world.branch(G1, G2)
    team = world.group(branch, world.buildings[G1][:3])
    leader = member(team.pk, "group_leader")
    organisations.move_unit(
        actor=SYSTEM, unit_id=team.pk, effective_on=TODAY, place_code=G2, document="演批3号"
    )
    assert places(leader) == [G2]
    actor: Actor = actor_for(leader, TODAY - dt.timedelta(days=1))
    assert actor.places_for(VIEW) == [G1]


def worker_of(world: World, *grids: str) -> Account:
    committee = organisations.found_unit(
        actor=SYSTEM, kind="residents_committee", name="演示居委会", place_code=ONE, founded_on=BEGAN, document="演批1号"
    )  # fmt: skip
    return member(committee.pk, "grid_worker", places=grids)


def test_a_grid_worker_reads_the_chain_of_the_own_grids_and_of_no_other(world: World) -> None:
    branch = world.branch(G1, G2)
    world.leader(branch, "branch_secretary", who=person("演示书记甲"))
    world.group(branch, world.buildings[G2][:3], name="演示二区小组")
    world.household(world.buildings[G2][0])
    world.group(world.branch(G3, name="演示三支部"), world.buildings[G3][:3], name="演示三区小组")
    account = worker_of(world, G1, G2)
    client = client_of(account)
    page = client.get(reverse("chain:home")).content.decode()
    for words in ("第1网格", "第2网格", "演示书记甲", "演示二区小组", "2区0号楼", "2区3号楼", "1-101"):
        assert words in page, words
    assert "第3网格" not in page and "演示三区小组" not in page
    assert client.get(reverse("chain:place", args=[G2])).status_code == 200
    for other in (G3, f"{TWO}001", f"{ONE}009", ONE):
        assert client.get(reverse("chain:place", args=[other])).status_code == 404, other
    assert client.get(f"{reverse('chain:breaks')}?place={G2}").status_code == 200


def test_the_chain_of_grids_costs_the_same_for_one_and_for_three(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for code in (G1, G2, G3):
        world.group(world.branch(code, name=f"演示支部{code}"), world.buildings[code][:3])
    actor = actor_for(worker_of(world, G1, G2, G3))
    with django_assert_max_num_queries(11):
        assert len(grid_chains(actor, [G1, G2, G3], TODAY)) == 3

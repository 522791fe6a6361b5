"""A member household's holder is named to who sees the person, and to nobody else: on every page, list and file."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services as organisations
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, World, person
from tests.sign_in import client_of

G1 = f"{ONE}001"
NAME = "演示看不见"


@pytest.fixture
def home(world: World) -> World:
    """A branch with a group, a household in the group and one outside it."""
    world.left = world.branch(G1)
    world.team = world.group(world.left, world.buildings[G1][:3])
    for building in (world.buildings[G1][0], world.buildings[G1][4]):
        row = world.household(building)
        row.person.name = NAME
        row.person.pinyin, row.person.initials = "yanshikanbujian", "yskbj"
        row.person.save()
    world.home = row
    return world


def holder(post: str, unit_id: int) -> Client:
    who = person()
    organisations.appoint(actor=SYSTEM, person_id=who.pk, post=post, unit_id=unit_id, valid_from=BEGAN)
    return client_of(Account.objects.create(username=post, person=who))


def readers(world: World) -> tuple[Client, Client, Client]:
    """Who sees the person, and two who do not."""
    return (
        holder("community_secretary", world.communities[ONE].pk),
        holder("branch_committee_member", world.left.pk),
        holder("group_leader", world.team.pk),
    )


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8-sig")


def test_pages_name_holders_only_to_who_sees_the_person(home: World) -> None:
    secretary, member, leader = readers(home)
    pages = [
        reverse("chain:unit", args=[home.team.pk]),
        reverse("chain:household", args=[home.home.pk]), "/desk/r/chain.households/",
        "/desk/r/chain.households/print/", "/desk/r/chain.households/text/",
        f"/desk/r/chain.households/record/{home.home.pk}/",
        f"/desk/r/chain.households/?place={G1}&figure=chain.member_households&on={TODAY}",
    ]  # fmt: skip
    for address in [*pages, reverse("chain:place", args=[ONE])]:
        assert NAME in read(secretary, address), address
    seen = 0
    for client in (member, leader):
        for address in pages:
            answer = client.get(address)
            if answer.status_code == 200:
                seen += 1
                assert NAME not in answer.content.decode(), address
    assert seen >= 8
    assert "1区0号楼" in read(leader, pages[0])


def test_files_and_searches_do_not_tell_either(home: World) -> None:
    secretary, member, _leader = readers(home)
    file = "/desk/r/chain.households/export.csv?columns=all"
    assert NAME in read(secretary, file)
    told = read(member, file)
    assert NAME not in told and "1区0号楼" in told
    assert any("1区0号楼" in line for line in csv.reader(io.StringIO(told)))
    for words in (NAME, "yskbj", "yanshikan"):
        found, hidden = (
            read(client, f"/desk/r/chain.households/?q={words}") for client in (secretary, member)
        )
        assert "1区0号楼" in found and "1区0号楼" not in hidden, words

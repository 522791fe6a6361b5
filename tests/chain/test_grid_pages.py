"""The page that splits and merges grids: a preview first, refusals in words, and nothing of it for outsiders."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Grid
from doorstep.modules.chain.models import BranchGrid
from tests.chain.conftest import officer
from tests.chain.test_grid_adjustments import committee, worker
from tests.chain.test_pages import NEIGHBOUR, STREET
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, World, person
from tests.sign_in import client_of

G1, G2, G3, G4, G5 = (f"{ONE}00{n}" for n in range(1, 6))
PAGE = reverse("chain:adjust_grid", args=[G1])


@pytest.fixture
def street(world: World) -> Client:
    return officer("street_officer", "street_working_committee", STREET)


def asked(world: World, row: Appointment | None = None, **fields: Any) -> dict[str, Any]:
    data = {
        "name_0": "西片",
        "name_1": "东片",
        "effective_on": TODAY.isoformat(),
        "document": "演批〔2026〕7号",
    }
    for number, building in enumerate(world.buildings[G1]):
        data[f"building_{building.pk}"] = "0" if number < 4 else "1"
    if row is not None:
        data[f"worker_{row.pk}"] = ["1"]
    return {**data, "step": "preview", **fields}


def hidden(page: str) -> dict[str, str]:
    found = dict(re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page))
    return {name: found[name] for name in ("versions", "grid_versions", "shown")}


def test_from_the_community_to_the_grid_to_its_parts(world: World, street: Client) -> None:
    branch, row = world.branch(G1), worker(committee(), G1)
    assert reverse("chain:choose_grid") in street.get(reverse("chain:place", args=[ONE])).content.decode()
    choice = street.get(f"{reverse('chain:choose_grid')}?place={ONE}").content.decode()
    assert PAGE in choice
    empty = street.get(PAGE).content.decode()
    assert "6 栋" in empty and row.person.name in empty and "第 2 部分的名称" in empty
    assert "第 4 部分" in street.get(f"{PAGE}?parts=4").content.decode()
    shown = street.post(PAGE, asked(world, row)).content.decode()
    assert "现在还没有办理" in shown and Grid.objects.get(code=G1).valid_to is None
    done = street.post(PAGE, {**asked(world, row, step="apply"), **hidden(shown)}, follow=True)
    assert "已办理" in done.content.decode()
    covered = BranchGrid.objects.in_force(TODAY).filter(branch=branch).values_list("grid__name", flat=True)
    assert set(covered) == {"西片", "东片"}
    held = Appointment.objects.in_force(TODAY).filter(person=row.person_id)
    assert list(held.values_list("places__code", flat=True)) == [G5]
    ended = street.get(PAGE).content.decode()
    assert "起撤销" in ended and "西片、东片" in ended


def test_merging_shows_and_does(world: World, street: Client) -> None:
    address = f"{PAGE}?kind=merge"
    data = {
        "name": "合并网格",
        "grids": [G2],
        "effective_on": TODAY.isoformat(),
        "document": "演批1号",
        "step": "preview",
    }
    shown = street.post(address, data).content.decode()
    assert "2个网格撤销" in shown
    street.post(address, {**data, "step": "apply", **hidden(shown)})
    assert Grid.objects.in_force(TODAY).filter(name="合并网格", code=G4).exists()


def test_what_was_changed_after_the_preview_is_shown_again_before_it_is_done(
    world: World, street: Client
) -> None:
    shown = street.post(PAGE, asked(world)).content.decode()
    changed = asked(world, step="apply", name_0="另一名")
    page = street.post(PAGE, {**changed, **hidden(shown)}).content.decode()
    assert "现在还没有办理" in page and "另一名" in page
    assert not Grid.objects.filter(name__in=["西片", "另一名"]).exists()


def test_who_comes_second_reads_what_the_first_did(world: World, street: Client) -> None:
    shown = street.post(PAGE, asked(world)).content.decode()
    first = officer("district_officer", "district_committee", "210202")
    before = first.post(PAGE, asked(world, name_0="先办西片")).content.decode()
    first.post(PAGE, {**asked(world, name_0="先办西片", step="apply"), **hidden(before)})
    late = street.post(PAGE, {**asked(world, step="apply"), **hidden(shown)}, follow=True).content.decode()
    assert "先办西片" in late and "演批〔2026〕7号" in late and "拆分" in late


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"document": ""}, "这个字段是必填项"), ({"effective_on": "2026-13-40"}, "日期"),
        ({"effective_on": "2018-01-01"}, "起设立"), ({"building": "7"}, "不在可用的选项中"), ({"all": "0"}, "没有楼栋"),
        ({"name_1": "第2网格"}, "已有名为"), ({"versions": "x:y,9:1,:", "grid_versions": "1:1:1"}, "现在还没有办理"),
    ],
)  # fmt: skip
def test_bad_input_is_said_in_words(world: World, street: Client, fields: dict[str, str], words: str) -> None:
    data = asked(world)
    if "building" in fields:
        data[f"building_{world.buildings[G1][0].pk}"] = fields.pop("building")
    if "all" in fields:
        data |= {f"building_{one.pk}": "0" for one in world.buildings[G1]}
        fields.pop("all")
    answer = street.post(PAGE, {**data, **fields})
    assert words in answer.content.decode()
    assert Grid.objects.get(code=G1).valid_to is None


def test_a_grid_with_one_building_is_not_split(world: World, street: Client) -> None:
    grid = Grid.objects.create(code=f"{ONE}009", community_id=ONE, name="空网格", valid_from=BEGAN)
    assert "不能拆分" in street.get(reverse("chain:adjust_grid", args=[grid.code])).content.decode()


def test_for_outsiders_and_for_those_who_may_not_it_does_not_exist(world: World) -> None:
    secretary = person()
    organisations.appoint(
        actor=SYSTEM, person_id=secretary.pk, post="community_secretary", unit_id=world.communities[ONE].pk,
        valid_from=BEGAN,
    )  # fmt: skip
    neighbour = officer("street_officer", "street_working_committee", NEIGHBOUR)
    for address in (PAGE, f"{reverse('chain:choose_grid')}?place={ONE}"):
        assert neighbour.get(address).status_code == 404, address
    assert neighbour.post(PAGE, asked(world)).status_code == 404
    own = client_of(Account.objects.create(username="own", person=secretary))
    assert own.get(PAGE).status_code == 404
    assert own.post(PAGE, asked(world)).status_code == 403
    assert reverse("chain:choose_grid") not in own.get(reverse("chain:place", args=[ONE])).content.decode()
    street = officer("street_officer", "street_working_committee", STREET)
    for missing in (f"{ONE}099", "x", "1"):
        assert street.get(reverse("chain:adjust_grid", args=[missing])).status_code == 404

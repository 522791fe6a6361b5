"""A day in the past is answered with the places of that day: areas that ended later, buildings moved since."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from doorstep.kernel.indicators.selectors import breakdown, figure
from doorstep.kernel.places.models import Area
from doorstep.kernel.places.services_bulk import place_buildings
from doorstep.modules.chain.services_households import households_follow_buildings
from doorstep.surfaces.api.selectors import place_with_children
from doorstep.surfaces.desk.breakdowns import divide
from tests.chain.conftest import officer
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, World
from tests.chain.world import officer as actor_of

STREET = "210202005"
G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))
BEFORE = TODAY - dt.timedelta(days=30)
KEY = "chain.member_households"


@pytest.fixture
def moved(chain: World) -> World:
    """The household's building went from the first grid to the second today."""
    building = chain.buildings[G1][0]
    place_buildings(actor=SYSTEM, building_ids=[building.pk], grid_code=G2, effective_on=TODAY)
    households_follow_buildings(actor=SYSTEM)
    return chain


def test_a_household_counts_where_its_building_stood_that_day(moved: World) -> None:
    for day, counted in ((BEFORE, {G1: 1, G2: 0}), (TODAY, {G1: 0, G2: 1})):
        assert {code: figure(KEY, code, on=day).value for code in counted} == counted
        assert {part.code: part.value for part in breakdown(KEY, ONE, on=day)} == counted | {f"{ONE}003": 0}
        assert figure(KEY, ONE, on=day).value == 1


def test_the_register_lists_a_household_where_it_stood_that_day(moved: World, street: Client) -> None:
    def rows(query: str) -> str:
        return street.get(f"/desk/r/chain.households/?{query}").content.decode()

    assert "1区0号楼" in rows(f"place={G1}&on={BEFORE}") and "1区0号楼" not in rows(f"place={G1}")
    assert "1区0号楼" in rows(f"place={G2}") and "1区0号楼" not in rows(f"place={G2}&on={BEFORE}")
    opened = rows(f"place={G1}&on={BEFORE}&figure={KEY}")
    assert "1区0号楼" in opened and "第1网格" in opened


def test_an_area_is_there_until_the_day_it_ends(chain: World, street: Client) -> None:
    chain.branch(f"{TWO}001", name="演示另支部")
    Area.objects.filter(code=TWO).update(ended_on=TODAY)
    key = "chain.grid_branches"
    parts = {part.code: part.value for part in breakdown(key, STREET, on=BEFORE)}
    assert parts == {ONE: 2, TWO: 1} and sum(parts.values()) == figure(key, STREET, on=BEFORE).value
    scope = figure(key, STREET, on=BEFORE).scope
    cells = {
        part.code: part.cell(key).value
        for part in divide([figure(key, STREET).indicator], scope, "community").parts
    }
    assert cells == parts
    page = street.get(f"/desk/chain/{STREET}/", {"on": BEFORE.isoformat()}).content.decode()
    assert "演示二社区" in page
    reader = actor_of("street_officer", STREET)
    assert TWO in [child.code for child in place_with_children(reader, STREET, BEFORE).children]
    assert TWO not in [child.code for child in place_with_children(reader, STREET, TODAY).children]


def test_what_an_ended_area_still_counts_is_a_part_of_the_whole(chain: World) -> None:
    chain.branch(f"{TWO}001", name="演示另支部")
    Area.objects.filter(code__in=[TWO, "210202006"]).update(ended_on=BEGAN)
    whole = figure("chain.grid_branches", STREET, on=TODAY).value
    assert sum(part.value for part in breakdown("chain.grid_branches", STREET, on=TODAY)) == whole == 3
    assert "210202006" not in {part.code for part in breakdown("chain.grid_branches", "210202", on=TODAY)}


def test_nobody_gave_out_that_code(chain: World, street: Client) -> None:
    for code in (f"{STREET}099", f"{ONE}009"):
        assert street.get("/desk/chain/breaks/", {"place": code}).status_code == 404, code
    district = officer("district_officer", "district_government", "210202")
    assert district.get("/desk/chain/210202005/").status_code == 200
    assert district.get("/desk/chain/210202099/").status_code == 404


def test_a_break_of_a_household_lies_where_it_stood_that_day(chain: World, street: Client) -> None:
    building = chain.buildings[G3][5]
    chain.household(building)
    place_buildings(actor=SYSTEM, building_ids=[building.pk], grid_code=G2, effective_on=TODAY)
    households_follow_buildings(actor=SYSTEM)
    key = "chain.household_without_group"
    for day, counted in ((BEFORE, {G2: 0, G3: 1}), (TODAY, {G2: 1, G3: 0})):
        assert {code: figure(f"findings.{key}", code, on=day).value for code in counted} == counted
        parts = breakdown(f"findings.{key}", ONE, on=day)
        assert {part.code: part.value for part in parts} == counted | {G1: 0}
        for code, value in counted.items():
            page = street.get("/desk/chain/breaks/", {"place": code, "on": day.isoformat(), "kind": key})
            assert (building.name in page.content.decode()) is bool(value)

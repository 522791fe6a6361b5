"""Pages of a subtree, places by name, outlines as data."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.places.inputs import NewGrid, NewOutline
from doorstep.kernel.places.selectors import find_places, outlines_below, subtree_page
from doorstep.kernel.places.services_bulk import establish_grids
from doorstep.kernel.places.services_outlines import add_outlines
from tests.places.conftest import (
    AREAS,
    COMMUNITY,
    ELSEWHERE,
    GRID_WORKER,
    LOADING,
    OUTSIDER,
    STREET_OFFICER,
    square,
)


@pytest.fixture
def grids(areas: None) -> None:
    new = [NewGrid(COMMUNITY, "春海第一网格"), NewGrid(COMMUNITY, "春海第二网格")]
    establish_grids(actor=LOADING, grids=new, effective_on=date(2025, 1, 1), document="演示")


@pytest.mark.parametrize("under", ["", "21", "2102", "210202", "210202001", COMMUNITY, "11"])
def test_pages_of_a_subtree_make_the_whole(areas: None, under: str) -> None:
    seen, after = [], ""
    while page := subtree_page(under, after=after, limit=2):
        seen += [row["code"] for row in page]
        after = seen[-1]
    assert seen == sorted(code for code, _name in AREAS if code.startswith(under) and code != under)


def test_page_of_one_level(areas: None) -> None:
    assert [row["code"] for row in subtree_page("210202", level="street")] == ["210202001", "210202002"]


def test_page_is_one_query(areas: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        subtree_page("210202")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("春海", [COMMUNITY, COMMUNITY + "001", COMMUNITY + "002"]),
        ("第二", [COMMUNITY + "002"]),
        ("chunhai", [COMMUNITY, COMMUNITY + "001", COMMUNITY + "002"]),
        ("chsq", [COMMUNITY]),
        ("CHDEWG", [COMMUNITY + "002"]),
        ("21020200100", [COMMUNITY, "210202001002", COMMUNITY + "001", COMMUNITY + "002"]),
        ("大连", ["2102"]),
        ("海军广场", ["210202001"]),
        ("", []),
        ("  ", []),
        ("%", []),
        ("'; --", []),
    ],
)
def test_places_are_found_by_characters_pinyin_initials_and_code(
    grids: None, text: str, codes: list[str]
) -> None:
    assert [place.code for place in find_places(STREET_OFFICER, text)] == codes


def test_grids_are_found_only_by_those_who_see_them(grids: None) -> None:
    found = {place.code for place in find_places(GRID_WORKER, "春海")}
    assert found == {COMMUNITY, COMMUNITY + "001"}
    assert {place.code for place in find_places(OUTSIDER, "春海")} == {COMMUNITY}
    assert {place.code for place in find_places(ANONYMOUS, "春海")} == {COMMUNITY}


def test_search_inside_places_stays_there(grids: None) -> None:
    found = find_places(STREET_OFFICER, "社区", inside=["210202001"])
    assert [place.code for place in found] == [COMMUNITY, "210202001002"]
    assert [place.code for place in find_places(STREET_OFFICER, "社区", limit=2, inside=["210202002"])] == [
        ELSEWHERE
    ]
    assert len(find_places(STREET_OFFICER, "社区")) == 3


def test_places_elsewhere_come_last(grids: None, settings: Any) -> None:
    settings.HOME_PLACE = "999999"
    assert [place.code for place in find_places(OUTSIDER, "社区")] == [ELSEWHERE]
    assert [place.code for place in find_places(OUTSIDER, "sqw")] == []
    assert [place.code for place in find_places(OUTSIDER, "春海社")] == [COMMUNITY]
    assert [place.code for place in find_places(OUTSIDER, "虎")] == ["210202001002"]


def test_found_place_says_where_it_is(grids: None) -> None:
    (found, *_rest) = find_places(GRID_WORKER, "春海")
    assert (found.name, found.where, found.level) == ("春海社区", "海军广场街道", "community")


def lay() -> None:
    outlines = [
        NewOutline("210202", square(121.6, 38.85, 0.1), "演示"),
        NewOutline("210202001", square(121.62, 38.87, 0.04), "演示", illustrative=True),
        NewOutline("210202002", square(121.66, 38.87, 0.02), "演示"),
        NewOutline(COMMUNITY, square(121.62, 38.87, 0.04), "演示"),
        NewOutline(COMMUNITY + "001", square(121.62, 38.87, 0.02), "演示"),
        NewOutline(COMMUNITY + "002", square(121.64, 38.87, 0.02), "演示"),
    ]
    add_outlines(actor=LOADING, outlines=outlines, valid_from=date(2025, 1, 1))


def test_outlines_one_level_below(grids: None, django_assert_num_queries: Any) -> None:
    lay()
    with django_assert_num_queries(1):
        streets = outlines_below(ANONYMOUS, "210202")
    assert [feature["id"] for feature in streets["features"]] == ["210202001", "210202002"]
    first = streets["features"][0]["properties"]
    assert first["name"] == "海军广场街道" and first["illustrative"] is True
    assert first["label"] == pytest.approx([121.64, 38.89])
    json.dumps(streets)
    assert outlines_below(ANONYMOUS, "210202", date(2024, 1, 1))["features"] == []
    assert outlines_below(STREET_OFFICER, COMMUNITY + "001")["features"] == []


def test_outlines_of_grids_are_for_those_who_see_them(grids: None) -> None:
    lay()
    codes = [
        [feature["id"] for feature in outlines_below(actor, COMMUNITY)["features"]]
        for actor in (STREET_OFFICER, GRID_WORKER, OUTSIDER, ANONYMOUS)
    ]
    assert codes == [[COMMUNITY + "001", COMMUNITY + "002"], [COMMUNITY + "001"], [], []]


def test_places_as_data(grids: None, client: Client) -> None:
    lay()
    first = client.get("/places/areas", {"under": "210202", "limit": "2"}).json()
    assert [row["code"] for row in first["areas"]] == ["210202001", COMMUNITY]
    second = client.get("/places/areas", {"under": "210202", "after": first["after"]}).json()
    assert [row["code"] for row in second["areas"]] == ["210202001002", "210202002", ELSEWHERE]
    assert second["after"] is None
    found = client.get("/places/find", {"q": "hjgc"}).json()["places"]
    assert found == [{"code": "210202001", "name": "海军广场街道", "where": "中山区", "level": "street"}]
    answer = client.get("/places/outlines", {"under": "210202", "on": "2026-06-15"})
    assert answer["Content-Type"] == "application/geo+json" and len(answer.json()["features"]) == 2
    assert client.get("/places/outlines", {"under": COMMUNITY}).json()["features"] == []


@pytest.mark.parametrize(
    "address",
    [
        "/places/areas?under=21020", "/places/areas?under=%27", "/places/areas?limit=-1", "/places/areas?level=moon",
        "/places/outlines?under=x", "/places/outlines?under=21&on=2026-13-45", "/places/outlines?on=yesterday",
    ],
)  # fmt: skip
def test_impossible_questions_are_answered_in_words(areas: None, client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400 and answer.json()["error"]

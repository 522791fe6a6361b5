"""Registers of places as their readers see them, and buildings from a sheet."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.indicators import Scope, indicator
from doorstep.kernel.declarations.registers import ImportRow
from doorstep.kernel.places import services
from doorstep.kernel.places.importing import import_building, import_grid, import_venue
from doorstep.kernel.places.inputs import NewBuilding, NewGrid, NewVenue
from doorstep.kernel.places.models import Building, BuildingPlacement, Compound, Grid
from doorstep.kernel.places.services_bulk import add_buildings, establish_grids, place_buildings
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused, RuleViolation
from tests.places.conftest import (
    COMMUNITY,
    DAY,
    DISTRICT_OFFICER,
    ELSEWHERE,
    LOADING,
    OUTSIDER,
    SECRETARY,
    STREET_OFFICER,
)
from tests.web.conftest import signed_in

FOUNDED = date(2025, 1, 1)
KEYS = ("places.communities", "places.grids", "places.compounds", "places.buildings", "places.venues")


@pytest.fixture
def district(areas: None) -> list[Grid]:
    new = [NewGrid(COMMUNITY, "春海一"), NewGrid(COMMUNITY, "春海二"), NewGrid(ELSEWHERE, "桃源一")]
    grids = establish_grids(actor=LOADING, grids=new, effective_on=FOUNDED, document="演示")
    for grid in grids:
        row = ImportRow(2, sheet_row(grid.code, "演示小区", f"{grid.name}号楼"))
        assert import_building(LOADING, row) == "added"
        venue = NewVenue(grid.code, f"{grid.name}活动室", "activity_room", "示例一路1号")
        services.add_venue(actor=LOADING, venue=venue, valid_from=FOUNDED)
    return grids


def sheet_row(place: str, compound: str | None, name: str, **other: Any) -> dict[str, Any]:
    row = {"place": place, "compound": compound, "name": name, "address": "示例一路1号", "households": 60}
    return row | {"longitude": Decimal("121.65"), "latitude": Decimal("38.91")} | other


def names_in(client: Client, key: str, query: str = "") -> list[str]:
    answer = client.get(f"/desk/r/{key}/{query}")
    assert answer.status_code == 200, answer.status_code
    return [
        html.unescape(name)
        for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', answer.content.decode())
    ]


def test_street_officer_sees_the_places_of_the_street(district: list[Grid]) -> None:
    client = signed_in("street_officer", "street_office", "210202001")
    assert {key: names_in(client, key) for key in KEYS} == {
        "places.communities": ["春海社区", "虎滩社区"],
        "places.grids": ["春海一", "春海二"],
        "places.compounds": ["演示小区"],
        "places.buildings": ["春海一号楼", "春海二号楼"],
        "places.venues": ["春海一活动室", "春海二活动室"],
    }
    for key in KEYS:
        assert client.get(f"/desk/r/{key}/?place=210202002").status_code == 404


def test_grid_worker_sees_the_own_grid(district: list[Grid]) -> None:
    client = signed_in("grid_worker", "residents_committee", COMMUNITY + "002")
    assert names_in(client, "places.grids") == ["春海二"]
    assert names_in(client, "places.buildings") == ["春海二号楼"]


def test_grids_as_of_a_day(district: list[Grid]) -> None:
    one, two, _elsewhere = district
    services.merge_grids(
        actor=DISTRICT_OFFICER, grid_ids=[one.pk, two.pk], name="春海", effective_on=DAY, document="演示"
    )
    client = signed_in("street_officer", "street_office", "210202001")
    assert names_in(client, "places.grids") == ["春海"]
    assert names_in(client, "places.grids", "?on=2026-06-14") == ["春海一", "春海二"]
    assert names_in(client, "places.grids", "?q=chy") == []
    grids = indicator("grids.grids")
    counted = [grids.rows(Scope("210202", day, FOUNDED)).count() for day in (FOUNDED, DAY)]
    assert counted == [3, 2]


def test_compounds_as_of_a_day_with_what_stood_in_them(district: list[Grid]) -> None:
    row = ImportRow(2, sheet_row(district[0].code, "新小区", "5号楼", households=72))
    assert import_building(LOADING, row) == "added"
    BuildingPlacement.objects.exclude(building__name="5号楼").update(valid_from=FOUNDED)
    client = signed_in("street_officer", "street_office", "210202001")
    assert names_in(client, "places.compounds") == ["演示小区", "新小区"]
    assert names_in(client, "places.compounds", "?on=2026-06-14") == ["演示小区"]
    shown = client.get("/desk/r/places.compounds/?q=新小区").content.decode()
    assert re.findall(r'<td class="text-end[^"]*">([0-9]+)</td>', shown) == ["1", "72"]


def test_sheet_adds_then_corrects_then_changes_nothing(district: list[Grid]) -> None:
    place = district[0].code
    first = ImportRow(2, sheet_row(place, "新小区", "5号楼"))
    assert import_building(STREET_OFFICER, first) == "added"
    assert import_building(STREET_OFFICER, first) == "unchanged"
    more = ImportRow(2, sheet_row(place, "新小区", "5号楼", households=72, address="示例二路5号"))
    assert import_building(STREET_OFFICER, more) == "changed"
    building = Building.objects.get(name="5号楼")
    assert (building.households, building.address, building.place_code) == (72, "示例二路5号", place)
    assert Compound.objects.filter(name="新小区").count() == 1
    changes = Entry.objects.get(action="places.building_edited").changes
    assert changes == {"address": ["示例一路1号", "示例二路5号"], "households": [60, 72]}


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"longitude": None}, "longitude", "要有经度和纬度"),
        ({"longitude": Decimal("38.9"), "latitude": Decimal("121.6")}, "longitude", "写反"),
        ({"name": "楼" * 41}, "name", "最多 40 个字"),
        ({"name": "春海一号楼", "compound": "演示小区", "place": COMMUNITY + "002"}, "place", "表格不改归属"),
        ({"households": 9000}, "households", "0 到 5000"),
    ],
)
def test_bad_row_of_a_sheet_is_refused_in_words(
    district: list[Grid], values: dict[str, Any], column: str, words: str
) -> None:
    row = sheet_row(COMMUNITY + "001", "新小区", "9号楼") | values
    with pytest.raises(RuleViolation, match=words) as refusal:
        import_building(STREET_OFFICER, ImportRow(2, row))
    assert refusal.value.field == column
    assert Building.objects.count() == 3 and Compound.objects.count() == 2


def test_sheet_establishes_grids(areas: None) -> None:
    values = {
        "community": COMMUNITY,
        "name": "一",
        "kind": None,
        "effective_on": DAY,
        "document": "演示〔2026〕1号",
    }
    assert import_grid(DISTRICT_OFFICER, ImportRow(2, values)) == "added"
    assert import_grid(DISTRICT_OFFICER, ImportRow(2, values)) == "unchanged"
    assert Grid.objects.get().code == COMMUNITY + "001"
    for change, column in (({"kind": "dedicated"}, "kind"), ({"name": "二", "document": None}, "document")):
        with pytest.raises(RuleViolation) as refusal:
            import_grid(DISTRICT_OFFICER, ImportRow(2, values | change))
        assert refusal.value.field == column
    with pytest.raises(NotAllowed):
        import_grid(SECRETARY, ImportRow(2, values))


def test_sheet_adds_venues(areas: None) -> None:
    values = {
        "place": COMMUNITY,
        "name": "议事厅",
        "kind": "meeting_hall",
        "address": "示例一路1号",
        "phone": None,
    }
    values |= {"hours": None, "opened_on": FOUNDED}
    assert import_venue(STREET_OFFICER, ImportRow(2, values)) == "added"
    assert import_venue(STREET_OFFICER, ImportRow(2, values)) == "unchanged"
    assert Entry.objects.filter(action__startswith="places.venue").count() == 1, (
        "an unchanged row leaves no history"
    )
    with_phone = ImportRow(2, values | {"phone": "0411-00000009"})
    assert import_venue(STREET_OFFICER, with_phone) == "changed"
    assert Entry.objects.latest("id").changes == {"phone": ["", "0411-00000009"]}
    assert import_venue(STREET_OFFICER, with_phone) == "unchanged"
    assert import_venue(STREET_OFFICER, ImportRow(2, values)) == "unchanged", "an empty cell corrects nothing"
    with pytest.raises(RuleViolation, match="请核对年份") as refusal:
        import_venue(STREET_OFFICER, ImportRow(2, values | {"name": "厅", "opened_on": date(1066, 1, 1)}))
    assert refusal.value.field == "opened_on"
    with pytest.raises(NotVisible):
        import_venue(OUTSIDER, ImportRow(2, values))


def test_neighbour_brings_nothing_into_the_street(district: list[Grid]) -> None:
    with pytest.raises(NotVisible):
        import_building(OUTSIDER, ImportRow(2, sheet_row(COMMUNITY + "001", None, "9号楼")))
    with pytest.raises(NotVisible):
        services.edit_building(
            actor=OUTSIDER,
            building_id=Building.objects.filter(place_code__startswith=COMMUNITY)[0].pk,
            lock_version=1, name="改", address="", households=1,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("building", "words"),
    [
        (NewBuilding(COMMUNITY + "777", "1号楼", 121.65, 38.91), "没有代码为"),
        (NewBuilding("210202001", "1号楼", 121.65, 38.91), "没有代码为"),
        (NewBuilding(COMMUNITY, "1号楼", 121.65, 38.91, compound_id=999_999), "没有所选的小区"),
        (NewBuilding(COMMUNITY, "1号楼", float("nan"), 38.91), "不是数字"),
        (NewBuilding(COMMUNITY, "1号楼", 0.0, 0.0), "不在中国境内"),
        (NewBuilding(COMMUNITY, "", 121.65, 38.91), "请填写名称"),
        (NewBuilding(COMMUNITY, "1号楼", 121.65, 38.91, outline={"type": "Point"}), "要的是面"),
        (NewBuilding(COMMUNITY, "1号楼", 121.65, 38.91, households=-1), "0 到 5000"),
        (NewBuilding(COMMUNITY, "1号楼", 121.65, 38.91, address="长" * 201), "最多 200"),
    ],
)
def test_impossible_building_is_refused_and_nothing_of_its_batch_goes_in(
    areas: None, building: NewBuilding, words: str
) -> None:
    good = NewBuilding(COMMUNITY, "0号楼", 121.65, 38.91)
    with pytest.raises(Refused, match=words):
        add_buildings(actor=LOADING, buildings=[good, building], valid_from=FOUNDED)
    assert not Building.objects.exists() and not Entry.objects.filter(action="places.building_added").exists()


def test_two_buildings_of_one_name_in_one_compound_are_refused(district: list[Grid]) -> None:
    compound = Compound.objects.filter(place_code__startswith=COMMUNITY).first()
    assert compound is not None
    same = NewBuilding(COMMUNITY + "002", "春海一号楼", 121.65, 38.91, compound_id=compound.pk)
    with pytest.raises(RuleViolation, match="已有名为“春海一号楼”的楼栋"):
        add_buildings(actor=LOADING, buildings=[same], valid_from=FOUNDED)


def test_building_is_not_renamed_into_another(district: list[Grid]) -> None:
    compound = Compound.objects.get(place_code__startswith=COMMUNITY)
    one, two = Building.objects.filter(compound=compound).order_by("pk")
    edit = {"actor": STREET_OFFICER, "address": "示例一路1号", "households": 60}
    with pytest.raises(RuleViolation, match="已有名为"):
        services.edit_building(building_id=one.pk, lock_version=1, name=two.name, **edit)
    services.edit_building(building_id=one.pk, lock_version=1, name="新一号楼", **edit)
    with pytest.raises(Refused, match="改过“新一号楼”"):
        services.edit_building(building_id=one.pk, lock_version=1, name="旧一号楼", **edit)


def test_no_building_and_no_grid_that_is_not(district: list[Grid]) -> None:
    with pytest.raises(RuleViolation, match="有楼栋不存在"):
        place_buildings(
            actor=DISTRICT_OFFICER, building_ids=[999_999], grid_code=COMMUNITY + "001", effective_on=DAY
        )
    building = Building.objects.filter(place_code__startswith=COMMUNITY)[0]
    with pytest.raises(RuleViolation, match="还不存在"):
        place_buildings(
            actor=DISTRICT_OFFICER, building_ids=[building.pk], grid_code=COMMUNITY + "777", effective_on=DAY
        )


def test_venue_closes_once(district: list[Grid]) -> None:
    new = NewVenue(COMMUNITY, "议事厅", "meeting_hall", "示例一路1号", phone="0411-0000000")
    venue = services.add_venue(actor=STREET_OFFICER, venue=new, valid_from=FOUNDED)
    with pytest.raises(RuleViolation, match="晚于开放日期"):
        services.close_venue(actor=STREET_OFFICER, venue_id=venue.pk, on=FOUNDED)
    services.close_venue(actor=STREET_OFFICER, venue_id=venue.pk, on=DAY)
    with pytest.raises(Refused, match="已自 2026-06-15 起关闭"):
        services.close_venue(actor=STREET_OFFICER, venue_id=venue.pk, on=DAY)
    with pytest.raises(NotVisible):
        services.close_venue(actor=OUTSIDER, venue_id=venue.pk, on=DAY)
    with pytest.raises(RuleViolation, match="这种场所"):
        services.add_venue(
            actor=STREET_OFFICER, venue=NewVenue(COMMUNITY, "厅", "palace", ""), valid_from=DAY
        )

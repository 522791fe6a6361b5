"""Placing and correcting buildings, renaming grids, correcting and closing venues: from the register to what holds after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.registers import ImportRow, Noted
from doorstep.kernel.places import services
from doorstep.kernel.places.importing import import_building, import_compound
from doorstep.kernel.places.inputs import NewBuilding, NewGrid, NewOutline, NewVenue
from doorstep.kernel.places.models import Building, BuildingPlacement, Compound, Grid, Venue
from doorstep.kernel.places.services_bulk import establish_grids
from doorstep.kernel.places.services_outlines import add_outline
from doorstep.kernel.shared.errors import NotAllowed, Refused
from tests.places.conftest import (
    COMMUNITY,
    DAY,
    DISTRICT_OFFICER,
    LOADING,
    NEIGHBOUR,
    SECRETARY,
    actor_of,
    make_areas,
    square,
)
from tests.places.test_two_at_once import at_once
from tests.web.conftest import signed_in

FOUNDED = date(2025, 1, 1)
STREET = "210202001"


@pytest.fixture
def grids(areas: None) -> list[Grid]:
    new = [NewGrid(COMMUNITY, "春海一"), NewGrid(COMMUNITY, "春海二"), NewGrid(NEIGHBOUR, "虎滩一")]
    return establish_grids(actor=LOADING, grids=new, effective_on=FOUNDED, document="演示")


@pytest.fixture
def loose(grids: list[Grid]) -> Building:
    """A building of the community that no grid has yet."""
    new = NewBuilding(COMMUNITY, "7号楼", 121.65, 38.91, "示例一路7号", households=20)
    return services.add_building(actor=LOADING, building=new, valid_from=FOUNDED).building


def officer() -> Client:
    return signed_in("street_officer", "street_office", STREET)


def secretary() -> Client:
    return signed_in("community_secretary", "community_party_organisation", COMMUNITY)


def sheet_row(place: str, name: str, **other: Any) -> ImportRow:
    row = {"place": place, "compound": None, "name": name, "address": "示例一路7号", "households": 20}
    return ImportRow(2, row | {"longitude": Decimal("121.65"), "latitude": Decimal("38.91")} | other)


def test_a_sheet_places_a_building_that_has_no_grid(grids: list[Grid], loose: Building) -> None:
    row = sheet_row(grids[0].code, "7号楼")
    assert import_building(SECRETARY, row) == "changed"
    loose.refresh_from_db()
    assert loose.place_code == grids[0].code
    assert BuildingPlacement.objects.get(building=loose).valid_from == DAY
    assert import_building(SECRETARY, row) == "unchanged"
    with pytest.raises(Refused, match="表格不改归属") as refused:
        import_building(DISTRICT_OFFICER, sheet_row(grids[1].code, "7号楼"))
    assert refused.value.field == "place"


def test_the_first_grid_is_given_by_who_keeps_buildings_and_others_by_who_adjusts_grids(
    grids: list[Grid], loose: Building
) -> None:
    one, two, elsewhere = grids
    address = reverse("places:place_building", args=[loose.pk])
    keeper = secretary()
    record = keeper.get(f"/desk/r/places.buildings/record/{loose.pk}/").content.decode()
    assert address in record
    page = keeper.get(address).content.decode()
    assert "还没有划入网格" in page and one.code in page and elsewhere.code not in page
    done = keeper.post(address, {"grid": one.code, "effective_on": "2026-06-01"})
    assert done.status_code == 302
    assert Building.objects.get(pk=loose.pk).place_code == one.code
    assert address not in keeper.get(f"/desk/r/places.buildings/record/{loose.pk}/").content.decode()
    assert keeper.get(address).status_code == 404
    assert keeper.post(address, {"grid": two.code, "effective_on": "2026-06-10"}).status_code == 403
    with pytest.raises(NotAllowed):
        services.place_building(actor=SECRETARY, building_id=loose.pk, grid_code=two.code, effective_on=DAY)
    street = officer()
    assert "2026-06-01" in street.get(address).content.decode()
    early = street.post(address, {"grid": two.code, "effective_on": "2026-05-01"})
    assert early.status_code == 422 and "生效日期不能早于那天" in early.content.decode()
    assert street.post(address, {"grid": two.code, "effective_on": "2026-06-10"}).status_code == 302
    periods = BuildingPlacement.objects.order_by("valid_from").values_list("grid", "valid_from", "valid_to")
    assert list(periods) == [
        (one.pk, date(2026, 6, 1), date(2026, 6, 10)), (two.pk, date(2026, 6, 10), None)
    ]  # fmt: skip


def test_a_wrong_position_is_corrected_and_one_outside_is_said(grids: list[Grid], loose: Building) -> None:
    whole = NewOutline("210202", square(121.6, 38.9, 0.1), "演示")
    add_outline(actor=LOADING, outline=whole, valid_from=FOUNDED)
    Building.objects.filter(pk=loose.pk).update(outline=square(121.6499, 38.9099, 0.0002))
    client, address = officer(), reverse("places:edit_building", args=[loose.pk])
    fields = {"lock_version": 1, "name": "7号楼", "address": "示例一路7号", "households": 21}
    swapped = client.post(address, fields | {"longitude": "38.91", "latitude": "121.65"})
    assert swapped.status_code == 422 and "写反" in swapped.content.decode()
    done = client.post(address, fields | {"longitude": "121.66", "latitude": "38.92"}, follow=True)
    loose.refresh_from_db()
    assert (loose.longitude, loose.latitude, loose.households, loose.outline) == (121.66, 38.92, 21, None)
    assert "本区范围以外" not in done.content.decode()
    stale = client.post(address, fields | {"longitude": "121.67", "latitude": "38.92"})
    assert stale.status_code == 422 and "改过" in stale.content.decode()
    outside = fields | {"lock_version": 2, "longitude": "121.72", "latitude": "38.92"}
    told = client.post(address, outside, follow=True).content.decode()
    assert "本区范围以外" in told
    changes = Entry.objects.filter(action="places.building_edited").latest("pk").changes
    assert changes["longitude"] == [121.66, 121.72] and "以外" in changes["position"][1]


def test_a_sheet_corrects_positions_and_says_which_lie_outside(grids: list[Grid], loose: Building) -> None:
    whole = NewOutline("210202", square(121.6, 38.9, 0.1), "演示")
    add_outline(actor=LOADING, outline=whole, valid_from=FOUNDED)
    outside = import_building(LOADING, sheet_row(COMMUNITY, "7号楼", longitude=Decimal("121.75")))
    assert isinstance(outside, Noted) and outside.outcome == "changed" and "以外" in str(outside.warning)
    assert outside.column == "longitude"
    added = import_building(LOADING, sheet_row(COMMUNITY, "8号楼", longitude=Decimal("121.75")))
    assert isinstance(added, Noted) and added.outcome == "added"
    assert import_building(LOADING, sheet_row(COMMUNITY, "9号楼")) == "added"


def test_a_grid_is_renamed_on_its_page(grids: list[Grid]) -> None:
    address = reverse("places:rename_grid", args=[grids[0].code])
    client = officer()
    assert address in client.get(f"/desk/r/places.grids/record/{grids[0].pk}/").content.decode()
    taken = client.post(address, {"name": "春海二", "lock_version": 1})
    assert taken.status_code == 422 and "已有名为" in taken.content.decode()
    assert client.post(address, {"name": "春海东", "lock_version": 1}).status_code == 302
    assert Grid.objects.get(pk=grids[0].pk).name == "春海东"
    stale = client.post(address, {"name": "春海西", "lock_version": 1})
    assert stale.status_code == 422 and "请看过最新内容再改" in stale.content.decode()
    keeper = secretary()
    assert address not in keeper.get(f"/desk/r/places.grids/record/{grids[0].pk}/").content.decode()
    assert keeper.get(address).status_code == 404
    assert signed_in("street_officer", "street_office", "210202002").get(address).status_code == 404


def test_a_venue_is_corrected_and_closed_on_its_pages(grids: list[Grid]) -> None:
    new = NewVenue(COMMUNITY, "议事厅", "meeting_hall", "示例一路1号", phone="0411-0000000")
    venue = services.add_venue(actor=LOADING, venue=new, valid_from=FOUNDED)
    client = secretary()
    edit, close = (reverse(f"places:{name}_venue", args=[venue.pk]) for name in ("edit", "close"))
    record = client.get(f"/desk/r/places.venues/record/{venue.pk}/").content.decode()
    assert edit in record and close in record
    fields = {
        "kind": "meeting_hall",
        "address": "示例一路3号",
        "phone": "0411-0000001",
        "hours": "9:00-17:00",
    }
    assert client.post(edit, fields).status_code == 302
    assert client.post(close, {"on": FOUNDED.isoformat()}).status_code == 422
    assert client.post(close, {"on": DAY.isoformat()}).status_code == 302
    venue = Venue.objects.get(pk=venue.pk)
    assert (venue.address, venue.valid_to) == ("示例一路3号", DAY)
    again = client.post(close, {"on": (DAY + timedelta(days=1)).isoformat()})
    assert again.status_code == 422 and "起关闭" in again.content.decode()
    assert signed_in("street_officer", "street_office", "210202002").get(close).status_code == 404


def test_compounds_come_from_a_sheet_once(grids: list[Grid]) -> None:
    def row(place: str, name: str = "演示新村") -> ImportRow:
        return ImportRow(2, {"place": place, "name": name})

    assert import_compound(SECRETARY, row(COMMUNITY)) == "added"
    assert import_compound(SECRETARY, row(COMMUNITY, " 演示新村 ")) == "unchanged"
    assert import_compound(SECRETARY, row(grids[0].code, "演示里")) == "added"
    assert Compound.objects.get(name="演示里").place_code == grids[0].code
    for bad, column, words in (
        (row(grids[1].code, "演示里"), "place", "已有名为“演示里”"), (row(COMMUNITY, "里" * 41), "name", "最多 40 个字"),
        (row(COMMUNITY + "077", "演示巷"), "place", "没有代码"), (row(NEIGHBOUR), "", "没有找到"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words) as refused:
            import_compound(SECRETARY, bad)
        assert refused.value.field == column
    assert "/desk/r/places.compounds/import/" in secretary().get("/desk/r/places.compounds/").content.decode()


def test_buildings_as_of_a_day_stand_where_they_stood(grids: list[Grid]) -> None:
    one, two, _elsewhere = grids
    new = NewBuilding(one.code, "5号楼", 121.65, 38.91)
    building = services.add_building(actor=LOADING, building=new, valid_from=FOUNDED).building
    later = NewBuilding(one.code, "6号楼", 121.65, 38.91)
    services.add_building(actor=LOADING, building=later, valid_from=DAY)
    services.place_building(
        actor=LOADING, building_id=building.pk, grid_code=two.code, effective_on=date(2026, 6, 1)
    )
    client = officer()

    def names(query: str) -> set[str]:
        page = client.get(f"/desk/r/places.buildings/?{query}").content.decode()
        return {name for name in ("5号楼", "6号楼") if name in page}

    assert names(f"place={one.code}") == {"6号楼"} and names(f"place={two.code}") == {"5号楼"}
    assert names(f"place={one.code}&on=2026-05-31") == {"5号楼"}
    assert names(f"place={two.code}&on=2026-05-31") == set()
    assert names(f"place={COMMUNITY}&on=2024-12-31") == set()
    assert (
        "春海一" in client.get(f"/desk/r/places.buildings/?place={COMMUNITY}&on=2026-05-31").content.decode()
    )


def importing(actor: Any, *rows: ImportRow, arrived: threading.Barrier) -> Callable[[], list[Any]]:
    """An import that has looked at its file before it writes, and ends a moment after its last row."""

    def run() -> list[Any]:
        with transaction.atomic():
            arrived.wait(10)
            return [import_building(actor, row) for row in rows]

    return run


def test_two_imports_at_once_make_each_compound_and_building_once(
    fresh_database: str, clock_fixed: date
) -> None:
    make_areas()
    arrived = threading.Barrier(2)
    rows = [
        sheet_row(COMMUNITY, "1号楼", compound="演示小区"), sheet_row(COMMUNITY, "2号楼"),
        sheet_row(COMMUNITY, "2号楼", compound="演示小区"),
    ]  # fmt: skip
    keepers = [actor_of("street_officer", STREET, name=name) for name in ("演示甲二", "演示乙二")]
    outcomes = at_once(*(importing(keeper, *rows, arrived=arrived) for keeper in keepers))
    assert sorted(outcomes, key=str) == [["added"] * 3, ["unchanged"] * 3], outcomes  # type: ignore[arg-type]  # lists of words
    assert Compound.objects.filter(name="演示小区").count() == 1
    assert Building.objects.count() == 3
    connection.close()

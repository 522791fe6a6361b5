"""Grids established, renamed, split and merged, with their lineage, buildings and outlines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.places import services
from doorstep.kernel.places.inputs import NewBuilding, NewCompound, NewGrid, NewOutline, Part
from doorstep.kernel.places.models import Building, BuildingPlacement, Compound, Grid, GridLineage, Outline
from doorstep.kernel.places.services_bulk import add_buildings, bring_up_to_date, establish_grids
from doorstep.kernel.places.services_outlines import add_outlines
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.accounts import on_record
from tests.places.conftest import (
    COMMUNITY,
    DAY,
    DISTRICT_OFFICER,
    ELSEWHERE,
    LOADING,
    NEIGHBOUR,
    OUTSIDER,
    SECRETARY,
    STREET_OFFICER,
    square,
)

FOUNDED = date(2025, 1, 1)
DOCUMENT = "演示〔2026〕1号"


def establish(*names: str, community: str = COMMUNITY) -> list[Grid]:
    grids = [NewGrid(community, name) for name in names]
    return establish_grids(actor=DISTRICT_OFFICER, grids=grids, effective_on=FOUNDED, document=DOCUMENT)


def build(grid: Grid, *names: str) -> list[Building]:
    new = [NewBuilding(grid.code, name, 121.65, 38.91) for name in names]
    return add_buildings(actor=LOADING, buildings=new, valid_from=FOUNDED)


def split(grid: Grid, *parts: Part, on: date = DAY) -> list[Grid]:
    return services.split_grid(
        actor=DISTRICT_OFFICER, grid_id=grid.pk, parts=parts, effective_on=on, document=DOCUMENT
    )


def test_serials_follow_each_other_by_kind(areas: None) -> None:
    grids = [NewGrid(COMMUNITY, "一"), NewGrid(COMMUNITY, "园区", kind="dedicated"), NewGrid(COMMUNITY, "二")]
    made = establish_grids(actor=DISTRICT_OFFICER, grids=grids, effective_on=FOUNDED, document=DOCUMENT)
    assert [grid.code[12:] for grid in made] == ["001", "901", "002"]
    assert Entry.objects.filter(action="places.grid_established").count() == 3


def test_serial_of_an_ended_grid_is_not_given_again(areas: None) -> None:
    one, two = establish("一", "二")
    merged = services.merge_grids(
        actor=DISTRICT_OFFICER, grid_ids=[one.pk, two.pk], name="新", effective_on=DAY, document=DOCUMENT
    )
    assert merged.code == COMMUNITY + "003"
    with pytest.raises(RuleViolation, match="代码不再使用"):
        establish_grids(
            actor=DISTRICT_OFFICER,
            grids=[NewGrid(COMMUNITY, "四", serial=2)],
            effective_on=DAY,
            document=DOCUMENT,
        )


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        (NewGrid(COMMUNITY, ""), "请填写名称"),
        (NewGrid(COMMUNITY, "长" * 41), "41 个字"),
        (NewGrid(COMMUNITY, "一\x07格"), "控制字符"),
        (NewGrid(COMMUNITY, "一", kind="other"), "基础网格和专属网格"),
        (NewGrid(COMMUNITY, "一", serial=900), "不在 001 至 899"),
        (NewGrid("210202001999", "一"), "没有代码为 210202001999 的社区"),
        (NewGrid("210202001", "一"), "没有代码为 210202001 的社区"),
    ],
)
def test_impossible_grid_is_refused(areas: None, grid: NewGrid, words: str) -> None:
    with pytest.raises(RuleViolation, match=words):
        services.establish_grid(actor=DISTRICT_OFFICER, grid=grid, effective_on=DAY, document=DOCUMENT)
    assert not Grid.objects.exists()


@pytest.mark.parametrize("name", ["海", "海" * 40])
def test_names_of_one_and_of_forty_characters_are_names(areas: None, name: str) -> None:
    assert establish(name)[0].name == name


@pytest.mark.parametrize("day", [date(1900, 1, 1), DAY + timedelta(days=400)])
def test_impossible_day_is_refused(areas: None, day: date) -> None:
    with pytest.raises(RuleViolation, match="请核对年份"):
        services.establish_grid(
            actor=DISTRICT_OFFICER, grid=NewGrid(COMMUNITY, "一"), effective_on=day, document=DOCUMENT
        )


def test_same_name_in_one_community_is_refused_and_in_another_is_not(areas: None) -> None:
    establish("一")
    establish("一", community=NEIGHBOUR)
    with pytest.raises(RuleViolation, match="已有名为“一”的网格"):
        establish("一")
    with pytest.raises(RuleViolation, match="已有名为“三”的网格"):
        establish("三", "三")


def test_street_and_district_adjust_grids_and_a_community_does_not(areas: None) -> None:
    services.establish_grid(
        actor=STREET_OFFICER, grid=NewGrid(COMMUNITY, "零"), effective_on=FOUNDED, document=DOCUMENT
    )
    with pytest.raises(NotAllowed):
        services.establish_grid(
            actor=SECRETARY, grid=NewGrid(COMMUNITY, "一"), effective_on=DAY, document=DOCUMENT
        )
    (grid,) = establish("一")
    with pytest.raises(NotVisible):
        services.rename_grid(actor=OUTSIDER, grid_id=grid.pk, name="二", lock_version=1)


def test_split_moves_buildings_and_keeps_lineage(areas: None) -> None:
    (grid,) = establish("一")
    first, second, third = build(grid, "1号楼", "2号楼", "3号楼")
    parts = [Part("东", (first.pk,)), Part("西", (second.pk, third.pk))]
    east, west = split(grid, *parts)
    grid.refresh_from_db()
    assert grid.valid_to == DAY and not grid.holds_on(DAY)
    assert {step.after_id for step in GridLineage.objects.filter(before=grid)} == {east.pk, west.pk}
    assert set(Building.objects.values_list("name", "place_code")) == {
        ("1号楼", east.code), ("2号楼", west.code), ("3号楼", west.code),
    }  # fmt: skip
    yesterday = BuildingPlacement.objects.in_force(DAY - timedelta(days=1))
    assert {placement.grid_id for placement in yesterday} == {grid.pk}
    assert BuildingPlacement.objects.in_force(DAY).filter(grid=west).count() == 2
    entry = Entry.objects.get(action="places.grid_split")
    assert entry.changes["became"] == [None, [east.code, west.code]]
    assert Entry.objects.filter(action="places.building_moved").count() == 3


def test_split_leaves_no_building_behind(areas: None) -> None:
    (grid,) = establish("一")
    first, _second = build(grid, "1号楼", "2号楼")
    with pytest.raises(RuleViolation, match="还有 1 栋楼没有分到"):
        split(grid, Part("东", (first.pk,)), Part("西"))
    with pytest.raises(RuleViolation, match="同时分给了两个"):
        split(grid, Part("东", (first.pk,)), Part("西", (first.pk,)))
    with pytest.raises(RuleViolation, match="至少要有两个"):
        split(grid, Part("东"))


def test_split_before_it_began_is_refused(areas: None) -> None:
    (grid,) = establish("一")
    with pytest.raises(RuleViolation, match="生效日期要晚于那天"):
        split(grid, Part("东"), Part("西"), on=FOUNDED)


def test_split_on_a_day_to_come_moves_buildings_on_that_day(areas: None) -> None:
    (grid,) = establish("一")
    first, second = build(grid, "1号楼", "2号楼")
    later = DAY + timedelta(days=10)
    east, _west = split(grid, Part("东", (first.pk,)), Part("西", (second.pk,)), on=later)
    assert set(Building.objects.values_list("place_code", flat=True)) == {grid.code}
    with clock.fixed(later):
        assert bring_up_to_date(actor=LOADING) == 2
        first.refresh_from_db()
        assert first.place_code == east.code
        assert bring_up_to_date(actor=LOADING) == 0


def test_merge_joins_outlines_buildings_and_compounds(areas: None) -> None:
    one, two = establish("一", "二")
    build(one, "1号楼")
    build(two, "2号楼")
    services.add_compound(actor=LOADING, compound=NewCompound(one.code, "演示小区"))
    drawn = [
        NewOutline(one.code, square(121.65, 38.91), "演示", illustrative=True),
        NewOutline(two.code, square(121.66, 38.91), "演示"),
    ]
    add_outlines(actor=LOADING, outlines=drawn, valid_from=FOUNDED)
    merged = services.merge_grids(
        actor=DISTRICT_OFFICER, grid_ids=[two.pk, one.pk], name="一", effective_on=DAY, document=DOCUMENT
    )
    assert set(Building.objects.values_list("place_code", flat=True)) == {merged.code}
    assert Compound.objects.get().place_code == merged.code
    outline = Outline.objects.in_force(DAY).get()
    assert outline.place_code == merged.code and outline.illustrative
    assert (outline.west, outline.east) == pytest.approx((121.65, 121.67), abs=1e-4)
    assert Grid.objects.in_force(DAY).get() == merged
    assert Grid.objects.in_force(FOUNDED).count() == 2


def test_grids_of_two_communities_do_not_merge(areas: None) -> None:
    (one,), (two,) = establish("一"), establish("一", community=ELSEWHERE)
    with pytest.raises(RuleViolation, match="不在同一个社区"):
        services.merge_grids(
            actor=DISTRICT_OFFICER, grid_ids=[one.pk, two.pk], name="新", effective_on=DAY, document=DOCUMENT
        )
    assert Grid.objects.in_force(DAY).count() == 2


def test_second_rename_is_told_of_the_first(areas: None) -> None:
    (grid,) = establish("一")
    services.rename_grid(actor=on_record(DISTRICT_OFFICER), grid_id=grid.pk, name="二", lock_version=1)
    with pytest.raises(Conflict, match="演示甲一在 2026-06-15 12:00 改过“二”"):
        services.rename_grid(actor=DISTRICT_OFFICER, grid_id=grid.pk, name="三", lock_version=1)
    entry = Entry.objects.get(action="places.grid_renamed")
    assert entry.changes == {"name": ["一", "二"]}


def test_building_of_another_community_is_not_placed(areas: None) -> None:
    (here,), (there,) = establish("一"), establish("一", community=ELSEWHERE)
    (building,) = build(here, "1号楼")
    with pytest.raises(RuleViolation, match="在另一个社区"):
        services.place_building(
            actor=DISTRICT_OFFICER, building_id=building.pk, grid_code=there.code, effective_on=DAY
        )


def test_building_moves_with_its_period(areas: None) -> None:
    one, two = establish("一", "二")
    (building,) = build(one, "1号楼")
    moved = services.place_building(
        actor=DISTRICT_OFFICER, building_id=building.pk, grid_code=two.code, effective_on=DAY
    )
    assert moved.place_code == two.code
    again = services.place_building(
        actor=DISTRICT_OFFICER, building_id=building.pk, grid_code=one.code, effective_on=DAY
    )
    assert again.place_code == one.code
    periods = BuildingPlacement.objects.order_by("valid_from").values_list("grid", "valid_from", "valid_to")
    assert list(periods) == [(one.pk, FOUNDED, DAY), (one.pk, DAY, None)]
    with pytest.raises(RuleViolation, match="生效日期不能早于那天"):
        services.place_building(
            actor=DISTRICT_OFFICER,
            building_id=building.pk,
            grid_code=two.code,
            effective_on=DAY - timedelta(days=5),
        )


def test_grids_are_never_deleted(areas: None) -> None:
    establish("一")
    for statement in ("DELETE FROM places_grid", "UPDATE places_gridlineage SET document = 'x'"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_parts_share_the_outline_by_their_buildings_and_are_illustrative(areas: None) -> None:
    (grid,) = establish("一")
    whole = NewOutline(grid.code, square(121.65, 38.91), "演示图")
    add_outlines(actor=DISTRICT_OFFICER, outlines=[whole], valid_from=FOUNDED)
    places = [(121.652, 38.915), (121.653, 38.915), (121.658, 38.915)]
    new = [NewBuilding(grid.code, f"{n}号楼", *place) for n, place in enumerate(places)]
    first, second, third = add_buildings(actor=LOADING, buildings=new, valid_from=FOUNDED)
    west, east = split(grid, Part("西", (first.pk, second.pk)), Part("东", (third.pk,)))
    drawn = {row.place_code: row for row in Outline.objects.in_force(DAY)}
    assert set(drawn) == {west.code, east.code}
    assert all(row.illustrative for row in drawn.values())
    assert drawn[west.code].east == pytest.approx(drawn[east.code].west) == pytest.approx(121.6555)
    assert (drawn[west.code].west, drawn[east.code].east) == pytest.approx((121.65, 121.66))


def test_parts_whose_buildings_stand_on_one_spot_have_no_outline(areas: None) -> None:
    (grid,) = establish("一")
    whole = NewOutline(grid.code, square(121.65, 38.91), "演示图")
    add_outlines(actor=DISTRICT_OFFICER, outlines=[whole], valid_from=FOUNDED)
    first, second = build(grid, "1号楼", "2号楼")
    split(grid, Part("西", (first.pk,)), Part("东", (second.pk,)))
    assert not Outline.objects.in_force(DAY).exists()


def test_a_split_judged_on_an_older_state_is_told_what_changed(areas: None) -> None:
    (grid,) = establish("一")
    first, second = build(grid, "1号楼", "2号楼")
    services.rename_grid(actor=STREET_OFFICER, grid_id=grid.pk, name="海滨", lock_version=1)
    with pytest.raises(Conflict, match="海滨"):
        services.split_grid(
            actor=DISTRICT_OFFICER, grid_id=grid.pk, parts=[Part("西", (first.pk,)), Part("东", (second.pk,))],
            effective_on=DAY, document=DOCUMENT, lock_versions={grid.pk: 1},
        )  # fmt: skip

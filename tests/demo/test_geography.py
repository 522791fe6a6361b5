from __future__ import annotations

import hashlib
import time
from collections import Counter

import pytest
import shapely

from doorstep.demo.geography import draw
from doorstep.demo.patterns import demo_district, training_district


@pytest.fixture(scope="module")
def district():
    return draw(demo_district())


@pytest.fixture(scope="module")
def training():
    return draw(training_district())


@pytest.fixture(scope="module", params=["district", "training"])
def either(request):
    return request.getfixturevalue(request.param)


def outlines(places):
    return [place.outline for place in places]


def digest(geography) -> str:
    found = hashlib.sha256()
    for place in [*geography.streets, *geography.communities, *geography.grids, *geography.buildings]:
        label = place.address if hasattr(place, "address") else place.code
        shape = shapely.to_wkt(place.outline, rounding_precision=6)
        found.update(f"{label} {place.name} {shape}\n".encode())
    return found.hexdigest()[:16]


def test_counts(district):
    assert len(district.streets) == 6
    assert len(district.communities) == 65
    assert len(district.grids) == 715
    assert len(district.buildings) == 6000
    assert 250 <= len(district.compounds) <= 450
    assert 140_000 <= sum(building.households for building in district.buildings) <= 180_000


def test_training_counts(training):
    assert (len(training.streets), len(training.communities), len(training.grids)) == (2, 7, 27)
    assert len(training.buildings) == 220


def test_names_and_codes_are_the_published_ones(district):
    assert [street.name for street in district.streets] == [
        "海军广场街道", "人民路街道", "青泥洼桥街道", "葵英街道", "桃源街道", "老虎滩街道",
    ]  # fmt: skip
    names = {community.code: community.name for community in district.communities}
    assert names["210202005011"] == "东日社区"
    assert names["210202012010"] == "兴隆社区"


def test_codes_nest(either):
    streets = {street.code for street in either.streets}
    communities = {community.code for community in either.communities}
    grids = {grid.code for grid in either.grids}
    assert all(code.startswith(either.district.code) and len(code) == 9 for code in streets)
    assert all(code[:9] in streets and len(code) == 12 for code in communities)
    assert all(code[:12] in communities and len(code) == 15 for code in grids)
    assert all(building.grid in grids for building in either.buildings)


def test_serials_run_from_one_without_holes(either):
    for community in either.communities:
        serials = [int(grid.code[12:]) for grid in either.grids if grid.parent == community.code]
        assert serials == list(range(1, len(serials) + 1))


def test_grids_of_a_community_follow_its_size(district):
    counted = Counter(grid.parent for grid in district.grids)
    assert len(counted) == 65
    assert min(counted.values()) >= 7 and max(counted.values()) <= 16


@pytest.mark.parametrize("level", ["streets", "communities", "grids"])
def test_each_level_covers_the_district_without_overlap_or_gap(either, level):
    found = outlines(getattr(either, level))
    assert all(shapely.is_valid(found))
    assert shapely.coverage_is_valid(found)
    assert sum(shapely.area(found)) == pytest.approx(either.district.outline.area, rel=1e-9)


def test_the_published_outline_is_kept(district):
    drawn, published = district.district.outline, demo_district().outline
    assert drawn.symmetric_difference(published).area < 5e-5 * published.area
    assert drawn.hausdorff_distance(published) < 2e-6


@pytest.mark.parametrize("level", ["streets", "communities", "grids"])
def test_places_are_in_one_piece_but_for_islands(district, level):
    islands = len(shapely.get_parts(demo_district().outline)) - 1
    found = getattr(district, level)
    pieces = sum(len(shapely.get_parts(place.outline)) for place in found)
    assert pieces == len(found) + islands


def test_parents_hold_their_parts(either):
    street_of = {street.code: street.outline for street in either.streets}
    community_of = {community.code: community.outline for community in either.communities}
    for community in either.communities:
        assert community.outline.difference(street_of[community.parent]).area < 1e-14
    for grid in either.grids:
        assert grid.outline.difference(community_of[grid.parent]).area < 1e-14


def test_buildings_stand_inside_their_grid_and_apart(either):
    grid_of = {grid.code: grid.outline for grid in either.grids}
    for building in either.buildings:
        assert shapely.contains_properly(grid_of[building.grid], building.outline)
        assert shapely.contains_properly(building.outline, building.point)
        assert len(shapely.get_coordinates(building.outline)) == 5
    tree = shapely.STRtree(outlines(either.buildings))
    here, there = tree.query(outlines(either.buildings), predicate="intersects")
    assert (here == there).all()


def test_every_grid_has_buildings(either):
    counted = Counter(building.grid for building in either.buildings)
    assert set(counted) == {grid.code for grid in either.grids}
    assert min(counted.values()) >= 4


def test_names_and_addresses_are_plainly_made_up_and_unique(either):
    addresses = [building.address for building in either.buildings]
    assert len(set(addresses)) == len(addresses)
    assert all("示例" in address for address in addresses)
    for community in either.communities:
        names = [building.name for building in either.buildings if building.grid.startswith(community.code)]
        assert len(set(names)) == len(names)


def test_compounds_hold_whole_neighbouring_grids(either):
    seen = Counter(code for compound in either.compounds for code in compound.grids)
    assert set(seen.values()) == {1}
    beside = {grid.code: grid.beside for grid in either.grids}
    for compound in either.compounds:
        assert {code[:12] for code in compound.grids} == {compound.community}
        if len(compound.grids) == 2:
            assert compound.grids[1] in beside[compound.grids[0]]
    for building in either.buildings:
        if building.compound:
            assert building.grid in either.compounds[building.compound - 1].grids


def test_being_beside_is_mutual(either):
    beside = {building.number: building.beside for building in either.buildings}
    assert all(number in beside[other] for number, others in beside.items() for other in others)
    near = {grid.code: grid.beside for grid in either.grids}
    assert all(
        code in near[other] and code[:12] == other[:12] for code, others in near.items() for other in others
    )
    assert all(near.values())


def test_positions_have_six_decimals(district):
    for places in (district.communities, district.grids, district.buildings):
        at = shapely.get_coordinates(outlines(places))
        assert (abs(at * 1e6 - (at * 1e6).round()) < 1e-4).all()


def test_it_is_the_same_every_time_and_quick(district, training):
    started = time.monotonic()
    again = draw(demo_district())
    assert time.monotonic() - started < 15
    assert digest(again) == digest(district) == "2ccd7fb8204b456c"
    assert digest(training) == "cb0274e8f10270da"

"""Outlines and positions: refused with what to do, repaired with a note, or kept with a warning."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping, shape

from doorstep.kernel.places import geometry, services
from doorstep.kernel.places.inputs import NewBuilding, NewGrid, NewOutline
from doorstep.kernel.places.location import home_outline, locate
from doorstep.kernel.places.models import Outline
from doorstep.kernel.places.services_bulk import establish_grids
from doorstep.kernel.places.services_outlines import add_outline, add_outlines
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from tests.places.conftest import COMMUNITY, DAY, DISTRICT_OFFICER, LOADING, STREET_OFFICER, square

HOME = shape(square(121.6, 38.85, 0.1))
BOW_TIE = {"type": "Polygon", "coordinates": [[[121.62, 38.9], [121.64, 38.92], [121.64, 38.9], [121.62, 38.92], [121.62, 38.9]]]}  # fmt: skip


def ring(*positions: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(position) for position in positions]]}


@pytest.mark.parametrize(
    ("given_geometry", "words"),
    [
        ("{not json", "读不出来"),
        ([], "不是 GeoJSON 图形"),
        ({"type": "Polygon", "coordinates": []}, "空的"),
        ({"type": "Polygon", "coordinates": [[]]}, "空的|至少四个点"),
        ({"type": "Polygon", "coordinates": [[[121.6, 38.9], [121.7, 38.9]]]}, "至少四个点"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "读不出来"),
        ({"type": "Polygon", "coordinates": "text"}, "读不出来"),
        ({"type": "LineString", "coordinates": [[121.6, 38.9], [121.7, 38.9]]}, "要的是面"),
        ({"type": "Point", "coordinates": [121.6, 38.9]}, "要的是面"),
        ({"type": "FeatureCollection", "features": []}, "有 0 个图形"),
        ({"type": "Feature", "geometry": None}, "不是 GeoJSON 图形"),
        (square(38.91, 121.65), "写反"),
        (square(13540000.0, 4700000.0, 100.0), "平面坐标"),
        (square(2.35, 48.85), "不在中国境内"),
        (square(116.4, 39.9), "离本区有 4[0-9]{2} 公里"),
        (ring((121.62, 38.9), (121.63, 38.91), (121.64, 38.92), (121.62, 38.9)), "没有面积"),
        (ring((121.62, 38.9), (121.62, 38.9), (121.62, 38.9), (121.62, 38.9)), "没有面积"),
        (ring((121.62, 38.9), (float("nan"), 38.9), (121.63, 38.92), (121.62, 38.9)), "不是数字|读不出来"),
    ],
)
def test_what_is_no_outline_is_refused_with_what_to_do(given_geometry: Any, words: str) -> None:
    with pytest.raises(RuleViolation, match=words):
        geometry.check_outline(given_geometry, home=HOME)


def test_self_crossing_outline_is_repaired_and_said_so() -> None:
    checked = geometry.check_outline(BOW_TIE, home=HOME)
    assert checked.repaired and "121.63, 38.91" in checked.note
    assert shape(checked.geometry).is_valid
    assert checked.geometry["type"] == "MultiPolygon"
    assert geometry.area_of(checked.shape) == pytest.approx(0.5 * 1734 * 2224, rel=0.01)


def test_good_outline_is_kept_and_wrapped_ones_are_opened() -> None:
    plain = square(121.62, 38.9)
    feature = {"type": "Feature", "properties": {}, "geometry": plain}
    collection = {"type": "FeatureCollection", "features": [feature]}
    for given_geometry in (plain, json.dumps(feature), collection):
        checked = geometry.check_outline(given_geometry, home=HOME)
        assert not checked.repaired and not checked.warnings
        assert shape(checked.geometry).equals_exact(shape(plain), 1e-6, normalize=True)


def test_outline_that_sticks_out_is_a_warning() -> None:
    checked = geometry.check_outline(square(121.695, 38.9), home=HOME)
    assert checked.warnings and "范围以外" in checked.warnings[0]


def test_too_many_positions_are_refused() -> None:
    circle = shapely.Point(121.65, 38.9).buffer(0.01, quad_segs=6000)
    with pytest.raises(RuleViolation, match="请先简化"):
        geometry.check_outline(mapping(circle), home=HOME)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(121.6, 121.7), st.floats(38.85, 38.95)), min_size=0, max_size=9
    )
)  # fmt: skip
def test_any_ring_is_either_refused_or_stored_valid(positions: list[tuple[float, float]]) -> None:
    try:
        checked = geometry.check_outline(ring(*positions, *positions[:1]), home=HOME)
    except RuleViolation as refusal:
        assert refusal.message and refusal.field == "outline"
        return
    stored = shape(json.loads(json.dumps(checked.geometry)))
    assert stored.is_valid and stored.geom_type in ("Polygon", "MultiPolygon")
    assert geometry.area_of(stored) >= 0.9
    west, south, east, north = checked.bounds
    assert 121.59 < west <= east < 121.71 and 38.84 < south <= north < 38.96


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["type", "coordinates", "geometry", "features"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_anything_at_all_is_refused_in_words(given_geometry: Any) -> None:
    with pytest.raises(RuleViolation):
        geometry.check_outline(given_geometry, home=HOME)


def test_measures() -> None:
    assert geometry.area_of(shape(square(121.6, 38.9, 0.01))) == pytest.approx(865.4 * 1112, rel=0.005)
    east = shapely.Point(121.7 + 0.01, 38.9)
    assert geometry.metres_apart(HOME, east) == pytest.approx(865, rel=0.005)
    ell = shape(ring((121.6, 38.9), (121.7, 38.9), (121.7, 38.901), (121.601, 38.901), (121.601, 39.0), (121.6, 39.0), (121.6, 38.9)))  # fmt: skip
    assert ell.contains(shapely.Point(geometry.centre_of(ell)))


def test_outline_has_its_history(areas: None) -> None:
    first = NewOutline(COMMUNITY, square(121.65, 38.91), "演示", illustrative=True)
    second = NewOutline(COMMUNITY, BOW_TIE, "演示二")
    add_outline(actor=DISTRICT_OFFICER, outline=first, valid_from=date(2025, 1, 1))
    add_outline(actor=DISTRICT_OFFICER, outline=second, valid_from=DAY)
    old, new = Outline.objects.order_by("valid_from")
    assert old.valid_to == DAY and old.illustrative and not old.repaired
    assert new.valid_to is None and new.repaired and not new.illustrative
    with pytest.raises(RuleViolation, match="新的不能更早"):
        add_outline(actor=DISTRICT_OFFICER, outline=first, valid_from=DAY - timedelta(days=1))
    add_outline(actor=DISTRICT_OFFICER, outline=first, valid_from=DAY)
    assert Outline.objects.count() == 2 and Outline.objects.in_force(DAY).get().source == "演示"


def test_two_outlines_of_one_place_at_once_are_refused(areas: None) -> None:
    one = NewOutline(COMMUNITY, square(121.65, 38.91), "演示")
    with pytest.raises(RuleViolation, match="有两个边界"):
        add_outlines(actor=DISTRICT_OFFICER, outlines=[one, one], valid_from=DAY)


def test_outline_of_nothing_or_by_nobody_is_refused(areas: None) -> None:
    with pytest.raises(RuleViolation, match="没有代码为 210202001777 的地方"):
        add_outline(
            actor=LOADING, outline=NewOutline("210202001777", square(121.6, 38.9), "演示"), valid_from=DAY
        )
    with pytest.raises(NotAllowed):
        add_outline(
            actor=STREET_OFFICER, outline=NewOutline(COMMUNITY, square(121.6, 38.9), "演示"), valid_from=DAY
        )


def lay_district() -> None:
    outlines = [
        NewOutline("210202", square(121.6, 38.85, 0.1), "演示"),
        NewOutline(COMMUNITY, square(121.62, 38.87, 0.04), "演示"),
        NewOutline(COMMUNITY + "001", square(121.62, 38.87, 0.02), "演示"),
        NewOutline(COMMUNITY + "002", square(121.64, 38.87, 0.02), "演示"),
    ]
    add_outlines(actor=LOADING, outlines=outlines, valid_from=date(2025, 1, 1))


def test_position_finds_its_finest_place(areas: None) -> None:
    grids = [NewGrid(COMMUNITY, "一"), NewGrid(COMMUNITY, "二")]
    establish_grids(actor=LOADING, grids=grids, effective_on=date(2025, 1, 1), document="演示")
    lay_district()
    found = locate(121.63, 38.88)
    assert found is not None and found.grid == COMMUNITY + "001" and found.community == COMMUNITY
    on_the_edge = locate(121.64, 38.88)
    assert on_the_edge is not None and on_the_edge.grid == COMMUNITY + "001"
    without_grid = locate(121.63, 38.905)
    assert without_grid is not None and without_grid.code == COMMUNITY and without_grid.grid is None
    district = locate(121.69, 38.94)
    assert district is not None and district.code == "210202" and district.community is None
    near = locate(121.7008, 38.9)
    assert near is not None and near.near and near.code == "210202"
    assert locate(121.75, 38.9) is None
    assert locate(121.63, 38.88, date(2024, 1, 1)) is None
    with pytest.raises(RuleViolation, match="写反"):
        locate(38.88, 121.63)


def test_new_outline_is_found_at_once(areas: None) -> None:
    lay = NewOutline("210202", square(121.6, 38.85, 0.1), "演示")
    assert locate(121.63, 38.88) is None
    add_outline(actor=LOADING, outline=lay, valid_from=date(2025, 1, 1))
    assert locate(121.63, 38.88) is not None and home_outline() is not None


def test_position_outside_the_district_is_a_warning(areas: None) -> None:
    lay = NewOutline("210202", square(121.6, 38.85, 0.1), "演示")
    add_outline(actor=LOADING, outline=lay, valid_from=date(2025, 1, 1))
    inside = NewBuilding(COMMUNITY, "1号楼", 121.7, 38.9)
    outside = NewBuilding(COMMUNITY, "2号楼", 121.72, 38.9)
    saved = services.add_building(actor=LOADING, building=inside, valid_from=DAY)
    assert saved.building.pk and not saved.warning
    saved = services.add_building(actor=LOADING, building=outside, valid_from=DAY)
    assert saved.building.pk and "范围以外约 1730 米" in saved.warning
    swapped = NewBuilding(COMMUNITY, "3号楼", 38.9, 121.65)
    with pytest.raises(RuleViolation, match="写反"):
        services.add_building(actor=LOADING, building=swapped, valid_from=DAY)

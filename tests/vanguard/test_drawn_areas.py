"""Responsibility areas that are drawn: corners of an outline, inside the place, not crossing itself; shown and counted on the map."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from shapely.geometry import box, mapping

from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.services_outlines import add_outlines
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.vanguard import services
from doorstep.modules.vanguard.models import Area
from doorstep.modules.vanguard.selectors import places_in_words
from doorstep.modules.vanguard.selectors_map import parts_of
from doorstep.modules.vanguard.services import NewKept, Places
from tests.grids.world import BEGAN, FIRST, ONE, SECOND, STREET, SYSTEM, TODAY, TWO, World
from tests.sign_in import client_of
from tests.vanguard.world import party

Corners = list[tuple[float, float]]
# the community, and in it two grids beside each other
WHOLE, WEST, EAST = (
    box(121.60, 38.90, 121.62, 38.92),
    box(121.60, 38.90, 121.61, 38.92),
    box(121.61, 38.90, 121.62, 38.92),
)
SQUARE = [(121.602, 38.905), (121.606, 38.905), (121.606, 38.909), (121.602, 38.909)]


@pytest.fixture(autouse=True)
def boundaries(world: World) -> None:
    shapes = {ONE: WHOLE, FIRST: WEST, SECOND: EAST}
    outlines = [
        NewOutline(place, json.dumps(mapping(shape)), "示意", illustrative=True)
        for place, shape in shapes.items()
    ]
    add_outlines(actor=SYSTEM, outlines=outlines, valid_from=dt.date(2020, 1, 1))


def drawn(world: World, corners: Corners, *, name: str = "演示责任区", codes: tuple[str, ...] = ()) -> Area:
    new = NewKept(place_code=ONE, name=name, unit_id=party(ONE, world), valid_from=BEGAN)
    return services.set_up_area(
        actor=world.actor("secretary"), new=new, places=Places(codes=codes), outline=corners
    )


def held(world: World, row: Area) -> None:
    services.give(
        actor=world.actor("secretary"), what="area", pk=row.pk, person_id=world.people["member"].pk,
        unit_id=party(ONE, world), valid_from=TODAY,
    )  # fmt: skip


def test_an_outline_is_kept_as_a_polygon_in_degrees(world: World) -> None:
    row = drawn(world, SQUARE)
    assert row.outline is not None and row.outline["type"] == "Polygon"
    assert {tuple(corner) for corner in row.outline["coordinates"][0]} == set(SQUARE)
    assert drawn(world, [*SQUARE, SQUARE[0]], name="闭合的").outline == row.outline
    assert "公顷" in places_in_words([row])[row.pk]
    both = drawn(world, SQUARE, name="两样都有", codes=(FIRST,))
    assert places_in_words([both])[both.pk].count("、") == 1


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        (SQUARE[:2], "至少要三个点"), ([SQUARE[0]] * 5, "至少要三个点"),
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "自己交叉"),
        ([SQUARE[0], (121.63, 38.905), (121.63, 38.909), SQUARE[3]], "以外"), ([(lat, lon) for lon, lat in SQUARE], "写反"),
        ([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], "不在中国境内"),
        ([(121.601 + n * 1e-5, 38.905 + (n % 2) * 1e-3) for n in range(201)], "最多 200 个"),
        ([(121.602, 38.905), (121.603, 38.905), (121.604, 38.905)], "边界"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_the_outline(world: World, corners: Corners, said: str) -> None:
    with pytest.raises(RuleViolation, match=said) as refused:
        drawn(world, corners)
    assert refused.value.field == "outline" and not Area.objects.exists()


def test_a_hand_along_the_boundary_is_not_outside(world: World) -> None:
    edge = [(121.60 - 2e-4, 38.905), (121.606, 38.905), (121.606, 38.909), (121.60 - 2e-4, 38.909)]
    assert drawn(world, edge).pk
    further = [(121.60 - 5e-4, 38.905), *edge[1:3], (121.60 - 5e-4, 38.909)]
    with pytest.raises(RuleViolation, match="以外"):
        drawn(world, further, name="出界的")


def test_without_a_boundary_places_are_chosen_instead(world: World) -> None:
    new = NewKept(place_code=STREET, name="全街道", unit_id=party(ONE, world), valid_from=BEGAN)
    with pytest.raises(RuleViolation, match="请改选网格"):
        services.set_up_area(actor=world.actor("street"), new=new, outline=SQUARE)
    with pytest.raises(RuleViolation, match="或者在图上画出范围"):
        services.set_up_area(actor=world.actor("street"), new=new)


def test_it_counts_in_each_part_that_it_reaches_into(world: World) -> None:
    held(world, drawn(world, SQUARE))
    wide = [(121.608, 38.905), (121.612, 38.905), (121.612, 38.909), (121.608, 38.909)]
    held(world, drawn(world, wide, name="跨网格的"))
    actor = world.actor("district")
    counted = {part.code: part.areas for part in parts_of(actor, ONE)}
    assert (counted[FIRST], counted[SECOND]) == (2, 1)
    assert [part.areas for part in parts_of(actor, STREET)] == [2]
    assert {part.areas for part in parts_of(actor, TWO)} == {0}


def test_drawn_at_the_desk_and_shown_on_the_map(world: World) -> None:
    desk = client_of(world.accounts["secretary"])
    path = f"/desk/vanguard/new/area/?place={ONE}"
    assert f"/desk/vanguard/areas/{ONE}/map.geojson" in desk.get(path).content.decode()
    lines = "\r\n".join(f"{longitude}, {latitude}" for longitude, latitude in SQUARE)
    sent = {
        "place_code": ONE, "name": "画的责任区", "unit": str(party(ONE, world)), "valid_from": BEGAN.isoformat(), "outline": lines,
    }  # fmt: skip
    for bad, said in (
        ("121.60\n", "第 1 行"), (lines + "\n东边, 38.9", "第 5 行"), ("nan, 38.9", "第 1 行"), ("", "至少选一处"),
        ("\n".join(["121.6, 38.9"] * 201), "最多 200 个"), ("121.602 38.905\n121.606，38.905", "至少要三个点"),
    ):  # fmt: skip
        refused = desk.post(path, sent | {"outline": bad})
        assert refused.status_code == 422 and said in refused.content.decode(), said
    assert desk.post(path, sent).status_code == 302
    row = Area.objects.get()
    held(world, row)
    page = desk.get(f"/desk/vanguard/areas/?place={ONE}").content.decode()
    assert "画的责任区" in page and "公顷" in page and "演示党员member" in page
    features = json.loads(desk.get(f"/desk/vanguard/areas/{ONE}/map.geojson").content)["features"]
    (line,) = [one for one in features if one["properties"].get("line")]
    assert line["geometry"] == row.outline and line["properties"]["name"] == "画的责任区"
    assert "公顷" in desk.get("/desk/r/vanguard.areas/").content.decode()
    assert Client().get(path).status_code == 302

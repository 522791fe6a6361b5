"""What cannot be planned is refused in one sentence that says what and where."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from doorstep.planning.errors import Refused
from doorstep.planning.forms import MEGABYTES
from doorstep.planning.grids import Plan, bounds, figures, grids, of, read, repair
from tests.planning.forms import building, lattice, row


def refused(form: Any, *words: str) -> str:
    with pytest.raises(Refused) as caught:
        of(form)
    told = str(caught.value)
    assert all(word in told for word in words), told
    assert told.endswith("。") and "\n" not in told
    return told


def test_fewer_buildings_than_grids():
    refused(row(size=3, grids=4), "片0", "3栋", "4个网格")


def test_a_torn_part_names_its_pieces_and_proposes_their_grids():
    form = row(size=6, grids=3)
    form["adjacent"].remove([3, 4])
    refused(form, "片0", "不连通", "楼栋0", "共4栋", "宜2个", "楼栋4", "宜1个")


def test_an_island():
    form = row(size=4)
    form["buildings"].append(building(9))
    refused(form, "孤立", "楼栋9")


@pytest.mark.parametrize("load", [0, -3, None, math.nan, math.inf, "12", True, 1e12])
def test_loads_that_are_none(load: object):
    form = row()
    form["buildings"][4]["load"] = load
    refused(form, "楼栋4", "load")


@pytest.mark.parametrize(
    ("field", "value"), [("x", math.nan), ("y", None), ("x", 1e200), ("difficulty", -1), ("households", 1.5)]
)
def test_fields_that_are_no_numbers(field: str, value: object):
    form = row()
    form["buildings"][2][field] = value
    refused(form, "楼栋2", field)


def test_ids_that_stand_twice():
    form = row()
    form["buildings"][5]["id"] = 4
    refused(form, "4", "不止一次")


def test_an_edge_that_names_nobody():
    form = row()
    form["adjacent"].append([2, 77])
    refused(form, "adjacent第6项", "77")


def test_an_edge_to_itself():
    form = row()
    form["adjacent"].append([2, 2])
    refused(form, "adjacent第6项", "楼栋2")


def test_an_edge_over_a_border():
    form = row()
    form["parts"].append({"id": 1, "grids": 1})
    for at in (4, 5):
        form["buildings"][at]["part"] = 1
    refused(form, "adjacent第4项", "楼栋3与4", "不在同一片")


def test_a_part_nobody_listed():
    form = row()
    form["buildings"][1]["part"] = 3
    refused(form, "楼栋1", "片3")


@pytest.mark.parametrize(
    "form",
    [
        [],
        3,
        None,
        {},
        {"parts": [], "buildings": {}, "adjacent": []},
        {"parts": [], "buildings": [], "adjacent": []},
    ],
)
def test_other_forms(form: object):
    refused(form)


@pytest.mark.parametrize(
    ("pins", "word"),
    [
        ({"together": [[0, 1, 2]], "apart": [[0, 2]]}, "分开"),
        ({"inside": [[0, 0], [0, 1]]}, "同时定在两个网格"),
        ({"inside": [[0, 0], [1, 1]], "together": [[0, 1]]}, "分别定在"),
        ({"inside": [[0, 0], [1, 0]], "apart": [[0, 1]]}, "分开"),
        ({"inside": [[0, 5]]}, "没有网格5"),
        ({"apart": [[0, 99]]}, "99"),
        ({"apart": [[0]]}, "第1项"),
        ({"near": []}, "pins"),
    ],
)
def test_pins_that_contradict_each_other(pins: dict[str, Any], word: str):
    refused({**row(), "pins": pins}, word)


def test_pins_no_connected_grid_can_keep():
    form = {**row(size=5, grids=2), "pins": {"together": [[0, 4]], "apart": [[0, 2]]}}
    with pytest.raises(Refused, match="做不到"):
        grids(of(form), rounds=6)


def test_today_of_another_length():
    refused({**row(), "today": [0, 1]}, "today", "6个")


def test_a_building_heavier_than_two_grids_is_planned_and_shown():
    form = row(size=6, grids=3)
    form["buildings"][2]["load"] = 200.0
    instance = of(form)
    plan = grids(instance, rounds=4)
    found, floor = figures(instance, plan.grids), bounds(instance, plan)
    assert found.overweight_buildings == 1 and found.wrong_number == 0
    assert floor.part_max == pytest.approx(200 / (250 / 3))
    assert found.part_max >= floor.part_max


def test_no_json(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text('{"parts": [}')
    with pytest.raises(Refused, match=r"plan\.json第1行第12列"):
        read(path)
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(Refused, match="UTF-8"):
        read(path)
    path.write_text("[" * 200_000)
    with pytest.raises(Refused, match="嵌套"):
        read(path)
    with pytest.raises(Refused, match="读不到"):
        read(tmp_path / "none.json")


def test_a_file_too_large_is_refused_unread(tmp_path: Path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(500_000_000)  # a hole, no bytes on the disk
    with pytest.raises(Refused, match=f"500 MB.*{MEGABYTES} MB"):
        read(path)


def test_read_and_of_agree(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(lattice()))
    assert read(path).ids.tolist() == of(lattice()).ids.tolist()


def test_starts_that_are_no_plans():
    instance = of(row())
    for labels in ([0, 1, 0, 1, 1, 1], [0] * 6, [0, 1, 1]):
        start = Plan(instance.numbers[:1].repeat(len(labels)) * 0 + labels)
        with pytest.raises(Refused, match="起点方案"):
            grids(instance, start=start, rounds=1)


def test_repairs_that_cannot_be():
    instance = of(row())
    plan = grids(instance, rounds=2)
    for moved, word in (({99: 0}, "没有登记"), ({0: 9}, "没有网格9")):
        with pytest.raises(Refused, match=word):
            repair(instance, plan, moved=moved)


def test_weights_make_the_loads():
    form = {**row(), "weights": {"since": "2026-01-01", "household": 2.0, "building": 5.0}}
    instance = of(form)
    assert instance.load.tolist() == [25.0] * 6
    assert instance.weights and instance.weights.since.isoformat() == "2026-01-01"
    refused({**row(), "weights": {"since": "soon"}}, "weights", "since")

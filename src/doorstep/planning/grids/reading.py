"""Instances from the shared JSON form, refusing what cannot be planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import (
    FARTHEST,
    Floats,
    Ints,
    Name,
    Row,
    each_once,
    form_of,
    is_number,
    is_whole,
    loaded,
    names_of,
    pairs_listed,
    reals,
    rows,
    shown,
    wholes,
)
from doorstep.planning.grids.connection import components, neighbour_lists
from doorstep.planning.grids.instance import Instance
from doorstep.planning.grids.numbering import numbered
from doorstep.planning.grids.pinning import pins_of
from doorstep.planning.grids.weights import Weights

MOST = 1_000_000  # buildings, and parts
HEAVIEST = 1e9
SHOWN = 5


def read(path: Path | str) -> Instance:
    """The instance in a JSON file of at most 64 MB. Refused when it is larger, no JSON, or cannot be planned."""
    return of(loaded(path))


def of(form: Any) -> Instance:
    """The instance in the shared form, as `json.load` gives it. Refused where it cannot be planned."""
    form = form_of(form, "parts、buildings、adjacent")
    if form.get("buildings") == []:
        raise Refused("buildings里一栋楼也没有，请先登记楼栋。")
    parts, buildings = rows(form, "parts", MOST), rows(form, "buildings", MOST)
    ids, places = _ids(buildings, "buildings")
    part_ids, part_places = _ids(parts, "parts")

    def whose(at: int) -> str:
        return f"楼栋{ids[at]}"

    asked = wholes(parts, "grids", lambda at: f"片{part_ids[at]}", least=1)
    part = _found(wholes(buildings, "part", whose), part_places, ids)
    weights = _weights(form.get("weights"))
    households = wholes(buildings, "households", whose, least=0)
    difficulty = reals(buildings, "difficulty", whose, least=0, most=1000.0)
    load = _loads(buildings, weights, households, difficulty, ids)
    edges = _edges(form, places, ids, part)
    starts, neighbours = neighbour_lists(len(ids), edges)
    _enough(part, part_ids, asked)
    _connected(ids, load, part, part_ids, asked, starts, neighbours)
    first = np.concatenate([[0], np.cumsum(asked)]).astype(np.int64)
    today_numbers = _today(form.get("today"), ids)
    numbers, today = numbered(today_numbers, households, part, asked, first)
    return Instance(
        ids=ids,
        x=reals(buildings, "x", whose, least=-FARTHEST, most=FARTHEST),
        y=reals(buildings, "y", whose, least=-FARTHEST, most=FARTHEST),
        load=load,
        households=households,
        difficulty=difficulty,
        community=wholes(buildings, "community", whose),
        compound=wholes(buildings, "compound", whose, default=-1),
        part=part,
        part_ids=part_ids,
        asked=asked,
        first=first,
        numbers=numbers,
        edges=edges,
        starts=starts,
        neighbours=neighbours,
        today=today,
        pins=pins_of(form.get("pins"), ids, part, first, numbers),
        weights=weights,
        price=_price(form.get("price")),
    )


def _ids(rows: Sequence[Row], where: str) -> tuple[Ints, dict[Name, int]]:
    """The ids of rows, whole numbers here, and the place of each."""
    ids = wholes(rows, "id", lambda at: f"{where}第{at + 1}项")
    return ids, names_of(rows, where)


def _found(given: Ints, places: Mapping[Name, int], ids: Ints) -> Ints:
    for building, part in zip(ids.tolist(), given.tolist(), strict=True):
        if part not in places:
            raise Refused(f"楼栋{building}所在的片{part}不在parts里，请补上这一片或改正part。")
    return np.array([places[part] for part in given.tolist()], dtype=np.int64)


def _loads(
    buildings: Sequence[Row], weights: Weights | None, households: Ints, difficulty: Floats, ids: Ints
) -> Floats:
    """As given; by the formula where weights are given."""
    given = (
        [row.get("load") for row in buildings]
        if weights is None
        else weights.loads(households, difficulty).tolist()
    )
    for at, value in enumerate(given):
        if not is_number(value) or not 0 < value <= HEAVIEST:
            raise Refused(
                f"楼栋{ids[at]}的工作量load应大于0且不超过{HEAVIEST:g}，现在是{shown(value)}，"
                "请核对户数和难度，无人居住的楼请并入邻楼或不列。"
            )
    return np.array(given, dtype=np.float64)


def _weights(given: Any) -> Weights | None:
    if given is None:
        return None
    try:
        chosen = Weights(
            since=date.fromisoformat(given["since"]),
            **{name: float(given[name]) for name in ("household", "difficulty", "building") if name in given},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            "weights应含since（施行日期，如2026-01-01）和数值household、difficulty、building，请改正。"
        ) from error
    for name in ("household", "difficulty", "building"):
        if not 0 <= getattr(chosen, name) <= 1000:
            raise Refused(f"weights里的{name}应在0到1000之间，请改正。")
    return chosen


def _price(given: Any) -> float:
    if given is None:
        return 1.0
    if not is_number(given) or not 0 <= given <= 1000:
        raise Refused(f"price（每户变动网格的代价）应在0到1000之间，现在是{shown(given)}，请改正。")
    return float(given)


def _edges(form: Row, places: Mapping[Name, int], ids: Ints, part: Ints) -> Ints:
    """Each pair once, as places."""
    edges = pairs_listed(form, "adjacent", places, "楼栋", 20 * MOST)
    crossing = np.flatnonzero(part[edges[:, 0]] != part[edges[:, 1]])
    if len(crossing):
        at = int(crossing[0])
        raise Refused(
            f"adjacent第{at + 1}项的楼栋{ids[edges[at, 0]]}与{ids[edges[at, 1]]}不在同一片，"
            "网格不能跨社区或主干道，请删去这一对或改正part。"
        )
    return each_once(edges)


def _enough(part: Ints, part_ids: Ints, asked: Ints) -> None:
    have = np.bincount(part, minlength=len(part_ids))
    short = np.flatnonzero(have < asked)
    if len(short):
        at = int(short[0])
        raise Refused(
            f"片{part_ids[at]}只有{have[at]}栋楼，却要{asked[at]}个网格，每个网格至少一栋，请减少网格数。"
        )


def _connected(
    ids: Ints, load: Floats, part: Ints, part_ids: Ints, asked: Ints, starts: Ints, neighbours: Ints
) -> None:
    """How many grids each piece of a torn part gets is for people to say, so it is refused, with a proposal."""
    pieces = components(starts, neighbours)
    _, leads = np.unique(pieces, return_index=True)
    lead_parts = part[leads]
    torn = np.flatnonzero(np.bincount(lead_parts, minlength=len(part_ids)) > 1)
    if not len(torn):
        return
    at = int(torn[0])
    told = []
    mean = load[part == at].sum() / asked[at]
    heads = leads[lead_parts == at]
    for lead in heads[:SHOWN]:
        inside = np.flatnonzero(pieces == pieces[lead])
        share = max(1, round(float(load[inside].sum() / mean)))
        island = "孤立的一栋，" if len(inside) == 1 else f"共{len(inside)}栋，"
        told.append(f"楼栋{ids[lead]}一块（{island}按工作量宜{share}个网格）")
    more = "等" if len(heads) > SHOWN else ""
    raise Refused(
        f"片{part_ids[at]}不连通，分成{len(heads)}块：{'、'.join(told)}{more}，请补上相邻关系，或把各块列为单独的片并各给网格数。"
    )


def _today(given: Any, ids: Ints) -> Ints | None:
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != len(ids):
        raise Refused(f"today应是{len(ids)}个网格号（没有的写null），与buildings一一对应，请改正。")
    for at, value in enumerate(given):
        if value is None:
            continue
        if not is_whole(value, 0):
            raise Refused(f"today里楼栋{ids[at]}的网格号应是不小于0的整数，现在是{shown(value)}，请改正。")
    return np.array([-1 if value is None else value for value in given], dtype=np.int64)

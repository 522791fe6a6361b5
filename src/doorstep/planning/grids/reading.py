"""Instances from the shared JSON form, refusing what cannot be planned."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.grids.connection import components, neighbour_lists
from doorstep.planning.grids.instance import Floats, Instance, Ints
from doorstep.planning.grids.numbering import numbered
from doorstep.planning.grids.pinning import pins_of
from doorstep.planning.grids.weights import Weights

MEGABYTES = 64  # about 400,000 buildings
FARTHEST = 1e7  # metres from the origin: squares of it still add up exactly enough
HEAVIEST = 1e9
SHOWN = 5


def read(path: Path | str) -> Instance:
    """The instance in a JSON file of at most 64 MB. Refused when it is larger, no JSON, or cannot be planned."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MEGABYTES * 1_000_000:
            raise Refused(
                f"文件{path.name}有{size / 1e6:.0f} MB，超过{MEGABYTES} MB（约四十万栋楼），请按街道拆开后分别规划。"
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refused(f"读不到文件{path.name}（{error.strerror}），请检查路径和权限。") from error
    except UnicodeDecodeError as error:
        raise Refused(
            f"文件{path.name}不是UTF-8文本（第{error.start}字节），请另存为UTF-8编码的JSON。"
        ) from error
    try:
        form = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused(
            f"文件{path.name}第{error.lineno}行第{error.colno}列起不是JSON，请重新导出。"
        ) from error
    except RecursionError as error:
        raise Refused(f"文件{path.name}括号嵌套过深，不是规划用的JSON，请重新导出。") from error
    return of(form)


def of(form: Any) -> Instance:
    """The instance in the shared form, as `json.load` gives it. Refused where it cannot be planned."""
    if not isinstance(form, Mapping):
        raise Refused("最外层应是一个对象，含parts、buildings、adjacent三项，请检查文件。")
    parts, buildings, adjacent = (_rows(form, name) for name in ("parts", "buildings", "adjacent"))
    if not buildings:
        raise Refused("buildings里一栋楼也没有，请先登记楼栋。")
    ids = _whole(buildings, "id", "buildings")
    _unique(ids, "buildings")
    part_ids = _whole(parts, "id", "parts")
    _unique(part_ids, "parts")
    asked = _whole(parts, "grids", "parts", least=1)
    part = _found(_whole(buildings, "part", "buildings", named=ids), part_ids, ids)
    weights = _weights(form.get("weights"))
    households = _whole(buildings, "households", "buildings", least=0, named=ids)
    difficulty = _real(buildings, "difficulty", ids, 0, 1000.0)
    load = _loads(buildings, weights, households, difficulty, ids)
    edges = _edges(adjacent, ids, part)
    starts, neighbours = neighbour_lists(len(ids), edges)
    _enough(part, part_ids, asked)
    _connected(ids, load, part, part_ids, asked, starts, neighbours)
    first = np.concatenate([[0], np.cumsum(asked)]).astype(np.int64)
    today_numbers = _today(form.get("today"), ids)
    numbers, today = numbered(today_numbers, households, part, asked, first)
    return Instance(
        ids=ids,
        x=_real(buildings, "x", ids, -FARTHEST, FARTHEST),
        y=_real(buildings, "y", ids, -FARTHEST, FARTHEST),
        load=load,
        households=households,
        difficulty=difficulty,
        community=_whole(buildings, "community", "buildings", named=ids),
        compound=_whole(buildings, "compound", "buildings", named=ids, default=-1),
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


def _rows(form: Mapping[str, Any], name: str) -> Sequence[Any]:
    rows = form.get(name)
    if not isinstance(rows, list):
        raise Refused(f"缺少{name}，或它不是一个列表，请按格式补上。")
    if name != "adjacent":
        for at, row in enumerate(rows):
            if not isinstance(row, Mapping):
                raise Refused(f"{name}第{at + 1}项不是一个对象，请改正。")
    return rows


def _whole(
    rows: Sequence[Any], field: str, where: str, *, least: int | None = None, named: Ints | None = None,
    default: int | None = None,
) -> Ints:  # fmt: skip
    """A field of whole numbers."""
    values = [row.get(field, default) for row in rows]
    for at, value in enumerate(values):
        if value is None and default is not None:
            values[at] = default
            continue
        right = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62
        if not right or (least is not None and value < least):
            whose = f"第{at + 1}项" if named is None else f"楼栋{named[at]}"
            least_words = "" if least is None else f"（不小于{least}）"
            raise Refused(f"{where}里{whose}的{field}应是整数{least_words}，现在是{_shown(value)}，请改正。")
    return np.array(values, dtype=np.int64)


def _real(rows: Sequence[Any], field: str, ids: Ints, least: float, most: float) -> Floats:
    """A field of finite numbers."""
    values = [row.get(field) for row in rows]
    for at, value in enumerate(values):
        if not _is_number(value) or not least <= value <= most:
            raise Refused(
                f"楼栋{ids[at]}的{field}应是{least:g}到{most:g}之间的数，现在是{_shown(value)}，请改正。"
            )
    return np.array(values, dtype=np.float64)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: Any) -> str:
    return "空" if value is None else repr(value)[:40]


def _unique(ids: Ints, where: str) -> None:
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        twice = values[counts > 1][:SHOWN]
        raise Refused(f"{where}里编号{_listed(twice)}出现了不止一次，请去掉重复的。")


def _listed(values: Any) -> str:
    return "、".join(str(value) for value in values)


def _found(given: Ints, part_ids: Ints, ids: Ints) -> Ints:
    index = {int(part): at for at, part in enumerate(part_ids)}
    for building, part in zip(ids, given, strict=True):
        if int(part) not in index:
            raise Refused(f"楼栋{building}所在的片{part}不在parts里，请补上这一片或改正part。")
    return np.array([index[int(part)] for part in given], dtype=np.int64)


def _loads(
    buildings: Sequence[Any], weights: Weights | None, households: Ints, difficulty: Floats, ids: Ints
) -> Floats:
    """As given; by the formula where weights are given."""
    given = (
        [row.get("load") for row in buildings]
        if weights is None
        else weights.loads(households, difficulty).tolist()
    )
    for at, value in enumerate(given):
        if not _is_number(value) or not 0 < value <= HEAVIEST:
            raise Refused(
                f"楼栋{ids[at]}的工作量load应大于0且不超过{HEAVIEST:g}，现在是{_shown(value)}，"
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
    if not _is_number(given) or not 0 <= given <= 1000:
        raise Refused(f"price（每户变动网格的代价）应在0到1000之间，现在是{_shown(given)}，请改正。")
    return float(given)


def _edges(adjacent: Sequence[Any], ids: Ints, part: Ints) -> Ints:
    """Each pair once, as places."""
    index = {int(one): at for at, one in enumerate(ids)}
    pairs = []
    for at, pair in enumerate(adjacent):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Refused(f"adjacent第{at + 1}项应是两个楼栋编号，现在是{_shown(pair)}，请改正。")
        for one in pair:
            if not isinstance(one, int) or one not in index:
                raise Refused(f"adjacent第{at + 1}项里的{_shown(one)}不是已登记的楼栋，请补登或删去这一对。")
        if pair[0] == pair[1]:
            raise Refused(f"adjacent第{at + 1}项把楼栋{pair[0]}与它自己相邻，请删去。")
        pairs.append((index[pair[0]], index[pair[1]]))
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    crossing = np.flatnonzero(part[edges[:, 0]] != part[edges[:, 1]])
    if len(crossing):
        at = int(crossing[0])
        raise Refused(
            f"adjacent第{at + 1}项的楼栋{ids[edges[at, 0]]}与{ids[edges[at, 1]]}不在同一片，"
            "网格不能跨社区或主干道，请删去这一对或改正part。"
        )
    return np.unique(np.sort(edges, axis=1), axis=0)


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
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
            raise Refused(f"today里楼栋{ids[at]}的网格号应是不小于0的整数，现在是{_shown(value)}，请改正。")
    return np.array([-1 if value is None else value for value in given], dtype=np.int64)

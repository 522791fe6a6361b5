"""Needs and resources from the JSON form, and the arcs between what fits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from doorstep.planning.errors import Refused
from doorstep.planning.forms import (
    FARTHEST,
    Ints,
    Name,
    Row,
    form_of,
    loaded,
    names_of,
    real,
    rows,
    shown,
    whole,
)
from doorstep.planning.matching.instance import CENTIMETRES, Instance, Market, Rules

MOST = 200_000  # needs, and resources
MOST_ARCS = 8_000_000
MOST_PLACES = 2_000_000
ALWAYS = 1e12


def read(path: Path | str) -> Instance:
    """The instance in a JSON file. Refused when it is too large, no JSON, or cannot be matched."""
    return of(loaded(path))


def of(form: Any) -> Instance:
    """The instance in the form of docs/planning.md: by place, kind and time with `farthest`, or by `arcs`."""
    form = form_of(form)
    needs, resources = rows(form, "needs", MOST), rows(form, "resources", MOST)
    need_names, resource_names = names_of(needs, "needs"), names_of(resources, "resources")
    capacity = np.array(
        [whole(row, "capacity", f"资源{row['id']}", default=1) for row in resources], dtype=np.int64
    )
    if capacity.sum() > MOST_PLACES:
        raise Refused(f"各资源的capacity合计{capacity.sum()}，超过{MOST_PLACES}，请按街道拆开后分别匹配。")
    urgency = np.array(
        [whole(row, "urgency", f"需求{row['id']}", least=1, most=9, default=1) for row in needs],
        dtype=np.int64,
    )
    if "arcs" in form:
        rules, arcs = None, _given(form["arcs"], need_names, resource_names)
    else:
        rules = _rules(form, needs, resources)
        arcs = _fitting(rules)
    tails, heads, costs = arcs
    order = np.lexsort((heads, tails))
    starts = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=len(needs)))]).astype(np.int64)
    market = Market(starts, heads[order], costs[order], capacity, urgency)
    return Instance(list(need_names), list(resource_names), market, rules)


def _given(found: Any, needs: dict[Name, int], resources: dict[Name, int]) -> tuple[Ints, Ints, Ints]:
    """Arcs as [need, resource, metres]."""
    if not isinstance(found, list) or len(found) > MOST_ARCS:
        raise Refused(f"arcs应是不超过{MOST_ARCS}项的列表，每项为需求、资源、米数，请改正。")
    table = np.empty((len(found), 3), dtype=np.int64)
    for at, arc in enumerate(found):
        if not isinstance(arc, list | tuple) or len(arc) != 3:
            raise Refused(f"arcs第{at + 1}项应是[需求, 资源, 米数]，现在是{shown(arc)}，请改正。")
        need, resource, _ = arc
        try:
            table[at, 0], table[at, 1] = needs[need], resources[resource]
        except (KeyError, TypeError) as error:
            raise Refused(
                f"arcs第{at + 1}项的需求{shown(need)}或资源{shown(resource)}没有登记，请改正。"
            ) from error
        metres = real({"metres": arc[2]}, "metres", f"arcs第{at + 1}项", least=0, most=FARTHEST)
        table[at, 2] = round(metres * CENTIMETRES)
    keys = table[:, 0] * len(resources) + table[:, 1]
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    if (counts > 1).any():
        arc = found[int(first[counts > 1][0])]
        raise Refused(f"arcs里需求{arc[0]}与资源{arc[1]}出现了不止一次，请只留一项。")
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def _rules(form: Row, needs: Sequence[Row], resources: Sequence[Row]) -> Rules:
    kinds: dict[str, int] = {}
    return Rules(
        farthest=real(form, "farthest", "最外层", least=0, most=FARTHEST),
        need_xy=_places(needs, "需求"),
        need_kind=np.array([_kind(row.get("kind"), f"需求{row['id']}的kind", kinds) for row in needs]),
        need_time=np.array([(*_window(row, "需求"), _minutes(row)) for row in needs]),
        resource_xy=_places(resources, "资源"),
        resource_kinds=[_kinds(row, kinds) for row in resources],
        resource_time=np.array([_window(row, "资源") for row in resources]),
        kinds=kinds,
    )


def _places(found: Sequence[Row], what: str) -> Any:
    return np.array(
        [
            [real(row, axis, f"{what}{row['id']}", least=-FARTHEST, most=FARTHEST) for axis in "xy"]
            for row in found
        ]
    )


def _kind(value: Any, whose: str, kinds: dict[str, int]) -> int:
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise Refused(f"{whose}应是不超过100字的文字，现在是{shown(value)}，请改正。")
    return kinds.setdefault(value, len(kinds))


def _kinds(row: Row, kinds: dict[str, int]) -> frozenset[int]:
    found = row.get("kinds")
    if not isinstance(found, list) or not found:
        raise Refused(
            f"资源{row['id']}的kinds应是非空列表，写明能满足哪些需求，现在是{shown(found)}，请改正。"
        )
    return frozenset(_kind(one, f"资源{row['id']}的kinds", kinds) for one in found)


def _window(row: Row, what: str) -> tuple[float, float]:
    """From when until when, in minutes from any common beginning."""
    since = real(row, "since", f"{what}{row['id']}", least=-ALWAYS, most=ALWAYS, default=-ALWAYS)
    until = real(row, "until", f"{what}{row['id']}", least=-ALWAYS, most=ALWAYS, default=ALWAYS)
    if until < since:
        raise Refused(f"{what}{row['id']}的until早于since，请改正。")
    return since, until


def _minutes(row: Row) -> float:
    return real(row, "minutes", f"需求{row['id']}", least=0, most=ALWAYS, default=0)


def _fitting(rules: Rules) -> tuple[Ints, Ints, Ints]:
    """(needs, resources, centimetres) of all that fit in kind, distance and time."""
    offered: dict[int, list[int]] = {}
    for at, kinds in enumerate(rules.resource_kinds):
        for kind in kinds:
            offered.setdefault(kind, []).append(at)
    found, count = [np.empty((0, 3), dtype=np.int64)], 0
    for kind in np.unique(rules.need_kind).tolist():
        if kind not in offered:
            continue
        mine, theirs = np.flatnonzero(rules.need_kind == kind), np.array(offered[kind])
        trees = [cKDTree(rules.need_xy[mine]), cKDTree(rules.resource_xy[theirs])]
        count += int(trees[0].count_neighbors(trees[1], rules.farthest))
        if count > MOST_ARCS:
            raise Refused(
                f"在farthest={rules.farthest:g}米以内，需求与资源的可能搭配超过{MOST_ARCS}对，请把farthest改小或按街道拆开。"
            )
        near = trees[0].sparse_distance_matrix(trees[1], rules.farthest, output_type="ndarray")
        costs = np.rint(near["v"] * CENTIMETRES).astype(np.int64)
        found.append(np.stack([mine[near["i"]], theirs[near["j"]], costs], axis=1))
    table = np.concatenate(found)
    fits = overlap(rules, table[:, 0], table[:, 1]) >= rules.need_time[table[:, 0], 2]
    table = table[fits]
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def overlap(rules: Rules, need: Any, resource: Any) -> Any:
    """Minutes both are there together; negative when they never are."""
    time, other = rules.need_time[need], rules.resource_time[resource]
    return np.minimum(time[..., 1], other[..., 1]) - np.maximum(time[..., 0], other[..., 0])

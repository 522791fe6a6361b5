"""Why a need has its resource, or what it nearly had."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.forms import Ints, Name
from doorstep.planning.matching.instance import CENTIMETRES, Rules
from doorstep.planning.matching.matcher import Matching
from doorstep.planning.matching.reading import overlap

SHOWN = 3


@dataclass(frozen=True)
class Met:
    """Need `need` has `resource`, `metres` away. `nearer`: nearer ones that fit, who has each, and by how many metres all together
    would walk more, at least, if this need had it."""

    need: Name
    resource: Name
    metres: float
    nearer: tuple[tuple[Name, tuple[Name, ...], float], ...]


@dataclass(frozen=True)
class Missed:
    """Need `need` has none. `nearest`: the resource that fails it least, at `metres`; `failing`: which of kind, far, time, full,
    and no arc; `holders`: who has it, where it is full."""

    need: Name
    nearest: Name | None
    metres: float | None
    failing: tuple[str, ...]
    holders: tuple[Name, ...]


def explain(matching: Matching, need: int) -> Met | Missed:
    """Of the need at this place."""
    return _met(matching, need) if matching.state.resource[need] >= 0 else _missed(matching, need)


def _arcs(matching: Matching, need: int) -> tuple[Ints, Ints]:
    spot = slice(matching.net.starts[need], matching.net.ends[need])
    return matching.net.heads[spot], matching.net.costs[spot]


def _holders(matching: Matching, resource: int) -> tuple[Name, ...]:
    first = matching.net.slots[resource]
    held = matching.state.holder[first : first + min(SHOWN, int(matching.state.taken[resource]))]
    return tuple(matching.instance.needs[one] for one in held)


def _met(matching: Matching, need: int) -> Met:
    heads, costs = _arcs(matching, need)
    mine = int(matching.state.resource[need])
    cost = int(costs[heads == mine][0])
    order = np.argsort(costs, kind="stable")
    nearer = [spot for spot in order if costs[spot] < cost and matching.state.taken[heads[spot]] > 0][:SHOWN]
    extra = costs + matching.state.price[heads] - matching.state.worth[need]  # reduced costs
    names = matching.instance.resources
    return Met(
        matching.instance.needs[need],
        names[mine],
        cost / CENTIMETRES,
        tuple(
            (names[heads[spot]], _holders(matching, int(heads[spot])), int(extra[spot]) / CENTIMETRES)
            for spot in nearer
        ),
    )


def _missed(matching: Matching, need: int) -> Missed:
    heads, costs = _arcs(matching, need)
    failing: tuple[str, ...]
    open_ = matching.instance.market.capacity[heads] > 0
    if len(heads):
        rank = np.lexsort((costs, ~open_))[0]
        nearest, metres, failing = int(heads[rank]), int(costs[rank]) / CENTIMETRES, ("full",)
    elif matching.instance.rules is None or need >= len(matching.instance.rules.need_xy):
        return Missed(matching.instance.needs[need], None, None, ("arc",), ())
    else:
        nearest, metres, failing = _least_failing(matching.instance.rules, need)
    return Missed(
        matching.instance.needs[need],
        matching.instance.resources[nearest],
        metres,
        failing,
        _holders(matching, nearest),
    )


def _least_failing(rules: Rules, need: int) -> tuple[int, float, tuple[str, ...]]:
    """(resource, metres, what it fails in): the fewest rules first, then the nearest."""
    away = np.hypot(*(rules.resource_xy - rules.need_xy[need]).T)
    every = np.arange(len(away))
    kind = int(rules.need_kind[need])
    failing = {
        "kind": np.array([kind not in kinds for kinds in rules.resource_kinds]),
        "far": away > rules.farthest,
        "time": overlap(rules, np.full(len(away), need), every) < rules.need_time[need, 2],
    }
    count = sum(one.astype(int) for one in failing.values())
    best = int(np.lexsort((away, count))[0])
    return best, float(away[best]), tuple(name for name, fails in failing.items() if fails[best])

"""The best matching, one more need taken in, and the figures with their bound."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints, Name
from doorstep.planning.matching.flow import Net, Scratch, State, augment, scratch_of, solve
from doorstep.planning.matching.instance import CENTIMETRES, FOR_ARRIVALS, Instance, Market


@dataclass(frozen=True)
class Figures:
    """How many are met, and what no matching can beat.

    `urgency_unmet` comes first, then `metres`. `least` is a lower bound on the whole cost by the prices alone (weak duality),
    `gap` the cost beyond it, both in metres with an unmet need of urgency 1 at `unmet_price`: 0 proves the optimum.
    """

    needs: int
    met: int
    urgency_unmet: int
    metres: float
    longest: float
    unmet_price: float
    least: float
    gap: float


@dataclass(eq=False)
class Matching:
    """`resource[i]`: which resource need i has, −1 none. Changed in place by `arrive`; arrays may be longer than needed."""

    instance: Instance
    price_of_unmet: int
    net: Net
    state: State
    scratch: Scratch
    arcs: int
    spare: int = FOR_ARRIVALS

    @property
    def size(self) -> int:
        return len(self.instance.needs)

    @property
    def resource(self) -> Ints:
        return self.state.resource[: self.size]


def match(instance: Instance) -> Matching:
    """The matching that leaves the least urgency unmet and, of those, has the fewest metres. Exact to the centimetre."""
    market = instance.market
    price = market.unmet_price
    slots = np.concatenate([[0], np.cumsum(market.capacity)]).astype(np.int64)
    size, resources = len(instance.needs), len(instance.resources)
    net = Net(
        market.starts[:-1].copy(),
        market.starts[1:].copy(),
        market.heads,
        market.costs,
        price * market.urgency,
        slots,
    )
    state = State(
        np.zeros(resources, np.int64), np.zeros(size, np.int64), np.full(size, -1, np.int64),
        np.full(slots[-1], -1, np.int64), np.zeros(resources, np.int64),
    )  # fmt: skip
    scratch = scratch_of(resources, len(market.heads))
    solve(net, state, scratch)
    own = replace(instance, needs=list(instance.needs))
    return Matching(own, price, net, state, scratch, len(market.heads))


def arrive(matching: Matching, need: Name, heads: Ints, costs: Ints, urgency: int = 1) -> tuple[Name, ...]:
    """One more need, with the resources that fit it and centimetres to each; who changes resource because of it.

    The matching is then optimal for all needs. One shortest path; nothing is solved anew. Refused for a name that is there
    already, for arcs to nowhere, and when so many arrived that an unmet need may no longer outweigh every detour.
    """
    heads, costs = np.asarray(heads, dtype=np.int64), np.asarray(costs, dtype=np.int64)
    resources = len(matching.instance.resources)
    if need in matching.instance.needs:
        raise Refused(f"需求{need}已在其中，请换一个编号。")
    if len(heads) != len(costs) or len(np.unique(heads)) != len(heads) or not 1 <= urgency <= 9:
        raise Refused(f"需求{need}的紧急程度应是1到9，每个资源至多给一个距离，请改正。")
    if len(heads) and (heads.min() < 0 or heads.max() >= resources or costs.min() < 0 or costs.max() > 10**9):
        raise Refused(f"需求{need}列出的资源不存在，或距离不在0到一万公里之间，请改正。")
    matching.spare -= int(costs.max(initial=0))
    if matching.spare < 0:
        raise Refused("后来的需求已经太多，请连同它们重新匹配一次。")
    before = matching.resource.copy()
    _room_for(matching, len(heads))
    at = matching.size
    net, arcs = matching.net, matching.arcs
    net.heads[arcs : arcs + len(heads)], net.costs[arcs : arcs + len(heads)] = heads, costs
    net.starts[at], net.ends[at] = arcs, arcs + len(heads)
    net.unmet[at] = matching.price_of_unmet * urgency
    matching.arcs += len(heads)
    matching.instance = _longer(matching, need, urgency)
    augment(net, matching.state, matching.scratch, at)
    changed = np.flatnonzero(matching.resource[:at] != before)
    return tuple(matching.instance.needs[one] for one in changed)


def _room_for(matching: Matching, arcs: int) -> None:
    """Arrays doubled where one more need and its arcs do not fit."""
    net, state = matching.net, matching.state
    if matching.size >= len(net.starts):
        spare = max(16, len(net.starts))
        net = net._replace(
            **{name: _grown(getattr(net, name), spare) for name in ("starts", "ends", "unmet")}
        )
        state = state._replace(worth=_grown(state.worth, spare), resource=_grown(state.resource, spare, -1))
    if matching.arcs + arcs > len(net.heads):
        spare = max(64, len(net.heads), arcs)
        net = net._replace(heads=_grown(net.heads, spare), costs=_grown(net.costs, spare))
        matching.scratch = scratch_of(len(state.price), len(net.heads))
    matching.net, matching.state = net, state


def _grown(values: Ints, spare: int, filled: int = 0) -> Ints:
    return np.concatenate([values, np.full(spare, filled, np.int64)])


def _longer(matching: Matching, need: Name, urgency: int) -> Instance:
    """The instance with the new need's name; its arcs stand in the net, which `market_of` reads."""
    needs = matching.instance.needs
    needs.append(need)
    market = matching.instance.market
    return replace(matching.instance, market=replace(market, urgency=np.append(market.urgency, urgency)))


def market_of(matching: Matching) -> Market:
    """The market as it is now, arrived needs included."""
    net, size = matching.net, matching.size
    starts = np.append(net.starts[:size], matching.arcs)
    market = matching.instance.market
    return Market(
        starts, net.heads[: matching.arcs], net.costs[: matching.arcs], market.capacity, market.urgency
    )


def figures(matching: Matching) -> Figures:
    """Counted from the market and the matching alone; the bound from any prices ≥ 0, so it does not lean on the search."""
    market = market_of(matching)
    resource = matching.resource
    tails = np.repeat(np.arange(matching.size), np.diff(market.starts))
    used = market.costs[resource[tails] == market.heads]
    unmet = market.urgency[resource < 0]
    least = bound(market, np.maximum(matching.state.price, 0), matching.price_of_unmet)
    cost = int(used.sum()) + matching.price_of_unmet * int(unmet.sum())
    return Figures(
        needs=matching.size,
        met=int((resource >= 0).sum()),
        urgency_unmet=int(unmet.sum()),
        metres=int(used.sum()) / CENTIMETRES,
        longest=int(used.max(initial=0)) / CENTIMETRES,
        unmet_price=matching.price_of_unmet / CENTIMETRES,
        least=least / CENTIMETRES,
        gap=(cost - least) / CENTIMETRES,
    )


def bound(market: Market, price: Ints, price_of_unmet: int) -> int:
    """No matching costs less: every need pays at least its cheapest arc with the price on it, less the prices of all places."""
    usable = market.capacity[market.heads] > 0
    with_price = np.where(usable, market.costs + price[market.heads], np.iinfo(np.int64).max)
    least = price_of_unmet * market.urgency
    some = np.diff(market.starts) > 0
    if some.any():
        least[some] = np.minimum(least[some], np.minimum.reduceat(with_price, market.starts[:-1][some]))
    return sum(least.tolist()) - sum((market.capacity * price).tolist())


def warm() -> None:
    """Compile what is compiled, or load it from the cache."""
    one = np.array([0], dtype=np.int64)
    market = Market(np.array([0, 1]), one, one, one + 1, one + 1)
    arrive(match(Instance(["a"], ["b"], market, None)), "c", one, one)

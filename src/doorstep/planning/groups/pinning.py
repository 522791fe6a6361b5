"""Pins: what a person decided beforehand, refused where it contradicts itself or no group that hangs together can keep it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints, Name, is_name, shown
from doorstep.planning.grids.connection import components, neighbour_lists

MOST = 2000
KINDS = ("together", "apart", "inside")


@dataclass(frozen=True, eq=False)
class Pins:
    """mates: buildings with the same value are in one group; who is bound to nobody has a value of their own. apart: pairs of
    places in two groups. inside: by place, the name of its group."""

    mates: Ints  # (n,)
    apart: Ints  # (q, 2)
    inside: Mapping[int, Name]

    @property
    def some(self) -> bool:
        return len(self.apart) > 0 or len(np.unique(self.mates)) < len(self.mates)

    @property
    def fewest(self) -> int:
        """So many groups there must be at least: buildings of which each is to be apart from each other."""
        pairs = {(int(a), int(b)) for a, b in self.mates[self.apart].tolist()}
        chosen: list[int] = []
        for one in dict.fromkeys(self.mates[self.apart].ravel().tolist()):
            if all((one, other) in pairs or (other, one) in pairs for other in chosen):
                chosen.append(one)
        return max(1, len(chosen))

    def of(self, kept: Ints) -> Pins:
        """Those of some buildings; what concerns others as well falls away."""
        place = np.full(len(self.mates), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        apart = place[self.apart].reshape(-1, 2)
        inside = {int(place[at]): name for at, name in self.inside.items() if place[at] >= 0}
        return Pins(self.mates[kept], apart[(apart >= 0).all(axis=1)], inside)

    def broken(self, group: Ints) -> int:
        """How many are not kept: bound buildings in several groups, pairs in one."""
        both = np.unique(np.stack([self.mates, np.asarray(group)], axis=1), axis=0)
        scattered = int((np.unique(both[:, 0], return_counts=True)[1] > 1).sum())
        return scattered + int((group[self.apart[:, 0]] == group[self.apart[:, 1]]).sum())


def no_pins(size: int) -> Pins:
    return Pins(np.arange(size), np.zeros((0, 2), dtype=np.int64), {})


def pins_of(given: Any, names: Mapping[Name, int], branch: Ints) -> Pins:
    """The pins of the form. Refused where one names nobody or contradicts another."""
    if given is None:
        return no_pins(len(names))
    if not isinstance(given, Mapping) or set(given) - set(KINDS):
        raise Refused("pins应是一个对象，只含together、apart、inside三项，请改正。")
    ids = list(names)
    sets = [
        _places(row, names, f"pins.together第{at + 1}项") for at, row in enumerate(_rows(given, "together"))
    ]
    apart = [
        _places(row, names, f"pins.apart第{at + 1}项", exactly=2)
        for at, row in enumerate(_rows(given, "apart"))
    ]
    inside = _inside(_rows(given, "inside"), names)
    by_name: dict[Name, list[int]] = {}
    for place, name in inside.items():
        by_name.setdefault(name, []).append(place)
    pairs = [pair for one in [*sets, *by_name.values()] for pair in itertools.pairwise(one)]
    mates = components(*neighbour_lists(len(ids), _pairs(pairs)))
    _refuse_across(_pairs(pairs), ids, branch)
    others = itertools.combinations([found[0] for found in by_name.values()], 2)
    alone = [pair for pair in others if branch[pair[0]] == branch[pair[1]]]
    pins = Pins(mates, _pairs([*((a, b) for a, b in apart), *alone]), inside)
    _refuse_contradicting(pins, ids)
    return pins


def _rows(given: Mapping[str, Any], name: str) -> list[Any]:
    found = given.get(name) or []
    if not isinstance(found, list) or len(found) > MOST:
        raise Refused(f"pins.{name}应是一个列表，最多{MOST}项，请改正。")
    return found


def _places(row: Any, names: Mapping[Name, int], where: str, exactly: int = 0) -> list[int]:
    right = isinstance(row, list | tuple) and (len(row) == exactly if exactly else len(row) >= 2)
    if not right:
        raise Refused(f"{where}应是{'两个' if exactly else '两个以上'}楼栋编号，请改正。")
    return [_place(one, names, where) for one in row]


def _place(one: Any, names: Mapping[Name, int], where: str) -> int:
    if not is_name(one) or one not in names:
        raise Refused(f"{where}里的{shown(one)}不是已登记的楼栋，请补登或删去这一项。")
    return names[one]


def _inside(rows: list[Any], names: Mapping[Name, int]) -> dict[int, Name]:
    found: dict[int, Name] = {}
    for at, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(row) != 2 or not is_name(row[1]):
            raise Refused(f"pins.inside第{at + 1}项应是楼栋编号和组的编号，请改正。")
        place = _place(row[0], names, f"pins.inside第{at + 1}项")
        if found.setdefault(place, row[1]) != row[1]:
            raise Refused(f"pins.inside把楼栋{row[0]}同时定在两个组，请只留一个。")
    return found


def _pairs(pairs: list[tuple[int, int]]) -> Ints:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _refuse_across(pairs: Ints, ids: list[Name], branch: Ints) -> None:
    for one, other in pairs.tolist():
        if branch[one] != branch[other]:
            raise Refused(f"楼栋{ids[one]}、{ids[other]}不在一个支部，不能要求在一个组，请去掉这项要求。")


def _refuse_contradicting(pins: Pins, ids: list[Name]) -> None:
    for one, other in pins.apart.tolist():
        if pins.mates[one] == pins.mates[other]:
            raise Refused(f"楼栋{ids[one]}、{ids[other]}要分开，别的要求却把它们放在一个组，请去掉其中一项。")


def refuse_torn(pins: Pins, ids: list[Name], piece: Ints) -> None:
    """Who is bound together lies in one piece of adjacent buildings."""
    order = np.argsort(pins.mates, kind="stable")
    for one, other in itertools.pairwise(order.tolist()):
        if pins.mates[one] == pins.mates[other] and piece[one] != piece[other]:
            raise Refused(
                f"楼栋{ids[one]}、{ids[other]}之间没有相邻的楼相连，不能在一个组，请去掉这项要求或补登相邻。"
            )

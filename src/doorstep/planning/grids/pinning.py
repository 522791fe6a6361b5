"""Pins: what a person decided beforehand, refused where it contradicts itself."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import is_whole, shown
from doorstep.planning.grids.instance import Ints, Pins


def no_pins(size: int) -> Pins:
    nobody = np.zeros((0, 2), dtype=np.int64)
    return Pins(nobody, nobody, np.full(size, -1, dtype=np.int64))


def pins_of(given: Any, ids: Ints, part: Ints, first: Ints, numbers: Ints) -> Pins:
    """The pins of the form. Refused where one names nobody, leaves its part, or contradicts another."""
    if given is None:
        return no_pins(len(ids))
    if not isinstance(given, Mapping) or set(given) - {"together", "apart", "inside"}:
        raise Refused("pins应是一个对象，只含together、apart、inside三项，请改正。")
    index = {int(one): at for at, one in enumerate(ids)}
    slot_of = {int(number): slot for slot, number in enumerate(numbers)}
    together = [_places(group, index, "together", at) for at, group in enumerate(_list(given, "together"))]
    apart = [_places(pair, index, "apart", at, exactly=2) for at, pair in enumerate(_list(given, "apart"))]
    inside = np.full(len(ids), -1, dtype=np.int64)
    for at, pair in enumerate(_list(given, "inside")):
        place, slot = _inside(pair, index, slot_of, at)
        if not first[part[place]] <= slot < first[part[place] + 1]:
            raise Refused(f"pins.inside第{at + 1}项的网格{pair[1]}不在楼栋{pair[0]}所在的片，请改正。")
        if inside[place] not in (-1, slot):
            raise Refused(f"pins.inside把楼栋{pair[0]}同时定在两个网格，请只留一个。")
        inside[place] = slot
    pairs = [pair for group in together for pair in itertools.pairwise(group)]
    pins = Pins(_pairs(pairs), _pairs([(a, b) for a, b in apart]), inside)
    return consistent(pins, ids, part, numbers)


def _pairs(pairs: list[tuple[int, int]]) -> Ints:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    rows = given.get(name) or []
    if not isinstance(rows, list):
        raise Refused(f"pins.{name}应是一个列表，请改正。")
    return rows


def _places(group: Any, index: dict[int, int], name: str, at: int, exactly: int = 0) -> list[int]:
    right = isinstance(group, list | tuple) and (len(group) == exactly if exactly else len(group) >= 2)
    if not right:
        raise Refused(f"pins.{name}第{at + 1}项应是{'两个' if exactly else '两个以上'}楼栋编号，请改正。")
    for one in group:
        if not is_whole(one) or one not in index:
            raise Refused(f"pins.{name}第{at + 1}项里的{shown(one)}不是已登记的楼栋，请改正。")
    return [index[one] for one in group]


def _inside(pair: Any, index: dict[int, int], slot_of: dict[int, int], at: int) -> tuple[int, int]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise Refused(f"pins.inside第{at + 1}项应是楼栋编号和网格号，请改正。")
    building, number = pair
    if not is_whole(building) or building not in index:
        raise Refused(f"pins.inside第{at + 1}项里的{shown(building)}不是已登记的楼栋，请改正。")
    if not is_whole(number) or number not in slot_of:
        raise Refused(f"pins.inside第{at + 1}项里没有网格{shown(number)}，请改正。")
    return index[building], slot_of[number]


def consistent(pins: Pins, ids: Ints, part: Ints, numbers: Ints) -> Pins:
    """Groups bound together have one part and at most one grid, and nobody in them is held apart."""
    lead = np.arange(len(ids))

    def head(place: int) -> int:
        while lead[place] != place:
            lead[place] = lead[lead[place]]
            place = int(lead[place])
        return place

    for one, other in pins.together.tolist():
        if part[one] != part[other]:
            raise Refused(
                f"pins.together把不同片的楼栋{ids[one]}与{ids[other]}放在一起，网格不能跨片，请去掉。"
            )
        lead[head(one)] = head(other)
    slot: dict[int, tuple[int, int]] = {}
    for place in np.flatnonzero(pins.inside >= 0).tolist():
        mate, chosen = slot.setdefault(head(place), (place, int(pins.inside[place])))
        if chosen != pins.inside[place]:
            raise Refused(
                f"楼栋{ids[mate]}与{ids[place]}要在一起，却分别定在网格{numbers[chosen]}和{numbers[pins.inside[place]]}，请去掉其中一个。"
            )
    for one, other in pins.apart.tolist():
        same = slot.get(head(one), (0, -1))[1]
        if head(one) == head(other) or (same >= 0 and same == slot.get(head(other), (0, -2))[1]):
            raise Refused(
                f"pins.apart要楼栋{ids[one]}与{ids[other]}分开，别的要求却把它们放在同一网格，请去掉其中一个。"
            )
    return pins

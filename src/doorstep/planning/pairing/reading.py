"""Mentors, apprentices, their lists, pins and quotas from the JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from doorstep.planning.errors import Refused
from doorstep.planning.forms import (
    Ints,
    Name,
    Row,
    form_of,
    is_name,
    loaded,
    names_of,
    real,
    rows,
    shown,
    whole,
)
from doorstep.planning.pairing.instance import Instance

MOST = 100_000  # mentors, and apprentices
MOST_WISHES = 30_000_000


def read(path: Path | str) -> Instance:
    """The instance in a JSON file. Refused when it is too large, no JSON, or contradicts itself."""
    return of(loaded(path))


def of(form: Any) -> Instance:
    """The instance in the form of docs/planning.md. Refused where a list names nobody or somebody twice, or pins contradict."""
    form = form_of(form)
    mentors, apprentices = rows(form, "mentors", MOST), rows(form, "apprentices", MOST)
    mentor_names, apprentice_names = names_of(mentors, "mentors"), names_of(apprentices, "apprentices")
    capacity = np.array(
        [whole(row, "capacity", f"导师{row['id']}", default=1) for row in mentors], dtype=np.int64
    )
    pinned = _pins(form.get("pins", []), mentor_names, apprentice_names, list(mentor_names), capacity)
    wishes = _lists(apprentices, mentor_names, "徒弟", "导师")
    answers = _lists(mentors, apprentice_names, "导师", "徒弟")
    starts, liked, rank = _both(*wishes, *answers, len(apprentices))
    areas: dict[Name, int] = {}
    least, most = (_share(form, name, default) for name, default in (("cross_least", 0), ("cross_most", 1)))
    if least > most:
        raise Refused(
            f"跨片比例的下限cross_least={float(least):g}大于上限cross_most={float(most):g}，请改正。"
        )
    return Instance(
        mentors=list(mentor_names),
        apprentices=list(apprentice_names),
        capacity=capacity,
        mentor_area=_areas(mentors, "导师", areas),
        apprentice_area=_areas(apprentices, "徒弟", areas),
        starts=starts,
        liked=liked,
        rank=rank,
        pinned=pinned,
        cross_least=least,
        cross_most=most,
        unanswered=len(wishes[1]) - len(liked),
    )


def _share(form: Row, name: str, default: int) -> Fraction:
    return Fraction(str(real(form, name, "最外层", least=0, most=1, default=default)))


def _areas(found: Sequence[Row], what: str, areas: dict[Name, int]) -> Ints:
    for row in found:
        if "area" in row and not is_name(row["area"]):
            raise Refused(f"{what}{row['id']}的area应是整数或短文字，现在是{shown(row['area'])}，请改正。")
    return np.array([areas.setdefault(row.get("area", ""), len(areas)) for row in found], dtype=np.int64)


def _lists(found: Sequence[Row], others: Mapping[Name, int], who: str, whom: str) -> tuple[Ints, Ints]:
    """(starts, places of whom they list, the best first). Nobody is listed twice, and nobody who is not there."""
    lengths, listed = [0], []
    for row in found:
        wanted = row.get("prefers", [])
        if not isinstance(wanted, list):
            raise Refused(f"{who}{row['id']}的prefers应是{whom}编号的列表，现在是{shown(wanted)}，请改正。")
        lengths.append(len(wanted))
        listed.append(wanted)
    starts = np.cumsum(np.array(lengths, dtype=np.int64))
    if starts[-1] > MOST_WISHES:
        raise Refused(f"{who}的志愿合计{starts[-1]}项，超过{MOST_WISHES}项，请限定每人的志愿数。")
    places = np.empty(starts[-1], dtype=np.int64)
    for at, wanted in enumerate(listed):
        try:
            places[starts[at] : starts[at + 1]] = [others[one] for one in wanted]
        except (KeyError, TypeError) as error:
            nobody = next(one for one in wanted if not is_name(one) or one not in others)
            raise Refused(
                f"{who}{found[at]['id']}的prefers里的{shown(nobody)}不是登记的{whom}，请补登或删去。"
            ) from error
        if len(set(wanted)) < len(wanted):
            twice = next(one for one in wanted if wanted.count(one) > 1)
            raise Refused(f"{who}{found[at]['id']}的prefers里{whom}{twice}出现了不止一次，请只留一处。")
    return starts, places


@njit(cache=True)
def _both(wish_starts, wishes, answer_starts, answers, apprentices):
    """Wishes that are answered, in their order, with the answer's rank. Linear in both lists."""
    mentors = len(answer_starts) - 1
    count = np.zeros(apprentices + 1, np.int64)
    for one in answers:
        count[one + 1] += 1
    first = np.cumsum(count)
    spot = first.copy()
    who, place = np.empty(len(answers), np.int64), np.empty(len(answers), np.int64)
    for mentor in range(mentors):
        for at in range(answer_starts[mentor], answer_starts[mentor + 1]):
            apprentice = answers[at]
            who[spot[apprentice]] = mentor
            place[spot[apprentice]] = at - answer_starts[mentor]
            spot[apprentice] += 1
    starts = np.zeros(apprentices + 1, np.int64)
    liked, rank = np.empty(len(wishes), np.int64), np.empty(len(wishes), np.int64)
    ranked = np.full(mentors, -1, np.int64)
    kept = 0
    for apprentice in range(apprentices):
        for at in range(first[apprentice], first[apprentice + 1]):
            ranked[who[at]] = place[at]
        for at in range(wish_starts[apprentice], wish_starts[apprentice + 1]):
            if ranked[wishes[at]] >= 0:
                liked[kept], rank[kept] = wishes[at], ranked[wishes[at]]
                kept += 1
        for at in range(first[apprentice], first[apprentice + 1]):
            ranked[who[at]] = -1
        starts[apprentice + 1] = kept
    return starts, liked[:kept].copy(), rank[:kept].copy()


def _pins(
    found: Any,
    mentors: Mapping[Name, int],
    apprentices: Mapping[Name, int],
    names: list[Name],
    capacity: Ints,
) -> Ints:
    """The mentor each apprentice is assigned, −1 none."""
    if not isinstance(found, list):
        raise Refused(f"pins应是[导师, 徒弟]的列表，现在是{shown(found)}，请改正。")
    pinned = np.full(len(apprentices), -1, dtype=np.int64)
    for at, pin in enumerate(found):
        if not isinstance(pin, list | tuple) or len(pin) != 2:
            raise Refused(f"pins第{at + 1}项应是[导师, 徒弟]，现在是{shown(pin)}，请改正。")
        try:
            mentor, apprentice = mentors[pin[0]], apprentices[pin[1]]
        except (KeyError, TypeError) as error:
            raise Refused(f"pins第{at + 1}项{shown(pin)}里有没登记的人，请补登或删去。") from error
        if pinned[apprentice] not in (-1, mentor):
            raise Refused(
                f"pins把徒弟{pin[1]}同时指派给导师{names[pinned[apprentice]]}和{pin[0]}，请只留一项。"
            )
        pinned[apprentice] = mentor
    used = np.bincount(pinned[pinned >= 0], minlength=len(mentors))
    over = np.flatnonzero(used > capacity)
    if len(over):
        mentor = int(over[0])
        raise Refused(
            f"pins给导师{names[mentor]}指派了{used[mentor]}名徒弟，超过名额capacity={capacity[mentor]}，请改指派或加名额。"
        )
    return pinned

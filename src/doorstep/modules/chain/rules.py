"""Rules of the chain: pure functions over values and a dated set of numbers.

A rule of practice is never a refusal by itself: a function returns the departures it finds, and a decision that
departs needs the document by which the superior approved it. Facts (a member count) are recorded as they are.
Source: 《中国共产党支部工作条例（试行）》 chapters 2 and 6; what it does not say is named general practice in the set.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Rule:
    value: Any
    clause: str


@dataclass(frozen=True)
class RuleSet:
    """The values in force on one day, by key."""

    rules: Mapping[str, Rule]

    def number(self, key: str) -> int:
        return int(self.rules[key].value)

    def numbers(self, key: str) -> list[int]:
        return [int(value) for value in self.rules[key].value]

    def clause(self, key: str) -> str:
        return self.rules[key].clause


@dataclass(frozen=True)
class Departure:
    """A rule that a decision would not keep: `rule` names its value, `facts` are the numbers to say it with."""

    rule: str
    clause: str
    field: str = ""
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def form_departures(form: str, full: int, probationary: int, units: int, rules: RuleSet) -> list[Departure]:
    """Does `form` suit so many members? `units`: how many units a joint branch joins (0: not said)."""
    members = full + probationary
    found: list[Departure] = []
    if form == "branch" and full < rules.number("branch.full_min"):
        found.append(_departure(rules, "branch.full_min", "form", have=full))
    if form in ("branch", "joint_branch") and members > rules.number("branch.members_max"):
        found.append(_departure(rules, "branch.members_max", "form", have=members))
    if form == "joint_branch" and units > rules.number("joint_branch.units_max"):
        found.append(_departure(rules, "joint_branch.units_max", "units", have=units))
    if form == "general_branch" and members < rules.number("general_branch.members_min"):
        found.append(_departure(rules, "general_branch.members_min", "form", have=members))
    if form == "general_branch" and members >= rules.number("party_committee.members_min"):
        found.append(_departure(rules, "general_branch.members_below", "form", have=members))
    if form == "party_committee" and members < rules.number("party_committee.members_min"):
        found.append(_departure(rules, "party_committee.members_min", "form", have=members))
    return found


def fitting_form(full: int, probationary: int, rules: RuleSet) -> str:
    """The form that so many members give without any approval."""
    members = full + probationary
    if full < rules.number("branch.full_min"):
        return "joint_branch"
    if members >= rules.number("party_committee.members_min"):
        return "party_committee"
    # Up to the general branch's lower bound a branch suits; on the bound itself the branch limit decides.
    return "branch" if members <= rules.number("branch.members_max") else "general_branch"


def committee_departures(form: str, size: int, full: int, rules: RuleSet) -> list[Departure]:
    """Does a committee of `size` suit the form? 0 means no committee: a secretary alone."""
    if form in ("party_committee", "general_branch"):
        low, high = rules.numbers(f"{form}.committee_size")
        if not low <= size <= high:
            return [_departure(rules, f"{form}.committee_size", "committee_size", have=size)]
        return []
    if size == 0:
        if full >= rules.number("branch.committee_from"):
            return [_departure(rules, "branch.committee_from", "committee_size", have=full)]
        return []
    low, high = rules.number("branch.committee_min"), rules.number("branch.committee_max")
    if not low <= size <= high:
        return [_departure(rules, "branch.committee_min", "committee_size", have=size)]
    return []


def term_years(kind: str, rules: RuleSet) -> int:
    """Years of one term for a kind of unit: community organisations and their branches, or any other."""
    key = f"term.years.{kind}"
    return rules.number(key if key in rules.rules else "term.years.other")


def plus_years(day: dt.date, years: int) -> dt.date:
    """The same day `years` later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def term_departures(kind: str, start: dt.date, end: dt.date, rules: RuleSet) -> list[Departure]:
    """Is a term from `start` to `end` (first day after it) as long as the rule says, neither more nor less?"""
    years = term_years(kind, rules)
    if end != plus_years(start, years):
        key = f"term.years.{kind}" if f"term.years.{kind}" in rules.rules else "term.years.other"
        return [_departure(rules, key, "valid_to", have=(end - start).days)]
    return []


def shift_departures(regular_end: dt.date, new_end: dt.date, rules: RuleSet) -> list[Departure]:
    """Early or late re-election: any shift departs (it needs approval); beyond the limit it departs twice."""
    if new_end == regular_end:
        return []
    found = [_departure(rules, "term.shift", "valid_to", have=abs((new_end - regular_end).days))]
    limit = rules.number("term.shift_max_years")
    earliest, latest = plus_years(regular_end, -limit), plus_years(regular_end, limit)
    if not earliest <= new_end <= latest:
        found.append(
            _departure(rules, "term.shift_max_years", "valid_to", have=abs((new_end - regular_end).days))
        )
    return found


def due_stage(end: dt.date | None, on: dt.date, rules: RuleSet) -> int | None:
    """Which warning a term that ends on `end` is in on `on`: 180, 90 or 30 days before, 0 when over, else None."""
    if end is None:
        return None
    left = (end - on).days
    if left <= 0:
        return 0
    stages = [days for days in rules.numbers("term.warn_days") if left <= days]
    return min(stages) if stages else None


def group_departures(full: int, probationary: int, rules: RuleSet) -> list[Departure]:
    """Has a group enough members, one of them full?"""
    found: list[Departure] = []
    if full + probationary < rules.number("group.members_min"):
        found.append(_departure(rules, "group.members_min", "full", have=full + probationary))
    if full < rules.number("group.full_min"):
        found.append(_departure(rules, "group.full_min", "full", have=full))
    return found


def adjacency_departures(connected: bool, rules: RuleSet) -> list[Departure]:
    return [] if connected else [_departure(rules, "group.adjacent_metres", "buildings")]


def _departure(rules: RuleSet, key: str, at: str, **facts: Any) -> Departure:
    value = rules.rules[key].value
    return Departure(key, rules.clause(key), at, {"limit": value, **facts})


# Adjacency: buildings nearer to each other than so many metres, outline to outline where there are outlines.


def flattened(geometries: Any, latitude: float) -> Any:
    """Geometries in degrees as metres on the plane that touches the globe at `latitude`; good for a district."""
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(latitude)), METRES_PER_DEGREE])
    return shapely.transform(geometries, lambda points: points * scale)


def disconnected(labels: Sequence[int], geometries: Iterable[Any], metres: float) -> set[int]:
    """Labels whose geometries do not hang together when neighbours within `metres` are joined.

    labels[i] owns geometries[i] (degrees). One pass over a tree serves all labels at once.
    """
    owners = np.asarray(labels)
    shapes = np.asarray(list(geometries), dtype=object)
    if len(owners) == 0:
        return set()
    centres = shapely.get_y(shapely.centroid(shapes))
    plane = flattened(shapes, float(np.nanmean(centres)))
    left, right = shapely.STRtree(plane).query(plane, predicate="dwithin", distance=metres)
    near = (owners[left] == owners[right]) & (left < right)
    roots = list(range(len(owners)))

    def root(node: int) -> int:
        while roots[node] != node:
            roots[node] = roots[roots[node]]
            node = roots[node]
        return node

    for one, other in zip(left[near].tolist(), right[near].tolist(), strict=True):
        roots[root(one)] = root(other)
    first: dict[int, int] = {}
    broken: set[int] = set()
    for node, owner in enumerate(owners.tolist()):
        if first.setdefault(owner, root(node)) != root(node):
            broken.add(owner)
    return broken


Period = tuple[dt.date, dt.date | None]


def taken_over(periods: Iterable[Period], day: dt.date) -> list[Period]:
    """What remains of these periods from `day` on, put together where they overlap or touch; in order."""
    rest = [(max(start, day), end) for start, end in periods if end is None or end > day]
    found: list[Period] = []
    for start, end in sorted(rest, key=lambda period: period[0]):
        if found and (found[-1][1] is None or start <= found[-1][1]):
            before = found[-1][1]
            found[-1] = (found[-1][0], None if before is None or end is None else max(before, end))
        else:
            found.append((start, end))
    return found

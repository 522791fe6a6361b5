"""What a demo district will hold, as plain values: units, people, posts, coverage. Loading turns it into rows.

Records refer to each other by short keys of the plan ("branch 210202001002 3"). Days are dates; periods are
half-open, as everywhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PersonPlan:
    key: str
    name: str
    place_code: str
    phone: str = ""
    shows_name_since: dt.date | None = None  # consent to the household's name being shown


@dataclass(frozen=True)
class UnitPlan:
    key: str
    kind: str
    name: str
    place_code: str
    founded_on: dt.date
    superior: str = ""
    approved_by: str = ""
    document: str = ""
    phone: str = ""
    hours: str = ""
    address: str = ""
    bare: bool = False  # founded as a unit alone, without what the chain knows of branches and groups


@dataclass(frozen=True)
class AppointmentPlan:
    person: str
    post: str
    unit: str
    start: dt.date
    end: dt.date | None = None
    places: tuple[str, ...] = ()
    full_time: bool = True
    has_vote: bool = True
    document: str = ""
    end_reason: str = ""


@dataclass(frozen=True)
class TermPlan:
    unit: str
    number: int
    start: dt.date
    end: dt.date
    committee_size: int
    document: str


@dataclass(frozen=True)
class CountPlan:
    unit: str
    day: dt.date
    full: int
    probationary: int


@dataclass(frozen=True)
class FormPlan:
    unit: str
    form: str
    start: dt.date
    document: str = ""


@dataclass(frozen=True)
class CoveragePlan:
    """A branch covers grids, or a group covers buildings (by their numbers)."""

    unit: str
    start: dt.date
    grids: tuple[str, ...] = ()
    buildings: tuple[int, ...] = ()
    approved_until: dt.date | None = None  # a departure from the rules was approved until this day


@dataclass(frozen=True)
class HouseholdPlan:
    person: str
    building: int
    group: str
    door: str
    start: dt.date
    document: str
    end: dt.date | None = None  # the first day on which it was no more
    end_reason: str = ""


@dataclass(frozen=True)
class MergePlan:
    """A branch that went into another, which since then is called `name`."""

    kept: str
    gone: str
    name: str
    day: dt.date
    document: str


@dataclass(frozen=True)
class SplitPlan:
    """A branch that gave grids to a new one, which it founded; since then it is called `name`."""

    source: str
    made: str
    name: str
    day: dt.date
    document: str
    grids: tuple[str, ...]


@dataclass(frozen=True)
class MovePlan:
    """A unit put under another superior (empty: under none) after all is founded."""

    unit: str
    superior: str
    day: dt.date
    document: str


@dataclass(frozen=True)
class PlacementPlan:
    """A building given to another grid of its community."""

    building: int
    grid: str
    day: dt.date


@dataclass
class Branch:
    """A branch while its community is being planned; a settled one has no adjustments in its past."""

    key: str
    name: str
    grids: tuple[str, ...]
    founded: dt.date
    workers: list[str]
    counts: list[CountPlan]
    settled: bool = True


@dataclass
class Plan:
    """All of one demo district beyond its geography."""

    today: dt.date
    resident: str = ""  # somebody without any post
    in_service: str = ""  # somebody who works elsewhere and lives where the cast does
    people: list[PersonPlan] = field(default_factory=list)
    units: list[UnitPlan] = field(default_factory=list)
    appointments: list[AppointmentPlan] = field(default_factory=list)
    terms: list[TermPlan] = field(default_factory=list)
    counts: list[CountPlan] = field(default_factory=list)
    forms: list[FormPlan] = field(default_factory=list)
    coverage: list[CoveragePlan] = field(default_factory=list)
    households: list[HouseholdPlan] = field(default_factory=list)
    merges: list[MergePlan] = field(default_factory=list)
    splits: list[SplitPlan] = field(default_factory=list)
    moves: list[MovePlan] = field(default_factory=list)
    placements: list[PlacementPlan] = field(default_factory=list)

    def days_ago(self, days: int) -> dt.date:
        return self.today - dt.timedelta(days=days)

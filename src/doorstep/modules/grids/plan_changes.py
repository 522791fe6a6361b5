"""What a plan changes for whom on its day: the act itself, taken back, as in every preview; once it took effect, as it was told
then."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.following import Followed
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.places.services_redraw import Redrawn
from doorstep.kernel.proposals.rows import as_tried
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_layout import put_into_effect


@dataclass(frozen=True)
class ChangedGrid:
    """A grid that begins, ends or goes on with other buildings. others: names of the grids it came from or went into."""

    code: str
    name: str
    community: str
    gained: int
    lost: int
    others: list[str]


@dataclass(frozen=True)
class Passing:
    """Buildings and households that pass from one grid to another; before: "" for buildings without a grid."""

    before: str
    after: str
    buildings: int
    households: int


@dataclass(frozen=True)
class Concerned:
    """Somebody or something that follows. kind: appointment, branch, unit or households; before, after: names of places."""

    kind: str
    name: str
    before: list[str]
    after: list[str]
    count: int


@dataclass(frozen=True)
class PlanChanges:
    """problem: the sentence with which the day would refuse it; then the rest is empty."""

    effective_on: str
    document: str
    problem: str
    begun: list[ChangedGrid]
    ended: list[ChangedGrid]
    changed: list[ChangedGrid]
    moves: list[Passing]
    concerned: list[Concerned]
    without_worker: list[str]
    buildings: int
    households: int

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


def changes(actor: Actor, plan: GridPlan) -> dict[str, Any]:
    """What changes for whom on the plan's day; the keys of `PlanChanges`. Nothing stays written.

    A plan not sent yet is tried for today, without a document.
    """
    if plan.outcome is not None:
        return dict(plan.outcome)
    tried = as_tried(plan)
    try:
        with transaction.atomic():
            found = told_of(put_into_effect(system_actor(gettext_noop("网格方案预览")), tried))
            transaction.set_rollback(True)
    except Refused as refused:
        return _none(tried, str(refused.message)).data
    return found.data


def _none(plan: GridPlan, problem: str) -> PlanChanges:
    day: dt.date | None = plan.effective_on
    return PlanChanges(day.isoformat() if day else "", plan.document, problem, [], [], [], [], [], [], 0, 0)


def told_of(done: Redrawn) -> PlanChanges:
    """A redrawing in words; called in its transaction, since new grids have no names outside it. Where several communities are
    concerned, grids are named with theirs. Four statements."""
    made = done.redrawing
    names = _names(done)
    full = names
    if len(made.communities) > 1:
        full = names | {
            code: f"{names.get(code[:12], '')}{name}" for code, name in names.items() if len(code) == 15
        }
    gained = Counter(move.after for move in made.moves)
    lost = Counter(move.before for move in made.moves if move.before)

    def told(code: str, others: Iterable[str] = ()) -> ChangedGrid:
        return ChangedGrid(
            code, names.get(code, code), names.get(code[:12], code[:12]), gained[code], lost[code],
            [names.get(one, one) for one in others],
        )  # fmt: skip

    passing: dict[tuple[str, str], tuple[int, int]] = {}
    for move in made.moves:
        buildings, households = passing.get((move.before, move.after), (0, 0))
        passing[move.before, move.after] = (buildings + 1, households + move.households)
    return PlanChanges(
        effective_on=made.effective_on.isoformat(), document=made.document, problem="",
        begun=[told(code, made.givers.get(code, ())) for code in made.begun],
        ended=[told(code, made.heirs.get(code, ())) for code in made.ended],
        changed=[told(code) for code in made.changed],
        moves=[
            Passing(full.get(before, before), full.get(after, after), *counts)
            for (before, after), counts in sorted(passing.items())
        ],
        concerned=[_concerned(one, full) for one in done.followed],
        without_worker=[full.get(code, code) for code in _without_worker(done)],
        buildings=len(made.moves), households=sum(move.households for move in made.moves if move.before),
    )  # fmt: skip


def _names(done: Redrawn) -> dict[str, str]:
    made = done.redrawing
    codes = {*made.begun, *made.ended, *made.changed}
    codes |= {code for one in done.followed for code in (*one.before, *one.after)}
    codes |= {code for move in made.moves for code in (move.before, move.after)}
    names = dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))
    areas = {code for code in codes if len(code) < 15} | {code[:12] for code in codes}
    return names | dict(Area.objects.filter(code__in=areas).values_list("code", "name"))


def _concerned(one: Followed, names: dict[str, str]) -> Concerned:
    before, after = ([names.get(code, code) for code in codes] for codes in (one.before, one.after))
    return Concerned(one.kind, one.name, before, after, one.count)


def _without_worker(done: Redrawn) -> list[str]:
    made = done.redrawing
    rows = Appointment.objects.in_force(made.effective_on).filter(
        post="grid_worker", places__code__in=made.begun
    )
    served = set(rows.values_list("places__code", flat=True))
    return [code for code in made.begun if code not in served]

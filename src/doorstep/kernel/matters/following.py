"""Open matters follow when grids are drawn anew (places.following), in the transaction that does it.

A matter lies in the grid that has its place from the day on: of its position the nearest building's, without one the grid that
took most of the old. Whoever had it in hand as worker of the old grid, and does not work the new one, hands it over to who does;
where nobody does, it stays in hand, and the grid is a finding.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.matters.leaving import in_hand
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.notes import FOLLOWED_GRID
from doorstep.kernel.matters.passing import PLATFORM, hand_all
from doorstep.kernel.matters.services import locked_cases, note_cases
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.following import Followed, Follower, Move, Redrawing, follows_redrawing
from doorstep.kernel.places.models import BuildingPlacement, Grid, GridLineage
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within

WORKER = "grid_worker"


def matters_follow(actor: Actor, redrawing: Redrawing) -> list[Followed]:
    """Places first, then hands. A fixed number of statements, and a few for each receiver."""
    concerned = {*redrawing.ended, *redrawing.changed, *redrawing.workers}
    rows = Matter.objects.select_for_update(of=("self",)).filter(is_open=True, place_code__in=concerned)
    matters = list(rows.order_by("pk"))
    if not matters:
        return []
    before = {matter.pk: matter.place_code for matter in matters}
    ground = _Ground.of(redrawing)
    after = {matter.pk: ground.place_of(matter) for matter in matters}
    why = _("网格重新划分，%s") % redrawing.document
    _move(actor, {pk: code for pk, code in after.items() if code != before[pk]}, why)
    to = _receivers(matters, before, after, redrawing.effective_on)
    hand_all(actor, to, _("%s，移交给现在负责这里的网格员。") % why)
    return _told(before, after, to)


@transaction.atomic
def matters_follow_lineage(actor: Actor, grids: Collection[str] | None = None) -> list[Followed]:
    """The same for grids that were split or merged one by one and have ended by today: of these codes, or of all in which a matter is
    still open. Part of an adjustment that takes effect; the scheduler does it for those to come. Run again it does nothing."""
    told: list[Followed] = []
    for day in _days_of_endings(grids):
        ended = _ended_with_matters(grids, day)
        if ended:
            told += matters_follow(actor, _redrawing_of(ended, day))
    return told


def follow_lineage_daily() -> None:
    """What the scheduler calls."""
    matters_follow_lineage(system_actor("matters.follow_lineage"))


def _steps(grids: Collection[str] | None) -> Any:
    lying = Matter.objects.filter(is_open=True).values("place_code")
    ended = Grid.objects.filter(valid_to__lte=clock.today(), code__in=lying if grids is None else list(grids))
    return GridLineage.objects.filter(before__in=ended, effective_on__lte=clock.today())


def _days_of_endings(grids: Collection[str] | None) -> list[dt.date]:
    return sorted(set(_steps(grids).values_list("effective_on", flat=True)))


def _ended_with_matters(grids: Collection[str] | None, day: dt.date) -> list[str]:
    """Asked anew for each day: a matter may have come into a grid that ended later."""
    codes = _steps(grids).filter(effective_on=day).values_list("before__code", flat=True)
    lying = Matter.objects.filter(is_open=True, place_code__in=set(codes))
    return sorted(set(lying.values_list("place_code", flat=True)))


def _redrawing_of(ended: Sequence[str], day: dt.date) -> Redrawing:
    steps = list(GridLineage.objects.filter(before__code__in=ended, effective_on=day).select_related("after"))
    left = BuildingPlacement.objects.filter(grid__code__in=ended, valid_to=day).select_related(
        "building", "grid"
    )
    gave = {row.building_id: (row.building, row.grid.code) for row in left}
    placed = BuildingPlacement.objects.in_force(day).filter(building__in=gave)
    moves = [
        Move(building, gave[building][0].households, gave[building][1], code)
        for building, code in placed.values_list("building_id", "grid__code")
    ]
    taken: dict[str, Counter[str]] = {code: Counter() for code in ended}
    for move in moves:
        taken[move.before][move.after] += move.households
    begun = sorted({step.after.code for step in steps})
    return Redrawing(
        communities=tuple(sorted({code[:12] for code in ended})), effective_on=day, document=steps[0].document, changed=(),
        begun=tuple(begun), ended=tuple(ended), moves=tuple(moves), givers={},
        heirs={code: tuple(sorted(found, key=lambda heir: (-found[heir], heir))) for code, found in taken.items()},
    )  # fmt: skip


@dataclass
class _Ground:
    """Buildings by the grid they were in, and where each lies now."""

    redrawing: Redrawing
    buildings: dict[str, list[tuple[float, float, str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, redrawing: Redrawing) -> _Ground:
        ground = cls(redrawing)
        moved = {move.building_id: move.before for move in redrawing.moves}
        placed = BuildingPlacement.objects.in_force(redrawing.effective_on)
        rows = placed.filter(within("grid__code", redrawing.communities))
        for building, code, longitude, latitude in rows.values_list(
            "building_id", "grid__code", "building__longitude", "building__latitude"
        ):
            ground.buildings[moved.get(building, code)].append((longitude, latitude, code))
        return ground

    def place_of(self, matter: Matter) -> str:
        there = self.buildings.get(matter.place_code, [])
        if matter.longitude is not None and matter.latitude is not None and there:
            x, y = matter.longitude, matter.latitude
            # a degree of longitude is four fifths of one of latitude here, near enough among the buildings of one grid
            return min(there, key=lambda at: (0.64 * (at[0] - x) ** 2 + (at[1] - y) ** 2, at))[2]
        taken = self.redrawing.heirs.get(matter.place_code, ())
        return taken[0] if taken else matter.place_code


def _move(actor: Actor, places: dict[int, str], why: str) -> None:
    if not places:
        return
    cases = locked_cases(PLATFORM, places)
    inputs = {}
    for case in cases:
        before, after = case.matter.place_code, places[case.matter.pk]
        case.matter.place_code = after
        inputs[case.matter.pk] = Inputs(internal=why, data={"place_code": [before, after]})
    note_cases(actor, cases, FOLLOWED_GRID, inputs, clock.now())


def _receivers(
    matters: Sequence[Matter], before: dict[int, str], after: dict[int, str], day: dt.date
) -> dict[int, int]:
    """By matter, the person who takes it over."""
    ids = [matter.pk for matter in matters]
    persons = {matter.handler_id for matter in matters if matter.handler_id is not None}
    mine = set(in_hand([*persons]).filter(pk__in=ids).values_list("pk", flat=True)) if persons else set()
    if not mine:
        return {}
    posts = Appointment.objects.filter(post=WORKER, places__code__in={*before.values(), *after.values()})
    held = posts.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lt=day)
    worked = set(held.values_list("unit_id", "places__code", "person_id"))
    now = defaultdict(list)
    rows = posts.in_force(day).order_by("pk")
    for unit, code, person, standing_in in rows.values_list(
        "unit_id", "places__code", "person_id", "substitute_for_id"
    ):
        now[unit, code].append((standing_in is not None, person))
    found = {}
    for matter in matters:
        holder, handler = matter.holder_id, matter.handler_id
        if matter.pk not in mine or (holder, before[matter.pk], handler) not in worked:
            continue
        working = sorted(now.get((holder, after[matter.pk]), ()), key=lambda one: one[0])
        if working and handler not in {person for _standing_in, person in working}:
            found[matter.pk] = working[0][1]
    return found


def _told(before: dict[int, str], after: dict[int, str], to: dict[int, int]) -> list[Followed]:
    """What went to each receiver; and what only lies in another grid now, from where to where."""
    passed: dict[int, list[int]] = defaultdict(list)
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for pk in before:
        if pk in to:
            passed[to[pk]].append(pk)
        elif before[pk] != after[pk]:
            moved[before[pk], after[pk]] += 1
    names = dict(Person.objects.filter(pk__in=list(passed)).values_list("pk", "name")) if passed else {}
    told = [
        Followed(
            "matters", _("未结事项移交给%s") % names[person], tuple(sorted({before[pk] for pk in ids})),
            tuple(sorted({after[pk] for pk in ids})), person_id=person, count=len(ids),
        )
        for person, ids in sorted(passed.items())
    ]  # fmt: skip
    return told + [
        Followed("matters", _("未结事项"), (old,), (new,), count=count)
        for (old, new), count in sorted(moved.items())
    ]


follows_redrawing(Follower("matters", 30, matters_follow))

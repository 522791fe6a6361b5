"""Splitting a grid and merging grids, with all that hangs on them: one act, one transaction, one day, one document.

The grids themselves, their serials, lineage, buildings and outlines are the places' own service; appointments over them
follow by the organisations' own, open matters by the matters'; here the branches' coverage goes to the successors, and units that stand at an ended
grid and member households come along. As in `adjustments`, the preview is the act itself, taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.following import matters_follow_lineage
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.organisations.services_grids import appointments_follow_grids, appointments_over
from doorstep.kernel.organisations.services_rearranging import rearrange
from doorstep.kernel.places import services as places
from doorstep.kernel.places.following import Followed
from doorstep.kernel.places.inputs import Part
from doorstep.kernel.places.models import BuildingPlacement, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.chain.grid_pictures import GridOutcome, grid_picture, outcome
from doorstep.modules.chain.models import BranchGrid, GroupBuilding
from doorstep.modules.chain.rules import taken_over
from doorstep.modules.chain.selectors import BRANCH, GROUP, KINDS, grids_of
from doorstep.modules.chain.services_bulk import Ground
from doorstep.modules.chain.services_households import households_follow_buildings
from doorstep.modules.chain.services_work import Work, constraints_in_words, expect
from doorstep.modules.chain.snapshots import picture

MOST_PARTS = 6
WORKER = "grid_worker"


@dataclass(frozen=True)
class GridPart:
    """One of the grids that a split makes: its name and which buildings go to it."""

    name: str
    buildings: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class GridAdjustment:
    """What is to be done on `effective_on` by `document`.

    split: the one grid of `grids` (codes) becomes `parts`. merge: `grids` become one called `name`. `workers` says, by
    appointment, which parts (from 0) a grid worker takes over; whoever is not named takes all. `takers` gives a part to one grid
    worker of the community, who may have had none of these grids, and to nobody else. `expected` maps units,
    `expected_grids` grids to the versions the officer looked at.
    """

    kind: Literal["split", "merge"]
    grids: tuple[str, ...]
    effective_on: dt.date
    document: str
    name: str = ""
    parts: tuple[GridPart, ...] = ()
    workers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    takers: Mapping[int, int] = field(default_factory=dict)
    expected: Mapping[int, int] = field(default_factory=dict)
    expected_grids: Mapping[int, int] = field(default_factory=dict)


@transaction.atomic
def adjust_grids(*, actor: Actor, adjustment: GridAdjustment) -> GridOutcome:
    """Carry it out. Raises NotVisible outside the actor's places, Conflict where somebody was quicker, RuleViolation."""
    with constraints_in_words():
        return _carry_out(actor, adjustment)


def preview_grids(*, actor: Actor, adjustment: GridAdjustment) -> GridOutcome:
    """What `adjust_grids` would do, with the same refusals; nothing stays."""
    with transaction.atomic():
        found = _carry_out(actor, adjustment)
        transaction.set_rollback(True)
    return found


def _carry_out(actor: Actor, this: GridAdjustment) -> GridOutcome:
    _visible(actor, this.grids)
    organisations.one_superior_change_at_a_time()
    olds = _visible(actor, this.grids)  # again: what it was like while waiting is of no use
    places.refuse_changed(olds, this.expected_grids)
    day, ids = this.effective_on, [grid.pk for grid in olds]
    units = _units_concerned(olds, day) | _units_of(this.takers.values())
    locked_units({*units, *this.expected})
    expect(this.expected)
    before = grid_picture(olds, picture(_shown(units, day), day), appointments_over(this.grids, day))
    made = _adjusted_places(actor, this, olds)
    if not _units_concerned(olds, day) <= units:
        raise Conflict(_("刚刚有人调整了覆盖这个网格的组织，请再看一次变化。"))
    _move_coverage(actor, olds, made, this)
    _move_units(actor, olds, made, this)
    holding = appointments_over(this.grids, day)
    appointments_follow_grids(
        actor=actor, grids=this.grids, effective_on=day, document=this.document.strip(), units=units,
        chosen=_chosen(this, made, holding),
    )  # fmt: skip
    _give_to_takers(actor, this, made, {row.pk for row in holding})
    followed: list[Followed] = []
    if day <= clock.today():
        households_follow_buildings(actor=actor, buildings=_buildings_in(ids))
        followed = matters_follow_lineage(actor, this.grids)
    after = grid_picture(
        made, picture(_shown(units, day), day), appointments_over([g.code for g in made], day)
    )
    return outcome(before, after, followed)


def _units_of(appointments: Iterable[int]) -> set[int]:
    rows = Appointment.objects.filter(pk__in=list(appointments))
    return set(rows.values_list("unit_id", flat=True))


def _chosen(
    this: GridAdjustment, made: Sequence[Grid], holding: Sequence[Appointment]
) -> dict[int, list[str]]:
    """Of each worker over the grids until now, which successors: all, those chosen, without what a taker has alone."""
    _checked(this.takers, made)
    if not this.takers:
        return {
            pk: [made[index].code for index in _checked(picked, made)] for pk, picked in this.workers.items()
        }
    workers = [row.pk for row in holding if row.post == WORKER and row.substitute_for_id is None]
    found = {}
    for pk in workers:
        picked = _checked(this.workers.get(pk, range(len(made))), made)
        found[pk] = [made[index].code for index in picked if this.takers.get(index, pk) == pk]
        found[pk] += [
            made[index].code for index, taker in this.takers.items() if taker == pk and index not in picked
        ]
    return found


def _give_to_takers(actor: Actor, this: GridAdjustment, made: Sequence[Grid], holding: set[int]) -> None:
    """Parts for grid workers who had none of these grids: beside the places they have."""
    new: dict[int, list[str]] = {}
    for index, taker in this.takers.items():
        if taker not in holding:
            new.setdefault(taker, []).append(made[index].code)
    if not new:
        return
    rows = Appointment.objects.filter(
        pk__in=new, post=WORKER, substitute_for=None, place_code__startswith=made[0].code[:12]
    )
    held = {row.pk: [place.code for place in row.places.all()] for row in rows.prefetch_related("places")}
    if set(held) != set(new):
        raise RuleViolation(_("请从这个社区在任的网格员中选择由谁接手。"), field="takers")
    wanted = {pk: sorted({*held[pk], *codes}) for pk, codes in new.items()}
    rearrange(actor=actor, wanted=wanted, effective_on=this.effective_on, document=this.document.strip())


def _visible(actor: Actor, codes: Sequence[str]) -> list[Grid]:
    """The grids in the order of codes. Raises NotVisible or NotAllowed; a grid that has ended is for the places to tell."""
    found = {grid.code: grid for grid in Grid.objects.filter(code__in=codes)}
    if not codes or set(found) != set(codes):
        raise NotVisible(_("没有找到这个网格。"))
    for grid in found.values():
        policy_for(Grid).require(actor, "adjust", grid)
    return [found[code] for code in sorted(found)]


def _adjusted_places(actor: Actor, this: GridAdjustment, olds: list[Grid]) -> list[Grid]:
    if this.kind == "merge":
        return [
            places.merge_grids(
                actor=actor, grid_ids=[grid.pk for grid in olds], name=this.name, effective_on=this.effective_on,
                document=this.document, lock_versions=this.expected_grids,
            )
        ]  # fmt: skip
    if len(olds) != 1:
        raise RuleViolation(_("一次拆分一个网格。"), field="grids")
    if len(this.parts) > MOST_PARTS:
        raise RuleViolation(_("一次最多拆成 {n} 个网格。").format(n=MOST_PARTS), field="parts")
    for part in this.parts:
        if not part.buildings:
            raise RuleViolation(
                _("“{name}”里没有楼栋，请至少划给它一栋。").format(name=part.name), field="parts"
            )
    return places.split_grid(
        actor=actor, grid_id=olds[0].pk, effective_on=this.effective_on, document=this.document,
        parts=[Part(part.name, part.buildings, kind=olds[0].kind) for part in this.parts],
        lock_versions=this.expected_grids,
    )  # fmt: skip


def _checked(picked: Iterable[int], made: Sequence[Grid]) -> list[int]:
    indexes = sorted(set(picked))
    if any(not 0 <= index < len(made) for index in indexes):
        raise RuleViolation(_("只能从新网格里选择网格员接手的范围。"), field="workers")
    return indexes


def _units_concerned(grids: Sequence[Grid], day: dt.date) -> set[int]:
    """Units that cover these grids, stand at them or have people appointed over them, on the day or later."""
    codes = [grid.code for grid in grids]
    covering = BranchGrid.objects.filter(grid__in=grids).exclude(valid_to__lte=day)
    standing = UnitVersion.objects.filter(place_code__in=codes).exclude(valid_to__lte=day)
    return {
        *covering.values_list("branch_id", flat=True), *standing.values_list("unit_id", flat=True),
        *(row.unit_id for row in appointments_over(codes, day)),
    }  # fmt: skip


def _shown(units: Iterable[int], day: dt.date) -> set[int]:
    """Those of the units that the chain has a picture of."""
    rows = UnitVersion.objects.filter(unit_id__in=list(units), kind__in=KINDS).exclude(valid_to__lte=day)
    return set(rows.values_list("unit_id", flat=True))


def _buildings_in(grid_ids: Iterable[int]) -> list[int]:
    rows = BuildingPlacement.objects.filter(grid_id__in=list(grid_ids))
    return list(rows.values_list("building_id", flat=True).distinct())


def _move_coverage(actor: Actor, olds: Sequence[Grid], made: Sequence[Grid], this: GridAdjustment) -> None:
    """Each branch covers all successors for as long as it would have covered one of the old grids."""
    day = this.effective_on
    rows = BranchGrid.objects.select_for_update().filter(grid__in=olds).exclude(valid_to__lte=day)
    by_branch: dict[int, list[BranchGrid]] = {}
    for row in rows.order_by("branch_id", "grid__code"):
        by_branch.setdefault(row.branch_id, []).append(row)
    names = {branch: _names(found) for branch, found in grids_of(by_branch, day).items()}
    for branch, held in by_branch.items():
        periods = taken_over([(row.valid_from, row.valid_to) for row in held], day)
        for row in held:
            if row.valid_from >= day:
                row.delete()  # it never held for a day
            else:
                row.valid_to = day
                row.save(update_fields=["valid_to"])
        BranchGrid.objects.bulk_create(
            BranchGrid(branch_id=branch, grid=grid, valid_from=start, valid_to=end)
            for grid in made
            for start, end in periods
        )
    work = Work(actor, by_branch)
    covered = grids_of(by_branch, day)
    for branch in by_branch:
        version = work.versions[branch][-1]
        changes = {
            "grids": [names.get(branch, ""), _names(covered.get(branch, []))],
            "effective_on": day.isoformat(), "document": this.document.strip(),
        }  # fmt: skip
        work.write(branch, "chain.grids_changed", version.place_code, changes)
    work.finish()


def _names(grids: Iterable[Grid]) -> str:
    return "、".join(grid.name for grid in grids)


def _move_units(actor: Actor, olds: Sequence[Grid], made: Sequence[Grid], this: GridAdjustment) -> None:
    """Units that stand at an ended grid stand at a successor; where nobody can know which, in the community."""
    day, codes = this.effective_on, [grid.code for grid in olds]
    rows = (
        UnitVersion.objects.filter(place_code__in=codes)
        .exclude(valid_to__lte=day)
        .order_by("unit_id", "valid_from")
    )
    seats = _seats(actor, rows, made, day)
    for unit_id in dict.fromkeys(row.unit_id for row in rows):
        organisations.move_unit(
            actor=actor, unit_id=unit_id, effective_on=day, place_code=seats[unit_id],
            document=this.document.strip(), note=_("随网格调整"),
        )  # fmt: skip


def _seats(actor: Actor, rows: Iterable[UnitVersion], made: Sequence[Grid], day: dt.date) -> dict[int, str]:
    community = made[0].code[:12]
    covered = GroupBuilding.objects.in_force(day).filter(group__in=[row.unit_id for row in rows])
    buildings: dict[int, list[int]] = {}
    for group, building in covered.values_list("group_id", "building_id"):
        buildings.setdefault(group, []).append(building)
    ground = Ground(Work(actor, ()), {pk for found in buildings.values() for pk in found}, set())
    seats: dict[int, str] = {}
    for row in rows:
        if row.kind == GROUP and buildings.get(row.unit_id):
            seats[row.unit_id] = ground.seat(buildings[row.unit_id], day)
        elif row.kind == BRANCH or len(made) == 1:
            seats[row.unit_id] = made[0].code
        else:
            seats[row.unit_id] = community
    return seats

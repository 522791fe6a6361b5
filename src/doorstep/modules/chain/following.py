"""What of the chain follows when grids are drawn anew (places.following), in the transaction that does it.

A branch that covered an ended grid covers the one that took most of it; a new grid is covered by the branches of the grid that
gave most to it. Units that stood at an ended grid stand at its heir, building groups where most of their buildings are. A
group keeps its branch: buildings that then lie outside the branch's grids are among the findings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.following import Followed, Follower, Redrawing, follows_redrawing
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, MemberHousehold
from doorstep.modules.chain.rules import Period, taken_over
from doorstep.modules.chain.selectors import GROUP, grids_of
from doorstep.modules.chain.services_bulk import Ground
from doorstep.modules.chain.services_households import households_follow_buildings
from doorstep.modules.chain.services_work import Work, constraints_in_words


def chain_follows(actor: Actor, redrawing: Redrawing) -> list[Followed]:
    """Coverage, seats and member households."""
    with constraints_in_words():
        return [
            *_coverage_follows(actor, redrawing),
            *_units_follow(actor, redrawing),
            *_households_follow(actor, redrawing),
        ]


def _coverage_follows(actor: Actor, redrawing: Redrawing) -> list[Followed]:
    day = redrawing.effective_on
    sources = {new: gave[0] for new, gave in redrawing.givers.items() if gave}
    concerned = {*redrawing.ended, *sources.values()}
    rows = BranchGrid.objects.select_for_update(of=("self",)).filter(grid__code__in=concerned)
    held: dict[int, dict[str, list[BranchGrid]]] = {}
    for row in rows.exclude(valid_to__lte=day).select_related("grid").order_by("branch_id", "grid__code"):
        held.setdefault(row.branch_id, {}).setdefault(row.grid.code, []).append(row)
    if not held:
        return []
    wanted = {code for taken in redrawing.heirs.values() for code in taken[:1]} | set(sources)
    targets = {grid.code: grid for grid in Grid.objects.filter(code__in=wanted)}
    before = {branch: _codes(found) for branch, found in grids_of(held, day).items()}
    gained = {branch: _gained(found, sources, redrawing) for branch, found in held.items()}
    _end([row for found in held.values() for code in redrawing.ended for row in found.get(code, ())], day)
    _cover(gained, targets, day)
    return _told(actor, held, before, redrawing)


def _gained(
    found: dict[str, list[BranchGrid]], sources: dict[str, str], redrawing: Redrawing
) -> dict[str, list[Period]]:
    """What one branch takes over from ended grids and of new ones, by grid."""
    gained: dict[str, list[Period]] = {}
    for code, rows in found.items():
        following = [new for new, gave in sources.items() if gave == code]
        following += list(redrawing.heirs.get(code, ())[:1])
        for new in following:
            gained.setdefault(new, []).extend((row.valid_from, row.valid_to) for row in rows)
    return gained


def _end(rows: Sequence[BranchGrid], day: dt.date) -> None:
    ended = BranchGrid.objects.filter(pk__in=[row.pk for row in rows])
    ended.filter(valid_from__gte=day).delete()  # they never held for a day
    ended.filter(valid_from__lt=day).update(valid_to=day)


def _cover(gained: dict[int, dict[str, list[Period]]], targets: dict[str, Grid], day: dt.date) -> None:
    """Whoever covers the heir already goes on doing so."""
    codes = {code for periods in gained.values() for code in periods}
    own = BranchGrid.objects.filter(branch_id__in=gained, grid__code__in=codes).exclude(valid_to__lte=day)
    present = set(own.values_list("branch_id", "grid__code"))
    BranchGrid.objects.bulk_create(
        BranchGrid(branch_id=branch, grid=targets[code], valid_from=start, valid_to=end)
        for branch, found in gained.items()
        for code, periods in found.items()
        if (branch, code) not in present
        for start, end in taken_over(periods, day)
    )


def _told(
    actor: Actor, held: dict[int, dict[str, list[BranchGrid]]], before: dict[int, tuple[str, ...]], redrawing: Redrawing
) -> list[Followed]:  # fmt: skip
    work = Work(actor, held)
    after = {branch: _codes(found) for branch, found in grids_of(held, redrawing.effective_on).items()}
    followed = []
    for branch in held:
        version = work.versions[branch][-1]
        was, now = before.get(branch, ()), after.get(branch, ())
        changes = {
            "grids": ["、".join(was), "、".join(now)], "effective_on": redrawing.effective_on.isoformat(),
            "document": redrawing.document,
        }  # fmt: skip
        work.write(branch, "chain.grids_changed", version.place_code, changes)
        followed.append(Followed("branch", version.name, was, now))
    work.finish()
    return followed


def _codes(grids: Sequence[Grid]) -> tuple[str, ...]:
    return tuple(sorted(grid.code for grid in grids))


def _units_follow(actor: Actor, redrawing: Redrawing) -> list[Followed]:
    """Units at ended grids, and groups whose buildings moved."""
    day = redrawing.effective_on
    moved = [move.building_id for move in redrawing.moves]
    touched = (
        GroupBuilding.objects.in_force(day).filter(building_id__in=moved).values_list("group_id", flat=True)
    )
    rows = UnitVersion.objects.exclude(valid_to__lte=day)
    standing = list(rows.filter(place_code__in=redrawing.ended).order_by("unit_id", "valid_from"))
    standing += list(rows.filter(unit_id__in=list(touched), kind=GROUP).order_by("unit_id", "valid_from"))
    units = {row.unit_id: row for row in standing}
    seats = _group_seats(actor, [pk for pk, row in units.items() if row.kind == GROUP], day)
    followed = []
    for unit_id, row in sorted(units.items()):
        taken = redrawing.heirs.get(row.place_code, ())
        seat = seats.get(unit_id) or (taken[0] if taken else row.place_code)
        if seat == row.place_code:
            continue
        organisations.move_unit(
            actor=actor, unit_id=unit_id, effective_on=day, place_code=seat, document=redrawing.document,
            note=_("随网格调整"),
        )  # fmt: skip
        followed.append(Followed("unit", row.name, (row.place_code,), (seat,)))
    return followed


def _group_seats(actor: Actor, groups: Sequence[int], day: dt.date) -> dict[int, str]:
    """Where most of each group's buildings are on the day."""
    covered = GroupBuilding.objects.in_force(day).filter(group_id__in=groups)
    buildings: dict[int, list[int]] = {}
    for group, building in covered.values_list("group_id", "building_id"):
        buildings.setdefault(group, []).append(building)
    ground = Ground(Work(actor, ()), {pk for found in buildings.values() for pk in found}, set())
    return {group: ground.seat(found, day) for group, found in buildings.items()}


def _households_follow(actor: Actor, redrawing: Redrawing) -> list[Followed]:
    """Member households of moved buildings: today's at once, those of a day to come by the schedule."""
    moved = {move.building_id: move for move in redrawing.moves}
    held = MemberHousehold.objects.in_force(redrawing.effective_on).filter(building_id__in=list(moved))
    count = held.count()
    if redrawing.effective_on <= clock.today():
        households_follow_buildings(actor=actor, buildings=moved)
    if not count:
        return []
    places = {moved[pk].after for pk in held.values_list("building_id", flat=True)}
    return [Followed("households", _("党员中心户"), (), tuple(sorted(places)), count=count)]


follows_redrawing(Follower("chain", 10, chain_follows))

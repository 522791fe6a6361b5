"""The chain as it passes through single grids: for whoever serves in a grid and has no community's tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.organisations.selectors import holders_of
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.kernel.places.models import Area, Grid, GridLineage
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.chain import selectors
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, MemberHousehold
from doorstep.modules.chain.policies import VIEW
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, LEADER

MOST_GRIDS = 50  # more than one person serves in


@dataclass
class UnitLine:
    """A unit with its leader; `opens` where the reader may open its page."""

    version: UnitVersion
    leader: str = ""
    role: str = ""
    opens: bool = False


@dataclass
class GroupLine(UnitLine):
    """A group with those of its buildings that stand in the grid, and the households in them (id, words)."""

    buildings: list[str] = field(default_factory=list)
    households: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class GridChain:
    """The chain through one grid on a day. `became` names what it was split into or merged to, once it has ended."""

    grid: Grid
    community: str
    ended: bool = False
    became: list[str] = field(default_factory=list)
    organisation: UnitLine | None = None
    branches: list[UnitLine] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    groups: list[GroupLine] = field(default_factory=list)
    buildings: int = 0
    bare_buildings: list[str] = field(default_factory=list)
    loose_households: list[tuple[int, str]] = field(default_factory=list)


def grid_chains(actor: Actor, codes: Iterable[str], on: dt.date) -> list[GridChain]:
    """The chain through each of these grids, by code. Raises NotVisible outside the actor's places. Fixed queries."""
    wanted = sorted(set(codes))[:MOST_GRIDS]
    for code in wanted:
        require_place(actor, VIEW, code)
    grids = list(Grid.objects.filter(code__in=wanted).select_related("community").order_by("code"))
    if not grids:
        raise NotVisible(_("没有找到这个网格。"))
    reader = _Reader(actor, grids, on)
    return [reader.chain(grid) for grid in grids]


class _Reader:
    """Everything that some grids' chains are made of, read once."""

    def __init__(self, actor: Actor, grids: Sequence[Grid], on: dt.date) -> None:
        self.on = on
        ids = [grid.pk for grid in grids]
        codes = [grid.code for grid in grids]
        covered = BranchGrid.objects.in_force(on).filter(grid_id__in=ids)
        self.covering: dict[int, set[int]] = {}
        for row in covered:
            self.covering.setdefault(row.grid_id, set()).add(row.branch_id)
        placed = selectors.placements_on(on).filter(grid_id__in=ids).select_related("building")
        self.placed: dict[int, dict[int, str]] = {}
        for placement in placed.order_by("building__pinyin", "building_id"):
            self.placed.setdefault(placement.grid_id, {})[placement.building_id] = placement.building.name
        buildings = [pk for found in self.placed.values() for pk in found]
        grouped = GroupBuilding.objects.in_force(on).filter(building_id__in=buildings)
        self.group_of: dict[int, int] = dict(grouped.values_list("building_id", "group_id"))
        self._units(actor, {grid.community_id for grid in grids})
        self._households(actor, buildings)
        self._workers(codes)
        self.became: dict[int, list[str]] = {}
        for step in GridLineage.objects.filter(before_id__in=ids).select_related("after").order_by("after"):
            self.became.setdefault(step.before_id, []).append(step.after.name)

    def _units(self, actor: Actor, communities: set[str]) -> None:
        branches = {pk for found in self.covering.values() for pk in found}
        rows = UnitVersion.objects.in_force(self.on).filter(
            Q(kind=BRANCH, unit_id__in=branches)
            | Q(kind=GROUP, unit_id__in=set(self.group_of.values()))
            | Q(kind=COMMUNITY, place_code__in=communities)
        )
        self.versions = {row.unit_id: row for row in rows.order_by("place_code", "pinyin", "unit_id")}
        self.leaders = holders_of(self.versions, self.on, set(LEADER.values()))
        seen = policy_for(Unit).visible_to(actor).filter(pk__in=self.versions)
        self.opens = set(seen.values_list("pk", flat=True))

    def _households(self, actor: Actor, buildings: list[int]) -> None:
        rows = MemberHousehold.objects.in_force(self.on).filter(building_id__in=buildings)
        rows = with_names_seen(rows, actor, "person").select_related("building").order_by("building_id", "id")
        self.households: dict[int, list[tuple[int, str]]] = {}
        for row in rows:
            where = f"{row.building.name} {row.door}".strip()
            words = f"{row.seen_name}（{where}）" if row.seen_name else where
            self.households.setdefault(row.building_id, []).append((row.pk, words))

    def _workers(self, codes: list[str]) -> None:
        rows = Appointment.objects.in_force(self.on).filter(places__code__in=codes, post="grid_worker")
        named = rows.order_by("valid_from", "id").values_list("places__code", "person__name")
        self.workers: dict[str, list[str]] = {}
        for code, name in named:
            if name not in self.workers.setdefault(code, []):
                self.workers[code].append(name)

    def chain(self, grid: Grid) -> GridChain:
        community: Area = grid.community
        found = GridChain(grid, community.name)
        if not grid.holds_on(self.on):
            found.ended = grid.valid_from <= self.on
            found.became = self.became.get(grid.pk, [])
            return found
        for unit_id, version in self.versions.items():
            if version.kind == COMMUNITY and version.place_code == grid.community_id:
                found.organisation = UnitLine(**self._line(unit_id))
            elif version.kind == BRANCH and unit_id in self.covering.get(grid.pk, set()):
                found.branches.append(UnitLine(**self._line(unit_id)))
        found.workers = self.workers.get(grid.code, [])
        self._fill_buildings(found, self.placed.get(grid.pk, {}))
        return found

    def _fill_buildings(self, found: GridChain, placed: dict[int, str]) -> None:
        found.buildings = len(placed)
        groups: dict[int, GroupLine] = {}
        for pk, name in placed.items():
            group, households = self.group_of.get(pk), self.households.get(pk, [])
            if group is None or group not in self.versions:
                found.bare_buildings.append(name)
                found.loose_households += households
                continue
            line = groups.setdefault(group, GroupLine(**self._line(group)))
            line.buildings.append(name)
            line.households += households
        found.groups = sorted(groups.values(), key=lambda line: (line.version.pinyin, line.version.unit_id))

    def _line(self, unit_id: int) -> dict[str, Any]:
        held = self.leaders.get(unit_id, [])
        return {
            "version": self.versions[unit_id], "opens": unit_id in self.opens,
            "leader": held[0].acting.person.name if held else "",
            "role": str(held[0].appointment.get_post_display()) if held else "",
        }  # fmt: skip

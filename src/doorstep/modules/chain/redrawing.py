"""The building groups of a place drawn anew from a day on, by a document: one act, one transaction.

A group that goes on keeps its unit, its leader and, unless another is given, its name; its buildings shift. A new one is split
from the group that gave most of its buildings, or formed where none had them. An ended one is merged into the group that took
most of its buildings; its leader's appointment ends with it. Each building given lies in exactly one group afterwards, and every
group hangs together inside its branch's grids. Who is without a leader then is among the findings.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_bulk import NewUnit
from doorstep.kernel.places import rules as places_rules
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.chain.models import Approval, GroupBuilding
from doorstep.modules.chain.policies import KEEP
from doorstep.modules.chain.rules import Departure, group_departures
from doorstep.modules.chain.selectors import BRANCH, GROUP, counts_of
from doorstep.modules.chain.services_bulk import Ground
from doorstep.modules.chain.services_coverage import Coverage
from doorstep.modules.chain.services_work import (
    BATCH,
    Approved,
    Work,
    accept,
    approvals,
    check_day,
    constraints_in_words,
    write_approvals,
)


@dataclass(frozen=True)
class DrawnGroup:
    """A group as it is to be. unit: the group that goes on, None for a new one; name: "" keeps a group's own. members: full members
    as the plan counts them; counted: none of them is an estimate, so they are recorded as the group's count."""

    unit: int | None
    branch: int
    name: str
    buildings: tuple[int, ...]
    members: int
    counted: bool = False


@dataclass(frozen=True)
class MovedBuilding:
    """before: None for a building that was in no group. Groups are units."""

    building: int
    before: int | None
    after: int


@dataclass(frozen=True)
class RedrawnGroups:
    """What was done; groups are units. heirs: of each ended group; givers: of each new one, None where it was formed of buildings
    without a group. leaving: appointments that ended with their groups."""

    effective_on: dt.date
    document: str
    units: list[int]
    begun: dict[int, int | None]
    heirs: dict[int, int]
    changed: list[int]
    moves: list[MovedBuilding]
    leaving: list[int]
    without_leader: list[int]


@transaction.atomic
def redraw_groups(
    *, actor: Actor, drawn: Sequence[DrawnGroup], before: Mapping[int, int | None], effective_on: dt.date, document: str,
    approved: Approved | None = None,
) -> RedrawnGroups:  # fmt: skip
    """Draw these groups. `before`: the group of each building as somebody looked at it, None for none; a building or group that is
    otherwise on the day is refused in words. `approved` lets groups be smaller than the rule says. Raises Refused."""
    document = places_rules.clean_document(document)
    check_day(effective_on, "effective_on")
    organisations.one_superior_change_at_a_time()
    with constraints_in_words():
        return _Redrawing(actor, drawn, before, effective_on, document, approved).carry_out()


@dataclass
class _Redrawing:
    """One redrawing at work."""

    actor: Actor
    drawn: Sequence[DrawnGroup]
    before: Mapping[int, int | None]
    day: dt.date
    document: str
    approved: Approved | None
    work: Work = field(init=False)
    ground: Ground = field(init=False)
    rows: dict[int, GroupBuilding] = field(default_factory=dict)  # what covers each building on the day

    def carry_out(self) -> RedrawnGroups:
        self._lock()
        self._refuse_changed()
        departures = self._check()
        after_of = {building: at for at, one in enumerate(self.drawn) for building in one.buildings}
        ended = {unit for unit in self.before.values() if unit is not None} - {one.unit for one in self.drawn}
        leaving = self._leaders(ended)
        units, begun = self._begin()
        after = {building: units[at] for building, at in after_of.items()}
        heirs = self._end(ended, after)
        self._go_on(units, begun)
        moves = self._cover(after, begun)
        self._record(units, begun, moves, departures)
        lead = set(
            Appointment.objects.in_force(self.day)
            .filter(unit__in=units, post="group_leader")
            .values_list("unit_id", flat=True)
        )
        touched = {move.before for move in moves} | {move.after for move in moves}
        return RedrawnGroups(
            self.day, self.document, units, begun, heirs,
            [unit for unit in units if unit in touched and unit not in begun], moves, leaving,
            [unit for unit in units if unit not in lead],
        )  # fmt: skip

    # What must hold before anything is written.

    def _lock(self) -> None:
        groups = {unit for unit in self.before.values() if unit is not None}
        self.work = Work(self.actor, groups | {one.branch for one in self.drawn})
        for branch in sorted({one.branch for one in self.drawn}):
            version = self.work.state(branch, self.day, (BRANCH,), "effective_on")
            self.work.require(KEEP, version.place_code)
        for group in sorted(groups):
            self.work.state(group, self.day, (GROUP,), "effective_on")
        self.ground = Ground(self.work, set(self.before), {one.branch for one in self.drawn})

    def _refuse_changed(self) -> None:
        """What somebody looked at is no longer so."""
        groups = [unit for unit in self.before.values() if unit is not None]
        held = GroupBuilding.objects.select_for_update(of=("self",)).filter(group__in=groups)
        found = [row for rows in self.ground.taken.values() for row in rows]
        found += [row for row in held.select_related("building") if row.building_id not in self.before]
        for row in found:
            if row.valid_to is not None and row.valid_to <= self.day:
                continue
            if row.valid_from > self.day:
                raise RuleViolation(
                    _("“%(name)s”在生效日期以后已有调整，请把生效日期改到它之后。")
                    % {"name": self._building(row)},
                    field="effective_on",
                )
            if self.before.get(row.building_id) != row.group_id:
                raise Conflict(
                    _("“%(building)s”在方案做好以后划入了“%(group)s”，请重新做一个方案。")
                    % {"building": self._building(row), "group": self._name(row.group_id)}
                )
            self.rows[row.building_id] = row
        for building, unit in self.before.items():
            if unit is not None and building not in self.rows:
                raise Conflict(
                    _("“%(building)s”在方案做好以后离开了“%(group)s”，请重新做一个方案。")
                    % {"building": self.ground.buildings[building].name, "group": self._name(unit)}
                )

    def _building(self, row: GroupBuilding) -> str:
        known = self.ground.buildings.get(row.building_id)
        return known.name if known else row.building.name

    def _name(self, unit: int) -> str:
        rows = UnitVersion.objects.filter(unit=unit).order_by("valid_from")
        return rows.values_list("name", flat=True).last() or ""

    def _check(self) -> dict[int, list[Departure]]:
        """By the place of a group in `drawn`: what its superior approved. Raises RuleViolation."""
        given = Counter(building for one in self.drawn for building in one.buildings)
        if set(given) != set(self.before) or any(count > 1 for count in given.values()):
            raise RuleViolation(_("每栋楼都要在一个小组，也只能在一个小组。"), field="buildings")
        in_force = self.work.rules_on(self.day)
        for one in self.drawn:
            self._check_grids(one)
        torn = self.ground.scattered([(one.buildings, self.day) for one in self.drawn])
        if torn:
            one = self.drawn[min(torn)]
            raise RuleViolation(
                _("“%(name)s”的楼栋不相邻，请重新做一个方案。")
                % {"name": one.name or self._name(one.unit or 0)},
                field="buildings",
                clause=in_force.clause("group.adjacent_metres"),
            )
        standing = set(
            Approval.objects.in_force(self.day)
            .filter(unit__in=[one.unit for one in self.drawn if one.unit is not None])
            .values_list("unit_id", "rule")
        )
        found = {
            at: [
                each
                for each in group_departures(one.members, 0, in_force)
                if (one.unit, each.rule) not in standing
            ]
            for at, one in enumerate(self.drawn)
        }
        kept = {at: departures for at, departures in found.items() if departures}
        accept([each for departures in kept.values() for each in departures][:1], self.approved)
        return kept

    def _check_grids(self, one: DrawnGroup) -> None:
        if not one.buildings:
            raise RuleViolation(_("请至少选择一栋楼。"), field="buildings")
        grids = {row.grid_id for row in self.ground.covered.get(one.branch, []) if row.holds_on(self.day)}
        for pk in one.buildings:
            building = self.ground.buildings.get(pk)
            if building is None:
                raise Conflict(_("方案里有楼栋已不在登记中，请重新做一个方案。"))
            grid = self.ground.grid(pk, self.day)
            if grid is None or grid.pk not in grids:
                raise RuleViolation(
                    _("“%(building)s”不在“%(branch)s”的网格内，请重新做一个方案。")
                    % {"building": building.name, "branch": self._name(one.branch)},
                    field="buildings",
                    clause=self.work.rules_on(self.day).clause("group.in_branch"),
                )

    # Units begin, end and go on.

    def _leaders(self, ended: Iterable[int]) -> list[int]:
        rows = Appointment.objects.in_force(self.day).filter(unit__in=list(ended)).order_by("pk")
        return list(rows.values_list("pk", flat=True))

    def _begin(self) -> tuple[list[int], dict[int, int | None]]:
        """The unit of each drawn group in order, and of the new ones where they came from."""
        units = [one.unit or 0 for one in self.drawn]
        splits: dict[int, list[int]] = {}
        formed: list[int] = []
        for at, one in enumerate(self.drawn):
            if one.unit is None:
                giver = self._giver(one)
                splits.setdefault(giver, []).append(at) if giver else formed.append(at)
        begun: dict[int, int | None] = {}
        for giver, places in sorted(splits.items()):
            made = organisations.split_unit(
                actor=self.actor, unit_id=giver, effective_on=self.day, document=self.document,
                parts=[self._new_unit(self.drawn[at]) for at in places],
            )  # fmt: skip
            for at, unit in zip(places, made, strict=True):
                units[at], begun[unit.pk] = unit.pk, giver
        if formed:
            made = organisations.found_units(
                actor=self.actor, units=[self._new_unit(self.drawn[at]) for at in formed]
            )
            for at, unit in zip(formed, made, strict=True):
                units[at], begun[unit.pk] = unit.pk, None
        return units, begun

    def _giver(self, one: DrawnGroup) -> int:
        """The group that had most of its buildings, 0 for none; of equals the lowest."""
        had = Counter(unit for building in one.buildings if (unit := self.before[building]) is not None)
        return min(had, key=lambda unit: (-had[unit], unit)) if had else 0

    def _new_unit(self, one: DrawnGroup) -> NewUnit:
        return NewUnit(
            kind=GROUP, name=one.name, place_code=self.ground.seat(one.buildings, self.day), founded_on=self.day,
            document=self.document, superior_id=one.branch,
        )  # fmt: skip

    def _end(self, ended: Iterable[int], after: Mapping[int, int]) -> dict[int, int]:
        heirs = {unit: self._heir(unit, after) for unit in sorted(ended)}
        coverage = Coverage(self.actor, GROUP, self.day, self.document)
        for heir in sorted(set(heirs.values())):
            merged = [unit for unit, taker in heirs.items() if taker == heir]
            organisations.merge_units(
                actor=self.actor, unit_ids=merged, into_id=heir, effective_on=self.day, document=self.document
            )
            for unit in merged:
                coverage.close_papers(unit)
        return heirs

    def _heir(self, unit: int, after: Mapping[int, int]) -> int:
        took = Counter(after[building] for building, had in self.before.items() if had == unit)
        return min(took, key=lambda taker: (-took[taker], taker))

    def _go_on(self, units: Sequence[int], begun: Mapping[int, int | None]) -> None:
        """Names, seats and branches of groups that go on."""
        for unit, one in zip(units, self.drawn, strict=True):
            if unit in begun:
                continue
            version = self.work.state(unit, self.day, (GROUP,), "effective_on")
            seat = self.ground.seat(one.buildings, self.day)
            name = one.name or version.name
            if (name, seat, one.branch) != (version.name, version.place_code, version.superior_id):
                moved = one.branch if one.branch != version.superior_id else organisations.UNCHANGED
                organisations.adjust_unit(
                    actor=self.actor, unit_id=unit, name=name, place_code=seat, superior_id=moved,
                    approval=organisations.Approval(effective_on=self.day, document=self.document),
                )  # fmt: skip

    # Coverage and what is recorded of it.

    def _cover(self, after: Mapping[int, int], begun: Mapping[int, int | None]) -> list[MovedBuilding]:
        ending, new, moves = [], [], []
        for building, unit in sorted(after.items()):
            row = self.rows.get(building)
            if row is not None and row.group_id == unit:
                continue
            moves.append(MovedBuilding(building, row.group_id if row else None, unit))
            new.append(
                GroupBuilding(group_id=unit, building_id=building, valid_from=self.day, valid_to=row.valid_to if row else None)
            )  # fmt: skip
            if row is not None:
                ending.append(row)
        GroupBuilding.objects.filter(pk__in=[row.pk for row in ending if row.valid_from >= self.day]).delete()
        shortened = [row for row in ending if row.valid_from < self.day]
        for row in shortened:
            row.valid_to = self.day
        GroupBuilding.objects.bulk_update(shortened, ["valid_to"], batch_size=BATCH)
        GroupBuilding.objects.bulk_create(new, batch_size=BATCH)
        return moves

    def _record(
        self, units: Sequence[int], begun: Mapping[int, int | None], moves: Sequence[MovedBuilding],
        departures: Mapping[int, list[Departure]],
    ) -> None:  # fmt: skip
        touched = {move.after for move in moves} | {move.before for move in moves if move.before is not None}
        work = Work(self.actor, touched & set(units))
        coverage = Coverage(self.actor, GROUP, self.day, self.document)
        last = counts_of(units, self.day)
        for at, (unit, one) in enumerate(zip(units, self.drawn, strict=True)):
            if unit not in touched:
                continue
            was = [building for building, had in self.before.items() if had == unit]
            changes = {
                "buildings": [self._names(was), self._names(one.buildings)], "effective_on": self.day.isoformat(),
                "document": self.document,
            }  # fmt: skip
            action = "chain.group_formed" if unit in begun else "chain.buildings_changed"
            version = work.state(unit, self.day, (GROUP,), "effective_on")
            work.write(unit, action, version.place_code, changes)
            if one.counted:
                coverage.count(unit, one.members, last[unit].probationary if unit in last else 0)
            write_approvals(approvals(unit, departures.get(at, []), self.approved, self.day))
        work.finish()

    def _names(self, buildings: Iterable[int]) -> str:
        return "、".join(self.ground.buildings[pk].name for pk in sorted(buildings))

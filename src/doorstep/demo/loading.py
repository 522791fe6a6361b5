"""From a geography and a plan to rows, through the services only: so the demo district proves the rules."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.services import NewAccount, create_accounts
from doorstep.kernel.organisations.services import move_unit
from doorstep.kernel.organisations.services_bulk import NewAppointment, NewUnit, appoint_many, found_units
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.inputs import NewArea, NewBuilding, NewCompound, NewGrid, NewOutline, NewVenue
from doorstep.kernel.places.services_bulk import (
    add_areas,
    add_buildings,
    add_compounds,
    add_venues,
    establish_grids,
    place_buildings,
)
from doorstep.kernel.places.services_outlines import add_outlines
from doorstep.modules.chain.adjustments import Adjustment, adjust
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, SHOW_NAME
from doorstep.modules.chain.services import revoke_household
from doorstep.modules.chain.services_bulk import (
    NewBranch,
    NewGroup,
    NewHousehold,
    designate_households,
    establish_branches,
    form_groups,
)
from doorstep.modules.chain.services_terms import (
    NewCount,
    NewForm,
    NewTerm,
    record_member_counts,
    set_forms,
    start_terms,
)
from doorstep.modules.chain.services_work import Approved
from doorstep.modules.requests.services_lists import first_lists

from .cast import CAST, person_of
from .geography import Geography
from .grid_life import live
from .group_life import count_members, plan_groups
from .names import document
from .plan import AppointmentPlan, CountPlan, Plan, TermPlan, UnitPlan

EDITION = 2023
GRIDS_SINCE = 2200  # days ago: the day on which the grids were drawn as they are
BUILT_SINCE = 2190
ILLUSTRATIVE = "示意：除全区轮廓外均为演示而绘制"
OUTLINE_SOURCE = "示意：全区轮廓取自公开的行政区边界（约100米精度）"
ABOVE = [("", "中华人民共和国"), ("21", "辽宁省"), ("2102", "大连市")]


@dataclass
class Loaded:
    """Where the records of the plan ended up: keys and numbers to ids."""

    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    buildings: dict[int, int] = field(default_factory=dict)
    compounds: dict[int, int] = field(default_factory=dict)


@dataclass
class Loading:
    """One district on its way into the database; `steps` are run in order, all in the caller's transaction."""

    actor: Actor
    geography: Geography
    plan: Plan
    loaded: Loaded = field(default_factory=Loaded)

    @property
    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        name = self.geography.district.name
        return [
            (f"{name}：区划和边界", self.areas),
            (f"{name}：网格", self.grids),
            (f"{name}：小区和楼栋", self.buildings),
            (f"{name}：人员", self.people),
            (f"{name}：单位", self.units),
            (f"{name}：党支部", self.branches),
            (f"{name}：党小组", self.groups),
            (f"{name}：任职", self.appointments),
            (f"{name}：党员人数、组织形式和任期", self.counts_forms_and_terms),
            (f"{name}：党员中心户", self.households),
            (f"{name}：演示账号", self.accounts),
            (f"{name}：事项目录和派办规则", self.lists),
            (f"{name}：网格里的事", self.grid_life),
            *([(f"{name}：调整", self.adjustments)] if self.plan.moves or self.plan.placements else []),
            (f"{name}：楼栋党员人数和小组方案", self.group_life),
        ]

    # Places

    def areas(self) -> None:
        drawn = self.geography
        divisions = [drawn.district, *drawn.streets, *drawn.communities]
        areas = [NewArea(code, name) for code, name in ABOVE]
        areas += [NewArea(place.code, place.name) for place in divisions]
        add_areas(actor=self.actor, areas=areas, edition=EDITION)
        outlines = [
            NewOutline(
                place.code, _geojson(place.outline),
                OUTLINE_SOURCE if place is drawn.district else ILLUSTRATIVE, illustrative=True,
            )
            for place in divisions
        ]  # fmt: skip
        add_outlines(actor=self.actor, outlines=outlines, valid_from=self._day(GRIDS_SINCE))

    def grids(self) -> None:
        since = self._day(GRIDS_SINCE)
        grids = [NewGrid(grid.parent, grid.name, serial=int(grid.code[12:])) for grid in self.geography.grids]
        establish_grids(actor=self.actor, grids=grids, effective_on=since, document=document("网", since, 1))
        outlines = [
            NewOutline(grid.code, _geojson(grid.outline), ILLUSTRATIVE, illustrative=True)
            for grid in self.geography.grids
        ]
        add_outlines(actor=self.actor, outlines=outlines, valid_from=since)

    def buildings(self) -> None:
        compounds = add_compounds(
            actor=self.actor,
            compounds=[
                NewCompound(compound.community, compound.name) for compound in self.geography.compounds
            ],
        )
        for drawn, made in zip(self.geography.compounds, compounds, strict=True):
            self.loaded.compounds[drawn.number] = made.pk
        buildings = [
            NewBuilding(
                building.grid, building.name, building.point.x, building.point.y, building.address,
                self.loaded.compounds.get(building.compound or 0), _geojson(building.outline), building.households,
            )
            for building in self.geography.buildings
        ]  # fmt: skip
        made_buildings = add_buildings(
            actor=self.actor, buildings=buildings, valid_from=self._day(BUILT_SINCE)
        )
        for place, row in zip(self.geography.buildings, made_buildings, strict=True):
            self.loaded.buildings[place.number] = row.pk

    # People and organisations

    def people(self) -> None:
        new = [
            NewPerson(
                person.name, person.place_code, person.phone,
                consents=(SHOW_NAME,) if person.shows_name_since else (),
                given_by="书面同意" if person.shows_name_since else "",
            )
            for person in self.plan.people
        ]  # fmt: skip
        made = register_people(actor=self.actor, people=new)
        self.loaded.people = {person.key: row for person, row in zip(self.plan.people, made, strict=True)}

    def units(self) -> None:
        """Superiors before their subordinates."""
        self._found([unit for unit in self.plan.units if unit.kind not in (BRANCH, GROUP)])
        self._service_centres()

    def _service_centres(self) -> None:
        """One for each community that has an organisation, where its first building stands."""
        first = {building.grid[:12]: building for building in reversed(self.geography.buildings)}
        parties = [unit for unit in self.plan.units if unit.kind == COMMUNITY]
        venues = [
            NewVenue(
                unit.place_code, unit.address.partition("示例一路1号")[0] + "党群服务中心", "service_centre",
                unit.address, first[unit.place_code].point.x, first[unit.place_code].point.y, unit.phone, unit.hours,
            )
            for unit in parties
        ]  # fmt: skip
        add_venues(actor=self.actor, venues=venues, valid_from=self._day(BUILT_SINCE))

    def _found(self, units: list[UnitPlan]) -> None:
        own = units
        while own:
            ready = [unit for unit in own if not unit.superior or unit.superior in self.loaded.units]
            made = found_units(
                actor=self.actor,
                units=[
                    NewUnit(
                        kind=unit.kind, name=unit.name, place_code=unit.place_code, founded_on=unit.founded_on,
                        document=unit.document, approved_by=unit.approved_by,
                        superior_id=self.loaded.units.get(unit.superior), phone=unit.phone, hours=unit.hours,
                        address=unit.address,
                    )
                    for unit in ready
                ],
            )  # fmt: skip
            self._remember(ready, made)
            own = [unit for unit in own if unit.key not in self.loaded.units]

    def branches(self) -> None:
        """All but those that were split off later; then what merged and split since."""
        split_off = {split.made for split in self.plan.splits}
        units = [unit for unit in self.plan.units if unit.kind == BRANCH and not unit.bare]
        self._establish([unit for unit in units if unit.key not in split_off])
        gone = {merge.gone for merge in self.plan.merges}
        self._appoint([row for row in self.plan.appointments if row.unit in gone])
        self._start_terms([row for row in self.plan.terms if row.unit in gone])
        for merge in self.plan.merges:
            self._adjust(
                Adjustment(
                    kind="merge", unit_kind=BRANCH, effective_on=merge.day, document=merge.document,
                    unit_id=self.loaded.units[merge.kept], others=(self.loaded.units[merge.gone],),
                ),
                merge.name,
            )  # fmt: skip
        counts = {(count.unit, count.day): count for count in self.plan.counts}
        names = {unit.key: unit.name for unit in units}
        for split in self.plan.splits:
            self.loaded.units[split.made] = self._adjust(
                Adjustment(
                    kind="split", unit_kind=BRANCH, effective_on=split.day, document=split.document,
                    unit_id=self.loaded.units[split.source], grids=split.grids, name=names[split.made],
                    **_members(counts[split.made, split.day]),
                ),
                split.name,
            )  # fmt: skip

    def _establish(self, branches: list[UnitPlan]) -> None:
        coverage = {row.unit: row for row in self.plan.coverage}
        founding = {(count.unit, count.day): count for count in self.plan.counts}
        forms = {row.unit: row.form for row in self.plan.forms}
        made = establish_branches(
            actor=self.actor,
            branches=[
                NewBranch(
                    name=unit.name, community_id=self.loaded.units[unit.superior],
                    grids=coverage[unit.key].grids, established_on=unit.founded_on, document=unit.document,
                    form=forms[unit.key], approved_by=unit.approved_by, phone=unit.phone, hours=unit.hours,
                    address=unit.address, **_members(founding.get((unit.key, unit.founded_on))),
                )
                for unit in branches
            ],
        )  # fmt: skip
        self._remember(branches, made)

    def _adjust(self, adjustment: Adjustment, name: str) -> int:
        """Carry it out and give the unit that stays its new name; gives the unit to look at afterwards."""
        outcome = adjust(actor=self.actor, adjustment=adjustment)
        renamed = Adjustment(
            kind="rename", unit_kind=BRANCH, effective_on=adjustment.effective_on, document=adjustment.document,
            unit_id=adjustment.unit_id, name=name,
        )  # fmt: skip
        adjust(actor=self.actor, adjustment=renamed)
        return outcome.unit_id

    def groups(self) -> None:
        coverage = {row.unit: row for row in self.plan.coverage}
        founding = {(count.unit, count.day): count for count in self.plan.counts}
        groups = [unit for unit in self.plan.units if unit.kind == GROUP and not unit.bare]
        made = form_groups(
            actor=self.actor,
            groups=[
                NewGroup(
                    name=unit.name, branch_id=self.loaded.units[unit.superior],
                    buildings=tuple(self.loaded.buildings[n] for n in coverage[unit.key].buildings),
                    formed_on=unit.founded_on, document=unit.document,
                    approved=_approved(coverage[unit.key].approved_until, unit),
                    **_members(founding.get((unit.key, unit.founded_on))),
                )
                for unit in groups
            ],
        )  # fmt: skip
        self._remember(groups, made)
        self._found([unit for unit in self.plan.units if unit.kind in (BRANCH, GROUP) and unit.bare])

    def appointments(self) -> None:
        gone = {merge.gone for merge in self.plan.merges}
        self._appoint([row for row in self.plan.appointments if row.unit not in gone])

    def _appoint(self, rows: list[AppointmentPlan]) -> None:
        appoint_many(
            actor=self.actor,
            appointments=[
                NewAppointment(
                    person_id=self.loaded.people[row.person].pk, post=row.post, unit_id=self.loaded.units[row.unit],
                    valid_from=row.start, valid_to=row.end, places=row.places, full_time=row.full_time,
                    has_vote=row.has_vote, document=row.document,
                )
                for row in sorted(rows, key=lambda row: row.start)
            ],
        )  # fmt: skip

    def adjustments(self) -> None:
        """What changed after everything was founded."""
        for move in self.plan.moves:
            move_unit(
                actor=self.actor, unit_id=self.loaded.units[move.unit], effective_on=move.day,
                superior_id=self.loaded.units.get(move.superior), document=move.document,
            )  # fmt: skip
        for placement in self.plan.placements:
            place_buildings(
                actor=self.actor, building_ids=[self.loaded.buildings[placement.building]],
                grid_code=placement.grid, effective_on=placement.day,
            )  # fmt: skip

    # The chain's own records

    def counts_forms_and_terms(self) -> None:
        founded = {unit.key: unit.founded_on for unit in self.plan.units}
        counts = [count for count in self.plan.counts if count.day != founded[count.unit]]
        # A unit's version number moves once for each call, so each day's counts are a call of their own.
        for _, of_day in groupby(sorted(counts, key=lambda count: count.day), key=lambda count: count.day):
            record_member_counts(
                actor=self.actor,
                counts=[
                    NewCount(
                        unit_id=self.loaded.units[count.unit], counted_on=count.day, full=count.full,
                        probationary=count.probationary,
                    )
                    for count in of_day
                ],
            )  # fmt: skip
        established = {unit.key for unit in self.plan.units if unit.kind == BRANCH and not unit.bare}
        set_forms(
            actor=self.actor,
            forms=[
                NewForm(
                    unit_id=self.loaded.units[row.unit],
                    form=row.form,
                    valid_from=row.start,
                    document=row.document,
                )
                for row in self.plan.forms
                if row.unit not in established
            ],
        )
        gone = {merge.gone for merge in self.plan.merges}
        self._start_terms([row for row in self.plan.terms if row.unit not in gone])

    def _start_terms(self, rows: list[TermPlan]) -> None:
        start_terms(
            actor=self.actor,
            terms=[
                NewTerm(
                    unit_id=self.loaded.units[row.unit], number=row.number, valid_from=row.start, valid_to=row.end,
                    committee_size=row.committee_size, document=row.document,
                )
                for row in rows
            ],
        )  # fmt: skip

    def households(self) -> None:
        made = designate_households(
            actor=self.actor,
            households=[
                NewHousehold(
                    person_id=self.loaded.people[row.person].pk, building_id=self.loaded.buildings[row.building],
                    designated_on=row.start, document=row.document, door=row.door,
                )
                for row in self.plan.households
            ],
        )  # fmt: skip
        for row, household in zip(self.plan.households, made, strict=True):
            if row.end:
                revoke_household(
                    actor=self.actor, household_id=household.pk, revoked_on=row.end, reason=row.end_reason
                )

    def accounts(self) -> None:
        ours = [member for member in CAST if member.district == self.geography.district.code]
        create_accounts(
            actor=self.actor,
            accounts=[
                NewAccount(self.loaded.people[person_of(member, self.plan)], member.username, is_demo=True)
                for member in ours
            ],
        )

    def lists(self) -> None:
        """The home district has its lists from the installation; another gets the same."""
        first_lists(actor=self.actor, place_code=self.geography.district.code)

    def group_life(self) -> None:
        count_members(self.actor, self.geography.district.code)
        plan_groups(self.actor, {place.code for place in self.geography.communities})

    def grid_life(self) -> None:
        live(
            self.actor, self.geography, self.plan, self.loaded.people, self.loaded.buildings, self.loaded.compounds
        )  # fmt: skip

    # Small parts

    def _day(self, days_ago: int) -> dt.date:
        return self.plan.days_ago(days_ago)

    def _remember(self, units: Iterable[UnitPlan], made: Iterable[Any]) -> None:
        self.loaded.units.update({unit.key: row.pk for unit, row in zip(units, made, strict=True)})


def _members(count: CountPlan | None) -> dict[str, Any]:
    return {"full": count.full, "probationary": count.probationary} if count else {}


def _approved(until: dt.date | None, unit: UnitPlan) -> Approved | None:
    return Approved(unit.document, until) if until else None


def _geojson(shape: BaseGeometry) -> Any:
    return json.loads(shapely.to_geojson(shape))

"""Establishing branches, forming groups, designating households, counting and terms: one or thousands at a time.

The same rules either way, a fixed number of statements per thousand, an audit entry per record. A decision that
departs from a rule of practice is refused unless it names the document that approved it; facts are recorded as told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.services_bulk import NewUnit, found_units
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.chain import rules, selectors
from doorstep.modules.chain.models import (
    BranchGrid,
    Form,
    GroupBuilding,
    MemberCount,
    MemberHousehold,
)
from doorstep.modules.chain.policies import ADJUST, KEEP
from doorstep.modules.chain.rules import Departure
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, form_name
from doorstep.modules.chain.services_terms import (
    NewCount,
    NewForm,
    NewTerm,
    record_member_counts,
    set_forms,
    start_terms,
)
from doorstep.modules.chain.services_work import (
    BATCH,
    Approved,
    Work,
    accept,
    approvals,
    check_day,
    check_numbers,
    named_row,
    write_approvals,
)

__all__ = [
    "Approved", "NewBranch", "NewCount", "NewForm", "NewGroup", "NewHousehold", "NewTerm", "designate_households",
    "establish_branches", "form_groups", "record_member_counts", "set_forms", "start_terms",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NewBranch:
    """A grid party branch under a community's Party organisation. `full` None: not counted yet.

    `grids` are codes, the first is its seat. `units`: how many units a joint branch joins.
    """

    name: str
    community_id: int
    grids: tuple[str, ...]
    established_on: dt.date
    document: str
    form: str = "branch"
    units: int = 0
    full: int | None = None
    probationary: int = 0
    approved: Approved | None = None
    approved_by: str = ""
    phone: str = ""
    hours: str = ""
    address: str = ""
    came_from_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewGroup:
    """A building party group inside a branch. `full` None: not counted yet."""

    name: str
    branch_id: int
    buildings: tuple[int, ...]
    formed_on: dt.date
    document: str
    full: int | None = None
    probationary: int = 0
    approved: Approved | None = None
    came_from_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewHousehold:
    """A household designated as party-member household."""

    person_id: int
    building_id: int
    designated_on: dt.date
    document: str = ""
    door: str = ""


# Branches.


@transaction.atomic
def establish_branches(*, actor: Actor, branches: Sequence[NewBranch]) -> list[Unit]:
    """Establish them all or none; returns them in order. Raises Refused, naming the row when there are several."""
    work = Work(actor, {new.community_id for new in branches})
    grids = _grids(code for new in branches for code in new.grids)
    accepted: list[list[Departure]] = []
    for index, new in enumerate(branches):
        with named_row(index, len(branches), new.name):
            accepted.append(_check_branch(work, new, grids))
    made = found_units(
        actor=actor,
        units=[
            NewUnit(
                kind=BRANCH, name=new.name, place_code=new.grids[0], founded_on=new.established_on,
                document=new.document, approved_by=new.approved_by, superior_id=new.community_id,
                phone=new.phone, hours=new.hours, address=new.address, came_from_id=new.came_from_id,
            )
            for new in branches
        ],
    )  # fmt: skip
    pairs = list(zip(made, branches, strict=True))
    BranchGrid.objects.bulk_create(
        [
            BranchGrid(branch=unit, grid=grids[code], valid_from=new.established_on)
            for unit, new in pairs
            for code in new.grids
        ],
        batch_size=BATCH,
    )
    Form.objects.bulk_create(
        [
            Form(
                unit=unit, form=new.form, units=new.units, valid_from=new.established_on,
                document=new.approved.document if new.approved else new.document,
            )
            for unit, new in pairs
        ],
        batch_size=BATCH,
    )  # fmt: skip
    _write_counts(pairs)
    write_approvals(
        [
            row
            for (unit, new), departures in zip(pairs, accepted, strict=True)
            for row in approvals(unit.pk, departures, new.approved, new.established_on)
        ]
    )
    work.acts += [
        Act(
            action="chain.branch_established", obj=unit, place_code=new.grids[0],
            changes={
                "grids": "、".join(grids[code].name for code in new.grids), "form": form_name(new.form), "full": new.full,
                "probationary": new.probationary, "document": new.document,
                **({"approval": new.approved.document} if new.approved else {}),
            },
        )
        for unit, new in pairs
    ]  # fmt: skip
    work.finish()
    return made


def _grids(codes: Iterable[str]) -> dict[str, Grid]:
    """The grids by code, locked: none is split or merged while a branch comes to cover it."""
    rows = Grid.objects.select_for_update(no_key=True).filter(code__in=set(codes)).order_by("code")
    return {grid.code: grid for grid in rows}


def check_grids(codes: Sequence[str], community_code: str, grids: Mapping[str, Grid], on: dt.date) -> None:
    """Raises RuleViolation for a grid that does not exist on the day or lies in another community."""
    if len(set(codes)) != len(codes):
        raise RuleViolation(_("同一个网格写了两次。"), field="grids")
    for code in codes:
        grid = grids.get(code)
        if grid is None or not grid.holds_on(on):
            raise RuleViolation(
                _("{day} 没有代码为 {code} 的网格。").format(day=on, code=code), field="grids"
            )
        if grid.community_id != community_code:
            raise RuleViolation(
                _("网格“{name}”（{code}）不在这个社区。").format(name=grid.name, code=code), field="grids"
            )


def _check_branch(work: Work, new: NewBranch, grids: Mapping[str, Grid]) -> list[Departure]:
    check_day(new.established_on, "established_on")
    check_numbers(new.full, new.probationary)
    community = work.state(new.community_id, new.established_on, [COMMUNITY], "community")
    work.require(ADJUST, community.place_code)
    if not new.grids:
        raise RuleViolation(_("请至少选择一个网格。"), field="grids")
    check_grids(new.grids, community.place_code, grids, new.established_on)
    if new.form not in ("branch", "joint_branch"):
        raise RuleViolation(_("网格党支部只能是党支部或联合党支部。"), field="form")
    if new.full is None:
        return []
    found = rules.form_departures(
        new.form, new.full, new.probationary, new.units, work.rules_on(new.established_on)
    )
    return accept(found, new.approved)


def _write_counts(pairs: Iterable[tuple[Unit, NewBranch | NewGroup]]) -> None:
    MemberCount.objects.bulk_create(
        [
            MemberCount(unit=unit, counted_on=unit.founded_on, full=new.full, probationary=new.probationary)
            for unit, new in pairs
            if new.full is not None
        ],
        batch_size=BATCH,
    )


# Groups.


@transaction.atomic
def form_groups(*, actor: Actor, groups: Sequence[NewGroup]) -> list[Unit]:
    """Form them all or none; returns them in order. Raises Refused, naming the row when there are several."""
    work = Work(actor, {new.branch_id for new in groups})
    ground = Ground(work, {pk for new in groups for pk in new.buildings}, {new.branch_id for new in groups})
    accepted: list[list[Departure]] = []
    for index, new in enumerate(groups):
        with named_row(index, len(groups), new.name):
            check_day(new.formed_on, "formed_on")
    scattered = ground.scattered([(new.buildings, new.formed_on) for new in groups])
    for index, new in enumerate(groups):
        with named_row(index, len(groups), new.name):
            accepted.append(_check_group(work, ground, new, connected=index not in scattered))
    made = found_units(
        actor=actor,
        units=[
            NewUnit(
                kind=GROUP, name=new.name, place_code=ground.seat(new.buildings, new.formed_on),
                founded_on=new.formed_on, document=new.document, superior_id=new.branch_id,
                came_from_id=new.came_from_id,
            )
            for new in groups
        ],
    )  # fmt: skip
    pairs = list(zip(made, groups, strict=True))
    GroupBuilding.objects.bulk_create(
        [
            GroupBuilding(group=unit, building_id=building, valid_from=new.formed_on)
            for unit, new in pairs
            for building in new.buildings
        ],
        batch_size=BATCH,
    )
    _write_counts(pairs)
    write_approvals(
        [
            row
            for (unit, new), departures in zip(pairs, accepted, strict=True)
            for row in approvals(unit.pk, departures, new.approved, new.formed_on)
        ]
    )
    work.acts += [
        Act(
            action="chain.group_formed", obj=unit, place_code=ground.seat(new.buildings, new.formed_on),
            changes={
                "buildings": "、".join(ground.buildings[pk].name for pk in new.buildings), "full": new.full, "probationary": new.probationary,
                "document": new.document,
                **({"approval": new.approved.document} if new.approved else {}),
            },
        )
        for unit, new in pairs
    ]  # fmt: skip
    work.finish()
    return made


class Ground:
    """Buildings with their grids, the grids of branches and the groups of buildings, read once for many checks."""

    def __init__(self, work: Work, buildings: set[int], branches: set[int]) -> None:
        self.work = work
        self.buildings = Building.objects.in_bulk(buildings)
        self.placements: dict[int, list[BuildingPlacement]] = {}
        for row in BuildingPlacement.objects.filter(building_id__in=buildings).select_related("grid"):
            self.placements.setdefault(row.building_id, []).append(row)
        self.covered: dict[int, list[BranchGrid]] = {}
        for covered in BranchGrid.objects.filter(branch_id__in=branches):
            self.covered.setdefault(covered.branch_id, []).append(covered)
        self.taken: dict[int, list[GroupBuilding]] = {}
        for taken in GroupBuilding.objects.select_for_update().filter(building_id__in=buildings):
            self.taken.setdefault(taken.building_id, []).append(taken)

    def grid(self, building: int, on: dt.date) -> Grid | None:
        return next((row.grid for row in self.placements.get(building, []) if row.holds_on(on)), None)

    def seat(self, buildings: Sequence[int], on: dt.date) -> str:
        """The grid with most of the buildings; of equals the lowest code."""
        codes = [grid.code for building in buildings if (grid := self.grid(building, on))]
        return min(set(codes), key=lambda code: (-codes.count(code), code))

    def check(self, buildings: Sequence[int], branch_id: int, group_id: int | None, on: dt.date) -> None:
        """Raises RuleViolation unless each building stands in the branch's grids and is no other group's."""
        if not buildings:
            raise RuleViolation(_("请至少选择一栋楼。"), field="buildings")
        grids = {row.grid_id for row in self.covered.get(branch_id, []) if row.holds_on(on)}
        for pk in buildings:
            building = self.buildings.get(pk)
            if building is None:
                raise RuleViolation(_("没有找到编号为 {pk} 的楼栋。").format(pk=pk), field="buildings")
            grid = self.grid(pk, on)
            if grid is None or grid.pk not in grids:
                raise RuleViolation(
                    _("“{name}”不在这个支部的网格内。").format(name=building.name),
                    field="buildings",
                    clause=self.work.rules_on(on).clause("group.in_branch"),
                )
            for row in self.taken.get(pk, []):
                if row.group_id != group_id and (row.valid_to is None or row.valid_to > on):
                    raise RuleViolation(
                        _("“{name}”已在另一个楼栋党小组。").format(name=building.name), field="buildings"
                    )

    def scattered(self, sets: Sequence[tuple[Sequence[int], dt.date]]) -> set[int]:
        """Which of the sets (buildings, day) are not one neighbourhood; one pass per distance in force."""
        by_metres: dict[int, list[int]] = {}
        for index, (_buildings, on) in enumerate(sets):
            by_metres.setdefault(self.work.rules_on(on).number("group.adjacent_metres"), []).append(index)
        broken: set[int] = set()
        for metres, indexes in by_metres.items():
            owned = [
                (index, selectors.shape_of(self.buildings[pk]))
                for index in indexes
                for pk in sets[index][0]
                if pk in self.buildings
            ]
            broken |= rules.disconnected([one for one, _s in owned], [shape for _o, shape in owned], metres)
        return broken


def _check_group(work: Work, ground: Ground, new: NewGroup, *, connected: bool) -> list[Departure]:
    check_numbers(new.full, new.probationary)
    branch = work.state(new.branch_id, new.formed_on, [BRANCH], "branch")
    work.require(KEEP, branch.place_code)
    if len(set(new.buildings)) != len(new.buildings):
        raise RuleViolation(_("同一栋楼写了两次。"), field="buildings")
    ground.check(new.buildings, new.branch_id, None, new.formed_on)
    for pk in new.buildings:
        # A second row of the same call must not take the building either; the database would only say so at the end.
        ground.taken.setdefault(pk, []).append(
            GroupBuilding(group_id=0, building_id=pk, valid_from=new.formed_on)
        )
    in_force_rules = work.rules_on(new.formed_on)
    found = rules.adjacency_departures(connected, in_force_rules)
    if new.full is not None:
        found += rules.group_departures(new.full, new.probationary, in_force_rules)
    return accept(found, new.approved)


# Households.


@transaction.atomic
def designate_households(*, actor: Actor, households: Sequence[NewHousehold]) -> list[MemberHousehold]:
    """Designate them all or none; returns them in order. Whether a name is shown is the person's consent elsewhere.

    Raises NotVisible for a building or a person outside the actor's places.
    """
    work = Work(actor, set())
    buildings = Building.objects.in_bulk({new.building_id for new in households})
    known = policy_for(Person).visible_to(actor).filter(erased_at=None).order_by("pk")
    known = known.select_for_update(no_key=True, of=("self",))  # an erasure under way is waited for
    people = known.in_bulk({new.person_id for new in households})
    placed: dict[int, list[BuildingPlacement]] = {}
    for placement in BuildingPlacement.objects.filter(building_id__in=buildings).select_related("grid"):
        placed.setdefault(placement.building_id, []).append(placement)
    standing: dict[int, list[MemberHousehold]] = {}
    for held in MemberHousehold.objects.select_for_update().filter(person_id__in=people):
        standing.setdefault(held.person_id, []).append(held)
    rows: list[MemberHousehold] = []
    for index, new in enumerate(households):
        person = people.get(new.person_id)
        with named_row(index, len(households), person.name if person else ""):
            rows.append(_household(work, new, person, buildings.get(new.building_id), placed, standing))
    made = MemberHousehold.objects.bulk_create(rows, batch_size=BATCH)
    work.acts += [
        Act(
            action="chain.household_designated", obj=row, place_code=row.place_code, person_ref=row.person_id,
            changes={
                "building_id": [None, row.building_id], "valid_from": [None, row.valid_from.isoformat()],
            },
            words={"document": row.document},
        )
        for row in made
    ]  # fmt: skip
    work.finish()
    return made


def _household(
    work: Work,
    new: NewHousehold,
    person: Person | None,
    building: Building | None,
    placed: Mapping[int, list[BuildingPlacement]],
    standing: dict[int, list[MemberHousehold]],
) -> MemberHousehold:
    check_day(new.designated_on, "designated_on")
    if building is None:
        raise RuleViolation(_("没有找到这栋楼。"), field="building")
    rows = placed.get(building.pk, [])
    grid = next((row.grid.code for row in rows if row.holds_on(new.designated_on)), building.place_code)
    work.require(KEEP, grid)
    if person is None:
        missing = RuleViolation if work.actor.is_system else NotVisible
        raise missing(_("没有找到这个人。"), field="person")
    for other in standing.get(person.pk, []):
        if other.valid_to is None or other.valid_to > new.designated_on:
            raise RuleViolation(
                _("这个人自 {day} 起已是党员中心户。").format(day=other.valid_from), field="person"
            )
    row = MemberHousehold(
        place_code=grid, building=building, person=person, door=new.door.strip(), document=new.document.strip(),
        valid_from=new.designated_on,
    )  # fmt: skip
    standing.setdefault(person.pk, []).append(row)
    return row

"""Dynamic adjustment of branches and groups: one guided act with an effective date and a document number.

The preview carries the adjustment out and takes it back, so what it shows is what will happen, refusals included.
A departure that the adjustment would newly bring about needs the superior's approval; one that was there before does
not stand in the way. Everything happens in one transaction on top of the kernel's services for units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.organisations.services_bulk import NewUnit
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain.models import Approval, Form, GroupBuilding, MemberCount
from doorstep.modules.chain.policies import ADJUST, KEEP
from doorstep.modules.chain.rules import Departure
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, buildings_of, say
from doorstep.modules.chain.services_bulk import (
    Ground,
    NewBranch,
    NewGroup,
    check_grids,
    establish_branches,
    form_groups,
)
from doorstep.modules.chain.services_coverage import Coverage
from doorstep.modules.chain.services_work import (
    Approved,
    Work,
    accept,
    approvals,
    check_day,
    constraints_in_words,
    expect,
    write_approvals,
)
from doorstep.modules.chain.snapshots import (
    Change,
    departures,
    differences,
    losses,
    picture,
    summary,
    units_under,
)

Kind = Literal["establish", "merge", "split", "move", "rename", "dissolve", "grids", "buildings"]
KINDS_OF_BRANCH: tuple[Kind, ...] = ("grids", "rename", "split", "merge", "move", "dissolve")
KINDS_OF_GROUP: tuple[Kind, ...] = ("buildings", "rename", "split", "merge", "move", "dissolve")


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """What is to be done. Which fields count depends on `kind`:

    establish: unit_kind, superior_id, name, grids (codes) or buildings, form, units, full, probationary.
    merge: unit_id goes on, `others` go into it. split: unit_id gives `grids` or `buildings` to a new unit `name`.
    move: unit_id comes under superior_id (a branch takes `grids` of its new community). rename: name.
    dissolve: unit_id ends; `heir_id` takes its grids and groups, or its buildings. grids, buildings: the new coverage.
    `expected` maps units to the versions the officer looked at.
    """

    kind: Kind
    unit_kind: str
    effective_on: dt.date
    document: str
    unit_id: int | None = None
    others: tuple[int, ...] = ()
    superior_id: int | None = None
    heir_id: int | None = None
    name: str = ""
    grids: tuple[str, ...] = ()
    buildings: tuple[int, ...] = ()
    form: str = "branch"
    units: int = 0
    full: int | None = None
    probationary: int = 0
    approved: Approved | None = None
    approved_by: str = ""
    expected: Mapping[int, int] = field(default_factory=dict)

    @property
    def capability(self) -> str:
        return ADJUST if self.unit_kind == BRANCH else KEEP


@dataclass(frozen=True)
class Warned:
    """A departure the adjustment brings about, in words with its clause, and whose it is."""

    subject: str
    text: str
    clause: str
    departure: Departure


@dataclass(frozen=True)
class Outcome:
    """What an adjustment does: the unit to look at afterwards, every change, a summary, departures that
    need an approval, breaks it leaves behind, and the versions it was judged on."""

    unit_id: int
    changes: list[Change]
    affected: list[str]
    warnings: list[Warned]
    notes: list[str]
    versions: dict[int, int]


@transaction.atomic
def adjust(*, actor: Actor, adjustment: Adjustment) -> Outcome:
    """Carry the adjustment out. Raises Conflict where somebody was quicker, Refused for what cannot be."""
    with constraints_in_words():
        outcome = _carry_out(actor, adjustment)
        found = [warned.departure for warned in outcome.warnings]
        accept(found, adjustment.approved)
    return outcome


def preview(*, actor: Actor, adjustment: Adjustment) -> Outcome:
    """What `adjust` would do; nothing stays. Raises the same refusals, but departures come as warnings."""
    with transaction.atomic():
        outcome = _carry_out(actor, adjustment)
        transaction.set_rollback(True)
    return outcome


def _carry_out(actor: Actor, this: Adjustment) -> Outcome:
    day = this.effective_on
    check_day(day, "effective_on")
    organisations.one_superior_change_at_a_time()
    expect(this.expected)
    named = {pk for pk in (this.unit_id, this.superior_id, this.heir_id, *this.others) if pk is not None}
    own = {pk for pk in (this.unit_id, this.heir_id, *this.others) if pk is not None}
    ids = named | set(units_under(own, day)) | _groups_at(this.buildings, day)
    grounds = {b.pk for rows in buildings_of(ids, day).values() for b in rows} | set(this.buildings)
    before = picture(ids, day, grounds)
    standing = departures(before)
    unit_id = _STEPS[this.kind](_Steps(actor, this))
    after = picture({*ids, unit_id}, day, grounds)
    new = {key: departure for key, departure in departures(after).items() if key not in standing}
    if this.approved is not None:
        for owner in {owner for owner, _rule in new}:
            own_departures = [departure for (unit, _rule), departure in new.items() if unit == owner]
            write_approvals(approvals(owner, own_departures, this.approved, day))
    return Outcome(
        unit_id=unit_id, changes=differences(before, after), affected=summary(before, after),
        notes=losses(before, after),
        warnings=[
            Warned(after.name(owner), say(departure), departure.clause, departure)
            for (owner, _rule), departure in new.items()
        ],
        versions={pk: state.version_number for pk, state in before.units.items()},
    )  # fmt: skip


def _groups_at(buildings: Iterable[int], on: dt.date) -> set[int]:
    rows = GroupBuilding.objects.in_force(on).filter(building_id__in=list(buildings))
    return set(rows.values_list("group_id", flat=True))


class _Steps:
    """The steps of one adjustment, by kind. Each returns the unit to look at afterwards."""

    def __init__(self, actor: Actor, this: Adjustment) -> None:
        self.actor, self.this, self.day = actor, this, this.effective_on
        self.paper: dict[str, Any] = {"document": this.document, "approved_by": this.approved_by}
        self.ground = Coverage(actor, this.unit_kind, this.effective_on, this.document)
        # Departures are judged on the outcome, so nothing is refused for them on the way.
        self.waived = this.approved or Approved("—", until=None)

    # Establishing and renaming.

    def establish(self) -> int:
        this = self.this
        superior = self._required(this.superior_id, "superior")
        if this.unit_kind == BRANCH:
            new = NewBranch(
                name=this.name, community_id=superior, grids=this.grids, established_on=self.day,
                document=this.document, form=this.form, units=this.units, full=this.full,
                probationary=this.probationary, approved=this.approved, approved_by=this.approved_by,
            )  # fmt: skip
            return self._establish_branch(new)
        group = NewGroup(
            name=this.name, branch_id=superior, buildings=this.buildings, formed_on=self.day, document=this.document,
            full=this.full, probationary=this.probationary, approved=self.waived,
        )  # fmt: skip
        return self._kept_only_if_approved(form_groups(actor=self.actor, groups=[group])[0])

    def _establish_branch(self, new: NewBranch) -> int:
        unit = establish_branches(actor=self.actor, branches=[replace(new, approved=self.waived)])[0]
        Form.objects.filter(unit=unit).update(document=(self.this.approved or self.waived).document)
        return self._kept_only_if_approved(unit)

    def _kept_only_if_approved(self, unit: Unit) -> int:
        """Without an approval the departures must show on the outcome, so none is recorded as approved."""
        if self.this.approved is None:
            Approval.objects.filter(unit=unit).delete()
            Form.objects.filter(unit=unit).update(document=self.this.document)
        return unit.pk

    def rename(self) -> int:
        unit_id = self._unit()
        self._work([unit_id]).require(self.this.capability, self._version(unit_id).place_code)
        organisations.rename_unit(
            actor=self.actor, unit_id=unit_id, name=self.this.name, effective_on=self.day, **self.paper
        )
        return unit_id

    # Merging.

    def merge(self) -> int:
        unit_id, others = self._unit(), [pk for pk in self.this.others if pk != self.this.unit_id]
        if not others:
            raise RuleViolation(_("请选择要并入的组织。"), field="others")
        self._require_all([unit_id, *others])
        if self.this.unit_kind == BRANCH:
            communities = {self._version(pk).place_code[:12] for pk in (unit_id, *others)}
            if len(communities) > 1:
                raise RuleViolation(_("只能合并同一个社区的党支部；跨社区请先调整隶属。"), field="others")
        covered = {pk: self.ground.held(pk) for pk in (unit_id, *others)}
        members = self._members([unit_id, *others])
        organisations.merge_units(
            actor=self.actor, unit_ids=others, into_id=unit_id, effective_on=self.day, **self.paper
        )
        for other in others:
            self.ground.close(other)
        wanted = list(dict.fromkeys(key for keys in covered.values() for key in keys))
        self.ground.cover(unit_id, wanted)
        if members is not None:
            self.ground.count(unit_id, *members)
        return unit_id

    def _members(self, unit_ids: list[int]) -> tuple[int, int] | None:
        """All their members together, where each has been counted."""
        counts = [
            MemberCount.objects.filter(unit_id=pk, counted_on__lte=self.day).order_by("-counted_on").first()
            for pk in unit_ids
        ]
        known = [count for count in counts if count is not None]
        if len(known) < len(unit_ids):
            return None
        return sum(count.full for count in known), sum(count.probationary for count in known)

    # Splitting.

    def split(self) -> int:
        unit_id, this = self._unit(), self.this
        self._require_all([unit_id])
        held = self.ground.held(unit_id)
        given = self._chosen()
        if not given or not set(given) < set(held):
            raise RuleViolation(
                _("请选择划给新组织的部分：至少一处，不能是全部，且原来都属于这个组织。"), field=self._field
            )
        members = self._split_members(unit_id)
        below = self._groups_inside(unit_id, given) if this.unit_kind == BRANCH else []
        seat = Grid.objects.get(pk=given[0]).code if this.unit_kind == BRANCH else self._seat(given)
        part = NewUnit(
            kind=this.unit_kind, name=this.name, place_code=seat, founded_on=self.day, document=this.document
        )
        made = organisations.split_unit(
            actor=self.actor, unit_id=unit_id, parts=[part], effective_on=self.day, below=dict.fromkeys(below, 0),
            **self.paper,
        )[0]  # fmt: skip
        stay = [key for key in held if key not in given]
        self._reseat_inside(unit_id, stay)
        self.ground.cover(unit_id, stay)
        self.ground.cover(made.pk, list(given))
        if this.unit_kind == BRANCH:
            Form.objects.create(
                unit=made, form=this.form, units=this.units, valid_from=self.day, document=this.document
            )
        if members is not None:
            self.ground.count(unit_id, *members)
        if this.full is not None:
            self.ground.count(made.pk, this.full, this.probationary)
        return made.pk

    def _reseat_inside(self, unit_id: int, stay: list[int]) -> None:
        """A unit that gives its seat away sits in what stays."""
        if self.this.unit_kind == GROUP:
            seat = self._seat(stay)
            kept = seat == self._version(unit_id).place_code
        else:
            codes = list(Grid.objects.filter(pk__in=stay).order_by("code").values_list("code", flat=True))
            seat, kept = codes[0], self._version(unit_id).place_code in codes
        if not kept:
            self._reseat(unit_id, seat)

    def _split_members(self, unit_id: int) -> tuple[int, int] | None:
        """What stays with the unit; None where nobody has counted or said. Members are neither made nor lost."""
        whole = self._members([unit_id])
        if whole is None or self.this.full is None:
            return None
        stay = whole[0] - self.this.full, whole[1] - self.this.probationary
        if min(stay) < 0:
            raise RuleViolation(
                _("原组织只有正式党员{full}人、预备党员{probationary}人，划出的不能更多。").format(
                    full=whole[0], probationary=whole[1]
                ),
                field="full",
            )
        return stay

    def _groups_inside(self, branch_id: int, grids: Iterable[int]) -> list[int]:
        """Groups all of whose buildings stand in these grids; one that straddles stays, and is warned of."""
        groups = units_under([branch_id], self.day)
        rows = GroupBuilding.objects.in_force(self.day).filter(group_id__in=groups)
        placed = rows.filter(
            Q(building__placements__valid_to__isnull=True) | Q(building__placements__valid_to__gt=self.day),
            building__placements__valid_from__lte=self.day,
        ).values_list("group_id", "building__placements__grid_id")
        found: dict[int, set[int]] = {}
        for group, grid in placed:
            found.setdefault(group, set()).add(grid)
        return [group for group in groups if found.get(group) and found[group] <= set(grids)]

    # Moving and dissolving.

    def move(self) -> int:
        unit_id, superior = self._unit(), self._required(self.this.superior_id, "superior")
        self._require_all([unit_id])
        above = self._version(superior)
        if self.this.unit_kind == GROUP:
            if above.kind != BRANCH:
                raise RuleViolation(_("楼栋党小组只能隶属党支部。"), field="superior")
            self._work([superior]).require(KEEP, above.place_code)
            organisations.move_unit(
                actor=self.actor, unit_id=unit_id, effective_on=self.day, superior_id=superior, **self.paper
            )
            return unit_id
        if above.kind != COMMUNITY:
            raise RuleViolation(_("网格党支部只能隶属社区党组织。"), field="superior")
        self._work([superior]).require(ADJUST, above.place_code)
        grids = self._checked_grids(above.place_code)
        organisations.move_unit(
            actor=self.actor, unit_id=unit_id, effective_on=self.day, superior_id=superior,
            place_code=self.this.grids[0], **self.paper,
        )  # fmt: skip
        self.ground.cover(unit_id, grids)
        return unit_id

    def dissolve(self) -> int:
        unit_id, heir = self._unit(), self.this.heir_id
        self._require_all([unit_id, *([heir] if heir else [])])
        held, below = self.ground.held(unit_id), units_under([unit_id], self.day)
        if heir is not None:
            self._check_heir(unit_id, heir)
        elif below:
            raise RuleViolation(
                _("其下还有{n}个楼栋党小组，请选择由哪个党支部接手。").format(n=len(below)), field="heir"
            )
        for group in below:
            organisations.move_unit(
                actor=self.actor, unit_id=group, effective_on=self.day, superior_id=heir, **self.paper
            )
        organisations.dissolve_unit(actor=self.actor, unit_id=unit_id, effective_on=self.day, **self.paper)
        self.ground.close(unit_id)
        if heir is not None:
            self.ground.cover(heir, list(dict.fromkeys([*self.ground.held(heir), *held])))
        return heir or unit_id

    def _check_heir(self, unit_id: int, heir: int) -> None:
        mine, theirs = self._version(unit_id), self._version(heir)
        if heir == unit_id or theirs.kind != mine.kind:
            raise RuleViolation(_("接手的应是另一个同类组织。"), field="heir")
        if theirs.place_code[:12] != mine.place_code[:12]:
            raise RuleViolation(_("接手的组织应在同一个社区。"), field="heir")

    # Coverage.

    def grids(self) -> int:
        unit_id = self._unit()
        self._require_all([unit_id])
        version = self._version(unit_id)
        grids = self._checked_grids(version.place_code[:12]) if self.this.grids else []
        if set(grids) == set(self.ground.held(unit_id)):
            raise RuleViolation(_("网格没有变化。"), field="grids")
        if self.this.grids and version.place_code not in self.this.grids:
            self._reseat(unit_id, self.this.grids[0])
        self.ground.cover(unit_id, grids)
        return unit_id

    def buildings(self) -> int:
        unit_id = self._unit()
        self._require_all([unit_id])
        version = self._version(unit_id)
        if set(self.this.buildings) == set(self.ground.held(unit_id)):
            raise RuleViolation(_("楼栋没有变化。"), field="buildings")
        ground = Ground(self._work([unit_id]), set(self.this.buildings), {version.superior_id or 0})
        if version.superior_id is not None:
            ground.check(self.this.buildings, version.superior_id, unit_id, self.day)
        seat = ground.seat(self.this.buildings, self.day)
        if seat != version.place_code:
            self._reseat(unit_id, seat)
        self.ground.cover(unit_id, list(self.this.buildings))
        return unit_id

    def _reseat(self, unit_id: int, place_code: str) -> None:
        organisations.move_unit(
            actor=self.actor, unit_id=unit_id, effective_on=self.day, place_code=place_code, **self.paper
        )

    # What the steps share.

    @property
    def _field(self) -> str:
        return "grids" if self.this.unit_kind == BRANCH else "buildings"

    def _unit(self) -> int:
        return self._required(self.this.unit_id, "unit")

    def _required(self, unit_id: int | None, name: str) -> int:
        if unit_id is None:
            raise RuleViolation(_("请选择一个组织。"), field=name)
        return unit_id

    def _work(self, unit_ids: Iterable[int]) -> Work:
        return Work(self.actor, unit_ids)

    def _version(self, unit_id: int) -> UnitVersion:
        return self._work([unit_id]).state(unit_id, self.day, (COMMUNITY, BRANCH, GROUP), "effective_on")

    def _require_all(self, unit_ids: Iterable[int]) -> None:
        for unit_id in unit_ids:
            version = self._version(unit_id)
            if version.kind != self.this.unit_kind:
                raise RuleViolation(_("没有找到这个组织。"), field="unit")
            self._work([unit_id]).require(self.this.capability, version.place_code)

    def _chosen(self) -> list[int]:
        if self.this.unit_kind == GROUP:
            return list(self.this.buildings)
        return self._grid_ids(self.this.grids)

    def _grid_ids(self, codes: Iterable[str]) -> list[int]:
        found = dict(Grid.objects.filter(code__in=list(codes)).values_list("code", "pk"))
        return [found[code] for code in codes if code in found]

    def _checked_grids(self, community: str) -> list[int]:
        if not self.this.grids:
            raise RuleViolation(_("请至少选择一个网格。"), field="grids")
        rows = Grid.objects.select_for_update(no_key=True).filter(code__in=self.this.grids).order_by("code")
        known = {grid.code: grid for grid in rows}
        check_grids(self.this.grids, community, known, self.day)
        return self._grid_ids(self.this.grids)

    def _seat(self, buildings: list[int]) -> str:
        return Ground(self._work([]), set(buildings), set()).seat(buildings, self.day)


_STEPS: dict[str, Callable[[_Steps], int]] = {
    "establish": _Steps.establish, "merge": _Steps.merge, "split": _Steps.split, "move": _Steps.move,
    "rename": _Steps.rename, "dissolve": _Steps.dissolve, "grids": _Steps.grids, "buildings": _Steps.buildings,
}  # fmt: skip

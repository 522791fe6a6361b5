"""What some units of the chain are on a day, and how two such pictures differ: for whom an adjustment changes what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.modules.chain import rules
from doorstep.modules.chain.models import Approval, BranchGrid, Form, GroupBuilding, MemberHousehold
from doorstep.modules.chain.rules import Departure
from doorstep.modules.chain.selectors import (
    BRANCH,
    COMMUNITY,
    GROUP,
    buildings_of,
    counts_of,
    form_name,
    grid_ids_of_buildings,
    grids_of,
    rules_in_force,
    shape_of,
)


@dataclass(frozen=True)
class Change:
    """One line of "what changes for whom"."""

    subject: str
    before: str
    after: str


@dataclass
class UnitState:
    """One unit on one day; `alive` False where it does not exist on it."""

    unit_id: int
    kind: str
    version_number: int
    alive: bool = False
    name: str = ""
    place_code: str = ""
    superior_id: int | None = None
    superior: str = ""
    form: str = ""
    full: int | None = None
    probationary: int = 0
    grids: dict[int, str] = field(default_factory=dict)
    buildings: dict[int, str] = field(default_factory=dict)
    posts: dict[int, str] = field(default_factory=dict)


@dataclass
class Picture:
    """Some units and the households in their buildings on a day."""

    on: dt.date
    units: dict[int, UnitState] = field(default_factory=dict)
    households: dict[int, tuple[str, int | None]] = field(default_factory=dict)  # id → (door, group id)

    def name(self, unit_id: int | None) -> str:
        return self.units[unit_id].name if unit_id in self.units else ""


def units_under(unit_ids: Iterable[int], on: dt.date) -> list[int]:
    """Ids of the units directly under these on the day."""
    rows = UnitVersion.objects.in_force(on).filter(superior__in=list(unit_ids))
    return list(rows.order_by("unit_id").values_list("unit_id", flat=True))


def picture(unit_ids: Iterable[int], on: dt.date, buildings: Iterable[int] = ()) -> Picture:
    """The units on the day, with the households in their buildings and in `buildings`. A fixed number of queries."""
    ids = set(unit_ids)
    units = {
        unit.pk: UnitState(unit.pk, unit.kind, unit.lock_version)
        for unit in Unit.objects.filter(pk__in=ids).order_by("pk")
    }
    _fill_versions(units, on)
    for unit_id, count in counts_of(ids, on).items():
        units[unit_id].full, units[unit_id].probationary = count.full, count.probationary
    for unit_id, grids in grids_of(ids, on).items():
        units[unit_id].grids = {grid.pk: grid.name for grid in grids}
    for unit_id, covered in buildings_of(ids, on).items():
        units[unit_id].buildings = {building.pk: building.name for building in covered}
    held = Appointment.objects.in_force(on).filter(unit_id__in=ids).select_related("person").order_by("id")
    for row in held:
        units[row.unit_id].posts[row.pk] = f"{row.get_post_display()} {row.person.name}"
    return Picture(on, units, _households(ids, on, buildings))


def _fill_versions(units: dict[int, UnitState], on: dt.date) -> None:
    versions = (
        UnitVersion.objects.in_force(on).filter(unit_id__in=units).prefetch_related("superior__versions")
    )
    for version in versions:
        state = units[version.unit_id]
        state.alive, state.name, state.place_code = True, version.name, version.place_code
        state.superior_id = version.superior_id
        if version.superior is not None:
            state.superior = next(
                (above.name for above in version.superior.versions.all() if above.holds_on(on)), ""
            )
    for form in Form.objects.in_force(on).filter(unit_id__in=units):
        units[form.unit_id].form = form.form


def _households(ids: set[int], on: dt.date, buildings: Iterable[int]) -> dict[int, tuple[str, int | None]]:
    grouped = dict(
        GroupBuilding.objects.in_force(on)
        .filter(Q(group_id__in=ids) | Q(building_id__in=list(buildings)))
        .values_list("building_id", "group_id")
    )
    rows = MemberHousehold.objects.in_force(on).filter(building_id__in={*grouped, *buildings})
    return {
        row.pk: (f"{row.building.name} {row.door}".strip(), grouped.get(row.building_id))
        for row in rows.select_related("building").order_by("id")
    }


def differences(before: Picture, after: Picture) -> list[Change]:
    """Every unit whose state changes, field by field, then households that change their group."""
    return [*_unit_changes(before, after), *_household_changes(before, after)]


def _unit_changes(before: Picture, after: Picture) -> Iterator[Change]:
    for unit_id, new in after.units.items():
        old = before.units.get(unit_id) or UnitState(unit_id, new.kind, 0)
        name = new.name or old.name
        if not old.alive and new.alive:
            yield Change(name, "", _("成立，隶属{superior}").format(superior=new.superior or "—"))
        if old.alive and not new.alive:
            yield Change(name, _("在册，隶属{superior}").format(superior=old.superior or "—"), _("不再存在"))
        if old.alive and new.alive:
            yield from _if_changed(name, _("名称"), old.name, new.name)
            yield from _if_changed(name, _("隶属"), old.superior, new.superior)
        yield from _if_changed(name, _("组织形式"), form_name(old.form), form_name(new.form))
        yield from _if_changed(name, _("网格"), _list(old.grids), _list(new.grids))
        yield from _if_changed(name, _("楼栋"), _list(old.buildings), _list(new.buildings))
        if new.alive:
            yield from _if_changed(name, _("党员"), _members(old), _members(new))
        yield from _if_changed(name, _("任职"), _list(old.posts), _list(new.posts))


def _if_changed(name: str, what: str, old: str, new: str) -> Iterator[Change]:
    if old != new:
        yield Change(f"{name} · {what}", old, new)


def _list(names: dict[int, str]) -> str:
    return "、".join(names[key] for key in sorted(names))


def _members(state: UnitState) -> str:
    if state.full is None:
        return ""
    return _("正式{full}人，预备{probationary}人").format(full=state.full, probationary=state.probationary)


def _household_changes(before: Picture, after: Picture) -> Iterator[Change]:
    nobody = _("不在任何小组")
    for key in sorted({*before.households, *after.households}):
        door, old = before.households.get(key, ("", None))
        new_door, new = after.households.get(key, ("", None))
        if old != new:
            yield Change(
                _("党员中心户 {door}").format(door=door or new_door),
                before.name(old) or nobody, after.name(new) or before.name(new) or nobody,
            )  # fmt: skip


def summary(before: Picture, after: Picture) -> list[str]:
    """How many of what the adjustment touches, in words."""
    founded = sum(1 for key, unit in after.units.items() if unit.alive and not _alive(before, key))
    ended = sum(1 for key, unit in before.units.items() if unit.alive and not _alive(after, key))
    old_posts = {post for unit in before.units.values() for post in unit.posts}
    new_posts = {post for unit in after.units.values() for post in unit.posts}
    changed_households = sum(
        1
        for key in {*before.households, *after.households}
        if before.households.get(key, ("", None))[1] != after.households.get(key, ("", None))[1]
    )
    lines = [
        (founded, _("新成立{n}个组织")), (ended, _("{n}个组织不再存在")),
        (len(old_posts - new_posts), _("{n}项任职结束")), (len(old_posts & new_posts), _("{n}项任职继续")),
        (_touched(before, after, "grids"), _("{n}个网格换了党支部")),
        (_touched(before, after, "buildings"), _("{n}栋楼换了党小组")),
        (changed_households, _("{n}户党员中心户换了党小组")),
    ]  # fmt: skip
    return [words.format(n=number) for number, words in lines if number]


def losses(before: Picture, after: Picture) -> list[str]:
    """Breaks that the adjustment leaves behind: they are allowed, and will stand in the list of breaks."""
    given_up = {key: name for unit in before.units.values() for key, name in unit.grids.items()}
    covered = (
        BranchGrid.objects.in_force(after.on).filter(grid_id__in=given_up).values_list("grid_id", flat=True)
    )
    bare = sorted(given_up.keys() - set(covered))
    lines = [_("网格“{name}”将没有党支部覆盖，会列入断点。").format(name=given_up[key]) for key in bare]
    for key, (door, group) in before.households.items():
        if group is not None and after.households.get(key, ("", None))[1] is None:
            lines.append(_("党员中心户“{door}”将不在任何小组，会列入断点。").format(door=door))
    return lines


def _alive(shown: Picture, unit_id: int) -> bool:
    return unit_id in shown.units and shown.units[unit_id].alive


def _owners(shown: Picture, kind: str) -> dict[tuple[int, int], bool]:
    return {(unit.unit_id, key): True for unit in shown.units.values() for key in getattr(unit, kind)}


def _touched(before: Picture, after: Picture, kind: str) -> int:
    pairs = _owners(before, kind).keys() ^ _owners(after, kind).keys()
    return len({key for _unit, key in pairs})


# Which rules of practice these units depart from on the day.


def departures(shown: Picture) -> dict[tuple[int, str], Departure]:
    """(unit, rule) → departure without an approval in force. Counts that nobody recorded depart from nothing."""
    in_force_rules = rules_in_force(shown.on)
    found: dict[tuple[int, str], Departure] = {}
    alive = [unit for unit in shown.units.values() if unit.alive]
    for unit in alive:
        for departure in _of_unit(unit, in_force_rules):
            found[unit.unit_id, departure.rule] = departure
    groups = [unit for unit in alive if unit.kind == GROUP]
    for unit_id, departure in _of_ground(groups, shown.on, in_force_rules):
        found[unit_id, departure.rule] = departure
    approved = (
        Approval.objects.in_force(shown.on).filter(unit_id__in=shown.units).values_list("unit_id", "rule")
    )
    for key in approved:
        found.pop(key, None)
    return found


def _of_unit(unit: UnitState, in_force_rules: rules.RuleSet) -> list[Departure]:
    if unit.full is None:
        return []
    if unit.kind == GROUP:
        return rules.group_departures(unit.full, unit.probationary, in_force_rules)
    if unit.kind in (BRANCH, COMMUNITY):
        form = unit.form or "branch"
        return rules.form_departures(form, unit.full, unit.probationary, 0, in_force_rules)
    return []


def _of_ground(
    groups: list[UnitState], on: dt.date, in_force_rules: rules.RuleSet
) -> Iterator[tuple[int, Departure]]:
    """Groups that are no neighbourhood, or stand outside their branch's grids."""
    covered = buildings_of([unit.unit_id for unit in groups], on)
    owned = [(owner, shape_of(building)) for owner, rows in covered.items() for building in rows]
    metres = in_force_rules.number("group.adjacent_metres")
    for unit_id in sorted(rules.disconnected([o for o, _s in owned], [s for _o, s in owned], metres)):
        yield unit_id, rules.adjacency_departures(False, in_force_rules)[0]
    branches = {unit.superior_id for unit in groups if unit.superior_id}
    grids: dict[int, set[int]] = {}
    for row in BranchGrid.objects.in_force(on).filter(branch_id__in=branches):
        grids.setdefault(row.branch_id, set()).add(row.grid_id)
    placed = grid_ids_of_buildings([b.pk for rows in covered.values() for b in rows], on)
    for unit in groups:
        inside = grids.get(unit.superior_id or 0, set())
        outside = [b for b in covered.get(unit.unit_id, []) if placed.get(b.pk) not in inside]
        if outside:
            facts = {"have": "、".join(b.name for b in outside[:5])}
            yield (
                unit.unit_id,
                Departure("group.in_branch", in_force_rules.clause("group.in_branch"), "buildings", facts),
            )

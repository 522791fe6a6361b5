"""The only writer of units: founding, renaming, moving, merging, splitting, dissolving, each from a given day on.

A change closes the version in force and opens the next; history is never rewritten. A change that would take effect
before a version already recorded is refused. Appointments: services_appointments; many at once: services_bulk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations import refusals, rules
from doorstep.kernel.organisations.leaving import require_unit_settled
from doorstep.kernel.organisations.models import Unit, UnitLineage, UnitVersion
from doorstep.kernel.organisations.policies import adjust_capability
from doorstep.kernel.organisations.services_appointments import (
    appoint,
    appoint_substitute,
    change_places,
    cut_short,
    end_appointment,
    extend_appointment,
    withdraw_appointment,
)
from doorstep.kernel.organisations.services_bulk import (
    NewAppointment,
    NewUnit,
    appoint_many,
    check_place,
    check_superior,
    found_units,
    known_places,
    locked_units,
    period,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.names import name_keys

__all__ = [
    "UNCHANGED", "Approval", "NewAppointment", "NewUnit", "adjust_unit", "appoint", "appoint_many",
    "appoint_substitute", "change_office", "change_places", "dissolve_unit", "end_appointment", "extend_appointment",
    "found_unit", "found_units", "merge_units", "move_unit", "one_superior_change_at_a_time", "rename_unit", "set_credit_code", "split_unit",
    "withdraw_appointment",
]  # fmt: skip

_OFFICE = {"phone", "hours", "address"}
_SUPERIORS_LOCK = (
    7_210_202  # advisory: who stands under whom changes one at a time, so no ring can close unseen
)


class Unchanged(Enum):
    """Says "leave as it is" where None has a meaning of its own."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class Approval:
    """From which day a change holds, by which document, approved by whom."""

    effective_on: dt.date
    document: str = ""
    approved_by: str = ""
    note: str = ""


def found_unit(
    *, actor: Actor, kind: str, name: str, place_code: str, founded_on: dt.date, document: str = "",
    approved_by: str = "", superior_id: int | None = None, credit_code: str = "", phone: str = "", hours: str = "",
    address: str = "", note: str = "",
) -> Unit:  # fmt: skip
    """Found a unit; it exists from `founded_on` on. Raises Refused; see services_bulk.found_units for the rules."""
    new = NewUnit(
        kind=kind, name=name, place_code=place_code, founded_on=founded_on, document=document,
        approved_by=approved_by, superior_id=superior_id, credit_code=credit_code, phone=phone, hours=hours,
        address=address, note=note,
    )  # fmt: skip
    return found_units(actor=actor, units=[new])[0]


def rename_unit(
    *, actor: Actor, unit_id: int, name: str, effective_on: dt.date, document: str = "", approved_by: str = "",
    note: str = "", expected_version: int | None = None,
) -> UnitVersion:  # fmt: skip
    """Give a unit another name from a day on."""
    approval = Approval(effective_on=effective_on, document=document, approved_by=approved_by, note=note)
    return adjust_unit(
        actor=actor, unit_id=unit_id, approval=approval, name=name, expected_version=expected_version
    )


def move_unit(
    *, actor: Actor, unit_id: int, effective_on: dt.date, place_code: str | None = None,
    superior_id: int | Unchanged | None = UNCHANGED, document: str = "", approved_by: str = "", note: str = "",
    expected_version: int | None = None,
) -> UnitVersion:  # fmt: skip
    """Put a unit at another place, under another superior (None: under none), or both, from a day on."""
    approval = Approval(effective_on=effective_on, document=document, approved_by=approved_by, note=note)
    return adjust_unit(
        actor=actor, unit_id=unit_id, approval=approval, place_code=place_code, superior_id=superior_id,
        expected_version=expected_version,
    )  # fmt: skip


def change_office(
    *, actor: Actor, unit_id: int, effective_on: dt.date, phone: str | None = None, hours: str | None = None,
    address: str | None = None, expected_version: int | None = None,
) -> UnitVersion:  # fmt: skip
    """Change the office's phone, hours or address (None: leave as it is) from a day on; needs no document, and a
    community does it itself."""
    return adjust_unit(
        actor=actor, unit_id=unit_id, approval=Approval(effective_on=effective_on), phone=phone, hours=hours,
        address=address, expected_version=expected_version,
    )  # fmt: skip


@transaction.atomic
def adjust_unit(
    *, actor: Actor, unit_id: int, approval: Approval, name: str | None = None, place_code: str | None = None,
    superior_id: int | Unchanged | None = UNCHANGED, phone: str | None = None, hours: str | None = None,
    address: str | None = None, expected_version: int | None = None,
) -> UnitVersion:  # fmt: skip
    """Change any of these together from `approval.effective_on` on; None leaves a value as it is.

    Raises Conflict where `expected_version` is no longer the unit's; RuleViolation where a later version is recorded,
    the superior would stand under the unit on any day, a place is unknown, or nothing changes.
    """
    wanted: dict[str, Any] = {
        "name": name, "place_code": place_code, "phone": phone, "hours": hours, "address": address,
    }  # fmt: skip
    wanted = {key: value.strip() for key, value in wanted.items() if value is not None}
    if superior_id is not UNCHANGED:
        one_superior_change_at_a_time()
        wanted["superior_id"] = superior_id
    superiors = {superior_id} if isinstance(superior_id, int) else set()
    units = locked_units({unit_id, *superiors})
    action = "office" if wanted.keys() <= _OFFICE else "adjust"
    unit, version = _adjustable(actor, units.get(unit_id), approval.effective_on, expected_version, action)
    changed = {key: value for key, value in wanted.items() if getattr(version, key) != value}
    if not changed:
        raise RuleViolation(_("没有任何变化。"))
    if "name" in changed:
        changed["name"] = refusals.check_name(changed["name"])
    if changed.keys() & {"name", "place_code", "superior_id"}:
        refusals.check_document(unit.kind, approval.document)
    if "place_code" in changed:
        check_place(unit.kind, changed["place_code"], known_places({changed["place_code"]}))
        require_place(actor, adjust_capability(unit.kind), changed["place_code"])
    if changed.get("superior_id") is not None:
        check_superior(units.get(changed["superior_id"]), approval.effective_on)
        _check_no_ring(unit_id, changed["superior_id"], approval.effective_on)
    return _write_version(actor, unit, version, changed, approval)


def one_superior_change_at_a_time() -> None:
    """Wait for whoever is changing superiors. Taken before any unit is locked, so that two changes never wait in a ring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SUPERIORS_LOCK])


def _adjustable(
    actor: Actor,
    unit: Unit | None,
    effective_on: dt.date,
    expected_version: int | None,
    action: str = "adjust",
) -> tuple[Unit, UnitVersion]:
    """The locked unit and its version on the day, once the actor, the expected version and the day are in order."""
    if unit is None or not policy_for(Unit).can(actor, "view", unit):
        raise NotVisible(_("没有找到这个单位。"))
    refusals.check_day(effective_on, "effective_on")
    versions = list(unit.versions.order_by("valid_from"))
    version = next((row for row in versions if row.holds_on(effective_on)), None)
    policy_for(UnitVersion).require(actor, action, version or versions[-1])
    if expected_version is not None and expected_version != unit.lock_version:
        raise refusals.unit_conflict(unit, versions[-1].name, expected_version)
    if version is None:
        raise RuleViolation(_outside_life(unit, effective_on), field="effective_on")
    later = [row for row in versions if row.valid_from > effective_on]
    if later:
        raise RuleViolation(
            _("“%(name)s”已登记自 %(day)s 起生效的变动（%(document)s），不能在它之前再插入；生效日期请选这一天或以后。")
            % {
                "name": later[0].name, "day": later[0].valid_from.isoformat(),
                "document": later[0].document or _("无文号"),
            },
            field="effective_on",
        )  # fmt: skip
    return unit, version


def _outside_life(unit: Unit, day: dt.date) -> str:
    if day < unit.founded_on:
        return _("单位 %(day)s 成立，生效日期不能更早。") % {"day": unit.founded_on.isoformat()}
    return _("单位自 %(day)s 起已撤销。") % {"day": unit.ended_on.isoformat() if unit.ended_on else ""}


def _check_no_ring(unit_id: int, superior_id: int, from_day: dt.date) -> None:
    """Raises RuleViolation if, on any day from `from_day` on, the superior stands under the unit."""
    frontier: dict[int, list[refusals.Period]] = {superior_id: [(from_day, None)]}
    while frontier:
        rows = UnitVersion.objects.filter(unit_id__in=frontier, superior__isnull=False).select_related(
            "superior"
        )
        above: dict[int, list[refusals.Period]] = {}
        for row in rows:
            shared = [days for known in frontier[row.unit_id] if (days := rules.overlap(known, period(row)))]
            if shared and row.superior_id == unit_id:
                raise RuleViolation(
                    _("这样会绕成一圈：“%(name)s”自 %(day)s 起就在这个单位之下。")
                    % {"name": row.name, "day": row.valid_from.isoformat()},
                    field="superior",
                )
            if shared and row.superior_id is not None:
                above.setdefault(row.superior_id, []).extend(shared)
        frontier = above


def _write_version(
    actor: Actor, unit: Unit, version: UnitVersion, changed: dict[str, Any], approval: Approval
) -> UnitVersion:
    """Close the version and open the next; on the very day it began, the day's outcome replaces it."""
    before = {key: getattr(version, key) for key in changed}
    new = version
    if version.valid_from != approval.effective_on:
        new = UnitVersion(
            unit=unit, kind=unit.kind, valid_from=approval.effective_on, valid_to=version.valid_to, name=version.name,
            pinyin=version.pinyin, initials=version.initials, place_code=version.place_code,
            superior_id=version.superior_id, phone=version.phone, hours=version.hours, address=version.address,
            approved_by=version.approved_by, document=version.document,
        )  # fmt: skip
        version.valid_to = approval.effective_on
        version.save(update_fields=["valid_to"])
    for key, value in changed.items():
        setattr(new, key, value)
    if "name" in changed:
        new.pinyin, new.initials = (name_keys(new.name)[key] for key in ("pinyin", "initials"))
    if approval.document:
        new.document, new.approved_by = approval.document.strip(), approval.approved_by.strip()
    with refusals.constraints_in_words():
        new.save()
    _write_lineage(unit, changed, approval)
    told = {key: [before[key], changed[key]] for key in changed}
    if "superior_id" in changed:
        told["superior"] = [_name_of(before["superior_id"]), _name_of(changed["superior_id"])]
    _record(actor, "organisations.adjusted", unit, new.place_code, told, approval)
    return new


def _write_lineage(unit: Unit, changed: dict[str, Any], approval: Approval) -> None:
    kinds = [("renamed", None)] if "name" in changed else []
    if changed.keys() & {"place_code", "superior_id"}:
        kinds.append(("moved", changed.get("superior_id")))
    for kind, other in kinds:
        _lineage(unit, kind, other, approval)


def _lineage(unit: Unit, kind: str, other_id: int | None, approval: Approval) -> None:
    UnitLineage.objects.create(
        unit=unit, other_id=other_id, kind=kind, effective_on=approval.effective_on,
        document=approval.document.strip(), note=approval.note,
    )  # fmt: skip


def _name_of(unit_id: int | None) -> str | None:
    if unit_id is None:
        return None
    return (
        UnitVersion.objects.filter(unit_id=unit_id)
        .order_by("valid_from")
        .values_list("name", flat=True)
        .last()
    )


def _record(
    actor: Actor, action: str, unit: Unit, place_code: str, changes: dict[str, Any], approval: Approval
) -> None:
    """Raise the unit's lock version and tell the audit, in this transaction."""
    before = unit.lock_version
    unit.lock_version = before + 1
    unit.save(update_fields=["lock_version", "ended_on"])
    changes = changes | {
        "effective_on": approval.effective_on.isoformat(), "document": approval.document,
        "lock_version": [before, unit.lock_version],
    }  # fmt: skip
    record(actor, Act(action=action, obj=unit, place_code=place_code, changes=changes))


@transaction.atomic
def set_credit_code(
    *, actor: Actor, unit_id: int, credit_code: str, document: str = "", expected_version: int | None = None
) -> Unit:
    """Record or correct a unit's unified social credit code; it belongs to the unit, not to a day of it.

    Raises RuleViolation for a wrong code, one of another unit, or no change.
    """
    today = Approval(effective_on=clock.today(), document=document)
    unit, version = _adjustable(
        actor, locked_units({unit_id}).get(unit_id), today.effective_on, expected_version
    )
    code = refusals.check_credit_code(credit_code)
    if code == unit.credit_code:
        raise RuleViolation(_("没有任何变化。"), field="credit_code")
    before, unit.credit_code = unit.credit_code, code
    with refusals.constraints_in_words():
        unit.save(update_fields=["credit_code"])
    _record(actor, "organisations.adjusted", unit, version.place_code, {"credit_code": [before, code]}, today)
    return unit


@transaction.atomic
def dissolve_unit(
    *, actor: Actor, unit_id: int, effective_on: dt.date, document: str = "", approved_by: str = "", note: str = "",
    expected_version: int | None = None,
) -> Unit:  # fmt: skip
    """End a unit; `effective_on` is the first day it is no more. Its appointments end with it.

    Raises RuleViolation while other units stand under it on or after that day: move or dissolve them first.
    """
    one_superior_change_at_a_time()
    units = locked_units({unit_id})
    approval = Approval(effective_on=effective_on, document=document, approved_by=approved_by, note=note)
    unit, version = _adjustable(actor, units.get(unit_id), effective_on, expected_version)
    _end(actor, unit, version, approval, "dissolved", None)
    return unit


def _end(
    actor: Actor, unit: Unit, version: UnitVersion, approval: Approval, kind: str, into_id: int | None
) -> None:
    day = approval.effective_on
    refusals.check_document(unit.kind, approval.document)
    if unit.ended_on is not None:
        raise RuleViolation(
            _("已登记自 %(day)s 起撤销。") % {"day": unit.ended_on.isoformat()}, field="effective_on"
        )
    if version.valid_from == day:
        raise RuleViolation(
            _("“%(name)s”在 %(day)s 刚有一次变动生效，撤销请选次日或以后。")
            % {"name": version.name, "day": day.isoformat()},
            field="effective_on",
        )
    below = UnitVersion.objects.filter(superior=unit).exclude(valid_to__lte=day).order_by("pinyin")
    if below:
        shown = _("、").join(row.name for row in below[:5])
        raise RuleViolation(
            _("其下还有 %(count)d 个单位（%(names)s），请先调整它们的隶属。")
            % {"count": len(below), "names": shown}
        )
    require_unit_settled(unit)
    version.valid_to = unit.ended_on = day
    version.save(update_fields=["valid_to"])
    held = list(unit.appointments.exclude(valid_to__lte=day).filter(substitute_for__isnull=True))
    cut_short(actor, held, day, str(dict(UnitLineage.KINDS)[kind]), approval.document)
    _lineage(unit, kind, into_id, approval)
    changes = {"ended_on": [None, day.isoformat()], "into": _name_of(into_id)}
    _record(actor, f"organisations.{kind}", unit, version.place_code, changes, approval)


@transaction.atomic
def merge_units(
    *, actor: Actor, unit_ids: Sequence[int], into_id: int, effective_on: dt.date, document: str = "",
    approved_by: str = "", note: str = "", expected_versions: Mapping[int, int] | None = None,
) -> Unit:  # fmt: skip
    """Merge units into one that exists on that day (found it first where it is new); theirs end, and the units
    under them move under it. Appointments of the merged units end. Returns the unit they went into."""
    merged = [unit_id for unit_id in dict.fromkeys(unit_ids) if unit_id != into_id]
    if not merged:
        raise RuleViolation(_("请选择要并入的单位。"), field="unit_ids")
    one_superior_change_at_a_time()
    approval = Approval(effective_on=effective_on, document=document, approved_by=approved_by, note=note)
    expected = expected_versions or {}
    below = _below(merged, effective_on)
    units = locked_units({*merged, into_id, *(row.unit_id for row in below)})
    into, into_version = _adjustable_target(actor, units.get(into_id), effective_on, expected.get(into_id))
    for unit_id in merged:
        unit, _version = _adjustable(actor, units.get(unit_id), effective_on, expected.get(unit_id))
        if unit.kind != into.kind:
            raise RuleViolation(_("只有同类单位可以合并。"), field="into")
    for row in below:
        if row.unit_id not in merged and row.unit_id != into_id:
            _move_below(actor, units[row.unit_id], into_id, approval)
    if into_version.superior_id in merged:
        raise RuleViolation(_("并入的单位不能在被并单位之下，请先调整它的隶属。"), field="into")
    for unit_id in merged:
        unit, version = _adjustable(actor, units[unit_id], effective_on, None)
        _end(actor, unit, version, approval, "merged", into_id)
    _record(
        actor,
        "organisations.adjusted",
        into,
        into_version.place_code,
        {"merged": [_name_of(unit_id) for unit_id in merged]},
        approval,
    )
    return into


def _adjustable_target(
    actor: Actor, unit: Unit | None, day: dt.date, expected: int | None
) -> tuple[Unit, UnitVersion]:
    unit, version = _adjustable(actor, unit, day, expected)
    check_superior(unit, day)
    return unit, version


def _below(unit_ids: Sequence[int], day: dt.date) -> list[UnitVersion]:
    """Versions in force on the day of the units directly under these."""
    return list(UnitVersion.objects.filter(in_force(day), superior__in=unit_ids).order_by("unit_id"))


def _move_below(actor: Actor, unit: Unit, superior_id: int, approval: Approval) -> None:
    unit, version = _adjustable(actor, unit, approval.effective_on, None)
    _check_no_ring(unit.pk, superior_id, approval.effective_on)
    _write_version(actor, unit, version, {"superior_id": superior_id}, approval)


@transaction.atomic
def split_unit(
    *, actor: Actor, unit_id: int, parts: Sequence[NewUnit], effective_on: dt.date, document: str = "",
    approved_by: str = "", note: str = "", below: Mapping[int, int] | None = None, keep: bool = True,
    expected_version: int | None = None,
) -> list[Unit]:  # fmt: skip
    """Found `parts` out of a unit on a day. `below` says which unit under it goes to which part (by its index).

    The unit goes on (`keep`) or ends; it cannot end while others remain under it. Kind, founding day and document of
    the parts are the split's own. Returns the new units.
    """
    if not parts or (not keep and len(parts) < 2):
        raise RuleViolation(_("拆分后至少有两个单位。"), field="parts")
    below = below or {}
    one_superior_change_at_a_time()
    approval = Approval(effective_on=effective_on, document=document, approved_by=approved_by, note=note)
    units = locked_units({unit_id, *below})
    unit, version = _adjustable(actor, units.get(unit_id), effective_on, expected_version)
    under = {row.unit_id for row in _below([unit_id], effective_on)}
    if not set(below) <= under:
        raise RuleViolation(_("只能划走这个单位之下的单位。"), field="below")
    made = found_units(actor=actor, units=[_part(unit, version, part, approval) for part in parts])
    for below_id, index in below.items():
        _move_below(actor, units[below_id], made[index].pk, approval)
    for part in made:
        _lineage(unit, "split", part.pk, approval)
    if keep:
        changes = {"parts": [_name_of(part.pk) for part in made]}
        _record(actor, "organisations.split", unit, version.place_code, changes, approval)
    else:
        _end(actor, unit, version, approval, "dissolved", None)
    return made


def _part(unit: Unit, version: UnitVersion, part: NewUnit, approval: Approval) -> NewUnit:
    return NewUnit(
        kind=unit.kind, name=part.name, place_code=part.place_code or version.place_code,
        founded_on=approval.effective_on, document=part.document or approval.document,
        approved_by=part.approved_by or approval.approved_by, superior_id=part.superior_id or version.superior_id,
        credit_code=part.credit_code, phone=part.phone, hours=part.hours, address=part.address, note=part.note,
        came_from_id=unit.pk,
    )  # fmt: skip

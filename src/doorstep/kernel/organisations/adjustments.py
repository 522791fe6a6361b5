"""One guided adjustment of a unit: an act with its day and document, previewed before it is applied.

The preview carries the adjustment out and takes it back, so what it shows is what will happen, refusals included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations import services
from doorstep.kernel.organisations.kept_kinds import is_general
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.services_bulk import NewUnit
from doorstep.kernel.organisations.unit_pictures import (
    Change,
    Picture,
    differences,
    picture,
    summary,
    units_under,
)
from doorstep.kernel.shared.errors import NotVisible, RuleViolation

ActOnUnit = Literal["found", "rename", "move", "office", "code", "merge", "split", "dissolve"]
ACTS_ON_UNITS: tuple[ActOnUnit, ...] = ("rename", "move", "office", "code", "split", "merge", "dissolve")
OFFICE: ActOnUnit = "office"  # the one act that units of every kind share


@dataclass(frozen=True, kw_only=True)
class UnitAdjustment:
    """What is to be done. Which fields count depends on `act`:

    found: kind, name, place_code, superior_id, credit_code, phone, hours, address. rename: name. move: place_code,
    superior_id (None: under none). office: phone, hours, address. code: credit_code. merge: `others` go into unit_id.
    split: unit_id gives the units `below` to a new one `name` at place_code. dissolve: unit_id ends.
    `expected` maps units to the versions the officer looked at.
    """

    act: ActOnUnit
    effective_on: dt.date
    unit_id: int | None = None
    document: str = ""
    approved_by: str = ""
    note: str = ""
    kind: str = ""
    name: str = ""
    place_code: str = ""
    superior_id: int | None = None
    credit_code: str = ""
    phone: str = ""
    hours: str = ""
    address: str = ""
    others: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    expected: Mapping[int, int] = field(default_factory=dict)

    @property
    def paper(self) -> dict[str, Any]:
        return {"document": self.document, "approved_by": self.approved_by, "note": self.note}


@dataclass(frozen=True)
class Outcome:
    """What an adjustment does: the unit to look at afterwards, every change, a summary, and the versions it was judged on."""

    unit_id: int
    changes: list[Change]
    affected: list[str]
    versions: dict[int, int]


@transaction.atomic
def adjust(*, actor: Actor, adjustment: UnitAdjustment) -> Outcome:
    """Carry the adjustment out. Raises Conflict where somebody was quicker, Refused for what cannot be."""
    return _carry_out(actor, adjustment)


def preview(*, actor: Actor, adjustment: UnitAdjustment) -> Outcome:
    """What `adjust` would do; nothing stays. Raises the same refusals."""
    with transaction.atomic():
        outcome = _carry_out(actor, adjustment)
        transaction.set_rollback(True)
    return outcome


def _carry_out(actor: Actor, this: UnitAdjustment) -> Outcome:
    _require_general(this)
    services.one_superior_change_at_a_time()
    own = {pk for pk in (this.unit_id, *this.others) if pk is not None}
    touched = own | units_under(own, this.effective_on)
    before = picture(touched, this.effective_on)
    unit_id = _STEPS[this.act](actor, this)
    made = _made_from(own, unit_id)
    after = picture(touched | made, this.effective_on)
    return Outcome(
        unit_id=unit_id, changes=differences(before, after), affected=summary(before, after),
        versions=_versions(before, own),
    )  # fmt: skip


def _require_general(this: UnitAdjustment) -> None:
    """A module's own kinds are adjusted on its page; only their office is everybody's."""
    kind = this.kind
    if this.unit_id is not None:
        kind = Unit.objects.filter(pk=this.unit_id).values_list("kind", flat=True).first() or ""
    if this.unit_id is not None and not kind:
        raise NotVisible(_("没有找到这个单位。"))
    if not is_general(kind) and this.act != OFFICE:
        raise RuleViolation(_("这类单位不在这里办理。"), field="kind")


def _made_from(own: set[int], unit_id: int) -> set[int]:
    """The unit founded by the adjustment, if one was."""
    return {unit_id} - own


def _versions(before: Picture, own: set[int]) -> dict[int, int]:
    return {pk: state.lock_version for pk, state in before.items() if pk in own}


def _unit(this: UnitAdjustment) -> dict[str, Any]:
    """The unit, and the version of it that was looked at, as the services take them."""
    assert this.unit_id is not None
    return {"unit_id": this.unit_id, "expected_version": this.expected.get(this.unit_id)}


def _found(actor: Actor, this: UnitAdjustment) -> int:
    return services.found_unit(
        actor=actor, kind=this.kind, name=this.name, place_code=this.place_code, founded_on=this.effective_on,
        superior_id=this.superior_id, credit_code=this.credit_code, phone=this.phone, hours=this.hours,
        address=this.address, **this.paper,
    ).pk  # fmt: skip


def _rename(actor: Actor, this: UnitAdjustment) -> int:
    return services.rename_unit(
        actor=actor, name=this.name, effective_on=this.effective_on, **_unit(this), **this.paper
    ).unit_id


def _move(actor: Actor, this: UnitAdjustment) -> int:
    return services.move_unit(
        actor=actor, place_code=this.place_code, superior_id=this.superior_id, effective_on=this.effective_on,
        **_unit(this), **this.paper,
    ).unit_id  # fmt: skip


def _office(actor: Actor, this: UnitAdjustment) -> int:
    return services.change_office(
        actor=actor, phone=this.phone, hours=this.hours, address=this.address, effective_on=this.effective_on,
        **_unit(this),
    ).unit_id  # fmt: skip


def _code(actor: Actor, this: UnitAdjustment) -> int:
    return services.set_credit_code(
        actor=actor, credit_code=this.credit_code, document=this.document, **_unit(this)
    ).pk


def _merge(actor: Actor, this: UnitAdjustment) -> int:
    assert this.unit_id is not None
    return services.merge_units(
        actor=actor, unit_ids=this.others, into_id=this.unit_id, effective_on=this.effective_on,
        expected_versions=this.expected, **this.paper,
    ).pk  # fmt: skip


def _split(actor: Actor, this: UnitAdjustment) -> int:
    part = NewUnit(
        kind=this.kind, name=this.name, place_code=this.place_code, founded_on=this.effective_on,
        credit_code=this.credit_code,
    )  # fmt: skip
    return services.split_unit(
        actor=actor, parts=[part], effective_on=this.effective_on, below=dict.fromkeys(this.below, 0),
        **_unit(this), **this.paper,
    )[0].pk  # fmt: skip


def _dissolve(actor: Actor, this: UnitAdjustment) -> int:
    return services.dissolve_unit(actor=actor, effective_on=this.effective_on, **_unit(this), **this.paper).pk


_STEPS: dict[str, Callable[[Actor, UnitAdjustment], int]] = {
    "found": _found, "rename": _rename, "move": _move, "office": _office, "code": _code, "merge": _merge,
    "split": _split, "dissolve": _dissolve,
}  # fmt: skip

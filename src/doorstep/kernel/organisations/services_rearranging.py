"""The places of several people of one post shared out anew, from a day on, by a document: all at once or none.

One after the other would not do: whoever takes a place over may have to give another up, and nobody loses a place in which
something waits unless it goes along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations import refusals, rules
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.leaving import Passing, pass_on, require_settled
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_appointments import require_appoint
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.organisations.services_grids import renewed_over
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.errors import NotVisible, RuleViolation


@dataclass(frozen=True)
class Rearranged:
    """renewed: the row that holds from the day, by the appointment it came of, substitutes too. passings: which places went
    from whom to whom. passed: how much that waited there went along."""

    renewed: dict[int, Appointment]
    passings: tuple[Passing, ...]
    passed: int


@transaction.atomic
def rearrange(
    *, actor: Actor, wanted: Mapping[int, Sequence[str]], effective_on: dt.date, document: str = ""
) -> Rearranged:
    """Give these appointments exactly these places from `effective_on`. Whose places do not change is left alone.

    What waits in a place for who gives it up is handed to who takes it over. Who stands in goes on for the new places. Raises
    NotVisible or NotAllowed for a post that is not the actor's to give, RuleViolation for a day outside the period, places that
    cannot be theirs, or something that waits in a place nobody takes over.
    """
    refusals.check_day(effective_on, "effective_on")
    rows = _locked(actor, wanted, effective_on)
    changing = [row for row in rows if set(wanted[row.pk]) != _codes(row)]
    _check_places(changing, wanted, effective_on)
    standing_in = _standing_in(changing, effective_on)
    passings = _passings(changing, standing_in, wanted)
    passed = pass_on(actor, passings, _("网格员调整，移交给现在负责这里的网格员。%s") % document)
    for row in changing:
        mine = [other for other in standing_in if other.substitute_for_id == row.pk]
        require_settled([row, *mine], effective_on, wanted[row.pk])
    renewed: dict[int, Appointment] = {}
    with refusals.constraints_in_words():
        for row in [*changing, *standing_in]:
            codes = sorted(set(wanted[row.substitute_for_id or row.pk]))
            renewed[row.pk] = renewed_over(
                actor, row, codes, effective_on, document, renewed, action="organisations.rearranged", reason=_("范围调整")
            )  # fmt: skip
    return Rearranged(renewed, tuple(passings), passed)


def _codes(row: Appointment) -> set[str]:
    return {place.code for place in row.places.all()}


def _locked(actor: Actor, wanted: Mapping[int, Sequence[str]], day: dt.date) -> list[Appointment]:
    """The appointments in the order of their ids, their units and grids locked, each one the actor's to give."""
    units = Appointment.objects.filter(pk__in=list(wanted)).values_list("unit_id", flat=True)
    locked_units(set(units))
    seen = policy_for(Appointment).visible_to(actor).filter(pk__in=list(wanted))
    rows = list(seen.select_related("person", "unit").prefetch_related("places").order_by("pk"))
    if len(rows) < len(wanted):
        raise NotVisible(_("没有找到这项任职，可能刚刚有人调整过。"))
    for row in rows:
        require_appoint(actor, row)
        if not POSTS[row.post].carries_places or row.substitute_for_id is not None:
            raise RuleViolation(_("这个职务的范围就是单位的范围。"), field="places")
        if not row.holds_on(day):
            raise RuleViolation(
                _("%(person)s在 %(day)s 不在任，请重新安排。") % {"person": row.person.name, "day": day},
                field="effective_on",
            )
    return rows


def _check_places(rows: Sequence[Appointment], wanted: Mapping[int, Sequence[str]], day: dt.date) -> None:
    units = {row.unit_id for row in rows}
    versions = UnitVersion.objects.in_force(day).filter(unit_id__in=units)
    stands = dict(versions.values_list("unit_id", "place_code"))
    codes = {code for row in rows for code in wanted[row.pk] if len(code) == 15}
    grids = Grid.objects.select_for_update(no_key=True).filter(code__in=codes).order_by("code")
    there = {grid.code for grid in grids if grid.holds_on(day)}
    if gone := sorted(codes - there):
        raise RuleViolation(
            _("网格 %(code)s 在 %(day)s 不存在。") % {"code": gone[0], "day": day.isoformat()}, field="places"
        )
    for row in rows:
        place = stands.get(row.unit_id, row.place_code[:12])
        fault, code = rules.appointment_places_fault(row.post, True, place, list(wanted[row.pk]))
        if fault:
            raise RuleViolation(str(refusals.PLACE_TEXTS[fault]) % {"code": code}, field="places")


def _standing_in(rows: Sequence[Appointment], day: dt.date) -> list[Appointment]:
    found = Appointment.objects.filter(substitute_for__in=rows).exclude(valid_to__lte=day)
    return list(found.select_related("person", "unit").prefetch_related("places").order_by("pk"))


def _passings(
    rows: Sequence[Appointment], standing_in: Sequence[Appointment], wanted: Mapping[int, Sequence[str]]
) -> list[Passing]:
    """Each place given up and taken over: of its holder, and of who stands in there, to the first of those who take it."""
    takes: dict[tuple[int, str], Appointment] = {}
    for row in rows:
        for code in set(wanted[row.pk]) - _codes(row):
            takes.setdefault((row.unit_id, code), row)
    found: dict[tuple[int, int, int], list[str]] = {}
    for row in [*rows, *standing_in]:
        for code in sorted(_codes(row) - set(wanted[row.substitute_for_id or row.pk])):
            taking = takes.get((row.unit_id, code))
            if taking is not None and taking.person_id != row.person_id:
                found.setdefault((row.unit_id, row.person_id, taking.person_id), []).append(code)
    return [Passing(unit, giver, taker, tuple(codes)) for (unit, giver, taker), codes in found.items()]

"""What follows in units and appointments when grids are split or merged, in the transaction that does it.

The lineage of the grids says where each one went; nothing else may be chosen, so nobody gains a place here that the
adjustment did not make. Who may adjust is asked where the grids are; here, whether the posts are theirs to give.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace
from doorstep.kernel.organisations.policies import appoint_capability
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.places.models import GridLineage
from doorstep.kernel.shared.errors import Conflict, RuleViolation


def appointments_over(codes: Iterable[str], on: dt.date) -> list[Appointment]:
    """Appointments with one of these grids among their own places on the day or later, holders before substitutes."""
    wanted = list(codes)
    own = Q(places__code__in=wanted) | Q(substitute_for__places__code__in=wanted)
    rows = Appointment.objects.filter(own).exclude(valid_to__lte=on).distinct()
    rows = rows.select_related("person", "unit").prefetch_related("places")
    return sorted(rows, key=lambda row: (row.substitute_for_id is not None, row.pk))


def appointments_follow_grids(
    *, actor: Actor, grids: Sequence[str], effective_on: dt.date, document: str,
    chosen: Mapping[int, Sequence[str]] | None = None, units: Iterable[int] = (),
) -> list[Appointment]:  # fmt: skip
    """Give every appointment over these ended grids their successors instead, from `effective_on`; returns the new rows.

    `chosen` names, by appointment, which successors it takes over (default all); a substitute takes those of whom it
    stands in for. `units` are locked already: an appointment of another one means somebody was quicker (Conflict).
    Raises RuleViolation for a choice that is no successor or leaves somebody without any place. Called inside the
    adjustment's transaction, after the grids.
    """
    rows = appointments_over(grids, effective_on)
    if not {row.unit_id for row in rows} <= set(units):
        raise Conflict(_("刚刚有人办理了这个网格的任职，请再看一次变化。"))
    locked_units({row.unit_id for row in rows})
    successors = _successors(grids, effective_on)
    renewed: dict[int, Appointment] = {}
    for row in rows:
        for code in {place.code for place in row.places.all()} & set(grids):
            require_place(actor, appoint_capability(row.post), code)
        picked = (chosen or {}).get(row.substitute_for_id or row.pk)
        codes = _codes_after(row, successors, picked)
        renewed[row.pk] = renewed_over(actor, row, codes, effective_on, document, renewed)
    return list(renewed.values())


def _successors(grids: Sequence[str], on: dt.date) -> dict[str, list[str]]:
    steps = GridLineage.objects.filter(before__code__in=grids, effective_on=on).order_by("after__code")
    found: dict[str, list[str]] = {}
    for before, after in steps.values_list("before__code", "after__code"):
        found.setdefault(before, []).append(after)
    return found


def _codes_after(
    row: Appointment, successors: Mapping[str, list[str]], picked: Sequence[str] | None
) -> list[str]:
    own = {place.code for place in row.places.all()}
    following = {after for code in own for after in successors.get(code, ())}
    wanted = following if picked is None else set(picked)
    if not wanted <= following:
        raise RuleViolation(_("只能从新网格里选择网格员接手的范围。"), field="workers")
    codes = sorted({code for code in own if code not in successors} | wanted)
    if own and not codes:
        raise RuleViolation(
            _("请为%(name)s至少选择一个新网格；要离任的，请另行办理离任。") % {"name": row.person.name},
            field="workers",
        )
    return codes


def renewed_over(
    actor: Actor, row: Appointment, codes: list[str], day: dt.date, document: str, renewed: Mapping[int, Appointment],
    *, action: str = "organisations.appointment_followed_grids", reason: str = "",
) -> Appointment:  # fmt: skip
    """The appointment with these places from the day: a new row where it had begun before, else the row itself. `reason`: why
    the old row ends, where no grid was adjusted."""
    before = sorted(place.code for place in row.places.all())
    changes: dict[str, Any] = {
        "places": [before, codes], "effective_on": day.isoformat(),
    }  # fmt: skip
    holder = renewed.get(row.substitute_for_id or 0)
    new = row
    if row.valid_from < day:
        until = row.valid_to
        row.valid_to, row.end_reason = day, reason or _("网格调整")
        row.save(update_fields=["valid_to", "end_reason"])
        new = Appointment(
            person_id=row.person_id, post=row.post, unit_id=row.unit_id, place_code=(codes or [row.place_code])[0],
            full_time=row.full_time, has_vote=row.has_vote, sole=row.sole, document=document, valid_from=day,
            valid_to=until, substitute_for=holder or row.substitute_for,
        )  # fmt: skip
        new.save()
    else:
        AppointmentPlace.objects.filter(appointment=row).delete()
        new.place_code = (codes or [row.place_code])[0]
        new.substitute_for = holder or row.substitute_for
        new.save(update_fields=["place_code", "substitute_for"])
    AppointmentPlace.objects.bulk_create(AppointmentPlace(appointment=new, code=code) for code in codes)
    words = {"document": document}
    record(actor, Act(action, new, new.place_code, changes, person_ref=row.person_id, words=words))
    return new

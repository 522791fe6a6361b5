"""Appointing, standing in, extending and ending: one at a time. Many at once: services_bulk.appoint_many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations import refusals
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.leaving import require_settled
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace
from doorstep.kernel.organisations.services_bulk import (
    NewAppointment,
    appoint_many,
    check_free,
    locked_units,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation


def appoint(
    *, actor: Actor, person_id: int, post: str, unit_id: int, valid_from: dt.date, valid_to: dt.date | None = None,
    places: Sequence[str] = (), full_time: bool = True, has_vote: bool = True, document: str = "",
) -> Appointment:  # fmt: skip
    """Put a person in a post from `valid_from` to the day before `valid_to` (None: open).

    Raises NotVisible or NotAllowed outside the actor's scope; RuleViolation where the unit has no such post, the
    period does not fit the unit's, the places lie outside it, or the post is held (by whom, until when).
    """
    new = NewAppointment(
        person_id=person_id, post=post, unit_id=unit_id, valid_from=valid_from, valid_to=valid_to,
        places=tuple(places), full_time=full_time, has_vote=has_vote, document=document,
    )  # fmt: skip
    return appoint_many(actor=actor, appointments=[new])[0]


@transaction.atomic
def appoint_substitute(
    *, actor: Actor, appointment_id: int, person_id: int, valid_from: dt.date, valid_to: dt.date | None,
    document: str = "",
) -> Appointment:  # fmt: skip
    """Let a person stand in for a holder, with the same post and places, until a fixed day.

    The holder keeps the post. Raises RuleViolation without an end, outside the holder's period, or where another
    substitute stands in at the same time.
    """
    holder = _locked(actor, appointment_id)
    new = NewAppointment(
        person_id=person_id, post=holder.post, unit_id=holder.unit_id, valid_from=valid_from, valid_to=valid_to,
        places=_codes(holder), full_time=False, has_vote=False, document=document, substitute_for_id=holder.pk,
    )  # fmt: skip
    return appoint_many(actor=actor, appointments=[new])[0]


@transaction.atomic
def end_appointment(
    *, actor: Actor, appointment_id: int, on: dt.date, reason: str = "", document: str = ""
) -> Appointment:
    """End an appointment; `on` is the first day out of the post. Whoever stands in ends with it.

    Raises RuleViolation where it has ended before, or had not begun on `on` (withdraw it instead).
    """
    row = _locked(actor, appointment_id)
    require_appoint(actor, row)
    refusals.check_day(on, "on")
    if row.valid_to is not None and row.valid_to <= on:
        raise RuleViolation(_("这项任职%(until)s。") % {"until": refusals.until(row.valid_to)}, field="on")
    if on <= row.valid_from:
        raise RuleViolation(
            _("这项任职 %(day)s 才开始，离任日期须在其后；尚未开始的，请撤回任命。")
            % {"day": row.valid_from.isoformat()},
            field="on",
        )
    cut_short(actor, [row], on, reason, document)
    return row


def cut_short(
    actor: Actor,
    rows: Sequence[Appointment],
    on: dt.date,
    reason: str,
    document: str,
    kept: Sequence[str] = (),
) -> None:
    """End these and whoever stands in for them on `on`; withdraw those that had not begun by then.

    Raises RuleViolation while something waits for them that would stay undone; `kept`: places that remain theirs.
    """
    standing_in = Appointment.objects.filter(substitute_for__in=rows)
    ending = [row for row in [*standing_in, *rows] if row.valid_to is None or row.valid_to > on]
    require_settled([row for row in ending if row.valid_from < on], on, kept)
    for row in ending:
        if row.valid_from >= on:
            _withdraw(actor, row, reason)
            continue
        before = row.valid_to
        row.valid_to, row.end_reason = on, reason[:120]
        row.save(update_fields=["valid_to", "end_reason"])
        words = {"reason": reason, "document": document}
        record(actor, _act("organisations.appointment_ended", row, {"valid_to": _days(before, on)}, words))


@transaction.atomic
def withdraw_appointment(*, actor: Actor, appointment_id: int, on: dt.date, reason: str = "") -> None:
    """Take back an appointment that has not begun on `on` (the day it is done): nobody has acted under it.

    What it said stays in the audit. Raises RuleViolation once it has begun.
    """
    row = _locked(actor, appointment_id)
    require_appoint(actor, row)
    if row.valid_from <= on:
        raise RuleViolation(
            _("这项任职 %(day)s 已经开始，请办理离任。") % {"day": row.valid_from.isoformat()}, field="on"
        )
    _withdraw(actor, row, reason)


def _withdraw(actor: Actor, row: Appointment, reason: str) -> None:
    changes = {
        "unit_id": [row.unit_id, None], "post": [row.post, None], "places": [list(_codes(row)), None],
        "valid_from": [row.valid_from.isoformat(), None], "valid_to": _days(row.valid_to, None),
    }  # fmt: skip
    record(actor, _act("organisations.appointment_withdrawn", row, changes, {"reason": reason}))
    row.delete()


@transaction.atomic
def extend_appointment(
    *, actor: Actor, appointment_id: int, valid_to: dt.date | None, document: str = ""
) -> Appointment:
    """Let an appointment last longer: to the day before `valid_to`, or open (None; never for a substitute).

    Raises RuleViolation where it has ended already (it would change who held the post in the past), where the new
    period meets another holder's, or is not longer.
    """
    row = _locked(actor, appointment_id)
    require_appoint(actor, row)
    before = row.valid_to
    if before is not None and before < clock.today():
        raise RuleViolation(
            _("这项任职%(until)s，已经结束，不能再延长，以免改写过去的记录；请在单位页面重新任命。")
            % {"until": refusals.until(before)},
            field="valid_to",
            page=_appointing_page(row.unit_id),
        )
    if before is None or (valid_to is not None and valid_to <= before):
        raise RuleViolation(
            _("这项任职%(until)s，新的止日须更晚。") % {"until": refusals.until(before)}, field="valid_to"
        )
    row.valid_to = valid_to
    _check_end(row)
    check_free(row, row.unit.appointments.select_related("person"))
    with refusals.constraints_in_words():
        row.save(update_fields=["valid_to"])
    record(
        actor,
        _act(
            "organisations.appointment_extended",
            row,
            {"valid_to": _days(before, valid_to)},
            {"document": document},
        ),
    )
    return row


def _appointing_page(unit_id: int) -> str:
    try:
        return reverse("desk:appoint", args=[unit_id])
    except NoReverseMatch:  # an installation without the desk
        return ""


def _check_end(row: Appointment) -> None:
    """The new end must fit a substitute's holder and the unit."""
    if row.substitute_for is not None:
        if row.valid_to is None:
            raise RuleViolation(_("临时代理须写明截止日期。"), field="valid_to")
        limit = row.substitute_for.valid_to
        if limit is not None and row.valid_to > limit:
            raise RuleViolation(
                _("被代理人的任期%(until)s，代理不能更晚。") % {"until": refusals.until(limit)},
                field="valid_to",
            )
    ended = row.unit.ended_on
    if ended is not None and (row.valid_to is None or row.valid_to > ended):
        raise RuleViolation(
            _("单位自 %(day)s 起撤销，任职须在此前结束。") % {"day": ended.isoformat()}, field="valid_to"
        )


@transaction.atomic
def change_places(
    *, actor: Actor, appointment_id: int, places: Sequence[str], effective_on: dt.date, document: str = ""
) -> Appointment:
    """Give a grid worker or property manager other places from `effective_on`: the old appointment ends, a new
    one begins with the same end. Returns the new one."""
    row = _locked(actor, appointment_id)
    require_appoint(actor, row)
    if not row.holds_on(effective_on):
        raise RuleViolation(_("这一天不在任期之内。"), field="effective_on")
    if not POSTS[row.post].carries_places:
        raise RuleViolation(_("这个职务的范围就是单位的范围。"), field="places")
    if set(places) == set(_codes(row)):
        raise RuleViolation(_("范围没有变化。"), field="places")
    new = NewAppointment(
        person_id=row.person_id, post=row.post, unit_id=row.unit_id, valid_from=effective_on, valid_to=row.valid_to,
        places=tuple(places), full_time=row.full_time, has_vote=row.has_vote, document=document,
        substitute_for_id=row.substitute_for_id,
    )  # fmt: skip
    cut_short(actor, [row], effective_on, _("范围调整"), document, kept=places)
    return appoint_many(actor=actor, appointments=[new])[0]


def require_appoint(actor: Actor, row: Appointment) -> None:
    """Raises NotVisible where the appointment does not exist for the actor, NotAllowed where it is not theirs."""
    policy_for(Appointment).require(actor, "appoint", row)
    if not actor.is_system and row.person_id == actor.person_id:
        raise NotAllowed(_("不能由本人办理本人的任职。"), field="person")


def _locked(actor: Actor, appointment_id: int) -> Appointment:
    """The appointment, its unit locked: changes of one unit's posts come one after another."""
    unit_id = Appointment.objects.filter(pk=appointment_id).values_list("unit_id", flat=True).first()
    if unit_id is not None:
        locked_units({unit_id})
    rows = policy_for(Appointment).visible_to(actor).filter(pk=appointment_id)
    row = rows.select_related("person", "unit", "substitute_for").first()
    if row is None:
        raise NotVisible(_("没有找到这项任职。"))
    return row


def _codes(row: Appointment) -> tuple[str, ...]:
    return tuple(
        AppointmentPlace.objects.filter(appointment=row).order_by("code").values_list("code", flat=True)
    )


def _act(action: str, row: Appointment, changes: dict[str, Any], words: dict[str, str]) -> Act:
    return Act(
        action=action,
        obj=row,
        place_code=row.place_code,
        changes=changes,
        person_ref=row.person_id,
        words=words,
    )


def _days(before: dt.date | None, after: dt.date | None) -> list[str | None]:
    return [before.isoformat() if before else None, after.isoformat() if after else None]

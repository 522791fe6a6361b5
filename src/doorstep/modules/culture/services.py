"""Planning cultural events and their series. Money: services_money. Pictures: services_pictures. What people said:
services_feedback. Many of the past at once: services_past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import NewActivity, NewSession, check_text
from doorstep.kernel.activities.models import Activity
from doorstep.kernel.activities.services import announce, change_activity
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places.models import Compound
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.keeping import begin, check_area, check_line, end_row
from doorstep.modules.culture.models import KINDS, Event, Series
from doorstep.modules.culture.policies import KEEP

OWN = ("series_id", "compound_id", "hosts", "programme")


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """A cultural event: its activity (kind "event", category one of KINDS) with its times, and what is its own."""

    activity: NewActivity
    sessions: Sequence[NewSession]
    series_id: int | None = None
    compound_id: int | None = None
    hosts: str = ""
    programme: str = ""


@transaction.atomic
def plan_event(*, actor: Actor, new: NewEvent, key: UUID) -> Event:
    """Announce an event with its times. The same `key` again gives the first one. Raises Refused naming the field."""
    check_category(new.activity)
    activity = announce(actor=actor, new=new.activity, sessions=new.sessions, key=key)
    known = Event.objects.filter(activity=activity).first()
    if known is not None:
        return known
    made = Event.objects.create(
        activity=activity,
        place_code=activity.place_code,
        **checked_own(
            activity.place_code,
            {
                "series_id": new.series_id,
                "compound_id": new.compound_id,
                "hosts": new.hosts,
                "programme": new.programme,
            },
        ),
    )
    record(actor, Act("culture.planned", made, made.place_code, {"series_id": [None, made.series_id]}))
    return made


def check_category(new: NewActivity) -> None:
    if new.kind != EVENT:
        raise ValueError(f"a cultural event is an activity of kind {EVENT}")
    if new.category not in dict(KINDS):
        raise RuleViolation(_("请选活动的类别。"), field="category")


def checked_own(place_code: str, given: dict[str, Any]) -> dict[str, Any]:
    """An event's own columns. Raises RuleViolation for a series or a compound of another place, texts too long."""
    columns = dict(given)
    if given.get("series_id") is not None:
        series = Series.objects.in_force().filter(pk=given["series_id"]).first()
        if series is None or not contains(series.place_code, place_code):
            raise RuleViolation(_("没有找到这个系列，或者它不在这里。"), field="series")
    if given.get("compound_id") is not None:
        compound = Compound.objects.filter(pk=given["compound_id"]).first()
        if compound is None or not contains(place_code[:12], compound.place_code):
            raise RuleViolation(_("没有找到这个小区，或者它不在这里。"), field="compound")
    columns["hosts"] = check_line(given.get("hosts") or "", "hosts", 200)
    columns["programme"] = check_text(given.get("programme") or "", "programme", 1000).replace("\r\n", "\n")
    return columns


@transaction.atomic
def change_event(*, actor: Actor, event_id: int, expected_version: int, **changed: Any) -> Event:
    """Change an event's words, its series, its programme; times are the activity's `move_session`. Raises Conflict where
    somebody else changed it meanwhile."""
    event = policy_for(Event).visible_to(actor).filter(pk=event_id).first()
    if event is None:
        raise NotVisible(_("没有找到这个活动。"))
    of_activity = {name: value for name, value in changed.items() if name not in OWN}
    activity = change_activity(
        actor=actor, activity_id=event.activity_id, expected_version=expected_version, **of_activity
    )
    given = {name: changed.get(name, getattr(event, name)) for name in OWN}
    if given["series_id"] == event.series_id:  # one that ended meanwhile stays what it was
        columns = checked_own(event.place_code, {**given, "series_id": None}) | {"series_id": event.series_id}
    else:
        columns = checked_own(event.place_code, given)
    told = {
        name: [getattr(event, name), value]
        for name, value in columns.items()
        if getattr(event, name) != value
    }
    if not told:
        return event
    for name in told:
        setattr(event, name, columns[name])
    event.save(update_fields=list(told))
    if activity.lock_version == expected_version:
        Activity.objects.filter(pk=activity.pk).update(lock_version=expected_version + 1)
    record(actor, Act("culture.event_changed", event, event.place_code, told))
    return event


@transaction.atomic
def open_series(
    *, actor: Actor, place_code: str, name: str, valid_from: dt.date, about: str = ""
) -> Series:  # fmt: skip
    """A name under which events come again and again, from a day on. Raises Conflict where it exists there already."""
    check_area(place_code)
    require_place(actor, KEEP, place_code)
    row = Series(
        place_code=place_code, name=check_line(name, "name", 40, _("请填写系列名称。")),
        about=check_text(about, "about", 400), valid_from=valid_from,
    )  # fmt: skip
    begin(row, _("这里已经有这个系列。"))
    record(actor, Act("culture.series_opened", row, place_code, {"name": [None, row.name]}))
    return row


@transaction.atomic
def describe_series(*, actor: Actor, series_id: int, about: str) -> Series:
    """Say what a series is about."""
    row = policy_for(Series).visible_to(actor).select_for_update().filter(pk=series_id).first()
    if row is None:
        raise NotVisible(_("没有找到这个系列。"))
    policy_for(Series).require(actor, "keep", row)
    before, row.about = row.about, check_text(about, "about", 400)
    if before != row.about:
        row.save(update_fields=["about"])
        record(actor, Act("culture.series_changed", row, row.place_code, {"about": [before, row.about]}))
    return row


def end_series(*, actor: Actor, series_id: int, ended_on: dt.date) -> Series:
    """`ended_on`: the first day on which no event is planned under it."""
    with transaction.atomic():
        return end_row(actor, Series, series_id, ended_on, "culture.series_ended")


__all__ = [
    "NewActivity", "NewEvent", "NewSession", "change_event", "describe_series", "end_series", "open_series",
    "plan_event",
]  # fmt: skip

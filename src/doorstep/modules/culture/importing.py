"""One row of an office's sheet becomes an event, held or to come, or a series, by the same services as a form."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import Activity
from doorstep.kernel.activities.policies import may_organise, organising_units
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.culture import books, rules
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.models import Series
from doorstep.modules.culture.services import (
    NewActivity,
    NewEvent,
    NewSession,
    describe_series,
    open_series,
    plan_event,
)
from doorstep.modules.culture.services_past import PastEvent, enter_past_event

_TIME = re.compile(r"(\d{1,2})[:：点时.](\d{0,2})分?(?::\d\d)?")
COLUMNS = {"place_code": "place", "starts_at": "day", "ends_at": "ends"}  # services' names of ours


def time_of(text: str) -> dt.time:
    """ "9:00", "9：30", "9点" or "14点30分". Raises ValueError with the user's words."""
    match = _TIME.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError(_("时间应写成 9:00 或 14:30。"))
    return dt.time(int(match[1]), int(match[2] or 0))


def _at(refusal: Refused) -> Refused:
    """The same refusal, at the column of the sheet that is called otherwise."""
    field = COLUMNS.get(refusal.field, refusal.field)
    return type(refusal)(refusal.message, field=field, clause=refusal.clause)


@transaction.atomic
def import_event(actor: Actor, row: ImportRow) -> Outcome:
    """With a head count it was held; without one it is to come. The same again is "unchanged"."""
    starts, ends = _times(row)
    organiser = _organiser(actor, row)
    key = _key(row, organiser, starts)
    if Activity.objects.filter(key=key, kind=EVENT).exists():
        return "unchanged"
    activity = NewActivity(
        kind=EVENT, category=row["category"], place_code=row["place"], organiser_id=organiser, title=row["title"],
        where=row["where"], text=row["text"] or "", by_sign_up=bool(row["by_sign_up"]),
        is_public=row["is_public"] is not False,
    )  # fmt: skip
    own: dict[str, Any] = {
        "series_id": _series(row), "hosts": row["hosts"] or "", "programme": row["programme"] or "",
    }  # fmt: skip
    try:
        if row["head_count"] is None:
            times = NewSession(starts_at=starts, ends_at=ends, capacity=row["capacity"])
            plan_event(actor=actor, new=NewEvent(activity=activity, sessions=[times], **own), key=key)
        else:
            held = PastSession(
                key=key,
                new=activity,
                starts_at=starts,
                ends_at=ends,
                head_count=row["head_count"],
                capacity=row["capacity"],
            )
            enter_past_event(actor=actor, event=PastEvent(session=held, **own))
    except Refused as refusal:
        raise _at(refusal) from refusal
    return "added"


def _times(row: ImportRow) -> tuple[dt.datetime, dt.datetime]:
    over = rules.DAY if row["ends"] <= row["starts"] else dt.timedelta()
    starts = dt.datetime.combine(row["day"], row["starts"], clock.DISTRICT_ZONE)
    return starts, dt.datetime.combine(row["day"] + over, row["ends"], clock.DISTRICT_ZONE)


def _key(row: ImportRow, organiser: int, starts: dt.datetime) -> UUID:
    return books.key_of("row", row["place"], organiser, row["title"].strip(), starts.isoformat())


def _organiser(actor: Actor, row: ImportRow) -> int:
    """By name among units in force that the actor may announce for; without a name the actor's one unit."""
    own = organising_units(actor)
    if not row["organiser"]:
        if len(own) == 1:
            return own[0]
        raise RuleViolation(_("请写明组织单位。"), field="organiser")
    name = row["organiser"].strip()
    near = within("place_code", [row["place"][:6]])
    found = list(
        UnitVersion.objects.in_force().filter(near, name=name).values_list("unit_id", flat=True)[:20]
    )
    allowed = [unit for unit in found if may_organise(actor, unit, row["place"])]
    if len(allowed) != 1:
        said = _("没有找到您可以代为发布的单位“%s”。") if not allowed else _("有几个单位叫“%s”，请另行登记。")
        raise RuleViolation(said % name[:40], field="organiser")
    return allowed[0]


def _series(row: ImportRow) -> int | None:
    if not row["series"]:
        return None
    name, places = row["series"].strip(), [*ancestors_of(row["place"]), row["place"]]
    rows = Series.objects.filter(place_code__in=places, name=name).order_by("-place_code", "-valid_from")
    found = next((each for each in rows if each.holds_on()), None)
    if found is None:
        raise RuleViolation(_("这里没有“%s”这个系列，请先设立。") % name[:40], field="series")
    return found.pk


@transaction.atomic
def import_series(actor: Actor, row: ImportRow) -> Outcome:
    known = Series.objects.in_force().filter(place_code=row["place"], name=row["name"].strip()).first()
    about = (row["about"] or "").strip()
    try:
        if known is None:
            open_series(
                actor=actor,
                place_code=row["place"],
                name=row["name"],
                about=about,
                valid_from=row["valid_from"],
            )
            return "added"
        if known.about == about or not about:
            return "unchanged"
        describe_series(actor=actor, series_id=known.pk, about=about)
        return "changed"
    except Refused as refusal:
        raise _at(refusal) from refusal

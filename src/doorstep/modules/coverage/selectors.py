"""Reading organisations: what covers each on a day is read from the rows in force, and stands nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Left
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.selectors import outlines_below
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, within
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.models import Covering, Gap, HeadCount, Profile
from doorstep.modules.coverage.policies import CADRE, INSTRUCTOR

KINDS = ("company", "social_organisation", "property_company")
PARTY = "company_party_organisation"
STATE_NAMES: dict[str, Promise] = {
    rules.OWN: _("单独组建"), rules.JOINT: _("联合组建"), rules.INSTRUCTOR: _("有入企干部联系"), rules.GAP: _("覆盖空白"),
}  # fmt: skip


def there(on: dt.date, prefix: str = "") -> Q:
    """Organisations that exist on the day. `prefix`: a path to the profile."""
    founded = Q(**{f"{prefix}unit__founded_on__lte": on})
    ended = Q(**{f"{prefix}unit__ended_on__isnull": True}) | Q(**{f"{prefix}unit__ended_on__gt": on})
    return founded & ended


def standing(on: dt.date, prefix: str = "") -> Q:
    """Coverings that hold on the day, by a party organisation that is in force then."""
    ended = Q(**{f"{prefix}party__ended_on__isnull": True}) | Q(**{f"{prefix}party__ended_on__gt": on})
    return in_force(on, prefix) & Q(**{f"{prefix}party__founded_on__lte": on}) & ended


def cadres_on(on: dt.date) -> QuerySet[Appointment]:
    """Enterprise cadres in office on the day who are instructors too: both posts, or neither counts."""
    both = Appointment.objects.filter(in_force(on), post=INSTRUCTOR, person=OuterRef("person"))
    return Appointment.objects.filter(in_force(on), Exists(both), post=CADRE)


def instructors_on(on: dt.date) -> QuerySet[Appointment]:
    """Who holds both posts on the day: their appointment as an instructor."""
    both = Appointment.objects.filter(in_force(on), post=CADRE, person=OuterRef("person"))
    return Appointment.objects.filter(in_force(on), Exists(both), post=INSTRUCTOR)


def with_state(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """`rows` of profiles with `staff`, `full`, `probationary` (None where never counted), `form`, `state`."""
    counts = HeadCount.objects.filter(in_force(on), organisation=OuterRef("pk"))
    covering = Covering.objects.filter(standing(on), organisation=OuterRef("pk"))
    number = {"output_field": IntegerField()}
    rows = rows.annotate(
        staff=Subquery(counts.values("staff")[:1], **number),
        full=Subquery(counts.values("full")[:1], **number),
        probationary=Subquery(counts.values("probationary")[:1], **number),
        form=Coalesce(Subquery(covering.values("form")[:1]), Value(""), output_field=CharField()),
    )
    by_instructor = Exists(cadres_on(on).filter(unit=OuterRef("unit")))
    members = Coalesce("full", Value(0))
    rows = rows.annotate(members=members)
    return rows.annotate(
        state=Case(
            When(~Q(form=""), then="form"),
            When(Q(by_instructor, members=0), then=Value(rules.INSTRUCTOR)),
            default=Value(rules.GAP), output_field=CharField(),
        )
    )  # fmt: skip


def organisations(actor: Actor, on: dt.date | None = None, place_code: str = "") -> QuerySet[Any]:
    """Those that exist for the actor, on the day, in the place."""
    day = on or clock.today()
    rows = policy_for(Profile).visible_to(actor).filter(there(day))
    return rows.filter(within("place_code", [place_code])) if place_code else rows


def seen(actor: Actor, pk: int) -> Profile:
    """Raises NotVisible."""
    row: Profile | None = policy_for(Profile).visible_to(actor).select_related("unit").filter(pk=pk).first()
    if row is None:
        raise NotVisible(_t("没有找到这个组织。"))
    return row


def named(rows: Iterable[Profile], on: dt.date | None = None) -> dict[int, str]:
    """By unit, what each is called on the day, or was last called. One query."""
    ids = {row.unit_id for row in rows}
    found: dict[int, str] = {}
    for version in UnitVersion.objects.filter(unit_id__in=ids).order_by("valid_from"):
        if version.unit_id not in found or on is None or version.valid_from <= on:
            found[version.unit_id] = version.name
    return found


def by_state(actor: Actor, place_code: str, on: dt.date) -> dict[str, int]:
    """How many organisations of the place are in each state. One query."""
    rows = with_state(organisations(actor, on, place_code), on).values("state").annotate(n=Count("pk"))
    found = {row["state"]: row["n"] for row in rows.order_by("state")}
    return {state: found.get(state, 0) for state in rules.STATES}


def by_place(actor: Actor, place_code: str, on: dt.date) -> dict[str, dict[str, int]]:
    """The same by the places one level below. One query."""
    below = level_below(place_code) if len(place_code) < LENGTHS["community"] else None
    if below is None:
        return {}
    rows = with_state(organisations(actor, on, place_code), on).annotate(
        below=Left("place_code", LENGTHS[below])
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows.values("below", "state").annotate(n=Count("pk")).order_by("below"):
        found.setdefault(row["below"], dict.fromkeys(rules.STATES, 0))[row["state"]] = row["n"]
    return found


def features(actor: Actor, place_code: str, on: dt.date) -> dict[str, Any]:
    """The organisations of the place as points with their state in words, over the outlines of the places below. GeoJSON. Three
    queries."""
    ground = (
        outlines_below(actor, place_code, on)["features"] if len(place_code) < LENGTHS["community"] else []
    )
    rows = list(with_state(organisations(actor, on, place_code), on).order_by("pk"))
    names = named(rows, on)
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(row.longitude, 6), round(row.latitude, 6)]},
            "properties": {
                "id": row.pk, "name": names.get(row.unit_id, ""), "mark": rules.STATES.index(row.state) + 1,
                "strong": row.state == rules.GAP, "value_text": str(STATE_NAMES[row.state]),
            },
        }
        for row in rows
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": [*ground, *points]}


def gaps(actor: Actor, place_code: str) -> QuerySet[Gap]:
    """Open gaps of the place: those without a plan first, then by the day they are planned for."""
    rows = policy_for(Gap).visible_to(actor).filter(within("place_code", [place_code]), matter__is_open=True)
    return rows.select_related("matter", "organisation").order_by("matter__due_at", "pk")


@dataclass(frozen=True)
class PartyChoice:
    """A joint branch with room: how many units it has."""

    unit_id: int
    name: str
    units: int


def joint_parties(actor: Actor, place_code: str, most: int) -> list[PartyChoice]:
    """Joint branches of the street that have room. Two queries."""
    rows = Covering.objects.filter(standing(clock.today()), form="joint")
    rows = rows.filter(pk__in=policy_for(Covering).visible_to(actor).values("pk"))
    counted: Mapping[int, int] = dict(
        rows.filter(within("place_code", [place_code[: LENGTHS["street"]]]))
        .values("party")
        .annotate(n=Count("pk"))
        .values_list("party", "n")
    )
    room = {unit: n for unit, n in counted.items() if n < most}
    names = dict(UnitVersion.objects.in_force().filter(unit_id__in=room).values_list("unit_id", "name"))
    found = [PartyChoice(unit, names[unit], n) for unit, n in room.items() if unit in names]
    return sorted(found, key=lambda one: (one.name, one.unit_id))

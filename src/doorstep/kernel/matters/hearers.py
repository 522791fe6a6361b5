"""Who hears of something: persons by their part in a matter, for many matters at once, in at most a few queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery

from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.matters.laws import Part
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.matters.notices import FOLLOWER
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace, UnitVersion
from doorstep.kernel.organisations.reach import follows_coverage, places_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.place_codes import contains


@dataclass(frozen=True, kw_only=True)
class Told:
    """One thing that happened to one matter, and the parts that hear of it. `persons`: others, each as a part."""

    matter: Matter
    key: str
    parts: tuple[Part, ...] = ()
    persons: tuple[tuple[int, str], ...] = ()
    due_at: dt.datetime | None = None
    to_followers: bool = True
    is_new: bool = False


Hearer = tuple[Told, int, str]


def hearers(told: Sequence[Told], but: int | None = None) -> list[Hearer]:
    """Each person once for each thing told, never `but` (who did it). At most four queries, whatever the number."""
    followers, called = _participants(told)
    officers = officers_of(_units_of(told, called))
    found: list[Hearer] = []
    for one in told:
        seen = {but} if but is not None else set()
        for person_id, part in _of(one, followers, called, officers):
            if person_id not in seen:
                seen.add(person_id)
                found.append((one, person_id, part))
    return found


def _of(
    one: Told,
    followers: dict[int, list[tuple[int, bool]]],
    called: dict[int, list[tuple[int, str]]],
    officers: dict[int, list[tuple[int, list[str]]]],
) -> Iterable[tuple[int, str]]:
    matter = one.matter
    yield from one.persons
    for part in one.parts:
        if part == "reporter":
            yield from ((pk, part) for pk in (matter.reporter_id, matter.teller_id) if pk is not None)
        elif part == "handler" and matter.handler_id is not None:
            yield matter.handler_id, part
        elif part in ("holder", "asked"):
            unit_id = matter.holder_id if part == "holder" else matter.asked_id
            for person_id, places in officers.get(unit_id or 0, []):
                if any(contains(place, matter.place_code) for place in places):
                    yield person_id, part
        elif part == "called":
            for unit_id, called_as in called.get(matter.pk, []):
                yield from ((person_id, called_as) for person_id, _places in officers.get(unit_id, []))
    if one.to_followers:
        for person_id, outside in followers.get(matter.pk, []):
            if not outside or "reporter" in one.parts:
                yield person_id, FOLLOWER


def _participants(
    told: Sequence[Told],
) -> tuple[dict[int, list[tuple[int, bool]]], dict[int, list[tuple[int, str]]]]:
    """Followers (and whether they follow from outside: as a neighbour, or because their own report was merged into
    it), units called (and whether to take part or to lead)."""
    followers: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    called: dict[int, list[tuple[int, str]]] = defaultdict(list)
    ids = [one.matter.pk for one in told if not one.is_new]
    if not ids:
        return followers, called
    merged = Matter.objects.filter(
        Q(reporter=OuterRef("person")) | Q(teller=OuterRef("person")), main=OuterRef("matter")
    )
    rows = Participation.objects.filter(matter_id__in=ids).annotate(outside=Exists(merged)).order_by("pk")
    for matter_id, unit_id, person_id, part, outside in rows.values_list(
        "matter_id", "unit_id", "person_id", "part", "outside"
    ):
        if unit_id is not None:
            called[matter_id].append((unit_id, part))
        else:
            followers[matter_id].append((person_id, outside or part == Participation.NEIGHBOUR))
    return followers, called


def _units_of(told: Sequence[Told], called: dict[int, list[tuple[int, str]]]) -> set[int]:
    units: set[int] = set()
    for one in told:
        if "holder" in one.parts and one.matter.holder_id is not None:
            units.add(one.matter.holder_id)
        if "asked" in one.parts and one.matter.asked_id is not None:
            units.add(one.matter.asked_id)
        if "called" in one.parts:
            units.update(unit_id for unit_id, _part in called.get(one.matter.pk, []))
    return units


def officers_of(units: set[int]) -> dict[int, list[tuple[int, list[str]]]]:
    """Unit → persons in office there today who take matters on, with the places of each. One small query, and those of
    `places_of` for units that reach over what they cover."""
    found: dict[int, list[tuple[int, list[str]]]] = defaultdict(list)
    if not units:
        return found
    today = clock.today()
    covering: list[int] = []
    for pk, unit_id, kind, post, person_id, codes, place, first in _in_office(tuple(sorted(units)), today):
        if follows_coverage(kind, post):
            covering.append(pk)
        else:
            found[unit_id].append((person_id, codes or [place or first]))
    if covering:
        rows = Appointment.objects.filter(pk__in=covering)
        held = list(rows.select_related("unit").prefetch_related("places").order_by("pk"))
        places = places_of(held, today)
        for row in held:
            found[row.unit_id].append((row.person_id, list(places[row.pk])))
    return found


def _read_in_office(units: tuple[int, ...], day: dt.date) -> list[tuple[Any, ...]]:
    own = AppointmentPlace.objects.filter(appointment=OuterRef("pk")).values("code")
    stands = UnitVersion.objects.filter(in_force(day), unit=OuterRef("unit_id")).values("place_code")[:1]
    posts = [post for post in POSTS if HANDLE in capabilities_of(post)]
    rows = Appointment.objects.in_force(day).filter(unit_id__in=units, post__in=posts)
    return list(
        rows.annotate(own=ArraySubquery(own), stands=Subquery(stands))
        .order_by("pk")
        .values_list("pk", "unit_id", "unit__kind", "post", "person_id", "own", "stands", "place_code")
    )


_in_office = Kept(
    _read_in_office,
    "organisations_appointment",
    "organisations_appointmentplace",
    "organisations_unitversion",
)

"""What the pages of partners show: a place at a glance, a community's joint committee, a partner unit, a unit's own day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.obligations.selectors import DUE, KEPT, LATE, OVERDUE, Owed, owed_by_rule
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, level_of, within
from doorstep.kernel.web.frame.naming import full_names_of, names_of
from doorstep.modules.partnership.committee import OWN_POSTS, PART_TIME, voting_members
from doorstep.modules.partnership.models import (
    Agreement,
    Consultation,
    Gathering,
    Institution,
    Nomination,
    Pairing,
    Resolution,
    Topic,
)
from doorstep.modules.partnership.numbers import SEATS, number_on
from doorstep.modules.partnership.policies import VIEW, acting_units
from doorstep.modules.partnership.selectors import acting_agreements, community_unit, covering

SHOWN = 12


@dataclass(frozen=True)
class Line:
    """An institution, and what became of what its rules asked for this year up to today."""

    institution: Institution
    kept: int
    late: int
    overdue: int
    due: int


@dataclass(frozen=True)
class Part:
    """A place below: how many partner units, seats and resolutions under way."""

    code: str
    name: str
    partners: int
    seats: int
    open_resolutions: int


@dataclass(frozen=True)
class PlacePage:
    """A place's partners and seats in force, resolutions open and kept, its institutions, and the same of the places below it."""

    code: str
    name: str
    partners: int
    seats: int
    open_resolutions: int
    kept_resolutions: int
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    agreements: tuple[Agreement, ...]
    meetings: tuple[Consultation, ...]
    pairings: tuple[Pairing, ...]
    names: dict[int, str]


def place_page(actor: Actor, code: str) -> PlacePage:
    """A place at a glance, whatever its size: a dozen queries. Raises NotVisible outside the actor's places."""
    if not actor.holds(VIEW, code):
        raise NotVisible("")
    today = clock.today()
    here = within("place_code", [code])
    agreements = Agreement.objects.in_force(today).filter(here)
    seats = Appointment.objects.in_force(today).filter(here, post=PART_TIME)
    resolutions = Resolution.objects.filter(here)
    meetings = Consultation.objects.filter(here, cancelled_at=None, ends_at__gte=clock.now()).order_by(
        "starts_at", "pk"
    )
    pairings = Pairing.objects.in_force(today).filter(here).order_by("place_code", "pk")
    shown = tuple(agreements.order_by("valid_to", "pk")[:SHOWN])
    paired = tuple(pairings[:SHOWN])
    coming = tuple(meetings[:SHOWN])
    ids = (
        {row.unit_id for row in shown}
        | {row.department_id for row in paired}
        | {row.community_id for row in paired}
    )
    return PlacePage(
        code=code, name=full_names_of({code}).get(code, code), partners=agreements.values("unit").distinct().count(),
        seats=seats.count(), open_resolutions=resolutions.filter(matter__is_open=True).count(),
        kept_resolutions=resolutions.filter(matter__state="kept").count(), lines=institution_lines(actor, code),
        parts=_parts(code, agreements, seats, resolutions), agreements=shown, meetings=coming, pairings=paired,
        names=last_names(ids | {row.unit_id for row in coming}),
    )  # fmt: skip


def institution_lines(actor: Actor, code: str) -> tuple[Line, ...]:
    """Each institution with what its rules asked for this year, as far as the actor may see it. Two queries."""
    today = clock.today()
    owed = {
        row.key: row
        for row in owed_by_rule(actor, code, dt.date(today.year, 1, 1), dt.date(today.year, 12, 31))
    }
    rows = Institution.objects.in_force(today).filter(place_code=code[: LENGTHS["county"]])
    return tuple(
        _line(row, [owed[rule] for rule in row.rules if rule in owed]) for row in rows.order_by("pk")
    )


def _line(row: Institution, owed: list[Owed]) -> Line:
    total = {state: sum(each.counts.get(state, 0) for each in owed) for state in (KEPT, LATE, OVERDUE, DUE)}
    return Line(row, total[KEPT], total[LATE], total[OVERDUE], total[DUE])


def _parts(code: str, *rows: QuerySet[Any]) -> tuple[Part, ...]:
    """By the places one level below. Three queries and one for names; none for a community."""
    below = level_below(level_of(code))
    if below is None or len(code) >= LENGTHS["community"]:
        return ()
    length = LENGTHS[below]
    agreements, seats, resolutions = rows
    found = [
        _by_place(agreements, length, Count("unit", distinct=True)), _by_place(seats, length, Count("pk")),
        _by_place(resolutions.filter(matter__is_open=True), length, Count("pk")),
    ]  # fmt: skip
    codes = sorted({key for counts in found for key in counts if len(key) == length})
    names = names_of(codes)
    return tuple(Part(key, names.get(key, key), *(counts.get(key, 0) for counts in found)) for key in codes)


def _by_place(rows: QuerySet[Any], length: int, counted: Count) -> dict[str, int]:
    found = rows.annotate(part=Left("place_code", length)).order_by().values("part").annotate(n=counted)
    return {row["part"]: row["n"] for row in found}


@dataclass(frozen=True)
class Member:
    """Somebody on the joint committee today. `unit`: where a part-time one comes from."""

    appointment: Appointment
    part_time: bool
    name: str
    unit: str = ""
    unit_id: int | None = None
    affiliation: str = ""


@dataclass(frozen=True)
class CommitteePage:
    """The joint committee: members, how many of them vote and how many part-time ones there may be, its sessions and resolutions."""

    unit: UnitVersion
    where: str
    members: tuple[Member, ...]
    voting: int
    most: int
    nominations: tuple[Nomination, ...]
    coming: tuple[Consultation, ...]
    past: tuple[Minutes, ...]
    open: tuple[Resolution, ...]
    kept: tuple[Resolution, ...]
    kept_count: int
    lines: tuple[Line, ...]
    names: dict[int, str]

    @property
    def part_time(self) -> int:
        return sum(member.part_time for member in self.members)


def committee_page(actor: Actor, code: str) -> CommitteePage:
    """The joint committee of a community on one page: members, sessions, resolutions. Raises NotVisible."""
    unit = community_unit(code)
    if unit is None or not actor.holds(VIEW, unit.place_code):
        raise NotVisible("")
    members = _members(unit)
    meetings = Consultation.objects.filter(unit_id=unit.unit_id, cancelled_at=None, minutes=None)
    past = Minutes.objects.filter(unit_id=unit.unit_id, kind="joint_meeting").select_related("consultation")
    rows = Resolution.objects.filter(place_code=unit.place_code).select_related("matter")
    open_ = tuple(rows.filter(matter__is_open=True).order_by("matter__due_at", "pk")[:SHOWN])
    kept = rows.filter(matter__state="kept")
    last = tuple(kept.order_by("-matter__closed_at", "-pk")[:SHOWN])
    waiting = policy_for(Nomination).visible_to(actor).filter(community_id=unit.unit_id, matter__is_open=True)
    nominations = tuple(waiting.select_related("matter").order_by("pk")[:SHOWN])
    ids = {row.unit_id for row in (*open_, *last)} | {row.unit_id for row in nominations}
    return CommitteePage(
        unit=unit, where=full_names_of({unit.place_code}).get(unit.place_code, ""), members=members,
        voting=voting_members(unit.unit_id, clock.today()) or 0, most=number_on(SEATS), nominations=nominations,
        coming=tuple(meetings.order_by("starts_at", "pk")[:SHOWN]),
        past=tuple(past.order_by("-day", "-pk")[:SHOWN]), open=open_, kept=last, kept_count=kept.count(),
        lines=institution_lines(actor, unit.place_code), names=last_names(ids),
    )  # fmt: skip


def _members(unit: UnitVersion) -> tuple[Member, ...]:
    """Own members first, in the order of their posts. Whoever sits on the committee is known by name. Three queries."""
    posts = (*OWN_POSTS, PART_TIME)
    rows = list(
        Appointment.objects.in_force()
        .filter(unit_id=unit.unit_id, post__in=posts, substitute_for=None)
        .select_related("person")
        .order_by("pk")
    )
    rows.sort(key=lambda row: posts.index(row.post))
    seats = {row.appointment_id: row for row in Nomination.objects.filter(appointment__in=rows)}
    units = last_names({row.unit_id for row in seats.values()})
    found = []
    for row in rows:
        seat = seats.get(row.pk)
        found.append(
            Member(
                row, row.post == PART_TIME, row.person.name, units.get(seat.unit_id, "") if seat else "",
                seat.unit_id if seat else None, seat.affiliation if seat else "",
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True)
class UnitPage:
    """A partner unit: what it agreed, its people's seats, what it took on and did."""

    version: UnitVersion
    where: str
    agreements: tuple[tuple[Agreement, str], ...]
    in_force: bool
    liaisons: tuple[str, ...]
    seats: tuple[tuple[Nomination, str], ...]
    open: tuple[Resolution, ...]
    kept: tuple[Resolution, ...]
    kept_count: int
    topics: tuple[Topic, ...]
    gatherings: tuple[Gathering, ...]
    own: bool


def unit_page(actor: Actor, unit_id: int) -> UnitPage:
    """One partner unit, as far as the actor sees it. Raises NotVisible for who sees none of its agreements."""
    own = unit_id in acting_units(actor)
    rows = list(
        policy_for(Agreement).visible_to(actor).filter(unit_id=unit_id).order_by("-valid_from", "-pk")[:SHOWN]
    )
    version = UnitVersion.objects.filter(unit_id=unit_id).order_by("-valid_from").first()
    if version is None or not (rows or own):
        raise NotVisible("")
    places = names_of({row.place_code for row in rows})
    seats = list(
        policy_for(Nomination)
        .visible_to(actor)
        .filter(unit_id=unit_id)
        .select_related("matter", "appointment")
    )
    resolutions = policy_for(Resolution).visible_to(actor).filter(unit_id=unit_id).select_related("matter")
    kept = resolutions.filter(matter__state="kept")
    liaisons = Appointment.objects.in_force().filter(unit_id=unit_id, post="unit_liaison")
    names = names_seen(actor, {seat.person_id for seat in seats})
    gatherings = policy_for(Gathering).visible_to(actor).filter(units=unit_id).select_related("activity")
    topics = policy_for(Topic).visible_to(actor).filter(unit_id=unit_id).select_related("consultation")
    return UnitPage(
        version=version, where=full_names_of({version.place_code}).get(version.place_code, ""),
        agreements=tuple((row, places.get(row.place_code, row.place_code)) for row in rows),
        in_force=any(row.holds_on() for row in rows), liaisons=tuple(liaisons.order_by("pk").values_list("person__name", flat=True)),
        seats=tuple((seat, names.get(seat.person_id, "")) for seat in seats),
        open=tuple(resolutions.filter(matter__is_open=True).order_by("matter__due_at", "pk")[:SHOWN]),
        kept=tuple(kept.order_by("-matter__closed_at", "-pk")[:SHOWN]), kept_count=kept.count(),
        topics=tuple(topics.order_by("-pk")[:SHOWN]), gatherings=tuple(gatherings.order_by("-pk")[:SHOWN]), own=own,
    )  # fmt: skip


def names_seen(actor: Actor, persons: Iterable[int]) -> dict[int, str]:
    """Names of those of the persons that exist for the actor. One query."""
    rows = persons_for(actor).filter(pk__in=set(persons), erased_at__isnull=True)
    return dict(rows.values_list("pk", "name"))


@dataclass(frozen=True)
class OwnPage:
    """What somebody who acts for units meets first on a phone."""

    units: tuple[tuple[int, str], ...]
    agreements: tuple[tuple[Agreement, str], ...]
    to_do: tuple[Resolution, ...]
    meetings: tuple[tuple[Consultation, str], ...]
    pairings: tuple[tuple[Pairing, str], ...]


def own_page(actor: Actor) -> OwnPage:
    """Raises NotVisible for who acts for no unit. Eight queries at most."""
    units = acting_units(actor)
    if not units:
        raise NotVisible("")
    names, now = last_names(units), clock.now()
    agreements = list(acting_agreements(units).filter(in_force())[:SHOWN])
    pairings = list(
        Pairing.objects.in_force().filter(department_id__in=units).order_by("place_code", "pk")[:SHOWN]
    )
    meetings = list(coming_meetings(agreements).filter(ends_at__gte=now).order_by("starts_at", "pk")[:SHOWN])
    places = names_of({row.place_code for row in (*agreements, *pairings, *meetings)})
    to_do = Resolution.objects.filter(unit_id__in=units, matter__state__in=("resolved", "running"))
    return OwnPage(
        units=tuple((unit, names.get(unit, "")) for unit in units),
        agreements=tuple((row, places.get(row.place_code, "")) for row in agreements),
        to_do=tuple(to_do.select_related("matter").order_by("matter__due_at", "pk")[:SHOWN]),
        meetings=tuple((row, places.get(row.place_code, "")) for row in meetings),
        pairings=tuple((row, places.get(row.place_code, "")) for row in pairings),
    )


def coming_meetings(agreements: Iterable[Agreement]) -> QuerySet[Consultation]:
    """Meetings not called off in the places of these agreements."""
    return Consultation.objects.filter(
        within("place_code", [row.place_code for row in agreements]), cancelled_at=None
    )


def own_resolution(actor: Actor, matter_id: int) -> Resolution:
    """A resolution of a unit the actor acts for. Raises NotVisible."""
    rows = Resolution.objects.filter(pk=matter_id, unit_id__in=acting_units(actor))
    row = rows.select_related("matter", "minutes", "topic").first()
    if row is None:
        raise NotVisible("")
    return row


def open_matters(actor: Actor, kind: str, states: Iterable[str], capability: str) -> QuerySet[Matter]:
    """Open matters of a kind in these states over the actor's places, the nearest deadline first."""
    rows = Matter.objects.filter(
        within("place_code", actor.places_for(capability)), kind=kind, state__in=list(states), is_open=True
    )
    return rows.order_by("due_at", "pk")


def partner_choices(place_code: str) -> list[tuple[int, str]]:
    """Partner units of a community today (its street's included), by name."""
    units = Agreement.objects.filter(in_force(), covering(place_code)).values_list("unit_id", flat=True)
    return sorted(last_names(units).items(), key=lambda pair: pair[1])


def responsible_choices(place_code: str) -> list[tuple[int, str]]:
    """Who may be responsible for a resolution: offices of the place and its partners."""
    offices = UnitVersion.objects.in_force().filter(
        Q(kind="residents_committee", place_code=place_code)
        | Q(kind="street_office", place_code=place_code[: LENGTHS["street"]])
    )
    return [*offices.order_by("kind", "unit_id").values_list("unit_id", "name"), *partner_choices(place_code)]

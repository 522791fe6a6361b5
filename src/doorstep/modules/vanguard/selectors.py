"""Reading the vanguard: posts, areas and projects with whoever holds them; a member's own; who may stand in a shift.

Wishes: selectors_wishes. Call-ups: selectors_callups. What is told to employers: selectors_feedback.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import CONFIRMED, Attendance, Session
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.places.models import Area as PlaceArea
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.vanguard.drawing import size_in_words
from doorstep.modules.vanguard.models import (
    Area,
    AreaPlace,
    Holding,
    Member,
    Post,
    Project,
    ProjectActivity,
    Served,
)

SHIFT = "vanguard"  # kind of activity of a call-up's shifts
OFFICES = ("community_party_organisation", "residents_committee")
NOT_LEFT = Q(valid_to=None)  # who left today was a member today, and is one no more
HELD = {"post": Post, "area": Area, "project": Project}


def is_held(what: str, on: dt.date | None = None) -> Exists:
    """Condition on posts, areas or projects: somebody holds it on the day."""
    return Exists(Holding.objects.filter(in_force(on), **{what: OuterRef("pk")}))


def held_on(what: str, on: dt.date) -> QuerySet[Any]:
    """Posts, areas or projects in force on the day that somebody holds: those that figures count."""
    return HELD[what].objects.in_force(on).filter(is_held(what, on))


def holders_of(what: str, rows: Iterable[Any], on: dt.date | None = None) -> dict[int, Holding]:
    """Who holds each of these on the day. One query."""
    ids = [row.pk for row in rows]
    found = Holding.objects.filter(in_force(on), **{f"{what}__in": ids}).select_related("person")
    return {getattr(row, f"{what}_id"): row for row in found}


def own_member(actor: Actor) -> Member | None:
    """The actor as a member who reported in; None for anybody else. One query."""
    if actor.person_id is None:
        return None
    rows = Member.objects.filter(in_force(), NOT_LEFT, person_id=actor.person_id)
    return rows.select_related("employer", "person").first()


def may_stand(person_id: int | None, place_code: str) -> bool:
    """May this person sign up for a shift there: a member whom their community has seen, or a holder, of this district."""
    if person_id is None:
        return False
    here = within("place_code", [place_code[:6]])
    members = Member.objects.filter(
        here, in_force(), NOT_LEFT, person_id=person_id, received_at__isnull=False
    )
    return members.exists() or Holding.objects.filter(here, in_force(), person_id=person_id).exists()


def times_served(member_ids: Iterable[int], since: dt.date | None = None) -> dict[int, int]:
    """Person-times of members, from a day on. One query."""
    rows = Served.objects.filter(member__in=list(member_ids))
    rows = rows.filter(day__gte=since) if since else rows
    return dict(rows.values_list("member_id").annotate(n=Count("pk")).order_by())


def served_by(actor: Actor, most: int = 20) -> list[Served]:
    """What the actor served, the latest first."""
    rows = Served.objects.filter(person_id=actor.person_id or 0).select_related(
        "session__activity", "wish__matter"
    )
    return list(rows.order_by("-day", "-pk")[:most])


def unit_names(unit_ids: Iterable[int | None]) -> dict[int, str]:
    """What units are called today. One query."""
    found = versions_of({unit for unit in unit_ids if unit is not None})
    return {unit: row.name for unit, row in found.items()}


def employer_of(member: Member) -> str:
    """The name of a member's employer."""
    if member.employer_id is None:
        return member.employer_name
    return unit_names([member.employer_id]).get(member.employer_id, "")


def office_at(place_code: str) -> UnitVersion | None:
    """The unit that answers for wishes and members of a community: its party organisation, else its residents' committee."""
    rows = UnitVersion.objects.in_force().filter(place_code=place_code[:12], kind__in=OFFICES)
    return rows.order_by("kind", "unit_id").first()


@dataclass(frozen=True)
class Result:
    """What a project has come to: sessions held, person-times, people."""

    sessions: int
    times: int
    people: int


def results_of(project_ids: Sequence[int]) -> dict[int, Result]:
    """The results of projects, from attendances alone. Two queries."""
    links = ProjectActivity.objects.filter(project__in=project_ids).values_list("project_id", "activity_id")
    of_activity: dict[int, list[int]] = {}
    for project, activity in links:
        of_activity.setdefault(activity, []).append(project)
    rows = Attendance.objects.filter(
        session__activity__in=of_activity, session__state=CONFIRMED, struck=False
    )
    sessions: dict[int, set[int]] = {}
    people: dict[int, set[int]] = {}
    times: dict[int, int] = {}
    for activity, session, person in rows.values_list("session__activity_id", "session_id", "person_id"):
        for project in of_activity[activity]:
            sessions.setdefault(project, set()).add(session)
            people.setdefault(project, set()).add(person)
            times[project] = times.get(project, 0) + 1
    return {
        project: Result(len(sessions.get(project, ())), times.get(project, 0), len(people.get(project, ())))
        for project in project_ids
    }


def project_sessions(project: Project, most: int = 30) -> list[Session]:
    """The latest sessions of a project's activities."""
    rows = Session.objects.filter(activity__in=project.works.values("activity")).select_related("activity")
    return list(rows.order_by("-starts_at", "-pk")[:most])


def places_in_words(areas: Iterable[Area]) -> dict[int, str]:
    """The places of areas by name, and how large is what was drawn. Three queries."""
    rows = list(areas)
    parts = list(
        AreaPlace.objects.filter(area__in=[row.pk for row in rows]).select_related("compound", "building")
    )
    codes = {part.code for part in parts if part.code}
    names = dict(PlaceArea.objects.filter(code__in=codes).values_list("code", "name"))
    names |= dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))
    found: dict[int, list[str]] = {}
    for part in sorted(parts, key=lambda each: (each.code, each.pk)):
        thing = part.compound or part.building
        found.setdefault(part.area_id, []).append(thing.name if thing else names.get(part.code, part.code))
    for row in rows:
        if row.outline is not None:
            found.setdefault(row.pk, []).append(size_in_words(row.outline))
    return {area: "、".join(words) for area, words in found.items()}


def vacant(on: dt.date) -> QuerySet[Post]:
    """Posts in force that nobody holds on the day."""
    return Post.objects.in_force(on).filter(~is_held("post", on))


def in_service(on: dt.date) -> QuerySet[Member]:
    """Members who had reported in by the day and had served by then: each once, however often."""
    done = Served.objects.filter(member=OuterRef("pk"), day__lte=on)
    return Member.objects.filter(Q(valid_from__lte=on), Exists(done))

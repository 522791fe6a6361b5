"""What is worth a person's look in the records of service, by numbers alone: never a judgement, and nobody's position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from doorstep.kernel.activities.models import BY_CARD, BY_CODE, BY_LIST, CONFIRMED, Attendance
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.models import Appeal, Credit, Oddity, Volunteer
from doorstep.modules.volunteering.models_review import TAKEN_BACK, UPHELD
from doorstep.modules.volunteering.selectors import KIND, rule_values


@dataclass(frozen=True)
class Found:
    """One finding. `key`: the same again is the same finding."""

    key: str
    kind: str
    place_code: str
    session_id: int | None = None
    unit_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


# One after the other, at two communities, with too few minutes between: by times alone.
JOURNEYS = """
SELECT v.id, v.number, x.before_id, x.session_id, x.place, x.before_place, x.gap FROM (
    SELECT a.person_id, a.session_id, s.place_code AS place, s.confirmed_at,
        lag(a.session_id) OVER w AS before_id, lag(s.place_code) OVER w AS before_place,
        extract(epoch FROM a.in_at - lag(a.until) OVER w) / 60 AS gap
    FROM activities_attendance a JOIN activities_session s ON s.id = a.session_id
    WHERE s.kind = %(kind)s AND s.state = %(confirmed)s AND NOT a.struck AND s.day >= %(since)s
    WINDOW w AS (PARTITION BY a.person_id ORDER BY a.in_at)
) x JOIN volunteering_volunteer v ON v.person_id = x.person_id
WHERE x.gap < %(least)s AND left(x.place, 12) <> left(x.before_place, 12)
ORDER BY x.session_id, v.id
"""


def found_since(since: dt.date) -> Iterator[Found]:
    """All findings in confirmed services from a day on."""
    yield from _identical(since)
    yield from _late(since)
    yield from _journeys(since)
    yield from _one_confirmer()


def _of_services(since: dt.date) -> Any:
    rows = Attendance.objects.filter(
        session__kind=KIND, session__state=CONFIRMED, session__day__gte=since, struck=False
    )
    return rows.order_by()


def _identical(since: dt.date) -> Iterator[Found]:
    """To the second the same coming and going of several, each witnessed by itself: not ticked from one list."""
    least = rule_values()["oddity.identical"]
    rows = _of_services(since).filter(how_in__in=[BY_CODE, BY_CARD], how_out__in=[BY_CODE, BY_CARD])
    groups = rows.values("session", "session__place_code", "in_at", "out_at").annotate(people=Count("pk"))
    for row in groups.filter(people__gte=least).order_by("session"):
        facts = {"people": row["people"], "in": row["in_at"].isoformat(), "out": row["out_at"].isoformat()}
        key = f"identical:{row['session']}:{int(row['in_at'].timestamp())}:{int(row['out_at'].timestamp())}"
        yield Found(key, "identical", row["session__place_code"], row["session"], facts=facts)


def _late(since: dt.date) -> Iterator[Found]:
    least = rule_values()["oddity.late"]
    rows = _of_services(since).filter(how_in=BY_LIST).values("session", "session__place_code")
    for row in rows.annotate(people=Count("pk")).filter(people__gte=least).order_by("session"):
        key = f"late:{row['session']}"
        yield Found(key, "late", row["session__place_code"], row["session"], facts={"people": row["people"]})


def _journeys(since: dt.date) -> Iterator[Found]:
    parameters = {
        "kind": KIND, "confirmed": CONFIRMED, "since": since, "least": rule_values()["oddity.journey"],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(JOURNEYS, parameters)
        rows = cursor.fetchall()
    for volunteer, number, before, session, place, _before_place, gap in rows:
        facts = {"volunteer": number, "minutes": max(0, int(gap)), "before": before}
        key = f"journey:{before}:{session}:{volunteer}"
        yield Found(key, "journey", place, session, facts=facts)


def _one_confirmer() -> Iterator[Found]:
    """Once a quarter for a unit: how much of its hours one person confirmed."""
    values, today = rule_values(), clock.today()
    days = values["oddity.confirmer_days"]
    rows = Credit.objects.filter(day__gt=today - dt.timedelta(days=days), taken_back_at=None).order_by()
    sums = rows.values_list("session__activity__organiser", "session__confirmed_by").annotate(
        minutes=Sum("minutes")
    )
    by_unit: dict[int, dict[int | None, int]] = {}
    for unit, person, minutes in sums:
        by_unit.setdefault(unit, {})[person] = minutes
    found = {}
    for unit, minutes_of in by_unit.items():
        whole = sum(minutes_of.values())
        person, most = max(minutes_of.items(), key=lambda item: item[1])
        if (
            whole >= values["oddity.confirmer_hours"] * 60
            and most / whole >= values["oddity.confirmer_share"]
        ):
            found[unit] = (person, round(100 * most / whole), whole // 60)
    versions = versions_of(found)
    for unit, (person, share, hours) in sorted(found.items()):
        if unit in versions:
            key = f"one_confirmer:{unit}:{rules.quarter_of(today).isoformat()}"
            facts = {"share": share, "hours": hours, "days": days, "person": person}
            yield Found(key, "one_confirmer", versions[unit].place_code, unit_id=unit, facts=facts)


def attendances_of(session_id: int | None) -> QuerySet[Attendance]:
    """Who was there, in the order of coming; nobody where it is about no session."""
    return Attendance.objects.filter(session=session_id).select_related("person").order_by("in_at", "pk")


@dataclass(frozen=True)
class Untrue:
    """What somebody decided was not so about a service: `whole`, the service itself; `of`, the volunteers concerned whose
    appeal was not upheld since, by their keys."""

    whole: bool
    of: frozenset[int]


def untrue_of(session_id: int, volunteers: Sequence[Volunteer]) -> Untrue:
    """At most two queries."""
    rows = Oddity.objects.filter(session=session_id, decision=TAKEN_BACK).values_list("facts", "decided_at")
    decided = [(facts.get("volunteer"), at) for facts, at in rows if at is not None]
    last = {
        each.pk: max(at for number, at in decided if number in (None, each.number))
        for each in volunteers
        if any(number in (None, each.number) for number, _at in decided)
    }
    appeals = Appeal.objects.filter(session=session_id, outcome=UPHELD, volunteer__in=last)
    answered = appeals.order_by("answered_at").values_list("volunteer", "answered_at") if last else ()
    upheld = {pk: at for pk, at in answered if at is not None}
    of = {pk for pk, at in last.items() if pk not in upheld or upheld[pk] < at}
    return Untrue(any(number is None for number, _at in decided), frozenset(of))


def found_untrue(session_id: int, volunteer: Volunteer) -> bool:
    """Whether somebody decided that this service was not so, of the whole session or of this volunteer, and no appeal of
    theirs was upheld since. At most two queries."""
    return volunteer.pk in untrue_of(session_id, [volunteer]).of

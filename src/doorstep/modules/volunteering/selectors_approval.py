"""The queue of approval: each service with what the second person needs to see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from doorstep.kernel.activities.models import BY_LIST, Attendance, Session
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.places.models import Area
from doorstep.modules.volunteering.models import Oddity, Volunteer
from doorstep.modules.volunteering.models_review import WAITING
from doorstep.modules.volunteering.selectors import service_names


@dataclass(frozen=True)
class Waiting:
    """A confirmed service: who organised, where, how many were there, how many of them volunteer, from when to when, how many
    were put in afterwards, and whether something about it waits for a look."""

    session: Session
    organiser: str
    place: str
    kind: str
    there: int
    volunteers: int
    listed: int
    first_in: dt.datetime | None
    last_out: dt.datetime | None
    odd: bool

    @property
    def value(self) -> str:
        """Number and version: what is approved is what was seen."""
        return f"{self.session.pk}:{self.session.lock_version}"


def waiting(rows: QuerySet[Session], after: int | None, most: int) -> tuple[list[Waiting], int | None]:
    """A page of the queue, in the order of the sessions' numbers; and after which the next begins. Six queries."""
    rows = rows.order_by("pk")
    rows = rows.filter(pk__gt=after) if after else rows
    found = list(rows[: most + 1])
    shown = found[:most]
    described = _described([row.pk for row in shown])
    odd = set(
        Oddity.objects.filter(session__in=[row.pk for row in shown], decision=WAITING).values_list("session", flat=True)
    )  # fmt: skip
    names = last_names({row.activity.organiser_id for row in shown})
    places = dict(
        Area.objects.filter(code__in={row.place_code[:12] for row in shown}).values_list("code", "name")
    )
    kinds = dict(service_names())
    found_rows = [
        Waiting(
            row, names.get(row.activity.organiser_id, ""), places.get(row.place_code[:12], row.place_code),
            kinds.get(row.category, row.category), odd=row.pk in odd, **described.get(row.pk, _NOBODY),
        )
        for row in shown
    ]  # fmt: skip
    return found_rows, shown[-1].pk if len(found) > most else None


_NOBODY: dict[str, Any] = {"there": 0, "volunteers": 0, "listed": 0, "first_in": None, "last_out": None}


def _described(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    there = Attendance.objects.filter(session__in=ids, struck=False).order_by()
    known = Volunteer.objects.filter(left_on=None).values("person")
    sums: Any = there.values("session").annotate(
        there=Count("pk"), volunteers=Count("pk", filter=Q(person__in=known)),
        listed=Count("pk", filter=Q(how_in=BY_LIST)), first_in=Min("in_at"), last_out=Max("out_at"),
    )  # fmt: skip
    return {row["session"]: {name: row[name] for name in _NOBODY} for row in sums}

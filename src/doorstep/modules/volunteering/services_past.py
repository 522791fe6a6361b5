"""Approvals of the past at once, by COPY: thousands of sessions by the same rules, caps counted in the order of time.

For the platform alone: an office's own register of years before, the demo district. A session approved before is passed
over, so that a load that was cut off goes on.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import CONFIRMED, Attendance, Session
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.ledger.services import Posting, post_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.kernel.shared.kept import steady
from doorstep.modules.volunteering.models import Approval, Credit, Volunteer
from doorstep.modules.volunteering.rules import Caps, month_of
from doorstep.modules.volunteering.selectors import KIND, caps_on, expiry_of, minutes_by_day, service_kind
from doorstep.modules.volunteering.services_approval import confirmed_in_time
from doorstep.modules.volunteering.services_credits import (
    Accounts,
    Terms,
    Used,
    accounts_of,
    earnings,
    may_be_credited,
    month_range,
    new_credit,
    note_bookings,
    of_month,
)

BOOKED_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class PastApproval:
    """A session that was approved: when, and by whom (None: not known any more)."""

    session_id: int
    at: dt.datetime
    by_id: int | None = None


@transaction.atomic
def approve_past(*, actor: Actor, cases: Sequence[PastApproval]) -> int:
    """Bring approvals in, all or none, with credits and bookings; gives how many credits. Calls go in the order of time: what
    counts on a day is what was credited before. Raises PermissionError for anybody but the platform, ValueError for a
    session that is no confirmed service, has no rate, or whose approver confirmed it or was there."""
    if not actor.is_system:
        raise PermissionError("past approvals come in by the platform")
    known = set(Approval.objects.filter(session__in=[case.session_id for case in cases]).values_list("session", flat=True))  # fmt: skip
    fresh = {case.session_id: case for case in cases if case.session_id not in known}
    sessions = list(Session.objects.filter(pk__in=fresh).order_by("starts_at", "pk"))
    if not sessions:
        return 0
    there = _attendances(sessions)
    _check(fresh, sessions, there)
    with steady():  # the rules are not written to meanwhile
        approvals = _approvals(fresh, sessions)
        credits, volunteers = _credits(approvals, sessions, there)
    _book(actor, credits, accounts_of(volunteers), fresh)
    copy_rows(approvals)
    copy_rows(credits)
    _write_audit(actor, approvals, credits)
    return len(credits)


class _There(NamedTuple):
    person_id: int
    in_at: dt.datetime
    out_at: dt.datetime | None


def _attendances(sessions: Sequence[Session]) -> dict[int, list[_There]]:
    found: dict[int, list[_There]] = defaultdict(list)
    rows = Attendance.objects.filter(session__in=[row.pk for row in sessions], struck=False)
    for session, person, in_at, out_at in rows.values_list("session", "person", "in_at", "out_at"):
        found[session].append(_There(person, in_at, out_at))
    return found


def _check(
    cases: dict[int, PastApproval], sessions: Sequence[Session], there: dict[int, list[_There]]
) -> None:
    for session in sessions:
        by = cases[session.pk].by_id
        if session.kind != KIND or session.state != CONFIRMED:
            raise ValueError(f"session {session.pk} is no confirmed service")
        if by is not None and (
            by == session.confirmed_by_id or any(row.person_id == by for row in there[session.pk])
        ):
            raise ValueError(f"session {session.pk} was approved by who confirmed it or was there")


def _approvals(cases: dict[int, PastApproval], sessions: Sequence[Session]) -> list[Approval]:
    return [
        Approval(
            pk=number, session=session, place_code=session.place_code, at=cases[session.pk].at,
            by_id=cases[session.pk].by_id, within_48h=confirmed_in_time(session),
        )
        for number, session in zip(take_numbers(Approval, len(sessions)), sessions, strict=True)
    ]  # fmt: skip


def _credits(
    approvals: Sequence[Approval], sessions: Sequence[Session], there: dict[int, list[_There]]
) -> tuple[list[Credit], list[Volunteer]]:
    people = {row.person_id for rows in there.values() for row in rows if row.out_at is not None}
    volunteers = {
        row.person_id: row for row in Volunteer.objects.select_for_update().filter(person__in=people).order_by("pk")
    }  # fmt: skip
    used = minutes_by_day(
        [row.pk for row in volunteers.values()], *month_range([session.day for session in sessions])
    )
    months: Used = {}
    of_month(used, months)
    kept = _TermsKept()
    now = clock.now()  # an office's list of volunteers may come in together with its list of services
    made = []
    for approval, session in zip(approvals, sessions, strict=True):
        terms = kept.at(session.category, session.place_code, session.day)
        for row in there[session.pk]:
            volunteer = volunteers.get(row.person_id)
            if volunteer is None or row.out_at is None:
                continue
            if not may_be_credited(volunteer, session.day, now):
                continue
            day, month = (volunteer.pk, session.day), (volunteer.pk, month_of(session.day))
            credit = new_credit(
                approval, session, volunteer.pk, row, terms, used.get(day, 0), months.get(month, 0)
            )
            used[day] = used.get(day, 0) + credit.minutes
            months[month] = months.get(month, 0) + credit.minutes
            made.append(credit)
    return made, list(volunteers.values())


class _TermsKept:
    """Terms by kind, place and day, each looked up once."""

    def __init__(self) -> None:
        self._caps: dict[dt.date, tuple[Caps, dt.date]] = {}
        self._terms: dict[tuple[str, str, dt.date], Terms] = {}

    def at(self, code: str, place_code: str, day: dt.date) -> Terms:
        key = code, place_code, day
        if key not in self._terms:
            if day not in self._caps:
                self._caps[day] = caps_on(day), expiry_of(day)
            kind = service_kind(code, place_code, day)
            if kind is None:
                raise ValueError(f"no rate for {code} at {place_code} on {day}")
            self._terms[key] = Terms(kind, *self._caps[day])
        return self._terms[key]


def _book(
    actor: Actor, credits: Sequence[Credit], accounts: Accounts, cases: dict[int, PastApproval]
) -> None:
    """Bookings of the day of each approval; minutes of all, then points of all."""
    by_day: dict[dt.date, list[Credit]] = defaultdict(list)
    for row in credits:
        by_day[clock.day_of(cases[row.session_id].at)].append(row)
    minutes: list[Posting] = []
    points: list[Posting] = []
    ordered = [row for day in sorted(by_day) for row in by_day[day]]
    for day in sorted(by_day):
        of_minutes, of_points = earnings(by_day[day], accounts, {}, day)
        minutes += of_minutes
        points += of_points
    note_bookings(ordered, _posted(actor, minutes), _posted(actor, points))


def _posted(actor: Actor, postings: Sequence[Posting]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(postings), BOOKED_AT_ONCE):
        found += [
            each.id for each in post_many(actor=actor, postings=postings[start : start + BOOKED_AT_ONCE])
        ]
    return found


def _write_audit(actor: Actor, approvals: Sequence[Approval], credits: Sequence[Credit]) -> None:
    told: dict[int, list[int]] = {row.pk: [0, 0, 0] for row in approvals}
    for credit in credits:
        sums = told[credit.approval_id]
        sums[0] += 1
        sums[1] += credit.minutes
        sums[2] += credit.points
    acts = []
    for row in approvals:
        count, minutes, points = told[row.pk]
        changes = {"credited": count, "minutes": minutes, "points": points}
        acts.append(Act("volunteering.approved", row, row.place_code, changes))
    record_many(actor, acts)

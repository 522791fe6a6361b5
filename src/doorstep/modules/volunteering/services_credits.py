"""Crediting: what one session brings one volunteer, its two bookings, and taking it back.

Callers have authorised, and hold the session's row and the volunteers' rows, in the order of their numbers.
Putting right afterwards: docs/adr/0032.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Count, F, QuerySet, Sum
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import Attendance, Session
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.ledger.selectors import balances
from doorstep.kernel.ledger.services import Move, Posting, post_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import set_rows
from doorstep.kernel.shared.errors import NotAllowed
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.books import (
    EARN,
    ISSUE,
    MINUTES,
    POINTS,
    SERVICE,
    TAKE_BACK,
    book,
    key_of,
    standing,
)
from doorstep.modules.volunteering.models import Approval, Credit, ServiceKind, Volunteer
from doorstep.modules.volunteering.rules import Caps
from doorstep.modules.volunteering.selectors import caps_on, expiry_of, minutes_by_day, service_kind
from doorstep.modules.volunteering.selectors_oddities import found_untrue
from doorstep.modules.volunteering.services_slip_ends import give_back_for, open_slips
from doorstep.modules.volunteering.slip_books import book_all

Used = dict[tuple[int, dt.date], int]


@dataclass(frozen=True)
class Terms:
    """What holds for a session on its day: the rate of its kind, the caps, and when its points end."""

    kind: ServiceKind
    caps: Caps
    expires_on: dt.date


def terms_of(session: Session) -> Terms | None:
    """None where no rule of the day knows the session's kind of service."""
    kind = service_kind(session.category, session.place_code, session.day)
    return None if kind is None else Terms(kind, caps_on(session.day), expiry_of(session.day))


def may_be_credited(volunteer: Volunteer, day: dt.date, known_at: dt.datetime) -> bool:
    """Whether a service of that day counts for this volunteer: registered when the session was approved, and on that day
    not gone."""
    return volunteer.registered_at <= known_at and (volunteer.left_on is None or volunteer.left_on > day)


def month_range(days: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """First and last day of the months that these days lie in."""
    return rules.month_of(min(days)), rules.months_after(rules.month_of(max(days)), 1) - dt.timedelta(days=1)


def of_month(used: Used, months: dict[tuple[int, dt.date], int]) -> None:
    """Adds minutes by day up to minutes by month."""
    for (volunteer, day), minutes in used.items():
        key = volunteer, rules.month_of(day)
        months[key] = months.get(key, 0) + minutes


class There(Protocol):
    """When somebody came and went."""

    @property
    def in_at(self) -> dt.datetime: ...
    @property
    def out_at(self) -> dt.datetime | None: ...


def new_credit(
    approval: Approval, session: Session, volunteer_id: int, row: There, terms: Terms, by_day: int, by_month: int
) -> Credit:  # fmt: skip
    """What the attendance brings, beside the minutes that count already on that day and in that month. Not written."""
    assert row.out_at is not None
    attended = rules.served_minutes(row.in_at, row.out_at, session.starts_at, session.ends_at)
    minutes, cut = rules.counted(attended, by_day, by_month, terms.caps)
    rate = terms.kind.points_per_hour
    points = rules.points_of(minutes, rate)
    return Credit(
        approval_id=approval.pk, session_id=session.pk, volunteer_id=volunteer_id, place_code=session.place_code,
        day=session.day, service=session.category, attended=attended, minutes=minutes, rate=rate, points=points, cut=cut,
        expires_on=terms.expires_on if points else None,
    )  # fmt: skip


@dataclass(frozen=True)
class Accounts:
    """The sources, and the volunteers' accounts: number of the volunteer → (points, minutes)."""

    points: int
    minutes: int
    of: Mapping[int, tuple[int, int]]


def accounts_of(volunteers: Sequence[Volunteer]) -> Accounts:
    of = {row.pk: (row.points_id, row.minutes_id) for row in volunteers}
    return Accounts(standing(book(POINTS), ISSUE).pk, standing(book(MINUTES), SERVICE).pk, of)


def earnings(
    credits: Sequence[Credit], accounts: Accounts, rounds: Mapping[tuple[int, int], int], day: dt.date
) -> tuple[list[Posting], list[Posting]]:
    """Bookings of minutes and of points for credits; `rounds`: how often (session, volunteer) was credited before."""
    minutes, points = [], []
    books = {code: book(code) for code in (MINUTES, POINTS)}
    for row in credits:
        turn = rounds.get((row.session_id, row.volunteer_id), 0)
        holder_points, holder_minutes = accounts.of[row.volunteer_id]
        shared: dict[str, Any] = {
            "kind": EARN, "about": f"session:{row.session_id}", "place_code": row.place_code, "day": day,
        }  # fmt: skip
        if row.minutes:
            key = key_of("minutes", row.session_id, row.volunteer_id, turn)
            move = Move(accounts.minutes, holder_minutes, row.minutes)
            minutes.append(Posting(book=books[MINUTES], key=key, moves=(move,), **shared))
        if row.points:
            key = key_of("points", row.session_id, row.volunteer_id, turn)
            move = Move(accounts.points, holder_points, row.points, row.expires_on)
            points.append(Posting(book=books[POINTS], key=key, moves=(move,), **shared))
    return minutes, points


def note_bookings(credits: Sequence[Credit], minutes: Sequence[int], points: Sequence[int]) -> None:
    """Put the bookings' numbers on the rows, in order; not written."""
    of_minutes, of_points = iter(minutes), iter(points)
    for row in credits:
        row.minutes_booking = next(of_minutes) if row.minutes else None
        row.points_booking = next(of_points) if row.points else None


def book_credits(actor: Actor, credits: Sequence[Credit], accounts: Accounts, rounds: Mapping[tuple[int, int], int]) -> None:  # fmt: skip
    """Book written credits: minutes, then points. The last of a transaction."""
    minutes, points = earnings(credits, accounts, rounds, clock.today())
    of_minutes = [each.id for each in post_many(actor=actor, postings=minutes)]
    of_points = [each.id for each in post_many(actor=actor, postings=points)]
    note_bookings(credits, of_minutes, of_points)
    set_rows(credits, ["minutes_booking", "points_booking"])


def rounds_of(session_ids: Sequence[int], volunteer_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """How often each was credited for each of these sessions before. One query."""
    rows = Credit.objects.filter(session__in=session_ids, volunteer__in=volunteer_ids).order_by()
    return {
        (session, volunteer): count
        for session, volunteer, count in rows.values_list("session", "volunteer").annotate(count=Count("pk"))
    }


def locked_for_slips() -> QuerySet[Volunteer]:
    """Volunteers, to be locked by who then locks their slips. Who hands a slip holds it and, by its key, looks at the
    volunteer's row: a full lock on that would have each wait for the other."""
    return Volunteer.objects.select_for_update(no_key=True).order_by("pk")


def take_back(actor: Actor, credits: Sequence[Credit], volunteers: Sequence[Volunteer]) -> int:
    """Take credits back: minutes whole; points whole where they are there, else as many as there are, wherever they were
    earned. Where the account holds too few, open slips are given up first, the newest first. Gives how many points were
    spent already and stay. The last of a transaction; a few statements, however many."""
    accounts = accounts_of(volunteers)
    slips = open_slips([row.volunteer_id for row in credits if row.points])
    held = balances([accounts.of[row.volunteer_id][0] for row in credits])
    books = {code: book(code) for code in (MINUTES, POINTS)}
    minutes, points, given_up = [], [], []
    for row in credits:
        holder_points, holder_minutes = accounts.of[row.volunteer_id]
        shared: dict[str, Any] = {
            "kind": TAKE_BACK, "about": f"session:{row.session_id}", "place_code": row.place_code,
        }  # fmt: skip
        if row.minutes:
            move = Move(holder_minutes, accounts.minutes, row.minutes)
            key = key_of("minutes-back", row.pk)
            minutes.append(
                Posting(book=books[MINUTES], key=key, moves=(move,), reverses=row.minutes_booking, **shared)
            )
        there, of_volunteer = held.get(holder_points, 0), slips.get(row.volunteer_id, [])
        while there < row.points and of_volunteer:
            given_up.append(of_volunteer.pop(0))
            there += given_up[-1].points
        taken = min(row.points, there)
        held[holder_points] = there - taken
        if taken:
            move = Move(holder_points, accounts.points, taken)
            whole = row.points_booking if taken == row.points else None
            key = key_of("points-back", row.pk)
            points.append(Posting(book=books[POINTS], key=key, moves=(move,), reverses=whole, **shared))
        row.taken_back_at, row.recovered = clock.now(), taken
    set_rows(credits, ["taken_back_at", "recovered"])
    record_many(actor, [_taken_back(row) for row in credits])
    returns = give_back_for(actor, given_up)
    post_many(actor=actor, postings=minutes)
    book_all(actor, [*returns, *points])
    return sum(row.points - (row.recovered or 0) for row in credits)


def _taken_back(row: Credit) -> Act:
    """What was booked, and what of it stays."""
    stays = row.points - (row.recovered or 0)
    changes = {"minutes": [row.minutes, 0], "points": [row.points, stays]}
    return Act("volunteering.taken_back", row, row.place_code, changes)


def follow_correction(actor: Actor, row: Attendance) -> None:
    """An attendance was put right: of an approved session the credit follows, by the rules of the session's day.

    Minutes always follow. Points are taken back as far as the account holds any, and what a session brought once and did
    not give back is not given again (docs/adr/0032). Nothing is credited to whom the approval passed over for not being
    a volunteer then, nor what was found untrue, unless an appeal was upheld since. Raises NotAllowed where the approver
    would add minutes.
    """
    approval = Approval.objects.filter(session=row.session_id).first()
    if approval is None:
        return
    volunteer = locked_for_slips().filter(person=row.person_id).first()
    if volunteer is None:
        return
    session = Session.objects.get(pk=row.session_id)
    old = Credit.objects.filter(session=session, volunteer=volunteer, taken_back_at=None).first()
    rounds = rounds_of([session.pk], [volunteer.pk])
    if not rounds and not may_be_credited(volunteer, session.day, approval.at):
        return
    if old is None and found_untrue(session.pk, volunteer):
        return
    new = _corrected(approval, session, volunteer, row, old)
    if old is None and new is None:
        return
    if old is not None and new is not None and (old.minutes, old.attended) == (new.minutes, new.attended):
        return
    if new is not None:
        _check_second_person(actor, approval, old.minutes if old else 0, new.minutes)
    if old is not None:
        take_back(actor, [old], [volunteer])
    if new is None:
        return
    kept = points_kept(session.pk, volunteer.pk)
    new.points = max(0, new.points - kept)
    new.expires_on = new.expires_on if new.points else None
    new.save()
    changes = {
        "minutes": [old.minutes if old else 0, new.minutes],
        "points": [old.points if old else 0, new.points],
        "points_kept": kept,
    }
    record(actor, Act("volunteering.credit_corrected", new, new.place_code, changes))
    book_credits(actor, [new], accounts_of([volunteer]), rounds)


def _check_second_person(actor: Actor, approval: Approval, before: int, after: int) -> None:
    if after > before and actor.person_id is not None and actor.person_id == approval.by_id:
        raise NotAllowed(_("这场服务是您审核的：要增加时长，请另一位来更正。"))


def points_kept(session_id: int, volunteer_id: int) -> int:
    """Points of this session that were spent before its credits were taken back, and so still are with the volunteer."""
    back = Credit.objects.filter(session=session_id, volunteer=volunteer_id, taken_back_at__isnull=False)
    return int(back.aggregate(kept=Sum(F("points") - F("recovered")))["kept"] or 0)


def _corrected(
    approval: Approval, session: Session, volunteer: Volunteer, row: Attendance, old: Credit | None
) -> Credit | None:
    """The credit that the attendance brings now; None for none."""
    terms = terms_of(session)
    if row.struck or row.out_at is None or terms is None:
        return None
    used = minutes_by_day([volunteer.pk], *month_range([session.day]))
    own = old.minutes if old else 0
    by_day = used.get((volunteer.pk, session.day), 0) - own
    return new_credit(approval, session, volunteer.pk, row, terms, by_day, sum(used.values()) - own)

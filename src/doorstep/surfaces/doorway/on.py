"""What is on: sessions as a phone shows them, and how somebody stands to one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.core import signing
from django.core.signing import BadSignature
from django.db.models import QuerySet
from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities import selectors
from doorstep.kernel.activities.kinds import is_kind, kind_of
from doorstep.kernel.activities.models import ANNOUNCED, CANCELLED, Session, SignUp
from doorstep.kernel.activities.selectors import Seats, Standing
from doorstep.kernel.activities.services_sign_up import Applicant
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.models import Volunteer
from doorstep.modules.volunteering.selectors import own_volunteer

DAYS = 14  # on one page
MOST = 60
GUARDIAN, GUARDIAN_SECONDS = "activities guardian", 14 * 24 * 3600


def page_elsewhere(actor: Actor, session_id: int) -> str:
    """Where the kind has the page of a session that is not public, for who signed up for it, now or once; else ""."""
    row = (
        SignUp.objects.filter(session=session_id, person=actor.person_id or 0)
        .select_related("session")
        .first()
    )
    kind = kind_of(row.session.kind) if row is not None and is_kind(row.session.kind) else None
    return kind.page(session_id) if kind is not None and kind.page is not None else ""


@dataclass(frozen=True)
class Line:
    """One session in a list."""

    session: Session
    kind_name: str | Promise
    category_name: str | Promise
    organiser: str
    seats: Seats

    @property
    def left(self) -> int | None:
        return self.seats.left(self.session)

    @property
    def is_cancelled(self) -> bool:
        return self.session.state == CANCELLED


def lines_of(sessions: Iterable[Session]) -> list[Line]:
    """Three queries for any number."""
    rows = list(sessions)
    seats = selectors.seats_of(row.pk for row in rows)
    units = versions_of({row.activity.organiser_id for row in rows})
    return [_line(row, seats[row.pk], units) for row in rows]


def _line(row: Session, seats: Seats, units: dict[int, UnitVersion]) -> Line:
    kind = kind_of(row.kind) if is_kind(row.kind) else None
    unit = units.get(row.activity.organiser_id)
    return Line(
        session=row, kind_name=kind.name if kind else row.kind,
        category_name=kind.category_name(row.category) if kind and row.category else "",
        organiser=unit.name if unit else "", seats=seats,
    )  # fmt: skip


@dataclass(frozen=True)
class Day:
    day: dt.date
    lines: list[Line]


def days_in(place: str, first: dt.date, kind: str = "") -> tuple[list[Day], bool]:
    """DAYS days of what is public in a place, from `first` on; and whether there was more than MOST. Four queries."""
    since = max(
        dt.datetime.combine(first, dt.time(), clock.DISTRICT_ZONE), clock.now() - dt.timedelta(hours=12)
    )
    until = dt.datetime.combine(first + dt.timedelta(days=DAYS), dt.time(), clock.DISTRICT_ZONE)
    found = selectors.public_sessions([place], since, until, kinds=[kind] if kind else [])
    rows = list(found[: MOST + 1])
    lines = lines_of(rows[:MOST])
    days = [Day(day, list(of_day)) for day, of_day in groupby(lines, key=lambda line: line.session.day)]
    return days, len(rows) > MOST


def week_in(place: str, most: int = 5) -> list[Line]:
    """What is on in a place within a week, the next first. Four queries, none for no place."""
    return lines_of(_week(place)[:most]) if place else []


def next_in(place: str) -> Session | None:
    """The next one that is not called off. One query."""
    return _week(place).filter(state=ANNOUNCED).first() if place else None


def _week(place: str) -> QuerySet[Session]:
    now = clock.now()
    return selectors.public_sessions([place], now, now + dt.timedelta(days=7))


@dataclass(frozen=True)
class Shown:
    """A session's page for one reader: what it is, how full, how they stand to it, what they may do."""

    line: Line
    standing: Standing
    volunteer: Volunteer | None
    may_join: bool
    is_on: bool
    guardian_link: str
    asks_year: bool

    @property
    def session(self) -> Session:
        return self.line.session


def shown(actor: Actor, session: Session) -> Shown:
    """Seven queries at most."""
    standing = selectors.standing_of(actor, session)
    own = own_volunteer(actor)
    asking = standing.sign_up is not None and standing.sign_up.state == "asking"
    aged = session.activity.least_age is not None or session.activity.most_age is not None
    return Shown(
        line=lines_of([session])[0], standing=standing, volunteer=own,
        may_join=selectors.is_open_for_sign_up(session) and standing.state == "",
        is_on=selectors.is_on(session) or standing.state == "there",
        guardian_link=guardian_token(standing.sign_up) if asking and standing.sign_up else "",
        asks_year=(own is None or own.born_in is None) and (aged or session.kind == "service"),
    )  # fmt: skip


def points_of(actor: Actor) -> int | None:
    """What the actor holds in points; None for who is no volunteer. Two queries, none for nobody."""
    own = own_volunteer(actor)
    return balance(own.points_id) if own is not None else None


def applicant_of(actor: Actor, born_in: int | None) -> Applicant:
    """The actor as who applies: the year and skills kept of a volunteer, else the year just given."""
    own = own_volunteer(actor)
    return Applicant(
        person_id=int(actor.person_id or 0),
        born_in=own.born_in if own is not None and own.born_in is not None else born_in,
        skills=frozenset(own.skills) if own is not None else frozenset(),
    )


def guardian_token(sign_up: SignUp) -> str:
    return signing.dumps(sign_up.pk, salt=GUARDIAN)


def sign_up_asked(token: str) -> SignUp | None:
    """The sign-up a guardian is asked about, by the link; None for any other and after two weeks."""
    try:
        number = signing.loads(token, salt=GUARDIAN, max_age=GUARDIAN_SECONDS)
    except BadSignature:
        return None
    return SignUp.objects.filter(pk=number).select_related("session__activity", "person").first()

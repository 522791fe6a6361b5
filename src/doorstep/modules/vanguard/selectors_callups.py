"""Reading call-ups: the board of positions and shifts, one shift as its people see it, results from attendances."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import (
    ANNOUNCED,
    CANCELLED,
    CONFIRMED,
    JOINED,
    WAITING,
    Attendance,
    Session,
    SignUp,
)
from doorstep.kernel.activities.policies import may_organise
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.vanguard.models import Callup, HandOver, Position, SeatOffer
from doorstep.modules.vanguard.selectors import SHIFT, may_stand
from doorstep.modules.vanguard.selectors_calls import Call, calls_of

MOST_SHIFTS_SHOWN = 60


def seen_callup(actor: Actor, callup_id: int) -> Callup:
    """Raises NotVisible."""
    row: Callup | None = policy_for(Callup).visible_to(actor).filter(pk=callup_id).first()
    if row is None:
        raise NotVisible(_("没有找到这次集结。"))
    return row


@dataclass(frozen=True)
class Seat:
    """Somebody in a shift. `name`: as far as the reader sees the person, else hidden."""

    person_id: int
    name: str
    there: bool
    asks_substitute: bool


@dataclass(frozen=True)
class Cell:
    """One shift of one position: who is in it and how many are still wanted."""

    session: Session
    seats: Sequence[Seat]
    waiting: int

    @property
    def missing(self) -> int:
        return max(0, (self.session.capacity or 0) - len(self.seats))

    @property
    def is_over(self) -> bool:
        return self.session.ends_at <= clock.now()


@dataclass(frozen=True)
class Row:
    """A position with its shifts, in order of time."""

    position: Position
    cells: Sequence[Cell]

    @property
    def missing(self) -> int:
        return sum(
            cell.missing for cell in self.cells if not cell.is_over and cell.session.state == ANNOUNCED
        )


@dataclass(frozen=True)
class Board:
    """A call-up at a glance."""

    callup: Callup
    rows: Sequence[Row]
    called: Sequence[Call]
    result: Result

    @property
    def missing(self) -> int:
        return sum(row.missing for row in self.rows)

    @property
    def wanted(self) -> int:
        """How many people those called were asked for."""
        return sum(call.row.people for call in self.called)

    @property
    def coming(self) -> int:
        """How many they answered with."""
        return sum(call.row.coming or 0 for call in self.called)

    @property
    def silent(self) -> int:
        """How many of them have not answered."""
        return sum(not call.row.answer for call in self.called)


@dataclass(frozen=True)
class Result:
    """What came of it, from attendances of confirmed shifts alone."""

    shifts: int = 0
    confirmed: int = 0
    times: int = 0
    people: int = 0
    minutes: int = 0


def result_of(callup: Callup) -> Result:
    """Two queries."""
    sessions = Session.objects.filter(activity__vanguard_position__callup=callup).exclude(state=CANCELLED)
    states = list(sessions.values_list("state", flat=True))
    rows = Attendance.objects.filter(
        session__activity__vanguard_position__callup=callup, session__state=CONFIRMED, struck=False
    )
    told = list(rows)
    return Result(
        shifts=len(states), confirmed=states.count(CONFIRMED), times=len(told),
        people=len({row.person_id for row in told}), minutes=sum(row.minutes for row in told),
    )  # fmt: skip


def board_of(actor: Actor, callup: Callup) -> Board:
    """The whole board: at most twelve queries, whatever its size."""
    positions = list(
        Position.objects.filter(callup=callup).select_related("activity").order_by("place_code", "pk")
    )
    sessions = list(
        Session.objects.filter(activity__in=[row.activity_id for row in positions])
        .select_related("activity")
        .order_by("starts_at", "pk")
    )
    cells = cells_of(actor, sessions)
    rows = [
        Row(row, [cells[one.pk] for one in sessions if one.activity_id == row.activity_id])
        for row in positions
    ]
    return Board(callup, rows, calls_of(callup), result_of(callup))


def cells_of(actor: Actor, sessions: Iterable[Session]) -> dict[int, Cell]:
    """Shifts with their people. Four queries for any number."""
    rows = {session.pk: session for session in sessions}
    ups = list(
        SignUp.objects.filter(session__in=rows, state__in=[JOINED, WAITING])
        .select_related("person")
        .order_by("pk")
    )
    there = set(
        Attendance.objects.filter(session__in=rows, struck=False).values_list("session_id", "person_id")
    )
    asking = set(
        SeatOffer.objects.filter(session__in=rows, taken_at=None, withdrawn_at=None).values_list(
            "session_id", "person_id"
        )
    )
    seen = set(persons_for(actor).filter(pk__in={row.person_id for row in ups}).values_list("pk", flat=True))
    seats: dict[int, list[Seat]] = {pk: [] for pk in rows}
    waiting = dict.fromkeys(rows, 0)
    for row in ups:
        if row.state == WAITING:
            waiting[row.session_id] += 1
            continue
        name = row.person.name if row.person_id in seen else MASKS["name"](row.person.name)
        key = row.session_id, row.person_id
        seats[row.session_id].append(Seat(row.person_id, name, key in there, key in asking))
    return {pk: Cell(session, seats[pk], waiting[pk]) for pk, session in rows.items()}


def stands_in(person_id: int | None, session_id: int) -> bool:
    """Has this person a place in the shift?"""
    return (
        person_id is not None
        and SignUp.objects.filter(session=session_id, person_id=person_id, state=JOINED).exists()
    )


def may_enter_shift(actor: Actor, session: Session) -> bool:
    """Reads and writes its hand-over: who stands in it, or organises it."""
    return stands_in(actor.person_id, session.pk) or may_organise(
        actor, session.activity.organiser_id, session.place_code
    )


def shift_for(actor: Actor, session_id: int) -> Session:
    """A shift for who may stand in it, stands in it, or looks after it. Raises NotVisible."""
    row = Session.objects.select_related("activity__vanguard_position__callup").filter(pk=session_id, kind=SHIFT).first()  # fmt: skip
    if row is None or not (
        may_stand(actor.person_id, row.place_code)
        or stands_in(actor.person_id, row.pk)
        or policy_for(Session).visible_to(actor).filter(pk=row.pk).exists()
    ):
        raise NotVisible(_("没有找到这个班次。"))
    return row


@dataclass(frozen=True)
class ShiftPage:
    """A shift as one of its people sees it."""

    session: Session
    cell: Cell
    mine: SignUp | None
    attendance: Attendance | None
    offers: Sequence[SeatOffer]
    notes: Sequence[HandOver]
    may_write: bool

    @property
    def is_mine(self) -> bool:
        return self.mine is not None and self.mine.state == JOINED

    @property
    def is_waiting(self) -> bool:
        return self.mine is not None and self.mine.state == WAITING

    @property
    def own_offer(self) -> SeatOffer | None:
        mine = self.mine
        return next(
            (one for one in self.offers if mine is not None and one.person_id == mine.person_id), None
        )


def shift_page(actor: Actor, session: Session) -> ShiftPage:
    """Notes are for who stands in this shift or the position's others, and who organises it. Nine queries at most."""
    person = actor.person_id or 0
    mine = SignUp.objects.filter(session=session, person_id=person).exclude(state="withdrawn").first()
    offers = SeatOffer.objects.filter(session=session, taken_at=None, withdrawn_at=None).order_by("pk")
    reads = may_enter_shift(actor, session)
    notes = HandOver.objects.filter(
        session__activity=session.activity_id, session__starts_at__lte=session.starts_at
    ).select_related("session")
    return ShiftPage(
        session=session, cell=cells_of(actor, [session])[session.pk], mine=mine,
        attendance=Attendance.objects.filter(session=session, person_id=person, struck=False).first(),
        offers=list(offers), notes=list(notes.order_by("-pk")[:20]) if reads else [],
        may_write=reads and clock.now() >= session.starts_at and session.state != CANCELLED,
    )  # fmt: skip


@dataclass(frozen=True)
class ShiftLine:
    """One shift in a member's list."""

    session: Session
    left: int
    state: str
    asks: int


def shifts_for(actor: Actor, place_code: str, most: int = MOST_SHIFTS_SHOWN) -> list[ShiftLine]:
    """Shifts to come in the member's district, one's own and those with a place left or somebody asking first. Three
    queries."""
    rows = list(
        Session.objects.filter(within("place_code", [place_code[:6]]), kind=SHIFT, state=ANNOUNCED, ends_at__gt=clock.now())
        .select_related("activity__vanguard_position__callup")
        .order_by("starts_at", "pk")[:most]
    )  # fmt: skip
    ids = [row.pk for row in rows]
    taken: dict[int, int] = {}
    own: dict[int, str] = {}
    for session, person, state in SignUp.objects.filter(
        session__in=ids, state__in=[JOINED, WAITING]
    ).values_list("session_id", "person_id", "state"):
        if state == JOINED:
            taken[session] = taken.get(session, 0) + 1
        if person == actor.person_id:
            own[session] = state
    asks: dict[int, int] = {}
    for session in SeatOffer.objects.filter(
        ~Q(person_id=actor.person_id or 0), session__in=ids, taken_at=None, withdrawn_at=None
    ).values_list("session_id", flat=True):
        asks[session] = asks.get(session, 0) + 1
    return [
        ShiftLine(
            row, max(0, (row.capacity or 0) - taken.get(row.pk, 0)), own.get(row.pk, ""), asks.get(row.pk, 0)
        )
        for row in rows
    ]


def callups_under_way(actor: Actor) -> QuerySet[Callup]:
    """Call-ups that exist for the actor and are not over, the next first."""
    rows: QuerySet[Callup] = policy_for(Callup).visible_to(actor)
    return rows.filter(ended_at=None, ends_on__gte=clock.today()).order_by("starts_on", "pk")


@dataclass
class Printed:
    """A roster on paper: days with their shifts, names as the organiser needs them."""

    days: dict[Any, list[tuple[Position, Cell]]] = field(default_factory=dict)


def roster_of(board: Board) -> Printed:
    """The board by day and time, for printing. No queries."""
    printed = Printed()
    lines = [
        (row.position, cell) for row in board.rows for cell in row.cells if cell.session.state != CANCELLED
    ]
    for position, cell in sorted(lines, key=lambda line: (line[1].session.starts_at, line[0].pk)):
        printed.days.setdefault(cell.session.day, []).append((position, cell))
    return printed


@dataclass(frozen=True)
class DayTable:
    """One day of a board: shifts across, positions down; a place with no such shift is None."""

    day: dt.date | None
    days: Sequence[dt.date]
    heads: Sequence[tuple[dt.datetime, dt.datetime]]
    lines: Sequence[tuple[Row, Sequence[Cell | None]]]


def day_table(board: Board, asked: dt.date | None) -> DayTable:
    """The day asked for, else today or the next with shifts. No queries."""
    days = sorted({cell.session.day for row in board.rows for cell in row.cells})
    today = clock.today()
    usual = next((day for day in days if day >= today), days[-1] if days else None)
    day = asked if asked in days else usual
    of_day = {
        row.position.pk: {(cell.session.starts_at, cell.session.ends_at): cell for cell in row.cells if cell.session.day == day}
        for row in board.rows
    }  # fmt: skip
    heads = sorted({times for cells in of_day.values() for times in cells})
    lines = [
        (row, [of_day[row.position.pk].get(times) for times in heads])
        for row in board.rows
        if of_day[row.position.pk]
    ]
    return DayTable(day, days, heads, lines)

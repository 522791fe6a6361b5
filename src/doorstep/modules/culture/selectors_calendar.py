"""The calendar of a place: what anybody may come to this week, the next, and by month; all kinds of activity."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.conf import settings

from doorstep.kernel.activities.kinds import all_kinds, name_of
from doorstep.kernel.activities.models import CANCELLED, Session
from doorstep.kernel.activities.selectors import public_sessions
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.culture import rules
from doorstep.modules.culture.selectors import OFFICES

MONTHS = 3  # shown at once: this one and the next two
MOST_IN_FEED = 2000
MOST = 400  # times on one page; beyond it somebody looks at a smaller place
BACK, AHEAD = dt.timedelta(days=31), dt.timedelta(days=366)  # of the feed


@dataclass(frozen=True)
class Line:
    """One time, as it reads in the calendar. `place`: where it is another place's than the calendar's own."""

    session: Session
    kind: str
    place: str

    @property
    def cancelled(self) -> bool:
        return self.session.state == CANCELLED

    @property
    def over(self) -> bool:
        return clock.now() >= self.session.ends_at


@dataclass(frozen=True)
class Day:
    day: dt.date
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Week:
    """`days`: those with something; `free`: those to come without."""

    monday: dt.date
    days: tuple[Day, ...]
    free: tuple[dt.date, ...]


@dataclass(frozen=True)
class Month:
    first: dt.date
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Office:
    name: str
    phone: str
    hours: str


@dataclass(frozen=True)
class Calendar:
    """`weeks`: this one and the next, empty where a month was chosen. `months`: what comes after, or the month chosen.
    `grid`: whole weeks of one month, for wide screens. `more`: there are more times than are shown."""

    area: Area
    above: Area | None
    below: tuple[Area, ...]
    weeks: tuple[Week, ...]
    months: tuple[Month, ...]
    grid: tuple[tuple[Day, ...], ...]
    first: dt.date
    chosen: bool
    more: bool
    office: Office | None
    today: dt.date = field(default_factory=clock.today)

    @property
    def before(self) -> dt.date:
        return rules.month_before(self.first)

    @property
    def after(self) -> dt.date:
        return rules.next_month(self.first)

    @property
    def is_empty(self) -> bool:
        return not any(week.days for week in self.weeks) and not any(month.days for month in self.months)


def area_of(code: str) -> Area | None:
    """A standing district, street or community of the home district; a grid's community. One query."""
    inside = within("code", [settings.HOME_PLACE])
    levels = ("county", "street", "community")
    rows = Area.objects.select_related("parent").filter(
        inside, code=code[:12], level__in=levels, ended_on=None
    )
    return rows.first()


def sessions_for(
    place_code: str, since: dt.date, until: dt.date, kinds: Iterable[str] = (), most: int = MOST
) -> list[Session]:
    """Public times in the place from the beginning of `since` up to `until`: its own and its parts', and what wider places
    announce for all of theirs. One query, one more than `most` at most."""
    span = _moment(since), _moment(until)
    own = public_sessions([place_code], *span, kinds=kinds)
    wider = public_sessions([""], *span, kinds=kinds).filter(place_code__in=ancestors_of(place_code))
    return list((own | wider)[: most + 1])


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE)


def calendar_of(area: Area, *, kind: str = "", month: dt.date | None = None) -> Calendar:
    """The calendar of a place; `month` (its first day) instead of the weeks to come. Five queries."""
    today = clock.today()
    monday = rules.monday_of(today)
    first = month or rules.month_of(today)
    grid_days = rules.weeks_of(first)
    last = rules.next_month(first)
    if month is None:
        for _more in range(MONTHS - 1):
            last = rules.next_month(last)
    begin = grid_days[0][0] if month else min(grid_days[0][0], monday)
    until = max(last, grid_days[-1][-1] + rules.DAY)
    found = sessions_for(area.code, begin, until, [kind] if kind else ())
    by_day = _by_day(area, found[:MOST], begin)
    weeks: tuple[Week, ...] = ()
    after = first
    if month is None:
        weeks = tuple(_week(start, by_day, today) for start in (monday, monday + rules.WEEK))
        after = monday + 2 * rules.WEEK
    listed = [by_day[day] for day in sorted(by_day) if after <= day < last]
    return Calendar(
        area=area, above=area.parent if area.parent is not None and len(area.parent.code) >= 6 else None,
        below=_below(area), weeks=weeks,
        months=tuple(Month(key, tuple(days)) for key, days in groupby(listed, lambda each: rules.month_of(each.day))),
        grid=tuple(tuple(by_day.get(day, Day(day)) for day in week) for week in grid_days), first=first,
        chosen=month is not None, more=len(found) > MOST, office=_office(area.code, today), today=today,
    )  # fmt: skip


def _by_day(area: Area, sessions: Sequence[Session], begin: dt.date) -> dict[dt.date, Day]:
    """By the day it begins; what began before is listed on the first day shown."""
    names = _names(area, sessions)
    lines: dict[dt.date, list[Line]] = defaultdict(list)
    for session in sessions:
        place = names.get(session.place_code[:12], "") if session.place_code[:12] != area.code else ""
        lines[max(session.day, begin)].append(Line(session, name_of(session.kind, session.category), place))
    return {day: Day(day, tuple(found)) for day, found in lines.items()}


def _names(area: Area, sessions: Sequence[Session]) -> dict[str, str]:
    codes = {session.place_code[:12] for session in sessions} - {area.code}
    return (
        dict(Area.objects.filter(code__in=codes).exclude(code="").values_list("code", "name"))
        if codes
        else {}
    )


def _week(monday: dt.date, by_day: dict[dt.date, Day], today: dt.date) -> Week:
    days = [monday + number * rules.DAY for number in range(7)]
    to_come = [day for day in days if day >= today]
    return Week(
        monday=monday,
        days=tuple(by_day[day] for day in to_come if day in by_day),
        free=tuple(day for day in to_come if day not in by_day),
    )


def _below(area: Area) -> tuple[Area, ...]:
    if area.level == "community":
        return ()
    return tuple(Area.objects.filter(parent=area, ended_on=None).order_by("code"))


def _office(code: str, on: dt.date) -> Office | None:
    """Whom to tell that one would like to do something here."""
    rows = UnitVersion.objects.filter(in_force(on), place_code=code, kind__in=OFFICES).exclude(phone="")
    found = sorted(rows, key=lambda row: (OFFICES.index(row.kind), row.pk))
    return Office(found[0].name, found[0].phone, found[0].hours) if found else None


def kind_chips() -> list[tuple[str, str]]:
    return [(kind.code, str(kind.name)) for kind in all_kinds()]


def feed_sessions(area: Area) -> list[Session]:
    """What a phone's calendar subscribes to: from a month ago for a year."""
    today = clock.today()
    return sessions_for(area.code, today - BACK, today + AHEAD, most=MOST_IN_FEED)

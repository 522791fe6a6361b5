"""Two years of requests and whistles, month by month. What is in tells how far it is: nothing else is written down.

A month is whole once its last whistle is there; a run that was cut off within a month goes through it again, and the
set-based path passes over the cases it knows by their keys.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from django.db import connection
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services_past import Brought, key_of
from doorstep.kernel.shared import clock
from doorstep.modules.requests.services_feedback import draw_sample
from doorstep.modules.requests.services_past import PastRequest, PastWhistle, bring_requests, bring_whistles

from . import seasons, stories, whistles
from .ground import DISTRICT, Ground
from .residents import settle_in

LOADING = gettext_noop("演示数据装载")
REMEMBERED = 300  # reports a later one may be the same as


class NotTheDemo(Exception):
    """This database does not hold the demo district."""


@dataclass(frozen=True)
class Month:
    """The days of a calendar month that lie within the two years."""

    first: dt.date
    last: dt.date

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def requests(self) -> int:
        return sum(seasons.number_on(day) for day in self.days)

    @property
    def cases(self) -> int:
        """Requests and whistles: one whistle a day."""
        return self.requests + len(self.days)

    @property
    def last_key(self) -> object:
        return key_of(whistles.OFFICE_NAME, f"{self.name}/{len(self.days)}")


@dataclass(frozen=True)
class Standing:
    """How far the load is. `waiting`: months still to come in, the oldest first."""

    total: int
    done: int
    waiting: tuple[Month, ...]


def demo_day() -> dt.date:
    """The day up to which the demo district's dates run. Raises NotTheDemo."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM setup.facts WHERE key = 'demo_day'")
        row = cursor.fetchone()
    if row is None or not Account.objects.filter(is_demo=True).exists():
        raise NotTheDemo
    return dt.date.fromisoformat(row[0])


def months_until(today: dt.date) -> list[Month]:
    """The months of the two years that end with the day before `today`."""
    first, end = today - dt.timedelta(days=seasons.DAYS), today - dt.timedelta(days=1)
    found = []
    while first <= end:
        last = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
        found.append(Month(first, min(last, end)))
        first = last + dt.timedelta(days=1)
    return found


def standing() -> Standing:
    """What is in and what is not. One query for the months."""
    months = months_until(demo_day())
    known = set(
        Matter.objects.filter(key__in=[month.last_key for month in months]).values_list("key", flat=True)
    )
    waiting = tuple(month for month in months if month.last_key not in known)
    total = sum(month.cases for month in months)
    return Standing(total, total - sum(month.cases for month in waiting), waiting)


def load_month(month: Month, *, tell: Callable[[int], None] = lambda number: None) -> Brought:
    """Bring in a month, from where it stopped. Safe to call again, and by two at once."""
    actor, today = system_actor(LOADING), demo_day()
    with clock.fixed(today):
        settle_in(actor, DISTRICT)
    ground = Ground.read(today)
    brought = bring_requests(
        actor=actor,
        cases=requests_of(ground, month),
        progress=lambda so_far: tell(so_far.added + so_far.known),
    )
    called = bring_whistles(actor=actor, cases=whistles_of(ground, month))
    return Brought(
        brought.added + called.added, brought.known + called.known, [*brought.problems, *called.problems]
    )


def requests_of(ground: Ground, month: Month) -> Iterator[PastRequest]:
    """The month's requests in the order in which they came."""
    openings = []
    for day in month.days:
        random = Random(f"openings {day}")
        openings += [seasons.opening(day, random) for _each in range(seasons.number_on(day))]
    recent: deque[stories.Earlier] = deque(maxlen=REMEMBERED)
    for number, (opened, source) in enumerate(sorted(openings), start=1):
        told = stories.tell(ground, month.name, number, opened, source, list(recent))
        if told.earlier is not None:
            recent.append(told.earlier)
        yield told.case


def whistles_of(ground: Ground, month: Month) -> Iterator[PastWhistle]:
    """The month's whistles; those proposed on its last hours may first be at work in the next month."""
    for number, day in enumerate(month.days, start=1):
        yield whistles.tell(ground, month.name, number, day)


def finish(actor: Actor | None = None) -> None:
    """Draw the sample for call-backs of the last whole month, as the first of a month does. Again it adds nothing."""
    last = demo_day().replace(day=1) - dt.timedelta(days=1)
    draw_sample(actor=actor or system_actor(LOADING), place_code=DISTRICT, month=last)

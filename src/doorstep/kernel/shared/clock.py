"""Today, as the district counts it. The only place that asks the computer for the time."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from zoneinfo import ZoneInfo

DISTRICT_ZONE = ZoneInfo("Asia/Shanghai")
_fixed: ContextVar[dt.date | None] = ContextVar("fixed_today", default=None)


def now() -> dt.datetime:
    """The present instant, in UTC; on a fixed day, noon of that day in the district."""
    day = _fixed.get() or _day_from_environment()
    if day is None:
        return dt.datetime.now(dt.UTC)
    if isinstance(day, dt.datetime):
        return day.astimezone(dt.UTC)
    return _noon_of(day)


@lru_cache(maxsize=64)
def _noon_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), DISTRICT_ZONE).astimezone(dt.UTC)


def today() -> dt.date:
    """The calendar day in the district, whatever the server's own zone."""
    return now().astimezone(DISTRICT_ZONE).date()


def midnight(day: dt.date) -> dt.datetime:
    """When a calendar day begins in the district."""
    return dt.datetime.combine(day, dt.time(), DISTRICT_ZONE)


def day_of(instant: dt.datetime) -> dt.date:
    """The calendar day of an instant in the district."""
    return instant.astimezone(DISTRICT_ZONE).date()


@contextlib.contextmanager
def fixed(day: dt.date) -> Iterator[None]:
    """Hold the clock at noon of a day, or at an instant (tests, the demo district)."""
    token = _fixed.set(day)
    try:
        yield
    finally:
        _fixed.reset(token)


def _day_from_environment() -> dt.date | None:
    text = os.environ.get("DOORSTEP_TODAY")
    return _read(text) if text else None


@lru_cache(maxsize=4)
def _read(text: str) -> dt.date:
    if "T" not in text:
        return dt.date.fromisoformat(text)
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=DISTRICT_ZONE)

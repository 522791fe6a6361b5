"""The twelve points of a trend and the period a figure is compared with. Pure functions over dates."""

from __future__ import annotations

import calendar
import datetime as dt

TREND_POINTS = 12


def month_back(day: dt.date, months: int) -> dt.date:
    """The same day `months` earlier; the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def trend_days(on: dt.date, points: int = TREND_POINTS) -> list[dt.date]:
    """`points` days one month apart, the last of them `on`."""
    return [month_back(on, months) for months in reversed(range(points))]


def trend_spans(on: dt.date, points: int = TREND_POINTS) -> list[tuple[dt.date, dt.date]]:
    """For a flow: (first day, last day) of each of the months that end on the trend's days."""
    return [(month_back(day, 1) + dt.timedelta(days=1), day) for day in trend_days(on, points)]

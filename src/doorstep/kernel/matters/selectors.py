"""Reading matters. Lists start from what the actor may see."""

from __future__ import annotations

from doorstep.kernel.matters.models_deadlines import CalendarDay, CalendarYear, TimeLimit
from doorstep.kernel.matters.steps import Rulebook
from doorstep.kernel.matters.working_days import Calendar


def official_calendar() -> Calendar:
    """The published calendar with what officers imported. Two queries."""
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    days = dict(CalendarDay.objects.values_list("day", "is_working")) if years else {}
    return Calendar(adjusted=days, imported_years=years)


def rulebook_for(kind: str) -> Rulebook:
    """Terms and calendar of a kind. At most three small queries."""
    return Rulebook(tuple(TimeLimit.objects.filter(kind=kind)), official_calendar())

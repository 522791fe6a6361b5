"""Background work of matters."""

from __future__ import annotations

from django_tasks import task

from doorstep.kernel.matters.services_calendar import settle_counted_in


@task()
def settle_year(year: int) -> None:
    """Settle the provisional promises counted in a year that was imported. Can be cut off and run again."""
    settle_counted_in(year)

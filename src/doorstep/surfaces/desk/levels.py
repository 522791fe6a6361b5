"""At which level a matter lies now: with the grid, the community, the street, a department or the district."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.laws import Text
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.modules.requests import indicators

GRID, COMMUNITY, OTHER = "grid", "community", "other"
LEVELS: dict[str, Text] = {
    GRID: _("网格"), **{key: name for key, name, _kinds in indicators.LEVELS}, OTHER: _("其他单位"),
}  # fmt: skip


def _given_to_workers() -> Q:
    """Held by a community that has given it to a grid's own worker."""
    workers = Appointment.objects.in_force().filter(post="grid_worker").values("person")
    return Q(asked__isnull=True, holder__in=_units("residents_committee"), handler__in=workers)


def _units(*kinds: str) -> Any:
    return Unit.objects.filter(kind__in=kinds).values("pk")


def _of_kinds(kinds: Iterable[str]) -> Q:
    """With a unit of these kinds: the one that was asked, while it has not answered, else the one that answers for it."""
    units = _units(*kinds)
    return Q(asked__in=units) | Q(asked__isnull=True, holder__in=units)


def at_level(key: str) -> Q:
    """Matters that lie at this level now. What a community has given to a grid's own worker lies with the grid.

    Conditions on the row's own columns: a page in order of its index is read no further than it shows.
    """
    if key == GRID:
        return _given_to_workers()
    if key == OTHER:
        return ~_of_kinds(kind for _key, _name, kinds in indicators.LEVELS for kind in kinds)
    of_kinds = _of_kinds(next(kinds for known, _name, kinds in indicators.LEVELS if known == key))
    return of_kinds & ~_given_to_workers() if key == COMMUNITY else of_kinds


def with_level(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """`level_now`: the level of each, by the same conditions."""
    cases = [When(at_level(key), then=Value(key)) for key in LEVELS if key != OTHER]
    return rows.annotate(level_now=Case(*cases, default=Value(OTHER), output_field=CharField()))

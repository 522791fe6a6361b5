"""At which level a matter lies now: with the grid, the community, the street, a department or the district."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.laws import Text
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment
from doorstep.modules.requests import indicators

GRID, OTHER = "grid", "other"
LEVELS: dict[str, Text] = {
    GRID: _("网格"), **{key: name for key, name, _kinds in indicators.LEVELS}, OTHER: _("其他单位"),
}  # fmt: skip


def with_level(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """`level_now`: of the unit that was asked, while it has not answered, else of the one that answers for it. What a
    community has given to a grid's own worker lies with the grid."""
    workers = Appointment.objects.in_force().filter(post="grid_worker", person=OuterRef("handler_id"))
    given = When(
        Q(asked__isnull=True, holder__kind="residents_committee") & Exists(workers), then=Value(GRID)
    )
    kinds = [When(kind_now__in=kinds, then=Value(key)) for key, _name, kinds in indicators.LEVELS]
    return rows.annotate(
        kind_now=Coalesce(F("asked__kind"), F("holder__kind"), output_field=CharField())
    ).annotate(level_now=Case(given, *kinds, default=Value(OTHER), output_field=CharField()))


def at_level(key: str) -> Q:
    """Matters that lie at this level now."""
    rows: Any = with_level(Matter.objects.filter(is_open=True))
    return Q(pk__in=rows.filter(level_now=key).values("pk"))

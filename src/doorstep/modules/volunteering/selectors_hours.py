"""Hours of service by kind and by place, over a period: each line opens the records that make it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Substr
from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, within
from doorstep.modules.volunteering.models import Credit
from doorstep.modules.volunteering.selectors import service_names


@dataclass(frozen=True)
class Line:
    """One kind or place: minutes that count, people (each once), points."""

    code: str
    name: str | Promise
    minutes: int
    people: int
    points: int


@dataclass(frozen=True)
class Hours:
    by_kind: list[Line]
    by_place: list[Line]

    @property
    def most(self) -> int:
        """Of all lines, for the length of a bar."""
        return max((line.minutes for line in [*self.by_kind, *self.by_place]), default=0)

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.by_kind)


def hours_of(actor: Actor, place_code: str, since: dt.date, on: dt.date) -> Hours:
    """What is credited and was not taken back, in the subtree; only what exists for the actor. Four queries."""
    rows = policy_for(Credit).visible_to(actor).filter(
        within("place_code", [place_code]), taken_back_at=None, day__gte=since, day__lte=on
    )  # fmt: skip
    sums = {"all": Sum("minutes"), "people": Count("volunteer", distinct=True), "points_sum": Sum("points")}
    names = dict(service_names())
    kinds = rows.values_list("service").annotate(**sums).order_by("service")
    by_kind = [Line(code, names.get(code, code), *numbers) for code, *numbers in kinds]
    below = level_below(place_code)
    if below is None or below == "grid":
        return Hours(by_kind, [])
    digits = LENGTHS[below]
    parts = (
        rows.annotate(part=Substr("place_code", 1, digits))
        .values_list("part")
        .annotate(**sums)
        .order_by("part")
    )
    found = [(code, numbers) for code, *numbers in parts if len(code) == digits]
    areas = dict(Area.objects.filter(code__in=[code for code, _n in found]).values_list("code", "name"))
    return Hours(by_kind, [Line(code, areas.get(code, code), *numbers) for code, numbers in found])

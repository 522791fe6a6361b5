"""What became of whistles: by ground and outcome, each as it stood on the last day of the period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.requests.models_whistle import GROUNDS
from doorstep.modules.requests.selectors_rates import span
from doorstep.modules.requests.states_whistle import VIEW

# each state a whistle can be in after the street whistled lies in exactly one
OUTCOMES: list[tuple[str, str | Promise, tuple[str, ...]]] = [
    ("waiting", _("等待应哨"), ("issued",)),
    ("under_way", _("到场办理中"), ("accepted", "arrived", "planned", "handled", "verified")),
    ("objected", _("部门有异议"), ("objected",)),
    ("escalated", _("区里裁定中"), ("escalated",)),
    ("closed", _("已结案"), ("closed",)),
    ("dismissed", _("区里裁定不办"), ("declined",)),
]


@dataclass(frozen=True)
class OutcomesOf:
    """One ground: how many times the street whistled on it, and what became of them, in the order of OUTCOMES."""

    ground: str
    name: str | Promise
    whistled: int
    outcomes: tuple[tuple[str, int], ...]


def issued_between(begin: Any, end: Any) -> QuerySet[Any]:
    """Whistles that a street blew from `begin` until before `end`, each with its `outcome` at `end`."""
    steps = History.objects.filter(matter=OuterRef("pk"), at__lt=end)
    issued = steps.filter(name="issue", at__gte=begin)
    then = Subquery(steps.order_by("-number").values("target")[:1])
    outcome = Case(
        *(When(state_then__in=states, then=Value(key)) for key, _name, states in OUTCOMES),
        output_field=CharField(),
    )
    rows: QuerySet[Any] = Matter.objects.filter(Exists(issued), kind="whistle")
    return rows.annotate(state_then=then, outcome=outcome)


def outcomes(actor: Actor, place_code: str, since: dt.date, on: dt.date) -> list[OutcomesOf]:
    """Every lawful ground against every outcome, for a place and period. One query.

    Raises NotVisible or NotAllowed outside the actor's places.
    """
    require_place(actor, VIEW, place_code)
    rows = issued_between(*span(since, on)).filter(within("place_code", [place_code]))
    counted = rows.order_by().values_list("category", "outcome").annotate(n=Count("pk"))
    found = {(ground, outcome): n for ground, outcome, n in counted}
    return [_of(ground, name, found) for ground, name in GROUNDS]


def _of(ground: str, name: str | Promise, found: dict[tuple[str, str], int]) -> OutcomesOf:
    numbers = tuple((key, found.get((ground, key), 0)) for key, _name, _states in OUTCOMES)
    return OutcomesOf(ground, name, sum(n for _key, n in numbers), numbers)


def totals(rows: Sequence[OutcomesOf]) -> list[int]:
    """Of each outcome over all grounds, in the order of OUTCOMES."""
    return [sum(row.outcomes[place][1] for row in rows) for place in range(len(OUTCOMES))]

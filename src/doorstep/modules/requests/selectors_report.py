"""The three-rate report of a place: its own rates, one level below, why call-backs were invalid, against another period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Value

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, within
from doorstep.modules.requests.models import CallBack, RuleValue
from doorstep.modules.requests.periods import Span
from doorstep.modules.requests.rules import CallBackCounts, ThreeRates, to_hide, together
from doorstep.modules.requests.selectors_rates import RatesOf, counted_in, places_below, rated, span
from doorstep.modules.requests.states import VIEW

NUMBERS = ("rates.basically", "rates.composite", "rates.public_least")


@dataclass(frozen=True)
class Report:
    """`parts`: one level down, in the order of codes (never of rates). `reasons`: of invalid call-backs, with numbers.

    `before`: of the place in the period compared with; None where there is none. `values`, `clauses`: the numbers of
    the rules on the last day, and where they come from.
    """

    place_code: str
    period: Span
    against: Span | None
    whole: ThreeRates
    before: ThreeRates | None
    parts: tuple[RatesOf, ...]
    reasons: tuple[tuple[str, str, int], ...]
    values: dict[str, Any]
    clauses: dict[str, str]


def report(actor: Actor, place_code: str, period: Span, against: Span | None) -> Report:
    """Ten queries. Raises NotVisible or NotAllowed outside the actor's places."""
    require_place(actor, VIEW, place_code)
    values, clauses = _numbers(period.on)
    found = _counts(place_code, period)
    parts = _parts(place_code, period.on)
    rates = rated({code: found.get(code, CallBackCounts()) for code, _name in parts}, values)
    before = None
    if against is not None:
        earlier, _clauses = _numbers(against.on)
        counts = counted_in(place_code, against.since, against.on, Value(""))
        before = rated({"": counts.get("", CallBackCounts())}, earlier)[""]
    return Report(
        place_code=place_code, period=period, against=against, whole=rated({"": together(found.values())}, values)[""],
        before=before, parts=tuple(RatesOf(code, name, rates[code]) for code, name in parts),
        reasons=_reasons(place_code, period), values=values, clauses=clauses,
    )  # fmt: skip


@dataclass(frozen=True)
class PublicReport:
    """The same for anybody: where too few were called back neither rates nor numbers are shown (`suppressed`)."""

    area: Area
    period: Span
    whole: ThreeRates
    parts: tuple[RatesOf, ...]
    least: int
    clause: str


def public_report(area: Area, period: Span) -> PublicReport:
    """Five queries. A part whose numbers would be the rest of the total is hidden with those too few."""
    values, clauses = _numbers(period.on)
    found = _counts(area.code, period)
    least = int(values["rates.public_least"])
    parts = _parts(area.code, period.on) if len(area.code) < LENGTHS["community"] else []
    hidden = to_hide({code: found.get(code, CallBackCounts()).valid for code, _name in parts}, least)
    shown = {
        code: CallBackCounts() if code in hidden else found.get(code, CallBackCounts())
        for code, _name in parts
    }
    rates = rated(shown, values, public=True)
    whole = rated({"": together(found.values())}, values, public=True)[""]
    return PublicReport(
        area, period, whole, tuple(RatesOf(code, name, rates[code]) for code, name in parts), least,
        clauses["rates.public_least"],
    )  # fmt: skip


def _counts(place_code: str, period: Span) -> dict[str, CallBackCounts]:
    """By the codes one level below, with what lies at the place itself under its own code. Three queries."""
    below = level_below(place_code)
    length = LENGTHS[below] if below else LENGTHS["grid"]
    return counted_in(place_code, period.since, period.on, length)


def _parts(place_code: str, on: dt.date) -> list[tuple[str, str]]:
    below = level_below(place_code)
    return places_below(place_code, below, on) if below else []


def _numbers(on: dt.date) -> tuple[dict[str, Any], dict[str, str]]:
    """The numbers of the rules on a day, and their clauses. Before the first of them, the first."""
    known = list(RuleValue.objects.filter(key__in=NUMBERS).order_by("-valid_from"))
    rows = {row.key: row for row in known}
    rows |= {row.key: row for row in reversed(known) if row.valid_from <= on}
    return {key: row.value for key, row in rows.items()}, {key: row.clause for key, row in rows.items()}


def _reasons(place_code: str, period: Span) -> tuple[tuple[str, str, int], ...]:
    begin, end = span(period.since, period.on)
    rows = CallBack.objects.filter(within("place_code", [place_code]), valid=False, at__gte=begin, at__lt=end)
    found = dict(rows.order_by().values_list("invalid_reason").annotate(n=Count("pk")))
    return tuple((code, str(name), found[code]) for code, name in CallBack.INVALID if code in found)

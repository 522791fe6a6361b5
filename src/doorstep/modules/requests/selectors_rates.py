"""The three rates by place and period, with what they stand on; and both sides' record of whistles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Substr, TruncMonth

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.matters.models import History
from doorstep.kernel.matters.policies import handling_units
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.places.models import Area, Grid, standing
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, within
from doorstep.modules.requests import states_whistle
from doorstep.modules.requests.models import CallBack, WhistleCall
from doorstep.modules.requests.rules import CallBackCounts, ThreeRates, three_rates
from doorstep.modules.requests.selectors import rule_values
from doorstep.modules.requests.states import VIEW

CLOSING = ("verify", "on_the_spot")


def span(since: dt.date, on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """From the first moment of `since` to the first moment after `on`, in the district."""
    first = dt.datetime.combine(since, dt.time(), clock.DISTRICT_ZONE)
    return first, dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), clock.DISTRICT_ZONE)


@dataclass(frozen=True)
class RatesOf:
    """The rates of one place or month; `key` is its code or first day."""

    key: str
    name: str
    rates: ThreeRates


def rates_of(actor: Actor, place_code: str, since: dt.date, on: dt.date) -> ThreeRates:
    """The rates of a place in a period of call-backs. Raises NotVisible or NotAllowed outside the actor's places."""
    require_place(actor, VIEW, place_code)
    counted = counted_in(place_code, since, on, Value(""))
    return rated({"": counted.get("", CallBackCounts())}, rule_values(on))[""]


def rates_by_place(actor: Actor, place_code: str, since: dt.date, on: dt.date) -> list[RatesOf]:
    """The rates of every place one level below, in the order of codes (never of rates). Five queries."""
    require_place(actor, VIEW, place_code)
    return _by_place(place_code, since, on, public=False)


def public_rates(place_code: str, since: dt.date, on: dt.date) -> list[RatesOf]:
    """The same for anybody: where there are too few call-backs nothing is shown, and how few neither."""
    return _by_place(place_code, since, on, public=True)


def rates_by_month(actor: Actor, place_code: str, since: dt.date, on: dt.date) -> list[RatesOf]:
    """The rates of each month of a period in which anything was closed or called back, the oldest first."""
    require_place(actor, VIEW, place_code)
    month = TruncMonth("at", tzinfo=clock.DISTRICT_ZONE)
    found = rated(counted_in(place_code, since, on, month), rule_values(on))
    days = {key: clock.day_of(key) for key in found if isinstance(key, dt.datetime)}
    return [
        RatesOf(day.isoformat(), f"{day:%Y-%m}", found[key])
        for key, day in sorted(days.items(), key=lambda item: item[1])
    ]


def _by_place(place_code: str, since: dt.date, on: dt.date, *, public: bool) -> list[RatesOf]:
    below = level_below(place_code)
    if below is None:
        return []
    values = rule_values(on)
    found = counted_in(place_code, since, on, LENGTHS[below])
    rows = places_below(place_code, below, on)
    rates = rated({code: found.get(code, CallBackCounts()) for code, _name in rows}, values, public=public)
    return [RatesOf(code, name, rates[code]) for code, name in rows]


def places_below(code: str, below: str, on: dt.date) -> list[tuple[str, str]]:
    """(code, name) of the places of that level, in the order of codes."""
    inside = within("code", [code])
    if below == "grid":
        rows = Grid.objects.in_force(on).filter(inside)
        return list(rows.order_by("code").values_list("code", "name"))
    areas = Area.objects.filter(standing(on), inside, level=below)
    return list(areas.order_by("code").values_list("code", "name"))


def rated(
    counts: dict[Any, CallBackCounts], values: dict[str, Any], *, public: bool = False
) -> dict[Any, ThreeRates]:
    """The rates of these counts by the numbers of the rules; with `public`, too few are not shown."""
    least = values["rates.public_least"] if public else 0
    return {
        key: three_rates(
            each, basically=values["rates.basically"], weights=values["rates.composite"], public_least=least
        )
        for key, each in counts.items()
    }


def counted_in(place_code: str, since: dt.date, on: dt.date, by: Any) -> dict[Any, CallBackCounts]:
    """What was called back and what was closed in the period, by `by`: an expression, or a length of codes.

    Three statements, however large the place: one over call-backs, two over closings.
    """
    begin, end = span(since, on)
    called = CallBack.objects.filter(within("place_code", [place_code]), at__gte=begin, at__lt=end)
    valid = Q(valid=True)
    counted = _grouped(called, by, "place_code").annotate(
        tried=Count("pk"), valid_ones=Count("pk", filter=valid),
        met=Count("pk", filter=valid & Q(contacted=True)), done=Count("pk", filter=valid & Q(solved=True)),
        pleased=Count("pk", filter=valid & Q(satisfaction__gte=4)),
        so_so=Count("pk", filter=valid & Q(satisfaction=3)),
    )  # fmt: skip
    answered = CallBack.objects.filter(request=OuterRef("matter_id"), closing=OuterRef("number"), valid=True)
    closings = History.objects.filter(
        within("matter__place_code", [place_code]), name__in=CLOSING, at__gte=begin, at__lt=end,
        matter__kind="request",
    )  # fmt: skip
    closed = _grouped(closings, by, "matter__place_code").annotate(number_closed=Count("pk"))
    # apart, and in WHERE: there the database joins the two tables once, instead of looking up each closing
    covered = _grouped(closings.filter(Exists(answered)), by, "matter__place_code").annotate(
        answered=Count("pk")
    )
    rows = {key: [number, 0] for key, number in closed.values_list("part", "number_closed")}
    for key, number in covered.values_list("part", "answered"):
        rows[key][1] = number
    found = {
        key: CallBackCounts(
            tried=tried, valid=valid_ones, contacted=met, solved=done, satisfied=pleased, basically=so_so
        )
        for key, tried, valid_ones, met, done, pleased, so_so in counted.values_list(
            "part", "tried", "valid_ones", "met", "done", "pleased", "so_so"
        )
    }
    for key, (number, with_answer) in rows.items():
        known = found.get(key, CallBackCounts())
        found[key] = CallBackCounts(**(vars(known) | {"closed": number, "covered": with_answer}))
    return found


def _grouped(rows: Any, by: Any, path: str) -> Any:
    return rows.order_by().annotate(part=Substr(path, 1, by) if isinstance(by, int) else by).values("part")


@dataclass(frozen=True)
class WhistleRecord:
    """One side's record: of a department (called) or a street (whistled). Counts alone, each over `called`.

    answered_in_time: accepted or objected by the term, of `to_answer` calls whose term has come. in_time: arrived by the time
    asked, of `due` calls whose time has come: those accepted, and those nobody answered. `graded`: judgements, by grade.
    """

    unit_id: int
    name: str
    called: int
    accepted: int
    objected: int
    to_answer: int
    answered_in_time: int
    due: int
    in_time: int
    graded: int
    good: int
    fair: int
    poor: int


def whistle_record(
    actor: Actor, place_code: str, since: dt.date, on: dt.date, *, side: str = "department"
) -> list[WhistleRecord]:
    """What departments were called for and did, or what streets asked for: by name, never by rank. Two queries."""
    require_place(actor, states_whistle.VIEW, place_code)
    calls = WhistleCall.objects.filter(within("whistle__matter__place_code", [place_code]))
    return _records(calls, "unit_id" if side == "department" else "whistle__street_id", since, on)


def own_whistle_record(actor: Actor, since: dt.date, on: dt.date) -> list[WhistleRecord]:
    """The record of the units the actor serves in, wherever they were called. Two queries."""
    return _records(WhistleCall.objects.filter(unit__in=handling_units(actor)), "unit_id", since, on)


def _records(calls: Any, path: str, since: dt.date, on: dt.date) -> list[WhistleRecord]:
    begin, end = span(since, on)
    until = min(end, clock.now())
    answered = Q(accepted_at__lte=F("answer_by")) | Q(objected_at__lte=F("answer_by"))
    let_go = Q(
        released_at__lt=F("answer_by"), accepted_at=None, objected_at=None
    )  # before its answer was owed
    asked = Q(answer_by__lte=until) & ~let_go
    answered_otherwise = Q(objected_at__isnull=False) | Q(released_at__isnull=False)
    come = Q(arrive_by__lte=until) & (Q(accepted_at__isnull=False) | ~answered_otherwise)
    on_time = Case(When(arrived_at__lte=F("arrive_by"), then=1))
    rows = (
        calls.filter(called_at__gte=begin, called_at__lt=end)
        .order_by()
        .values(path)
        .annotate(
            called=Count("pk"), accepted=Count("accepted_at"), objected=Count("objected_at"),
            to_answer=Count("pk", filter=asked), answered_in_time=Count("pk", filter=asked & answered),
            due=Count("pk", filter=come), in_time=Count(on_time, filter=come), graded=Count("grade"),
            good=Count("pk", filter=Q(grade=3)), fair=Count("pk", filter=Q(grade=2)), poor=Count("pk", filter=Q(grade=1)),
        )
    )  # fmt: skip
    found: Sequence[dict[str, Any]] = list(rows)
    names = last_names(row[path] for row in found)
    records = [WhistleRecord(unit_id=row.pop(path), name="", **row) for row in found]
    named = [WhistleRecord(**(vars(each) | {"name": names.get(each.unit_id, "")})) for each in records]
    return sorted(named, key=lambda each: (each.name, each.unit_id))

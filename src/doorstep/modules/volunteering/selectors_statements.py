"""What is made public of a quarter: points issued, taken back, redeemed, expired, what is outstanding, hours; by place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from doorstep.kernel.ledger.models import Transfer
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, within
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.books import EARN, EXPIRE, POINTS, REDEEM, TAKE_BACK, VOID
from doorstep.modules.volunteering.models import Credit, Slip, Statement, Volunteer
from doorstep.modules.volunteering.models_redemption import HELD, OFFERED

KINDS = (EARN, TAKE_BACK, REDEEM, VOID, EXPIRE)


def statement_figures(place_code: str, quarter: dt.date) -> dict[str, Any]:
    """The figures of a place and of the places in it, as they are counted now. A few queries, whatever the size."""
    last = rules.last_of_quarter(quarter)
    below = level_below(place_code)
    length = LENGTHS[below] if below and below != "grid" else 0
    whole: dict[str, int] = {"services": 0, "people": 0}
    parts: dict[str, dict[str, int]] = {}
    for place, kind, amount in _booked(place_code, quarter, last):
        for sums in _sums(whole, parts, place, length):
            sums[kind] = sums.get(kind, 0) + amount
    served = Credit.objects.filter(
        within("place_code", [place_code]), day__range=(quarter, last), taken_back_at=None
    )
    for place, minutes in served.order_by().values_list("place_code").annotate(minutes=Sum("minutes")):
        for sums in _sums(whole, parts, place, length):
            sums["minutes"] = sums.get("minutes", 0) + minutes
    whole |= served.aggregate(
        services=Count("session", distinct=True), people=Count("volunteer", distinct=True)
    )
    for place, held in _held(place_code):
        for sums in _sums(whole, parts, place, length):
            sums["outstanding"] = sums.get("outstanding", 0) + held
    names = dict(Area.objects.filter(code__in=parts).values_list("code", "name"))
    shown = [{"code": code, "name": names.get(code, code), **_told(parts[code])} for code in sorted(parts)]
    return {**_told(whole), "services": whole["services"], "people": whole["people"], "parts": shown}


def _booked(place_code: str, first: dt.date, last: dt.date) -> QuerySet[Any, Any]:
    rows = Transfer.objects.filter(
        within("transaction__place_code", [place_code]), transaction__book__code=POINTS,
        transaction__kind__in=KINDS, transaction__day__range=(first, last),
    ).exclude(_gathering())  # fmt: skip
    return (
        rows.order_by()
        .values_list("transaction__place_code", "transaction__kind")
        .annotate(all=Sum("amount"))
    )


def _gathering() -> Q:
    """Movements between two stripes of one account, which change nothing."""
    return Q(debit=F("credit"))


def _held(place_code: str) -> list[tuple[str, int]]:
    """What volunteers registered there hold, with what is promised to their open slips."""
    here = Volunteer.objects.filter(within("place_code", [place_code])).order_by()
    rows = list(here.values_list("place_code").annotate(held=Sum("points__balances__amount")))
    open_slips = Slip.objects.filter(
        within("volunteer__place_code", [place_code]), state__in=[HELD, OFFERED]
    ).order_by()
    rows += list(open_slips.values_list("volunteer__place_code").annotate(held=Sum("points")))
    return [(place, int(held or 0)) for place, held in rows]


def _sums(whole: dict[str, int], parts: dict[str, dict[str, int]], place: str, length: int) -> list[dict[str, int]]:  # fmt: skip
    if not length or len(place) < length:
        return [whole]
    return [whole, parts.setdefault(place[:length], {})]


def _told(sums: dict[str, int]) -> dict[str, int]:
    return {
        "issued": sums.get(EARN, 0), "taken_back": sums.get(TAKE_BACK, 0),
        "redeemed": sums.get(REDEEM, 0) - sums.get(VOID, 0), "expired": sums.get(EXPIRE, 0),
        "outstanding": sums.get("outstanding", 0), "minutes": sums.get("minutes", 0),
    }  # fmt: skip


def published(place_code: str = "") -> QuerySet[Statement]:
    """Statements anybody may read, the latest first."""
    return Statement.objects.filter(within("place_code", [place_code])).order_by("-quarter", "place_code")


def open_quarters(place_code: str, most: int = 4) -> list[dt.date]:
    """The latest quarters that are over and not published yet for a place, the latest first. One query."""
    day = rules.quarter_of(clock.today())
    done = set(Statement.objects.filter(place_code=place_code).values_list("quarter", flat=True))
    found = []
    for _number in range(most):
        day = rules.quarter_of(day - dt.timedelta(days=1))
        if day not in done:
            found.append(day)
    return found

"""The three-rate report by place and period; the same as an Excel file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.indicators.selectors import FIRST_DAY
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code, minimal
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.requests import periods
from doorstep.modules.requests.periods import Span
from doorstep.modules.requests.rates_sheet import rates_sheet
from doorstep.modules.requests.rules import ThreeRates
from doorstep.modules.requests.selectors_report import Report, report
from doorstep.modules.requests.services_exports import record_export
from doorstep.modules.requests.states import VIEW
from doorstep.modules.requests.views_parts import desk_page
from doorstep.modules.requests.wording import RATES, as_text, change_words, period_words, rate_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_OF = {"response": {"contacted": "yes"}, "resolution": {"solved": "yes"}, "satisfaction": {"least": "3"}}


@dataclass(frozen=True)
class AskedPeriod:
    """The period of the address and what it is compared with. `trouble`: what was asked and cannot be shown."""

    span: Span
    how: str
    trouble: str = ""

    @property
    def against(self) -> Span | None:
        return periods.compared(self.span, self.how)

    @property
    def query(self) -> str:
        days = {"since": self.span.since.isoformat(), "on": self.span.on.isoformat(), "against": self.how}
        return urlencode(days)


def asked_period(request: HttpRequest) -> AskedPeriod:
    """The last whole month without any; the same, and said, for days that cannot be shown."""
    today = clock.today()
    how = request.GET.get("against", periods.BEFORE)
    how = how if how in (periods.BEFORE, periods.YEAR, periods.NOTHING) else periods.BEFORE
    since, on = request.GET.get("since", ""), request.GET.get("on", "")
    if not since and not on:
        return AskedPeriod(periods.month_before(today), how)
    try:
        span = Span(dt.date.fromisoformat(since), dt.date.fromisoformat(on))
    except ValueError:
        span = Span(today, FIRST_DAY)
    if not FIRST_DAY <= span.since <= span.on <= today:
        words = _("请选 %(first)s 到今天之间、先后相接的两天；下面按上个月显示。") % {"first": FIRST_DAY}
        return AskedPeriod(periods.month_before(today), how, words)
    return AskedPeriod(span, how)


@desk_page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The report of the reader's own place."""
    own = minimal(actor_of(request).places_for(VIEW))
    if not own:
        raise Http404
    return redirect("requests:rates", own[0] or settings.HOME_PLACE)


@desk_page
@require_GET
def rates(request: HttpRequest, code: str) -> HttpResponse:
    asked, found, name = _report(request, code)
    context = {
        "asked": asked, "report": found, "name": name, "code": code, "period": period_words(asked.span),
        "against": period_words(asked.against) if asked.against else "", "text": as_text(found, name),
        "figures": _figures(found), "parts": [_part(part.key, part.name, part.rates, found) for part in found.parts],
        "whole": _part(code, name, found.whole, found), "presets": _presets(asked.how),
        "reasons": [(words, n, _calls(found, code, reason=key)) for key, words, n in found.reasons],
        "ways": [(periods.BEFORE, _("上一期")), (periods.YEAR, _("上年同期")), (periods.NOTHING, _("不对比"))],
        "weights": " / ".join(str(weight) for weight in found.values["rates.composite"]),
    }  # fmt: skip
    return render(request, "requests/rates.html", context)


@desk_page
@require_GET
def rates_file(request: HttpRequest, code: str) -> HttpResponse:
    asked, found, name = _report(request, code)
    body = rates_sheet(found, name)
    record_export(
        actor=actor_of(request), what="requests.rates", place_code=code, on=asked.span.on, rows=1 + len(found.parts),
        sentence=f"{name} {period_words(asked.span)}",
    )  # fmt: skip
    answer = HttpResponse(body, content_type=XLSX)
    answer["Content-Disposition"] = (
        f'attachment; filename="rates-{code}-{asked.span.since}-{asked.span.on}.xlsx"'
    )
    return answer


def _report(request: HttpRequest, code: str) -> tuple[AskedPeriod, Report, str]:
    if not is_code(code):
        raise Http404
    asked = asked_period(request)
    found = report(actor_of(request), code, asked.span, asked.against)
    name = full_names_of({code}).get(code)
    if name is None:
        raise Http404
    return asked, found, name


def _figures(found: Report) -> list[dict[str, Any]]:
    figures = []
    for key, name in RATES.items():
        rate = rate_of(found.whole, key)
        before = rate_of(found.before, key) if found.before is not None else None
        figures.append(
            {
                "name": name, "rate": rate, "before": before, "change": change_words(rate, before),
                "url": _calls(found, found.place_code, valid="yes"),
                "met": _calls(found, found.place_code, valid="yes", **MADE_OF[key]),
            }
        )  # fmt: skip
    return figures


def _part(code: str, name: str, rates: ThreeRates, found: Report) -> dict[str, Any]:
    closed = {"place": code, "closed_since": found.period.since, "closed_until": found.period.on}
    register = reverse("web:register", args=["requests"])
    return {
        "code": code, "name": name, "rates": rates, "calls": _calls(found, code, valid="yes"),
        "tried": _calls(found, code), "closed": f"{register}?{urlencode(closed)}",
        "covered": f"{register}?{urlencode(closed | {'called': 'yes'})}",
        "cells": [
            (rate_of(rates, key), _calls(found, code, valid="yes", **MADE_OF[key])) for key in RATES
        ],
    }  # fmt: skip


def _calls(found: Report, code: str, **more: str) -> str:
    days = {"place": code, "since": found.period.since, "until": found.period.on}
    return f"{reverse('web:register', args=['requests.call_backs'])}?{urlencode(days | more)}"


def _presets(how: str) -> list[tuple[str, str]]:
    today = clock.today()
    spans = [
        (_("上个月"), periods.month_before(today)),
        (_("本月至今"), Span(today.replace(day=1), today)),
        (_("本季至今"), Span(periods.quarter_of(today).since, today)),
        (_("今年至今"), Span(today.replace(month=1, day=1), today)),
    ]
    return [(words, AskedPeriod(span, how).query) for words, span in spans]

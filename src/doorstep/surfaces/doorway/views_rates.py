"""The three rates for anybody, month by month: what stands on too few call-backs is not shown."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.modules.requests import periods
from doorstep.modules.requests.selectors_report import public_report
from doorstep.surfaces.doorway.pace import paced

MONTHS = 12


@require_GET
@paced
def rates(request: HttpRequest, code: str = "") -> HttpResponse:
    """The home district, a street or a community in one of the last twelve whole months (`?month=2026-05`)."""
    code = code or settings.HOME_PLACE
    inside = within("code", [settings.HOME_PLACE])
    levels = ("county", "street", "community")
    rows = Area.objects.select_related("parent").filter(inside, code=code, level__in=levels, ended_on=None)
    area = rows.first() if is_code(code) else None
    if area is None:
        raise Http404
    months = _months(clock.today())
    asked = request.GET.get("month", "")
    chosen = next((span for span in months if f"{span.since:%Y-%m}" == asked), months[0])
    if asked and f"{chosen.since:%Y-%m}" != asked:
        raise Http404
    shown = public_report(area, chosen)
    above = area.parent if area.parent is not None and area.parent.level in levels else None
    context = {"shown": shown, "months": [f"{span.since:%Y-%m}" for span in months], "month": f"{chosen.since:%Y-%m}",
               "neighbourhood": area.name, "above": above}  # fmt: skip
    return render(request, "doorway/rates.html", context)


def _months(today: dt.date) -> list[periods.Span]:
    found = [periods.month_before(today)]
    while len(found) < MONTHS:
        found.append(periods.month_before(found[-1].since))
    return found

"""The calendar of a place on one page, and the feed of it that phones subscribe to. Anybody may read both."""

from __future__ import annotations

import datetime as dt
import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from doorstep.kernel.activities import feeds
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.culture import selectors_calendar
from doorstep.modules.culture.addresses import address_of

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
YEARS = 3  # back and ahead: beyond it there is nothing, and robots would go on for ever
FEED_SECONDS = 900


@require_GET
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """`?kind=event` narrows, `?month=2026-07` shows that month instead of the weeks to come."""
    area = _area(code)
    if area.code != code:
        return redirect("culture:calendar", area.code)
    chips = selectors_calendar.kind_chips()
    kind = request.GET.get("kind", "")
    if kind and kind not in dict(chips):
        raise Http404
    month = _month(request.GET.get("month", ""))
    shown = selectors_calendar.calendar_of(area, kind=kind, month=month)
    feed = request.build_absolute_uri(reverse("culture:feed", args=[area.code]))
    context = {
        "shown": shown, "chips": chips, "kind": kind, "neighbourhood": area.name, "feed": feed,
        "subscribe": re.sub(r"^https?:", "webcal:", feed), "page_address": address_of,
        "extra": f"&kind={kind}" if kind else "",
    }  # fmt: skip
    return render(request, "culture/calendar.html", context)


@require_safe
def feed(request: HttpRequest, code: str) -> HttpResponse:
    area = _area(code)
    content = feeds.calendar_file(
        _("%(place)s的活动") % {"place": area.name}, [(row, "") for row in selectors_calendar.feed_sessions(area)],
        lambda session: request.build_absolute_uri(address_of(session.pk)), request.get_host().partition(":")[0],
    )  # fmt: skip
    return feeds.answer_with(
        request, content, file=f"{area.code}.ics", caching=f"public, max-age={FEED_SECONDS}"
    )


def _area(code: str) -> Area:
    area = selectors_calendar.area_of(code) if is_code(code) else None
    if area is None:
        raise Http404
    return area


def _month(text: str) -> dt.date | None:
    if not text:
        return None
    match = _MONTH.fullmatch(text)
    found = dt.date(int(match[1]), int(match[2]), 1) if match else None
    if found is None or abs(found.year - clock.today().year) > YEARS:
        raise Http404
    return found

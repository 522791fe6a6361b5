"""The hotline desk: take a call down, bring a batch in, send back what became of the tickets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.indicators.selectors import FIRST_DAY
from doorstep.kernel.people.policies import REVEAL
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.shared import clock
from doorstep.kernel.web.sheets_out import download, workbook
from doorstep.modules.requests import hotline_sheet
from doorstep.modules.requests.hotline_sheet import COLUMNS, WHICH, Asked
from doorstep.modules.requests.periods import Span
from doorstep.modules.requests.policies import BRING_HOTLINE
from doorstep.modules.requests.services_exports import record_export
from doorstep.modules.requests.states import CALL_BACK
from doorstep.modules.requests.views_parts import desk_page
from doorstep.modules.requests.wording import period_words

PURPOSES = ("contact", "supervision")
LAST_DAYS = 7
THEIR_LANGUAGE = "zh-hans"  # the hotline's system knows its columns by their Chinese names


@desk_page
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    actor = _allowed(request)
    today = clock.today()
    given = {"which": hotline_sheet.CLOSED, "since": today - dt.timedelta(days=LAST_DAYS - 1), "until": today}
    return _page(request, actor, given)


@desk_page
@never_cache
@require_POST
def sheet(request: HttpRequest) -> HttpResponseBase:
    """The tickets in the hotline's own columns. A post, so that no address that is passed on names callers."""
    actor = _allowed(request)
    given = {name: request.POST.get(name, "") for name in ("which", "since", "until", "purpose")}
    asked, trouble = _asked(actor, given)
    if asked is None:
        return _page(request, actor, given, trouble, status=422)
    number = hotline_sheet.tickets(actor, asked).count()
    record_export(
        actor=actor, what="requests.hotline", place_code="", on=clock.today(), rows=number,
        sentence=_sentence(asked),
    )  # fmt: skip
    with override(THEIR_LANGUAGE):
        titles, name = [str(title) for title, _width in COLUMNS], _("热线回单")
    pieces = workbook(name, titles, [width for _title, width in COLUMNS], hotline_sheet.lines(actor, asked))
    return download(pieces, f"{name}-{clock.today():%Y%m%d}.xlsx", language=THEIR_LANGUAGE)


def _allowed(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not actor.holds_somewhere(BRING_HOTLINE):
        raise Http404
    return actor


def _asked(actor: Actor, given: dict[str, str]) -> tuple[Asked | None, str]:
    """What was asked, or what is wrong with it."""
    if given["which"] not in WHICH:
        return None, _("请选哪些工单。")
    purpose = given["purpose"]
    if purpose and (purpose not in PURPOSES or not actor.holds_somewhere(REVEAL)):
        return None, _("这个用途不在允许的范围内。")
    try:
        since, until = (dt.date.fromisoformat(given[name]) for name in ("since", "until"))
    except ValueError:
        return None, _("请填两天的日期，例如 2026-06-01。")
    if not FIRST_DAY <= since <= until <= clock.today():
        return None, _("请选 %(first)s 到今天之间、先后相接的两天。") % {"first": FIRST_DAY}
    return Asked(given["which"], since, until, purpose), ""


def _sentence(asked: Asked) -> str:
    words = [_("热线回单"), str(WHICH[asked.which])]
    if asked.which != hotline_sheet.OPEN:
        words.append(period_words(Span(asked.since, asked.until)))
    words.append(
        _("来电人完整：%(why)s") % {"why": reveal_purposes()[asked.purpose].name}
        if asked.purpose
        else _("来电人遮盖")
    )
    return " · ".join(words)


def _page(
    request: HttpRequest, actor: Actor, given: dict[str, Any], trouble: str = "", status: int = 200
) -> HttpResponse:
    purposes = [reveal_purposes()[code] for code in PURPOSES] if actor.holds_somewhere(REVEAL) else []
    context = {
        "waiting": hotline_sheet.waiting(actor), "which": WHICH.items(), "given": given, "trouble": trouble,
        "purposes": purposes, "may_call": actor.holds_somewhere(CALL_BACK), "columns": [str(title) for title, _w in COLUMNS],
    }  # fmt: skip
    return render(request, "requests/hotline.html", context, status=status)

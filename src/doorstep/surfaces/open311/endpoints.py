"""What all addresses share: methods, the counting, the jurisdiction, and refusals in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.frame.outage import AGAIN_SECONDS, is_away
from doorstep.surfaces.open311.access import count_reader
from doorstep.surfaces.open311.answers import Answer, respond
from doorstep.surfaces.open311.faults import Fault, answer_of

UNREADABLE = _("请求读不出来：须是表单（application/x-www-form-urlencoded），不超过 5 MB。")
WRONG_METHOD = _("这个地址不支持 %(method)s，支持 %(allowed)s。")
AWAY = _("数据库暂时连不上，这次请求没有办成。请过一会儿用同一个 Idempotency-Key 再发，不会重复。")
WRONG_JURISDICTION = _("没有找到辖区 %(given)s：这里只有 %(ours)s。")

Ask = Callable[..., Answer]


def endpoint(**by_method: Ask) -> Callable[..., HttpResponse]:
    """One address: what answers GET, what answers POST. The last part of every address is its form, json or xml."""
    methods = by_method | ({"HEAD": by_method["GET"]} if "GET" in by_method else {})

    @csrf_exempt  # no cookie stands for anybody here: who writes gives a key
    def view(request: HttpRequest, form: str, **parts: Any) -> HttpResponse:
        ask = methods.get(request.method or "")
        response = respond(_answer(request, ask, sorted(methods), parts), form)
        response["Cache-Control"] = "no-store" if request.method == "POST" else "public, max-age=60"
        if response.status_code >= 400:
            response["Cache-Control"] = "no-store"
        if response.status_code == 405:
            response["Allow"] = ", ".join(sorted(methods))
        if response.status_code == 429:
            response["Retry-After"] = "60"
        if response.status_code == 503:
            response["Retry-After"] = str(AGAIN_SECONDS)
        return response

    return wraps(next(iter(by_method.values())), updated=())(view)


def _answer(request: HttpRequest, ask: Ask | None, allowed: list[str], parts: dict[str, Any]) -> Answer:
    """Chinese, whatever cookies a browser brings: refusals say English beside it."""
    with translation.override(settings.LANGUAGE_CODE):
        try:
            if ask is None:
                raise Fault(405, WRONG_METHOD, method=request.method, allowed=", ".join(allowed))
            if request.method != "POST":
                count_reader(request)
            _check_jurisdiction(request)
            return ask(request, **parts)
        except (Fault, Refused) as fault:
            return answer_of(fault)
        except (SuspiciousOperation, MultiPartParserError, BadRequest):
            return answer_of(Fault(400, UNREADABLE))
        except (OperationalError, InterfaceError) as error:
            if not is_away(error):
                raise
            return answer_of(Fault(503, AWAY))


def _check_jurisdiction(request: HttpRequest) -> None:
    """There is one, so it need not be named; another is not found."""
    given = request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id")
    if given and given != settings.HOME_PLACE:
        raise Fault(404, WRONG_JURISDICTION, given=given[:40], ours=settings.HOME_PLACE)

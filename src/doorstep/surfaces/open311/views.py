"""Addresses of GeoReport v2, each one question to a selector or one report to the intake."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from doorstep.surfaces.open311 import intake, selectors
from doorstep.surfaces.open311.access import bearer
from doorstep.surfaces.open311.answers import TYPES, Answer
from doorstep.surfaces.open311.description import document
from doorstep.surfaces.open311.endpoints import endpoint
from doorstep.surfaces.open311.parameters import asked

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-27T00:00:00+08:00"  # of this interface, not of what it answers


def _discovery(request: HttpRequest) -> Answer:
    root = request.build_absolute_uri("/")
    served: dict[str, Any] = {
        "specification": SPECIFICATION, "url": f"{root}open311/v2", "changeset": CHANGED,
        "type": "test" if settings.DEMO else "production", "formats": [kind.partition(";")[0] for kind in TYPES.values()],
    }  # fmt: skip
    return Answer(
        "discovery",
        {
            "changeset": CHANGED, "contact": _("找区里，见首页：%(address)s") % {"address": root},
            "key_service": _("密钥向区平台的系统管理员申请，写明单位和用途；查询不要密钥。"), "endpoints": [served],
        },
    )  # fmt: skip


def _services(request: HttpRequest) -> Answer:
    return Answer("services", selectors.services())


def _service(request: HttpRequest, code: str) -> Answer:
    return Answer("service_definition", selectors.definition(code))


def _requests(request: HttpRequest) -> Answer:
    return Answer("service_requests", selectors.requests(asked(request.GET)))


def _report(request: HttpRequest) -> Answer:
    told, is_new = intake.take_in(request, bearer(request))
    return Answer("service_requests", told, status=201 if is_new else 200)


def _request(request: HttpRequest, number: str) -> Answer:
    return Answer("service_requests", selectors.request_named(number))


def _token(request: HttpRequest, token: str) -> Answer:
    """Every report has its number at once, so its number is its token; of one that is not public nothing is told."""
    found = selectors.request_named(token)[0]["service_request_id"]
    return Answer("service_requests", [{"service_request_id": found, "token": found}])


discovery = endpoint(GET=_discovery)
services = endpoint(GET=_services)
service = endpoint(GET=_service)
requests = endpoint(GET=_requests, POST=_report)
request_of = endpoint(GET=_request)
token = endpoint(GET=_token)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})

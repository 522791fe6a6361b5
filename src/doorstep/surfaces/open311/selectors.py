"""What is answered: services from the list of items of today, and requests as anybody may read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.matters.models import Matter
from doorstep.modules.requests.models import EventItem
from doorstep.modules.requests.selectors import items_at
from doorstep.modules.requests.selectors_public import (
    PublicRequest,
    is_public,
    public_classes,
    public_requests,
    told_publicly,
)
from doorstep.surfaces.open311 import attributes
from doorstep.surfaces.open311.faults import Fault
from doorstep.surfaces.open311.parameters import CODE, Asked, id_of

NO_SERVICE = gettext_lazy("没有找到服务 %(code)s。现有的见 services。")
NO_REQUEST = gettext_lazy("没有找到 %(number)s，或者它不公开。")
_UNREAD = ("text", "sought", "bigrams", "address")


def services() -> list[dict[str, Any]]:
    """The items that are taken here. Two queries."""
    classes = public_classes()
    return [_service(item, classes) for item in _items().order_by("event_class", "code")]


def _items() -> Any:
    return items_at(settings.HOME_PLACE).filter(elsewhere="")


def _service(item: EventItem, classes: frozenset[str]) -> dict[str, Any]:
    told = (
        _("办理情况公开，不含个人信息。")
        if is_public(item, classes)
        else _("不公开：只有报告人和受理单位看得到。")
    )
    return {
        "service_code": item.code, "service_name": item.name,
        "description": f"{item.get_event_class_display()}：{item.name}。{told}", "metadata": True, "type": "realtime",
        "keywords": ",".join(item.words), "group": item.get_event_class_display(),
    }  # fmt: skip


def service_named(code: str) -> EventItem:
    """The item of that code. Raises Fault 404 where there is none today."""
    found: EventItem | None = _items().filter(code=code).first() if CODE.fullmatch(code) else None
    if found is None:
        raise Fault(404, NO_SERVICE, code=code[:40])
    return found


def definition(code: str) -> dict[str, Any]:
    return {"service_code": service_named(code).code, "attributes": attributes.told()}


def requests(asked: Asked) -> list[dict[str, Any]]:
    """A page of public requests, the latest first. Six queries, whatever their number."""
    rows = public_requests()
    if asked.ids is not None:
        rows = rows.filter(pk__in=asked.ids)
    else:
        rows = rows.filter(_narrowed(asked), opened_at__range=(asked.start, asked.end))
    page = rows.defer(*_UNREAD).order_by("-opened_at", "-pk")[asked.first : asked.first + asked.size]
    return list(_requests(list(page)))


def _narrowed(asked: Asked) -> Q:
    condition = Q()
    if asked.codes:
        condition &= Q(item__in=asked.codes)
    if asked.statuses:
        condition &= Q(is_open__in=[status == "open" for status in asked.statuses])
    return condition


def request_named(number: str) -> list[dict[str, Any]]:
    """One public request. Raises Fault 404 where there is none, or it is not public: nothing tells which."""
    pk = id_of(number)
    rows = list(public_requests().defer(*_UNREAD).filter(pk=pk)) if pk is not None else []
    if not rows:
        raise Fault(404, NO_REQUEST, number=number[:40])
    return list(_requests(rows))


def _requests(rows: list[Matter]) -> Iterable[dict[str, Any]]:
    return (_request(each) for each in told_publicly(rows))


def _request(told: PublicRequest) -> dict[str, Any]:
    """In the names of the specification. Position, zip code and pictures are never told; the address is a community."""
    return {
        "service_request_id": told.number, "status": "open" if told.is_open else "closed",
        "status_notes": "：".join(part for part in (told.state, told.next_step) if part),
        "service_name": told.item, "service_code": told.item_code, "description": told.title or told.item,
        "agency_responsible": told.office, "service_notice": "", "requested_datetime": told.opened_at,
        "updated_datetime": told.changed_at, "expected_datetime": told.due_at, "address": told.place,
        "address_id": told.place_code, "zipcode": "", "lat": None, "long": None, "media_url": "",
    }  # fmt: skip

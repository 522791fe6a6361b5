"""A report as a form brings it: from the specification's fields to the platform's one way of taking reports in.

Contact data is not read: a number merely typed proves nobody, and what is not kept cannot leak. Pictures are not
fetched from anywhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.authority.services_tokens import Bearer
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.modules.requests.follow_codes import code_of
from doorstep.modules.requests.places import where_is
from doorstep.modules.requests.selectors_public import is_public, public_classes
from doorstep.modules.requests.services import Report, Reported, report
from doorstep.surfaces.open311 import attributes
from doorstep.surfaces.open311.faults import Fault
from doorstep.surfaces.open311.parameters import position
from doorstep.surfaces.open311.selectors import service_named

CONTACT = ("email", "phone", "first_name", "last_name")
KEYS = uuid.UUID(
    "8a1f3b52-4c0e-5d6a-9b7e-311311311311"
)  # a sender's own key under it is always the same report
LONGEST_KEY = 200
NO_SERVICE_CODE = gettext_lazy("请给出 service_code。")
BAD_KEY = gettext_lazy("Idempotency-Key 最多 %(most)d 个 ASCII 字符。")
BAD_ADDRESS_ID = gettext_lazy("address_id 须是地方的代码（街道 9 位、社区 12 位、网格 15 位）或楼栋的编号。")


def take_in(request: HttpRequest, bearer: Bearer) -> tuple[list[dict[str, Any]], bool]:
    """Take in one report, with an Idempotency-Key of the sender's own once: what to tell, and whether it is new.

    Raises Fault, or what the service raises.
    """
    form = request.POST
    taken = report(actor=bearer.actor, new=_report(form, bearer, _key(request, bearer)))
    notice = "".join(_notice(form, request, taken))
    told = {"service_request_id": taken.matter.number, "service_notice": notice, "account_id": ""}
    return [told], taken.is_new


def _report(form: QueryDict, bearer: Bearer, key: uuid.UUID) -> Report:
    code = form.get("service_code", "").strip()
    if not code:
        raise Fault(400, NO_SERVICE_CODE)
    item, said = service_named(code), attributes.given_in(form)
    text, anonymous = form.get("description", "").strip(), said.get("anonymous") == "yes"
    return Report(
        source="open311", item_code=item.code, text=text, title="" if text else item.name,
        urgency=said.get("urgency", ""), anonymous=anonymous, key=key,
        reporter_id=None if anonymous else bearer.actor.person_id, **_where(form, said.get("where", "")),
    )  # fmt: skip


def _where(form: QueryDict, detail: str) -> dict[str, Any]:
    """A position, a place or building by address_id, or an address that names one building; what is finer beside it."""
    address, found = form.get("address_string", "").strip(), _of_id(form.get("address_id", "").strip())
    pinned = position(form)
    if pinned is not None:
        found |= {"longitude": pinned[0], "latitude": pinned[1]}
    if not found and detail:
        found = {"place_code": where_is(address=address).code}
    return found | {"address": " ".join(part for part in (address, detail) if part)}


def _of_id(text: str) -> dict[str, Any]:
    if not text:
        return {}
    if is_code(text) and len(text) >= LENGTHS["street"]:
        return {"place_code": text}
    building = whole_number(text, LENGTHS["street"] - 1)
    if building is None:
        raise Fault(400, BAD_ADDRESS_ID)
    return {"building_id": building}


def _key(request: HttpRequest, bearer: Bearer) -> uuid.UUID:
    """The same for the same sender's key, also after the sender has changed its access key."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if not given:
        return uuid.uuid4()
    if len(given) > LONGEST_KEY or not given.isascii():
        raise Fault(400, BAD_KEY, most=LONGEST_KEY)
    token = bearer.token
    sender = f"unit {token.unit_id}" if token.account_id is None else f"account {token.account_id}"
    return uuid.uuid5(KEYS, f"{sender}:{given}")


def _notice(form: QueryDict, request: HttpRequest, taken: Reported) -> Iterable[str]:
    """What the reporter should know, in whole sentences."""
    if not taken.is_new:
        yield _("这份上报先前已经收到，没有重复登记。")
    yield from (str(words) for words in taken.warnings)
    if any(form.get(name, "").strip() for name in CONTACT):
        yield _("姓名、电话、邮箱没有保存，办理人不会据此联系。")
    if form.get("media_url", "").strip() or request.FILES:
        yield _("照片没有收下：平台不从别处取图。请把照片里看得到的写进说明。")
    item = taken.request.item
    if item is None or not is_public(item, public_classes()):
        yield _("这类事不公开，用编号在这里查不到。")
    if taken.request.anonymous:
        yield _("报告人可在本区手机页面用查询码 %(code)s 查看办理情况。") % {"code": code_of(taken.matter)}

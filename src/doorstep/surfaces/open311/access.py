"""Who asks: anybody reads; whoever reports has a key with the scope for it. Both as often as is reasonable."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.authority.services_tokens import Bearer, bearer_of
from doorstep.kernel.shared.counting import address_of, counted
from doorstep.surfaces.open311.faults import Fault
from doorstep.surfaces.open311.scopes import REPORT

NO_KEY = _("上报要有接口密钥：请在 api_key 里给出。密钥向区平台的系统管理员申请。")
UNKNOWN_KEY = _("这个密钥不存在、已停用或已到期。")
NOT_FOR_REPORTS = _("这个密钥没有开放上报的权限。请另申请一个。")
TOO_MANY = _("请求太频繁，请过一分钟再试。")


def count_reader(request: HttpRequest) -> None:
    """Raises Fault 429 beyond so many answers a minute for one address."""
    _count(f"reader {address_of(request)}")


def bearer(request: HttpRequest) -> Bearer:
    """Whose key the form carries. Raises Fault 403 without one that may report, 429 for one that reports too often."""
    secret = request.POST.get("api_key", "").strip()
    if not secret:
        raise Fault(403, NO_KEY)
    found = bearer_of(secret)
    if found is None:
        _count(f"unknown key from {address_of(request)}")
        raise Fault(403, UNKNOWN_KEY)
    _count(f"key {found.token.pk}")
    if not found.may(REPORT):
        raise Fault(403, NOT_FOR_REPORTS)
    _count_report(found)
    return found


def _count(who: str) -> None:
    if counted("open311", who) > settings.API_CALLS_A_MINUTE:
        raise Fault(429, TOO_MANY)


def _count_report(bearer: Bearer) -> None:
    """Somebody's own keys share what one account may report in a minute, here and at the API; a partner reports for many."""
    account_id = bearer.token.account_id
    if (
        account_id is not None
        and counted("api:report", f"account {account_id}") > settings.API_REPORTS_A_MINUTE
    ):
        raise Fault(429, TOO_MANY)

"""Gives every request its actor, and lets a session on only while it may go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import ANONYMOUS, Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.authority.backends import KEPT
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.sessions import asking
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import error_data
from doorstep.kernel.shared.kept import Stretch, steady

SEEN, SECOND_FACTOR = "seen_at", "second_factor_of"
BY_CODE = "signed_in_by_code"  # a resident's way in: it never opens what staff may do
SEEN_EVERY = 60  # seconds between two notes that somebody is there
FREE_APPS = {"frame"}
FREE_NAMES = {
    "account_login", "account_logout", "account_reauthenticate", "account_change_password", "account_inactive",
    "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
}  # fmt: skip


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = partial(_actor_of, request)  # type: ignore[attr-defined]  # ours, see actor_of
        return self.get_response(request)


def _actor_of(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        return ANONYMOUS
    # the question for the account brought along how the kept tables stand
    with steady(Stretch(getattr(request.user, KEPT, ""))) as stretch:
        request.stretch = stretch  # type: ignore[attr-defined]  # ours, see stretch_of
        return actor_for(request.user)


class SessionGate:
    """Before a page is served: the session has not idled too long, a demo account only signs in while DEMO is on,
    a password that must be changed is changed, and staff have their second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        # the account itself from here on: each look at it through the framework's lazy stand-in costs a call
        with asking(request.session):
            request.user = account = get_user(request)
        if not isinstance(account, Account):
            return None
        if account.is_demo and not settings.DEMO:
            logout(request)
            return self._to_sign_in(request, _("演示账号已停用。"))
        if self._idled_too_long(request):
            logout(request)
            return self._to_sign_in(request, _("您离开较久，为了安全已自动退出。请重新登录。"))
        if request.session.get(BY_CODE) and actor_of(request).is_staff:
            logout(request)
            return self._to_sign_in(request, _("您的账号有了工作岗位，请用账号和密码登录。"))
        if _is_free(request) or account.is_demo:
            return None
        return self._unfinished(request, account)

    def _idled_too_long(self, request: HttpRequest) -> bool:
        # The wall's clock: a day held fixed for a demonstration must not keep sessions open.
        now, seen = time.time(), request.session.get(SEEN)
        staff = actor_of(request).is_staff
        minutes = settings.STAFF_IDLE_MINUTES if staff else settings.RESIDENT_IDLE_MINUTES
        if seen is not None and now - seen > minutes * 60:
            return True
        if seen is None or now - seen > SEEN_EVERY:
            request.session[SEEN] = now
        return False

    def _unfinished(self, request: HttpRequest, account: Account) -> HttpResponse | None:
        staff = actor_of(request).is_staff
        if account.must_change_password:
            return self._first(request, "account_change_password", _("请先设置自己的密码。"))
        if not staff:
            return None
        if _password_is_old(account):
            return self._first(request, "account_change_password", _("密码用得太久了，请换一个新的。"))
        if not _has_second_factor(request, account):
            text = _("工作人员登录须使用动态验证码。请先在手机上设置。")
            return self._first(request, "mfa_activate_totp", text)
        return None

    def _first(self, request: HttpRequest, name: str, text: str) -> HttpResponse:
        if _wants_data(request):
            return JsonResponse(error_data("finish_sign_in", text), status=403)
        messages.warning(request, text)
        return redirect(name)

    def _to_sign_in(self, request: HttpRequest, text: str) -> HttpResponse:
        if _wants_data(request):
            return JsonResponse(error_data("sign_in", text), status=401)
        messages.info(request, text)
        answer = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if request.headers.get("HX-Request"):  # a part of a page: the whole page goes to the sign-in
            return HttpResponse(headers={"HX-Redirect": answer["Location"]})
        return answer


def _is_free(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name in FREE_NAMES or match.app_name in FREE_APPS)


def _wants_data(request: HttpRequest) -> bool:
    """A program, or a page's script that sends what was written without a network: it must not take a page for an answer."""
    asked = request.headers.get("Accept", "").startswith("application/json")
    return asked or request.path.startswith(("/api/", "/open311/"))


def _password_is_old(account: Account) -> bool:
    day = account.password_set_on
    return day is not None and (clock.today() - day).days > settings.STAFF_PASSWORD_DAYS


def _has_second_factor(request: HttpRequest, account: Account) -> bool:
    """Asked of the database once per session: taking a factor away also sets a new password, which ends sessions."""
    if request.session.get(SECOND_FACTOR) == account.pk:
        return True
    found = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()
    if found:
        request.session[SECOND_FACTOR] = account.pk
    return found

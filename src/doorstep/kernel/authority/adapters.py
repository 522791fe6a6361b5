"""How django-allauth meets the platform: what it may do, where it leads, and what the audit keeps of it."""

from __future__ import annotations

import base64
import time
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.authority import services
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.navigation import first_page_of
from doorstep.kernel.people.ciphers import open_secret, seal_secret

SIGNED_IN_AT = "signed_in_at"
JUST_NOW = 300  # seconds


def first_page(account: Account) -> str:
    """Where one lands: on the page of one's post where it has one, other staff on their work, everybody else at the door."""
    actor = actor_for(account)
    own = first_page_of(actor.posts())
    for name in (own.url if own else "", "desk:work") if actor.is_staff else ("doorway:home",):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return "/"


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("这个账号已停用。"),
        "username_password_mismatch": _("账号或密码不对。"),
        "incorrect_password": _("密码不对。"),
        "enter_current_password": _("现在的密码不对。"),
        "too_many_login_attempts": _("尝试次数太多，请过一会儿再试。"),
        "same_as_current": _("新密码不能与现在的密码相同。"),
        "rate_limited": _("操作太频繁，请过一会儿再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the system administrator."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return first_page(request.user)  # type: ignore[arg-type]  # signed in: it is an Account

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return first_page(request.user)  # type: ignore[arg-type]  # signed in: it is an Account

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()
        services.signed_in(actor=actor_for(user), account=user, way="password")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in is not asked again at once to set up or change a second factor."""
        at = context.request.session.get(SIGNED_IN_AT, 0)
        return time.time() - at > JUST_NOW and super().is_reauthentication_required(app=app, **kwargs)

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        if isinstance(user, Account):
            services.signed_out(actor=actor_for(user), account=user)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        services.sign_in_failed(actor=ANONYMOUS, username=str(credentials.get("username", "")))

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        services.password_was_changed(actor=actor_for(user), account=user)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("验证码不对，或刚刚用过。请等手机上出现下一个再输入。"),
        "cannot_delete_authenticator": _("工作人员必须使用动态验证码，不能停用。换手机请找安全管理员。"),
        "rate_limited": _("操作太频繁，请过一会儿再试。"),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal_secret(text, "second factor")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(base64.b64decode(encrypted_text), "second factor")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not actor_for(authenticator.user).is_staff

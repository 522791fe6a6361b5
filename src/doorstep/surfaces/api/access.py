"""Who asks: a program with a key, or a browser with its session. A key opens only the addresses of its scopes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from doorstep.kernel.access import requests
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.services_tokens import bearer_of
from doorstep.kernel.shared.counting import address_of, counted
from doorstep.surfaces.api.refusals import NotInScope, TooMany, speak_for


class Key(HttpBearer):
    """`Authorization: Bearer dk_…`, with the scope of the address."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        speak_for(request)
        bearer = bearer_of(token.strip())
        if bearer is None:
            _count(f"unknown key from {address_of(request)}")
            raise AuthenticationError
        _count(f"key {bearer.token.pk}")
        if bearer.token.account_id is None or not bearer.may(self.scope):
            raise NotInScope(self.scope)
        return bearer.actor


class SignedIn(SessionAuth):
    """The browser's session, for reading: pages of the platform ask with it."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        speak_for(request)
        actor = requests.actor_of(request)
        return None if actor.is_anonymous else actor


def _count(who: str) -> None:
    if counted("api", who) > settings.API_CALLS_A_MINUTE:
        raise TooMany


def count_report(request: HttpRequest) -> None:
    """Raises TooMany, in words, for more reports in a minute than one account's programs may send."""
    if counted("api:report", f"account {actor_of(request).account_id}") > settings.API_REPORTS_A_MINUTE:
        raise TooMany(
            _("一分钟里上报得太多了（最多 %(n)d 件）。请过一分钟再报；同一个 Idempotency-Key 再发不会重复。")
            % {"n": settings.API_REPORTS_A_MINUTE}
        )


def reading(scope: str) -> list[Any]:
    """By key, or by the session of whoever is signed in."""
    return [Key(scope), SignedIn()]


def writing(scope: str) -> list[Any]:
    """By key alone: in a browser one writes on the pages."""
    return [Key(scope)]


def actor_of(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined]  # Key or SignedIn gave it

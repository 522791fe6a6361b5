"""Gives every request its actor, computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from doorstep.kernel.access.actors import ANONYMOUS, Actor
from doorstep.kernel.authority.selectors import actor_for


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor_of(request))  # type: ignore[attr-defined]  # ours
        return self.get_response(request)


def _actor_of(request: HttpRequest) -> Actor:
    return actor_for(request.user) if request.user.is_authenticated else ANONYMOUS

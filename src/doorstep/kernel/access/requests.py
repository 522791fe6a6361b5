"""Who asks for a page."""

from __future__ import annotations

from django.http import HttpRequest

from doorstep.kernel.access.actors import Actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor that authority's middleware puts on every request; nobody in particular before a sign-in."""
    return request.actor  # type: ignore[attr-defined]  # ActorMiddleware sets it

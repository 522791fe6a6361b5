"""Who asks for a page."""

from __future__ import annotations

from django.http import HttpRequest

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.kept import States


def actor_of(request: HttpRequest) -> Actor:
    """The actor that authority's middleware puts on every request; nobody in particular before a sign-in."""
    return request.actor  # type: ignore[attr-defined]  # ActorMiddleware sets it


def states_of(request: HttpRequest) -> States | None:
    """The states of kept tables under which this request's actor was read, a moment ago; None where none were asked."""
    found: States | None = getattr(request, "kept_states", None)
    return found

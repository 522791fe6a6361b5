"""Who asks for a page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.kept import Stretch


def actor_of(request: HttpRequest) -> Actor:
    """Who asks: nobody in particular before a sign-in. Authority's middleware puts on every request how to find out; that is
    done once, when somebody wants to know."""
    found: Actor | Callable[[], Actor] = request.actor  # type: ignore[attr-defined]  # ActorMiddleware sets it
    if callable(found):
        found = request.actor = found()  # type: ignore[attr-defined]  # likewise
    return found


def stretch_of(request: HttpRequest) -> Stretch | None:
    """The stretch in which this request's actor was read, a moment ago; None where nobody asked who it is."""
    found: Stretch | None = getattr(request, "stretch", None)
    return found

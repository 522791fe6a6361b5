"""What every desk page of requests shares: who reads, and what does not exist for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.shared.place_codes import contains, is_code

View = Callable[..., HttpResponseBase]


def desk_page(view: View) -> View:
    """A signed-in page. What the reader may not see does not exist; what is not theirs to do is forbidden."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            if request.method in ("GET", "HEAD"):
                raise Http404 from None
            raise PermissionDenied from None

    return guarded


def place_asked(actor: Actor, capabilities: tuple[str, ...], text: str) -> str:
    """The place in the address, inside those of the reader's office; "" for all of them. Raises Http404 elsewhere."""
    if not text:
        return ""
    own = [place for capability in capabilities for place in actor.places_for(capability)]
    if not is_code(text) or not any(contains(place, text) for place in own):
        raise Http404
    return text

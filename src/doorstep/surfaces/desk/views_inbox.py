"""The inbox of matters."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import is_code
from doorstep.surfaces.desk import inbox as boxes


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]  # ActorMiddleware


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Matters that wait, by box, the nearest deadline first; ?q= searches in the same scope."""
    chosen = request.GET.get("box", "unit")
    place, text = request.GET.get("place", ""), request.GET.get("q", "")[:60]
    if chosen not in boxes.BOXES or not is_code(place):
        raise Http404
    trouble = ""
    try:
        shown = boxes.inbox(_actor(request), chosen, place, text, request.GET.get("after", ""))
    except RuleViolation as refusal:
        trouble = str(refusal.message)
        shown = boxes.inbox(_actor(request), chosen, place, "", "")
    following = urlencode({"box": chosen, "place": place, "q": text, "after": shown.after})
    context = {
        "inbox": shown, "chosen": chosen, "q": text, "place": place, "trouble": trouble,
        "next_url": f"?{following}" if shown.after else "",
    }  # fmt: skip
    return render(request, "desk/inbox.html", context)

"""How far the audit is sealed, for its administrator."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.audit.policies import VIEW
from doorstep.kernel.audit.selectors import chain_state, last_checkpoints, last_verification


@login_required
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Entries sealed and not, the head, and the last checkpoints to compare with a copy kept elsewhere."""
    if not actor_of(request).holds_somewhere(VIEW):
        raise Http404
    context = {"chain": chain_state(), "checkpoints": last_checkpoints(), "verified": last_verification()}
    return render(request, "audit/state.html", context)

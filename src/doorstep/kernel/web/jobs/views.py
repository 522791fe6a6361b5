"""The page of background jobs."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.authority.policies import MANAGE
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.jobs import services
from doorstep.kernel.web.jobs.selectors import queue


def _actor(request: HttpRequest) -> Actor:
    """The system administrator; for others the page does not exist."""
    actor: Actor = actor_of(request)
    if not actor.holds_somewhere(MANAGE):
        raise Http404
    return actor


@login_required
@never_cache
@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    _actor(request)
    return render(request, "web/jobs.html", {"queue": queue()})


@login_required
@require_POST
def again(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    try:
        services.do_again(actor=_actor(request), job_id=job_id)
        messages.success(request, _("已重新排队。做完就不再列在这里。"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("jobs")

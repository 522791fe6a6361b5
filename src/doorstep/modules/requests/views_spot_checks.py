"""A look at what was settled on the spot and told by nobody; saved, the next of the sample is shown."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.modules.requests import selectors_call_backs as selectors
from doorstep.modules.requests.forms_spot_check import SpotCheckForm
from doorstep.modules.requests.models import SpotCheck
from doorstep.modules.requests.services_feedback import spot_check
from doorstep.modules.requests.views_parts import desk_page


@desk_page
@never_cache
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, number: str) -> HttpResponse:
    """What was recorded, and what somebody else finds there. 404 for what is not in one's sample."""
    actor = actor_of(request)
    called = selectors.to_be_called(actor, number)
    if not selectors.to_look_at(actor).filter(pk=called.matter.pk).exists():
        raise Http404
    form = SpotCheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = spot_check(actor=actor, matter_id=called.matter.pk, **form.values())
        except NotVisible:
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _said(row))
            return redirect(_next(request, called.matter.pk))
    context = {"called": called, "matter": called.matter, "form": form}
    return render(request, "requests/look.html", context, status=422 if form.errors else 200)


def _said(row: SpotCheck) -> str:
    if row.invalid_reason == SpotCheck.NOT_DONE:
        return _("已记下。这件已转为“要求重办”，由办理人以外的人限期答复。")
    return _("抽查结果已记下，不计入三率。")


def _next(request: HttpRequest, but: int) -> str:
    following = selectors.next_to_call(actor_of(request), selectors.LOOK, "", but)
    if following is None:
        return f"{reverse('requests:call_backs')}?tab={selectors.LOOK}"
    return reverse("requests:look", args=[following.number])

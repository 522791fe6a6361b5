"""What a call-up asks of a unit or of who holds a post: on a phone, with the event, its shifts and one answer to give."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.web.pages import carried_out, guarded
from doorstep.modules.vanguard import selectors_calls, services_callups
from doorstep.modules.vanguard.forms import AnswerCallForm
from doorstep.modules.vanguard.policies import answers_for_some


@guarded
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Call-ups that ask for the reader's people: those to be answered first, and those behind."""
    actor = actor_of(request)
    lines = selectors_calls.shown(selectors_calls.own_calls(actor)[: selectors_calls.MOST_SHOWN])
    past = selectors_calls.past_calls(actor)
    if not (lines or past or answers_for_some(actor)):
        raise Http404
    return render(request, "vanguard/calls.html", {"lines": lines, "past": past, "strip": "mine"})


@guarded
@never_cache
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what is asked, and the answer, which may be given anew until it is over."""
    actor = actor_of(request)
    shown = selectors_calls.call_page(actor, pk)
    row = shown.call.row
    initial = {"comes": row.answer or "yes", "people": row.coming or row.people, "words": row.reason}
    form = AnswerCallForm(request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        services_callups.answer_call(
            actor=actor,
            called_id=pk,
            comes=data["comes"] == "yes",
            people=data["people"],
            reason=data["words"],
        )

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已答复。有变化的，收尾以前随时可以改。"))
        return redirect("vanguard:call", pk)
    context = {"shown": shown, "row": row, "form": form, "strip": "mine"}
    return render(request, "vanguard/call.html", context, status=422 if form.is_bound else 200)

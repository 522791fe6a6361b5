"""An event's page that anybody may open on a phone, and what people say of it there."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.modules.culture import rules, selectors, services_feedback
from doorstep.modules.culture.addresses import address_of
from doorstep.modules.culture.forms import FeedbackForm


@require_GET
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """What is on, who hosts it, pictures, what people said, what it cost."""
    return _shown(request, pk, FeedbackForm())


def _shown(request: HttpRequest, pk: int, form: FeedbackForm, status: int = 200) -> HttpResponse:
    shown = selectors.public_event(pk)
    if shown is None:
        raise Http404
    context = {
        "shown": shown, "session": shown.session, "activity": shown.session.activity, "neighbourhood": shown.place,
        "cost": rules.yuan_words(shown.cost_fen) if shown.cost_fen else "", "sign_up": address_of(pk), "form": form,
        "speaking": _speaking(actor_of(request), shown),
    }  # fmt: skip
    return render(request, "culture/event.html", context, status=status)


def _speaking(actor: Actor, shown: selectors.EventPage) -> str:
    """What the part for feedback says: "form", "said", "sign_in", "absent", or "" where it is not time."""
    if not shown.is_over or not services_feedback.is_open(shown.session):
        return ""
    if actor.person_id is None:
        return "sign_in"
    if selectors.own_feedback(actor, shown.session.pk) is not None:
        return "said"
    return "form" if selectors.was_there(actor, shown.session) else "absent"


@require_POST
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is not signed in any more is back at the event after signing in."""
    if actor_of(request).is_anonymous:
        return redirect_to_login(reverse("culture:event", args=[pk]))
    form = FeedbackForm(request.POST)
    if form.is_valid():
        try:
            services_feedback.give_feedback(actor=actor_of(request), session_id=pk, **form.cleaned_data)
        except NotVisible:
            raise Http404 from None
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("谢谢，已经记下。留言看过以后公开，不带姓名。"))
            return redirect("culture:event", pk)
    return _shown(request, pk, form, status=422)

"""Series and purses: one small form each; and looking at what people said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.context import page_of
from doorstep.modules.culture import forms, selectors, services, services_feedback, services_money
from doorstep.modules.culture.models import Feedback, Purse, Series
from doorstep.modules.culture.policies import FUND, KEEP
from doorstep.modules.culture.views_desk import acted, carried_out, desk_page


@dataclass(frozen=True)
class Adding:
    title: Any
    register: str
    form: Callable[..., forms.CultureForm]
    capability: str
    act: Callable[..., Any]


ADDING: dict[str, Adding] = {
    "series": Adding(
        gettext_lazy("设立活动系列"), "culture.series", forms.SeriesForm, KEEP, services.open_series
    ),
    "purse": Adding(
        gettext_lazy("设立活动经费"), "culture.purses", forms.PurseForm, FUND, services_money.open_purse
    ),
}
ENDING: dict[str, tuple[Any, str, str, str, Callable[..., Any]]] = {
    "series": (Series, "culture.series", "series_id", "keep", services.end_series),
    "purse": (Purse, "culture.purses", "purse_id", "fund", services_money.end_purse),
}


@desk_page
def add(request: HttpRequest, what: str) -> HttpResponse:
    """One more, at a place of the reader's."""
    actor, adding = actor_of(request), ADDING.get(what)
    if adding is None or not actor.holds_somewhere(adding.capability):
        raise Http404
    place = request.GET.get("place", "")
    if not is_code(place):
        raise Http404
    form = adding.form(
        selectors.planning_places(actor, adding.capability),
        request.POST or None,
        initial={"place_code": place},
    )
    back = reverse("web:register", args=[adding.register])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(form, lambda: adding.act(actor=actor, **form.cleaned_data))
    ):
        messages.success(request, _("已设立。"))
        return redirect(back)
    return acted(request, form, adding.title, back, status=422 if request.method == "POST" else 200)


@desk_page
def end(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """A row holds no longer from a day on."""
    if what not in ENDING:
        raise Http404
    actor = actor_of(request)
    model, register, argument, action, service = ENDING[what]
    row = policy_for(model).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(model).require(actor, action, row)
    page_of(request).place_code = row.place_code
    form = forms.EndForm(request.POST or None)
    back = reverse("web:record", args=[register, pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form, lambda: service(actor=actor, ended_on=form.cleaned_data["ended_on"], **{argument: pk})
        )
    ):
        messages.success(request, _("已终止。"))
        return redirect("web:register", register)
    title = _("终止：%(what)s") % {"what": row}
    return acted(request, form, title, back, status=422 if request.method == "POST" else 200)


@desk_page
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the words, then let them be shown without a name, or not."""
    actor = actor_of(request)
    rows = policy_for(Feedback).visible_to(actor).select_related("session__activity")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Feedback).require(actor, "keep", row)
    page_of(request).place_code = row.place_code[:12]
    back = reverse("web:register", args=["culture.feedback"]) + "?waiting=yes"
    form = forms.CultureForm(request.POST or None)
    show = request.POST.get("show") == "yes"
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form, lambda: services_feedback.look_at_feedback(actor=actor, feedback_id=pk, show=show)
        )
    ):
        messages.success(request, _("留言已公开。") if show else _("留言不公开，评分照算。"))
        return redirect(back)
    status = 422 if request.method == "POST" else 200
    return render(request, "culture/feedback.html", {"row": row, "back": back, "form": form}, status=status)

"""An instructor's phone: which organisations are still to be visited, and recording a visit with one thumb."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.context import page_of
from doorstep.modules.coverage import forms, selectors, selectors_visits, services_visits
from doorstep.modules.coverage.models import Finding, Profile, Visit
from doorstep.modules.coverage.pages import carried_out, desk_page, form_page
from doorstep.modules.coverage.policies import VISIT, charge
from doorstep.modules.coverage.services_visits import NewVisit

DUE_SOON = dt.timedelta(days=14)
LAST_VISITS = 6


@desk_page
@require_GET
def my_visits(request: HttpRequest) -> HttpResponse:
    """The organisations of one's own, those to be visited first."""
    actor, today = actor_of(request), clock.today()
    if not actor.holds_somewhere(VISIT):
        raise Http404
    charges = selectors_visits.charges_of(actor)
    waiting = [(one, _clock(one.due, today)) for one in charges if not one.kept]
    context = {
        "waiting": waiting, "kept": [one for one in charges if one.kept], "today": today,
        "findings": Finding.objects.filter(visit__instructor=actor.person_id or 0, matter__is_open=True).select_related("matter")[:10],
    }  # fmt: skip
    return render(request, "coverage/my_visits.html", context)


def _clock(due: dt.date | None, today: dt.date) -> str:
    """Which colour the clock has: "soon", or none."""
    return "soon" if due is not None and due - today <= DUE_SOON else ""


@desk_page
def visit(request: HttpRequest) -> HttpResponse:
    """Record a visit of the organisation whose unit the address names."""
    actor = actor_of(request)
    unit = whole_number(request.GET.get("unit", ""))
    row = Profile.objects.filter(unit_id=unit or 0).first() if unit in charge(actor) else None
    if row is None:
        raise Http404
    page_of(request).place_code = row.place_code
    form = forms.VisitForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        new = NewVisit(organisation_id=row.pk, **form.cleaned_data)
        if carried_out(form, lambda: services_visits.record_visit(actor=actor, new=new)):
            messages.success(
                request, _("走访已登记，要办的事已交社区。") if new.finding.strip() else _("走访已登记。")
            )
            return redirect("coverage:my_visits")
    before = Visit.objects.filter(organisation=row, cancelled_at=None).order_by("-visited_on", "-pk")[
        :LAST_VISITS
    ]
    context = {
        "form": form, "row": row, "name": selectors.named([row]).get(row.unit_id, ""), "before": before,
    }  # fmt: skip
    return render(request, "coverage/visit.html", context, status=422 if request.method == "POST" else 200)


@desk_page
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a visit back, with a reason."""
    actor = actor_of(request)
    row = policy_for(Visit).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Visit).require(actor, "cancel", row)
    page_of(request).place_code = row.place_code
    form = forms.ReasonForm(request.POST or None)
    back = reverse("web:register", args=["coverage.visits"])
    return form_page(
        request, form, lambda: services_visits.cancel_visit(actor=actor, visit_id=pk, **form.cleaned_data), back,
        _("走访已作废，所证明的应办事项重新待办。"), title=_("作废走访：%(day)s") % {"day": row.visited_on}, back=back,
    )  # fmt: skip

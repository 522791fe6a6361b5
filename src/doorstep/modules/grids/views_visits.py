"""Noting a visit on a phone: tap what it was for, it is kept. Words, building and person if need be."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.modules.grids import selectors_visits, services
from doorstep.modules.grids.forms import CorrectForm, VisitForm
from doorstep.modules.grids.models import DUTIES, Visit
from doorstep.modules.grids.policies import works_a_grid
from doorstep.modules.grids.services import NewVisit
from doorstep.modules.grids.views_workers import carried_out, desk_page


@login_required
def visit(request: HttpRequest) -> HttpResponse:
    """A new visit in one of the reader's grids (`?grid=` chooses). Who works a grid is led to the page of the worker's
    phone, which also works without a network."""
    actor = actor_of(request)
    grids = selectors_visits.own_grids(actor)
    if not grids:
        raise Http404
    asked = request.POST.get("grid") or request.GET.get("grid") or grids[0].code
    grid = next((each for each in grids if each.code == asked), None)
    if grid is None:
        raise Http404
    if request.method == "GET" and works_a_grid(actor):
        return redirect(f"{reverse('patrol:visit')}?grid={grid.code}")
    buildings, persons = (
        selectors_visits.buildings_of(grid.code),
        selectors_visits.persons_of(actor, grid.code),
    )
    choices = [(each.code, each.name) for each in grids]
    form = VisitForm(
        choices, buildings, persons, request.POST or None, initial={"grid": grid.code, "token": uuid.uuid4()}
    )
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: services.record_visit(actor=actor, new=_new(form))):
            messages.success(request, _("已记下。"))
            return redirect(f"{reverse('grids:visit')}?grid={grid.code}")
        status = 422
    context = {
        "form": form, "grid": grid, "grids": grids, "duties": DUTIES, "neighbourhood": grid.community.name,
        "latest": selectors_visits.own_latest(actor, grid.code), "opened": status == 422,
    }  # fmt: skip
    return render(request, "grids/visit.html", context, status=status)


def _new(form: VisitForm) -> NewVisit:
    data = form.cleaned_data
    return NewVisit(
        place_code=data["grid"], visited_on=data["visited_on"], kind=data["kind"], note=data["note"], door=data["door"],
        building_id=int(data["building"]) if data["building"] else None,
        person_id=int(data["person"]) if data["person"] else None, token=data["token"],
    )  # fmt: skip


@desk_page
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own visit, corrected within a week."""
    actor = actor_of(request)
    row: Visit | None = policy_for(Visit).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if row.worker_id != actor.person_id:
        raise PermissionDenied
    form = CorrectForm(request.POST or None, initial={"kind": row.kind, "note": row.note})
    status = 200
    back = reverse("web:record", args=["grids.visits", pk])
    if request.method == "POST":
        if form.is_valid() and carried_out(
            form, lambda: services.correct_visit(actor=actor, visit_id=pk, **form.cleaned_data)
        ):
            messages.success(request, _("已更正。"))
            return redirect(back)
        status = 422
    context = {"form": form, "title": _("更正走访"), "back": back}
    return render(request, "grids/act.html", context, status=status)

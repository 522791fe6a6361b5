"""The guided adjustment of grids: choose a grid, split or merge it, see what changes for whom, apply."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services_grids import appointments_over
from doorstep.kernel.places.models import Area, Building, BuildingPlacement, Grid
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.places.services import refuse_changed
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code, level_of, within
from doorstep.kernel.web.context import page_of
from doorstep.modules.chain.forms_grids import GridForm, MergeForm, SplitForm, written
from doorstep.modules.chain.grid_adjustments import MOST_PARTS, WORKER, adjust_grids, preview_grids
from doorstep.modules.chain.grid_pictures import GridOutcome
from doorstep.modules.chain.views import chain_page, stand_at


@chain_page
@require_GET
def choose_grid(request: HttpRequest) -> HttpResponse:
    """Which grid: from the place one stands at down to its grids."""
    actor = actor_of(request)
    asked = request.GET.get("place", "")
    if not actor.holds_somewhere(ADJUST_GRIDS) or not is_code(asked):
        raise Http404
    code = asked or page_of(request).place_code
    if level_of(code) == "grid":
        return redirect("chain:adjust_grid", code=code)
    require_place(actor, ADJUST_GRIDS, code)
    if level_of(code) == "community":
        grids = Grid.objects.in_force().filter(community_id=code, valid_to=None).order_by("code")
        options = [(grid.name, reverse("chain:adjust_grid", args=[grid.code])) for grid in grids]
        title = _("调整哪个网格")
    else:
        areas = Area.objects.filter(parent_id=code, ended_on=None).order_by("code")
        options = [(area.name, f"{reverse('chain:choose_grid')}?place={area.code}") for area in areas]
        title = _("调整哪里的网格")
    return render(request, "chain/options.html", {"title": title, "options": options})


@chain_page
def adjust_grid(request: HttpRequest, code: str) -> HttpResponse:
    """Split a grid or merge it with others: form, preview, apply."""
    grid = Grid.objects.filter(code=code).select_related("community").first()
    if grid is None:
        raise NotVisible(_("没有找到这个网格。"))
    policy_for(Grid).require(actor_of(request), "adjust", grid)
    stand_at(request, code)
    try:
        refuse_changed([grid], {})
    except Conflict as ended:
        shown = {"grid": grid, "told": ended.message}
        return render(
            request, "chain/grid_ended.html", shown, status=409 if request.method == "POST" else 200
        )
    kind = "merge" if request.GET.get("kind") == "merge" else "split"
    parts = _parts_asked(request)
    buildings = _buildings_of(grid)
    form = _form(kind, grid, buildings, parts, request.POST or None)
    outcome: GridOutcome | None = None
    status = 200
    if request.method == "POST" and form.is_valid():
        this, digest = form.adjustment, _digest(form)
        try:
            if request.POST.get("step") == "apply" and form.cleaned_data["shown"] == digest:
                done = adjust_grids(actor=actor_of(request), adjustment=this)
                messages.success(request, _("已办理，自 {day} 起生效。").format(day=this.effective_on))
                return redirect(f"{reverse('chain:place', args=[done.community])}?on={this.effective_on}")
            outcome = preview_grids(actor=actor_of(request), adjustment=this)
            form = _carried_on(form, _form(kind, grid, buildings, parts, _remembered(form, outcome, digest)))
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return redirect(request.get_full_path())
        except RuleViolation as refusal:
            form.refuse(refusal)
            status = 422
    context: dict[str, Any] = {
        "form": form, "outcome": outcome, "grid": grid, "kind": kind, "parts": parts,
        "numbers": range(2, min(MOST_PARTS, max(len(buildings), 2)) + 1), "few": len(buildings) < 2,
    }  # fmt: skip
    return render(request, "chain/adjust_grid.html", context, status=status)


def _parts_asked(request: HttpRequest) -> int:
    asked = whole_number(request.GET.get("parts"), 2)
    return min(max(asked or 2, 2), MOST_PARTS)


def _buildings_of(grid: Grid) -> list[Building]:
    rows = BuildingPlacement.objects.filter(grid=grid, valid_to=None).select_related("building")
    return [row.building for row in rows.order_by("building__pinyin", "building_id")]


def _form(kind: str, grid: Grid, buildings: list[Building], parts: int, data: Any) -> Any:
    initial = {"grid_versions": f"{grid.pk}:{grid.lock_version}"}
    if kind == "merge":
        others = (
            Grid.objects.in_force().filter(community_id=grid.community_id, valid_to=None).exclude(pk=grid.pk)
        )
        return MergeForm(grid, list(others.order_by("code")), _workers_near(grid), data, initial=initial)
    rows = appointments_over([grid.code], clock.today())
    workers = [row for row in rows if row.post == WORKER and row.substitute_for_id is None]
    near = [one for one in _workers_near(grid) if one[0] not in {row.pk for row in workers}]
    return SplitForm(grid, buildings, workers, near, parts, data, initial=initial)


def _workers_near(grid: Grid) -> list[tuple[int, str]]:
    """The grid workers of the community, with the names of their grids."""
    rows = Appointment.objects.in_force().filter(
        within("place_code", [grid.community_id]), post=WORKER, substitute_for=None
    )
    found = list(rows.select_related("person").prefetch_related("places").order_by("place_code", "pk"))
    codes = {place.code for row in found for place in row.places.all()}
    names = dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        (
            row.pk,
            f"{row.person.name}（{'、'.join(names.get(place.code, place.code) for place in row.places.all())}）",
        )
        for row in found
    ]


def _digest(form: GridForm) -> str:
    """Of everything that decides the outcome."""
    apart = {"versions", "grid_versions", "shown"}
    decided = sorted((name, str(value)) for name, value in form.cleaned_data.items() if name not in apart)
    return hashlib.sha256(repr(decided).encode()).hexdigest()[:32]


def _remembered(form: GridForm, outcome: GridOutcome, digest: str) -> Any:
    data: Any = form.data.copy()  # type: ignore[attr-defined]  # a request's QueryDict
    data["shown"] = digest
    data["versions"], data["grid_versions"] = written(outcome.versions), written(outcome.grid_versions)
    return data


def _carried_on(form: GridForm, again: GridForm) -> GridForm:
    """The same form again, remembering what the preview was made from and on which versions."""
    return again if again.is_valid() else form

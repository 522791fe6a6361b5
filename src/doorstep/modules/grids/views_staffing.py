"""Pages of plans of who works which grid, at the desk: what was asked is computed at once, then looked at, moved, pinned, explained,
sent and approved."""

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
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.web.context import page_of
from doorstep.modules.grids import forms_staffing as forms
from doorstep.modules.grids import selectors_staffing as selectors
from doorstep.modules.grids import services_staffing as services
from doorstep.modules.grids import staff_words
from doorstep.modules.grids.forms import GridsForm
from doorstep.modules.grids.forms_plans import BackForm, LockedForm, PlaceForm
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.selectors_staffing import StaffView
from doorstep.modules.grids.services_staffing import StaffingData
from doorstep.modules.grids.views_workers import carried_out, desk_page

PAGE = 30
CHANGES = "grids:staffing_changes"


@desk_page
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans the reader sees, the newest first, thirty to a page."""
    actor = actor_of(request)
    before, place = request.GET.get("before", ""), request.GET.get("place", "")
    lines = selectors.staffing_listed(actor, place, int(before) if is_digits(before) else 0, PAGE + 1)
    context = {
        "lines": lines[:PAGE], "next": f"?place={place}&before={lines[PAGE - 1].plan.pk}" if len(lines) > PAGE else "",
        "may_make": selectors.places_to_staff(actor).codes, "place": place,
    }  # fmt: skip
    if not lines and not context["may_make"] and not actor.is_staff:
        raise Http404
    return render(request, "grids/staffing/list.html", context)


@desk_page
@require_GET
def choose_place(request: HttpRequest) -> HttpResponse:
    """Which place a new plan is of; with one alone, straight to it."""
    found = selectors.places_to_staff(actor_of(request))
    asked = request.GET.get("place", "")
    if not found.codes:
        raise Http404
    if asked in found.codes or len(found.codes) == 1:
        return redirect("grids:new_staffing", asked if asked in found.codes else found.codes[0])
    context = {"form": PlaceForm(found.choices), "back": reverse("grids:staffing_plans")}
    return render(request, "grids/plans/choose.html", context)


@desk_page
def new_plan(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    if code not in selectors.places_to_staff(actor).codes:
        raise NotVisible(_("没有找到这个地方。"))
    name, lines = selectors.staff_to_plan(code)
    form = forms.StaffingForm(
        request.POST or None, initial={"title": _("%(place)s网格员方案") % {"place": name}, "keep": "some"}
    )
    status, made = 200, []
    page_of(request).place_code = code

    def make() -> None:
        made.append(
            services.create_staffing(actor=actor, data=StaffingData(place_code=code, **form.cleaned_data))
        )

    if request.method == "POST":
        if form.is_valid() and carried_out(form, make):
            return redirect("grids:staffing", made[0].pk)
        status = 422
    context = {"form": form, "name": name, "lines": lines, "back": reverse("grids:staffing_plans")}
    return render(request, "grids/staffing/new.html", context, status=status)


@desk_page
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The studio. `?worker=` explains whose grids they are, `?community=` lists that community."""
    actor = actor_of(request)
    return _studio(request, actor, selectors.staffing_seen(actor, pk))


@desk_page
@require_GET
def plan_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the plan changes for whom, and from here it is sent, approved or sent back."""
    actor = actor_of(request)
    return _changes(request, actor, selectors.staffing_seen(actor, pk))


def _studio(
    request: HttpRequest, actor: Actor, found: StaffPlan, failed: Any = None, status: int = 200
) -> HttpResponse:
    page_of(request).place_code = found.place_code
    view = selectors.staffing(actor, found)
    asked = request.GET.get("worker", "")
    chosen = next((one for one in view.workers if is_digits(asked) and one.id == int(asked)), None)
    community = chosen.community if chosen else request.GET.get("community", "")
    if community not in view.communities:
        community = next(iter(view.communities), "")
    context = {
        "view": view, "figures": staff_words.told(view.figures, view.today), "map": _map_data(view), "chosen": chosen,
        "why": staff_words.explanation(actor, found, chosen.id) if chosen else [],
        "community": community, "community_name": view.communities.get(community, ""),
        "workers": [one for one in view.workers if one.community == community],
        "grids": [(grid, _name_of(view, grid.worker)) for grid in view.grids if grid.community == community],
        "without": view.without(community), "failed": failed, "compute": forms.ComputeForm(keep=_keep(found)),
    }  # fmt: skip
    return render(request, "grids/staffing/studio.html", context, status=status)


def _keep(found: StaffPlan) -> str:
    return "even" if found.slack == 0 else "some"


def _name_of(view: StaffView, number: int | None) -> str:
    return next((one.name for one in view.workers if one.number == number), "")


def _map_data(view: StaffView) -> dict[str, Any]:
    """What the map is drawn from."""
    return {
        "id": view.plan.pk, "state": view.plan.state, "lock_version": view.plan.lock_version, "buildings": view.buildings,
        "grids": [[one.number, one.name] for one in view.workers], "move": view.can.get("move", False),
    }  # fmt: skip


def _changes(
    request: HttpRequest, actor: Actor, found: StaffPlan, failed: Any = None, status: int = 200
) -> HttpResponse:
    page_of(request).place_code = found.place_code
    send = failed if isinstance(failed, forms.StaffSendForm) else forms.StaffSendForm()
    back = failed if isinstance(failed, BackForm) else BackForm()
    context = {
        "plan": found, "can": selectors.allowed(actor, found), "changes": selectors.staffing_changes(actor, found),
        "send": send, "send_back": back, "failed": failed, "people": selectors.people_of(found),
    }  # fmt: skip
    return render(request, "grids/staffing/changes.html", context, status=status)


@dataclass(frozen=True)
class Acting:
    """One act on a plan: what it asks, what it does, what is said after, and the page it belongs to."""

    form: Callable[..., GridsForm]
    act: Callable[[Actor, int, dict[str, Any]], Any]
    done: Any = ""
    page: str = "grids:staffing"


def _plainly(service: Callable[..., Any]) -> Callable[[Actor, int, dict[str, Any]], Any]:
    """A service that takes what the form gives."""
    return lambda actor, pk, data: service(actor=actor, plan_id=pk, **data)


def _move_on_map(actor: Actor, pk: int, data: dict[str, Any]) -> None:
    found = selectors.staffing_seen(actor, pk)
    number = data.pop("number")
    worker = found.workers[number] if number < len(found.workers) else 0
    services.move_grid(actor=actor, plan_id=pk, worker=worker, **data)


def _unpin(actor: Actor, pk: int, data: dict[str, Any]) -> None:
    services.unpin_grid(actor=actor, plan_id=pk, pin_id=data["pin"], lock_version=data["lock_version"])


MOVED = gettext_lazy("已交给这个人，跟着要变的也调整好了。")
ACTS: dict[str, Acting] = {
    "move": Acting(forms.GridToWorkerForm, _plainly(services.move_grid), MOVED),
    "drag": Acting(forms.MapMoveForm, _move_on_map, MOVED),
    "pin": Acting(forms.StaffPinForm, _plainly(services.pin_grid), gettext_lazy("已记下要求。")),
    "unpin": Acting(forms.UnpinForm, _unpin, gettext_lazy("已去掉这项要求。")),
    "undo": Acting(LockedForm, _plainly(services.undo_staffing), gettext_lazy("已退回上一步。")),
    "compute": Acting(forms.ComputeForm, _plainly(services.compute_staffing), gettext_lazy("已重新算好。")),
    "drop": Acting(
        LockedForm, _plainly(services.drop_staffing), gettext_lazy("已放弃这个方案。"), page="grids:staffing_plans"
    ),
    "send": Acting(forms.StaffSendForm, _plainly(services.send_staffing), gettext_lazy("已送审，由另一位负责人批准。"), page=CHANGES),
    "send_back": Acting(
        BackForm, _plainly(services.send_back_staffing), gettext_lazy("已退回给送审的人。"), page=CHANGES
    ),
    "approve": Acting(LockedForm, _plainly(services.approve_staffing), gettext_lazy("已批准。"), page=CHANGES),
    "take_back": Acting(LockedForm, _plainly(services.take_back_staffing), gettext_lazy("已收回，可以再改。")),
}  # fmt: skip


@desk_page
@require_POST
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
    acting = ACTS.get(what)
    if acting is None:
        raise Http404
    actor = actor_of(request)
    selectors.staffing_seen(actor, pk)
    form = acting.form(request.POST)
    status = 422

    def carry_out() -> None:
        nonlocal status
        try:
            acting.act(actor, pk, form.cleaned_data)
        except (Conflict, NotAllowed) as refusal:
            status = 409 if isinstance(refusal, Conflict) else 403
            raise

    if form.is_valid() and carried_out(form, carry_out):
        messages.success(request, acting.done)
        if acting.page == "grids:staffing_plans":
            return redirect(acting.page)
        query = request.GET.urlencode()
        return redirect(reverse(acting.page, args=[pk]) + (f"?{query}" if query else ""))
    found = selectors.staffing_seen(actor, pk)
    show = _changes if acting.page == CHANGES else _studio
    return show(request, actor, found, failed=form, status=status)

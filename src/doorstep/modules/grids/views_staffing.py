"""Pages of plans of who works which grid, at the desk: what was asked is computed at once, then looked at, moved, pinned, explained,
sent and approved."""

from __future__ import annotations

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
from doorstep.kernel.proposals.forms import LockedForm, PlaceForm, RemovePinForm
from doorstep.kernel.proposals.selectors import compared_plans, people_of
from doorstep.kernel.proposals.views import CHANGES, LIST, PLAN, Acting, Pages, usual_acts
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.web.context import page_of
from doorstep.modules.grids import forms_staffing as forms
from doorstep.modules.grids import selectors_staffing as selectors
from doorstep.modules.grids import services_staffing as services
from doorstep.modules.grids import staff_words
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.selectors_staffing import StaffView
from doorstep.modules.grids.services_staffing import StaffingData
from doorstep.modules.grids.services_staffing_approval import PROCEDURE
from doorstep.modules.grids.staff_comparison import staff_comparison
from doorstep.modules.grids.views_workers import carried_out, desk_page

PAGE = 30


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
    context = {
        "form": PlaceForm(found.choices, _("给哪里做方案")), "title": _("做一个方案"), "back": reverse("grids:staffing_plans")
    }  # fmt: skip
    return render(request, "proposals/choose.html", context)


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
    return PAGES.show_changes(request, actor, selectors.staffing_seen(actor, pk))


@desk_page
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two or three plans of one place side by side."""
    actor = actor_of(request)
    try:
        plans = compared_plans(StaffPlan, actor, request.GET.getlist("plan"))
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
        return redirect("grids:staffing_plans")
    views = [selectors.staffing(actor, one) for one in plans]
    rows, chart = staff_comparison(views)
    words = {
        "chart": _("工作量怎样分布"), "map": _("楼栋按网格员着色"),
        "axis": _("横轴是网格员的工作量，各社区的平均是 100；越集中在 100 左右越均匀。"),
    }  # fmt: skip
    return PAGES.show_compared(request, plans, [_map_data(view) for view in views], rows, chart, words)


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
        "view": view, "plan": found, "can": view.can, "people": people_of(found), "names": PAGES.names, "pins": _pins(view),
        "figures": staff_words.told(view.figures, view.today), "map": _map_data(view), "chosen": chosen,
        "why": staff_words.explanation(actor, found, chosen.id) if chosen else [],
        "community": community, "community_name": view.communities.get(community, ""),
        "workers": [one for one in view.workers if one.community == community],
        "grids": [(grid, _name_of(view, grid.worker)) for grid in view.grids if grid.community == community],
        "without": view.without(community), "failed": failed, "compute": forms.ComputeForm(keep=_keep(found)),
    }  # fmt: skip
    return render(request, "grids/staffing/studio.html", context, status=status)


def _pins(view: StaffView) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "name": one.name, "what": f"{one.grid} · {one.worker}", "words": one.words}
        for one in view.pins
    ]


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


PAGES = Pages(
    names={
        PLAN: "grids:staffing", CHANGES: "grids:staffing_changes", LIST: "grids:staffing_plans", "act": "grids:staffing_act",
    },
    of=PROCEDURE, template="grids/staffing/changes.html", seen=selectors.staffing_seen, can=selectors.allowed,
    changes=selectors.staffing_changes, send=forms.StaffSendForm,
)  # fmt: skip


def _move_on_map(*, actor: Actor, plan_id: int, number: int, **found: Any) -> None:
    workers = selectors.staffing_seen(actor, plan_id).workers
    worker = workers[number] if number < len(workers) else 0
    services.move_grid(actor=actor, plan_id=plan_id, worker=worker, **found)


MOVED = gettext_lazy("已交给这个人，跟着要变的也调整好了。")
ACTS: dict[str, Acting] = {
    "move": Acting(forms.GridToWorkerForm, services.move_grid, MOVED),
    "drag": Acting(forms.MapMoveForm, _move_on_map, MOVED),
    "pin": Acting(forms.StaffPinForm, services.pin_grid, gettext_lazy("已记下要求。")),
    "unpin": Acting(RemovePinForm, services.unpin_grid, gettext_lazy("已去掉这项要求。")),
    "undo": Acting(LockedForm, services.undo_staffing, gettext_lazy("已退回上一步。")),
    "compute": Acting(forms.ComputeForm, services.compute_staffing, gettext_lazy("已重新算好。")),
    **usual_acts(PROCEDURE, forms.StaffSendForm),
}


@desk_page
@require_POST
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
    return PAGES.act(request, pk, what, ACTS, _studio)

"""Plans of grids at the desk: the list, a new plan, the studio, side by side, what one changes for whom and its approval."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.proposals.forms import LockedForm, PlaceForm, RemovePinForm
from doorstep.kernel.proposals.selectors import compared_plans
from doorstep.kernel.proposals.views import CHANGES, LIST, PLAN, Acting, Pages, of_buildings, usual_acts
from doorstep.kernel.proposals.words import Told
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import minimal
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.modules.grids import forms_plans as forms
from doorstep.modules.grids import plan_words, selectors_plans, services_plans
from doorstep.modules.grids.instances import COMMUNITY
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_comparison import comparison
from doorstep.modules.grids.plan_staffing import heaviest_worker
from doorstep.modules.grids.policies import VIEW
from doorstep.modules.grids.selectors_plan_places import PlacesToPlan, grounds_to_plan, listed, places_to_plan
from doorstep.modules.grids.services_plan_approval import PROCEDURE
from doorstep.modules.grids.services_plans import PlanData
from doorstep.modules.grids.views_workers import carried_out, desk_page

PAGE = 30


@desk_page
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans the reader sees, the newest first, thirty to a page; by place and by state."""
    actor = actor_of(request)
    asked = forms.ListForm(request.GET)
    place, name, trouble = _place_asked(actor, request.GET.get("place", "").strip())
    keys = {key: int(value) for key in ("before", "after") if is_digits(value := request.GET.get(key, ""))}
    page = listed(actor, place, asked.states, most=PAGE, **keys)
    filters = {"place": place, "state": asked.asked}

    def address(**more: str | int) -> str:
        return "?" + urlencode({key: value for key, value in (filters | more).items() if value})

    may_make = places_to_plan(actor).codes
    if not page.lines and not may_make and not actor.is_staff:
        raise Http404
    context = {
        "lines": page.lines, "may_make": may_make, "form": asked, "place": place, "place_name": name, "trouble": trouble,
        "filtered": bool(place or asked.asked), "shown": len(page.lines),
        "newer": address(after=page.newer) if page.newer else "",
        "older": address(before=page.older) if page.older else "",
    }  # fmt: skip
    return render(request, "grids/plans/list.html", context, status=422 if trouble else 200)


def _place_asked(actor: Actor, text: str) -> tuple[str, str, str]:
    """Code and name of the place asked for, and what is wrong with it in words."""
    if not text:
        return "", "", ""
    try:
        code = Places.inside(minimal(actor.places_for(VIEW))).picked(text)[:COMMUNITY]
    except ValueError as error:
        return "", text[:60], str(error)
    return code, full_names_of({code}).get(code, code), ""


@desk_page
@require_GET
def choose_place(request: HttpRequest) -> HttpResponse:
    """Which place a new plan is of; with one alone, straight to it."""
    found = places_to_plan(actor_of(request))
    asked = request.GET.get("place", "")
    if not found.codes:
        raise Http404
    if asked in found.codes or len(found.codes) == 1:
        return redirect("grids:new_plan", asked if asked in found.codes else found.codes[0])
    context = {
        "form": PlaceForm(found.choices, _("给哪里做方案")),
        "title": _("做一个方案"),
        "back": reverse("grids:plans"),
    }
    return render(request, "proposals/choose.html", context)


@desk_page
def new_plan(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    found: PlacesToPlan = places_to_plan(actor)
    if code not in found.codes:
        raise NotVisible(_("没有找到这个地方。"))
    ground = grounds_to_plan(code)
    form = forms.PlanForm(
        ground.communities, request.POST or None, weights=ground.weights,
        initial={"title": _("%(place)s网格方案") % {"place": ground.name}},
    )  # fmt: skip
    status, made = 200, []
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: made.append(_create(actor, code, form))):
            return redirect("grids:plan", made[0].pk)
        status = 422
    context = {"form": form, "ground": ground, "back": reverse("grids:plans")}
    return render(request, "grids/plans/new.html", context, status=status)


def _create(actor: Actor, code: str, form: forms.PlanForm) -> GridPlan:
    data = form.cleaned_data
    return services_plans.create_plan(
        actor=actor,
        data=PlanData(
            place_code=code, title=data["title"], asked=form.asked, weights=form.weights, price=float(data["price"]),
            seconds=int(data["seconds"]), with_staff=data["with_staff"],
        ),
    )  # fmt: skip


@desk_page
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The studio. `?grid=` explains a grid, `?community=` lists that community's buildings."""
    actor = actor_of(request)
    return _studio(request, actor, selectors_plans.plan_seen(actor, pk))


@desk_page
@require_GET
def plan_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed while the plan is computed; `?since=` as the last answer's `at`."""
    actor = actor_of(request)
    since = request.GET.get("since", "")
    found = selectors_plans.plan_seen(actor, pk)
    return JsonResponse(selectors_plans.progress(actor, found, int(since) if is_digits(since) else 0))


@desk_page
@require_GET
def plan_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the plan changes for whom, and from here it is sent, approved or sent back."""
    actor = actor_of(request)
    return PAGES.show_changes(request, actor, selectors_plans.plan_seen(actor, pk))


@desk_page
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two or three plans of one place side by side."""
    actor = actor_of(request)
    try:
        plans = compared_plans(GridPlan, actor, request.GET.getlist("plan"))
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
        return redirect("grids:plans")
    rows, chart = comparison(plans)
    maps = [_map_data(selectors_plans.studio(actor, one)) for one in plans]
    words = {
        "chart": _("工作量怎样分布"), "map": _("楼栋按网格着色"),
        "axis": _("横轴是网格的工作量，各社区的平均是 100；越集中在 100 左右越均匀。"),
    }  # fmt: skip
    return PAGES.show_compared(request, plans, maps, rows, chart, words)


def _map_data(view: selectors_plans.StudioView) -> dict[str, Any]:
    """What the map is drawn from."""
    return {
        "id": view.id, "state": view.state, "lock_version": view.lock_version, "share": view.share,
        "buildings": [
            [one.id, one.called, one.longitude, one.latitude, one.households, one.number, one.today,
             int(one.pinned), one.community]
            for one in view.buildings
        ],
        "grids": [[one.number, one.name, one.community, one.share_of_mean] for one in view.grids],
        "move": view.can.get("move", False),
    }  # fmt: skip


def _studio(
    request: HttpRequest, actor: Actor, found: GridPlan, failed: Any = None, status: int = 200
) -> HttpResponse:
    page_of(request).place_code = found.place_code
    view = selectors_plans.studio(actor, found)
    asked = request.GET.get("grid", "")
    chosen = next((one for one in view.grids if is_digits(asked) and one.number == int(asked)), None)
    community = chosen.community if chosen else request.GET.get("community", "")
    if community not in view.communities:
        community = next(iter(view.communities), "")
    ready = view.state not in ("waiting", "running")
    context = {
        "view": view, "plan": found, "can": view.can, "people": view.people, "names": PAGES.names,
        "figures": [*plan_words.told(view.figures, view.today, view.bounds), *_of_workers(found, view)],
        "chart": plan_words.loads(view.grids, view.communities), "map": _map_data(view), "chosen": chosen,
        "why": selectors_plans.explanation(actor, found, chosen.number) if chosen and ready else [],
        "community": community, "community_name": view.communities.get(community, ""),
        "groups": _groups(view, community),
        "targets": [one for one in view.grids if one.community == community],
        "pins": _pins(view), "new_grids": _new_grids(actor, found, view, community), "with_staff": found.with_staff, "failed": failed, "run": forms.RunForm(), "remark": forms.RemarkForm(),
        "computing": not ready,
    }  # fmt: skip
    return render(request, "grids/plans/studio.html", context, status=status)


def _groups(
    view: selectors_plans.StudioView, community: str
) -> list[tuple[selectors_plans.StudioGrid, list[Any]]]:
    """A community's buildings by grid."""
    held: dict[int | None, list[Any]] = {}
    for one in view.buildings:
        if one.community == community:
            held.setdefault(one.number, []).append(one)
    return [(grid, held.get(grid.number, [])) for grid in view.grids if grid.community == community]


def _of_workers(found: GridPlan, view: selectors_plans.StudioView) -> list[Told]:
    """Of a plan drawn around the workers, how heavy the heaviest of them is."""
    if not found.with_staff or not found.workers:
        return []
    loads = {one.number: one.load for one in view.grids if one.buildings}
    share = heaviest_worker(loads, {one.number: one.community for one in view.grids}, found.workers)
    return [Told("worker", _("担子最重的网格员是平均的"), plan_words.percent(share), "", None)]


def _new_grids(
    actor: Actor, found: GridPlan, view: selectors_plans.StudioView, community: str
) -> list[tuple[selectors_plans.StudioGrid, list[tuple[int, str]]]]:
    """The community's new grids (all, of a plan drawn around the workers), each with whom it may be given to; none while nobody may
    choose."""
    every = found.with_staff
    new = [one for one in view.grids if (one.new or every) and one.community == community]
    if not new or not view.can.get("worker"):
        return []
    choices = [
        (pk, f"{name}（{'、'.join(grids)}）" if grids else name)
        for pk, name, grids, home in selectors_plans.worker_choices(actor, found)
        if home == community
    ]
    return [(one, choices) for one in new]


def _pins(view: selectors_plans.StudioView) -> list[dict[str, Any]]:
    houses = {one.id: one.called for one in view.buildings}
    names = {one.number: one.name for one in view.grids}
    return [
        {
            "id": pin.id, "name": pin.name if pin.number is None else f"{pin.name}：{names.get(pin.number, '')}",
            "what": "、".join(houses.get(one, str(one)) for one in pin.buildings), "words": pin.words,
        }
        for pin in view.pins
    ]  # fmt: skip


def _what_changes(actor: Actor, found: GridPlan) -> dict[str, Any] | None:
    """None while it is computed."""
    return None if found.state in ("waiting", "running") else selectors_plans.changes(actor, found)


PAGES = Pages(
    names={PLAN: "grids:plan", CHANGES: "grids:plan_changes", LIST: "grids:plans", "act": "grids:plan_act"},
    of=PROCEDURE, template="grids/plans/changes.html", seen=selectors_plans.plan_seen, can=selectors_plans.allowed,
    changes=_what_changes, send=forms.GridSendForm,
)  # fmt: skip


def _move(*, actor: Actor, plan_id: int, buildings: list[int], number: int, lock_version: int | None) -> None:
    moved = dict.fromkeys(buildings, number)
    services_plans.move_buildings(actor=actor, plan_id=plan_id, moved=moved, lock_version=lock_version)


def _choose_worker(*, actor: Actor, plan_id: int, worker: int | None, **found: Any) -> None:
    services_plans.choose_worker(actor=actor, plan_id=plan_id, appointment_id=worker, **found)


def _stop(*, actor: Actor, plan_id: int, lock_version: int | None) -> None:
    services_plans.stop_run(actor=actor, plan_id=plan_id)


ACTS: dict[str, Acting] = {
    "move": Acting(forms.MoveForm, _move, gettext_lazy("已划过去，周围的网格跟着调整好了。"), args=of_buildings),
    "pin": Acting(
        forms.PinForm, services_plans.draw_pin, gettext_lazy("已记下要求，方案跟着调整好了。"), args=of_buildings
    ),
    "unpin": Acting(RemovePinForm, services_plans.remove_pin, gettext_lazy("已去掉这项要求。")),
    "undo": Acting(LockedForm, services_plans.undo, gettext_lazy("已退回上一步。")),
    "rename": Acting(forms.NameForm, services_plans.rename_grid, gettext_lazy("已改名。")),
    "worker": Acting(forms.WorkerForm, _choose_worker, gettext_lazy("已选定。")),
    "run": Acting(forms.RunForm, services_plans.run_further, gettext_lazy("接着算了。")),
    "stop": Acting(LockedForm, _stop, gettext_lazy("正在停下，保留算到的最好结果。")),
    "remark": Acting(forms.RemarkForm, services_plans.remark, gettext_lazy("已写下意见。")),
    **usual_acts(PROCEDURE, forms.GridSendForm),
}  # fmt: skip


@desk_page
@require_POST
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
    return PAGES.act(request, pk, what, ACTS, _studio)

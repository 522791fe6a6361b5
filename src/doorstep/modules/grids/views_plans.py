"""Plans of grids at the desk: the list, a new plan, the studio, side by side, what one changes for whom and its approval.

Every act is a form of its own that leads back to the plan; the studio's script sends the same forms and takes the page it
gets for its answer, so that pages with and without scripts cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
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
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import minimal
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.modules.grids import forms_plans as forms
from doorstep.modules.grids import plan_words, selectors_plans, services_plans
from doorstep.modules.grids.instances import COMMUNITY
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_staffing import heaviest_worker
from doorstep.modules.grids.policies import VIEW
from doorstep.modules.grids.selectors_plan_places import PlacesToPlan, grounds_to_plan, listed, places_to_plan
from doorstep.modules.grids.services_plans import PlanData
from doorstep.modules.grids.views_workers import carried_out, desk_page

PAGE = 30
MOST_COMPARED = 3
LARGE = 1500  # buildings: what a street's plan changes is tried within a second


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
    return render(request, "grids/plans/choose.html", {"form": forms.PlaceForm(found.choices)})


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
    """What the plan changes for whom, and from here it is sent, approved or sent back. Of a large plan, which takes seconds to
    try, the page comes at once and asks for itself `?whole=1`."""
    actor = actor_of(request)
    found = selectors_plans.plan_seen(actor, pk)
    computing = found.state in ("waiting", "running")
    if (
        len(found.buildings) > LARGE
        and not computing
        and found.outcome is None
        and "whole" not in request.GET
    ):
        page_of(request).place_code = found.place_code
        people = selectors_plans.people_of(found)
        return render(request, "grids/plans/changes.html", {"plan": found, "people": people, "loading": True})
    return _changes(request, actor, found)


@desk_page
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Up to three plans of one place side by side."""
    actor = actor_of(request)
    asked = list(dict.fromkeys(one for one in request.GET.getlist("plan") if is_digits(one)))
    back = reverse("grids:plans")
    if len(asked) < 2 or len(asked) > MOST_COMPARED:
        messages.error(request, _("请勾选同一个地方的两个或三个方案，再点“比较”。"))
        return redirect(back)
    found = [selectors_plans.plan_seen(actor, int(one)) for one in asked]
    if len({one.place_code for one in found}) > 1:
        messages.error(request, _("只有同一个地方的方案才能放在一起比较。"))
        return redirect(back)
    page_of(request).place_code = found[0].place_code
    compared = selectors_plans.comparison(actor, [one.pk for one in found])
    views = [selectors_plans.studio(actor, one) for one in found]
    context = {
        "compared": compared, "back": back,
        "columns": [
            {"view": view, "data": _map_data(view), "id": f"plan-{view.id}"} for view in views
        ],
        "rows": [
            {"row": row, "cells": [(value, at in row.best) for at, value in enumerate(row.values)]}
            for row in compared.rows
        ],
        "chart": _spread(compared),
    }  # fmt: skip
    return render(request, "grids/plans/compare.html", context)


def _spread(compared: selectors_plans.Comparison) -> dict[str, Any]:
    """How the work spreads in each plan, over one axis."""
    ends = [f"{edge * 100:.0f}" for edge in compared.edges]
    names = [*(f"{a}–{b}" for a, b in pairwise(ends)), f"≥{ends[-1]}"]
    series = [{"name": _("现在"), "values": compared.today}]
    series += [{"name": one.title, "values": one.histogram} for one in compared.plans]
    return {
        "kind": "bar", "labels": names, "unit": "", "series": series,
        "description": _("工作量是平均的百分之几的网格各有多少个，各方案用同一根轴"),
    }  # fmt: skip


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
        "view": view, "figures": [*plan_words.told(view.figures, view.today, view.bounds), *_of_workers(found, view)],
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


def _of_workers(found: GridPlan, view: selectors_plans.StudioView) -> list[plan_words.Told]:
    """Of a plan drawn around the workers, how heavy the heaviest of them is."""
    if not found.with_staff or not found.workers:
        return []
    loads = {one.number: one.load for one in view.grids if one.buildings}
    share = heaviest_worker(loads, {one.number: one.community for one in view.grids}, found.workers)
    return [plan_words.Told("worker", _("担子最重的网格员是平均的"), plan_words.percent(share), "", None)]


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
            "pin": pin, "buildings": "、".join(houses.get(one, str(one)) for one in pin.buildings),
            "grid": names.get(pin.number, "") if pin.number is not None else "",
        }
        for pin in view.pins
    ]  # fmt: skip


def _changes(
    request: HttpRequest, actor: Actor, found: GridPlan, failed: Any = None, status: int = 200
) -> HttpResponse:
    page_of(request).place_code = found.place_code
    can = selectors_plans.allowed(actor, found)
    computing = found.state in ("waiting", "running")
    send = failed if isinstance(failed, forms.SendForm) else forms.SendForm()
    back = failed if isinstance(failed, forms.BackForm) else forms.BackForm()
    context = {
        "plan": found, "can": can, "changes": None if computing else selectors_plans.changes(actor, found),
        "send": send, "send_back": back, "failed": failed,
        "people": selectors_plans.people_of(found),
    }  # fmt: skip
    return render(request, "grids/plans/changes.html", context, status=status)


@dataclass(frozen=True)
class Acting:
    """One act on a plan: what it asks, what it does, what is said after, and the page it belongs to."""

    form: Callable[..., forms.GridsForm]
    act: Callable[[Actor, int, dict[str, Any]], Any]
    done: Any = ""
    page: str = "grids:plan"
    of_buildings: bool = False


def _move(actor: Actor, pk: int, data: dict[str, Any]) -> None:
    moved = dict.fromkeys(data["buildings"], data["number"])
    services_plans.move_buildings(actor=actor, plan_id=pk, moved=moved, lock_version=data["lock_version"])


def _plainly(service: Callable[..., Any]) -> Callable[[Actor, int, dict[str, Any]], Any]:
    """A service that takes what the form gives."""
    return lambda actor, pk, data: service(actor=actor, plan_id=pk, **data)


def _unpin(actor: Actor, pk: int, data: dict[str, Any]) -> None:
    services_plans.remove_pin(actor=actor, plan_id=pk, pin_id=data["pin"], lock_version=data["lock_version"])


def _choose_worker(actor: Actor, pk: int, data: dict[str, Any]) -> None:
    services_plans.choose_worker(
        actor=actor, plan_id=pk, number=data["number"], appointment_id=data["worker"], lock_version=data["lock_version"]
    )  # fmt: skip


def _stop(actor: Actor, pk: int, _data: dict[str, Any]) -> None:
    services_plans.stop_run(actor=actor, plan_id=pk)


CHANGES = "grids:plan_changes"
ACTS: dict[str, Acting] = {
    "move": Acting(forms.MoveForm, _move, gettext_lazy("已划过去，周围的网格跟着调整好了。"), of_buildings=True),
    "pin": Acting(
        forms.PinForm, _plainly(services_plans.draw_pin), gettext_lazy("已记下要求，方案跟着调整好了。"), of_buildings=True
    ),
    "unpin": Acting(forms.RemovePinForm, _unpin, gettext_lazy("已去掉这项要求。")),
    "undo": Acting(forms.LockedForm, _plainly(services_plans.undo), gettext_lazy("已退回上一步。")),
    "rename": Acting(forms.NameForm, _plainly(services_plans.rename_grid), gettext_lazy("已改名。")),
    "worker": Acting(forms.WorkerForm, _choose_worker, gettext_lazy("已选定。")),
    "run": Acting(forms.RunForm, _plainly(services_plans.run_further), gettext_lazy("接着算了。")),
    "stop": Acting(forms.LockedForm, _stop, gettext_lazy("正在停下，保留算到的最好结果。")),
    "drop": Acting(
        forms.LockedForm, _plainly(services_plans.drop_plan), gettext_lazy("已放弃这个方案。"), page="grids:plans"
    ),
    "remark": Acting(forms.RemarkForm, _plainly(services_plans.remark), gettext_lazy("已写下意见。")),
    "send": Acting(forms.SendForm, _plainly(services_plans.send_plan), gettext_lazy("已送审，由另一位负责人批准。"), page=CHANGES),
    "send_back": Acting(
        forms.BackForm, _plainly(services_plans.send_back), gettext_lazy("已退回给送审的人。"), page=CHANGES
    ),
    "approve": Acting(forms.LockedForm, _plainly(services_plans.approve_plan), gettext_lazy("已批准。"), page=CHANGES),
    "take_back": Acting(
        forms.LockedForm, _plainly(services_plans.take_back), gettext_lazy("已收回，可以再改。")
    ),
}  # fmt: skip


@desk_page
@require_POST
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
    acting = ACTS.get(what)
    if acting is None:
        raise Http404
    actor = actor_of(request)
    found = selectors_plans.plan_seen(actor, pk)
    ids = (found.buildings,) if acting.of_buildings else ()
    form = acting.form(*ids, request.POST)
    status = 422

    def carry_out() -> None:
        nonlocal status
        try:
            acting.act(actor, pk, form.cleaned_data)
        except (Conflict, NotAllowed) as refusal:
            status = 409 if isinstance(refusal, Conflict) else 403
            raise

    if form.is_valid() and carried_out(form, carry_out):
        if acting.done:
            messages.success(request, acting.done)
        return _back_to(request, acting.page, pk)
    found = selectors_plans.plan_seen(actor, pk)
    show = _changes if acting.page == CHANGES else _studio
    return show(request, actor, found, failed=form, status=status)


def _back_to(request: HttpRequest, page: str, pk: int) -> HttpResponse:
    if page == "grids:plans":
        return redirect(page)
    query = request.GET.urlencode()
    return redirect(reverse(page, args=[pk]) + (f"?{query}" if query else ""))

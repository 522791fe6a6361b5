"""Plans of building groups at the desk: the list, a new plan, the studio, side by side, what one changes for whom and its approval."""

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
from doorstep.kernel.proposals.views import CHANGES, LIST, PLAN, Acting, Pages, of_buildings, usual_acts
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.web.pages import carried_out
from doorstep.modules.chain import forms_group_plans as forms
from doorstep.modules.chain import group_plan_words, services_group_plans
from doorstep.modules.chain import selectors_group_plans as selectors
from doorstep.modules.chain.group_plan_changes import changes
from doorstep.modules.chain.group_plan_comparison import comparison
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.selectors import rules_in_force
from doorstep.modules.chain.selectors_group_plans import GroupStudio, StudioGroup
from doorstep.modules.chain.services_group_plan_approval import PROCEDURE
from doorstep.modules.chain.services_group_plans import GroupPlanData
from doorstep.modules.chain.views import chain_page, stand_at

PAGE = 30


@chain_page
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans the reader sees, the newest first, thirty to a page."""
    actor = actor_of(request)
    before, place = request.GET.get("before", ""), request.GET.get("place", "")
    lines = selectors.listed(actor, place, int(before) if is_digits(before) else 0, PAGE + 1)
    more = len(lines) > PAGE
    context = {
        "lines": lines[:PAGE], "next": f"?place={place}&before={lines[PAGE - 1].plan.pk}" if more else "",
        "may_make": bool(selectors.communities_to_plan(actor)), "place": place,
    }  # fmt: skip
    if not lines and not context["may_make"] and not actor.is_staff:
        raise Http404
    return render(request, "chain/group_plans/list.html", context)


@chain_page
@require_GET
def choose_place(request: HttpRequest) -> HttpResponse:
    """Which community a new plan is of; with one alone, straight to it."""
    found = selectors.communities_to_plan(actor_of(request))
    return chosen_community(
        request, found, "chain:new_group_plan", _("给哪个社区做方案"), _("做一个小组方案")
    )


def chosen_community(
    request: HttpRequest, found: list[tuple[str, list[tuple[str, str]]]], there: str, label: str, title: str
) -> HttpResponse:
    codes = [code for _street, choices in found for code, _name in choices]
    asked = request.GET.get("place", "")[:12]
    if not codes:
        raise Http404
    if asked in codes or len(codes) == 1:
        return redirect(there, asked if asked in codes else codes[0])
    context = {"form": PlaceForm(found, label), "title": title, "back": reverse("chain:group_plans")}
    return render(request, "proposals/choose.html", context)


@chain_page
def new_plan(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    require_community(actor, code)
    stand_at(request, code)
    try:
        site = selectors.site_to_plan(code)
    except RuleViolation as missing:
        without = {"missing": str(missing.message), "back": reverse("chain:group_plans"), "code": code}
        return render(request, "chain/group_plans/new.html", without)
    branch = request.GET.get("branch", "")
    form = forms.PlanForm(
        site.branches, request.POST or None, minimum=site.minimum, size=site.size, least=site.minimum,
        initial={"title": _("%(place)s楼栋党小组方案") % {"place": site.name}, "branch": branch if is_digits(branch) else ""},
    )  # fmt: skip
    status, made = 200, []
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: made.append(_create(actor, code, form))):
            return redirect("chain:group_plan", made[0].pk)
        status = 422
    context = {"form": form, "site": site, "back": reverse("chain:group_plans"), "code": code}
    return render(request, "chain/group_plans/new.html", context, status=status)


def require_community(actor: Actor, code: str) -> None:
    if code not in {
        one for _street, choices in selectors.communities_to_plan(actor) for one, _name in choices
    }:
        raise NotVisible(_("没有找到这个社区。"))


def _create(actor: Actor, code: str, form: forms.PlanForm) -> GroupPlan:
    data = form.cleaned_data
    asked = form.asked
    if data["branch"] is not None:
        asked = {unit: count for unit, count in asked.items() if unit == data["branch"]}
    return services_group_plans.create_plan(
        actor=actor,
        data=GroupPlanData(
            place_code=code, title=data["title"], branch_id=data["branch"], minimum=data["minimum"], size=data["size"],
            short=data["short"], asked=asked,
        ),
    )  # fmt: skip


@chain_page
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The studio. `?group=` explains a group, `?branch=` lists that branch's buildings."""
    actor = actor_of(request)
    return _studio(request, actor, selectors.plan_seen(actor, pk))


@chain_page
@require_GET
def plan_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the plan changes for whom, and from here it is sent, approved or sent back."""
    actor = actor_of(request)
    return PAGES.show_changes(request, actor, selectors.plan_seen(actor, pk))


@chain_page
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two or three plans of one community side by side."""
    actor = actor_of(request)
    try:
        plans = compared_plans(GroupPlan, actor, request.GET.getlist("plan"))
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
        return redirect("chain:group_plans")
    views = [selectors.studio(actor, one)[0] for one in plans]
    rows, chart = comparison(plans, views)
    words = {
        "chart": _("小组有多大"), "map": _("楼栋按小组着色"),
        "axis": _("横轴是小组的正式党员，纵轴是这么大的小组有几个；越集中越均匀。"),
    }  # fmt: skip
    maps = [_map_data(plan, view) for plan, view in zip(plans, views, strict=True)]
    return PAGES.show_compared(request, plans, maps, rows, chart, words)


def _studio(
    request: HttpRequest, actor: Actor, found: GroupPlan, failed: Any = None, status: int = 200
) -> HttpResponse:
    stand_at(request, found.place_code)
    view, ground = selectors.studio(actor, found)
    asked = request.GET.get("group", "")
    chosen = next((one for one in view.groups if is_digits(asked) and one.number == int(asked)), None)
    wanted = request.GET.get("branch", "")
    branch = chosen.branch if chosen else int(wanted) if is_digits(wanted) else 0
    if branch not in view.branches:
        branch = next(iter(view.branches))
    context = {
        "view": view, "plan": found, "can": view.can, "people": people_of(found), "names": PAGES.names, "pins": view.pins,
        "figures": group_plan_words.told(view.figures, view.today, found.minimum),
        "chart": group_plan_words.sizes([(one.name, one.members, one.below) for one in view.groups], found.minimum),
        "map": _map_data(found, view), "chosen": chosen,
        "why": selectors.explanation(ground, found, chosen.number) if chosen else [],
        "branch": branch, "branch_name": view.branches[branch], "held": _held(view, branch),
        "targets": [one for one in view.groups if one.branch == branch], "failed": failed,
        "pins_query": f"branch={branch}", "ask": _ask_form(found, view, failed), "new": forms.NEW,
    }  # fmt: skip
    return render(request, "chain/group_plans/studio.html", context, status=status)


def _ask_form(plan: GroupPlan, view: GroupStudio, failed: Any) -> forms.AskForm:
    if isinstance(failed, forms.AskForm):
        return failed
    least = rules_in_force().number("group.members_min")
    asked = {int(unit): count for unit, count in plan.asked.items()}
    return forms.AskForm(
        _branches(view), minimum=plan.minimum, size=plan.size, least=least, asked=asked, short=plan.short
    )


def _branches(view: GroupStudio) -> list[tuple[int, str, int, int, int]]:
    """The plan's branches as a form asks of them."""
    found = []
    for unit, name in view.branches.items():
        houses = [one for one in view.houses if one.branch == unit]
        today = {one.today for one in houses if one.today is not None}
        found.append((unit, name, len(today), len(houses), sum(one.members for one in houses)))
    return found


def _held(view: GroupStudio, branch: int) -> list[tuple[StudioGroup | None, list[Any]]]:
    """A branch's buildings by group; those in none last."""
    held: dict[int | None, list[Any]] = {}
    for one in view.houses:
        if one.branch == branch:
            held.setdefault(one.number, []).append(one)
    found: list[tuple[StudioGroup | None, list[Any]]] = [
        (group, held[group.number]) for group in view.groups if group.number in held
    ]
    return [*found, (None, held[None])] if None in held else found


def _map_data(plan: GroupPlan, view: GroupStudio) -> dict[str, Any]:
    """What the map is drawn from."""
    names = {one.number: one.name for one in view.groups}
    today: dict[int, int] = {}
    for house in view.houses:
        if house.today is not None:
            today[house.today] = today.get(house.today, 0) + house.members
    short = {
        "plan": {one.number: _("%d人") % one.members for one in view.groups},
        "today": {number: _("%d人") % members for number, members in today.items()},
    }
    return {
        "id": plan.pk, "state": plan.state, "lock_version": plan.lock_version, "each": 40, "short": short,
        "buildings": [
            [one.id, one.name, one.longitude, one.latitude, one.members, one.number, one.today, int(one.estimated), one.branch]
            for one in view.houses
        ],
        "grids": [[number, name] for number, name in names.items()], "move": view.can.get("move", False),
    }  # fmt: skip


PAGES = Pages(
    names={
        PLAN: "chain:group_plan", CHANGES: "chain:group_plan_changes", LIST: "chain:group_plans", "act": "chain:group_plan_act",
    },
    of=PROCEDURE, template="chain/group_plans/changes.html", seen=selectors.plan_seen, can=selectors.allowed,
    changes=lambda actor, plan: changes(plan), send=forms.GroupSendForm,
)  # fmt: skip


def _move(
    *, actor: Actor, plan_id: int, buildings: list[int], number: int | None, lock_version: int | None
) -> None:
    moved = dict.fromkeys(buildings, number)
    services_group_plans.move_buildings(actor=actor, plan_id=plan_id, moved=moved, lock_version=lock_version)


def _compute(*, actor: Actor, plan_id: int, lock_version: int | None, **found: Any) -> None:
    asked = {int(name[6:]): count for name, count in found.items() if name.startswith("asked_") and count}
    services_group_plans.compute_again(
        actor=actor, plan_id=plan_id, minimum=found["minimum"], size=found["size"], short=found["short"], asked=asked,
        lock_version=lock_version,
    )  # fmt: skip


def _ask_again(plan: GroupPlan, data: Any) -> forms.AskForm:
    branches = [(unit, "", 0, 0, 0) for unit in dict.fromkeys(plan.branches)]
    least = rules_in_force().number("group.members_min")
    return forms.AskForm(branches, data, minimum=plan.minimum, size=plan.size, least=least)


ACTS: dict[str, Acting] = {
    "move": Acting(forms.MoveForm, _move, gettext_lazy("已划过去。"), args=of_buildings),
    "pin": Acting(
        forms.PinForm, services_group_plans.draw_pin, gettext_lazy("已记下要求，方案跟着调整好了。"), args=of_buildings
    ),
    "unpin": Acting(RemovePinForm, services_group_plans.remove_pin, gettext_lazy("已去掉这项要求。")),
    "undo": Acting(LockedForm, services_group_plans.undo, gettext_lazy("已退回上一步。")),
    "rename": Acting(forms.NameForm, services_group_plans.rename_group, gettext_lazy("已改名。")),
    "compute": Acting(_ask_again, _compute, gettext_lazy("重新算好了。"), args=lambda plan: (plan,)),
    **usual_acts(PROCEDURE, forms.GroupSendForm),
}  # fmt: skip


@chain_page
@require_POST
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
    return PAGES.act(request, pk, what, ACTS, _studio)

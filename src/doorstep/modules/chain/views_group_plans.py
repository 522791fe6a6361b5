"""Plans of building groups at the desk: the list, a new plan, the studio, what one changes for whom and its approval.

Every act is a form of its own that leads back to the plan; the studio's script sends the same forms and takes the page it
gets for its answer, so that pages with and without scripts cannot differ.
"""

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
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, Refused, RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.modules.chain import forms_group_plans as forms
from doorstep.modules.chain import group_plan_words, services_group_plans
from doorstep.modules.chain import selectors_group_plans as selectors
from doorstep.modules.chain.forms import ChainForm
from doorstep.modules.chain.group_plan_changes import changes
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.selectors import rules_in_force
from doorstep.modules.chain.selectors_group_plans import GroupStudio, StudioGroup
from doorstep.modules.chain.services_group_plans import GroupPlanData
from doorstep.modules.chain.views import chain_page, stand_at

PAGE = 30


def carried_out(form: ChainForm, act: Callable[[], Any]) -> bool:
    """Whether the act was done; a refusal stands in the form."""
    try:
        act()
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


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
    form = forms.PlaceForm(found, label)
    return render(request, "chain/group_plans/choose.html", {"form": form, "title": title})


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
    return _changes(request, actor, selectors.plan_seen(actor, pk))


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
        "view": view, "figures": group_plan_words.told(view.figures, view.today, view.minimum),
        "chart": group_plan_words.sizes([(one.name, one.members, one.below) for one in view.groups], view.minimum),
        "map": _map_data(view), "chosen": chosen,
        "why": selectors.explanation(ground, found, chosen.number) if chosen else [],
        "branch": branch, "branch_name": view.branches[branch], "held": _held(view, branch),
        "targets": [one for one in view.groups if one.branch == branch], "failed": failed,
        "ask": _ask_form(view, failed), "new": forms.NEW,
    }  # fmt: skip
    return render(request, "chain/group_plans/studio.html", context, status=status)


def _ask_form(view: GroupStudio, failed: Any) -> forms.AskForm:
    if isinstance(failed, forms.AskForm):
        return failed
    least = rules_in_force().number("group.members_min")
    asked = {int(unit): count for unit, count in view.asked.items()}
    return forms.AskForm(
        _branches(view), minimum=view.minimum, size=view.size, least=least, asked=asked, short=view.short
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


def _map_data(view: GroupStudio) -> dict[str, Any]:
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
        "id": view.id, "state": view.state, "lock_version": view.lock_version, "each": 40, "short": short,
        "buildings": [
            [one.id, one.name, one.longitude, one.latitude, one.members, one.number, one.today, int(one.estimated), one.branch]
            for one in view.houses
        ],
        "grids": [[number, name] for number, name in names.items()], "move": view.can.get("move", False),
    }  # fmt: skip


def _changes(
    request: HttpRequest, actor: Actor, found: GroupPlan, failed: Any = None, status: int = 200
) -> HttpResponse:
    stand_at(request, found.place_code)
    context = {
        "plan": found, "can": selectors.allowed(actor, found), "changes": changes(found),
        "send": failed if isinstance(failed, forms.SendForm) else forms.SendForm(),
        "send_back": failed if isinstance(failed, forms.BackForm) else forms.BackForm(), "failed": failed,
        "people": selectors.people_of(found),
    }  # fmt: skip
    return render(request, "chain/group_plans/changes.html", context, status=status)


@dataclass(frozen=True)
class Acting:
    """One act on a plan: what it asks, what it does, what is said after, and the page it belongs to."""

    form: Callable[..., ChainForm]
    act: Callable[[Actor, int, dict[str, Any]], Any]
    done: Any = ""
    page: str = "chain:group_plan"


def _plainly(service: Callable[..., Any]) -> Callable[[Actor, int, dict[str, Any]], Any]:
    """A service that takes what the form gives."""
    return lambda actor, pk, data: service(actor=actor, plan_id=pk, **data)


def _move(actor: Actor, pk: int, data: dict[str, Any]) -> None:
    number = None if data["number"] == forms.NEW else int(data["number"])
    services_group_plans.move_buildings(
        actor=actor,
        plan_id=pk,
        moved=dict.fromkeys(data["buildings"], number),
        lock_version=data["lock_version"],
    )


CHANGES = "chain:group_plan_changes"
LIST = "chain:group_plans"
ACTS: dict[str, Acting] = {
    "move": Acting(forms.MoveForm, _move, gettext_lazy("已划过去。")),
    "undo": Acting(forms.LockedForm, _plainly(services_group_plans.undo), gettext_lazy("已退回上一步。")),
    "rename": Acting(forms.NameForm, _plainly(services_group_plans.rename_group), gettext_lazy("已改名。")),
    "drop": Acting(
        forms.LockedForm, _plainly(services_group_plans.drop_plan), gettext_lazy("已放弃这个方案。"), page=LIST
    ),
    "send": Acting(
        forms.SendForm, _plainly(services_group_plans.send_plan), gettext_lazy("已送审，由另一位负责人批准。"), page=CHANGES
    ),
    "send_back": Acting(
        forms.BackForm, _plainly(services_group_plans.send_back), gettext_lazy("已退回给送审的人。"), page=CHANGES
    ),
    "approve": Acting(
        forms.LockedForm, _plainly(services_group_plans.approve_plan), gettext_lazy("已批准。"), page=CHANGES
    ),
    "take_back": Acting(
        forms.LockedForm, _plainly(services_group_plans.take_back), gettext_lazy("已收回，可以再改。")
    ),
}  # fmt: skip


@chain_page
@require_POST
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing to a plan; what is refused is said on the page it was asked from, nothing written."""
    actor = actor_of(request)
    if what == "compute":
        return _compute(request, actor, pk)
    acting = ACTS.get(what)
    if acting is None:
        raise Http404
    found = selectors.plan_seen(actor, pk)
    ids = (found.buildings,) if what == "move" else ()
    form = acting.form(*ids, request.POST)
    done, status = _done(form, lambda: acting.act(actor, pk, form.cleaned_data))
    if done:
        messages.success(request, acting.done)
        return _back_to(request, acting.page, pk)
    found = selectors.plan_seen(actor, pk)
    show = _changes if acting.page == CHANGES else _studio
    return show(request, actor, found, failed=form, status=status)


def _done(form: ChainForm, act: Callable[[], Any]) -> tuple[bool, int]:
    """Whether it was done, and the status of the page that says why not."""
    status = 422

    def carry_out() -> None:
        nonlocal status
        try:
            act()
        except (Conflict, NotAllowed) as refusal:
            status = 409 if isinstance(refusal, Conflict) else 403
            raise

    return form.is_valid() and carried_out(form, carry_out), status


def _compute(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Compute anew by what the form asks."""
    found = selectors.plan_seen(actor, pk)
    view, _ground = selectors.studio(actor, found)
    least = rules_in_force().number("group.members_min")
    form = forms.AskForm(_branches(view), request.POST, minimum=view.minimum, size=view.size, least=least)
    lock_version = request.POST.get("lock_version", "")

    def again() -> None:
        data = form.cleaned_data
        services_group_plans.compute_again(
            actor=actor, plan_id=pk, minimum=data["minimum"], size=data["size"], short=data["short"], asked=form.asked,
            lock_version=int(lock_version) if is_digits(lock_version) else None,
        )  # fmt: skip

    done, status = _done(form, again)
    if done:
        messages.success(request, _("重新算好了。"))
        return _back_to(request, "chain:group_plan", pk)
    return _studio(request, actor, selectors.plan_seen(actor, pk), failed=form, status=status)


def _back_to(request: HttpRequest, page: str, pk: int) -> HttpResponse:
    if page == LIST:
        return redirect(page)
    query = request.GET.urlencode()
    return redirect(reverse(page, args=[pk]) + (f"?{query}" if query else ""))

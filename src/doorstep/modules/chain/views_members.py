"""How many members live in the buildings of a branch, counted building by building on one page."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain import group_instances as instances
from doorstep.modules.chain import selectors_group_plans as selectors
from doorstep.modules.chain.building_members import counts_on
from doorstep.modules.chain.forms_group_plans import MembersForm
from doorstep.modules.chain.policies import KEEP
from doorstep.modules.chain.selectors import BRANCH
from doorstep.modules.chain.services_members import NewBuildingCount, record_building_members
from doorstep.modules.chain.views import chain_page, stand_at
from doorstep.modules.chain.views_adjust import standing
from doorstep.modules.chain.views_group_plans import carried_out, chosen_community, require_community


@chain_page
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """In which community members are counted; with one alone, straight to it."""
    found = selectors.communities_to_plan(actor_of(request))
    return chosen_community(
        request, found, "chain:branches_to_count", _("登记哪个社区的"), _("登记楼栋党员人数")
    )


@chain_page
@require_GET
def branches(request: HttpRequest, code: str) -> HttpResponse:
    """The branches of a community, each with how many of its buildings are counted."""
    require_community(actor_of(request), code)
    stand_at(request, code)
    day = clock.today()
    try:
        site = instances.site_of(code, None, day)
    except RuleViolation as missing:
        return render(request, "chain/group_plans/branches.html", {"missing": str(missing.message)})
    counted = counts_on([house.id for house in site.houses], day)
    lines = []
    for unit, name in site.branch_names.items():
        own = [house.id for house in site.houses if house.branch == unit]
        if own:
            lines.append((unit, name, len(own), sum(pk in counted for pk in own)))
    return render(request, "chain/group_plans/branches.html", {"lines": lines})


@chain_page
def building_members(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Count a branch's buildings: those filled in are written, the others left as they are."""
    actor = actor_of(request)
    version = standing(actor, unit_id, (BRANCH,))
    if not actor.holds(KEEP, version.place_code[:12]):
        raise PermissionDenied
    stand_at(request, version.place_code)
    day = clock.today()
    try:
        site = instances.site_of(version.place_code[:12], None, day)
    except RuleViolation as missing:
        return render(request, "chain/group_plans/branches.html", {"missing": str(missing.message)})
    houses = [house for house in site.houses if house.branch == unit_id]
    last = counts_on([house.id for house in houses], day)
    buildings = [
        (house.id, house.called, last[house.id].full if house.id in last else None) for house in houses
    ]
    form = MembersForm(buildings, request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: _write(request, form)):
            messages.success(request, _("已登记%d栋楼的人数。") % len(form.counts))
            return redirect(request.get_full_path())
        status = 422
    context = {
        "form": form,
        "version": version,
        "back": reverse("web:register", args=["chain.building_members"]),
    }
    return render(request, "chain/group_plans/members.html", context, status=status)


def _write(request: HttpRequest, form: MembersForm) -> None:
    if not form.counts:
        raise RuleViolation(_("请至少填一栋楼的人数。"))
    day = form.cleaned_data["counted_on"]
    record_building_members(
        actor=actor_of(request),
        counts=[
            NewBuildingCount(building_id=pk, counted_on=day, full=full) for pk, full in form.counts.items()
        ],
    )

"""Pages to read the chain: a place, a unit, a household, the breaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.indicators.days import asked_day
from doorstep.kernel.obligations.policies import sees_owed
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import adjust_capability, appoint_capability
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.shared.place_codes import is_code, level_of
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.register_pages.history import history_of
from doorstep.modules.chain import selectors_grids, selectors_pages
from doorstep.modules.chain.adjustments import KINDS_OF_BRANCH, KINDS_OF_GROUP
from doorstep.modules.chain.findings import founding_page, two_holders
from doorstep.modules.chain.models import MemberHousehold
from doorstep.modules.chain.policies import ADJUST, COUNT, KEEP, VIEW, may_adjust
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, LEADER

View = Callable[..., HttpResponse]


def chain_page(view: View) -> View:
    """A signed-in page. What the reader may not see does not exist; what is not theirs to do is forbidden."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            if request.method in ("GET", "HEAD"):
                raise Http404 from None
            raise PermissionDenied from None

    return guarded


def stand_at(request: HttpRequest, place_code: str) -> None:
    """The frame's trail and side navigation stand at this place; the address of a unit does not name one."""
    page_of(request).place_code = place_code


def may(actor: Actor, what: str, version: UnitVersion) -> bool:
    """May the actor do this to the unit where it stands? The service decides; this only hides what it would refuse."""
    if what == "adjust":
        return may_adjust(actor, version.kind, version.place_code)
    return actor.holds({"form": ADJUST, "count": COUNT}[what], version.place_code)


@chain_page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The chain of the place asked for, else of the first one answers for; with grids alone, of all of them."""
    if not actor_of(request).holds_somewhere(VIEW):
        raise Http404
    places = actor_of(request).places_for(VIEW)
    asked = request.GET.get("place", "")
    if is_code(asked) and asked:
        return redirect("chain:place", code=asked)
    wider = [place for place in places if level_of(place) != "grid"]
    if not wider:
        return _grids(request, places)
    return redirect("chain:place", code=wider[0][:12] or page_of(request).place_code)


def _grids(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The chain through single grids, to read."""
    actor, on = actor_of(request), asked_day(request.GET.get("on", "")).day
    chains = selectors_grids.grid_chains(actor, codes, on) if codes else []
    return render(request, "chain/grids.html", {"chains": chains, "on": on})


@chain_page
@require_GET
def place(request: HttpRequest, code: str) -> HttpResponse:
    """A community's tree; above it, how much of the chain each place below has; a grid for who has no more."""
    if not is_code(code):
        raise Http404
    actor, on = actor_of(request), asked_day(request.GET.get("on", "")).day
    if level_of(code) == "grid":
        if not actor.holds(VIEW, code[:12]):
            return _grids(request, [code])
        return redirect("chain:place", code=code[:12])
    if level_of(code) == "community":
        tree = selectors_pages.community_tree(actor, code, on)
        context = {
            "tree": tree, "on": on, "can_adjust": may_adjust(actor, BRANCH, code),
            "can_keep": may_adjust(actor, GROUP, code), "can_regrid": actor.holds(ADJUST_GRIDS, code),
            "founding": _founding(actor, code),
        }  # fmt: skip
        return render(request, "chain/community.html", context)
    lines = selectors_pages.places_below(actor, code, on)
    context = {"lines": lines, "on": on, "place_name": page_of(request).place_name, "code": code}
    return render(request, "chain/places.html", context)


def _founding(actor: Actor, code: str) -> str:
    """Where a missing community organisation is founded, for who may."""
    return founding_page(code) if actor.holds(adjust_capability(COMMUNITY), code) else ""


@chain_page
@require_GET
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A community organisation, branch or group: what it is, who is in it, what is under it, what happened to it."""
    actor, on = actor_of(request), asked_day(request.GET.get("on", "")).day
    shown = selectors_pages.unit_page(actor, unit_id, on)
    version = shown.version
    stand_at(request, version.place_code)
    context = {
        "owed": _address("desk:owed_unit", unit_id) if sees_owed(actor, unit_id, version.place_code) else "",
        "shown": shown, "version": version, "on": on, "history": history_of([shown.unit]), "actions": _actions(actor, shown),
        "doubled": _doubled(actor, version, on), "lineage": [
            (row, shown.lineage_names.get(row.other_id or 0, "")) for row in shown.lineage
        ],
    }  # fmt: skip
    return render(request, "chain/unit.html", context)


def _doubled(actor: Actor, version: UnitVersion, on: dt.date) -> list[tuple[Appointment, str]]:
    """Where two people act in the leading post at once: each of them, and where their leaving is handled."""
    if not two_holders(on).filter(unit=version.unit_id).exists():
        return []
    acting = Appointment.objects.in_force(on).filter(unit=version.unit_id, post=LEADER[version.kind])
    policy = policy_for(Appointment)
    return [
        (row, _address("desk:appointment_end", row.pk) if policy.can(actor, "appoint", row) else "")
        for row in acting.select_related("person").order_by("valid_from", "pk")
    ]


def _address(name: str, *args: Any) -> str:
    """The page of that name; "" in an installation without the desk."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _actions(actor: Actor, shown: selectors_pages.UnitPage) -> list[tuple[str, str]]:
    """(words, address) of what the reader may do here."""
    version, pk = shown.version, shown.version.unit_id
    found: list[tuple[str, str]] = []
    if version.unit.ended_on is not None:
        return found
    if not shown.is_community and may(actor, "adjust", version):
        found.append((_("调整"), reverse("chain:choose", args=[pk])))
    found += _office_actions(actor, shown)
    if shown.is_community and may_adjust(actor, BRANCH, version.place_code):
        found.append((_("成立党支部"), reverse("chain:establish", args=[pk])))
    if shown.is_branch and may_adjust(actor, GROUP, version.place_code):
        found.append((_("成立党小组"), reverse("chain:establish", args=[pk])))
    if actor.holds(appoint_capability(LEADER[version.kind]), version.place_code):
        found.append((_("任命"), reverse("chain:appoint", args=[pk])))
    if may(actor, "count", version):
        found.append((_("登记人数"), reverse("chain:count", args=[pk])))
    if not shown.is_group and may(actor, "form", version):
        found += [
            (_("登记任期"), reverse("chain:term", args=[pk])), (_("组织形式"), reverse("chain:form", args=[pk])),
        ]  # fmt: skip
    if shown.is_group and actor.holds(KEEP, version.place_code):
        found.append((_("认定中心户"), f"{reverse('chain:designate')}?unit={pk}"))
    return found


def _office_actions(actor: Actor, shown: selectors_pages.UnitPage) -> list[tuple[str, str]]:
    """The office's telephone and hours; of a community organisation, its name, place and end too."""
    version, policy = shown.version, policy_for(UnitVersion)
    if shown.is_community and policy.can(actor, "adjust", version):
        found = (_("调整"), _address("desk:unit_choose", version.unit_id))
    elif policy.can(actor, "office", version):
        found = (_("办公电话和时间"), _address("desk:unit_change", version.unit_id, "office"))
    else:
        return []
    return [found] if found[1] else []


@chain_page
@require_GET
def household(request: HttpRequest, pk: int) -> HttpResponse:
    """A party-member household: where it is, whose chain it is in, whether residents see its name."""
    actor, on = actor_of(request), asked_day(request.GET.get("on", "")).day
    shown = selectors_pages.household_page(actor, pk, on)
    stand_at(request, shown.household.place_code)
    can_revoke = shown.in_force and policy_for(MemberHousehold).can(actor, "revoke", shown.household)
    context = {
        "shown": shown, "on": on, "history": history_of([shown.household]), "can_revoke": can_revoke,
    }  # fmt: skip
    return render(request, "chain/household.html", context)


@chain_page
@require_GET
def breaks(request: HttpRequest) -> HttpResponse:
    """Every break in a place or in several, by kind, each with the page that mends it."""
    actor, on = actor_of(request), asked_day(request.GET.get("on", "")).day
    asked, kinds_asked = request.GET.getlist("place"), request.GET.getlist("kind")
    if not all(is_code(code) for code in asked):
        raise Http404
    codes = list(dict.fromkeys(asked)) or [page_of(request).place_code]
    kinds = selectors_pages.breaks(actor, codes, on, kinds_asked)
    names = selectors_pages.place_names(codes)
    context = {
        "kinds": kinds, "kind": "".join(kinds_asked), "kept": [*(("place", code) for code in asked), *(("kind", key) for key in kinds_asked)],
        "place_name": _("、").join(names.get(code, code) for code in codes), "on": on,
        "total": sum(each.total for each in kinds),
    }  # fmt: skip
    return render(request, "chain/breaks.html", context)


@chain_page
@require_GET
def choose(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What can be done with a branch or a group, each said in a sentence."""
    actor, on = actor_of(request), asked_day("").day
    version = selectors_pages.visible_version(actor, unit_id, on)
    if version.kind not in (BRANCH, GROUP) or version.unit.ended_on is not None:
        raise Http404
    if not may(actor, "adjust", version):
        raise PermissionDenied
    kinds = KINDS_OF_BRANCH if version.kind == BRANCH else KINDS_OF_GROUP
    stand_at(request, version.place_code)
    context = {
        "version": version,
        "choices": [(kind, *kind_words(version.kind)[kind]) for kind in kinds],
        "actions": _actions(actor, selectors_pages.unit_page(actor, unit_id, on))[1:],
    }
    return render(request, "chain/choose.html", context)


def kind_words(unit_kind: str) -> dict[str, tuple[str, str]]:
    """(name, what it does) of each kind of adjustment."""
    if unit_kind == GROUP:
        return {
            "establish": (_("成立党小组"), _("选择相邻的楼栋，成立一个新的楼栋党小组。")),
            "buildings": (_("调整楼栋"), _("增加或者减少这个小组的楼栋。")),
            "rename": (_("更名"), _("换一个名称，其他不变。")),
            "split": (_("拆分"), _("把一部分楼栋划给一个新成立的小组。")),
            "merge": (_("合并"), _("把别的小组并进来，它们的楼栋归这个小组。")),
            "move": (_("调整隶属"), _("改由另一个党支部领导，楼栋不变。")),
            "dissolve": (_("撤销"), _("小组不再存在，楼栋可以交给另一个小组。")),
        }
    return {
        "establish": (_("成立党支部"), _("选择网格，成立一个新的网格党支部。")),
        "grids": (_("调整网格"), _("增加或者减少这个支部覆盖的网格。")),
        "rename": (_("更名"), _("换一个名称，其他不变。")),
        "split": (_("拆分"), _("把一部分网格连同其中的小组划给一个新成立的支部。")),
        "merge": (_("合并"), _("把别的支部并进来，它们的网格、小组和党员归这个支部。")),
        "move": (_("调整隶属"), _("改属另一个社区的党组织，并覆盖那里的网格。")),
        "dissolve": (_("撤销"), _("支部不再存在，网格和小组交给另一个支部。")),
    }

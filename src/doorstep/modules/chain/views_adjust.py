"""The guided adjustment of branches and groups: choose, fill in, see what changes for whom, apply."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Building, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain import selectors, selectors_pages
from doorstep.modules.chain.adjustments import (
    KINDS_OF_BRANCH,
    KINDS_OF_GROUP,
    Adjustment,
    Kind,
    Outcome,
    adjust,
    preview,
)
from doorstep.modules.chain.forms import (
    AdjustForm,
)
from doorstep.modules.chain.models import GroupBuilding
from doorstep.modules.chain.policies import ADJUST, KEEP, VIEW, may_adjust
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP
from doorstep.modules.chain.views import chain_page, kind_words, may, stand_at

Choices = list[tuple[str, str]]


# The guided adjustment.


@chain_page
def establish(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A branch under a community organisation, or a group under a branch."""
    actor = actor_of(request)
    above = standing(actor, unit_id, (COMMUNITY, BRANCH))
    kind = BRANCH if above.kind == COMMUNITY else GROUP
    if not may_adjust(actor, kind, above.place_code):
        raise PermissionDenied
    return _guided(request, "establish", kind, above)


@chain_page
def adjust_unit(request: HttpRequest, unit_id: int, kind: str) -> HttpResponse:
    """One kind of adjustment of one branch or group: form, preview, apply."""
    actor = actor_of(request)
    version = standing(actor, unit_id, (BRANCH, GROUP))
    if kind not in (KINDS_OF_BRANCH if version.kind == BRANCH else KINDS_OF_GROUP):
        raise Http404
    if not may(actor, "adjust", version):
        raise PermissionDenied
    if kind == "move" and version.kind == BRANCH and "superior" not in request.GET:
        return _choose_community(request, version)
    return _guided(request, kind, version.kind, version)


def standing(actor: Actor, unit_id: int, kinds: Sequence[str]) -> UnitVersion:
    version = selectors_pages.visible_version(actor, unit_id, clock.today())
    if version.kind not in kinds or version.unit.ended_on is not None:
        raise Http404
    return version


def _choose_community(request: HttpRequest, version: UnitVersion) -> HttpResponse:
    rows = _seen(actor_of(request), COMMUNITY).exclude(unit=version.superior_id)
    options = [(row.name, f"?superior={row.unit_id}") for row in rows.order_by("place_code")]
    title = _("{name}改属哪个社区的党组织").format(name=version.name)
    context = {"title": title, "options": options, "version": version}
    stand_at(request, version.place_code)
    return render(request, "chain/options.html", context)


def _guided(request: HttpRequest, kind: Kind, unit_kind: str, version: UnitVersion) -> HttpResponse:
    actor = actor_of(request)
    choices = _choices(actor, kind, unit_kind, version, request.GET.get("superior", ""))
    form = AdjustForm(
        kind, unit_kind, choices, request.POST or None, initial=_initial(request, kind, version)
    )
    outcome: Outcome | None = None
    status = 200
    if request.method == "POST" and form.is_valid():
        this = _adjustment(form, kind, unit_kind, version)
        digest = _digest(form)
        try:
            if request.POST.get("step") == "apply" and form.cleaned_data["shown"] == digest:
                done = adjust(actor=actor, adjustment=this)
                messages.success(request, _("已办理，自 {day} 起生效。").format(day=this.effective_on))
                return redirect("chain:unit", unit_id=done.unit_id)
            outcome = preview(actor=actor, adjustment=this)
            form = _carried_on(form, choices, outcome, digest)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return redirect(request.get_full_path())
        except RuleViolation as refusal:
            form.refuse(refusal)
            status = 422
    name, about = kind_words(unit_kind)[kind]
    context = {
        "form": form, "outcome": outcome, "title": name, "about": about, "version": version, "kind": kind,
    }  # fmt: skip
    stand_at(request, version.place_code)
    return render(request, "chain/adjust.html", context, status=status)


def _digest(form: AdjustForm) -> str:
    """Of everything that decides the outcome; the approval may be filled in after the preview."""
    apart = {"versions", "shown", "approval"}
    parts = sorted((name, str(value)) for name, value in form.cleaned_data.items() if name not in apart)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _carried_on(form: AdjustForm, choices: dict[str, Any], outcome: Outcome, digest: str) -> AdjustForm:
    """The same form again, remembering what the preview was made from and on which versions."""
    data: Any = form.data.copy()  # type: ignore[attr-defined]  # a request's QueryDict
    data["shown"] = digest
    data["versions"] = ",".join(f"{unit}:{number}" for unit, number in outcome.versions.items())
    again = AdjustForm(form.kind, form.unit_kind, choices, data)
    again.is_valid()
    return again


def _adjustment(form: AdjustForm, kind: Kind, unit_kind: str, version: UnitVersion) -> Adjustment:
    data = form.cleaned_data
    superior = version.unit_id if kind == "establish" else _number(data.get("superior"))
    return Adjustment(
        kind=kind, unit_kind=unit_kind, effective_on=data["effective_on"], document=data["document"],
        unit_id=None if kind == "establish" else version.unit_id,
        others=tuple(int(pk) for pk in data.get("others", ())), superior_id=superior,
        heir_id=_number(data.get("heir")), name=data.get("name", ""), grids=tuple(data.get("grids", ())),
        buildings=tuple(int(pk) for pk in data.get("buildings", ())), form=data.get("form", "branch"),
        units=data.get("units") or 0, full=data.get("full"), probationary=data.get("probationary") or 0,
        approved=form.approved, approved_by=data["approved_by"], expected=form.expected,
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _initial(request: HttpRequest, kind: str, version: UnitVersion) -> dict[str, Any]:
    today, pk = clock.today(), version.unit_id
    initial: dict[str, Any] = {"versions": f"{pk}:{version.unit.lock_version}"}
    added = request.GET.getlist("add")
    if kind == "grids":
        initial["grids"] = [grid.code for grid in selectors.grids_of([pk], today).get(pk, [])] + added
    elif kind == "buildings":
        initial["buildings"] = [
            str(building.pk) for building in selectors.buildings_of([pk], today).get(pk, [])
        ]
        initial["buildings"] += added
    elif kind == "establish":
        initial |= {"grids": added, "buildings": added}
    elif kind == "move":
        initial["superior"] = request.GET.get("superior", "")
    elif kind == "rename":
        initial["name"] = version.name
    return initial


def _choices(
    actor: Actor, kind: str, unit_kind: str, version: UnitVersion, superior: str
) -> dict[str, Choices]:
    """What can be chosen, by field of the form."""
    if unit_kind == BRANCH:
        return _branch_choices(actor, kind, version, superior)
    branch = version.unit_id if kind == "establish" else version.superior_id
    found: dict[str, Choices] = {}
    if kind in ("establish", "buildings"):
        found["buildings"] = _buildings(branch, kind, version)
    if kind == "split":
        own = selectors.buildings_of([version.unit_id], clock.today()).get(version.unit_id, [])
        found["buildings"] = [(str(building.pk), building.name) for building in own]
    if kind in ("merge", "dissolve"):
        same = _seen(actor, GROUP).filter(place_code__startswith=version.place_code[:12])
        found["others" if kind == "merge" else "heir"] = _units(same.exclude(unit=version.unit_id))
    if kind == "move":
        branches = _seen(actor, BRANCH).filter(place_code__startswith=version.place_code[:12])
        found["superior"] = _units(branches.exclude(unit=version.superior_id))
    return found


def _branch_choices(actor: Actor, kind: str, version: UnitVersion, superior: str) -> dict[str, Choices]:
    found: dict[str, Choices] = {}
    community = version.place_code[:12]
    if kind in ("establish", "grids"):
        found["grids"] = _grids(community)
    if kind == "split":
        own = selectors.grids_of([version.unit_id], clock.today()).get(version.unit_id, [])
        found["grids"] = [(grid.code, grid.name) for grid in own]
    if kind in ("merge", "dissolve"):
        same = _seen(actor, BRANCH).filter(place_code__startswith=community)
        found["others" if kind == "merge" else "heir"] = _units(same.exclude(unit=version.unit_id))
    if kind == "move":
        above = _seen(actor, COMMUNITY).filter(unit=superior) if whole_number(superior) is not None else None
        if above is None or not (target := above.first()):
            raise Http404
        found["superior"] = [(superior, target.name)]
        found["grids"] = _grids(target.place_code)
    return found


def _seen(actor: Actor, kind: str) -> Any:
    rows = policy_for(UnitVersion).visible_to(actor)
    return rows.filter(in_force(clock.today()), kind=kind, unit__ended_on=None)


def _units(rows: Any) -> Choices:
    return [(str(row.unit_id), row.name) for row in rows.order_by("place_code", "pinyin")]


def _grids(community: str) -> Choices:
    """A community's grids, each with who covers it."""
    today = clock.today()
    grids = list(Grid.objects.in_force(today).filter(community_id=community).order_by("code"))
    covered: dict[int, list[str]] = {}
    rows = UnitVersion.objects.in_force(today).filter(kind=BRANCH, place_code__startswith=community)
    names = dict(rows.values_list("unit_id", "name"))
    for branch, held in selectors.grids_of(names, today).items():
        for grid in held:
            covered.setdefault(grid.pk, []).append(names[branch])
    return [
        (grid.code, noted(grid.name, "、".join(covered.get(grid.pk, [])) or _("没有党支部覆盖")))
        for grid in grids
    ]


def _buildings(branch: int | None, kind: str, version: UnitVersion) -> Choices:
    """Buildings in the branch's grids that are free or the group's own; those of other groups are not offered."""
    today = clock.today()
    grids = [grid.pk for grid in selectors.grids_of([branch or 0], today).get(branch or 0, [])]
    placed = selectors.placements_on(today).filter(grid_id__in=grids).values("building_id")
    taken = GroupBuilding.objects.in_force(today)
    if kind == "buildings":
        taken = taken.exclude(group=version.unit_id)
    rows = Building.objects.filter(pk__in=placed).exclude(pk__in=taken.values("building_id"))
    return [(str(row.pk), noted(row.name, row.address)) for row in rows.order_by("place_code", "id")]


def noted(name: str, note: str) -> str:
    return f"{name}（{note}）" if note and note != name else name


# Mending a grid without a branch, a household without a group.


@chain_page
def cover_grid(request: HttpRequest, code: str) -> HttpResponse:
    """Which branch is to cover this grid: one of the community's, or a new one."""
    actor = actor_of(request)
    grid = Grid.objects.in_force().filter(within("code", actor.places_for(VIEW)), code=code).first()
    if grid is None:
        raise Http404
    if not actor.holds(ADJUST, grid.code):
        raise PermissionDenied
    here = {"place_code__startswith": grid.community_id}
    options = [
        (
            _("由{name}覆盖").format(name=row.name),
            f"{reverse('chain:adjust', args=[row.unit_id, 'grids'])}?add={code}",
        )
        for row in _seen(actor, BRANCH).filter(**here).order_by("place_code")
    ]
    community = _seen(actor, COMMUNITY).filter(**here).first()
    if community:
        address = f"{reverse('chain:establish', args=[community.unit_id])}?add={code}"
        options.append((_("成立新的党支部"), address))
    title = _("网格“{name}”由谁覆盖").format(name=grid.name)
    stand_at(request, code)
    return render(request, "chain/options.html", {"title": title, "options": options})


@chain_page
def cover_building(request: HttpRequest, pk: int) -> HttpResponse:
    """Which group is to cover this building: one of the branch's, or a new one."""
    actor = actor_of(request)
    building = Building.objects.filter(within("place_code", actor.places_for(KEEP)), pk=pk).first()
    if building is None:
        raise Http404
    if not may_adjust(actor, GROUP, building.place_code):
        raise PermissionDenied
    chain = selectors.chain_for_building(building)
    options = []
    for branch in chain.branches:
        groups = _seen(actor, GROUP).filter(superior=branch.unit_id)
        options += [
            (
                _("划入{name}").format(name=row.name),
                f"{reverse('chain:adjust', args=[row.unit_id, 'buildings'])}?add={pk}",
            )
            for row in groups.order_by("place_code", "pinyin")
        ]
        address = f"{reverse('chain:establish', args=[branch.unit_id])}?add={pk}"
        options.append((_("在{name}成立新的党小组").format(name=branch.name), address))
    title = _("“{name}”归哪个党小组").format(name=building.name)
    context = {"title": title, "options": options}
    stand_at(request, building.place_code)
    return render(request, "chain/options.html", context)

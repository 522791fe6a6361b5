"""Founding and adjusting units of every kind that no module keeps: choose, fill in, see what changes, apply."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations import rules, selectors
from doorstep.kernel.organisations.adjustments import (
    ACTS_ON_UNITS,
    OFFICE,
    ActOnUnit,
    Outcome,
    UnitAdjustment,
    adjust,
    preview,
)
from doorstep.kernel.organisations.kept_kinds import adjusting_page, general_kinds, is_general
from doorstep.kernel.organisations.kinds import UNIT_KINDS, USUAL_SUPERIOR
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.policies import adjust_capability
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, Refused
from doorstep.kernel.shared.place_codes import is_code, level_of, parent_of
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.surfaces.desk.forms_units import Choices, UnitForm

SHOWN = 60  # units offered for a merger; a name narrows them


# Founding.


@login_required
def found(request: HttpRequest) -> HttpResponse:
    """First which kind of unit and where; then its fields, the preview, and done. 404 for who founds nothing."""
    actor = actor_of(request)
    kinds = [kind for kind in general_kinds() if actor.holds_somewhere(adjust_capability(kind))]
    if not kinds:
        raise Http404
    kind = request.GET.get("kind", "")
    asked = request.GET.get("place", "").replace("\x00", "").strip()
    place, trouble = _place(actor, kind, asked) if kind in kinds else ("", "")
    context: dict[str, Any] = {
        "kinds": [(code, UNIT_KINDS[code]) for code in kinds], "kind": kind, "trouble": trouble,
        "place": place or asked, "place_name": _place_name(place or asked), "title": _("登记新单位"),
    }  # fmt: skip
    if not place:
        return render(request, "desk/unit_found.html", context)
    context["title"] = _("登记新单位：{kind}").format(kind=UNIT_KINDS[kind])
    above = selectors.superiors_for(actor, place)
    form = UnitForm(
        "found", kind, {"superior": _named(above)}, request.POST or None, initial=_usual(kind, above)
    )
    base = UnitAdjustment(act="found", effective_on=clock.today(), kind=kind, place_code=place)
    return _guided(request, form, base, "desk/unit_found.html", context)


def _place(actor: Actor, kind: str, text: str) -> tuple[str, str]:
    """(code, trouble) of a place written as a code or a name, where the actor may found a unit of the kind."""
    if not text:
        return "", ""
    try:
        code = Places.inside(actor.places_for(adjust_capability(kind))).picked(text)
    except ValueError as wrong:
        return "", str(wrong)
    if not rules.level_fits(kind, level_of(code)):
        words = _("{kind}不能设在这一级地方，请另选。").format(kind=UNIT_KINDS[kind])
        return "", words
    return code, ""


def _place_name(code: str) -> str:
    return full_names_of({code}).get(code, "") if code and is_code(code) else ""


def _usual(kind: str, above: list[UnitVersion]) -> dict[str, Any]:
    """The nearest unit that one of this kind usually stands under, as a proposal."""
    usual = [row.unit_id for row in above if row.kind == USUAL_SUPERIOR.get(kind)]
    return {"superior": str(usual[-1])} if usual else {}


# Adjusting.


@login_required
def choose(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What can be done with a unit, each said in a sentence."""
    version = _standing(actor_of(request), unit_id)
    offered = _offered(actor_of(request), version)
    if not offered:
        raise PermissionDenied
    words = act_words()
    page_of(request).place_code = version.place_code
    context = {
        "version": version, "choices": [(act, *words[act]) for act in offered], "back": _record_page(version.unit_id),
        "elsewhere": "" if is_general(version.kind) else adjusting_page(version.kind, unit_id),
    }  # fmt: skip
    return render(request, "desk/unit_choose.html", context)


@login_required
def change(request: HttpRequest, unit_id: int, act: str) -> HttpResponse:
    """One act on one unit: form, preview, apply."""
    actor = actor_of(request)
    version = _standing(actor, unit_id)
    known = next((one for one in ACTS_ON_UNITS if one == act), None)
    if known is None or not (is_general(version.kind) or known == OFFICE):
        raise Http404
    if known not in _offered(actor, version):
        raise PermissionDenied
    name, about = act_words()[known]
    context: dict[str, Any] = {
        "version": version, "act": known, "title": _("{name}：{act}").format(name=version.name, act=name), "about": about,
        "back": _back(version), "asks_place": known in ("move", "split"), "looked_for": _looked_for(request),
    }  # fmt: skip
    place = version.place_code
    if context["asks_place"] and request.GET.get("place"):
        asked = request.GET["place"].replace("\x00", "").strip()
        place, context["trouble"] = _place(actor, version.kind, asked)
        place = place or version.place_code
    context |= {"place": place, "place_name": _place_name(place)}
    choices = _choices(actor, known, version, place, context["looked_for"])
    if known == "merge" and not choices["others"]:
        context["nothing"] = True
    form = UnitForm(known, version.kind, choices, request.POST or None, initial=_initial(known, version))
    base = UnitAdjustment(
        act=known, effective_on=clock.today(), unit_id=unit_id, kind=version.kind, place_code=place
    )
    page_of(request).place_code = version.place_code
    return _guided(request, form, base, "desk/unit_change.html", context)


def _standing(actor: Actor, unit_id: int) -> UnitVersion:
    """The unit as it is today, or will first be; 404 where it does not exist for the actor or has ended."""
    rows = policy_for(UnitVersion).visible_to(actor).filter(unit_id=unit_id, unit__ended_on=None)
    version: UnitVersion | None = rows.select_related("unit").order_by("-valid_from").first()
    if version is None:
        raise Http404
    return version


def _offered(actor: Actor, version: UnitVersion) -> list[ActOnUnit]:
    policy = policy_for(UnitVersion)
    if is_general(version.kind) and policy.can(actor, "adjust", version):
        return list(ACTS_ON_UNITS)
    return [OFFICE] if policy.can(actor, "office", version) else []


def _choices(
    actor: Actor, act: ActOnUnit, version: UnitVersion, place: str, looked_for: str
) -> dict[str, Choices]:
    if act == "move":
        return {"superior": _named(selectors.superiors_for(actor, place, without=version.unit_id), version)}
    if act == "split":
        under = selectors.directly_under([version.unit_id]).get(version.unit_id, [])
        return {"below": _named(under)}
    if act == "merge":
        rows = selectors.merge_candidates(actor, version, parent_of(version.place_code) or "", looked_for)
        return {"others": _named(rows[:SHOWN])}
    return {}


def _named(rows: list[UnitVersion] | Any, version: UnitVersion | None = None) -> Choices:
    """Units with their kind; the unit's present superior stays among them, even one that lies outside the reader's
    places."""
    found = [(str(row.unit_id), f"{row.name}（{row.get_kind_display()}）") for row in rows]
    kept = version.superior_id if version is not None else None
    if kept is not None and str(kept) not in dict(found):
        found.insert(0, (str(kept), selectors.last_names([kept]).get(kept, "")))
    return found


def _initial(act: ActOnUnit, version: UnitVersion) -> dict[str, Any]:
    initial: dict[str, Any] = {"versions": f"{version.unit_id}:{version.unit.lock_version}"}
    if act == "rename":
        initial["name"] = version.name
    elif act == "move":
        initial["superior"] = str(version.superior_id or "")
    elif act == "office":
        initial |= {"phone": version.phone, "hours": version.hours, "address": version.address}
    elif act == "code":
        initial["credit_code"] = version.unit.credit_code
    return initial


# What both share.


def _guided(
    request: HttpRequest, form: UnitForm, base: UnitAdjustment, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Show the form; then what it would change; apply what was shown. Refusals stand at their field."""
    outcome: Outcome | None = None
    status = 200
    if request.method == "POST" and form.is_valid():
        this, digest = _adjustment(form, base), _digest(form, base)
        try:
            if request.POST.get("step") == "apply" and form.cleaned_data["shown"] == digest:
                done = adjust(actor=actor_of(request), adjustment=this)
                messages.success(request, _("已办理，自 {day} 起生效。").format(day=this.effective_on))
                return redirect(_record_page(done.unit_id, this))
            outcome = preview(actor=actor_of(request), adjustment=this)
            form = _carried_on(form, outcome, digest)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return redirect(request.get_full_path())
        except NotVisible as refusal:
            if not refusal.field:
                raise Http404 from None
            form.refuse(refusal)
            status = 422
        except Refused as refusal:
            form.refuse(refusal)
            status = 422
    elif request.method == "POST":
        status = 422
    return render(request, template, context | {"form": form, "outcome": outcome}, status=status)


def _adjustment(form: UnitForm, base: UnitAdjustment) -> UnitAdjustment:
    data = form.cleaned_data
    superior = data.get("superior")
    return UnitAdjustment(
        act=base.act, unit_id=base.unit_id, kind=base.kind, place_code=base.place_code,
        effective_on=data.get("effective_on") or base.effective_on, document=data.get("document", ""),
        approved_by=data.get("approved_by", ""), note=data.get("note", ""), name=data.get("name", ""),
        superior_id=int(superior) if superior else None, credit_code=data.get("credit_code", ""),
        phone=data.get("phone", ""), hours=data.get("hours", ""), address=data.get("address", ""),
        others=tuple(int(pk) for pk in data.get("others", ())), below=tuple(int(pk) for pk in data.get("below", ())),
        expected=form.expected,
    )  # fmt: skip


def _digest(form: UnitForm, base: UnitAdjustment) -> str:
    """Of everything that decides the outcome."""
    apart = {"versions", "shown"}
    parts = sorted((name, str(value)) for name, value in form.cleaned_data.items() if name not in apart)
    return hashlib.sha256(repr((base.kind, base.place_code, parts)).encode()).hexdigest()[:32]


def _carried_on(form: UnitForm, outcome: Outcome, digest: str) -> UnitForm:
    """The same form again, remembering what the preview was made from and on which versions."""
    data: Any = form.data.copy()  # type: ignore[attr-defined]  # a request's QueryDict
    data["shown"] = digest
    data["versions"] = ",".join(f"{unit}:{number}" for unit, number in outcome.versions.items())
    form.data = data
    return form


def _record_page(unit_id: int, this: UnitAdjustment | None = None) -> str:
    """The unit's record on the day from which the adjustment holds; its last day where it ended."""
    versions = list(UnitVersion.objects.filter(unit=unit_id).order_by("valid_from"))
    day = this.effective_on if this else clock.today()
    version = next((row for row in versions if row.holds_on(day)), versions[-1])
    if not version.holds_on(day):
        day = max(version.valid_from, clock.today())
    address = reverse("web:record", args=["units", version.pk])
    return address if day == clock.today() else f"{address}?{urlencode({'on': day.isoformat()})}"


def _back(version: UnitVersion) -> str:
    return reverse("desk:unit_choose", args=[version.unit_id])


def _looked_for(request: HttpRequest) -> str:
    return (request.GET.get("q") or "").replace("\x00", "").strip()[:40]


def act_words() -> dict[str, tuple[str, str]]:
    """(name, what it does) of each act on a unit."""
    return {
        "rename": (_("更名"), _("换一个名称，其他不变。")),
        "move": (_("调整隶属或地方"), _("改由另一个上级领导，或者迁到另一个地方；任职的工作范围随之改变。")),
        "office": (_("办公电话和时间"), _("居民和同事看到的办公电话、时间和地址；不需要文号。")),
        "code": (_("统一社会信用代码"), _("补登或更正，按证照填写。")),
        "split": (_("拆分"), _("分出一个同类的新单位，可以把一部分下级单位划给它。")),
        "merge": (_("合并"), _("把同类的单位并进来；它们的下级归这个单位，任职随之结束。")),
        "dissolve": (_("撤销"), _("单位不再存在，任职随之结束；记录都保留。")),
    }

"""Pairings of departments and communities: one page for both sides, with the plan and what was done."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of, names_of
from doorstep.modules.partnership import forms, forms_pairing, selectors_pairing, services_pairing
from doorstep.modules.partnership.models import Deed, Pairing, PlanItem
from doorstep.modules.partnership.pages import desk_page, form_page
from doorstep.modules.partnership.policies import CONFIRM, SET_PAIRS, acting_units


def seen(actor: Actor, pk: int) -> Pairing:
    """Raises NotVisible."""
    row: Pairing | None = policy_for(Pairing).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    return row


@desk_page
@require_GET
def pairing(request: HttpRequest, pk: int) -> HttpResponse:
    """One pairing: its plan, item by item, and what was done."""
    actor = actor_of(request)
    row = seen(actor, pk)
    page_of(request).place_code = row.place_code
    shown = selectors_pairing.pairing_page(row)
    context = {
        "row": row, "shown": shown, "names": last_names({row.department_id, row.community_id}),
        "where": full_names_of({row.place_code}).get(row.place_code, ""), "side": _on_a_side(actor, row),
        "confirms": actor.holds(CONFIRM, row.place_code) and row.department_id not in acting_units(actor),
        "sets": policy_for(Pairing).can(actor, "set", row), "me": actor.person_id, "holds": row.holds_on(),
    }  # fmt: skip
    return render(request, "partnership/pairing.html", context)


def _on_a_side(actor: Actor, row: Pairing) -> bool:
    return row.department_id in acting_units(actor) or policy_for(Pairing).can(actor, "keep", row)


@desk_page
@require_GET
def department(request: HttpRequest, unit_id: int) -> HttpResponse:
    """All pairings of a department that the reader sees, each with how its plan stands."""
    actor = actor_of(request)
    rows = list(
        policy_for(Pairing)
        .visible_to(actor)
        .filter(department_id=unit_id)
        .order_by("-valid_from", "place_code")
    )
    if not rows and unit_id not in acting_units(actor):
        raise NotVisible("")
    context = {
        "name": last_names([unit_id]).get(unit_id, ""), "places": names_of({row.place_code for row in rows}),
        "lines": selectors_pairing.summaries(rows),
    }  # fmt: skip
    return render(request, "partnership/department.html", context)


@desk_page
def new(request: HttpRequest) -> HttpResponse:
    """Pair a department with a community (`place`)."""
    actor, code = actor_of(request), request.GET.get("place", "")
    if not is_code(code) or len(code) != LENGTHS["community"] or not actor.holds(SET_PAIRS, code):
        raise Http404
    rows = UnitVersion.objects.in_force().filter(kind="department", place_code=code[: LENGTHS["county"]])
    choices = list(rows.order_by("pinyin", "unit_id").values_list("unit_id", "name"))
    form = forms_pairing.PairingForm(choices, request.POST or None)
    made: list[Pairing] = []

    def act() -> None:
        given = dict(form.cleaned_data)
        pair = services_pairing.NewPairing(department_id=given.pop("department"), place_code=code, **given)
        made.append(services_pairing.pair(actor=actor, new=pair))

    return form_page(
        request, form, _("结对共建"), reverse("partnership:place", args=[code]), act, _("已结对。"), place_code=code,
        where=full_names_of({code}).get(code, ""), to=lambda: reverse("partnership:pairing", args=[made[0].pk]),
    )  # fmt: skip


@desk_page
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a pairing before its time."""
    actor = actor_of(request)
    row = seen(actor, pk)
    policy_for(Pairing).require(actor, "set", row)
    form = forms.EndForm(request.POST or None)
    return form_page(
        request, form, _("提前结束结对"), reverse("partnership:pairing", args=[pk]),
        lambda: services_pairing.end_pairing(actor=actor, pairing_id=pk, **form.cleaned_data), _("已结束。"),
        place_code=row.place_code,
    )  # fmt: skip


@desk_page
def item_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add to the plan."""
    actor = actor_of(request)
    row = _sided(actor, pk)
    form = forms_pairing.ItemForm(request.POST or None)
    return form_page(
        request, form, _("列入结对计划"), reverse("partnership:pairing", args=[pk]),
        lambda: services_pairing.plan_item(actor=actor, pairing_id=pk, **form.cleaned_data), _("已列入计划。"),
        place_code=row.place_code,
    )  # fmt: skip


def _sided(actor: Actor, pk: int) -> Pairing:
    row = seen(actor, pk)
    if not _on_a_side(actor, row):
        policy_for(Pairing).require(actor, "keep", row)
    return row


@desk_page
def item_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item out of the plan, saying why."""
    actor = actor_of(request)
    item = policy_for(PlanItem).visible_to(actor).filter(pk=pk).first()
    if item is None:
        raise NotVisible("")
    _sided(actor, item.pairing_id)
    form = forms.ReasonForm(request.POST or None)
    return form_page(
        request, form, _("取消计划事项：%(what)s") % {"what": item.what},
        reverse("partnership:pairing", args=[item.pairing_id]),
        lambda: services_pairing.drop_item(actor=actor, item_id=pk, **form.cleaned_data), _("已取消。"),
        place_code=item.place_code,
    )  # fmt: skip


@desk_page
def deed_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a visit or something done; the community confirms it."""
    actor = actor_of(request)
    row = _sided(actor, pk)
    items = row.items.filter(dropped_at=None).order_by("due_on", "pk").values_list("pk", "what")
    form = forms_pairing.DeedForm(list(items), request.POST or None, initial={"key": uuid.uuid4()})

    def act() -> None:
        given = dict(form.cleaned_data)
        deed = services_pairing.NewDeed(pairing_id=pk, item_id=given.pop("item"), **given)
        services_pairing.record_deed(actor=actor, new=deed)

    return form_page(
        request, form, _("登记走访或办的实事"), reverse("partnership:pairing", args=[pk]), act,
        _("已登记，社区确认后计入。"), place_code=row.place_code,
    )  # fmt: skip


@desk_page
def deed_act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Confirm a record (`confirm`), or strike it out with the reason (`strike`)."""
    actor = actor_of(request)
    deed = policy_for(Deed).visible_to(actor).filter(pk=pk).select_related("pairing").first()
    if deed is None or what not in ("confirm", "strike"):
        raise Http404
    back = reverse("partnership:pairing", args=[deed.pairing_id])
    if what == "strike":
        _sided(actor, deed.pairing_id)
        form = forms.ReasonForm(request.POST or None)
        return form_page(
            request, form, _("作废记录：%(what)s") % {"what": deed.what}, back,
            lambda: services_pairing.strike_deed(actor=actor, deed_id=pk, **form.cleaned_data), _("已作废。"),
            place_code=deed.place_code,
        )  # fmt: skip
    policy_for(Deed).require(actor, "confirm", deed)
    meant = forms.NothingForm({} if request.method == "POST" else None)
    return form_page(
        request, meant, _("确认：%(what)s") % {"what": deed.what}, back,
        lambda: services_pairing.confirm_deed(actor=actor, deed_id=pk), _("已确认。"), place_code=deed.place_code,
    )  # fmt: skip

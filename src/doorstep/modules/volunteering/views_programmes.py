"""The desk: programmes with their money, merchants, items and stock; each act one small form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import within
from doorstep.kernel.web.context import page_of
from doorstep.modules.volunteering import forms_redemption as forms
from doorstep.modules.volunteering import selectors_programmes as selectors
from doorstep.modules.volunteering import services_programmes as services
from doorstep.modules.volunteering.models import Item, Programme
from doorstep.modules.volunteering.pages_redemption import form_page, office_page
from doorstep.modules.volunteering.policies_redemption import RUN
from doorstep.modules.volunteering.rules_redemption import in_yuan
from doorstep.modules.volunteering.services_programmes import ItemData, ProgrammeData


def _places(codes: list[str]) -> list[tuple[str, str]]:
    """Districts, streets and communities there: code and name."""
    rows = Area.objects.filter(
        within("code", codes), level__in=["county", "street", "community"], ended_on=None
    )
    return list(rows.order_by("code").values_list("code", "name")[:500])


def _back(request: HttpRequest, programme: Programme, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("volunteering:programme", programme.pk)


def _programme_data(data: Mapping[str, Any]) -> ProgrammeData:
    own = {key: value for key, value in data.items() if key not in ("organiser", "version")}
    return ProgrammeData(organiser_id=data["organiser"], **own)


@office_page
def new_programme(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not actor.holds_somewhere(RUN):
        raise Http404
    form = forms.ProgrammeForm(
        _places(actor.places_for(RUN)), selectors.organisers_for(actor), request.POST or None
    )
    made: list[Programme] = []

    def act() -> None:
        made.append(services.create_programme(actor=actor, data=_programme_data(form.cleaned_data)))

    return form_page(
        request, form, act, lambda: _back(request, made[0], _("项目建好了，接着登记资金、商户和物品。")),
        title=_("新建兑换项目"), back=reverse("web:register", args=["volunteering.programmes"]),
    )  # fmt: skip


@office_page
@require_GET
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """A programme with its money, merchants, items and stock."""
    found = selectors.overview(actor_of(request), pk)
    page_of(request).place_code = found.programme.place_code
    return render(request, "volunteering/redemption/programme.html", {"overview": found})


def _kept(request: HttpRequest, pk: int) -> tuple[Actor, Programme, dict[str, Any]]:
    actor = actor_of(request)
    row = selectors.programme_of(actor, pk, "keep")
    page_of(request).place_code = row.place_code
    return actor, row, {"back": reverse("volunteering:programme", args=[row.pk])}


@office_page
def change_programme(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept(request, pk)
    initial = {
        "place_code": row.place_code, "name": row.name, "organiser": row.organiser_id, "about": row.about,
        "slip_days": row.slip_days, "void_days": row.void_days, "valid_from": row.valid_from, "valid_to": row.valid_to,
        "version": row.lock_version,
    }  # fmt: skip
    here = [(code, name) for code, name in _places([row.place_code]) if code == row.place_code]
    organisers = selectors.organisers_for(actor)
    form = forms.ProgrammeForm(here, organisers, request.POST or None, initial=initial)
    return form_page(
        request, form,
        lambda: services.change_programme(
            actor=actor, programme_id=pk, version=form.cleaned_data["version"] or 0,
            data=_programme_data(form.cleaned_data),
        ),
        lambda: _back(request, row, _("已保存。")), title=_("修改：%(name)s") % {"name": row.name}, **context,
    )  # fmt: skip


@office_page
def add_fund(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept(request, pk)
    form = forms.FundForm(request.POST or None)
    return form_page(
        request, form,
        lambda: services.add_fund(
            actor=actor, programme_id=pk, fen=forms.in_fen(form.cleaned_data["yuan"]),
            source=form.cleaned_data["source"], document=form.cleaned_data["document"], day=form.cleaned_data["day"],
            key=form.cleaned_data["key"],
        ),
        lambda: _back(request, row, _("资金已入账。")), title=_("登记资金：%(name)s") % {"name": row.name}, **context,
    )  # fmt: skip


@office_page
def add_partner(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept(request, pk)
    merchants = selectors.merchants_at(row.place_code)
    form = forms.PartnerForm(merchants, request.POST or None)
    return form_page(
        request, form,
        lambda: services.keep_partner(
            actor=actor, programme_id=pk, merchant_id=form.cleaned_data["merchant"],
            document=form.cleaned_data["document"], valid_from=form.cleaned_data["valid_from"],
            valid_to=form.cleaned_data["valid_to"],
        ),
        lambda: _back(request, row, _("商户协议已登记。")), title=_("登记商户：%(name)s") % {"name": row.name},
        note="" if merchants else _("这里还没有登记商户，先在单位登记里登记。"), **context,
    )  # fmt: skip


def _item_data(data: Mapping[str, Any]) -> ItemData:
    own = {key: value for key, value in data.items() if key not in ("merchant", "yuan", "version")}
    return ItemData(merchant_id=data["merchant"], fen=forms.in_fen(data["yuan"]), **own)


@office_page
def add_item(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept(request, pk)
    form = forms.ItemForm(
        _places([row.place_code]), selectors.partners_of(row), request.POST or None,
        initial={"yuan": "0", "place_code": row.place_code},
    )  # fmt: skip
    return form_page(
        request, form,
        lambda: services.create_item(actor=actor, programme_id=pk, data=_item_data(form.cleaned_data)),
        lambda: _back(request, row, _("物品已上架，接着登记入库。")), title=_("上架物品：%(name)s") % {"name": row.name},
        **context,
    )  # fmt: skip


def _kept_item(request: HttpRequest, pk: int) -> tuple[Actor, Item, dict[str, Any]]:
    actor = actor_of(request)
    row = selectors.item_of(actor, pk)
    page_of(request).place_code = row.place_code
    return actor, row, {"back": reverse("volunteering:programme", args=[row.programme_id])}


@office_page
def change_item(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept_item(request, pk)
    initial = {
        "name": row.name, "kind": row.kind, "about": row.about, "points": row.points, "merchant": row.merchant_id or "",
        "yuan": in_yuan(row.fen).replace(",", ""), "most": row.most, "place_code": row.place_code,
        "valid_from": row.valid_from, "valid_to": row.valid_to, "version": row.lock_version,
    }  # fmt: skip
    places, partners = _places([row.programme.place_code]), selectors.partners_of(row.programme)
    form = forms.ItemForm(places, partners, request.POST or None, initial=initial)
    return form_page(
        request, form,
        lambda: services.change_item(
            actor=actor, item_id=pk, version=form.cleaned_data["version"] or 0, data=_item_data(form.cleaned_data)
        ),
        lambda: _back(request, row.programme, _("已保存；以前开的小票不变。")), title=_("修改：%(name)s") % {"name": row.name},
        **context,
    )  # fmt: skip


@office_page
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept_item(request, pk)
    form = forms.DeliveryForm(request.POST or None)
    return form_page(
        request, form, lambda: services.deliver(actor=actor, item_id=pk, **form.cleaned_data),
        lambda: _back(request, row.programme, _("已入库。")), title=_("入库：%(name)s") % {"name": row.name}, **context,
    )  # fmt: skip


@office_page
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, context = _kept_item(request, pk)
    form = forms.WriteOffForm(request.POST or None)
    return form_page(
        request, form, lambda: services.write_off(actor=actor, item_id=pk, **form.cleaned_data),
        lambda: _back(request, row.programme, _("已核销。")), title=_("核销库存：%(name)s") % {"name": row.name}, **context,
    )  # fmt: skip

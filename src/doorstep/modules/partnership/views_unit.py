"""A unit's own pages on a phone: what is needed near it, claimed in two taps; its projects and responsibilities; what it offers;
its year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.selectors import last_names, versions_of
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.kernel.web.papers.answering import paper
from doorstep.modules.partnership import selectors_lists as selectors
from doorstep.modules.partnership import selectors_year, services_claims, services_needs, services_resources
from doorstep.modules.partnership import services_projects as projects
from doorstep.modules.partnership import services_responsibilities as duties
from doorstep.modules.partnership.forms_lists import (
    ClaimForm,
    DeliverForm,
    EndForm,
    ReasonForm,
    ResourceForm,
    UnitNeedForm,
    fen_of,
)
from doorstep.modules.partnership.keeping_lists import agreed_places
from doorstep.modules.partnership.models_lists import Need, Project, Resource, Responsibility
from doorstep.modules.partnership.numbers_lists import class_names
from doorstep.modules.partnership.pages_lists import (
    communities,
    form_page,
    kinds_at,
    new_key,
    phone_page,
    yuan,
)
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.selectors_uses import uses_of
from doorstep.modules.partnership.services_needs import NewNeed
from doorstep.modules.partnership.views_offers import areas_of, resource_initial
from doorstep.modules.partnership.wording_lists import price_words, times_words

PHONE_FORM = "partnership/lists/phone_act.html"


def _unit(request: HttpRequest, actor: Actor) -> tuple[int, list[tuple[int, str]]]:
    """The unit the page is of (`unit`, else the first), and all the reader acts for. Raises NotVisible for who acts for none."""
    units = selectors.own_units(actor)
    if not units:
        if not acting_units(actor):
            raise NotVisible("")
        units = sorted(last_names(set(acting_units(actor))).items(), key=lambda item: item[1])
    asked = whole_number(request.GET.get("unit") or request.POST.get("unit"))
    return (asked if asked in dict(units) else units[0][0]), units


@phone_page
@require_GET
def near(request: HttpRequest) -> HttpResponse:
    """What is needed near the unit, the nearest first."""
    actor = actor_of(request)
    unit, units = _unit(request, actor)
    kind = request.GET.get("kind", "")
    kinds = class_names()
    context = {
        "lines": selectors.needed_near(actor, unit, kind if kind in kinds else ""), "unit": unit, "units": units, "kind": kind,
        "kinds": list(kinds.items()), "name": dict(units)[unit],
    }  # fmt: skip
    return render(request, "partnership/lists/near.html", context)


@phone_page
def needed(request: HttpRequest, pk: int) -> HttpResponse:
    """One need: the first tap opens it, the second claims it."""
    actor = actor_of(request)
    unit, units = _unit(request, actor)
    shown, need = selectors.near_one(actor, unit, pk)
    own = list(Resource.objects.in_force().filter(unit_id=unit).order_by("pk").values_list("pk", "name"))
    form = ClaimForm(own, request.POST or None)
    refused = ""
    if need.unit_id in dict(units):
        return redirect("partnership:follow", pk)
    if shown is None and (project := selectors.project_of(actor, need)):
        return redirect("partnership:unit_project", project)
    if request.method == "POST":
        if request.POST.get("do") == "back":
            return _give_back(request, actor, pk, unit)
        if form.is_valid():
            try:
                data = form.cleaned_data
                services_claims.claim(
                    actor=actor, need_id=pk, unit_id=unit, resource_id=data["resource"], words=data["words"]
                )
            except NotVisible:
                raise
            except Refused as refusal:
                refused = str(refusal.message)
                shown, need = selectors.near_one(actor, unit, pk)
            else:
                messages.success(request, _("已认领，谢谢。社区会来商定时间和分工。"))
                return redirect(f"{reverse('partnership:unit_needed', args=[pk])}?unit={unit}")
    context = {
        "shown": shown, "need": need, "unit": unit, "units": units, "form": form, "refused": refused,
        "kind": class_names().get(need.resource_class, ""), "times": selectors.when_words(need),
        "where": selectors.place_names([need.matter.place_code]).get(need.matter.place_code[:12], ""),
    }  # fmt: skip
    return render(request, "partnership/lists/needed.html", context, status=409 if refused else 200)


def _give_back(request: HttpRequest, actor: Actor, pk: int, unit: int) -> HttpResponse:
    try:
        services_claims.give_back(
            actor=actor, need_id=pk, unit_id=unit, reason=request.POST.get("reason", "")
        )
    except NotVisible:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("已撤回，别的单位可以认领。"))
    return redirect(f"{reverse('partnership:unit_needed', args=[pk])}?unit={unit}")


@phone_page
def tell(request: HttpRequest) -> HttpResponse:
    """A need of one's unit: what, for how many, in which community of its agreements."""
    actor = actor_of(request)
    unit, units = _unit(request, actor)
    places = communities(agreed_places(unit))
    stands = versions_of([unit]).get(unit)
    home = stands.place_code[: LENGTHS["community"]] if stands else ""
    known = len(places) == 1 or home in dict(places)
    initial = {"key": new_key(), "unit": unit, "place": home}
    form = UnitNeedForm(
        kinds_at(home),
        places if known else [("", _("请选社区")), *places],
        request.POST or None,
        initial=initial,
    )
    made: list[Need] = []

    def act() -> None:
        data = form.cleaned_data
        new = NewNeed(
            place_code=data["place"], title=data["title"], text=data["text"], wanted=form.wanted(), told="unit", unit_id=unit,
            key=data["key"],
        )  # fmt: skip
        made.append(services_needs.raise_need(actor=actor, new=new))

    nothing = "" if places else _("贵单位还没有生效的共建协议。签了协议以后，这里可以提出需求。")
    return form_page(
        request, form, act, _("收到了。社区会答复是否列入需求清单。"), lambda: reverse("partnership:follow", args=[made[0].pk]),
        template=PHONE_FORM, title=_("说说我们的需求"), verb=_("提出"), back=reverse("partnership:unit_mine"), nothing=nothing,
        what=dict(units)[unit] if len(units) > 1 else "",
    )  # fmt: skip


@phone_page
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What the unit has in hand."""
    actor = actor_of(request)
    unit, units = _unit(request, actor)
    found = selectors.of_unit(actor, unit)
    offers = [
        (row, price_words(row), times_words(row.weekdays, row.opens, row.closes))
        for row in found["resources"]
    ]
    context = {**found, "resources": offers, "unit": unit, "units": units, "name": dict(units)[unit]}
    return render(request, "partnership/lists/unit.html", context)


def _own_project(actor: Actor, pk: int) -> Project:
    """A project in which a unit of the reader's takes part. Raises NotVisible."""
    project = selectors.project_seen(actor, pk)
    mine = set(acting_units(actor))
    if project.unit_id not in mine and not project.others.filter(unit_id__in=mine).exists():
        raise NotVisible("")
    return project


@phone_page
@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """One project as its unit sees it, with what it may do now."""
    actor = actor_of(request)
    found = _own_project(actor, pk)
    mine = set(acting_units(actor))
    context = {
        "shown": selectors.project_page(found), "project": found, "matter": found.matter, "need": found.need, "mine": mine,
        "leads": found.unit_id in mine, "budget": yuan(found.budget_fen) if found.budget_fen else "",
    }  # fmt: skip
    return render(request, "partnership/lists/unit_project.html", context)


@phone_page
def project_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Start, report done, give back."""
    actor = actor_of(request)
    found = _own_project(actor, pk)
    if found.unit_id not in acting_units(actor) or act not in ("start", "deliver", "back"):
        raise NotVisible("")
    back = reverse("partnership:unit_project", args=[pk])
    common: dict[str, Any] = {"template": PHONE_FORM, "back": back, "what": found.matter.title}
    version = {"version": found.matter.version}
    if act == "start":
        form = ReasonForm("", "none", request.POST or None, initial=version)
        del form.fields["none"]
        return form_page(
            request, form, lambda: projects.start(actor=actor, project_id=pk, expected_version=form.cleaned_data["version"]),
            _("已开始。做完以后回来报告。"), lambda: back, title=_("开始实施"), verb=_("开始"), **common,
        )  # fmt: skip
    if act == "back":
        form = ReasonForm(
            _("为什么做不了"),
            "reason",
            request.POST or None,
            initial=version,
            help_text=_("社区会看到；需求会重新发布。"),
        )
        return form_page(
            request, form,
            lambda: projects.stop(
                actor=actor, project_id=pk, reason=form.cleaned_data["reason"], expected_version=form.cleaned_data["version"]
            ),
            _("已退回，社区会收到通知。"), lambda: reverse("partnership:unit_mine"), title=_("退回项目"), verb=_("退回"), **common,
        )  # fmt: skip
    done = DeliverForm(request.POST or None, initial={**version, "served": found.need.people})
    return form_page(
        request, done,
        lambda: projects.deliver(
            actor=actor, project_id=pk, note=done.cleaned_data["note"], served=done.cleaned_data["served"],
            cost_fen=fen_of(done.cleaned_data["cost"]), expected_version=done.cleaned_data["version"],
        ),
        _("已报告，等社区确认。"), lambda: back, title=_("报告做完"), verb=_("报告做完"), **common,
    )  # fmt: skip


@phone_page
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """Report one's part of a project done."""
    actor = actor_of(request)
    row = (
        policy_for(Responsibility).visible_to(actor).select_related("matter", "project__matter")
        .filter(pk=pk, unit_id__in=acting_units(actor)).first()
    )  # fmt: skip
    if row is None:
        raise NotVisible("")
    back = reverse("partnership:unit_project", args=[row.project_id])
    form = ReasonForm(_("做了什么"), "note", request.POST or None, initial={"version": row.matter.version})
    return form_page(
        request, form, lambda: duties.report_done(actor=actor, responsibility_id=pk, note=form.cleaned_data["note"]),
        _("已报告，等社区确认。"), lambda: back, title=_("报告做完"), verb=_("报告做完"), template=PHONE_FORM, back=back,
        what=row.matter.title,
    )  # fmt: skip


@phone_page
def offer(request: HttpRequest) -> HttpResponse:
    """Put a resource of one's unit on the list."""
    actor = actor_of(request)
    unit, units = _unit(request, actor)
    back = reverse("partnership:unit_mine")
    place = next((code for code, _name in areas_of([unit])), "")
    form = ResourceForm(
        kinds_at(place),
        units,
        areas_of([pk for pk, _name in units]),
        request.POST or None,
        initial={"unit": unit},
    )
    nothing = "" if place else _("贵单位还没有生效的共建协议。签了协议以后，这里可以登记资源。")
    return form_page(
        request, form, lambda: services_resources.offer(actor=actor, data=form.data_of()), _("已列入资源清单，谢谢。"), lambda: back,
        title=_("我们能提供"), verb=_("列入清单"), template=PHONE_FORM, back=back, nothing=nothing,
    )  # fmt: skip


def _own_resource(actor: Actor, pk: int) -> Resource:
    row = Resource.objects.filter(pk=pk, unit_id__in=acting_units(actor)).first()
    if row is None:
        raise NotVisible("")
    return row


@phone_page
def offer_change(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = _own_resource(actor, pk)
    back = reverse("partnership:unit_mine")
    form = ResourceForm(
        kinds_at(row.place_code), list(last_names([row.unit_id]).items()), areas_of([row.unit_id]), request.POST or None,
        initial=resource_initial(row),
    )  # fmt: skip
    return form_page(
        request, form,
        lambda: services_resources.change_resource(
            actor=actor, resource_id=pk, data=form.data_of(), expected_version=form.cleaned_data["version"] or 0
        ),
        _("已保存。"), lambda: back, title=_("修改资源"), verb=_("保存"), template=PHONE_FORM, back=back, what=row.name,
        uses=uses_of(actor, pk),
    )  # fmt: skip


@phone_page
def offer_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = _own_resource(actor, pk)
    back = reverse("partnership:unit_mine")
    form = EndForm(request.POST or None)
    return form_page(
        request, form,
        lambda: services_resources.withdraw_resource(actor=actor, resource_id=pk, ended_on=form.cleaned_data["ended_on"]),
        _("已从清单上撤下。"), lambda: back, title=_("不再提供"), verb=_("撤下"), template=PHONE_FORM, back=back, what=row.name,
    )  # fmt: skip


@phone_page
@require_GET
def year(request: HttpRequest) -> HttpResponse:
    """The unit's own year as facts."""
    actor = actor_of(request)
    unit, units = _unit(request, actor)
    shown = selectors_year.year_of(actor, unit, selectors_year.asked_year(request.GET.get("year", "")))
    context = {"shown": shown, "years": selectors_year.years_until_now(), "unit": unit, "units": units}
    return render(request, "partnership/lists/unit_year.html", context)


@phone_page
@require_GET
def year_paper(request: HttpRequest, year: int) -> HttpResponseBase:
    actor = actor_of(request)
    unit, _units = _unit(request, actor)
    shown = selectors_year.year_of(actor, unit, selectors_year.asked_year(str(year)))
    name = f"{_('共建情况年度反馈')}-{shown.unit}-{shown.year}.pdf"
    return paper(
        request,
        "partnership/year.typ",
        selectors_year.paper_data(shown),
        name=name,
        back=reverse("partnership:unit_year"),
    )

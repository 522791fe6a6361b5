"""Assistance and the coordination mechanism in office."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.obligations.policies import sees_owed
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.coverage import forms as plain
from doorstep.modules.coverage import forms_communities as forms
from doorstep.modules.coverage import selectors_communities as selectors
from doorstep.modules.coverage import services_assistance as services
from doorstep.modules.coverage import services_coordination as coordinating
from doorstep.modules.coverage.models import Assistance, AssistancePart, CoordinationMember
from doorstep.modules.coverage.pages import communities, desk_page, form_page
from doorstep.modules.coverage.policies import ASSIST, KEEP, SET_PARTS
from doorstep.modules.coverage.proofs import COORDINATION

MEMBER_KINDS = (
    "department", "street_office", "street_working_committee", "community_party_organisation", "property_company", "social_organisation",
)  # fmt: skip


def _units(place: str, kinds: tuple[str, ...]) -> list[tuple[int, str]]:
    """Units of these kinds in the street, and the district's departments."""
    rows = UnitVersion.objects.in_force().filter(
        kind__in=kinds, place_code__startswith=place[: LENGTHS["county"]]
    )
    near = [
        row
        for row in rows.order_by("kind", "pinyin", "pk")
        if len(row.place_code) <= LENGTHS["county"] or row.place_code.startswith(place[: LENGTHS["street"]])
    ]
    return [(row.unit_id, row.name) for row in near[:500]]


@desk_page
@require_GET
def assistance(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: its parts, its days, figures before and after, what was found and what became of it."""
    actor = actor_of(request)
    row = selectors.assistance_seen(actor, pk)
    page_of(request).place_code = row.place_code
    policy = policy_for(Assistance)
    lines = list(row.lines.select_related("part").order_by("part__rank", "pk"))
    units = last_names(line.unit_id for line in lines if line.unit_id is not None)
    days = list(row.events.prefetch_related("findings__matter").order_by("-day", "-pk"))
    context = {
        "row": row, "where": full_names_of({row.place_code}).get(row.place_code, ""),
        "lines": [(line, units.get(line.unit_id or 0, "")) for line in lines], "days": days,
        "measured": selectors.measured_lines(row), "may_decide": policy.can(actor, "assist", row) and not row.outcome,
        "may_record": policy.can(actor, "record", row) and not row.outcome, "over": not row.outcome and row.ends_on < clock.today(),
    }  # fmt: skip
    return render(request, "coverage/assistance.html", context)


@desk_page
def assistance_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    codes = actor.places_for(ASSIST)
    if not codes:
        raise Http404
    busy = set(Assistance.objects.filter(outcome="").values_list("place_code", flat=True))
    places = [place for place in communities(codes) if place[0] not in busy]
    here = places[0][0] if places else ""
    parts = services.parts_on(here, clock.today()) if here else []
    form = forms.AssistanceForm(
        places or [("", "—")], parts, _units(here or "0", ("department",)), request.POST or None,
        initial={"place_code": request.GET.get("place", "")},
    )  # fmt: skip
    made: list[Assistance] = []

    def act() -> None:
        data = form.cleaned_data
        own = {key: data[key] for key in ("place_code", "starts_on", "ends_on", "goal", "document")}
        new = services.NewAssistance(
            indicators=tuple(data["indicators"]), parts=form.parts(), units=form.units(), **own
        )
        made.append(services.begin_assistance(actor=actor, new=new))

    return form_page(
        request, form, act, lambda: reverse("coverage:assistance", args=[made[0].pk]), _("帮扶已开始，帮扶前的数字已从记录量好。"),
        title=_("开始“四个一”帮扶"), back=reverse("web:register", args=["coverage.assistance"]),
        note="" if parts else _("还没有设定帮扶内容，请区里先设定。"),
    )  # fmt: skip


def _kept(request: HttpRequest, pk: int, action: str) -> tuple[Assistance, str]:
    actor = actor_of(request)
    row = selectors.assistance_seen(actor, pk)
    policy_for(Assistance).require(actor, action, row)
    page_of(request).place_code = row.place_code
    return row, reverse("coverage:assistance", args=[pk])


@desk_page
def day(request: HttpRequest, pk: int) -> HttpResponse:
    _row, back = _kept(request, pk, "record")
    actor = actor_of(request)
    form = forms.DayForm(request.POST or None, initial={"key": uuid.uuid4()})

    def act() -> None:
        own = {key: form.cleaned_data[key] for key in ("kind", "day", "who", "seen", "key")}
        services.record_day(actor=actor, new=services.NewDay(assistance_id=pk, findings=form.lines(), **own))

    return form_page(
        request,
        form,
        act,
        back,
        _("已登记，要办的事已交社区。"),
        title=_("登记蹲点调研或现场办公"),
        back=back,
    )


@desk_page
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    _row, back = _kept(request, pk, "assist")
    actor = actor_of(request)
    form = forms.OutcomeForm(request.POST or None)
    return form_page(
        request, form, lambda: services.decide_assistance(actor=actor, assistance_id=pk, **form.cleaned_data), back,
        _("结果已认定，帮扶后的数字已从记录量好。"), title=_("认定帮扶结果"), back=back,
        note=_("认定那一天，所比较的数字再从记录量一次。"),
    )  # fmt: skip


@desk_page
def part_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    places = [place for place in actor.places_for(SET_PARTS) if len(place) == LENGTHS["county"]]
    if not places:
        raise Http404
    form = forms.PartForm(request.POST or None)
    back = reverse("web:register", args=["coverage.parts"])
    return form_page(
        request, form, lambda: services.set_part(actor=actor, place_code=places[0], **form.cleaned_data), back,
        _("已设定。"), title=_("设定帮扶内容"), back=back,
    )  # fmt: skip


@desk_page
def part_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = policy_for(AssistancePart).visible_to(actor).filter(pk=pk).first()
    if row is None or not policy_for(AssistancePart).can(actor, "set", row):
        raise NotVisible("")
    form = plain.EndForm(request.POST or None)
    back = reverse("web:register", args=["coverage.parts"])
    return form_page(
        request, form, lambda: services.end_part(actor=actor, part_id=pk, **form.cleaned_data), back, _("已终止。"),
        title=_("终止：%(name)s") % {"name": row.name}, back=back,
    )  # fmt: skip


@desk_page
@require_GET
def coordination(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The mechanism of a street: members, sessions, what was referred, what became of it."""
    actor = actor_of(request)
    version = selectors.mechanism_seen(actor, unit_id)
    page_of(request).place_code = version.place_code
    context = {
        "shown": selectors.mechanism(actor, version), "where": full_names_of({version.place_code}).get(version.place_code, ""),
        "keeps": actor.holds(KEEP, version.place_code), "sees_owed": sees_owed(actor, unit_id, version.place_code),
        "kind": COORDINATION,
    }  # fmt: skip
    return render(request, "coverage/coordination.html", context)


@desk_page
def member_new(request: HttpRequest, unit_id: int) -> HttpResponse:
    actor = actor_of(request)
    version = selectors.mechanism_seen(actor, unit_id)
    policy_for(CoordinationMember).require(actor, "keep", CoordinationMember(place_code=version.place_code))
    page_of(request).place_code = version.place_code
    form = forms.MemberForm(_units(version.place_code, MEMBER_KINDS), request.POST or None)
    back = reverse("coverage:coordination", args=[unit_id])

    def act() -> None:
        data = form.cleaned_data
        coordinating.add_member(
            actor=actor,
            mechanism_id=unit_id,
            unit_id=data["unit"],
            role=data["role"],
            valid_from=data["valid_from"],
        )

    return form_page(request, form, act, back, _("已加入。"), title=_("加入成员单位"), back=back)


@desk_page
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = policy_for(CoordinationMember).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(CoordinationMember).require(actor, "keep", row)
    page_of(request).place_code = row.place_code
    form = plain.EndForm(request.POST or None)
    back = reverse("coverage:coordination", args=[row.mechanism_id])
    return form_page(
        request, form, lambda: coordinating.end_member(actor=actor, member_id=pk, **form.cleaned_data), back, _("已退出。"),
        title=_("退出协调机制"), back=back,
    )  # fmt: skip


@desk_page
def refer(request: HttpRequest, pk: int) -> HttpResponse:
    """What a session refers to one of the members."""
    actor = actor_of(request)
    session = (
        policy_for(Minutes).visible_to(actor).filter(pk=pk, kind=COORDINATION, cancelled_at=None).first()
    )
    if session is None:
        raise NotVisible("")
    probe = CoordinationMember(place_code=session.place_code)
    policy_for(CoordinationMember).require(actor, "keep", probe)
    page_of(request).place_code = session.place_code
    units = (
        CoordinationMember.objects.in_force(session.day)
        .filter(mechanism_id=session.unit_id)
        .values_list("unit_id", flat=True)
    )
    names = last_names(units)
    street = (session.place_code, _("全街道"))
    form = forms.ReferForm(
        list(names.items()),
        [street, *communities([session.place_code])],
        request.POST or None,
        initial={"key": uuid.uuid4()},
    )
    back = reverse("coverage:coordination", args=[session.unit_id])

    def act() -> None:
        data: dict[str, Any] = form.cleaned_data
        coordinating.refer(
            actor=actor,
            minutes_id=pk,
            title=data["title"],
            text=data["text"],
            holder_id=data["holder"],
            place_code=data["place_code"],
            key=data["key"],
        )

    return form_page(
        request,
        form,
        act,
        back,
        _("已交办。"),
        title=_("会议交办：%(day)s") % {"day": session.day},
        back=back,
    )

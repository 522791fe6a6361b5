"""One organisation in office: its page, registering, correcting, counting, who covers it, its gap's plan."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.coverage import (
    forms,
    rules,
    selectors,
    services,
    services_covering,
    services_gaps,
)
from doorstep.modules.coverage.models import Covering, Finding, Gap, HeadCount, Profile, Visit
from doorstep.modules.coverage.numbers import MEMBERS, UNITS, number_in_force
from doorstep.modules.coverage.pages import desk_page, form_page
from doorstep.modules.coverage.policies import KEEP
from doorstep.modules.coverage.selectors_joining import nearest_parties

SHOWN = 12


def _page(pk: int) -> str:
    return reverse("coverage:organisation", args=[pk])


def _found(request: HttpRequest, pk: int) -> tuple[Actor, Profile, str]:
    actor = actor_of(request)
    row = selectors.seen(actor, pk)
    page_of(request).place_code = row.place_code
    return actor, row, selectors.named([row]).get(row.unit_id, "")


@desk_page
@require_GET
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one organisation, with what can be done now."""
    actor, row, name = _found(request, pk)
    today, policy = clock.today(), policy_for(Profile)
    now = selectors.with_state(Profile.objects.filter(pk=pk), today).get()
    coverings = list(
        Covering.objects.filter(organisation=row).select_related("party").order_by("-valid_from")[:SHOWN]
    )
    visits = with_names_seen(Visit.objects.filter(organisation=row), actor, "instructor")
    cadres = with_names_seen(selectors.cadres_on(today).filter(unit_id=row.unit_id), actor, "person")
    gap = Gap.objects.filter(organisation=row).select_related("matter").first()
    context = {
        "row": row, "name": name, "now": now, "state": selectors.STATE_NAMES[now.state], "where": full_names_of({row.place_code}).get(row.place_code, ""),
        "should": now.members >= number_in_force(MEMBERS), "counts": HeadCount.objects.filter(organisation=row).order_by("-valid_from")[:SHOWN],
        "coverings": coverings, "parties": last_names(one.party_id for one in coverings), "cadres": list(cadres),
        "visits": list(visits.order_by("-visited_on", "-pk")[:SHOWN]), "gap": gap,
        "findings": Finding.objects.filter(visit__organisation=row).select_related("matter").order_by("-pk")[:SHOWN],
        "keeps": policy.can(actor, "keep", row), "may_count": policy.can(actor, "count", row),
        "may_plan": gap is not None and policy_for(Gap).can(actor, "plan", gap), "today": today, "is_gap": now.state == rules.GAP,
        "over": row.unit.ended_on is not None and row.unit.ended_on <= today,
    }  # fmt: skip
    return render(request, "coverage/organisation.html", context)


@desk_page
def organisation_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not actor.holds_somewhere(KEEP):
        raise Http404
    form = forms.OrganisationForm(request.POST or None)
    made: list[Profile] = []

    def act() -> None:
        made.append(
            services.register_organisation(actor=actor, new=services.NewOrganisation(**form.cleaned_data))
        )

    return form_page(
        request, form, act, lambda: _page(made[0].pk), _("已登记，接着登记职工和党员人数。"), title=_("登记组织"),
        back=reverse("web:register", args=["coverage.organisations"]),
    )  # fmt: skip


@desk_page
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, name = _found(request, pk)
    policy_for(Profile).require(actor, "keep", row)
    initial = {
        "name": name, "trade": row.trade, "address": row.address, "longitude": row.longitude, "latitude": row.latitude,
        "version": row.lock_version,
    }  # fmt: skip
    form = forms.CorrectForm(request.POST or None, initial=initial)

    def act() -> None:
        data = dict(form.cleaned_data)
        version = data.pop("version")
        services.correct_organisation(actor=actor, organisation_id=pk, expected_version=version, **data)

    return form_page(
        request,
        form,
        act,
        _page(pk),
        _("已保存。"),
        title=_("更正：%(name)s") % {"name": name},
        back=_page(pk),
    )


@desk_page
def count(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row, name = _found(request, pk)
    policy_for(Profile).require(actor, "count", row)
    last = HeadCount.objects.filter(organisation=row).order_by("-valid_from").first()
    initial = {key: getattr(last, key) for key in ("staff", "full", "probationary")} if last else {}
    form = forms.CountForm(request.POST or None, initial=initial)
    note = _("上次统计在 %(day)s；更早的不再改。") % {"day": last.valid_from} if last else ""
    return form_page(
        request, form, lambda: services.record_count(actor=actor, organisation_id=pk, **form.cleaned_data), _page(pk),
        _("人数已登记。"), title=_("登记人数：%(name)s") % {"name": name}, back=_page(pk), note=note,
    )  # fmt: skip


@desk_page
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Found a party organisation of the organisation's own."""
    actor, row, name = _found(request, pk)
    policy_for(Profile).require(actor, "keep", row)
    form = forms.PartyForm(request.POST or None, initial={"name": _("%(name)s党支部") % {"name": name}})
    return _establish(request, actor, form, "own", (pk,), _page(pk), _("单独组建：%(name)s") % {"name": name})


@desk_page
def joint(request: HttpRequest) -> HttpResponse:
    """Found a joint branch of the organisations named in the address, as the studio suggests them."""
    actor = actor_of(request)
    numbers = [number for text in request.GET.getlist("o") if (number := whole_number(text)) is not None]
    if not 1 < len(set(numbers)) <= number_in_force(UNITS):
        raise Http404
    rows = [selectors.seen(actor, number) for number in sorted(set(numbers))]
    for row in rows:
        policy_for(Profile).require(actor, "keep", row)
    page_of(request).place_code = (
        rules.place_of_several([row.place_code for row in rows]) or rows[0].place_code[:6]
    )
    names = selectors.named(rows)
    called = [names.get(row.unit_id, "") for row in rows]
    form = forms.PartyForm(
        request.POST or None, initial={"name": _("%(name)s等联合党支部") % {"name": called[0]}}
    )
    back = reverse("coverage:studio", args=[page_of(request).place_code])
    return _establish(
        request, actor, form, "joint", tuple(row.pk for row in rows), back, _("联合组建党支部"), names=called
    )


def _establish(
    request: HttpRequest,
    actor: Actor,
    form: Any,
    kind: str,
    ids: tuple[int, ...],
    back: str,
    title: Any,
    **more: Any,
) -> HttpResponse:
    def act() -> None:
        new = services_covering.NewParty(form=kind, organisation_ids=ids, **form.cleaned_data)
        services_covering.establish(actor=actor, new=new)

    return form_page(
        request, form, act, back, _("党组织已成立，覆盖已登记。"), title=title, back=back, **more
    )


@desk_page
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the organisation join a joint branch of its street that has room."""
    actor, row, name = _found(request, pk)
    policy_for(Profile).require(actor, "keep", row)
    choices = [
        (
            one.unit_id,
            _("%(name)s（约 %(metres)d 米，现有 %(n)d 个单位）")
            % {"name": one.name, "metres": metres, "n": one.units},
        )
        for one, metres in nearest_parties(actor, row, number_in_force(UNITS))
    ]
    form = forms.JoinForm(choices, request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services_covering.join(
            actor=actor,
            party_id=data["party"],
            organisation_id=pk,
            valid_from=data["valid_from"],
            document=data["document"],
        )

    note = "" if choices else _("本街道没有还能加入的联合党支部，可以看联合组建的建议。")
    return form_page(
        request, form, act, _page(pk), _("已加入联合党支部。"), title=_("加入联合党支部：%(name)s") % {"name": name}, back=_page(pk),
        note=note,
    )  # fmt: skip


@desk_page
def uncover(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = policy_for(Covering).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Covering).require(actor, "keep", row)
    page_of(request).place_code = row.place_code
    form = forms.UncoverForm(request.POST or None)
    back = _page(row.organisation_id)
    return form_page(
        request, form, lambda: services_covering.uncover(actor=actor, covering_id=pk, **form.cleaned_data), back,
        _("覆盖已终止。"), title=_("终止覆盖"), back=back, note=_("终止以后，这个组织没有别的覆盖时会重新成为空白。"),
    )  # fmt: skip


@desk_page
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """By which way and which day a gap will be closed."""
    actor = actor_of(request)
    gap = policy_for(Gap).visible_to(actor).filter(pk=pk).select_related("matter", "organisation").first()
    if gap is None:
        raise NotVisible("")
    policy_for(Gap).require(actor, "plan", gap)
    page_of(request).place_code = gap.place_code
    row = gap.organisation
    now = selectors.with_state(Profile.objects.filter(pk=row.pk), clock.today()).get()
    least = number_in_force(MEMBERS)
    initial = {
        "plan": gap.plan or rules.usual_plan(now.members, least), "planned_for": gap.planned_for, "version": gap.matter.version,
    }  # fmt: skip
    form = forms.PlanForm(rules.plans_for(now.members, least), request.POST or None, initial=initial)
    name = selectors.named([row]).get(row.unit_id, "")

    def act() -> None:
        data = dict(form.cleaned_data)
        services_gaps.plan_gap(actor=actor, gap_id=pk, expected_version=data.pop("version"), **data)

    note = _(
        "登记的正式党员 %(full)d 名。定了办法还不算消除：有了在册的党组织或者任职中的入企干部，自动消除。"
    ) % {"full": now.members}
    return form_page(
        request, form, act, _page(row.pk), _("办法和日期已记下。"), title=_("定办法：%(name)s") % {"name": name}, back=_page(row.pk),
        note=note,
    )  # fmt: skip

"""Projects in office: one project with its responsibilities, confirming, rating slips; what units offer; a unit's year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.selectors_timeline import timeline_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.web.papers.answering import paper
from doorstep.kernel.web.qr import qr_svg
from doorstep.modules.partnership import selectors_lists as selectors
from doorstep.modules.partnership import selectors_year
from doorstep.modules.partnership import services_projects as services
from doorstep.modules.partnership import services_ratings as ratings
from doorstep.modules.partnership import services_responsibilities as duties
from doorstep.modules.partnership.forms_lists import (
    DeliverForm,
    DutyForm,
    ListForm,
    ReasonForm,
    SlipsForm,
    UseForm,
    fen_of,
)
from doorstep.modules.partnership.keeping_lists import why_not_judge
from doorstep.modules.partnership.models_lists import Project, Responsibility
from doorstep.modules.partnership.pages import desk_page
from doorstep.modules.partnership.pages_lists import form_page, stand_at, yuan
from doorstep.modules.partnership.selectors_duties import takers_for_project
from doorstep.modules.partnership.services_projects import Duty, Use
from doorstep.modules.partnership.states_projects import VIEW
from doorstep.modules.partnership.wording_lists import price_words

MANAGING = ("start", "deliver", "stop", "duty", "use", "slips")
CONFIRMING = ("confirm", "rework")


@desk_page
@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """One project: its need, who does what by when, what is used, what came of it, how it was rated."""
    actor = actor_of(request)
    found = selectors.project_in_office(actor, pk)
    stand_at(request, found.place_code)
    policy = policy_for(Project)
    manages = policy.can(actor, "manage", found)
    may = policy.can(actor, "confirm", found)
    why_not = why_not_judge(actor, found) if may and found.matter.state in ("running", "delivered") else ""
    confirms = may and not why_not
    context = {
        "shown": selectors.project_page(found), "project": found, "matter": found.matter, "need": found.need,
        "budget": yuan(found.budget_fen) if found.budget_fen else "", "cost": yuan(found.cost_fen), "acts": _acts(found, manages, confirms),
        "manages": manages, "confirms": confirms, "why_not": why_not, "timeline": timeline_of(actor, found.matter),
    }  # fmt: skip
    return render(request, "partnership/lists/project.html", context)


def _acts(project: Project, manages: bool, confirms: bool) -> list[tuple[str, str, bool]]:
    """(act, words, main)."""
    offered: dict[str, list[tuple[str, str, bool]]] = {
        "agreed": [("start", _("开始实施"), True), ("duty", _("加一项责任"), False), ("use", _("约用资源"), False), ("stop", _("中止"), False)],
        "running": [("deliver", _("代单位报告做完"), False), ("duty", _("加一项责任"), False), ("use", _("约用资源"), False), ("stop", _("中止"), False)],
        "delivered": [("confirm", _("确认"), True), ("rework", _("退回再做"), False)],
        "confirmed": [("slips", _("发评价条"), True)],
    }  # fmt: skip
    return [
        row
        for row in offered.get(project.matter.state, [])
        if (manages and row[0] in MANAGING) or (confirms and row[0] in CONFIRMING)
    ]


Maker = Callable[[HttpRequest, Actor, Any], HttpResponse]


@desk_page
def project_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One act of who manages or confirms projects."""
    actor = actor_of(request)
    found = selectors.project_in_office(actor, pk)
    maker = _MAKERS.get(act)
    if maker is None:
        raise NotVisible("")
    if not policy_for(Project).can(actor, "confirm" if act in CONFIRMING else "manage", found):
        raise NotAllowed("")
    stand_at(request, found.place_code)
    return maker(request, actor, found)


def _back(project: Project) -> str:
    return reverse("partnership:project", args=[project.pk])


def _page(request: HttpRequest, project: Project, form: ListForm, act: Callable[[], Any], done: str, title: str, verb: str, **more: Any) -> HttpResponse:  # fmt: skip
    return form_page(
        request,
        form,
        act,
        done,
        lambda: _back(project),
        title=f"{title}：{project.matter.title}",
        back=_back(project),
        verb=verb,
        **more,
    )


def _start(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = ReasonForm("", "none", request.POST or None, initial={"version": project.matter.version})
    del form.fields["none"]
    return _page(
        request, project, form, lambda: services.start(actor=actor, project_id=project.pk, expected_version=form.cleaned_data["version"]),
        _("已开始。"), _("开始实施"), _("开始"),
    )  # fmt: skip


def _deliver(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = DeliverForm(
        request.POST or None, initial={"version": project.matter.version, "served": project.need.people}
    )

    def act() -> None:
        data = form.cleaned_data
        services.deliver(
            actor=actor, project_id=project.pk, note=data["note"], served=data["served"], cost_fen=fen_of(data["cost"]),
            expected_version=data["version"],
        )  # fmt: skip

    note = _("您代单位登记以后，须由另一位同事来确认。")
    return _page(
        request, project, form, act, _("已登记，请另一位同事确认。"), _("报告做完"), _("报告做完"), note=note
    )


def _confirm(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = ReasonForm(
        _("看到了什么"), "note", request.POST or None, initial={"version": project.matter.version},
        help_text=_("怎样核实的、办成了什么；提出人会看到。"),
    )  # fmt: skip
    return _page(
        request, project, form,
        lambda: services.confirm(
            actor=actor, project_id=project.pk, note=form.cleaned_data["note"], expected_version=form.cleaned_data["version"]
        ),
        _("已确认，现在算数了。可以请受益的人评价。"), _("确认"), _("确认办成"), about=selectors.project_page(project).done,
    )  # fmt: skip


def _rework(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = ReasonForm(
        _("哪里没有办成"), "reason", request.POST or None, initial={"version": project.matter.version}
    )
    return _page(
        request, project, form,
        lambda: services.send_back(
            actor=actor, project_id=project.pk, reason=form.cleaned_data["reason"], expected_version=form.cleaned_data["version"]
        ),
        _("已退回，责任单位会收到通知。"), _("退回再做"), _("退回"),
    )  # fmt: skip


def _stop(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = ReasonForm(
        _("为什么中止"), "reason", request.POST or None, initial={"version": project.matter.version}
    )
    return _page(
        request, project, form,
        lambda: services.stop(
            actor=actor, project_id=project.pk, reason=form.cleaned_data["reason"], expected_version=form.cleaned_data["version"]
        ),
        _("已中止，需求重新发布。"), _("中止项目"), _("中止"), note=_("约好的资源会释放，没做完的责任会取消，需求重新发布。"),
    )  # fmt: skip


def _duty(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = DutyForm(takers_for_project(project), request.POST or None, initial={"due_on": project.ends_on})

    def act() -> None:
        data = form.cleaned_data
        services.add_duty(
            actor=actor,
            project_id=project.pk,
            duty=Duty(unit_id=data["unit"], what=data["what"], due_on=data["due_on"]),
        )

    return _page(request, project, form, act, _("已分工，责任单位会收到通知。"), _("加一项责任"), _("加上"))


def _use(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    offers = selectors.resources_serving(project.place_code, project.need.resource_class)
    form = UseForm(
        [(row.pk, f"{row.name}（{price_words(row)}）") for row in offers],
        request.POST or None,
        initial={"use_day": project.starts_on},
    )

    def act() -> None:
        data = form.cleaned_data
        starts, ends = (
            dt.datetime.combine(data["use_day"], data[name], clock.DISTRICT_ZONE)
            for name in ("use_starts", "use_ends")
        )
        use = Use(resource_id=data["resource"], starts_at=starts, ends_at=ends)
        services.use_resource(actor=actor, project_id=project.pk, use=use)

    nothing = "" if offers else _("清单上还没有服务本社区的资源。")
    return _page(request, project, form, act, _("已约好。"), _("约用资源"), _("约用"), nothing=nothing)


def _slips(request: HttpRequest, actor: Actor, project: Project) -> HttpResponse:
    form = SlipsForm(request.POST or None)
    note = _("每张评价条有一个二维码，扫一次评一次，不用登录。已发 %(slips)d 张，惠及 %(served)d 人。") % {
        "slips": project.slips, "served": project.served or 0,
    }  # fmt: skip
    return form_page(
        request, form, lambda: ratings.issue_slips(actor=actor, project_id=project.pk, more=form.cleaned_data["more"]),
        _("已生成，请打印。"), lambda: reverse("partnership:slips", args=[project.pk]), title=_("发评价条：%s") % project.matter.title,
        back=_back(project), verb=_("生成"), note=note,
    )  # fmt: skip


_MAKERS: dict[str, Maker] = {
    "start": _start, "deliver": _deliver, "confirm": _confirm, "rework": _rework, "stop": _stop, "duty": _duty, "use": _use,
    "slips": _slips,
}  # fmt: skip


@desk_page
@require_GET
def slips(request: HttpRequest, pk: int) -> HttpResponse:
    """The slips handed out, each with its code, to be printed and cut; those used already are left out."""
    actor = actor_of(request)
    found = selectors.project_in_office(actor, pk)
    policy_for(Project).require(actor, "manage", found)
    stand_at(request, found.place_code)
    used = set(found.ratings.filter(slip__isnull=False).values_list("slip", flat=True))
    lines = []
    for number in range(1, found.slips + 1):
        if number not in used:
            code = ratings.code_of(found.pk, number, found.matter.key)
            address = request.build_absolute_uri(
                reverse("partnership:rate_slip", args=[found.pk, number, code])
            )
            lines.append((number, address, mark_safe(qr_svg(address))))
    context = {"project": found, "lines": lines, "used": len(used)}
    return render(request, "partnership/lists/slips.html", context)


@desk_page
def duty_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One responsibility: reported done for a unit, confirmed, sent back, dropped."""
    actor = actor_of(request)
    row: Responsibility | None = (
        policy_for(Responsibility)
        .visible_to(actor)
        .select_related("matter", "project__matter")
        .filter(pk=pk)
        .first()
    )
    if row is None or act not in _DUTY or not actor.holds(VIEW, row.matter.place_code):
        raise NotVisible("")
    if not policy_for(Responsibility).can(actor, "confirm" if act in CONFIRMING else "manage", row):
        raise NotAllowed("")
    stand_at(request, row.matter.place_code)
    label, verb, done = (str(words) for words in _words_of(act))
    name = "note" if act in ("done", "confirm") else "reason"
    form = ReasonForm(label, name, request.POST or None, initial={"version": row.matter.version})
    return form_page(
        request, form, lambda: _DUTY[act](actor=actor, responsibility_id=pk, **{name: form.cleaned_data[name]}), done,
        lambda: _back(row.project), title=f"{verb}：{row.matter.title}", back=_back(row.project), verb=verb,
    )  # fmt: skip


_DUTY: dict[str, Callable[..., Any]] = {
    "done": duties.report_done, "confirm": duties.confirm_done, "rework": duties.send_back_duty, "drop": duties.drop_duty,
}  # fmt: skip


def _words_of(act: str) -> tuple[str, str, str]:
    return {
        "done": (_("做了什么"), _("代单位报告做完"), _("已登记，请另一位同事确认。")),
        "confirm": (_("看到了什么"), _("确认"), _("已确认。")),
        "rework": (_("哪里没有做完"), _("退回再做"), _("已退回。")),
        "drop": (_("为什么取消"), _("取消责任"), _("已取消。")),
    }[act]


@desk_page
@require_GET
def year(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit's year as facts."""
    asked = selectors_year.asked_year(request.GET.get("year", ""))
    shown = selectors_year.year_of(actor_of(request), unit_id, asked)
    context = {"shown": shown, "years": selectors_year.years_until_now()}
    return render(request, "partnership/lists/year.html", context)


@desk_page
@require_GET
def year_paper(request: HttpRequest, unit_id: int, year: int) -> HttpResponseBase:
    """The same on paper, for the unit."""
    shown = selectors_year.year_of(actor_of(request), unit_id, selectors_year.asked_year(str(year)))
    back = reverse("partnership:year", args=[unit_id])
    name = f"{_('共建情况年度反馈')}-{shown.unit}-{shown.year}.pdf"
    return paper(request, "partnership/year.typ", selectors_year.paper_data(shown), name=name, back=back)

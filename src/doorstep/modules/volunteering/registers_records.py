"""Registers of what was served: credits, approvals, oddities, appeals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    HAPPENED,
    UNDER_WAY,
    Column,
    Filter,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.modules.volunteering.models import CUTS, Appeal, Approval, Credit, Oddity
from doorstep.modules.volunteering.models_review import ANSWERS, DECISIONS, ODDITIES, OPEN, WAITING
from doorstep.modules.volunteering.policies import REVIEW
from doorstep.modules.volunteering.register_parts import since, words_of
from doorstep.modules.volunteering.selectors import service_names


def _credits(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Credit).visible_to(actor).select_related("session__activity", "volunteer")


def _name_organisers(rows: Sequence[Any], on: dt.date) -> None:
    names = last_names({row.session.activity.organiser_id for row in rows})
    kinds = dict(service_names())
    for row in rows:
        row.kind_name = kinds.get(row.service, row.service)
        row.unit_name = names.get(row.session.activity.organiser_id, "")


_CREDITS = Register(
    key="volunteering.credits", undated=HAPPENED, name=_("服务时长和积分"), noun=_("服务记录"), model=Credit, order=("-day", "-id"),
    section=navigation.VOLUNTEERS, rows=_credits, prepare=_name_organisers,
    personal=lambda rows, actor: with_names_seen(rows, actor, "volunteer__person"),
    columns=(
        Column("day", kind="date"), Column("place_code", kind="place"),
        Column("title", _("活动"), value="session__activity__title", width=28),
        Column("unit", _("组织单位"), value=lambda row: row.unit_name, width=28, shown=False),
        Column("service", value=lambda row: row.kind_name),
        Column("number", _("志愿者编号"), value="volunteer__number", width=18),
        Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]),
        Column("minutes", kind="number", width=10), Column("points", kind="number", width=8),
        Column("attended", kind="number", shown=False), Column("rate", kind="number", shown=False),
        Column("cut", value=words_of(CUTS, "cut"), shown=False), Column("expires_on", kind="date", shown=False),
        Column("taken_back_at", kind="datetime", shown=False, width=18),
    ),
    filters=(
        Filter("service", _("服务类别"), choices=service_names, phrase=_("{value}的")),
        Filter("since", _("服务于"), kind="date", condition=since("day"), phrase=_("{value} 起的")),
        Filter("cut", _("封顶"), choices=CUTS[1:], phrase=_("{value}的")),
        Filter("back", _("收回"), kind="exists", field="taken_back_at", phrase=_("已收回的"), phrase_no=_("没有收回的")),
    ),
    search=Search(
        names=("seen_",), contains=("session__activity__title",), starts=("volunteer__number", "place_code"),
        hint=_("姓名、志愿者编号、活动或代码"),
    ),
    note=_("每一条都出自一场有到场记录、经组织者确认、又由第二个人审核的服务。"),
    empty=_("服务经确认和审核后，这里就有记录。"),
)  # fmt: skip


def _approvals(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Approval).visible_to(actor).select_related("session__activity", "by")


def _name_kinds(rows: Sequence[Any], on: dt.date) -> None:
    kinds = dict(service_names())
    for row in rows:
        row.kind_name = kinds.get(row.session.category, row.session.category)


_APPROVALS = Register(
    key="volunteering.approvals", undated=HAPPENED, name=_("已审核的服务"), noun=_("审核"), model=Approval,
    order=("-at", "-id"), rows=_approvals,
    columns=(
        Column("at", kind="datetime", width=18), Column("place_code", kind="place"),
        Column("title", _("活动"), value="session__activity__title", width=28),
        Column("day", _("服务日期"), value="session__day", kind="date"),
        Column("service", _("服务类别"), value=lambda row: row.kind_name),
        Column("by", value="by__name"), Column("within_48h", kind="bool", width=12),
    ),
    filters=(
        Filter("in_time", _("48小时内确认"), kind="bool", field="within_48h", phrase=_("48 小时内确认的"), phrase_no=_("超过 48 小时确认的")),
        Filter("since", _("审核于"), kind="date", condition=since("at__date"), phrase=_("{value} 起的")),
    ),
    search=Search(contains=("session__activity__title",), starts=("place_code",), hint=_("活动或代码")),
    empty=_("服务经审核后，这里就有记录。"),
)  # fmt: skip


def row_facts(row: Oddity) -> str:
    """The numbers in words."""
    facts = row.facts
    match row.kind:
        case "identical":
            return str(_("%(n)s 人到离场时间完全一致") % {"n": facts.get("people")})
        case "late":
            return str(_("%(n)s 人为事后补录") % {"n": facts.get("people")})
        case "journey":
            words = {"number": facts.get("volunteer"), "n": facts.get("minutes")}
            return str(_("志愿者 %(number)s 与上一场只隔 %(n)s 分钟，两场不在一个社区") % words)
        case _:
            words = {"days": facts.get("days"), "hours": facts.get("hours"), "share": facts.get("share")}
            return str(_("%(days)s 天内 %(hours)s 小时，%(share)s%% 由同一人确认") % words)


def _oddities(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Oddity).visible_to(actor).select_related("session__activity", "decided_by")


def _oddity_links(actor: Actor, row: Oddity) -> Iterable[Link]:
    if row.decision == WAITING and actor.holds(REVIEW, row.place_code):
        yield Link(_("核实"), reverse("volunteering:oddity", args=[row.pk]), main=True)


_ODDITIES = Register(
    key="volunteering.oddities", undated=UNDER_WAY, name=_("待核实的服务记录"), noun=_("待核实记录"), model=Oddity,
    order=("-id",), section=navigation.VOLUNTEERS, rows=_oddities, links=_oddity_links,
    columns=(
        Column("found_at", kind="datetime", width=18), Column("kind", value=words_of(ODDITIES, "kind"), width=20),
        Column("place_code", kind="place"), Column("facts", value=row_facts, width=44),
        Column("title", _("活动"), value="session__activity__title", width=28),
        Column("decision", value=words_of(DECISIONS, "decision")), Column("decided_by", value="decided_by__name", shown=False),
        Column("note", width=40, shown=False),
    ),
    filters=(
        Filter("decision", _("结论"), choices=DECISIONS), Filter("kind", _("情形"), choices=ODDITIES),
    ),
    search=Search(contains=("session__activity__title",), starts=("place_code",), hint=_("活动或代码")),
    note=_("只按时间和人数找出值得看一眼的，不是结论；由没有经手的人核实。"),
    empty=_("每晚自动看一遍；找到值得核实的才会出现在这里。"),
)  # fmt: skip


def _appeals(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Appeal).visible_to(actor).select_related("session__activity", "volunteer")


def _appeal_links(actor: Actor, row: Appeal) -> Iterable[Link]:
    if row.outcome == OPEN and actor.holds(REVIEW, row.place_code):
        yield Link(_("答复"), reverse("volunteering:answer", args=[row.pk]), main=True)


_APPEALS = Register(
    key="volunteering.appeals", undated=UNDER_WAY, name=_("服务记录申诉"), noun=_("申诉"), model=Appeal, order=("-id",),
    section=navigation.VOLUNTEERS, rows=_appeals, links=_appeal_links,
    personal=lambda rows, actor: with_names_seen(rows, actor, "volunteer__person"),
    columns=(
        Column("at", kind="datetime", width=18), Column("place_code", kind="place"),
        Column("title", _("活动"), value="session__activity__title", width=28),
        Column("number", _("志愿者编号"), value="volunteer__number", width=18),
        Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]), Column("due_on", kind="date"),
        Column("outcome", value=words_of(ANSWERS, "outcome")), Column("text", width=40, shown=False),
        Column("answer", width=40, shown=False), Column("answered_at", kind="datetime", width=18, shown=False),
    ),
    filters=(Filter("outcome", _("结果"), choices=ANSWERS),),
    search=Search(
        names=("seen_",), contains=("session__activity__title",), starts=("volunteer__number",), hint=_("活动或志愿者编号")
    ),
    empty=_("志愿者对服务记录提出申诉后，这里就有记录。"),
)  # fmt: skip

declare(_CREDITS, _APPROVALS, _ODDITIES, _APPEALS)

"""Registers of communities' pages, of assistance and its days and parts, of the coordination mechanism's members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

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
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.coverage.models import (
    ROLES,
    Assistance,
    AssistanceEvent,
    AssistancePart,
    CommunityPage,
    CoordinationMember,
)
from doorstep.modules.coverage.models_assistance import EVENTS, OUTCOMES
from doorstep.modules.coverage.models_pages import BRAND, EXPERIENCE, KINDS, STATES
from doorstep.modules.coverage.policies import ASSIST, SET_PARTS, VIEW, WRITE
from doorstep.modules.coverage.register_parts import FROM, TO, button, named_like, since


def _page_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(WRITE):
        yield Link(_("写社区品牌"), reverse("coverage:page_new", args=[BRAND]), main=True)
        yield Link(_("写先进经验"), reverse("coverage:page_new", args=[EXPERIENCE]))


_PAGES = Register(
    key="coverage.pages", name=_("社区品牌和经验"), noun=_("社区品牌和经验"), model=CommunityPage, order=("place_code", "id"), undated=UNDER_WAY,
    section=navigation.CHAIN, rows=lambda actor, on: policy_for(CommunityPage).visible_to(actor).defer("picture"),
    annotate=lambda rows, on: rows.defer("picture"), detail=lambda row: reverse("coverage:page", args=[row.pk]), actions=_page_actions,
    columns=(
        Column("name", width=24), Column("kind", value=lambda row: str(row.get_kind_display())), Column("place_code", kind="place"),
        Column("state", value=lambda row: str(row.get_state_display())), Column("published_on", kind="date"),
        Column("problem", width=40, shown=False), Column("way", width=40, shown=False), Column("effect", width=40, shown=False),
    ),
    filters=(
        Filter("kind", _("种类"), choices=KINDS), Filter("state", _("状态"), choices=STATES),
        Filter("since", _("发布日期"), kind="date", field="published_on", phrase=_("{value} 起发布的")),
    ),
    search=Search(contains=("name", "problem", "way"), starts=("place_code",), hint=_("名称、内容或地方代码")),
    empty=_("社区写好品牌、街道审核发布后，这里就有记录。"),
)  # fmt: skip


_ASSISTANCE = Register(
    key="coverage.assistance", name=_("四个一帮扶"), noun=_("四个一帮扶"), model=Assistance, order=("place_code", "id"), undated=UNDER_WAY,
    section=navigation.CHAIN, detail=lambda row: reverse("coverage:assistance", args=[row.pk]),
    actions=button(_("开始帮扶"), "coverage:assistance_new", ASSIST),
    columns=(
        Column("place_code", kind="place"), Column("starts_on", kind="date"), Column("ends_on", kind="date"), Column("goal", width=40),
        Column("outcome", value=lambda row: str(row.get_outcome_display()) if row.outcome else str(_("正在帮扶"))),
        Column("decided_on", kind="date"), Column("reason", width=40, shown=False), Column("document", shown=False),
    ),
    filters=(
        Filter("outcome", _("结果"), choices=OUTCOMES),
        Filter("decided", _("已认定"), kind="exists", field="decided_on", phrase=_("已认定结果的"), phrase_no=_("正在帮扶的")),
        Filter("since", _("开始日期"), kind="date", field="starts_on", phrase=_("{value} 起开始的")),
    ),
    search=Search(contains=("goal",), starts=("place_code",), hint=_("目标或地方代码")),
    empty=_("街道或区里为社区制定“四个一”帮扶后，这里就有记录。"),
)  # fmt: skip


_DAYS = Register(
    key="coverage.days", name=_("蹲点调研和现场办公"), noun=_("蹲点调研和现场办公"), model=AssistanceEvent, order=("-day", "-id"), undated=HAPPENED,
    rows=lambda actor, on: policy_for(AssistanceEvent).visible_to(actor),
    links=lambda actor, row: [Link(_("看这项帮扶"), reverse("coverage:assistance", args=[row.assistance_id]))],
    columns=(
        Column("day", kind="date"), Column("kind", value=lambda row: str(row.get_kind_display())), Column("place_code", kind="place"),
        Column("who", width=32), Column("seen", width=48),
    ),
    filters=(
        Filter("kind", _("形式"), choices=EVENTS),
        Filter("since", _("日期"), kind="date", condition=since("day"), phrase=_("{value} 起的")),
    ),
    search=Search(contains=("who", "seen"), starts=("place_code",), hint=_("单位、情况或地方代码")),
    empty=_("登记蹲点调研和现场办公后，这里就有记录。"),
)  # fmt: skip


def _part_links(actor: Actor, row: AssistancePart) -> Iterable[Link]:
    if row.valid_to is None and policy_for(AssistancePart).can(actor, "set", row):
        yield Link(_("终止"), reverse("coverage:part_end", args=[row.pk]))


_PARTS = Register(
    key="coverage.parts", name=_("帮扶内容"), noun=_("帮扶内容"), model=AssistancePart, order=("place_code", "id"), as_of=True, export=VIEW,
    rows=lambda actor, on: policy_for(AssistancePart).visible_to(actor).filter(in_force(on)),
    actions=button(_("设定帮扶内容"), "coverage:part_new", SET_PARTS), links=_part_links,
    columns=(
        Column("rank", kind="number", width=8), Column("name", width=32), Column("code", shown=False), Column("place_code", kind="place"),
        FROM, TO, Column("clause", width=40),
    ),
    search=Search(contains=("name",), starts=("code",), hint=_("内容或代码")),
    empty=_("区里设定帮扶内容后，这里就有记录。"),
)  # fmt: skip


def _member_names(rows: Sequence[Any], on: dt.date) -> None:
    names = last_names(unit for row in rows for unit in (row.unit_id, row.mechanism_id))
    for row in rows:
        row.unit_name, row.mechanism_name = names.get(row.unit_id, ""), names.get(row.mechanism_id, "")


def _member_links(actor: Actor, row: CoordinationMember) -> Iterable[Link]:
    yield Link(_("看这个机制"), reverse("coverage:coordination", args=[row.mechanism_id]))
    if row.valid_to is None and policy_for(CoordinationMember).can(actor, "keep", row):
        yield Link(_("退出"), reverse("coverage:member_end", args=[row.pk]))


_MEMBERS = Register(
    key="coverage.members", name=_("协调机制成员"), noun=_("协调机制成员"), model=CoordinationMember, order=("place_code", "id"), as_of=True,
    prepare=_member_names, links=_member_links,
    columns=(
        Column("mechanism", _("机制"), value=lambda row: row.mechanism_name, width=28),
        Column("unit", _("成员单位"), value=lambda row: row.unit_name, width=28), Column("role", value=lambda row: str(row.get_role_display())),
        Column("place_code", kind="place"), FROM, TO,
    ),
    filters=(Filter("role", _("角色"), choices=ROLES),),
    search=Search(starts=("place_code",), also=named_like("unit"), hint=_("单位名称、拼音或地方代码")),
    empty=_("街道登记协调机制的成员单位后，这里就有记录。"),
)  # fmt: skip

declare(_PAGES, _ASSISTANCE, _DAYS, _PARTS, _MEMBERS)

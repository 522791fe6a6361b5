"""Registers of partners: agreements, commissioners, pairings and what was done, institutions. Of meetings: registers_meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
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
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.partnership import registers_meetings
from doorstep.modules.partnership.importing import import_agreement
from doorstep.modules.partnership.models import Agreement, Deed, Institution, Nomination, Pairing
from doorstep.modules.partnership.models_pairing import DEED_KINDS
from doorstep.modules.partnership.policies import KEEP, SET_PAIRS, VIEW
from doorstep.modules.partnership.register_parts import UNIT, named_unit, with_units
from doorstep.modules.partnership.states import LAW, OPEN

_FROM = Column("valid_from", _("起"), kind="date")
_TO = Column("valid_to", _("止"), kind="date")


def _agreement_links(actor: Actor, row: Agreement) -> Iterable[Link]:
    yield Link(_("单位的共建页"), reverse("partnership:unit", args=[row.unit_id]), main=True)
    if row.holds_on() and not row.end_reason and actor.holds(KEEP, row.place_code):
        yield Link(_("续签"), reverse("partnership:renew", args=[row.pk]))
        yield Link(_("终止"), reverse("partnership:end", args=[row.pk]))


def _agreement_actions(actor: Actor, place: str) -> Iterable[Link]:
    if is_code(place) and len(place) in (9, 12) and actor.holds(KEEP, place):
        yield Link(_("签共建协议"), f"{reverse('partnership:sign')}?place={place}", main=True)


def _ending_by(value: Any, on: dt.date) -> Q:
    return Q(valid_to__lte=value)


_AGREEMENTS = Register(
    key="partnership.agreements", name=_("共建单位"), noun=_("共建协议"), model=Agreement, order=("place_code", "id"), as_of=True,
    section=navigation.PARTNERS, prepare=with_units, links=_agreement_links, actions=_agreement_actions,
    columns=(
        UNIT, Column("kind", _("类型"), value=lambda row: str(row.unit.get_kind_display())), Column("place_code", kind="place"),
        Column("about", width=40), Column("document", width=24, shown=False), _FROM, _TO,
        Column("end_reason", shown=False),
    ),
    annotate=lambda rows, on: rows.select_related("unit"),
    filters=(
        Filter("until", _("到期日不晚于"), kind="date", condition=_ending_by, phrase=_("{value} 前到期的")),
        Filter("kind", _("类型"), field="unit__kind", choices=lambda: registers_meetings.partner_kinds()),
    ),
    search=Search(contains=("about", "document"), starts=("place_code",), also=named_unit("unit_id"), hint=_("单位、内容、协议编号或代码")),
    empty=_("社区或街道与单位签了共建协议，登记或从 Excel 导入，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("unit", "place", "document"),
        columns=(
            ImportColumn("unit", _("单位"), required=True, aliases=("单位名称", "共建单位", "企业名称"), max_length=120),
            ImportColumn("credit_code", _("统一社会信用代码"), aliases=("信用代码",), max_length=24, note=_("有同名单位时用来分清。")),
            ImportColumn("place", _("社区或街道"), kind="place", required=True, default_place=True, aliases=("社区", "街道", "地方")),
            ImportColumn("about", _("共建内容"), required=True, aliases=("内容", "共建事项"), max_length=400),
            ImportColumn("document", _("协议编号"), required=True, aliases=("编号", "协议"), max_length=80),
            ImportColumn("valid_from", _("起"), kind="date", required=True, aliases=("开始日期", "签订日期")),
            ImportColumn("valid_to", _("止"), kind="date", required=True, aliases=("到期日期", "截止日期"), note=_("不再有效的第一天。")),
        ),
        examples=(
            {"unit": "演示软件公司", "place": "210202005011", "about": "开放会议室，每季度义诊", "document": "演示共建〔2026〕1号",
             "valid_from": "2026-01-01", "valid_to": "2028-01-01"},
        ),
        row_service=import_agreement, note=_("单位须先在单位台账里。"),
    ),
)  # fmt: skip


def _nominations(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Nomination).visible_to(actor)


def _joined(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    return rows.select_related("matter", "appointment")


def _seat_to(row: Nomination) -> dt.date | None:
    return row.appointment.valid_to if row.appointment is not None else None


def _seated(value: Any, on: dt.date) -> Q:
    seated = in_force(clock.today(), "appointment__")
    return seated if value else ~seated


def _nomination_actions(actor: Actor, place: str) -> Iterable[Link]:
    if is_code(place) and len(place) == 12 and actor.holds(OPEN, place):
        yield Link(_("推荐兼职委员"), f"{reverse('partnership:nomination_new')}?place={place}", main=True)


_COMMISSIONERS = Register(
    key="partnership.commissioners", name=_("兼职委员"), noun=_("兼职委员人选"), model=Nomination, undated=UNDER_WAY,
    order=("-matter_id",), section=navigation.PARTNERS, rows=_nominations, annotate=_joined, prepare=with_units,
    personal=lambda rows, actor: with_names_seen(rows, actor, "person"), actions=_nomination_actions,
    detail=lambda row: reverse("partnership:nomination", args=[row.pk]), history=lambda row: [row.matter],
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12),
        Column("name", _("姓名"), value=lambda row: getattr(row, "seen_name", "") or ""), UNIT,
        Column("place_code", kind="place"), Column("state", _("状态"), value=lambda row: str(row.matter.state_name)),
        Column("has_vote", kind="bool"), Column("affiliation", width=28, shown=False),
        Column("recommended_by", value=lambda row: str(row.get_recommended_by_display()), shown=False),
        Column("valid_from", _("任期起"), kind="date"), Column("seat_to", _("任期止"), value=_seat_to, kind="date"),
        Column("document", shown=False), Column("published_on", kind="date", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=[(state.code, state.name) for state in LAW.states]),
        Filter("seated", _("在任"), kind="bool", condition=_seated, phrase=_("在任的"), phrase_no=_("不在任的")),
        Filter("has_vote", _("有表决权"), kind="bool", phrase=_("有表决权的"), phrase_no=_("没有表决权的")),
    ),
    search=Search(contains=("affiliation",), starts=("place_code",), also=named_unit("unit_id"), hint=_("单位、组织关系或代码")),
    empty=_("单位或社区推荐兼职委员后，这里就有记录。"),
)  # fmt: skip


def _pairing_names(rows: Sequence[Any], on: dt.date) -> None:
    names = last_names({pk for row in rows for pk in (row.department_id, row.community_id)})
    for row in rows:
        row.department_name, row.community_name = (
            names.get(row.department_id, ""),
            names.get(row.community_id, ""),
        )


def _pairing_actions(actor: Actor, place: str) -> Iterable[Link]:
    if is_code(place) and len(place) == 12 and actor.holds(SET_PAIRS, place):
        yield Link(_("结对"), f"{reverse('partnership:pairing_new')}?place={place}", main=True)


_PAIRINGS = Register(
    key="partnership.pairings", name=_("结对共建"), noun=_("结对"), model=Pairing, order=("place_code", "id"), as_of=True,
    section=navigation.PARTNERS, prepare=_pairing_names, detail=lambda row: reverse("partnership:pairing", args=[row.pk]),
    actions=_pairing_actions,
    columns=(
        Column("department", value=lambda row: getattr(row, "department_name", ""), width=28), Column("place_code", kind="place"),
        Column("community", value=lambda row: getattr(row, "community_name", ""), width=28, shown=False), Column("aim", width=40),
        Column("document", shown=False), _FROM, _TO, Column("end_reason", shown=False),
    ),
    search=Search(contains=("aim", "document"), starts=("place_code",), also=named_unit("department_id"), hint=_("部门、目标、文号或代码")),
    empty=_("区里安排部门与社区结对后，这里就有记录。"),
)  # fmt: skip


def _deeds_named(rows: Sequence[Any], on: dt.date) -> None:
    names = last_names({row.pairing.department_id for row in rows})
    for row in rows:
        row.department_name = names.get(row.pairing.department_id, "")


def _deed_state(row: Deed) -> str:
    if row.struck_at is not None:
        return str(_("已作废"))
    return str(_("已确认")) if row.confirmed_at is not None else str(_("等社区确认"))


def _waiting(value: Any, on: dt.date) -> Q:
    waiting = Q(confirmed_at=None, struck_at=None)
    return waiting if value else ~waiting


_DEEDS = Register(
    key="partnership.deeds", name=_("结对记录"), noun=_("结对记录"), model=Deed, order=("-day", "-id"), undated=HAPPENED,
    section=navigation.PARTNERS, annotate=lambda rows, on: rows.select_related("pairing", "item"), prepare=_deeds_named,
    links=lambda actor, row: [Link(_("看结对"), reverse("partnership:pairing", args=[row.pairing_id]), main=True)],
    columns=(
        Column("day", kind="date"), Column("department", _("结对部门"), value=lambda row: getattr(row, "department_name", ""), width=28),
        Column("place_code", kind="place"), Column("kind", value=lambda row: str(row.get_kind_display())), Column("what", width=40),
        Column("people", kind="number"), Column("item", _("计划事项"), value=lambda row: row.item.what if row.item else "", shown=False),
        Column("state", _("状态"), value=_deed_state), Column("reason", shown=False),
    ),
    filters=(
        Filter("kind", _("种类"), choices=DEED_KINDS),
        Filter("waiting", _("等确认"), kind="bool", condition=_waiting, phrase=_("等社区确认的"), phrase_no=_("不用确认的")),
        Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
    ),
    search=Search(contains=("what",), starts=("place_code",), hint=_("做了什么或代码")),
    empty=_("部门或社区登记走访和办的实事后，这里就有记录。"),
)  # fmt: skip

_INSTITUTIONS = Register(
    key="partnership.institutions", name=_("共建制度"), noun=_("共建制度"), model=Institution, order=("place_code", "id"), as_of=True,
    section=navigation.PARTNERS, export=VIEW,
    columns=(
        Column("name", width=24), Column("about", width=48), Column("place_code", kind="place"),
        Column("clause", width=40, shown=False), _FROM, Column("valid_to", _("止"), kind="date", shown=False),
    ),
    search=Search(contains=("name", "about"), hint=_("制度名称")),
    empty=_("区里设定三项制度后，这里就有记录。"),
)  # fmt: skip

declare(_AGREEMENTS, _COMMISSIONERS, _PAIRINGS, _DEEDS, _INSTITUTIONS)

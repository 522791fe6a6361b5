"""Registers of the table of terms and of the days that differ from their weekday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet, Value
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.navigation import ADMINISTRATION
from doorstep.kernel.declarations.registers import AS_IT_IS, Column, Filter, Link, Register, declare
from doorstep.kernel.matters.categories import category_name
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import URGENCIES
from doorstep.kernel.matters.models_deadlines import CLOCKS, RHYTHMS, CalendarDay, TimeLimit
from doorstep.kernel.matters.models_retention import RetentionTerm
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.places.models import code_field

ANY = _("不限")


def _of_the_district(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """The table is the district's: its rows lie there."""
    return rows.annotate(place_code=Value(settings.HOME_PLACE, output_field=code_field(15)))


def _kinds() -> list[tuple[str, str]]:
    return [(law.kind, str(law.name)) for law in all_laws()]


def _kind(row: TimeLimit | RetentionTerm) -> str:
    return dict(_kinds()).get(row.kind, row.kind)


def _category(row: TimeLimit) -> str:
    return category_name(row.kind, row.category) or str(ANY)


def _urgency(row: TimeLimit) -> str:
    return str(dict(URGENCIES).get(row.urgency, ANY))


def _amount(row: TimeLimit) -> str:
    return f"{row.amount} {row.get_measure_display()}"


def _link(words: Any, page: str, *args: object) -> list[Link]:
    """A link to a page by name; none where no surface serves it."""
    try:
        return [Link(words, reverse(page, args=args), main=True)]
    except NoReverseMatch:
        return []


def _change(actor: Actor, row: TimeLimit) -> Iterable[Link]:
    if actor.holds_somewhere(SET_TERMS) and row.valid_to is None:
        return _link(_("改时限"), "desk:term_change", row.pk)
    return []


def _new(actor: Actor, place_code: str) -> Iterable[Link]:
    return _link(_("新设时限"), "desk:term_new") if actor.holds_somewhere(SET_TERMS) else []


def _keep(actor: Actor, row: RetentionTerm) -> Iterable[Link]:
    if actor.holds_somewhere(SET_TERMS) and row.valid_to is None:
        return _link(_("改保存期限"), "desk:retention_change", row.kind)
    return []


def _import(actor: Actor, place_code: str) -> Iterable[Link]:
    return _link(_("导入一年的日历"), "desk:calendar") if actor.holds_somewhere(SET_TERMS) else []


declare(
    Register(
        key="matters.terms",
        name=_("时限"),
        noun=_("时限"),
        model=TimeLimit,
        order=("id",),
        as_of=True,
        section=ADMINISTRATION,
        annotate=_of_the_district,
        columns=(
            Column("kind", name=_("种类"), value=_kind),
            Column("clock", name=_("承诺"), value=lambda row: row.promise),
            Column("category", value=_category, name=_("类别")),
            Column("urgency", value=_urgency, name=_("紧急程度")),
            Column("amount", value=_amount, name=_("时长")),
            Column("clause", width=40),
            Column("valid_from", kind="date"),
            Column("valid_to", kind="date", shown=False),
            Column("version", kind="number", shown=False),
        ),
        filters=(
            Filter("kind", _("种类"), choices=_kinds),
            Filter("clock", _("承诺"), choices=[*CLOCKS, *RHYTHMS]),
        ),
        links=_change,
        actions=_new,
        note=_("改时限是从某一天起的新一行；已经开始计时的承诺按原来的时限，不变。"),
        empty=_("区里设定时限后，这里就有记录。"),
    ),
    Register(
        key="matters.retention",
        name=_("保存期限"),
        noun=_("保存期限"),
        model=RetentionTerm,
        order=("id",),
        as_of=True,
        section=ADMINISTRATION,
        annotate=_of_the_district,
        columns=(
            Column("kind", name=_("种类"), value=_kind),
            Column("months", kind="number"),
            Column("clause", width=60),
            Column("valid_from", kind="date"),
            Column("valid_to", kind="date", shown=False),
        ),
        filters=(Filter("kind", _("种类"), choices=_kinds),),
        links=_keep,
        note=_(
            "办结满期后，事由、地址、姓名、电话和照片由平台自动删除；经过、用时、单位和三率留作统计。没有期限的种类一直保存。"
        ),
        empty=_("区里设定保存期限后，这里就有记录。"),
    ),
    Register(
        key="matters.calendar",
        undated=AS_IT_IS,
        name=_("工作日历"),
        noun=_("调整日"),
        model=CalendarDay,
        order=("day",),
        section=ADMINISTRATION,
        annotate=lambda rows, on: _of_the_district(rows, on).annotate(document=F("year__document")),
        columns=(
            Column("day", kind="date"),
            Column("is_working", kind="bool"),
            Column("name", width=24),
            Column("document", name=_("文号"), value=lambda row: row.document, width=32),
        ),
        filters=(
            Filter("is_working", _("上班"), kind="bool", phrase=_("调休上班的"), phrase_no=_("放假的")),
            Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
        ),
        actions=_import,
        note=_(
            "只列与平日不同的日子。没有导入的年份：平台自带公布的安排；再往后没有公布的，期限按周末计算，并标明“暂定”。"
        ),
        empty=_("区里导入国家公布的放假安排后，这里就有记录。"),
    ),
)

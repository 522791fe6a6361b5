"""Registers of the legal professionals: who, when they are there, what they did, what they answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    HAPPENED,
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.grids.importing import (
    import_legal_visit,
    import_professional,
    import_question,
    import_slot,
    time_of,
)
from doorstep.modules.grids.models_roster import (
    PROFESSIONS,
    WEEKDAYS,
    LegalVisit,
    Professional,
    Question,
    RosterSlot,
)
from doorstep.modules.grids.policies import KEEP
from doorstep.modules.grids.register_parts import FROM, FROM_IN, TO, adding, choice_of, ending

_KINDS = dict(PROFESSIONS)
_WEEK = [(str(number), name) for number, name in WEEKDAYS]


def _kind(row: Any) -> str:
    return str(_KINDS.get(row.professional.kind, ""))


def _with_professional(model: Any, dated: bool = False) -> Callable[[Actor, dt.date], QuerySet[Any]]:
    def rows(actor: Actor, on: dt.date) -> QuerySet[Any]:
        found = policy_for(model).visible_to(actor)
        return (found.filter(in_force(on)) if dated else found).select_related("professional")

    return rows


def _joined(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    return rows.select_related("professional")


def _from(path: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{path}__gte": day})


_PLACE_IN = ImportColumn(
    "place", _("社区或网格"), kind="place", required=True, default_place=True, aliases=("社区", "网格", "服务社区"),
)  # fmt: skip
_NAME_IN = ImportColumn("name", _("姓名"), required=True, aliases=("专业人员",), max_length=40)
_KIND_IN = ImportColumn("kind", _("类别"), kind="choice", choices=PROFESSIONS, note=_("同名时用来认人。"))
_PERSON = Column("professional", _("姓名"), value="professional__name")
_KIND_OF = Column("kind", _("类别"), value=_kind)
_UNIT = Column("unit", _("单位"), value="professional__unit", width=28)
_BY_KIND = Filter("kind", _("类别"), field="professional__kind", choices=PROFESSIONS)

_PROFESSIONALS = Register(
    key="grids.professionals", name=_("三官一律"), noun=_("三官一律"), model=Professional, order=("place_code", "id"),
    as_of=True, section=navigation.PLACES, links=ending("professional", KEEP),
    actions=adding("professional", _("登记三官一律"), KEEP),
    columns=(
        Column("place_code", kind="place"), Column("kind", value=choice_of(PROFESSIONS, "kind")), Column("name"),
        Column("unit", width=28), Column("phone", width=18), FROM, TO,
    ),
    filters=(Filter("kind", _("类别"), choices=PROFESSIONS),),
    search=Search(contains=("name", "unit"), starts=("place_code",), hint=_("姓名、单位或代码")),
    empty=_("社区登记警官、法官、检察官、律师后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "kind", "name", "unit"),
        columns=(
            _PLACE_IN,
            ImportColumn("kind", _("类别"), kind="choice", choices=PROFESSIONS, required=True, aliases=("身份",)),
            _NAME_IN, ImportColumn("unit", _("单位"), required=True, aliases=("所属单位",), max_length=80),
            ImportColumn("phone", _("办公电话"), aliases=("电话", "联系电话"), max_length=40, note=_("填办公电话，不填个人手机。")),
            FROM_IN,
        ),
        examples=(
            {"place": "210202005011", "kind": "律师", "name": "演示律甲", "unit": "演示律师事务所", "phone": "0411-80000030",
             "valid_from": "2026-01-05"},
        ),
        row_service=import_professional,
    ),
)  # fmt: skip

_SLOTS = Register(
    key="grids.slots", name=_("驻点时间"), noun=_("驻点时间"), model=RosterSlot, order=("place_code", "id"), as_of=True,
    section=navigation.PLACES, rows=_with_professional(RosterSlot, dated=True), annotate=_joined,
    links=ending("slot", KEEP), actions=adding("slot", _("安排驻点时间"), KEEP),
    columns=(
        Column("place_code", kind="place"), _PERSON, _KIND_OF, _UNIT,
        Column("weekday", value=choice_of(WEEKDAYS, "weekday")), Column("day", kind="date"),
        Column("starts", value=lambda row: row.starts.strftime("%H:%M")),
        Column("ends", value=lambda row: row.ends.strftime("%H:%M")), Column("venue", width=28), FROM, TO,
    ),
    filters=(_BY_KIND, Filter("weekday", _("星期"), choices=_WEEK)),
    search=Search(contains=("professional__name", "venue"), starts=("place_code",), hint=_("姓名、地点或代码")),
    empty=_("社区安排驻点时间后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "name", "kind", "weekday", "day", "starts"),
        columns=(
            _PLACE_IN, _NAME_IN, _KIND_IN,
            ImportColumn("weekday", _("星期"), kind="choice", choices=_WEEK, note=_("每周的写星期，只有一天的写日期。")),
            ImportColumn("day", _("日期"), kind="date"),
            ImportColumn("starts", _("起时"), required=True, aliases=("开始时间",), parse=time_of),
            ImportColumn("ends", _("止时"), required=True, aliases=("结束时间",), parse=time_of),
            ImportColumn("venue", _("地点"), required=True, max_length=120),
            ImportColumn("valid_from", _("起用日期"), kind="date", aliases=("起",)),
        ),
        examples=(
            {"place": "210202005011", "name": "演示律甲", "weekday": "周三", "starts": "9:00", "ends": "11:00",
             "venue": "演示党群服务中心", "valid_from": "2026-07-01"},
        ),
        row_service=import_slot,
    ),
)  # fmt: skip

_LEGAL_VISITS = Register(
    key="grids.legal_visits", undated=HAPPENED, name=_("法律服务活动"), noun=_("法律服务活动"), model=LegalVisit, order=("-visited_on", "-id"),
    section=navigation.WORK, rows=_with_professional(LegalVisit), annotate=_joined,
    actions=adding("legal_visit", _("登记法律服务活动"), KEEP),
    columns=(
        Column("visited_on", kind="date"), Column("place_code", kind="place"), _PERSON, _KIND_OF, _UNIT,
        Column("topic", width=32), Column("people", kind="number"), Column("written_at", kind="datetime", shown=False, width=18),
    ),
    filters=(_BY_KIND, Filter("since", _("活动于"), kind="date", condition=_from("visited_on"), phrase=_("{value} 起的"))),
    search=Search(contains=("topic", "professional__name"), starts=("place_code",), hint=_("主题、姓名或代码")),
    empty=_("社区登记三官一律的活动后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "name", "kind", "visited_on", "topic"),
        columns=(
            _PLACE_IN, _NAME_IN, _KIND_IN, ImportColumn("visited_on", _("日期"), kind="date", required=True, aliases=("活动日期",)),
            ImportColumn("topic", _("主题"), required=True, aliases=("内容",), max_length=120),
            ImportColumn("people", _("服务人数"), kind="number", required=True, aliases=("人数",)),
        ),
        examples=(
            {"place": "210202005011", "name": "演示律甲", "visited_on": "2026-06-03", "topic": "防范电信诈骗讲座", "people": "35"},
        ),
        row_service=import_legal_visit,
    ),
)  # fmt: skip


def _question_links(actor: Actor, row: Any) -> Iterable[Link]:
    if actor.holds(KEEP, row.place_code):
        yield Link(
            _("不再公开") if row.is_public else _("公开"), reverse("grids:publish_question", args=[row.pk])
        )


_QUESTIONS = Register(
    key="grids.questions", undated=HAPPENED, name=_("法律咨询"), noun=_("法律咨询"), model=Question, order=("-answered_on", "-id"),
    section=navigation.WORK, rows=_with_professional(Question), annotate=_joined, links=_question_links,
    actions=adding("question", _("登记法律咨询"), KEEP),
    columns=(
        Column("answered_on", kind="date"), Column("place_code", kind="place"), Column("question", width=40),
        Column("answer", width=60), _PERSON, _KIND_OF, _UNIT, Column("is_public", kind="bool", width=8),
        Column("written_at", kind="datetime", shown=False, width=18),
    ),
    filters=(
        _BY_KIND, Filter("public", _("公开"), kind="bool", field="is_public", phrase=_("公开的"), phrase_no=_("不公开的")),
        Filter("since", _("答复于"), kind="date", condition=_from("answered_on"), phrase=_("{value} 起答复的")),
    ),
    search=Search(contains=("question", "answer"), starts=("place_code",), hint=_("问题、答复或代码")),
    note=_("不写提问的人是谁。"),
    empty=_("社区登记已答复的法律咨询后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "name", "kind", "answered_on", "question"),
        columns=(
            _PLACE_IN, _NAME_IN, _KIND_IN,
            ImportColumn("answered_on", _("答复日期"), kind="date", required=True, aliases=("日期",)),
            ImportColumn("question", _("问题"), required=True, aliases=("咨询内容",), max_length=300),
            ImportColumn("answer", _("答复"), required=True, aliases=("答复内容",), max_length=1000),
            ImportColumn("is_public", _("公开"), kind="bool"),
        ),
        examples=(
            {"place": "210202005011", "name": "演示律甲", "answered_on": "2026-06-03", "question": "租房押金不退怎么办",
             "answer": "先看合同约定，协商不成可以申请调解或者起诉。", "is_public": "是"},
        ),
        row_service=import_question,
    ),
)  # fmt: skip

declare(_PROFESSIONALS, _SLOTS, _LEGAL_VISITS, _QUESTIONS)

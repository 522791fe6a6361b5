"""Registers of the four lists: needs, resources, projects, responsibilities, and what people said of projects."""

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
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.partnership.importing_lists import (
    class_in,
    import_resource,
    minute_of,
    weekdays_in,
)
from doorstep.modules.partnership.models_lists import (
    LISTS,
    ORIGINS,
    PRICES,
    Listed,
    Need,
    Project,
    Rating,
    Resource,
    Responsibility,
)
from doorstep.modules.partnership.numbers_lists import class_names
from doorstep.modules.partnership.policies import KEEP, VIEW
from doorstep.modules.partnership.register_parts import UNIT, with_units
from doorstep.modules.partnership.states_needs import LAW, OPEN
from doorstep.modules.partnership.states_projects import PROJECT_LAW, RESPONSIBILITY_LAW
from doorstep.modules.partnership.wording_lists import money, price_words, times_words

NEED_STATES = [(state.code, state.name) for state in LAW.states]
PROJECT_STATES = [(state.code, state.name) for state in PROJECT_LAW.states]
DUTY_STATES = [(state.code, state.name) for state in RESPONSIBILITY_LAW.states]


def _classes() -> Sequence[tuple[str, str]]:
    return list(class_names().items())


def _class_of(row: Any) -> str:
    return class_names().get(row.resource_class, row.resource_class)


def _of(model: Any, *related: str) -> Any:
    def rows(actor: Actor, on: dt.date) -> QuerySet[Any]:
        return policy_for(model).visible_to(actor).select_related(*related)

    return rows


def _joined(*related: str) -> Any:
    def annotate(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
        return rows.select_related(*related)

    return annotate


def _need_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(OPEN):
        yield Link(
            _("登记需求"), reverse("partnership:need_new") + (f"?place={place}" if place else ""), main=True
        )


_NEEDS = Register(
    key="partnership.needs", name=_("需求清单"), noun=_("需求"), model=Need, order=("-matter_id",), undated=UNDER_WAY,
    section=navigation.PARTNERS, rows=_of(Need, "matter"), annotate=_joined("matter"), place_field="matter__place_code",
    detail=lambda row: reverse("partnership:need", args=[row.pk]), actions=_need_actions, history=lambda row: [row, row.matter],
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12),
        Column("headline", _("需求"), value=lambda row: row.headline or row.matter.title, width=36),
        Column("place_code", _("地方"), value="matter__place_code", kind="place"), Column("resource_class", _("类别"), value=_class_of),
        Column("people", kind="number"), Column("units", kind="number", shown=False),
        Column("told", value=lambda row: str(row.get_told_display())),
        Column("state", _("状态"), value=lambda row: str(row.matter.state_name)), Column("published_on", kind="date"),
        Column("opened_at", _("登记时间"), value="matter__opened_at", kind="datetime", shown=False, width=18),
        Column("due_at", _("最近期限"), value="matter__due_at", kind="datetime", shown=False, width=18),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=NEED_STATES), Filter("class", _("类别"), field="resource_class", choices=_classes),
        Filter("told", _("来源"), choices=ORIGINS),
        Filter("since", _("登记于"), kind="date", condition=lambda day, on: Q(matter__opened_at__date__gte=day), phrase=_("{value} 起登记的")),
        Filter("open", _("没有了结"), kind="bool", field="matter__is_open", phrase=_("没有了结的"), phrase_no=_("已了结的")),
    ),
    search=Search(contains=("headline", "matter__title"), starts=("matter__place_code",), hint=_("需求或代码")),
    empty=_("居民、单位提出需求，或者社区登记以后，这里就有记录。"),
)  # fmt: skip


def _resource_links(actor: Actor, row: Resource) -> Iterable[Link]:
    if policy_for(Resource).can(actor, "keep", row):
        yield Link(_("修改"), reverse("partnership:resource", args=[row.pk]))
        if row.valid_to is None:
            yield Link(_("撤下"), reverse("partnership:resource_end", args=[row.pk]))


def _resource_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(KEEP):
        yield Link(_("登记资源"), reverse("partnership:resource_new"), main=True)


_RESOURCES = Register(
    key="partnership.resources", name=_("资源清单"), noun=_("资源"), model=Resource, order=("place_code", "id"), as_of=True,
    section=navigation.PARTNERS, rows=lambda actor, on: policy_for(Resource).visible_to(actor).filter(in_force(on)), prepare=with_units,
    links=_resource_links, actions=_resource_actions, export=VIEW,
    columns=(
        Column("name", width=28), UNIT, Column("place_code", kind="place"), Column("resource_class", value=_class_of),
        Column("price", value=lambda row: price_words(row), width=20),
        Column("times", _("时间"), value=lambda row: times_words(row.weekdays, row.opens, row.closes), width=24),
        Column("capacity", kind="number", shown=False), Column("about", width=40, shown=False), Column("valid_from", kind="date", shown=False),
        Column("valid_to", kind="date", shown=False),
    ),
    filters=(Filter("class", _("类别"), field="resource_class", choices=_classes), Filter("price", _("收费方式"), choices=PRICES)),
    search=Search(contains=("name", "about"), starts=("place_code",), hint=_("资源或代码")),
    importer=Importer(
        capability=KEEP, keys=("unit", "name"),
        columns=(
            ImportColumn("unit", _("提供单位"), required=True, aliases=("单位", "单位名称"), max_length=120),
            ImportColumn("name", _("资源"), required=True, aliases=("资源名称", "名称"), max_length=60),
            ImportColumn("resource_class", _("类别"), required=True, aliases=("资源类别",), parse=class_in),
            ImportColumn("about", _("说明"), max_length=400), ImportColumn("capacity", _("同时可供几处使用"), kind="number", aliases=("数量",)),
            ImportColumn("weekdays", _("星期"), parse=weekdays_in, note=_("每天、工作日、周末，或者 一、三、五；空着就是每天。")),
            ImportColumn("opens", _("几点起"), parse=minute_of), ImportColumn("closes", _("几点止"), parse=minute_of),
            ImportColumn("price", _("收费方式"), kind="choice", choices=PRICES, note=_("空着就是公益。")),
            ImportColumn("yuan", _("价格（元）"), kind="number", decimals=True), ImportColumn("price_words", _("价格说明"), max_length=60),
        ),
        examples=(
            {"unit": "示例海韵科技有限公司", "name": "二楼会议室", "resource_class": "场地设施", "weekdays": "工作日", "opens": "9:00", "closes": "18:00"},
        ),
        row_service=import_resource,
    ),
    note=_("市场价的资源按市场价收费，写明价格；公益的不收费。"),
    empty=_("共建单位登记能提供什么以后，这里就有记录。"),
)  # fmt: skip

_PROJECTS = Register(
    key="partnership.projects", name=_("项目清单"), noun=_("共建项目"), model=Project, order=("-agreed_on", "-matter_id"), undated=UNDER_WAY,
    section=navigation.PARTNERS, rows=_of(Project, "matter"), annotate=_joined("matter"), prepare=with_units,
    detail=lambda row: reverse("partnership:project", args=[row.pk]), history=lambda row: [row, row.matter],
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12), Column("title", _("共建项目"), value="matter__title", width=36),
        UNIT, Column("place_code", kind="place"), Column("state", _("状态"), value=lambda row: str(row.matter.state_name)),
        Column("agreed_on", kind="date"), Column("ends_on", kind="date"), Column("served", kind="number"),
        Column("confirmed_on", kind="date"), Column("starts_on", kind="date", shown=False), Column("delivered_on", kind="date", shown=False),
        Column("hands", kind="number", shown=False), Column("budget_from", shown=False, width=24),
        Column("budget", _("预算（元）"), value=lambda row: money(row.budget_fen) if row.budget_fen else "", shown=False),
        Column("cost", _("实际花费（元）"), value=lambda row: money(row.cost_fen) if row.cost_fen else "", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=PROJECT_STATES),
        Filter("class", _("类别"), field="need__resource_class", choices=_classes),
        Filter("confirmed", _("社区确认"), kind="exists", field="confirmed_on", phrase=_("社区确认了的"), phrase_no=_("还没有确认的")),
        Filter("since", _("商定于"), kind="date", field="agreed_on", phrase=_("{value} 起商定的")),
    ),
    search=Search(contains=("matter__title",), starts=("place_code",), hint=_("项目或代码")),
    note=_("社区没有确认的不算数。预算和花费是双方说定的数，不在这里记账。"),
    empty=_("社区和单位商定项目以后，这里就有记录。"),
)  # fmt: skip

_RESPONSIBILITIES = Register(
    key="partnership.responsibilities", name=_("责任清单"), noun=_("责任"), model=Responsibility, order=("-due_on", "-matter_id"),
    undated=UNDER_WAY, section=navigation.PARTNERS, rows=_of(Responsibility, "matter", "project__matter"),
    annotate=_joined("matter", "project__matter"), prepare=with_units, place_field="matter__place_code",
    detail=lambda row: reverse("partnership:project", args=[row.project_id]), history=lambda row: [row, row.matter],
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12), Column("title", _("做什么"), value="matter__title", width=32),
        UNIT, Column("due_on", kind="date"), Column("state", _("状态"), value=lambda row: str(row.matter.state_name)),
        Column("project", _("共建项目"), value="project__matter__title", width=32), Column("place_code", _("地方"), value="matter__place_code", kind="place"),
        Column("done_on", kind="date", shown=False), Column("kept_on", kind="date", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=DUTY_STATES),
        Filter("open", _("没有了结"), kind="bool", field="matter__is_open", phrase=_("没有了结的"), phrase_no=_("已了结的")),
        Filter("since", _("期限"), kind="date", field="due_on", phrase=_("期限在 {value} 以后的")),
    ),
    search=Search(contains=("matter__title", "project__matter__title"), starts=("matter__place_code",), hint=_("责任、项目或代码")),
    empty=_("项目分工以后，这里就有记录。"),
)  # fmt: skip

_RATINGS = Register(
    key="partnership.ratings", name=_("受益人评价"), noun=_("评价"), model=Rating, order=("-at", "-id"), undated=HAPPENED,
    section=navigation.PARTNERS, rows=_of(Rating, "project__matter"), annotate=_joined("project__matter"),
    detail=lambda row: reverse("partnership:project", args=[row.project_id]),
    columns=(
        Column("at", kind="datetime", width=18), Column("place_code", kind="place"), Column("project", _("共建项目"), value="project__matter__title", width=36),
        Column("grade", kind="number", width=8), Column("words", width=48),
    ),
    filters=(Filter("since", _("评价于"), kind="date", condition=lambda day, on: Q(at__date__gte=day), phrase=_("{value} 起的")),),
    search=Search(contains=("words", "project__matter__title"), starts=("place_code",), hint=_("留言、项目或代码")),
    note=_("这里不写谁说的。"), empty=_("受益的人评价以后，这里就有记录。"),
)  # fmt: skip


def _lines(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Listed).visible_to(actor).filter(Q(until=None) | Q(until__gt=on), since__lte=on)


_LISTED = Register(
    key="partnership.listed", name=_("四个清单合看"), noun=_("清单条目"), model=Listed, order=("place_code", "id"), as_of=True,
    section=navigation.PARTNERS, rows=_lines, prepare=with_units,
    columns=(
        Column("on_list", value=lambda row: str(row.get_on_list_display())), Column("title", width=40), Column("place_code", kind="place"),
        UNIT, Column("since", kind="date"), Column("until", kind="date", shown=False),
    ),
    filters=(Filter("on_list", _("清单"), choices=LISTS),),
    search=Search(contains=("title",), starts=("place_code",), hint=_("内容或代码")),
    empty=_("四个清单里有了条目，这里就有记录。"),
)  # fmt: skip

declare(_NEEDS, _RESOURCES, _PROJECTS, _RESPONSIBILITIES, _RATINGS, _LISTED)

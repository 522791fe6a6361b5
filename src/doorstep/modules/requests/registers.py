"""Registers of requests and whistles, of call-backs, of what may be reported and where it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    AS_IT_IS,
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
from doorstep.kernel.matters.categories import name_categories
from doorstep.kernel.matters.models import URGENCIES, Deadline, History, Matter
from doorstep.kernel.matters.selectors import found_in
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.requests import past_sheet, registers_steps, states, states_whistle  # noqa: F401  declares the register of steps
from doorstep.modules.requests.importing import import_item, import_route, import_ticket
from doorstep.modules.requests.models import (
    EVENT_CLASSES,
    GRADES,
    REQUEST_SOURCES,
    CallBack,
    EventItem,
    Request,
    RoutingFault,
    RoutingRule,
    SpotCheck,
    Whistle,
)
from doorstep.modules.requests.models_whistle import GROUNDS
from doorstep.modules.requests.policies import BRING_HOTLINE, KEEP_LISTS, KEEP_ROUTES
from doorstep.modules.requests.selectors_rates import CLOSING

Prepared = Callable[[Sequence[Any], dt.date], None]
_STATES = [(state.code, state.name) for state in states.LAW.states]
_WHISTLE_STATES = [(state.code, state.name) for state in states_whistle.LAW.states]


def _since(path: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{path}__gte": clock.midnight(day)})


def _until(path: str) -> Callable[[Any, dt.date], Q]:
    """Up to the end of the day."""
    return lambda day, on: Q(**{f"{path}__lt": clock.midnight(day + dt.timedelta(days=1))})


def _closings(**when: dt.datetime) -> Q:
    """Requests with a closing then: closed twice, they are there for both."""
    return Q(matter__in=History.objects.filter(name__in=CLOSING, **when).values("matter_id"))


def _closed_since(day: dt.date, on: dt.date) -> Q:
    return _closings(at__gte=clock.midnight(day))


def _closed_until(day: dt.date, on: dt.date) -> Q:
    return _closings(at__lt=clock.midnight(day + dt.timedelta(days=1)))


def _called_back(value: bool, on: dt.date) -> Q:
    called = Q(pk__in=CallBack.objects.filter(valid=True).values("request_id"))
    return called if value else ~called


def _overdue(value: bool, on: dt.date) -> Q:
    late = Deadline.objects.filter(
        Deadline.RUNNING, matter__is_open=True, paused_at__isnull=True, due_at__lt=clock.now()
    )
    condition = Q(matter__in=late.values("matter_id"))
    return condition if value else ~condition


def _holders(rows: Sequence[Any], on: dt.date) -> None:
    """Who has each matter, in words: the unit asked beside the one that answers. One query."""
    units = {unit for row in rows for unit in (row.matter.holder_id, row.matter.asked_id) if unit}
    names = last_names(units)
    for row in rows:
        row.holder_name = names.get(row.matter.holder_id, "")
        row.asked_name = names.get(row.matter.asked_id, "")


def _choice(choices: Sequence[tuple[Any, Any]], read: Callable[[Any], Any]) -> Callable[[Any], str]:
    words = dict(choices)
    return lambda row: str(words.get(read(row), ""))


_LEAST = [("4", _("满意以上")), ("3", _("基本满意以上")), ("1", _("任何程度"))]

_NUMBER = Column("number", _("编号"), value=lambda row: row.matter.number, width=12)
_TITLE = Column("title", value="matter__title", width=32)
_STATE = Column("state", _("状态"), value=lambda row: str(row.matter.state_name), width=14)
_PLACE = Column("place_code", value="matter__place_code", kind="place")
_HOLDER = Column("holder", _("责任单位"), value=lambda row: row.holder_name, width=24)
_ASKED = Column("asked", _("待确认单位"), value=lambda row: row.asked_name, shown=False, width=24)
_DUE = Column("due_at", value="matter__due_at", kind="datetime", width=18)
_OPENED = Column("opened_at", value="matter__opened_at", kind="datetime", width=18)
_CLOSED = Column("closed_at", value="matter__closed_at", kind="datetime", shown=False, width=18)


def _answered(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """With what the reporter was told at the end, as the hotline wants it back."""
    told = History.objects.filter(matter=OuterRef("pk"), name__in=CLOSING).order_by("-number")
    return rows.annotate(answer=Subquery(told.values("note")[:1]))


def _page(row: Any) -> str:
    return reverse("desk:matter", args=[row.matter.number])


def _told(path: str) -> Callable[[str], Q]:
    """Rows whose matter has these words in subject, text or address, by the index of matters; or that number."""

    def condition(text: str) -> Q:
        try:
            return Q(**{f"{path}__in": found_in(Matter.objects.all(), text)})
        except RuleViolation:  # a single character: the index knows none
            return Q(pk__in=[])

    return condition


_REQUESTS = Register(
    key="requests", undated=UNDER_WAY, name=_("诉求"), noun=_("诉求"), model=Request, order=("-matter_id",), section=navigation.WORK,
    rows=lambda actor, on: policy_for(Request).visible_to(actor).select_related("matter"),
    detail=_page, annotate=_answered, prepare=_holders,
    columns=(
        _NUMBER, _TITLE, Column("item", _("事项"), value="item__name", width=18), _STATE, _PLACE, _HOLDER, _DUE, _OPENED,
        Column("category", _("类别"), value=_choice(EVENT_CLASSES, lambda row: row.matter.category), shown=False),
        Column("urgency", _("紧急程度"), value=_choice(URGENCIES, lambda row: row.matter.urgency), shown=False),
        Column("source", _("来源"), value=_choice(REQUEST_SOURCES, lambda row: row.matter.source), shown=False),
        Column("address", value="matter__address", shown=False, width=28), _ASKED, _CLOSED,
        Column("on_the_spot", shown=False), Column("anonymous", shown=False), Column("hotline_number", shown=False, width=20),
        Column("routing", shown=False, width=40),
        Column("answer", _("答复内容"), value=lambda row: row.answer or "", shown=False, width=40),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=_STATES),
        Filter("open", _("未结"), kind="bool", field="matter__is_open", phrase=_("未结的"), phrase_no=_("已了结的")),
        Filter("overdue", _("超期"), kind="exists", condition=_overdue, phrase=_("超期未办的"), phrase_no=_("没有超期的")),
        Filter("class", _("类别"), field="matter__category", choices=EVENT_CLASSES),
        Filter("urgency", _("紧急程度"), field="matter__urgency", choices=URGENCIES),
        Filter("source", _("来源"), field="matter__source", choices=REQUEST_SOURCES),
        Filter("closed_since", _("结案从"), kind="date", condition=_closed_since, phrase=_("{value} 起结案的")),
        Filter("closed_until", _("结案到"), kind="date", condition=_closed_until, phrase=_("{value} 以前结案的")),
        Filter("called", _("有有效回访"), kind="exists", condition=_called_back, phrase=_("有有效回访的"), phrase_no=_("没有有效回访的")),
        Filter("since", _("上报于"), kind="date", condition=_since("matter__opened_at"), phrase=_("{value} 起上报的")),
        Filter("spot", _("当场办结"), kind="bool", field="on_the_spot", phrase=_("当场办结的"), phrase_no=_("不是当场办结的")),
    ),
    search=Search(
        also=_told("matter"), starts=("hotline_number", "matter__place_code"),
        hint=_("事由、内容、地址（两个字起）、编号或热线工单号"),
    ),
    empty=_("居民、网格员或热线上报后，这里就有记录。"),
    importer=Importer(
        capability=BRING_HOTLINE, keys=("number",),
        columns=(
            ImportColumn("number", _("工单号"), required=True, aliases=("热线工单号", "工单编号", "流水号"), max_length=40),
            ImportColumn("text", _("诉求内容"), required=True, aliases=("内容", "反映内容", "工单内容"), max_length=5000),
            ImportColumn("title", _("标题"), aliases=("事由", "诉求标题", "主题"), max_length=80),
            ImportColumn("community", _("社区"), kind="place", aliases=("所属社区", "地方", "街道社区"),
                         note=_("社区或街道；空着时按地址找楼栋。")),
            ImportColumn("address", _("地址"), aliases=("事发地址", "详细地址"), max_length=120),
            ImportColumn("item", _("事项"), aliases=("诉求类型", "事项名称"), note=_("事项目录里的名称或代码；空着时按内容判断。")),
            ImportColumn("urgency", _("紧急程度"), kind="choice", choices=URGENCIES),
            ImportColumn("caller", _("来电人"), aliases=("姓名", "诉求人", "联系人"), max_length=60),
            ImportColumn("phone", _("联系电话"), aliases=("电话", "来电号码", "手机号"), max_length=20),
            ImportColumn("anonymous", _("匿名"), kind="bool", aliases=("是否匿名", "是否保密")),
        ),
        examples=(
            {"number": "DL20260615000001", "text": "演示内容：三单元二楼的楼道灯不亮", "community": "210202005011",
             "item": "路灯楼道灯不亮", "caller": "演示甲一", "phone": "13800000000"},
        ),
        row_service=import_ticket,
        note=_("按工单号只收一次：同一批再导入，已收的不会重复。"),
    ),
)  # fmt: skip

_PAST = Register(
    key="requests.past", undated=UNDER_WAY, name=_("历史诉求"), noun=_("历史诉求"), model=Request, order=("-matter_id",), section=navigation.WORK,
    rows=lambda actor, on: policy_for(Request).visible_to(actor).exclude(own_number="").select_related("matter"),
    detail=_page, annotate=_answered, prepare=_holders,
    columns=(
        Column("own_number", width=16), _NUMBER, _TITLE, Column("item", _("事项"), value="item__name", width=18), _STATE, _PLACE,
        _HOLDER, _OPENED, Column("closed_at", value="matter__closed_at", kind="datetime", width=18),
        Column("routing", _("由来"), shown=False, width=40),
        Column("answer", _("答复内容"), value=lambda row: row.answer or "", shown=False, width=40),
    ),
    filters=(Filter("state", _("状态"), field="matter__state", choices=_STATES),),
    search=Search(
        also=_told("matter"), starts=("own_number", "matter__place_code"),
        hint=_("事由、内容、地址（两个字起）、平台编号或原编号"),
    ),
    note=_("单位以前自己登记的诉求，导入后与平台上的一起统计。"),
    empty=_("街道或区里导入以前的台账后，这里就有记录。"),
    importer=past_sheet.IMPORTER,
)  # fmt: skip


def _called(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """With how many departments were called, came, and were judged."""
    live = Q(calls__released_at__isnull=True)
    return rows.annotate(
        called=Count("calls", filter=live),
        arrived=Count("calls", filter=live & Q(calls__arrived_at__isnull=False)),
    )


_WHISTLES = Register(
    key="whistles", undated=UNDER_WAY, name=_("吹哨报到"), noun=_("吹哨"), model=Whistle, order=("-matter_id",), section=navigation.WORK,
    rows=lambda actor, on: policy_for(Whistle).visible_to(actor).select_related("matter"),
    detail=_page, annotate=_called, prepare=_holders,
    columns=(
        _NUMBER, _TITLE, Column("ground", _("事由类别"), value=_choice(GROUNDS, lambda row: row.ground), width=24), _STATE,
        _PLACE, _HOLDER, _ASKED, Column("arrive_by", kind="datetime", width=18),
        Column("called", _("被叫部门"), value=lambda row: row.called, kind="number", width=8),
        Column("arrived", _("已到场"), value=lambda row: row.arrived, kind="number", width=8), _OPENED, _CLOSED,
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=_WHISTLE_STATES),
        Filter("ground", _("事由类别"), choices=GROUNDS),
        Filter("open", _("未结"), kind="bool", field="matter__is_open", phrase=_("未结的"), phrase_no=_("已了结的")),
        Filter("since", _("提出于"), kind="date", condition=_since("matter__opened_at"), phrase=_("{value} 起提出的")),
    ),
    search=Search(also=_told("matter"), starts=("matter__place_code",), hint=_("事由（两个字起）、编号或代码")),
    empty=_("社区提出、街道研判后吹哨，这里就有记录。"),
)  # fmt: skip

_CALL_BACKS = Register(
    key="requests.call_backs", undated=HAPPENED, name=_("回访"), noun=_("回访"), model=CallBack, order=("-id",), section=navigation.WORK,
    rows=lambda actor, on: policy_for(CallBack).visible_to(actor).select_related("request__matter"),
    columns=(
        Column("number", _("编号"), value=lambda row: row.request.matter.number, width=12),
        Column("title", value="request__matter__title", width=32), Column("place_code", kind="place"),
        Column("at", kind="datetime", width=18), Column("valid", kind="bool", width=8),
        Column("invalid_reason", value=lambda row: row.get_invalid_reason_display(), width=14),
        Column("contacted", kind="bool", width=8), Column("solved", kind="bool", width=8),
        Column("satisfaction", value=_choice(GRADES, lambda row: row.satisfaction), width=10),
    ),
    filters=(
        Filter("valid", _("有效"), kind="bool", phrase=_("有效的"), phrase_no=_("无效的")),
        Filter("reason", _("无效原因"), field="invalid_reason", choices=CallBack.INVALID),
        Filter("contacted", _("承办人联系过"), kind="bool", phrase=_("联系过的"), phrase_no=_("没有联系过的")),
        Filter("solved", _("已解决"), kind="bool", phrase=_("已解决的"), phrase_no=_("没有解决的")),
        Filter("least", _("满意到"), choices=_LEAST, condition=lambda grade, on: Q(satisfaction__gte=int(grade)), phrase=_("{value}的")),
        Filter("satisfaction", _("满意程度"), choices=[(str(grade), words) for grade, words in GRADES]),
        Filter("since", _("回访于"), kind="date", condition=_since("at"), phrase=_("{value} 起回访的")),
        Filter("until", _("回访到"), kind="date", condition=_until("at"), phrase=_("{value} 以前回访的")),
    ),
    search=Search(also=_told("request__matter"), starts=("place_code",), hint=_("事由（两个字起）或编号")),
    empty=_("街道回访已结案的诉求后，这里就有记录。"),
)  # fmt: skip

_SPOT_CHECKS = Register(
    key="requests.spot_checks", undated=UNDER_WAY, name=_("当场办结抽查"), noun=_("抽查"), model=SpotCheck, order=("-id",), section=navigation.WORK,
    rows=lambda actor, on: policy_for(SpotCheck).visible_to(actor).select_related("request__matter"),
    columns=(
        Column("number", _("编号"), value=lambda row: row.request.matter.number, width=12),
        Column("title", value="request__matter__title", width=32), Column("place_code", kind="place"),
        Column("at", kind="datetime", width=18), Column("valid", kind="bool", width=8),
        Column("invalid_reason", value=lambda row: row.get_invalid_reason_display(), width=20),
    ),
    filters=(
        Filter("valid", _("属实"), kind="bool", phrase=_("属实的"), phrase_no=_("不属实的")),
        Filter("reason", _("不属实的原因"), field="invalid_reason", choices=SpotCheck.INVALID),
        Filter("since", _("抽查于"), kind="date", condition=_since("at"), phrase=_("{value} 起抽查的")),
    ),
    search=Search(also=_told("request__matter"), starts=("place_code",), hint=_("事由（两个字起）或编号")),
    empty=_("社区看过抽到的当场办结后，这里就有记录。"),
)  # fmt: skip

_FROM, _TO = (
    Column("valid_from", kind="date", width=12),
    Column("valid_to", kind="date", shown=False, width=12),
)
_PLACE_IN = ImportColumn(
    "place", _("适用地方"), kind="place", required=True, default_place=True, aliases=("地方", "区")
)
_FROM_IN = ImportColumn("valid_from", _("起效日期"), kind="date", required=True, aliases=("起", "生效日期"))
_CLASS_IN = ImportColumn("event_class", _("类别"), kind="choice", choices=EVENT_CLASSES)
_URGENCY_IN = ImportColumn(
    "urgency", _("紧急程度"), kind="choice", choices=URGENCIES, aliases=("默认紧急程度",)
)


def _ending(what: str, capability: str) -> Callable[[Actor, Any], Iterable[Link]]:
    """A button in the panel of a row that still holds, for who keeps it."""

    def links(actor: Actor, row: Any) -> Iterable[Link]:
        if row.valid_to is None and actor.holds(capability, row.place_code):
            yield Link(_("终止"), reverse("requests:end", args=[what, row.pk]))

    return links


def _adding(what: str, name: Any, capability: str) -> Callable[[Actor, str], Iterable[Link]]:
    """A button above the list for who keeps it."""

    def actions(actor: Actor, place: str) -> Iterable[Link]:
        if actor.holds_somewhere(capability):
            chosen = f"?place={place}" if place and is_code(place) else ""
            yield Link(name, f"{reverse('requests:add', args=[what])}{chosen}", main=True)

    return actions


def _settling(actor: Actor, row: Any) -> Iterable[Link]:
    yield Link(_("看这件诉求"), reverse("desk:matter", args=[row.matter.number]))
    if row.settled_at is None and actor.holds(KEEP_ROUTES, row.place_code):
        yield Link(_("处理"), reverse("requests:settle", args=[row.pk]), main=True)


_ITEMS = Register(
    key="requests.items", name=_("事项目录"), noun=_("事项"), model=EventItem, order=("place_code", "code", "id"), as_of=True,
    section=navigation.WORK, export=states.VIEW, links=_ending("item", KEEP_LISTS),
    actions=_adding("item", _("加一个事项"), KEEP_LISTS),
    rows=lambda actor, on: policy_for(EventItem).visible_to(actor).filter(in_force(on)),
    columns=(
        Column("code", width=18), Column("name", width=24), Column("event_class", value=_choice(EVENT_CLASSES, lambda row: row.event_class)),
        Column("urgency", value=_choice(URGENCIES, lambda row: row.urgency)), Column("is_grid_work", kind="bool", width=10),
        Column("words", value=lambda row: "、".join(row.words), width=40), Column("elsewhere", width=28),
        Column("place_code", kind="place", shown=False), _FROM, _TO, Column("clause", shown=False, width=40),
    ),
    filters=(
        Filter("class", _("类别"), field="event_class", choices=EVENT_CLASSES),
        Filter("grid", _("属网格工作"), kind="bool", field="is_grid_work", phrase=_("属网格工作的"), phrase_no=_("不属网格工作的")),
    ),
    search=Search(contains=("name",), starts=("code",), hint=_("事项名称或代码")),
    empty=_("区里列入事项后，这里就有记录。"),
    importer=Importer(
        capability=KEEP_LISTS, keys=("place", "code"),
        columns=(
            _PLACE_IN, ImportColumn("code", _("代码"), required=True, aliases=("事项代码",), max_length=40),
            ImportColumn("name", _("事项"), required=True, aliases=("事项名称", "名称"), max_length=40),
            ImportColumn("event_class", _("类别"), kind="choice", required=True, choices=EVENT_CLASSES), _FROM_IN,
            ImportColumn("clause", _("依据"), required=True, max_length=200), _URGENCY_IN,
            ImportColumn("words", _("相关词"), max_length=400, note=_("用顿号或空格分开，每个最多 12 个字。")),
            ImportColumn("is_grid_work", _("属网格工作"), kind="bool"),
            ImportColumn("elsewhere", _("去处"), max_length=120, note=_("不在这里受理的，写明去处。")),
            ImportColumn("confidentiality", _("公开范围"), kind="choice", choices=Matter.CONFIDENTIALITY),
        ),
        examples=(
            {"place": "210202", "code": "env.demo", "name": "演示事项", "event_class": "环境与设施", "valid_from": "2026-07-01",
             "clause": "演办〔2026〕1号", "words": "演示、示例"},
        ),
        row_service=import_item,
    ),
)  # fmt: skip


def _targets(rows: Sequence[Any], on: dt.date) -> None:
    """Units and items of the rules in words. Two queries."""
    names = last_names({row.unit_id for row in rows if row.unit_id})
    items = dict(EventItem.objects.filter(code__in={row.item for row in rows}).values_list("code", "name"))
    for row in rows:
        row.target = names.get(row.unit_id, "") if row.unit_id else str(row.get_unit_kind_display())
        row.item_name = items.get(row.item, row.item)


_ROUTES = Register(
    key="requests.routes", name=_("派办规则"), noun=_("派办规则"), model=RoutingRule, order=("place_code", "id"), as_of=True,
    section=navigation.WORK, export=states.VIEW, prepare=_targets, links=_ending("route", KEEP_ROUTES),
    actions=_adding("route", _("加一条派办规则"), KEEP_ROUTES),
    rows=lambda actor, on: policy_for(RoutingRule).visible_to(actor).filter(in_force(on)),
    columns=(
        Column("place_code", kind="place"), Column("event_class", value=_choice(EVENT_CLASSES, lambda row: row.event_class)),
        Column("item", _("事项"), value=lambda row: row.item_name, width=20),
        Column("urgency", value=_choice(URGENCIES, lambda row: row.urgency)),
        Column("target", _("派给"), value=lambda row: row.target, width=28), Column("reason", width=40), _FROM, _TO,
    ),
    filters=(Filter("class", _("类别"), field="event_class", choices=EVENT_CLASSES),),
    search=Search(contains=("reason",), starts=("item", "place_code"), hint=_("理由、事项代码或地方代码")),
    empty=_("区或街道设定派办规则后，这里就有记录。"),
    importer=Importer(
        capability=KEEP_ROUTES, keys=("place", "event_class", "item", "urgency"),
        columns=(
            _PLACE_IN, ImportColumn("unit", _("派给"), required=True, aliases=("单位", "承办单位"), max_length=120,
                                    note=_("单位名称，或者单位类型（就近的那一个）。")),
            ImportColumn("reason", _("理由"), required=True, max_length=120), _FROM_IN, _CLASS_IN,
            ImportColumn("item", _("事项"), note=_("事项目录里的名称或代码。")), _URGENCY_IN,
        ),
        examples=(
            {"place": "210202", "unit": "街道办事处", "reason": "演示规则：由街道统一对接", "valid_from": "2026-07-01",
             "item": "井盖缺失破损"},
        ),
        row_service=import_route,
    ),
)  # fmt: skip


def _faults(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(RoutingFault).visible_to(actor).select_related("matter")


_FAULTS = Register(
    key="requests.faults", undated=AS_IT_IS, name=_("派办故障"), noun=_("派办故障"), model=RoutingFault, order=("-id",),
    section=navigation.WORK, rows=_faults, links=_settling,
    columns=(
        Column("at", kind="datetime", width=18), Column("number", _("编号"), value=lambda row: row.matter.number, width=12),
        Column("place_code", kind="place"), Column("kind", value=lambda row: row.get_kind_display(), width=24),
        Column("event_class", value=_choice(EVENT_CLASSES, lambda row: row.event_class)), Column("item", width=18),
        Column("urgency", value=_choice(URGENCIES, lambda row: row.urgency)), Column("settled_at", kind="datetime", width=18),
    ),
    filters=(
        Filter("settled", _("已处理"), kind="exists", field="settled_at", phrase=_("已处理的"), phrase_no=_("未处理的")),
    ),
    search=Search(starts=("item", "place_code"), hint=_("事项代码或地方代码")),
    empty=_("诉求找不到派办规则或单位时，这里就有记录。"),
)  # fmt: skip

name_categories("request", EVENT_CLASSES)
name_categories("whistle", GROUNDS)

declare(_REQUESTS, _PAST, _WHISTLES, _CALL_BACKS, _SPOT_CHECKS, _ITEMS, _ROUTES, _FAULTS)

"""Registers of cultural events: events, series, pictures, what people said. Money: registers_money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import ANNOUNCED, SESSION_STATES, Session
from doorstep.kernel.activities.policies import ORGANISE
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
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.culture import (
    registers_money,  # noqa: F401  declares the registers of money
    selectors,
)
from doorstep.modules.culture.activity_kind import category_name
from doorstep.modules.culture.importing import import_event, import_series, time_of
from doorstep.modules.culture.models import KINDS, Feedback, Picture, Series
from doorstep.modules.culture.policies import KEEP, VIEW
from doorstep.modules.culture.register_parts import FROM, FROM_IN, TO, adding, ending, since


def _event(row: Any) -> Any:
    return getattr(row.activity, "cultural_event", None)


def _joined(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    return rows.select_related("activity", "activity__cultural_event__series")


def _with_organisers(rows: Sequence[Any], on: dt.date) -> None:
    names = selectors.unit_names(row.activity.organiser_id for row in rows)
    for row in rows:
        row.organiser_name = names.get(row.activity.organiser_id, "")


def _over_and_waiting(wanted: Any, on: dt.date) -> Q:
    waiting = Q(state=ANNOUNCED, ends_at__lt=clock.now())
    return waiting if wanted else ~waiting


def _event_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(ORGANISE):
        yield Link(_("策划活动"), reverse("culture:plan"), main=True)


_EVENTS = Register(
    key="culture.events", name=_("文化活动"), noun=_("文化活动"), model=Session, order=("-starts_at", "-id"), undated=UNDER_WAY,
    section=navigation.VOLUNTEERS, rows=lambda actor, on: selectors.events_seen(actor), annotate=_joined, prepare=_with_organisers,
    detail=lambda row: reverse("culture:desk_event", args=[row.pk]), history=lambda row: [row, row.activity],
    actions=_event_actions,
    columns=(
        Column("day", kind="date"), Column("starts", _("开始"), value=lambda row: f"{row.starts_at.astimezone(clock.DISTRICT_ZONE):%H:%M}", width=8),
        Column("title", _("名称"), value="activity__title", width=32), Column("place_code", kind="place"),
        Column("category", value=lambda row: str(category_name(row.category))),
        Column("series", _("系列"), value=lambda row: str(_event(row).series or "") if _event(row) else ""),
        Column("where", _("地点"), value="activity__where", width=24, shown=False),
        Column("organiser", _("组织单位"), value=lambda row: getattr(row, "organiser_name", ""), width=28, shown=False),
        Column("hosts", _("承办"), value=lambda row: _event(row).hosts if _event(row) else "", width=28, shown=False),
        Column("by_sign_up", _("需要报名"), value="activity__by_sign_up", kind="bool", shown=False),
        Column("state", value=lambda row: str(row.get_state_display())), Column("head_count", kind="number"),
    ),
    filters=(
        Filter("category", _("类别"), choices=KINDS), Filter("state", _("状态"), choices=SESSION_STATES),
        Filter("waiting", _("办过没有确认"), kind="bool", condition=_over_and_waiting, phrase=_("办过没有确认到场的"),
               phrase_no=_("不用确认到场的")),
        Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
        Filter("series", _("系列"), kind="text", field="activity__cultural_event__series__name", phrase=_("系列含“{value}”的")),
    ),
    search=Search(contains=("activity__title", "activity__where", "activity__cultural_event__hosts"), starts=("place_code",),
                  hint=_("名称、地点、承办或代码")),
    empty=_("社区策划活动，或者把办过的活动导进来，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "organiser", "title", "day", "starts"),
        columns=(
            ImportColumn("place", _("地方"), kind="place", required=True, default_place=True, aliases=("社区", "街道")),
            ImportColumn("organiser", _("组织单位"), aliases=("主办", "主办单位"), max_length=120, note=_("只有一个单位的可以空着。")),
            ImportColumn("title", _("名称"), required=True, aliases=("活动名称", "活动"), max_length=80),
            ImportColumn("category", _("类别"), kind="choice", choices=KINDS, required=True, aliases=("活动类别",)),
            ImportColumn("series", _("系列"), max_length=40),
            ImportColumn("day", _("日期"), kind="date", required=True, aliases=("活动日期", "时间")),
            ImportColumn("starts", _("开始"), required=True, aliases=("开始时间",), parse=time_of),
            ImportColumn("ends", _("结束"), required=True, aliases=("结束时间",), parse=time_of),
            ImportColumn("where", _("地点"), required=True, aliases=("活动地点",), max_length=120),
            ImportColumn("hosts", _("承办"), aliases=("承办单位",), max_length=200),
            ImportColumn("programme", _("节目单"), max_length=1000), ImportColumn("text", _("介绍"), aliases=("内容",), max_length=2000),
            ImportColumn("by_sign_up", _("需要报名"), kind="bool"), ImportColumn("capacity", _("名额"), kind="number"),
            ImportColumn("is_public", _("公开"), kind="bool", note=_("空着就是公开。")),
            ImportColumn("head_count", _("到场人数"), kind="number", aliases=("参加人数", "人数"), note=_("办过的填人数；还没办的空着。")),
        ),
        examples=(
            {"place": "210202005011", "title": "演示百家宴", "category": "百家宴", "day": "2026-02-03", "starts": "10:00", "ends": "13:00",
             "where": "演示小区广场", "hosts": "演示合唱团", "head_count": "120"},
        ),
        row_service=import_event,
    ),
)  # fmt: skip

_SERIES = Register(
    key="culture.series", name=_("活动系列"), noun=_("活动系列"), model=Series, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, export=VIEW, links=ending("series", KEEP), actions=adding("series", _("设立系列"), KEEP),
    rows=lambda actor, on: policy_for(Series).visible_to(actor).filter(in_force(on)),
    columns=(Column("place_code", kind="place"), Column("name", width=24), Column("about", width=48), FROM, TO),
    search=Search(contains=("name", "about"), starts=("place_code",), hint=_("系列名称或代码")),
    empty=_("设立百家宴、多彩云集这样的系列后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "name"),
        columns=(
            ImportColumn("place", _("地方"), kind="place", required=True, default_place=True, aliases=("社区", "街道")),
            ImportColumn("name", _("系列"), required=True, aliases=("系列名称",), max_length=40),
            ImportColumn("about", _("简介"), max_length=400), FROM_IN,
        ),
        examples=({"place": "210202005", "name": "多彩云集", "about": "每月一次的邻里文艺活动", "valid_from": "2026-01-05"},),
        row_service=import_series,
    ),
)  # fmt: skip


def _of_session(model: Any) -> Any:
    return lambda actor, on: policy_for(model).visible_to(actor).select_related("session__activity")


def _pictures(actor: Actor, on: dt.date) -> QuerySet[Any]:
    rows = policy_for(Picture).visible_to(actor).filter(taken_down_at=None)
    return rows.select_related("session__activity").defer(*selectors.BYTES)


def _lean(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    return rows.select_related("session__activity").defer(*selectors.BYTES)


def _picture_state(row: Any) -> str:
    if row.asked_down_at is not None:
        return str(_("有人请求撤下，已隐藏"))
    return str(_("公开")) if row.consent else str(_("没有写明同意，未公开"))


def _picture_waits(wanted: Any, on: dt.date) -> Q:
    waiting = Q(consent="") | Q(asked_down_at__isnull=False)
    return waiting if wanted else ~waiting


_PICTURES = Register(
    key="culture.pictures", name=_("活动照片"), noun=_("活动照片"), model=Picture, order=("-added_at", "-id"), undated=UNDER_WAY,
    section=navigation.VOLUNTEERS, rows=_pictures, annotate=_lean, detail=lambda row: reverse("culture:picture_look", args=[row.pk]),
    columns=(
        Column("added_at", kind="datetime", width=18), Column("place_code", kind="place"),
        Column("title", _("活动"), value="session__activity__title", width=32), Column("caption", width=28),
        Column("state", _("状态"), value=_picture_state, width=24), Column("consent", width=28, shown=False),
    ),
    filters=(
        Filter("waiting", _("要看的"), kind="bool", condition=_picture_waits, phrase=_("要看的"), phrase_no=_("公开的")),
    ),
    search=Search(contains=("caption", "session__activity__title"), starts=("place_code",), hint=_("说明、活动或代码")),
    note=_("照片从不强制。写明照片里的人怎样同意以后才公开；谁不愿意出现，一点就撤下。"),
    empty=_("组织者上传活动照片后，这里就有记录。"),
)  # fmt: skip


def _feedback_waits(wanted: Any, on: dt.date) -> Q:
    waiting = Q(looked_at=None) & ~Q(words="")
    return waiting if wanted else ~waiting


def _feedback_links(actor: Actor, row: Any) -> Iterable[Link]:
    if row.words and actor.holds(KEEP, row.place_code):
        yield Link(_("看留言"), reverse("culture:feedback_look", args=[row.pk]))


_FEEDBACK = Register(
    key="culture.feedback", name=_("活动评价"), noun=_("活动评价"), model=Feedback, order=("-at", "-id"), undated=HAPPENED,
    section=navigation.VOLUNTEERS, rows=_of_session(Feedback), annotate=lambda rows, on: rows.select_related("session__activity"),
    links=_feedback_links,
    columns=(
        Column("at", kind="datetime", width=18), Column("place_code", kind="place"),
        Column("title", _("活动"), value="session__activity__title", width=32), Column("grade", kind="number", width=8),
        Column("words", width=48), Column("shown", kind="bool", width=8), Column("looked_at", kind="datetime", shown=False, width=18),
    ),
    filters=(
        Filter("waiting", _("留言没看过"), kind="bool", condition=_feedback_waits, phrase=_("留言没看过的"), phrase_no=_("不用看的")),
        Filter("since", _("评价于"), kind="date", condition=since("at"), phrase=_("{value} 起的")),
    ),
    search=Search(contains=("words", "session__activity__title"), starts=("place_code",), hint=_("留言、活动或代码")),
    note=_("这里不写谁说的。留言看过以后公开，不带姓名。"),
    empty=_("参加过的人评价后，这里就有记录。"),
)  # fmt: skip

declare(_EVENTS, _SERIES, _PICTURES, _FEEDBACK)

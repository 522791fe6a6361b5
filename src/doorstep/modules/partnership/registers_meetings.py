"""Registers of consultation meetings, their topics and resolutions, and of joint activities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import SESSION_STATES, Session
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    UNDER_WAY,
    Column,
    Filter,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.partnership.activity_kind import CATEGORIES, JOINT, category_name
from doorstep.modules.partnership.models import PARTNER_KINDS, Consultation, Resolution, Topic
from doorstep.modules.partnership.models_meetings import RESOLUTION_CLASSES, TOPIC_STATES
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.register_parts import UNIT, named_unit, with_units
from doorstep.modules.partnership.states_resolutions import LAW
from doorstep.modules.partnership.wording import tally_words


def partner_kinds() -> list[tuple[str, Any]]:
    """Kinds of unit that may be partners, with their names."""
    return [(kind, UNIT_KINDS[kind]) for kind in PARTNER_KINDS]


def _hours(row: Any) -> str:
    return "–".join(f"{each.astimezone(clock.DISTRICT_ZONE):%H:%M}" for each in (row.starts_at, row.ends_at))


def _day(row: Any) -> dt.date:
    return clock.day_of(row.starts_at)


def _meeting_state(row: Consultation) -> str:
    if row.cancelled_at is not None:
        return str(_("已取消"))
    if row.minutes is None or row.minutes.cancelled_at is not None:
        return str(_("等登记会议记录")) if row.ends_at < clock.now() else str(_("要开"))
    return str(_("人数达到")) if row.minutes.quorate else str(_("人数不够"))


def _unminuted(value: Any, on: dt.date) -> Q:
    waiting = Q(cancelled_at=None, ends_at__lt=clock.now()) & (
        Q(minutes=None) | Q(minutes__cancelled_at__isnull=False)
    )
    return waiting if value else ~waiting


def _call_actions(actor: Actor, place: str) -> Iterable[Link]:
    if is_code(place) and len(place) == 12 and actor.holds(KEEP, place):
        yield Link(_("召集协商议事会"), f"{reverse('partnership:call')}?place={place}", main=True)


_CONSULTATIONS = Register(
    key="partnership.consultations", name=_("协商议事会"), noun=_("协商议事会"), model=Consultation, undated=UNDER_WAY,
    order=("-starts_at", "-id"), section=navigation.PARTNERS, annotate=lambda rows, on: rows.select_related("minutes"),
    prepare=with_units, actions=_call_actions, detail=lambda row: reverse("partnership:consultation", args=[row.pk]),
    history=lambda row: [row, row.minutes] if row.minutes else [row],
    columns=(
        Column("day", _("日期"), value=_day, kind="date"), Column("hours", _("时间"), value=_hours, width=14), Column("title", width=32),
        UNIT, Column("place_code", kind="place"), Column("where", width=24, shown=False), Column("topics_until", kind="date", shown=False),
        Column("entitled", _("应到"), value="minutes__entitled", kind="number"), Column("present", _("实到"), value="minutes__present", kind="number"),
        Column("state", _("状态"), value=_meeting_state), Column("reason", shown=False),
    ),
    filters=(
        Filter("unminuted", _("等登记会议记录"), kind="bool", condition=_unminuted, phrase=_("等登记会议记录的"), phrase_no=_("不用登记的")),
        Filter("quorate", _("人数达到"), kind="bool", field="minutes__quorate", phrase=_("人数达到的"), phrase_no=_("人数不够的")),
    ),
    search=Search(contains=("title", "where"), starts=("place_code",), hint=_("名称、地点或代码")),
    empty=_("社区党组织召集协商议事会后，这里就有记录。"),
)  # fmt: skip

_TOPICS = Register(
    key="partnership.topics", name=_("议题"), noun=_("议题"), model=Topic, undated=UNDER_WAY, order=("-id",),
    section=navigation.PARTNERS, annotate=lambda rows, on: rows.select_related("consultation"), prepare=with_units,
    links=lambda actor, row: [Link(_("看会议"), reverse("partnership:consultation", args=[row.consultation_id]), main=True)],
    columns=(
        Column("title", width=32), UNIT, Column("place_code", kind="place"),
        Column("meeting", _("会议"), value="consultation__title", width=28), Column("state", value=lambda row: str(row.get_state_display())),
        Column("brought_at", kind="datetime", shown=False), Column("text", width=40, shown=False), Column("reason", width=28, shown=False),
    ),
    filters=(Filter("state", _("状态"), choices=TOPIC_STATES),),
    search=Search(contains=("title", "text"), starts=("place_code",), also=named_unit("unit_id"), hint=_("议题、单位或代码")),
    empty=_("委员或共建单位联络员提出议题后，这里就有记录。"),
)  # fmt: skip


def _open(value: Any, on: dt.date) -> Q:
    return Q(matter__is_open=bool(value))


def _late(value: Any, on: dt.date) -> Q:
    late = Q(matter__is_open=True, matter__due_at__lt=clock.now())
    return late if value else ~late


def _resolution_links(actor: Actor, row: Resolution) -> Iterable[Link]:
    yield Link(_("看办理"), reverse("desk:matter", args=[row.matter.number]), main=True)
    yield Link(_("看会议记录"), reverse("web:record", args=["obligations.minutes", row.minutes_id]))


_RESOLUTIONS = Register(
    key="partnership.resolutions", name=_("会议决议"), noun=_("会议决议"), model=Resolution, undated=UNDER_WAY, order=("-matter_id",),
    section=navigation.PARTNERS, annotate=lambda rows, on: rows.select_related("matter", "minutes"), prepare=with_units,
    links=_resolution_links, history=lambda row: [row.matter],
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12), Column("title", _("决议"), value="matter__title", width=36),
        UNIT, Column("place_code", kind="place"), Column("state", _("状态"), value=lambda row: str(row.matter.state_name)),
        Column("category", _("缓急"), value=lambda row: str(dict(RESOLUTION_CLASSES).get(row.matter.category, "")), shown=False),
        Column("tally", _("表决"), value=tally_words, width=24),
        Column("day", _("会议日期"), value="minutes__day", kind="date"), Column("due_at", _("期限"), value="matter__due_at", kind="datetime"),
        Column("closed_at", _("办结"), value="matter__closed_at", kind="datetime", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=[(state.code, state.name) for state in LAW.states]),
        Filter("open", _("没办完"), kind="bool", condition=_open, phrase=_("没办完的"), phrase_no=_("办完的")),
        Filter("late", _("超期"), kind="bool", condition=_late, phrase=_("超期没办的"), phrase_no=_("没有超期的")),
        Filter("category", _("缓急"), field="matter__category", choices=RESOLUTION_CLASSES),
    ),
    search=Search(contains=("matter__title",), starts=("place_code",), also=named_unit("unit_id"), hint=_("决议、单位或代码")),
    empty=_("协商议事会形成决议后，这里就有记录。"),
)  # fmt: skip


def _sessions(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Session).visible_to(actor).filter(kind=JOINT)


def _with_partners(rows: Sequence[Any], on: dt.date) -> None:
    """The partner units of each activity, in two queries."""
    from_rows = {row.activity_id for row in rows}
    pairs = Session.objects.filter(activity_id__in=from_rows).values_list(
        "activity_id", "activity__gathering__units"
    )
    units: dict[int, set[int]] = {}
    for activity, unit in pairs:
        if unit is not None:
            units.setdefault(activity, set()).add(unit)
    names = last_names({unit for found in units.values() for unit in found})
    for row in rows:
        own = sorted(names.get(unit, "") for unit in units.get(row.activity_id, ()))
        row.partner_names = gettext("、").join(own)


def _gathering_actions(actor: Actor, place: str) -> Iterable[Link]:
    if is_code(place) and len(place) == 12 and actor.holds(KEEP, place):
        yield Link(_("发布共建活动"), f"{reverse('partnership:gathering_new')}?place={place}", main=True)


def _gathering_links(actor: Actor, row: Session) -> Iterable[Link]:
    if policy_for(Session).can(actor, "organise", row):
        yield Link(_("组织和确认到场"), reverse("doorway:organised", args=[row.pk]), main=True)


_GATHERINGS = Register(
    key="partnership.gatherings", name=_("共建活动"), noun=_("共建活动"), model=Session, undated=UNDER_WAY, order=("-starts_at", "-id"),
    section=navigation.PARTNERS, rows=_sessions, annotate=lambda rows, on: rows.select_related("activity"), prepare=_with_partners,
    actions=_gathering_actions, links=_gathering_links, history=lambda row: [row, row.activity],
    columns=(
        Column("day", kind="date"), Column("hours", _("时间"), value=_hours, width=14), Column("title", _("名称"), value="activity__title", width=32),
        Column("place_code", kind="place"), Column("category", value=lambda row: str(category_name(row.category))),
        Column("partners", _("参加单位"), value=lambda row: getattr(row, "partner_names", ""), width=36),
        Column("state", value=lambda row: str(row.get_state_display())), Column("head_count", kind="number"),
    ),
    filters=(
        Filter("category", _("类别"), choices=CATEGORIES), Filter("state", _("状态"), choices=SESSION_STATES),
        Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
    ),
    search=Search(contains=("activity__title", "activity__where"), starts=("place_code",), hint=_("名称、地点或代码")),
    empty=_("社区与共建单位发布活动后，这里就有记录。"),
)  # fmt: skip

declare(_CONSULTATIONS, _TOPICS, _RESOLUTIONS, _GATHERINGS)

"""Registers of instructors, their visits, and what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
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
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.modules.coverage import states_findings
from doorstep.modules.coverage.models import TOPICS, Finding, Visit
from doorstep.modules.coverage.register_parts import NAME, named_like, naming, since
from doorstep.modules.coverage.selectors import cadres_on, instructors_on

_TOPICS = dict(TOPICS)
_STATES = [(state.code, state.name) for state in states_findings.LAW.states]


def _instructors(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Appointment).visible_to(actor).filter(pk__in=instructors_on(on).values("pk"))


def _seen(path: str) -> Any:
    return lambda rows, actor: with_names_seen(rows, actor, path)


def _charges(rows: Sequence[Any], on: dt.date) -> None:
    """How many organisations each has, and when they last went to one. Three queries."""
    naming(lambda row: row.unit_id, "unit_name")(rows, on)
    people = [row.person_id for row in rows]
    units = dict(
        cadres_on(on).filter(person__in=people).values("person").annotate(n=Count("unit", distinct=True)).values_list("person", "n")
    )  # fmt: skip
    last = dict(
        Visit.objects.filter(instructor__in=people, cancelled_at=None, visited_on__lte=on)
        .values("instructor")
        .annotate(day=Max("visited_on"))
        .values_list("instructor", "day")
    )
    for row in rows:
        row.units, row.last_visit = units.get(row.person_id, 0), last.get(row.person_id)


_INSTRUCTORS = Register(
    key="coverage.instructors", name=_("入企干部（党建指导员）"), noun=_("入企干部（党建指导员）"), model=Appointment, order=("place_code", "id"),
    as_of=True, section=navigation.CHAIN, rows=_instructors, annotate=lambda rows, on: rows.select_related("person"),
    personal=_seen("person"), prepare=_charges,
    columns=(
        Column("person", _("姓名"), value="seen_name"), Column("unit", _("派出单位"), value=lambda row: row.unit_name, width=28),
        Column("place_code", kind="place"), Column("units", _("联系的组织"), value=lambda row: row.units, kind="number"),
        Column("last_visit", _("最近走访"), value=lambda row: row.last_visit, kind="date"),
        Column("valid_from", _("任职自"), kind="date", shown=False), Column("document", shown=False),
    ),
    filters=(Filter("since", _("任职始于"), kind="date", field="valid_from", phrase=_("{value} 起到任的")),),
    search=Search(names=("seen_",), starts=("place_code",), hint=_("姓名、拼音或代码")),
    empty=_("同时任命了入企干部和党建指导员的人，会出现在这里。"),
    note=_("一人同时担任入企干部和党建指导员（一肩挑）才在这里；按地方排列，不排名次。"),
)  # fmt: skip


def _visits(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Visit).visible_to(actor)


def _visit_links(actor: Actor, row: Visit) -> Iterable[Link]:
    yield Link(_("看这个组织"), reverse("coverage:organisation", args=[row.organisation_id]))
    if row.cancelled_at is None and policy_for(Visit).can(actor, "cancel", row):
        yield Link(_("作废"), reverse("coverage:visit_cancel", args=[row.pk]))


_VISITS = Register(
    key="coverage.visits", name=_("入企走访"), noun=_("入企走访"), model=Visit, order=("-visited_on", "-id"), undated=HAPPENED,
    section=navigation.CHAIN, rows=_visits, annotate=lambda rows, on: rows.select_related("organisation"), personal=_seen("instructor"),
    prepare=naming(lambda row: row.organisation.unit_id), links=_visit_links,
    columns=(
        Column("visited_on", kind="date"), NAME, Column("place_code", kind="place"), Column("instructor", _("走访人"), value="seen_name"),
        Column("topics", value=lambda row: str(_("、")).join(str(_TOPICS.get(topic, topic)) for topic in row.topics), width=28),
        Column("found", width=40), Column("cancelled_at", kind="datetime", shown=False), Column("reason", shown=False),
    ),
    filters=(
        Filter("topic", _("谈了什么"), choices=TOPICS, condition=lambda value, on: Q(topics__contains=[value])),
        Filter("found", _("有情况"), kind="bool", condition=lambda value, on: ~Q(found="") if value else Q(found=""),
               phrase=_("了解到情况的"), phrase_no=_("没有情况的")),
        Filter("cancelled", _("作废"), kind="exists", field="cancelled_at", phrase=_("已作废的"), phrase_no=_("没有作废的")),
        Filter("since", _("走访日期"), kind="date", condition=since("visited_on"), phrase=_("{value} 起的")),
    ),
    search=Search(contains=("found",), names=("seen_",), starts=("place_code",), also=named_like("organisation__unit"),
                  hint=_("组织、走访人或情况")),
    empty=_("入企干部在手机上登记走访后，这里就有记录。"),
)  # fmt: skip


def _findings(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Finding).visible_to(actor)


def _origin(row: Finding) -> str:
    if row.visit_id is not None:
        return str(_("入企走访"))
    return str(row.event.get_kind_display()) if row.event is not None else str(_("协调机制会议"))


def _from(value: Any, on: dt.date) -> Q:
    return {
        "visit": Q(visit__isnull=False), "assistance": Q(event__isnull=False), "session": Q(session__isnull=False)
    }.get(str(value), Q(pk__in=[]))  # fmt: skip


_FINDINGS = Register(
    key="coverage.findings", name=_("走访和会议交办"), noun=_("交办的事"), model=Finding, order=("-matter_id",), undated=UNDER_WAY,
    section=navigation.CHAIN, rows=_findings, annotate=lambda rows, on: rows.select_related("matter", "event"),
    prepare=naming(lambda row: row.matter.holder_id, "holder_name"), detail=lambda row: reverse("desk:matter", args=[row.matter.number]),
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12), Column("title", _("要办的事"), value="matter__title", width=32),
        Column("place", _("地方"), value="matter__place_code", kind="place"), Column("origin", _("从哪里来"), value=_origin),
        Column("state", _("状态"), value=lambda row: str(row.matter.state_name)),
        Column("holder", _("承办单位"), value=lambda row: row.holder_name, width=28),
        Column("due_at", _("期限"), value="matter__due_at", kind="datetime"),
        Column("opened_at", _("登记时间"), value="matter__opened_at", kind="datetime", shown=False),
        Column("closed_at", _("办结时间"), value="matter__closed_at", kind="datetime", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=_STATES),
        Filter("origin", _("从哪里来"), condition=_from,
               choices=(("visit", _("入企走访")), ("assistance", _("蹲点调研和现场办公")), ("session", _("协调机制会议")))),
        Filter("open", _("未结"), kind="bool", field="matter__is_open", phrase=_("还没有办结的"), phrase_no=_("已经办结的")),
        Filter("since", _("登记于"), kind="date", condition=since("matter__opened_at__date"), phrase=_("{value} 起登记的")),
    ),
    search=Search(contains=("matter__title",), starts=("matter__place_code",), hint=_("要办的事或地方代码")),
    empty=_("走访、蹲点调研、现场办公和协调机制会议提出要办的事后，这里就有记录。"),
)  # fmt: skip

declare(_INSTRUCTORS, _VISITS, _FINDINGS)

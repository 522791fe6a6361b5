"""Registers of rules, of what is owed, of minutes and of exemptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
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
from doorstep.kernel.obligations import kinds
from doorstep.kernel.obligations.meetings import MEETINGS
from doorstep.kernel.obligations.models import ROLLS, Exemption, Minutes, Occurrence, Rule
from doorstep.kernel.obligations.policies import EXEMPT, SET_RULES
from doorstep.kernel.obligations.selectors import STATE_NAMES, in_state, rules_named, state_of
from doorstep.kernel.organisations.kinds import POSTS, UNIT_KINDS
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.numerals import whole_number

_UNIT = Column("unit", _("单位"), value=lambda row: getattr(row, "unit_name", ""), width=28)


def _with_units(rows: Sequence[Any], on: dt.date) -> None:
    names = last_names(row.unit_id for row in rows)
    for row in rows:
        row.unit_name = names.get(row.unit_id, "")


def _with_rules(rows: Sequence[Any], on: dt.date) -> None:
    _with_units(rows, on)
    named = rules_named(row.code for row in rows)
    for row in rows:
        row.rule_name = named[row.code].name if row.code in named else row.code


def _rule_choices() -> Sequence[tuple[str, str | Promise]]:
    rows = Rule.objects.in_force().order_by("code")
    return [(row.code, row.name) for row in rows]


def _kinds_of(rule: Rule) -> str:
    return _now("、").join(str(UNIT_KINDS.get(kind, kind)) for kind in rule.unit_kinds)


def _proof_of(rule: Rule) -> str:
    kind = kinds.kind_of(rule.proof)
    asked = [str(kind.conditions[need]) for need in rule.needs if kind and need in kind.conditions]
    return f"{kinds.name_of(rule.proof)}（{_now('、').join(asked)}）" if asked else kinds.name_of(rule.proof)


def _rule_links(actor: Actor, row: Rule) -> Iterable[Link]:
    if policy_for(Rule).can(actor, "set", row):
        yield Link(_("修改"), reverse("desk:rule_change", args=[row.pk]), main=True)
        if row.valid_to is None:
            yield Link(_("终止"), reverse("desk:rule_end", args=[row.pk]))


def _rule_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(SET_RULES):
        yield Link(_("新设规则"), reverse("desk:rule_new"), main=True)


_RULES = Register(
    key="obligations.rules", name=_("应办规则"), noun=_("应办规则"), model=Rule, order=("place_code", "id"), as_of=True,
    section=navigation.WORK, links=_rule_links, actions=_rule_actions,
    columns=(
        Column("name", width=24), Column("place_code", kind="place"),
        Column("unit_kinds", value=_kinds_of, width=28),
        Column("post", value=lambda row: str(POSTS[row.post].name) if row.post in POSTS else "", shown=False),
        Column("proof", value=_proof_of, width=24), Column("rhythm", width=32),
        Column("roll", value=lambda row: str(dict(ROLLS)[row.roll]), shown=False), Column("window", kind="number", shown=False),
        Column("grace", kind="number"), Column("clause", width=40, shown=False), Column("document", shown=False),
        Column("code", shown=False), Column("version", kind="number", shown=False),
        Column("valid_from", _("起"), kind="date", shown=False), Column("valid_to", _("止"), kind="date", shown=False),
    ),
    search=Search(contains=("name", "clause"), starts=("code",), hint=_("名称、依据或代码")),
    empty=_("区里设定应办规则后，这里就有记录。"),
)  # fmt: skip


def _state_words(row: Occurrence) -> str:
    return str(STATE_NAMES[state_of(row, clock.today())])


def _in_state(value: Any, on: dt.date) -> Q:
    return in_state(str(value), clock.today())


def _over(value: Any, on: dt.date) -> Q:
    over = Q(exemption__isnull=True) & (Q(proof__isnull=False) | Q(closes_on__lt=clock.today()))
    return over if value else ~over


def _of_unit(value: Any, on: dt.date) -> Q:
    """One unit, by its number in an address."""
    return Q(unit_id=whole_number(str(value)) or 0)


def _occurrence_links(actor: Actor, row: Occurrence) -> Iterable[Link]:
    yield Link(
        _("这个单位的应办事项"),
        f"{reverse('desk:owed_unit', args=[row.unit_id])}?year={row.ends_on.year}",
        main=True,
    )
    if row.matter is not None:
        yield Link(_("看督促"), reverse("desk:matter", args=[row.matter.number]))
    if row.exemption_id is None and row.proof_id is None and actor.holds(EXEMPT, row.place_code):
        yield Link(
            _("豁免"),
            f"{reverse('desk:exempt', args=[row.unit_id])}?code={row.code}&due={row.due_on.isoformat()}",
        )


def _joined(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    return rows.select_related("rule", "matter")


_OCCURRENCES = Register(
    key="obligations.occurrences", name=_("应办事项"), noun=_("应办事项"), model=Occurrence, undated=UNDER_WAY,
    order=("place_code", "due_on", "id"), section=navigation.WORK, annotate=_joined, prepare=_with_units, links=_occurrence_links,
    history=lambda row: [row, row.rule],
    columns=(
        Column("rule", _("规则"), value="rule__name", width=24), _UNIT, Column("place_code", kind="place"),
        Column("starts_on", kind="date", shown=False), Column("ends_on", kind="date", shown=False), Column("due_on", kind="date"),
        Column("closes_on", kind="date", shown=False), Column("provisional", kind="bool", shown=False),
        Column("state", _("状态"), value=_state_words), Column("proved_on", kind="date"),
        Column("matter", _("督促"), value=lambda row: row.matter.number if row.matter else "", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), condition=_in_state, choices=tuple(STATE_NAMES.items())),
        Filter("over", _("已到期"), kind="bool", condition=_over, phrase=_("已有结果的"), phrase_no=_("还没有结果的")),
        Filter("code", _("规则"), choices=_rule_choices),
        Filter("unit", _("单位编号"), kind="text", condition=_of_unit, phrase=_("一个单位的")),
        Filter("since", _("到期日"), kind="date", field="due_on", phrase=_("{value} 起到期的")),
        Filter("until", _("到期日不晚于"), kind="date", condition=lambda value, on: Q(due_on__lte=value), phrase=_("{value} 前到期的")),
    ),
    search=Search(contains=("rule__name",), starts=("place_code",), hint=_("规则名称或地方代码")),
    empty=_("有应办规则和在册单位后，每晚自动推算，这里就有记录。"),
)  # fmt: skip


def _minutes_links(actor: Actor, row: Minutes) -> Iterable[Link]:
    yield Link(
        _("这个单位的应办事项"), f"{reverse('desk:owed_unit', args=[row.unit_id])}?year={row.day.year}"
    )
    if row.cancelled_at is None and policy_for(Minutes).can(actor, "record", row):
        yield Link(_("作废"), reverse("desk:minutes_cancel", args=[row.pk]))


def _hours(row: Minutes) -> str:
    return "–".join(f"{each.astimezone(clock.DISTRICT_ZONE):%H:%M}" for each in (row.starts_at, row.ends_at))


_MINUTES = Register(
    key="obligations.minutes", name=_("会议记录"), noun=_("会议记录"), model=Minutes, undated=HAPPENED,
    order=("-day", "-id"), section=navigation.WORK, prepare=_with_units, links=_minutes_links,
    columns=(
        Column("day", kind="date"), Column("hours", _("时间"), value=_hours, width=14),
        Column("kind", value=lambda row: str(row.get_kind_display())), _UNIT, Column("place_code", kind="place"),
        Column("where", width=24, shown=False), Column("entitled", kind="number"), Column("present", kind="number"),
        Column("quorate", kind="bool"), Column("agenda", width=32, shown=False), Column("decisions", width=32, shown=False),
        Column("cancelled_at", kind="datetime", shown=False), Column("reason", shown=False),
    ),
    filters=(
        Filter("kind", _("会议"), choices=tuple(MEETINGS.items())),
        Filter("quorate", _("达到规定人数"), kind="bool", phrase=_("达到规定人数的"), phrase_no=_("没有达到规定人数的")),
        Filter("cancelled", _("作废"), kind="exists", field="cancelled_at", phrase=_("已作废的"), phrase_no=_("没有作废的")),
        Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
    ),
    search=Search(contains=("agenda", "decisions"), starts=("place_code",), hint=_("议题、决定或地方代码")),
    empty=_("支部、小组和社区登记会议记录后，这里就有记录。"),
)  # fmt: skip


def _exemption_links(actor: Actor, row: Exemption) -> Iterable[Link]:
    if row.withdrawn_at is None and policy_for(Exemption).can(actor, "exempt", row):
        yield Link(_("撤销豁免"), reverse("desk:exemption_withdraw", args=[row.pk]))


_EXEMPTIONS = Register(
    key="obligations.exemptions", name=_("应办豁免"), noun=_("豁免"), model=Exemption, undated=UNDER_WAY,
    order=("-id",), prepare=_with_rules, links=_exemption_links,
    columns=(
        Column("rule", _("规则"), value=lambda row: getattr(row, "rule_name", ""), width=24), _UNIT,
        Column("place_code", kind="place"), Column("since", kind="date"), Column("until", kind="date"), Column("document"),
        Column("reason", width=32), Column("given_at", kind="datetime", shown=False),
        Column("withdrawn_at", kind="datetime", shown=False),
    ),
    filters=(
        Filter("code", _("规则"), choices=_rule_choices),
        Filter("withdrawn", _("撤销"), kind="exists", field="withdrawn_at", phrase=_("已撤销的"), phrase_no=_("没有撤销的")),
    ),
    search=Search(contains=("document", "reason"), starts=("place_code",), hint=_("文号、理由或地方代码")),
    empty=_("街道或区里凭文件豁免后，这里就有记录。"),
)  # fmt: skip

declare(_RULES, _OCCURRENCES, _MINUTES, _EXEMPTIONS)

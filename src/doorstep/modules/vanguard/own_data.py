"""What the vanguard keeps of a person: reporting in, what they hold, what they served, what their employer was told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.vanguard.models import (
    SKILLS_AND_TIMES,
    Called,
    Feedback,
    HandOver,
    Holding,
    Member,
    Served,
)
from doorstep.modules.vanguard.selectors import employer_of


def _members(person: Person) -> Iterable[dict[str, Any]]:
    for row in Member.objects.filter(person=person).order_by("valid_from"):
        yield {
            "place_code": row.place_code, "employer": employer_of(row), "slip": row.slip,
            "offers": "、".join(str(SKILLS_AND_TIMES[code]) for code in (*row.skills, *row.times)),
            "valid_from": row.valid_from.isoformat(), "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        }  # fmt: skip


def _holdings(person: Person) -> Iterable[dict[str, Any]]:
    rows = Holding.objects.filter(person=person).select_related("post", "area", "project")
    for row in rows.order_by("valid_from", "pk"):
        yield {
            "what": str(row.post or row.area or row.project), "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        }  # fmt: skip


def _served(person: Person) -> Iterable[dict[str, Any]]:
    rows = Served.objects.filter(person=person).select_related("session__activity", "wish__matter")
    for row in rows.order_by("day", "pk"):
        what = row.session.activity.title if row.session else row.wish.matter.title if row.wish else ""
        yield {"day": row.day.isoformat(), "what": what}


def _told(person: Person) -> Iterable[dict[str, Any]]:
    for row in Feedback.objects.filter(member__person=person).order_by("year", "pk"):
        yield {
            "year": row.year, "employer": row.employer_name, "times": row.times, "at": row.sent_at.date().isoformat(),
        }  # fmt: skip


def _notes(person: Person) -> Iterable[dict[str, Any]]:
    for row in HandOver.objects.filter(by=person).order_by("pk"):
        yield {"at": row.at.date().isoformat(), "text": row.text}


def _answers(person: Person) -> Iterable[dict[str, Any]]:
    for row in Called.objects.filter(answered_by=person).select_related("callup").order_by("pk"):
        yield {"what": row.callup.name, "answer": str(row.get_answer_display()), "text": row.reason}


_DAYS = {"valid_from": _("起"), "valid_to": _("止")}
declare(
    Section(
        "vanguard_member", _("在职党员报到"),
        {"place_code": _("地方代码"), "employer": _("工作单位"), "slip": _("单位介绍信"), "offers": _("技能和时间"), **_DAYS}, _members,
    ),
    Section("vanguard_holdings", _("先锋岗位"), {"what": _("岗位、责任区或项目"), **_DAYS}, _holdings),
    Section("vanguard_served", _("在社区的服务"), {"day": _("日期"), "what": _("服务")}, _served),
    Section(
        "vanguard_told", _("反馈给单位的"),
        {"year": _("年度"), "employer": _("工作单位"), "times": _("服务次数"), "at": _("日期")}, _told,
    ),
    Section(
        "vanguard_answers", _("代单位答复的集结"),
        {"what": _("集结"), "answer": _("答复"), "text": _("来不了的原因")}, _answers,
    ),
    Section("vanguard_notes", _("写过的交接记录"), {"at": _("日期"), "text": _("交接内容")}, _notes),
)  # fmt: skip

"""What volunteering keeps of a person: registration, teams, record, appeals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.volunteering.models import SKILLS, TIMES, Appeal, Credit, Membership, Volunteer
from doorstep.modules.volunteering.selectors import service_names


def _registration(person: Person) -> Iterable[dict[str, Any]]:
    skills, times = dict(SKILLS), dict(TIMES)
    for row in Volunteer.objects.filter(person=person):
        yield {
            "number": row.number, "born_in": row.born_in or "", "place_code": row.place_code,
            "skills": "、".join(str(skills[code]) for code in row.skills),
            "times": "、".join(str(times[code]) for code in row.times),
            "registered_at": row.registered_at.date().isoformat(),
            "left_on": row.left_on.isoformat() if row.left_on else "",
            "card": _now("有") if row.card_index is not None else _now("没有"),
        }  # fmt: skip


def _teams(person: Person) -> Iterable[dict[str, Any]]:
    rows = list(Membership.objects.filter(volunteer__person=person).order_by("valid_from", "pk"))
    names = last_names({row.team_id for row in rows})
    for row in rows:
        yield {
            "team": names.get(row.team_id, ""), "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        }  # fmt: skip


def _record(person: Person) -> Iterable[dict[str, Any]]:
    kinds = dict(service_names())
    rows = Credit.objects.filter(volunteer__person=person).select_related("session__activity")
    for row in rows.order_by("day", "pk"):
        yield {
            "day": row.day.isoformat(), "title": row.session.activity.title, "service": kinds.get(row.service, row.service),
            "minutes": row.minutes, "points": row.points,
            "taken_back": _now("已收回") if row.taken_back_at else "",
        }  # fmt: skip


def _appeals(person: Person) -> Iterable[dict[str, Any]]:
    for row in Appeal.objects.filter(volunteer__person=person).order_by("pk"):
        yield {
            "at": row.at.date().isoformat(), "text": row.text, "outcome": str(row.get_outcome_display()), "answer": row.answer,
        }  # fmt: skip


declare(
    Section(
        "volunteer", _("志愿者注册"),
        {
            "number": _("志愿者编号"), "born_in": _("出生年份"), "place_code": _("地方代码"), "skills": _("技能"),
            "times": _("可服务时间"), "registered_at": _("注册时间"), "left_on": _("退出日期"), "card": _("志愿者卡"),
        },
        _registration,
    ),
    Section("volunteer_teams", _("志愿服务队"), {"team": _("服务队"), "valid_from": _("起"), "valid_to": _("止")}, _teams),
    Section(
        "volunteer_record", _("志愿服务记录"),
        {
            "day": _("日期"), "title": _("活动"), "service": _("服务类别"), "minutes": _("计入分钟"), "points": _("积分"),
            "taken_back": _("收回"),
        },
        _record,
    ),
    Section(
        "volunteer_appeals", _("志愿服务申诉"),
        {"at": _("日期"), "text": _("理由"), "outcome": _("结果"), "answer": _("答复")}, _appeals,
    ),
)  # fmt: skip

"""The words of what people are told about seats and consultation meetings: made when read."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.subjects import Subject, declare_subject
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership.models import Consultation, Nomination
from doorstep.modules.partnership.telling import CALLED_OFF, MEETING, SEAT, UNIT_LEFT


def _of_seats(notices: list[Notice]) -> Mapping[int, str]:
    rows = Nomination.objects.filter(pk__in={notice.about_id for notice in notices})
    seats = {row.pk: row for row in rows.select_related("appointment")}
    names = last_names({row.community_id for row in seats.values()})
    return {
        notice.pk: _seat_line(notice.key, seats[notice.about_id], names)
        for notice in notices
        if notice.about_id in seats
    }


def _seat_line(key: str, row: Nomination, names: dict[int, str]) -> str:
    words = {"community": names.get(row.community_id, ""), "from": row.valid_from, "to": row.valid_to}
    if key == UNIT_LEFT:
        ended = row.appointment.valid_to if row.appointment else None
        return _("您所在的单位退出共建，您在%(community)s的兼职委员任职随之结束（%(day)s）。谢谢您的付出。") % {
            **words, "day": ended or _("未到任"),
        }  # fmt: skip
    return _("您已被聘任为%(community)s兼职委员，任期 %(from)s 至 %(to)s。") % words


def _of_meetings(notices: list[Notice]) -> Mapping[int, str]:
    rows = {
        row.pk: row for row in Consultation.objects.filter(pk__in={notice.about_id for notice in notices})
    }
    return {
        notice.pk: _meeting_line(notice.key, rows[notice.about_id])
        for notice in notices
        if notice.about_id in rows
    }


def _meeting_line(key: str, row: Consultation) -> str:
    words = {
        "title": row.title, "where": row.where, "until": row.topics_until, "reason": row.reason,
        "when": date_format(localtime(row.starts_at, DISTRICT_ZONE), "Y-m-d H:i"),
    }  # fmt: skip
    if key == CALLED_OFF:
        return _("“%(title)s”（%(when)s）取消了：%(reason)s") % words
    return _("请参加“%(title)s”：%(when)s，%(where)s。议题征集到 %(until)s。") % words


def _seat_url(notice: Notice) -> str:
    return reverse("partnership:nomination", args=[notice.about_id])


def _meeting_url(notice: Notice) -> str:
    return reverse("partnership:consultation", args=[notice.about_id])


declare_subject(Subject(SEAT, _of_seats, _seat_url))
declare_subject(Subject(MEETING, _of_meetings, _meeting_url))

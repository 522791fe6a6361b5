"""The words of what people are told about a session: made when read, from the session as it is then."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.telling import (
    CANCELLED,
    HANDED_ON,
    LET_GO,
    MOVED,
    MOVED_UP,
    REMIND,
    SUBJECT,
)
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.subjects import Subject, declare_subject
from doorstep.kernel.shared.clock import DISTRICT_ZONE


def _lines(notices: list[Notice]) -> Mapping[int, str]:
    rows = Session.objects.filter(pk__in={notice.about_id for notice in notices}).select_related("activity")
    sessions = {row.pk: row for row in rows}
    return {
        notice.pk: _line(notice.key, sessions[notice.about_id])
        for notice in notices
        if notice.about_id in sessions
    }


def _line(key: str, session: Session) -> str:
    words = {
        "title": session.activity.title, "where": session.activity.where, "reason": session.reason,
        "when": date_format(localtime(session.starts_at, DISTRICT_ZONE), "Y-m-d H:i"),
    }  # fmt: skip
    match key:
        case _ if key == MOVED:
            return _("“%(title)s”改了时间，现在是 %(when)s，%(where)s。来不了可以退出。") % words
        case _ if key == CANCELLED:
            return _("“%(title)s”（%(when)s）取消了：%(reason)s") % words
        case _ if key == MOVED_UP:
            return _("“%(title)s”有了名额，您从候补转正。%(when)s，%(where)s。") % words
        case _ if key == LET_GO:
            return _("“%(title)s”改到 %(when)s，和您报名的另一场冲突，已为您退出这一场。") % words
        case _ if key == HANDED_ON:
            return _("“%(title)s”（%(when)s）您的位子有人接替了，这一场您不用再来。") % words
        case _ if key == REMIND:
            return _("提醒：“%(title)s” %(when)s 开始，%(where)s。来不了请退出，让给候补的人。") % words
    return _("“%(title)s”（%(when)s）有新消息。") % words


def _url(notice: Notice) -> str:
    try:
        return reverse("doorway:on", args=[notice.about_id])
    except NoReverseMatch:
        return ""


declare_subject(Subject(SUBJECT, _lines, _url, purpose="notices"))

"""The words of what people are told about plans of grids: made when read, from the plan as it is then."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.subjects import Subject, declare_subject
from doorstep.kernel.proposals.telling import BACK, REFUSED
from doorstep.modules.grids import staff_telling
from doorstep.modules.grids.models import GridPlan, StaffPlan
from doorstep.modules.grids.plan_telling import COMMUNITY, SUBJECT, YOURS


def _lines(notices: list[Notice]) -> Mapping[int, str]:
    plans = GridPlan.objects.in_bulk({notice.about_id for notice in notices})
    return {
        notice.pk: _line(notice.key, plans[notice.about_id]) for notice in notices if notice.about_id in plans
    }


def _line(key: str, plan: GridPlan) -> str:
    words = {"title": plan.title, "day": plan.effective_on, "why": plan.error, "document": plan.document}
    match key:
        case _ if key == YOURS:
            return _("您的网格自 %(day)s 起有调整（%(document)s），请查看现在负责的楼栋。") % words
        case _ if key == COMMUNITY:
            return _("本社区的网格自 %(day)s 起重新划分（%(document)s），请核对网格员安排。") % words
        case _ if key == REFUSED:
            return _("网格方案“%(title)s”没有生效：%(why)s") % words
        case _ if key == BACK:
            return _("网格方案“%(title)s”被退回，请看过原因再送审。") % words
    return _("网格方案“%(title)s”有新消息。") % words


def _url(notice: Notice) -> str:
    """Workers go to their grids' list, everybody else to the plan."""
    try:
        return (
            reverse("grids:plan", args=[notice.about_id])
            if notice.key in (REFUSED, BACK)
            else reverse("grids:choose")
        )
    except NoReverseMatch:
        return ""


declare_subject(Subject(SUBJECT, _lines, _url))


def _staff_lines(notices: list[Notice]) -> Mapping[int, str]:
    plans = StaffPlan.objects.in_bulk({notice.about_id for notice in notices})
    return {
        notice.pk: _staff_line(notice.key, plans[notice.about_id])
        for notice in notices
        if notice.about_id in plans
    }


def _staff_line(key: str, plan: StaffPlan) -> str:
    words = {"title": plan.title, "day": plan.effective_on, "why": plan.error, "document": plan.document}
    match key:
        case _ if key == YOURS:
            return (
                _("您负责的网格自 %(day)s 起有调整（%(document)s），没有办结的事随网格移交，请查看。") % words
            )
        case _ if key == COMMUNITY:
            return _("本社区的网格员自 %(day)s 起重新安排（%(document)s），请查看。") % words
        case _ if key == REFUSED:
            return _("网格员方案“%(title)s”没有生效：%(why)s") % words
        case _ if key == BACK:
            return _("网格员方案“%(title)s”被退回，请看过原因再送审。") % words
    return _("网格员方案“%(title)s”有新消息。") % words


def _staff_url(notice: Notice) -> str:
    if notice.key in (REFUSED, BACK):
        return reverse("grids:staffing", args=[notice.about_id])
    return reverse("grids:choose")


declare_subject(Subject(staff_telling.SUBJECT, _staff_lines, _staff_url))

"""The words of what people are told about plans of building groups: made when read, from the plan as it is then."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.subjects import Subject, declare_subject
from doorstep.kernel.proposals.telling import BACK, REFUSED
from doorstep.modules.chain.group_plan_telling import BRANCHES, ENDED, SUBJECT, YOURS
from doorstep.modules.chain.models import GroupPlan


def _lines(notices: list[Notice]) -> Mapping[int, str]:
    plans = GroupPlan.objects.in_bulk({notice.about_id for notice in notices})
    return {
        notice.pk: _line(notice.key, plans[notice.about_id]) for notice in notices if notice.about_id in plans
    }


def _line(key: str, plan: GroupPlan) -> str:
    words = {"title": plan.title, "day": plan.effective_on, "why": plan.error, "document": plan.document}
    match key:
        case _ if key == YOURS:
            return _("您的楼栋党小组自 %(day)s 起有调整（%(document)s），请查看现在包括哪些楼栋。") % words
        case _ if key == ENDED:
            return (
                _("您的楼栋党小组自 %(day)s 起并入别的小组（%(document)s），组长任职到这一天为止。") % words
            )
        case _ if key == BRANCHES:
            return (
                _("党支部下的楼栋党小组自 %(day)s 起重新划分（%(document)s），请看还有没有缺组长的小组。")
                % words
            )
        case _ if key == REFUSED:
            return _("小组方案“%(title)s”没有生效：%(why)s") % words
        case _ if key == BACK:
            return _("小组方案“%(title)s”被退回，请看过原因再送审。") % words
    return _("小组方案“%(title)s”有新消息。") % words


def _url(notice: Notice) -> str:
    """Who makes plans goes to the plan; leaders and secretaries to the chain, where they see their own groups."""
    if notice.key in (REFUSED, BACK):
        return reverse("chain:group_plan", args=[notice.about_id])
    return reverse("chain:home")


declare_subject(Subject(SUBJECT, _lines, _url))

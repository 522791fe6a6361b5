"""What waits for the audit administrator: a chain not verified for a while or unsound, and a tail left unsealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.policies import VIEW
from doorstep.kernel.audit.selectors import chain_state, last_verification
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.shared import clock

VERIFY_EVERY = dt.timedelta(days=7)


def _item(title: str, detail: str, action: str, due: dt.date | None = None) -> WorkItem:
    return WorkItem(
        title=title, place_code="", place_name="", url=reverse("audit_state"), action=action, due=due, detail=detail
    )  # fmt: skip


def verification(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The next verification, a week after the last; at once where there was none, or where it found something."""
    if not actor.holds_somewhere(VIEW):
        return [], 0
    last = last_verification()
    way = _("在服务器上运行 doorstep audit verify")
    if last is None:
        return [_item(_("审计封存链还没有核验过"), way, _("看封存状态"), today)], 1
    on = last.at.astimezone(clock.DISTRICT_ZONE)
    if not last.sound:
        said = _("%(day)s 核验不通过：先保留现场，再逐条查明") % {"day": on.strftime("%Y-%m-%d %H:%M")}
        return [_item(_("审计封存链有改动的痕迹"), said, _("看封存状态"), on.date())], 1
    said = _("上次 %(day)s，通过；%(way)s") % {"day": on.strftime("%Y-%m-%d %H:%M"), "way": way}
    return [_item(_("核验审计封存链"), said, _("看封存状态"), on.date() + VERIFY_EVERY)], 1


def tail(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """How much is not sealed yet. The sealer comes every minute: what stays longer waits for somebody."""
    if not actor.holds_somewhere(VIEW):
        return [], 0
    state = chain_state()
    if not state.unsealed:
        return [], 0
    sealed = (
        state.sealed_at.astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M") if state.sealed_at else "—"
    )
    title = _("%(n)d 条审计记录还没有封存") % {"n": state.unsealed}
    said = _("每分钟封存一次，上次 %(at)s；几分钟后还在，请查后台任务") % {"at": sealed}
    return [_item(title, said, _("看封存状态"))], 1


declare(
    WorkProvider("audit.verification", lazy("核验"), "due", verification),
    WorkProvider("audit.tail", lazy("未封存的记录"), "settle", tail),
)

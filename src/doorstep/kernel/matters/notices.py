"""The words of notices: made when one is read, in the reader's language, from codes alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.matters.laws import law_of, step_words
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.subjects import subject_of
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.shared.clock import DISTRICT_ZONE

Text = str | Promise

FOLLOWER = "follows"
_HEADS: dict[str, Text] = {
    "reporter": gettext_lazy("您上报的 %(number)s"),
    "holder": gettext_lazy("您单位负责的 %(number)s"),
    "asked": gettext_lazy("请您单位接办的 %(number)s"),
    "handler": gettext_lazy("交您办理的 %(number)s"),
    "called": gettext_lazy("请您单位协办的 %(number)s"),
    "lead": gettext_lazy("请您单位牵头的 %(number)s"),
    FOLLOWER: gettext_lazy("您关注的 %(number)s"),
    "orderer": gettext_lazy("您督办的 %(number)s"),
    "above": gettext_lazy("您管理范围内的 %(number)s"),
    "checker": gettext_lazy("等您核实的 %(number)s"),
    "granter": gettext_lazy("等您答复的 %(number)s"),
}
_keys: dict[str, Text] = {"open": gettext_lazy("已登记")}


def name_notices(keys: dict[str, Text]) -> None:
    """Words for notices that no step of a law makes ("reminder": …). The same key with other words raises."""
    for key, words in keys.items():
        if key in _keys and str(_keys[key]) != str(words):
            raise RuntimeError(f"notice {key} has two wordings")
        _keys[key] = words


name_notices(
    {
        "remark": gettext_lazy("有新留言"),
        "remind": gettext_lazy("快到期限"),
        "overdue": gettext_lazy("已超过期限，请督促"),
        "extend": gettext_lazy("期限已延长"),
        "ask_extension": gettext_lazy("申请延期"),
        "decline_extension": gettext_lazy("没有批准延期"),
        "settle": gettext_lazy("期限已按公布的日历核定"),
        "supervised": gettext_lazy("被督办，请按期回复"),
        "supervision_reply": gettext_lazy("督办有了回复"),
        "supervision_closed": gettext_lazy("督办已结束"),
    }
)


def lines_of(notices: Iterable[Notice]) -> dict[int, str]:
    """By notice, one sentence. Each subject is asked once for all of its own."""
    lines: dict[int, str] = {}
    by_subject: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        if notice.matter is not None:
            lines[notice.pk] = _line_of_matter(notice, notice.matter)
        else:
            by_subject[notice.about].append(notice)
    for code, rows in by_subject.items():
        subject = subject_of(code)
        told = subject.lines(rows) if subject else {}
        for row in rows:
            lines[row.pk] = told.get(row.pk) or _("这条通知说的事已经没有记录了。")
    return lines


def line_of(notice: Notice) -> str:
    """One sentence: what it is about, what happened, and what comes next, by when. Of several: `lines_of`."""
    return lines_of([notice])[notice.pk]


def _line_of_matter(notice: Notice, matter: Matter) -> str:
    law = law_of(matter.kind)
    head = str(_HEADS.get(notice.part, _HEADS[FOLLOWER])) % {"number": matter.number}
    what = str(_keys.get(notice.key) or step_words(matter.kind, notice.key))
    text = _("%(head)s：%(what)s。") % {"head": head, "what": what}
    state = law.by_code.get(notice.state)
    if state is not None:
        text += _("现在是「%(state)s」。") % {"state": state.name}
        if state.next_step:
            text += _("接下来：%(next)s。") % {"next": state.next_step}
    if notice.due_at is not None:
        text += _("期限 %(when)s。") % {"when": when_of(notice.due_at)}
    return text


def when_of(due_at: dt.datetime) -> str:
    """A deadline as people say it: the day, and the time where it is not the day's end."""
    local = localtime(due_at, DISTRICT_ZONE)
    return date_format(local, "Y-m-d H:i") if local.time() != dt.time() else last_day(due_at).isoformat()


def message_of(notices: list[Notice]) -> tuple[str, str]:
    """Subject and text of one message: of one notice, or of several gathered. No words of any report go outside."""
    if len(notices) == 1:
        matter = notices[0].matter
        subject = (
            _("家门口：%(number)s 有新进展") % {"number": matter.number} if matter else _("家门口：新通知")
        )
        return subject, line_of(notices[0])
    matters = list({notice.matter_id: notice.matter for notice in notices if notice.matter}.values())
    if any(notice.matter is None for notice in notices):
        return _gathered(len(notices), matters)
    subject = _("家门口：%(count)d 条新进展") % {"count": len(notices)}
    text = _("您有 %(count)d 条新进展，涉及 %(numbers)s%(more)s。登录家门口可逐条查看。") % {
        "count": len(notices), **_numbers(matters),
    }  # fmt: skip
    return subject, text


def _gathered(count: int, matters: list[Matter]) -> tuple[str, str]:
    """Of several, not all of matters."""
    subject = _("家门口：%(count)d 条新通知") % {"count": count}
    text = _("您有 %(count)d 条新通知。") % {"count": count}
    if matters:
        text += _("其中有 %(numbers)s%(more)s的新进展。") % _numbers(matters)
    return subject, text + _("登录家门口可逐条查看。")


def _numbers(matters: list[Matter]) -> dict[str, str]:
    shown = _("、").join(matter.number for matter in matters[:3])
    return {"numbers": shown, "more": _("等") if len(matters) > 3 else ""}

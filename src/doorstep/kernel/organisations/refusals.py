"""Refusals in the user's words: what is wrong, where, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import Line, lines
from doorstep.kernel.declarations.acts import act_name
from doorstep.kernel.organisations import rules
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation

Period = tuple[dt.date, dt.date | None]

CREDIT_CODE_CLAUSE = "GB 32100-2015"
CREDIT_CODE_TEXTS = {
    "length": gettext_lazy("统一社会信用代码应为 18 位。"),
    "letters": gettext_lazy("统一社会信用代码只用数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位是数字。"),
    "organisation": gettext_lazy("统一社会信用代码第 9 至 17 位（组织机构代码）的校验位不对，请核对证照。"),
    "check": gettext_lazy("统一社会信用代码的最后一位校验码不对，请核对证照。"),
}
NAME_TEXTS = {
    "empty": gettext_lazy("请填写名称。"),
    "long": gettext_lazy("名称最多 120 个字。"),
    "signs": gettext_lazy("名称里有换行或不可见的字符，请去掉。"),
}
DAY_TEXTS = {
    "early": gettext_lazy("日期早于 1900 年，请核对。"),
    "late": gettext_lazy("日期晚于今天三年以上，请核对。"),
}
PLACE_TEXTS = {
    "missing": gettext_lazy("这个职务要写明负责的范围，至少一处。"),
    "grid": gettext_lazy("专职网格员负责的是网格，%(code)s 不是网格代码（15 位）。"),
    "wide": gettext_lazy("负责的范围应为社区或网格，%(code)s 太大。"),
    "outside": gettext_lazy("%(code)s 不在这个单位的范围内。"),
}
FIELD_NAMES = {
    "name": gettext_lazy("名称"), "place_code": gettext_lazy("地方"), "superior": gettext_lazy("上级"), "phone": gettext_lazy("办公电话"),
    "hours": gettext_lazy("办公时间"), "address": gettext_lazy("办公地址"), "ended_on": gettext_lazy("终止日期"),
    "credit_code": gettext_lazy("统一社会信用代码"),
}  # fmt: skip


def check_name(name: str) -> str:
    """The name without outer spaces. Raises RuleViolation."""
    name = name.strip()
    if fault := rules.name_fault(name):
        raise RuleViolation(NAME_TEXTS[fault], field="name")
    return name


def check_day(day: dt.date, field: str) -> None:
    if fault := rules.day_fault(day, clock.today()):
        raise RuleViolation(DAY_TEXTS[fault], field=field)


def check_credit_code(text: str) -> str:
    """The code as it is stored; "" for none. Raises RuleViolation naming what is wrong (GB 32100-2015)."""
    code = rules.normal_credit_code(text)
    if code and (fault := rules.credit_code_fault(code)):
        raise RuleViolation(CREDIT_CODE_TEXTS[fault], field="credit_code", clause=CREDIT_CODE_CLAUSE)
    return code


def check_document(kind: str, document: str) -> str:
    """The document's number without outer spaces; required for kinds that follow an approval."""
    document = document.strip()
    if not document and kind in rules.APPROVED_KINDS:
        raise RuleViolation(_("请填写批准文号：这类单位的变动须经上级批准。"), field="document")
    return document


def until(valid_to: dt.date | None) -> str:
    """The last day of a period, in words; `valid_to` is the first day after it."""
    if valid_to is None:
        return _("没有写明截止日期")
    return _("至 %(day)s 止") % {"day": (valid_to - dt.timedelta(days=1)).isoformat()}


def post_taken(holder: Appointment) -> RuleViolation:
    """Who holds the sole post, since when and until when."""
    return RuleViolation(
        _("%(post)s一职自 %(start)s 起由%(person)s担任，%(until)s。请先办理离任，或改写起止日期。")
        % {
            "post": POSTS[holder.post].name, "start": holder.valid_from.isoformat(),
            "person": holder.person.name, "until": until(holder.valid_to),
        },
        field="valid_from",
    )  # fmt: skip


def already_appointed(holder: Appointment) -> RuleViolation:
    return RuleViolation(
        _("%(person)s自 %(start)s 起已任%(post)s，%(until)s，同一职务的任期不能重叠。")
        % {
            "post": POSTS[holder.post].name, "start": holder.valid_from.isoformat(),
            "person": holder.person.name, "until": until(holder.valid_to),
        },
        field="person",
    )  # fmt: skip


CONSTRAINT_TEXTS = {
    "appointment_sole_post": gettext_lazy("这个职务只能有一人担任，别人刚刚登记了重叠的任期。请刷新后再看。"),
    "appointment_same_post_once": gettext_lazy("这个人在同一单位、同一职务上已有重叠的任期。"),
    "appointment_stand_in_once": gettext_lazy("这个人在这段时间已经代理同一项任职。"),
    "appointment_one_administration": gettext_lazy("系统、安全、审计三个管理岗位，一人只能任其一。"),
    "appointment_period": gettext_lazy("止日须晚于起日。"),
    "substitute_has_end": gettext_lazy("临时代理须写明截止日期。"),
    "unit_one_version": gettext_lazy("别人刚刚为这个单位登记了同一段时间的变动。请刷新后再看。"),
    "unit_credit_code": gettext_lazy("这个统一社会信用代码已有另一个在册单位使用。"),
    "unit_not_own_superior": gettext_lazy("单位不能是自己的上级。"),
}


@contextmanager
def constraints_in_words() -> Iterator[None]:
    """What the database refuses, said in words. Rolls back to before the block and raises RuleViolation."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", None) or ""
        if name not in CONSTRAINT_TEXTS:
            raise
        raise RuleViolation(CONSTRAINT_TEXTS[name]) from error


def unit_conflict(unit: Unit, name: str, expected: int) -> Conflict:
    """Told to the officer who came second: what changed, by whom and when, since the version they looked at."""
    latest = Entry.objects.filter(target=Unit._meta.label_lower, target_id=str(unit.pk)).order_by("-id")[:20]
    newer = [entry for entry in latest if entry.changes.get("lock_version", [0, 0])[1] > expected]
    return Conflict(
        _("“%(name)s”在您办理期间已被改动：%(what)s。您这次没有存入，请看过新的情况再办。")
        % {"name": name, "what": _("；").join(_told(line) for line in lines(reversed(newer)))}
    )


def _told(line: Line) -> str:
    entry = line.entry
    at = entry.at.astimezone(clock.DISTRICT_ZONE)
    told = _("%(who)s于 %(when)s %(action)s") % {
        "who": line.who,
        "when": at.strftime("%Y-%m-%d %H:%M"),
        "action": act_name(entry.action),
    }
    changed = [
        _("%(field)s由“%(old)s”改为“%(new)s”")
        % {"field": FIELD_NAMES[field], "old": old or "—", "new": new or "—"}
        for field, (old, new) in _pairs(entry.changes)
        if field in FIELD_NAMES
    ]
    return told + (_("，%(changes)s") % {"changes": _("、").join(changed)} if changed else "")


def _pairs(changes: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for field, value in changes.items():
        if isinstance(value, list) and len(value) == 2:
            yield field, (value[0], value[1])

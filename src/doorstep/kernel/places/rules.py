"""Rules of places over plain values; each raises RuleViolation in the user's words or returns the cleaned value."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.shared.errors import RuleViolation

LONGEST_NAME = 40
LONGEST_DOCUMENT = 80
EARLIEST_DAY = dt.date(1949, 10, 1)
LATEST_AHEAD = dt.timedelta(days=366)
SERIALS = {"basic": range(1, 900), "dedicated": range(901, 1000)}
VENUE_KINDS = {
    "service_centre": gettext_lazy("党群服务中心"),
    "meeting_hall": gettext_lazy("议事厅"),
    "activity_room": gettext_lazy("活动室"),
    "mediation_room": gettext_lazy("调解室"),
    "canteen": gettext_lazy("社区食堂"),
    "study_room": gettext_lazy("阅览室"),
    "clinic": gettext_lazy("卫生服务站"),
    "other": gettext_lazy("其他"),
}
ONE_COMMUNITY = gettext_lazy("网格在一个社区之内")
CODES_ONCE = gettext_lazy("网格代码不重复使用")


def clean_name(name: str, field: str = "name") -> str:
    """A name of 1 to 40 characters without control characters, trimmed."""
    name = " ".join(name.split())
    if not name:
        raise RuleViolation(_("请填写名称。"), field=field)
    if len(name) > LONGEST_NAME:
        raise RuleViolation(_("名称有 %(count)d 个字，最多 40 个字。") % {"count": len(name)}, field=field)
    if has_control_character(name):
        raise RuleViolation(_("名称里有看不见的控制字符，请重新输入。"), field=field)
    return name


def has_control_character(text: str) -> bool:
    return not text.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in text)


def clean_document(document: str) -> str:
    """The number of the document that approves an adjustment."""
    document = " ".join(document.split())
    if not document:
        raise RuleViolation(_("请填写文号。"), field="document")
    if len(document) > LONGEST_DOCUMENT:
        raise RuleViolation(_("文号最多 80 个字。"), field="document")
    return document


def check_day(day: dt.date, today: dt.date, field: str = "effective_on") -> dt.date:
    """A day that can be meant: from 1 October 1949 to a year ahead."""
    if day < EARLIEST_DAY:
        raise RuleViolation(_("日期 %(day)s 太早，请核对年份。") % {"day": day}, field=field)
    if day > today + LATEST_AHEAD:
        raise RuleViolation(_("日期 %(day)s 在一年以后，请核对年份。") % {"day": day}, field=field)
    return day


def check_building(address: str, households: int) -> None:
    """An address of at most 200 characters, up to 5,000 households."""
    if not 0 <= households <= 5000:
        raise RuleViolation(_("户数应在 0 到 5000 之间。"), field="households")
    if len(address) > 200:
        raise RuleViolation(_("地址最多 200 个字。"), field="address")


def next_serials(kind: str, used: Iterable[int], wanted: Iterable[int | None]) -> list[int]:
    """A serial for each wish (None: the next one). A serial once used is never given again."""
    allowed = SERIALS[kind]
    taken = set(used)
    following = max([serial for serial in taken if serial in allowed], default=allowed.start - 1) + 1
    given: list[int] = []
    for wish in wanted:
        serial = following if wish is None else wish
        if serial not in allowed:
            raise RuleViolation(
                _("这个社区的网格序号已用完（%(first)03d 至 %(last)03d）。")
                % {"first": allowed.start, "last": allowed.stop - 1}
                if wish is None
                else _("网格序号 %(serial)s 不在 %(first)03d 至 %(last)03d 之间。")
                % {"serial": serial, "first": allowed.start, "last": allowed.stop - 1},
                field="serial",
                clause=CODES_ONCE,
            )
        if serial in taken:
            raise RuleViolation(
                _("网格序号 %(serial)03d 已经用过，代码不再使用。") % {"serial": serial},
                field="serial",
                clause=CODES_ONCE,
            )
        taken.add(serial)
        following = max(following, serial + 1)
        given.append(serial)
    return given

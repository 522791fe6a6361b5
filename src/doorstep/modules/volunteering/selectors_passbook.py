"""The passbook: each line of the book of points or minutes, with why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from doorstep.kernel.ledger.selectors import Line, lines
from doorstep.kernel.shared.numerals import whole_number
from doorstep.modules.volunteering.books import EARN, EXPIRE, HOLD, TAKE_BACK
from doorstep.modules.volunteering.models import Credit, Volunteer

PAGE = 30


@dataclass(frozen=True)
class Entry:
    """A line, what it was, and the credit that it came from, where it came from one."""

    line: Line
    title: str
    credit: Credit | None

    @property
    def can_appeal(self) -> bool:
        return self.credit is not None and self.line.amount > 0


def passbook(
    volunteer: Volunteer, book: str, before: int | None, most: int = PAGE
) -> tuple[list[Entry], int | None]:
    """One page of lines, the newest first, and where the next page begins (None at the end). Two queries."""
    account = volunteer.points_id if book == "points" else volunteer.minutes_id
    found = lines(account, before=before, most=most + 1)
    shown, more = found[:most], len(found) > most
    credits = _credits(volunteer, shown)
    entries = [Entry(line, _title(line), credits.get(_session(line))) for line in shown]
    return entries, shown[-1].move if more else None


def _session(line: Line) -> int:
    kind, _sep, number = line.about.partition(":")
    return (whole_number(number) or 0) if kind == "session" else 0


def _credits(volunteer: Volunteer, shown: Sequence[Line]) -> dict[int, Credit]:
    """The last credit of each session that these lines are about."""
    sessions = {_session(line) for line in shown} - {0}
    rows = Credit.objects.filter(volunteer=volunteer, session__in=sessions).select_related(
        "session__activity"
    )
    return {row.session_id: row for row in rows.order_by("pk")}


def _title(line: Line) -> str:
    if line.reverses is not None and line.amount > 0:
        return _("退回")
    words = {EARN: _("服务计入"), TAKE_BACK: _("更正或收回"), EXPIRE: _("到期"), HOLD: _("兑换")}
    return words.get(line.kind, _("其他"))

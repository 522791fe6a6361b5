"""The published calendar of a year: taken in whole or not at all, and every provisional promise counted in it settled.

Nothing else moves a promise because of the calendar: a new release of the library's data does not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.declarations.registers import Problem
from doorstep.kernel.matters.models_deadlines import CalendarDay, CalendarYear, Deadline, Pause
from doorstep.kernel.matters.notes import SETTLED
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.matters.selectors import official_calendar
from doorstep.kernel.matters.services import locked_cases, note_cases
from doorstep.kernel.matters.steps import Case, Inputs, move
from doorstep.kernel.matters.working_days import (
    FIRST_BY_LIBRARY,
    Calendar,
    Due,
    end_of,
    last_day,
    recounted,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation

CLAUSE = gettext_lazy("《全国年节及纪念日放假办法》；每年由国务院办公厅公布具体安排")
ALWAYS_OFF = (
    (1, 1),
    (5, 1),
    (10, 1),
    (10, 2),
    (10, 3),
)  # of the holidays, those whose date is the same every year
# Weekdays off less days made up for: 9 to 13 in each of the years 2004 to 2026. Outside it a list is not a whole year's.
FEWEST_OFF, MOST_OFF = 8, 16
CHUNK = 100


@dataclass(frozen=True)
class CalendarRow:
    """One day of a published list: its row in the file, whether people work on it, and why."""

    number: int
    day: dt.date
    is_working: bool
    name: str = ""


class YearRefused(RuleViolation):
    """A list of days that is not a year's calendar; `problems` says row by row what is wrong. Nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        words = _("文件里有 %(count)d 处问题，什么都没有写入。") % {"count": len(self.problems)}
        super().__init__(words, field="file", clause=CLAUSE)


def problems_of(year: int, rows: Sequence[CalendarRow]) -> list[Problem]:
    """What keeps these rows from being the calendar of the year, in the order of the rows; the whole last (row 0)."""
    times = Counter(row.day for row in rows)
    first = {row.day: row.number for row in reversed(rows)}
    found = []
    for row in rows:
        if row.day.year != year:
            words = _("%(day)s 不在 %(year)d 年。") % {"day": row.day.isoformat(), "year": year}
            found.append(Problem(row.number, words, "day"))
        elif times[row.day] > 1 and first[row.day] != row.number:
            words = _("%(day)s 在第 %(row)d 行已经有了。") % {
                "day": row.day.isoformat(),
                "row": first[row.day],
            }
            found.append(Problem(row.number, words, "day"))
        if len(row.name) > 40:
            found.append(Problem(row.number, _("说明最多 40 字。"), "name"))
    return found or _implausible(year, {row.day: row.is_working for row in rows})


def _implausible(year: int, days: dict[dt.date, bool]) -> list[Problem]:
    found = []
    for month, number in ALWAYS_OFF:
        day = dt.date(year, month, number)
        if days.get(day, day.weekday() < 5):
            words = _("%(day)s 是法定节假日，名单里没有列为休息。") % {"day": day.isoformat()}
            found.append(Problem(0, words, "day"))
    off = sum(day.weekday() < 5 and not working for day, working in days.items())
    made_up = sum(day.weekday() >= 5 and working for day, working in days.items())
    if not FEWEST_OFF <= off - made_up <= MOST_OFF:
        words = _(
            "工作日休息 %(off)d 天、周末上班 %(made)d 天，相差应在 %(low)d 到 %(high)d 天之间；名单可能不全。"
        )
        found.append(
            Problem(0, words % {"off": off, "made": made_up, "low": FEWEST_OFF, "high": MOST_OFF})
        )  # fmt: skip
    return found


@transaction.atomic
def import_year(
    *, actor: Actor, year: int, document: str, rows: Sequence[CalendarRow], replace: bool = False
) -> bool:
    """Take a published year in; provisional promises are settled by a task right after. Returns whether it was new.

    The same list again changes nothing. Another list for a year that is there already is taken only with `replace`
    (the published arrangement was itself changed); what was settled by the first stays as it is.
    Raises YearRefused, RuleViolation naming the field, Conflict, NotAllowed.
    """
    require_place(actor, SET_TERMS, settings.HOME_PLACE)
    document = document.strip()
    if not document or len(document) > 80:
        raise RuleViolation(_("请填写公布这一年安排的文号，最多 80 字。"), field="document", clause=CLAUSE)
    if not FIRST_BY_LIBRARY <= year <= clock.today().year + 2:
        raise RuleViolation(_("年份不对，请核对。"), field="year")
    problems = problems_of(year, rows)
    if problems:
        raise YearRefused(problems)
    days = [row for row in rows if row.is_working != (row.day.weekday() < 5)]
    found, created = CalendarYear.objects.select_for_update().get_or_create(
        year=year, defaults={"document": document, "imported_at": clock.now()}
    )
    if not created:
        known = dict(CalendarDay.objects.filter(year=found).values_list("day", "is_working"))
        if known == {row.day: row.is_working for row in days}:
            return False
        if not replace:
            raise Conflict(
                _("%(year)d 年的日历已按 %(document)s 导入，内容不同。确为国家调整的，请选“更正”。")
                % {"year": year, "document": found.document}
            )
        CalendarDay.objects.filter(year=found).delete()
        found.document, found.imported_at = document, clock.now()
        found.save()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=row.day, year=found, is_working=row.is_working, name=row.name.strip()) for row in days
    )
    changes = {
        "days": sorted(row.day.isoformat() for row in days if not row.is_working),
        "made_up": sorted(row.day.isoformat() for row in days if row.is_working), "document": document,
        "corrected": not created,
    }  # fmt: skip
    record(actor, Act("matters.import_calendar", found, settings.HOME_PLACE, changes))
    _enqueue(year)
    return True


def _enqueue(year: int) -> None:
    from doorstep.kernel.matters.tasks import settle_year  # the task calls this module

    settle_year.enqueue(year)


def settle_counted_in(year: int) -> int:
    """Settle what was counted in an imported year, a hundred matters at a time; each hundred stands by itself, so a
    task that was cut off goes on when it runs again. Returns the number of matters settled."""
    after = settled = 0
    while True:
        ids = list(_counted_in([year]).filter(matter_id__gt=after)[:CHUNK])
        if not ids:
            return settled
        settled += settle_matters(ids)
        after = ids[-1]


def settle_stragglers() -> int:
    """Settle promises that started while their year was being imported, by who had not seen it yet. For the sweep."""
    years = list(CalendarYear.objects.values_list("year", flat=True))
    ids = list(_counted_in(years, due_in=True)[:CHUNK]) if years else []
    return settle_matters(ids) if ids else 0


def _counted_in(years: Iterable[int], due_in: bool = False) -> QuerySet[Any, int]:
    """Matters with a provisional promise that runs through one of the years (`due_in`: ends in it), by number."""
    wanted = Q(pk__in=[])
    for year in years:
        begins, ends = end_of(dt.date(year - 1, 12, 31)), end_of(dt.date(year, 12, 31))
        touched = Q(due_at__gt=begins, started_at__lt=ends)
        wanted |= touched & Q(due_at__lte=ends) if due_in else touched
    rows = Deadline.objects.filter(Deadline.RUNNING, wanted, provisional=True)
    return rows.order_by("matter_id").values_list("matter_id", flat=True).distinct()


@transaction.atomic
def settle_matters(matter_ids: Sequence[int]) -> int:
    """Count their provisional promises anew by the calendar as it is now. Writes only what changes."""
    actor = system_actor("calendar")
    cases, calendar = locked_cases(actor, matter_ids), official_calendar()
    provisional = [row for case in cases for row in case.deadlines if _is_open(row)]
    pauses: dict[int, list[Pause]] = {}
    for pause in Pause.objects.filter(deadline__in=provisional, ended_at__isnull=False).order_by(
        "started_at"
    ):
        pauses.setdefault(pause.deadline_id, []).append(pause)
    loud: dict[int, Inputs] = {}
    quiet: dict[int, Inputs] = {}
    for case in cases:
        moves = [
            told
            for row in case.deadlines
            if _is_open(row) and (told := _settled(case, row, pauses.get(row.pk, []), calendar))
        ]
        if moves:
            told_to = loud if any(move.before != move.after for move in moves) else quiet
            told_to[case.matter.pk] = _said(moves)
    for row, inputs in ((SETTLED, loud), (dataclasses.replace(SETTLED, tells=()), quiet)):
        some = [case for case in cases if case.matter.pk in inputs]
        if some:
            note_cases(actor, some, row, inputs, clock.now())
    return len(loud) + len(quiet)


@dataclass(frozen=True)
class _Move:
    """A promise counted anew: its words, its last day before and after, and whether that is final."""

    promise: str
    name: str
    before: dt.date
    after: dt.date
    provisional: bool


def _said(moves: Sequence[_Move]) -> Inputs:
    words = [
        (_("%(promise)s暂定在 %(day)s 前") if move.provisional else _("%(promise)s核定在 %(day)s 前"))
        % {"promise": move.name, "day": (move.after + dt.timedelta(days=1)).isoformat()}
        for move in moves
    ]
    note = _("国家已公布放假安排，期限重新核定：%(promises)s。") % {"promises": _("；").join(words)}
    days = {move.promise: [move.before.isoformat(), move.after.isoformat()] for move in moves}
    return Inputs(note=note, data={"settled": days})


def _is_open(row: Deadline) -> bool:
    return row.provisional and not row.met_at and not row.stopped_at


def _settled(case: Case, row: Deadline, pauses: Sequence[Pause], calendar: Calendar) -> _Move | None:
    """Move one promise to where the calendar puts it; None where nothing changes."""
    since = row.extended_at
    counted = recounted(
        row.started_at, row.amount, row.measure,  # type: ignore[arg-type]  # a choice of the field
        [(p.started_at, p.ended_at) for p in pauses if p.ended_at and (since is None or p.started_at >= since)],
        calendar, fixed=row.extended_to,
    )  # fmt: skip
    if counted == Due(row.due_at, row.provisional):
        return None
    before = last_day(row.due_at)
    move(case, row, counted)
    return _Move(row.clock, row.promise, before, last_day(row.due_at), row.provisional)

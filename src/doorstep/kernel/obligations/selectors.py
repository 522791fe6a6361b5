"""Reading what is owed: the state of each occurrence is read from its row and the day, and stands nowhere."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Func, Q, QuerySet
from django.db.models.functions import Left
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.obligations.meetings import MEETINGS
from doorstep.kernel.obligations.models import Exemption, Minutes, Occurrence, Rule, UnitCalendar
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, within

EXEMPT, KEPT, LATE, OVERDUE, DUE, AHEAD = "exempt", "kept", "late", "overdue", "due", "ahead"
STATE_NAMES: dict[str, Promise] = {
    KEPT: _("按期办理"), LATE: _("逾期补办"), OVERDUE: _("逾期未办"), DUE: _("正在办理期"), AHEAD: _("未到办理期"),
    EXEMPT: _("已豁免"),
}  # fmt: skip


def state_of(row: Occurrence, today: dt.date) -> str:
    """The state of one row on a day; the same rule as `in_state`."""
    if row.exemption_id is not None:
        return EXEMPT
    if row.proved_on is not None:
        return KEPT if row.proved_on <= row.closes_on else LATE
    if row.closes_on < today:
        return OVERDUE
    return DUE if row.opens_on <= today else AHEAD


def in_state(state: str, today: dt.date) -> Q:
    """Condition on occurrences: in this state on the day."""
    open_ = Q(exemption__isnull=True, proof__isnull=True)
    proved = Q(exemption__isnull=True, proof__isnull=False)
    conditions = {
        EXEMPT: Q(exemption__isnull=False),
        KEPT: proved & Q(proved_on__lte=F("closes_on")),
        LATE: proved & Q(proved_on__gt=F("closes_on")),
        OVERDUE: open_ & Q(closes_on__lt=today),
        DUE: open_ & Q(closes_on__gte=today, opens_on__lte=today),
        AHEAD: open_ & Q(closes_on__gte=today, opens_on__gt=today),
    }
    return conditions[state]


@dataclass(frozen=True)
class YearLine:
    """One rule in a unit's year: what it asks for, in order."""

    rule: Rule
    rows: tuple[Occurrence, ...]


@dataclass(frozen=True)
class UnitYear:
    """What a unit owes in a year, rule by rule, and how many of them are in each state."""

    year: int
    lines: tuple[YearLine, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def year_of_unit(actor: Actor, unit_id: int, year: int) -> UnitYear:
    """What falls due in the year. One query; rows have `.state`."""
    today = clock.today()
    seen = policy_for(Occurrence).visible_to(actor)
    rows = seen.filter(unit_id=unit_id, ends_on__gte=dt.date(year, 1, 1), ends_on__lte=dt.date(year, 12, 31))
    by_code: dict[str, list[Occurrence]] = defaultdict(list)
    counts: dict[str, int] = dict.fromkeys(STATE_NAMES, 0)
    for row in rows.select_related("rule", "proof__minutes", "exemption", "matter").order_by(
        "ends_on", "code"
    ):
        row.state = state_of(row, today)
        counts[row.state] += 1
        by_code[row.code].append(row)
    lines = [YearLine(found[-1].rule, tuple(found)) for found in by_code.values()]
    lines.sort(key=lambda line: (-len(line.rows), line.rule.code))
    return UnitYear(year, tuple(lines), counts)


@dataclass(frozen=True)
class Owed:
    """Of one rule, or one place, what was to be done in the days asked for: how many, and what became of them."""

    key: str
    counts: dict[str, int]

    @property
    def over(self) -> int:
        """Those whose time is up, the exempt ones apart."""
        return sum(self.counts.get(state, 0) for state in (KEPT, LATE, OVERDUE))

    @property
    def rate(self) -> float | None:
        """Kept in time of those whose time is up, in per cent; None where there is none."""
        return 100 * self.counts.get(KEPT, 0) / self.over if self.over else None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def owed_by_rule(actor: Actor, place_code: str, since: dt.date, until: dt.date) -> list[Owed]:
    """What falls due in the days (both included) in the place, by rule. One query."""
    return _counted(_due_in(actor, place_code, since, until), F("code"))


def owed_by_place(actor: Actor, place_code: str, since: dt.date, until: dt.date) -> list[Owed]:
    """The same by the places one level below. One query."""
    below = level_below(place_code)
    length = LENGTHS[below] if below else len(place_code)
    return _counted(_due_in(actor, place_code, since, until), Left("place_code", length))


def owed_by_unit(
    actor: Actor, place_code: str, since: dt.date, until: dt.date, *, alone: bool = False
) -> list[Owed]:
    """The same by unit; `key` is its number. `alone`: of units that stand at the place itself, and not in one below. One query."""
    rows = _due_in(actor, place_code, since, until)
    return _counted(rows.filter(place_code=place_code) if alone else rows, F("unit_id"))


def _due_in(actor: Actor, place_code: str, since: dt.date, until: dt.date) -> QuerySet[Any]:
    rows = policy_for(Occurrence).visible_to(actor).filter(within("place_code", [place_code]))
    return rows.filter(due_on__gte=since, due_on__lte=until)


def overdue_in(actor: Actor, place_code: str, since: dt.date, until: dt.date) -> QuerySet[Any]:
    """What fell due in the days and closed without a record, the oldest first."""
    rows = _due_in(actor, place_code, since, until).filter(in_state(OVERDUE, clock.today()))
    return rows.select_related("rule", "matter").order_by("due_on", "place_code", "pk")


def _counted(rows: QuerySet[Any], key: F | Func) -> list[Owed]:
    today = clock.today()
    asked = {state: Count("pk", filter=in_state(state, today)) for state in STATE_NAMES}
    found = rows.annotate(key=key).values("key").annotate(**asked).order_by("key")
    return [Owed(str(row["key"]), {state: row[state] for state in STATE_NAMES}) for row in found]


def rules_named(codes: Iterable[str]) -> dict[str, Rule]:
    """The latest version of each rule."""
    return {row.code: row for row in Rule.objects.filter(code__in=set(codes)).order_by("valid_from")}


def meetings_of(unit_kind: str) -> list[str]:
    """Kinds of meeting that the rules in force ask of units of this kind; all of them where none does. One query."""
    rows = Rule.objects.in_force().filter(unit_kinds__contains=[unit_kind])
    asked = set(rows.values_list("proof", flat=True))
    return [kind for kind in MEETINGS if kind in asked] or list(MEETINGS)


def last_minutes(unit_id: int, kind: str) -> Minutes | None:
    """The unit's latest minutes of the kind: what a form starts from."""
    rows = Minutes.objects.filter(unit_id=unit_id, kind=kind, cancelled_at=None)
    return rows.order_by("-day", "-pk").first()


def unit_of_calendar(token_digest: str) -> int | None:
    """Whose secret address it is."""
    return UnitCalendar.objects.filter(token_digest=token_digest).values_list("unit_id", flat=True).first()


def on_calendar(unit_id: int) -> list[Occurrence]:
    """What goes into the unit's calendar: of the last three months and to come. For whoever has the address."""
    since = clock.today() - dt.timedelta(days=92)
    rows = Occurrence.objects.filter(unit_id=unit_id, due_on__gte=since).select_related("rule", "proof")
    return list(rows.order_by("due_on", "code"))


def exemptions_of(actor: Actor, unit_id: int) -> Sequence[Exemption]:
    """Of a unit, newest first."""
    return list(policy_for(Exemption).visible_to(actor).filter(unit_id=unit_id).order_by("-pk")[:20])

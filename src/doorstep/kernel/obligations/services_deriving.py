"""What is owed, derived ahead in sets: the days of each rule are counted once, and joined to the units that owe.

What is past stands as it was derived: only what has not closed yet follows a change of rule, unit or calendar.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.selectors import official_calendar
from doorstep.kernel.obligations.models import Rule
from doorstep.kernel.obligations.rules import Period, Terms, WorkingDays, periods_of
from doorstep.kernel.obligations.services_linking import LOCK, in_sets, link
from doorstep.kernel.obligations.services_supervision import settle, unsettled
from doorstep.kernel.shared import clock

_DAYS = """CREATE TEMP TABLE obligation_days (
    rule_id bigint, code varchar COLLATE "C", starts_on date, ends_on date, opens_on date, due_on date, closes_on date,
    mends_until date, provisional boolean, stands_on date
) ON COMMIT DROP"""
# Units that owe: of the rule's kinds, standing in its place, with somebody in its post where it names one; there for the whole
# period, and where they stand on its last day, or today while it runs.
_OWING = """CREATE TEMP TABLE obligation_owed ON COMMIT DROP AS
SELECT d.rule_id, d.code, v.unit_id, v.place_code, d.starts_on, d.ends_on, d.opens_on, d.due_on, d.closes_on, d.mends_until,
    d.provisional
FROM obligation_days d
JOIN obligations_rule r ON r.id = d.rule_id
JOIN organisations_unitversion v ON v.kind = ANY(r.unit_kinds)
    AND v.valid_from <= d.stands_on AND (v.valid_to IS NULL OR v.valid_to > d.stands_on)
    AND v.place_code >= r.place_code AND v.place_code < r.place_code || ':'
JOIN organisations_unit u ON u.id = v.unit_id
    AND u.founded_on <= d.starts_on AND (u.ended_on IS NULL OR u.ended_on > d.ends_on)
WHERE r.post = '' OR EXISTS (
    SELECT FROM organisations_appointment a WHERE a.unit_id = v.unit_id AND a.post = r.post
        AND a.valid_from <= d.stands_on AND (a.valid_to IS NULL OR a.valid_to > d.stands_on)
)"""
_NO_LONGER = """DELETE FROM obligations_occurrence o
WHERE o.code = ANY(%s) AND o.closes_on >= %s AND o.proof_id IS NULL AND o.exemption_id IS NULL AND o.matter_id IS NULL
    AND NOT EXISTS (
        SELECT FROM obligation_owed w WHERE w.unit_id = o.unit_id AND w.code = o.code AND w.starts_on = o.starts_on
    )"""
_MOVED = """UPDATE obligations_occurrence o SET rule_id = w.rule_id, place_code = w.place_code, ends_on = w.ends_on,
    opens_on = w.opens_on, due_on = w.due_on, closes_on = w.closes_on, mends_until = w.mends_until, provisional = w.provisional
FROM obligation_owed w
WHERE o.unit_id = w.unit_id AND o.code = w.code AND o.starts_on = w.starts_on AND o.closes_on >= %s
    AND (o.rule_id, o.place_code, o.ends_on, o.opens_on, o.due_on, o.closes_on, o.mends_until, o.provisional) IS DISTINCT FROM
        (w.rule_id, w.place_code, w.ends_on, w.opens_on, w.due_on, w.closes_on, w.mends_until, w.provisional)"""
_NEW = """INSERT INTO obligations_occurrence (
    rule_id, code, unit_id, place_code, starts_on, ends_on, opens_on, due_on, closes_on, mends_until, provisional)
SELECT w.rule_id, w.code, w.unit_id, w.place_code, w.starts_on, w.ends_on, w.opens_on, w.due_on, w.closes_on, w.mends_until,
    w.provisional
FROM obligation_owed w ON CONFLICT (unit_id, code, starts_on) DO NOTHING"""
_EXEMPT = """UPDATE obligations_occurrence o SET exemption_id = e.id FROM obligations_exemption e
WHERE e.withdrawn_at IS NULL AND e.unit_id = o.unit_id AND e.code = o.code AND o.due_on BETWEEN e.since AND e.until
    AND o.exemption_id IS NULL AND o.proof_id IS NULL AND o.closes_on >= %s"""


@dataclass(frozen=True)
class Derived:
    """What a derivation changed."""

    new: int = 0
    gone: int = 0
    moved: int = 0
    linked: int = 0


@transaction.atomic
def derive(*, actor: Actor, codes: Iterable[str] | None = None, since: dt.date | None = None) -> Derived:
    """Derive what is owed by these rules (all) until the end of next year. `since`: from what closes on this day on, default
    today. Asked again it changes nothing. A step of the platform, or of a service that has asked who may.

    One at a time: who comes second finds what the first one wrote.
    """
    since = since or clock.today()
    with connection.cursor() as cursor, in_sets(cursor):
        cursor.execute(LOCK)
        versions = _versions(codes)
        _lay_down(cursor, versions, since)
        counts = [_count(cursor, _NO_LONGER, [list(versions), since])]
        counts += [_count(cursor, _MOVED, [since]), _count(cursor, _NEW, [])]
        cursor.execute(_EXEMPT, [since])
    gone, moved, new = counts
    linked = link() if new or moved else 0
    settle(unsettled())
    return Derived(new, gone, moved, linked)


def _lay_down(cursor: Any, versions: Mapping[str, Sequence[Terms]], since: dt.date) -> None:
    """What is owed by these versions, as a table of this transaction."""
    today, calendar = clock.today(), working_days()
    until = dt.date(today.year + 1, 12, 31)
    cursor.execute("DROP TABLE IF EXISTS obligation_days, obligation_owed")
    cursor.execute(_DAYS)
    with cursor.copy("COPY obligation_days FROM STDIN") as out:
        for code, rows in versions.items():
            for period in periods_of(rows, until, calendar):
                if period.closes_on >= since:
                    out.write_row(_day_row(code, period, today))
    cursor.execute("ANALYZE obligation_days")
    cursor.execute(_OWING)
    cursor.execute("ANALYZE obligation_owed")


def _count(cursor: Any, statement: str, values: list[Any]) -> int:
    cursor.execute(statement, values)
    return int(cursor.rowcount)


def _versions(codes: Iterable[str] | None) -> dict[str, list[Terms]]:
    rows = Rule.objects.order_by("code", "valid_from")
    if codes is not None:
        rows = rows.filter(code__in=set(codes))
    found: dict[str, list[Terms]] = defaultdict(list)
    for row in rows:
        found[row.code].append(terms_of(row))
    return dict(found)


def terms_of(rule: Rule) -> Terms:
    """A version as its days are counted."""
    return Terms(
        rule.pk or 0, rule.rhythm, rule.valid_from, rule.valid_to, rule.roll, rule.window, rule.grace  # type: ignore[arg-type]  # a choice of the field
    )  # fmt: skip


def working_days() -> WorkingDays:
    """The official calendar, as rules count on it. Two queries."""
    calendar = official_calendar()
    return WorkingDays(calendar.is_working, calendar.is_known)


def _day_row(code: str, period: Period, today: dt.date) -> tuple[object, ...]:
    stands_on = max(period.starts_on, min(today, period.ends_on))
    return (
        period.rule_id, code, period.starts_on, period.ends_on, period.opens_on, period.due_on, period.closes_on,
        period.mends_until, period.provisional, stands_on,
    )  # fmt: skip

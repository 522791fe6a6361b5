"""What 10,000 units owe over three years: deriving it, deriving it anew, joining it to records, and asking for it, against
the same rows moved by bare SQL."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from bench.measuring import DEMO_DAY, Measured, Stage, bench
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.obligations.models import Occurrence, Rule
from doorstep.kernel.obligations.selectors import STATE_NAMES, owed_by_rule
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_linking import link
from doorstep.kernel.shared import clock
from doorstep.launch import databases

DISTRICT, UNITS, MONTHS = "210202", 10_000, 36
SINCE = dt.date(2025, 1, 10)  # what closes from here on: three years of months, until the end of 2027
ACTOR = system_actor("bench")
MONTHLY, MID_MONTH = "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=15"

UNIT_ROWS = f"""INSERT INTO organisations_unit (kind, credit_code, founded_on, lock_version)
    SELECT 'building_party_group', '', '2020-01-01', 1 FROM generate_series(1, {UNITS})"""
VERSIONS = """INSERT INTO organisations_unitversion (
        unit_id, kind, place_code, valid_from, name, pinyin, initials, approved_by, document, phone, hours, address)
    SELECT id, kind, '210202' || lpad((1 + id % 8)::text, 3, '0') || lpad((1 + id / 8 % 8)::text, 3, '0'), founded_on,
        'g' || id, 'g' || id, 'g', '', '', '', '', '' FROM organisations_unit"""
# one record a month of each unit for ten months
PROOFS = """INSERT INTO obligations_proof (kind, unit_id, place_code, day, merits)
    SELECT 'group', unit_id, place_code, date '2025-06-03' + (unit_id % 20)::int + (n * interval '1 month'), '{quorum}'
    FROM organisations_unitversion, generate_series(0, 9) n"""
RAW_JOIN = """UPDATE obligations_occurrence o SET proof_id = p.id, proved_on = p.day FROM obligations_proof p
    WHERE p.unit_id = o.unit_id AND p.kind = 'group' AND p.day BETWEEN o.starts_on AND o.due_on"""
OWED = """SELECT code,
    count(*) FILTER (WHERE exemption_id IS NOT NULL),
    count(*) FILTER (WHERE exemption_id IS NULL AND proved_on <= closes_on),
    count(*) FILTER (WHERE exemption_id IS NULL AND proved_on > closes_on),
    count(*) FILTER (WHERE exemption_id IS NULL AND proved_on IS NULL AND closes_on < %(today)s),
    count(*) FILTER (WHERE exemption_id IS NULL AND proved_on IS NULL AND closes_on >= %(today)s AND opens_on <= %(today)s),
    count(*) FILTER (WHERE exemption_id IS NULL AND proved_on IS NULL AND closes_on >= %(today)s AND opens_on > %(today)s)
FROM obligations_occurrence WHERE place_code >= '210202' AND place_code < '210202:' AND due_on BETWEEN %(since)s AND %(until)s
GROUP BY 1 ORDER BY 1"""


def _fill() -> None:
    """The units, and one rule of months."""
    with connection.cursor() as cursor:
        for statement in (UNIT_ROWS, VERSIONS):
            cursor.execute(statement)
    Rule.objects.exclude(code="group").update(unit_kinds=["merchant"])
    Rule.objects.update(place_code=DISTRICT, grace=0)
    _tell_the_planner()


def _tell_the_planner() -> None:
    with databases.connect("owner", connection.settings_dict["NAME"]) as owner:
        owner.execute("VACUUM ANALYZE")  # as the server does by itself after a while


def _undone(call: Callable[[], Any]) -> float:
    """Seconds of a call with all its constraints, taken back afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        began = time.perf_counter()
        call()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


def _best(ours: Callable[[], Any], bare: Callable[[], Any], repeats: int = 3) -> tuple[float, float]:
    best = [float("inf"), float("inf")]
    for _ in range(repeats):
        for side, call in enumerate((ours, bare)):
            best[side] = min(best[side], _undone(call))
            _tell_the_planner()  # what was taken back lies about
    return best[0], best[1]


def _run(statement: str) -> Callable[[], None]:
    def call() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return call


def _copy_made(condition: str = "TRUE") -> str:
    """A table with the same columns, indexes and checks, and the statement that fills it with the rows of `condition`."""
    columns = ", ".join(field.column for field in Occurrence._meta.concrete_fields)
    with databases.connect("owner", connection.settings_dict["NAME"]) as owner:
        owner.execute("DROP TABLE IF EXISTS bench_copy, bench_rows")
        owner.execute(f"CREATE TABLE bench_rows AS SELECT * FROM obligations_occurrence WHERE {condition}")
        owner.execute("CREATE TABLE bench_copy (LIKE obligations_occurrence INCLUDING ALL)")
        for table, column in (("rule", "rule_id"), ("proof", "proof_id"), ("exemption", "exemption_id")):
            owner.execute(
                f"ALTER TABLE bench_copy ADD FOREIGN KEY ({column}) REFERENCES obligations_{table} (id) DEFERRABLE INITIALLY DEFERRED"
            )
        owner.execute(
            "ALTER TABLE bench_copy ADD FOREIGN KEY (unit_id) REFERENCES organisations_unit (id) DEFERRABLE INITIALLY DEFERRED"
        )
        owner.execute("GRANT ALL ON bench_copy, bench_rows TO PUBLIC")
    return f"INSERT INTO bench_copy ({columns}) SELECT {columns} FROM bench_rows"


@bench("what 10,000 units owe over three years derived, against INSERT … SELECT of the rows", aim=3)
def deriving(stage: Stage) -> Measured:
    with stage.empty(), clock.fixed(DEMO_DAY):
        _fill()
        derive(actor=ACTOR, since=SINCE)
        rows = Occurrence.objects.count()
        assert rows == UNITS * MONTHS, rows
        bare = _copy_made()
        Occurrence.objects.all().delete()
        _tell_the_planner()
        best = _best(lambda: derive(actor=ACTOR, since=SINCE), _run(bare))
        return Measured(*best, note=f"{rows:,} rows with all indexes and foreign keys on both sides")


@bench("what is owed derived anew after a rule changed, against INSERT … SELECT of the new rows", aim=3)
def deriving_anew(stage: Stage) -> Measured:
    with stage.empty(), clock.fixed(DEMO_DAY):
        _fill()
        derive(actor=ACTOR, since=SINCE)
        changed = dt.date(2026, 6, 20)
        old = Rule.objects.get(code="group")
        Rule.objects.filter(pk=old.pk).update(valid_to=changed)
        old.pk, old.version, old.valid_from, old.rhythm = None, 2, changed, MID_MONTH
        old.save()

        def ours() -> None:
            derived = derive(actor=ACTOR, codes=["group"])
            assert derived.gone == 18 * UNITS and derived.new == 18 * UNITS, derived

        bare = _copy_made("starts_on > '2026-07-01'")
        _tell_the_planner()
        best = _best(ours, _run(bare))
        return Measured(*best, note=f"{18 * UNITS:,} rows gone and {18 * UNITS:,} new")


@bench("100,000 records joined to what they prove, against the raw join", aim=2)
def linking(stage: Stage) -> Measured:
    with stage.empty(), clock.fixed(DEMO_DAY):
        _fill()
        derive(actor=ACTOR, since=SINCE)
        _run(PROOFS)()
        _tell_the_planner()

        def ours() -> None:
            assert link() == 10 * UNITS

        best = _best(ours, _run(RAW_JOIN))
        return Measured(*best, note=f"{10 * UNITS:,} of {UNITS * MONTHS:,} rows")


@bench("what a district owes at a million occurrences, against hand-written SQL", aim=2)
def asking(stage: Stage) -> Measured:
    with stage.empty(), clock.fixed(DEMO_DAY):
        _fill()
        Rule.objects.filter(code__in=("assembly", "feedback", "committee")).update(
            unit_kinds=["building_party_group"], rhythm=MONTHLY, post=""
        )
        derive(actor=ACTOR, since=SINCE)
        _run(PROOFS)()
        link()
        _tell_the_planner()
        rows, since, until = Occurrence.objects.count(), dt.date(2025, 1, 1), dt.date(2027, 12, 31)
        assert rows > 1_000_000

        def by_hand() -> list[Any]:
            with connection.cursor() as cursor:
                cursor.execute(OWED, {"today": DEMO_DAY, "since": since, "until": until})
                return cursor.fetchall()

        def ours() -> list[Any]:
            return owed_by_rule(ACTOR, DISTRICT, since, until)

        states = ("exempt", "kept", "late", "overdue", "due", "ahead")
        assert set(states) == set(STATE_NAMES)
        assert [(row.key, *(row.counts[state] for state in states)) for row in ours()] == by_hand()
        return Measured(*_best(ours, by_hand, repeats=5), note=f"{rows:,} occurrences")

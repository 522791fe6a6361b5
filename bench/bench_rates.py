"""The three rates of a district over a million call-backs, against the same two questions written by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from bench.measuring import DEMO_DAY, Measured, Stage, bench, in_turn
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import NewMatter, open_matter
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import level_of, parent_of
from doorstep.launch import databases
from doorstep.modules.requests.selectors_rates import rates_by_place

DISTRICT, STREETS, COMMUNITIES = "210202", 8, 8
MATTERS, OUTCOMES = 200_000, 5  # each matter was closed and called back five times
SINCE = dt.date(2025, 6, 1)

PLACE = (
    f"'{DISTRICT}' || lpad((1 + n % {STREETS})::text, 3, '0') || lpad((1 + n / {STREETS} % {COMMUNITIES})::text, 3, '0')"
    " || '001'"
)
MOMENT = "timestamptz '2025-06-02 04:00Z' + (n % 360) * interval '1 day'"
HISTORY = f"""INSERT INTO matters_history (matter_id, number, name, source, target, at, note, internal, data)
    SELECT id, k, 'verify', 'handled', 'closed', opened_at, '', '', '{{}}'
    FROM matters_matter, generate_series(2, {OUTCOMES + 1}) k"""
REQUESTS = """INSERT INTO requests_request (
        matter_id, item_from, on_the_spot, anonymous, for_whom, routing, not_the_same, own_number)
    SELECT id, 'unknown', false, false, '', '', '{}', '' FROM matters_matter ON CONFLICT DO NOTHING"""
CALL_BACKS = f"""INSERT INTO requests_callback (request_id, closing, place_code, at, valid, invalid_reason, contacted, solved,
        satisfaction, words)
    SELECT id, k, place_code, opened_at, true, '', id % 10 > 0, id % 7 > 0, 1 + id % 5, ''
    FROM matters_matter, generate_series(2, {OUTCOMES + 1}) k"""
CALLED = """
SELECT left(place_code, 9), count(*), count(*) FILTER (WHERE valid), count(*) FILTER (WHERE valid AND contacted),
    count(*) FILTER (WHERE valid AND solved), count(*) FILTER (WHERE valid AND satisfaction >= 4),
    count(*) FILTER (WHERE valid AND satisfaction = 3)
FROM requests_callback WHERE place_code >= %s AND place_code < %s AND at >= %s AND at < %s GROUP BY 1
"""
CLOSED = """
SELECT left(m.place_code, 9), count(*), count(c.id)
FROM matters_history h JOIN matters_matter m ON m.id = h.matter_id
LEFT JOIN requests_callback c ON c.request_id = h.matter_id AND c.closing = h.number AND c.valid
WHERE h.name IN ('verify', 'on_the_spot') AND h.at >= %s AND h.at < %s AND m.kind = 'request'
    AND m.place_code >= %s AND m.place_code < %s GROUP BY 1
"""


def _fill() -> None:
    streets = [f"{DISTRICT}{number:03d}" for number in range(1, STREETS + 1)]
    for code in ["21", "2102", DISTRICT, *streets]:
        Area.objects.get_or_create(
            code=code,
            defaults={
                "level": level_of(code),
                "parent_id": parent_of(code),
                "edition": 2023,
                **name_keys(code),
            },
        )
    new = NewMatter(kind="request", place_code=f"{DISTRICT}001001001", title="演示", source="phone")
    open_matter(actor=system_actor("bench"), new=new)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_many_like_the_first(), HISTORY, REQUESTS, CALL_BACKS):
            cursor.execute(statement)
    with databases.connect("owner", connection.settings_dict["NAME"]) as owner:
        owner.execute("VACUUM ANALYZE")  # as the server does by itself after a while


def _many_like_the_first() -> str:
    """Closed matters of all places and days, in everything else like the one there is."""
    own = {
        "place_code": PLACE, "opened_at": MOMENT, "state_since": MOMENT, "closed_at": MOMENT, "state": "'closed'",
        "is_open": "false", "version": str(OUTCOMES + 1), "key": "gen_random_uuid()", "due_at": "NULL",
    }  # fmt: skip
    columns = [
        field.column
        for field in Matter._meta.concrete_fields
        if not field.generated and not field.primary_key
    ]
    values = ", ".join(own.get(column, column) for column in columns)
    first = f"(SELECT * FROM matters_matter LIMIT 1) AS first, generate_series(1, {MATTERS}) n"
    return f"INSERT INTO matters_matter ({', '.join(columns)}) SELECT {values} FROM {first}"


def _by_hand() -> tuple[list[Any], list[Any]]:
    begin = dt.datetime(2025, 5, 31, 16, tzinfo=dt.UTC)
    end = dt.datetime.combine(DEMO_DAY, dt.time(16), dt.UTC)
    inside = (DISTRICT, DISTRICT + ":")
    with connection.cursor() as cursor:
        cursor.execute(CALLED, [*inside, begin, end])
        called = cursor.fetchall()
        cursor.execute(CLOSED, [begin, end, *inside])
        return called, cursor.fetchall()


@bench("three rates of a district by street, against hand-written SQL", aim=2)
def three_rates(stage: Stage) -> Measured:
    with stage.empty():
        _fill()
        actor = system_actor("bench")

        def ours() -> Any:
            return rates_by_place(actor, DISTRICT, SINCE, DEMO_DAY)

        called, closed = _by_hand()
        parts = {part.key: part.rates.counts for part in ours()}
        assert {code: parts[code].valid for code in parts} == {row[0]: row[2] for row in called}
        assert sum(part.closed for part in parts.values()) == sum(row[1] for row in closed)
        total = sum(row[2] for row in called)
        best = in_turn(ours, _by_hand, repeats=3)
        return Measured(*best, note=f"{total:,} valid call-backs of {MATTERS:,} requests")

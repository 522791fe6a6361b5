"""A million matters of a district, laid down by SQL in a bench's own database: places, days, words and who holds them
as in a real one, a tenth still open. The rules of opening one are measured elsewhere; here they would take an hour."""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg

from doorstep.kernel.matters.rules import bigrams_of, sought_of
from doorstep.launch import databases
from doorstep.launch.database_urls import cluster
from doorstep.modules.requests.suggestion import SENTENCES, read_labelled

TEXTS = 20_000
STREETS = ("春和街", "长江路", "朝阳街", "解放路", "胜利巷", "人民路", "同兴里", "北斗街", "南山路", "海港巷")

# r spreads a row's number over 0…1 without a pattern; its powers make some places busier than others
ROWS = """
WITH places AS (
    SELECT g.code, row_number() OVER (ORDER BY md5(g.code)) - 1 AS at, community.unit_id AS committee,
        street.unit_id AS office, worker.person_id AS worker
    FROM places_grid g
    JOIN organisations_unitversion community ON community.kind = 'residents_committee'
        AND community.place_code = left(g.code, 12) AND community.valid_to IS NULL
    JOIN organisations_unitversion street ON street.kind = 'street_office'
        AND street.place_code = left(g.code, 9) AND street.valid_to IS NULL
    LEFT JOIN LATERAL (
        SELECT a.person_id FROM organisations_appointment a
        JOIN organisations_appointmentplace p ON p.appointment_id = a.id AND p.code = g.code
        WHERE a.post = 'grid_worker' AND a.valid_to IS NULL ORDER BY a.id LIMIT 1
    ) worker ON true
    WHERE g.code LIKE '210202%' AND g.valid_to IS NULL
), spread AS (
    SELECT n, ((n * 2654435761::bigint) % 1000003) / 1000003.0 AS r, n % 10 = 0 AS is_open,
        timestamptz '2026-06-14 12:00Z' - (({number} - n) * interval '730 days' / {number}) AS opened
    FROM generate_series(1, {number}) n
)
INSERT INTO matters_matter (
    kind, state, is_open, place_code, title, text, item, category, urgency, confidentiality, source, address, holder_id,
    asked_id, handler_id, opened_at, state_since, closed_at, due_at, due_is_provisional, escalation, version, key, sought,
    bigrams
)
SELECT 'request', CASE WHEN NOT is_open THEN 'closed' WHEN n % 40 = 0 THEN 'reported' ELSE 'in_progress' END, is_open,
    p.code, w.title, w.text, w.item, w.category,
    CASE WHEN n % 50 = 0 THEN 'urgent' ELSE 'normal' END, CASE WHEN n % 200 = 0 THEN 'sealed' ELSE 'internal' END,
    (ARRAY['phone', 'worker', 'hotline', 'counter'])[1 + n % 4], w.address,
    CASE WHEN n % 30 = 0 THEN p.office ELSE p.committee END, CASE WHEN n % 70 = 0 THEN p.office END,
    CASE WHEN n % 40 <> 0 THEN p.worker END, opened, opened, CASE WHEN NOT is_open THEN opened + r * interval '9 days' END,
    CASE WHEN is_open AND n % 90 <> 0 THEN timestamptz '2026-06-15 04:00Z' + (r - 0.2) * interval '10 days' END,
    false, 0, CASE WHEN is_open THEN 1 ELSE 4 END, gen_random_uuid(), w.sought, w.bigrams
FROM spread
JOIN places p ON p.at = floor(power(r, 1.3) * (SELECT count(*) FROM places))
JOIN bench_words w ON w.at = (n * 7919::bigint) % {texts}
"""


def lay_down(database: str, number: int) -> None:
    """This many matters in `database`, the indexes made afterwards, the planner told."""
    with cluster().connect_superuser(database) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger looks at them
        connection.execute("SET maintenance_work_mem = '512MB'")
        _words(connection)
        made = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'matters_matter' AND indexdef NOT LIKE '%UNIQUE%'"
        ).fetchall()
        for name, _definition in made:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(ROWS.format(number=number, texts=TEXTS))
        for _name, definition in made:
            connection.execute(definition)
        connection.execute("DROP TABLE bench_words")
    with databases.connect("owner", database) as owner:
        owner.execute("VACUUM ANALYZE matters_matter")  # as the server does by itself after a while


def _words(connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE UNLOGGED TABLE bench_words (at bigint PRIMARY KEY, title text, text text, item text, category text,"
        " address text, sought text, bigrams varchar(2)[])"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY bench_words FROM STDIN") as out,
    ):
        for row in _texts():
            out.write_row(row)


def _texts() -> Iterator[tuple[object, ...]]:
    """Sentences people wrote, each at some address: what a search goes through."""
    chance, said = random.Random(1), read_labelled(SENTENCES)
    categories = ["dispute", "security", "safety", "environment", "livelihood", "opinion", "other"]
    for at in range(TEXTS):
        (item, first), (_other, second) = chance.choice(said), chance.choice(said)
        address = f"{chance.choice(STREETS)}{chance.randint(1, 240)}号{chance.randint(1, 6)}单元"
        title, text = first[:20], f"{first}{second}"
        sought = sought_of(title, text, address)
        yield at, title, text, item, chance.choice(categories), address, sought, bigrams_of(sought)

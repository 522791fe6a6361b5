"""What would meet one new need among 10,000 resources, with the reasons, against a bare sort of them all by distance."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from bench.measuring import DEMO_DAY, Measured, Stage, bench
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.launch import databases
from doorstep.modules.partnership.models_lists import Need
from doorstep.modules.partnership.selectors_matching import suggestions_for

RESOURCES, UNITS, SHOWN = 10_000, 2_000, 12
EAST, NORTH, PLACE = 121.65, 38.91, "210202005011001"

UNIT_ROWS = f"""INSERT INTO organisations_unit (kind, credit_code, founded_on, lock_version)
    SELECT 'company', '', '2020-01-01', 1 FROM generate_series(1, {UNITS})"""
VERSIONS = """INSERT INTO organisations_unitversion (
        unit_id, kind, place_code, valid_from, name, pinyin, initials, approved_by, document, phone, hours, address)
    SELECT id, kind, '210202005011', founded_on, 'u' || id, 'u' || id, 'u', '', '', '', '', '' FROM organisations_unit"""
AGREEMENTS = """INSERT INTO partnership_agreement (unit_id, place_code, valid_from, valid_to, about, document, end_reason)
    SELECT id, '210202005', '2025-01-01', '2027-01-01', 'a', 'd' || id, '' FROM organisations_unit"""
RESOURCE_ROWS = f"""INSERT INTO partnership_resource (
        unit_id, place_code, resource_class, name, about, capacity, weekdays, opens, closes, price, price_words, longitude, latitude,
        located, valid_from, lock_version)
    SELECT (SELECT min(id) FROM organisations_unit) + n % {UNITS}, '210202005011',
        (ARRAY['space', 'skill', 'goods', 'funds', 'information', 'culture', 'health'])[1 + n % 7], 'r' || n, '', 1 + n % 3,
        1 + n % 127, 480, 1080, 'welfare', '', {EAST} + (n * 7919 % 10007 - 5000) * 5e-6, {NORTH} + (n * 104729 % 10007 - 5000) * 4e-6,
        true, '2025-01-01', 1 FROM generate_series(1, {RESOURCES}) n"""
AREAS = "INSERT INTO partnership_resourcearea (resource_id, code) SELECT id, '210202005' FROM partnership_resource"
BARE = """SELECT id, unit_id, name FROM partnership_resource
    ORDER BY (longitude - %s) ^ 2 * 0.6 + (latitude - %s) ^ 2 LIMIT %s"""


def _fill() -> None:
    with connection.cursor() as cursor:
        for statement in (UNIT_ROWS, VERSIONS, AGREEMENTS, RESOURCE_ROWS, AREAS):
            cursor.execute(statement)
    with databases.connect("owner", connection.settings_dict["NAME"]) as owner:
        owner.execute("VACUUM ANALYZE")


def _best(call: Callable[[], Any], repeats: int = 20) -> float:
    best = float("inf")
    for _each in range(repeats):
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best


@bench("match suggestions for one new need among 10,000 resources, against a bare distance sort", aim=3)
def suggesting(stage: Stage) -> Measured:
    with stage.empty(), clock.fixed(DEMO_DAY):
        _fill()
        matter = Matter(place_code=PLACE, longitude=EAST, latitude=NORTH, state="published")
        need = Need(
            matter=matter,
            resource_class="space",
            people=20,
            units=1,
            weekdays=127,
            opens=540,
            closes=1020,
            minutes_needed=60,
            located=True,
        )
        found = suggestions_for(need)
        assert len(found.fitting) == SHOWN and all(one.reason for one in found.fitting)

        def bare() -> list[Any]:
            with connection.cursor() as cursor:
                cursor.execute(BARE, [EAST, NORTH, SHOWN])
                return cursor.fetchall()

        assert len(bare()) == SHOWN
        note = f"{RESOURCES:,} resources; class, area, hours, distance and seats, each with its reason"
        return Measured(_best(lambda: suggestions_for(need)), _best(bare), note=note)

"""Places: the national import, pages of a subtree, point to place. Each against the bare thing beneath it.

The national list is made up with the numbers and shapes of the real one (31 provinces, 342 cities, 2,978 counties,
41,352 streets, 620,573 communities, names of 4 to 12 characters); PLACES_CSV names a real file instead.
"""

from __future__ import annotations

import csv
import functools
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from django.db import connection

from bench.measuring import Measured, Stage, bench, in_turn
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.places import location
from doorstep.kernel.places.area_file import AreaReader, BadRow, examine
from doorstep.kernel.places.area_import import import_areas
from doorstep.kernel.places.models import Area, Outline
from doorstep.kernel.places.name_table import keys_of
from doorstep.kernel.places.selectors import subtree_page
from doorstep.launch import databases

EDITION = 2023
SIZES = {"provinces": 31, "cities": 342, "counties": 2_978, "streets": 41_352, "communities": 620_573}
COLUMNS = "(code, name, pinyin, initials, parent_id, level, edition)"


@contextmanager
def national_list() -> Iterator[Path]:
    """The real list where PLACES_CSV names one, else one of its size."""
    if given := os.environ.get("PLACES_CSV"):
        yield Path(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "national.csv")
        _make_list(path)
        yield path


def _make_list(path: Path) -> None:
    chance = random.Random(1)
    # characters as frequent as in names of places: few are very common
    letters = [chr(0x4E00 + chance.randrange(5000)) for _ in range(3000)]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(letters))))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", "streetCode", "provinceCode", "cityCode", "areaCode"])
        uppers = [""]
        for width, count in zip((2, 2, 2, 3, 3), SIZES.values(), strict=True):
            codes = []
            for index in range(count):
                upper = uppers[index * len(uppers) // count]
                serial = 11 + index - -(-(index * len(uppers) // count) * count // len(uppers))
                codes.append(f"{upper}{serial:0{width}d}")
            for code in codes:
                name = (
                    "".join(chance.choices(letters, cum_weights=weights, k=chance.randint(2, 5)))
                    + "社区居委会"
                )
                street, county = code[:9] if len(code) > 9 else "", code[:6] if len(code) > 6 else ""
                city, province = code[:4] if len(code) > 4 else "", code[:2] if len(code) > 2 else ""
                writer.writerow([code, name, street, province, city, county])
            uppers = codes


@functools.cache
def _import_seconds() -> tuple[float, float, float]:
    """Seconds of the import, of COPY into the same table, and of COPY into a table without keys and indexes."""
    stage = Stage()
    with national_list() as path:
        rows = _copy_text(path)
        with stage.empty() as name:
            _new_table(name, "bare_rows", "CREATE TABLE bare_rows AS SELECT * FROM places_area WITH NO DATA")
            heap = _copy("bare_rows", rows)
        with stage.empty():
            same_table = _copy("places_area", rows)
        with stage.empty():
            began = time.perf_counter()
            result = import_areas(actor=system_actor("bench"), path=path, edition=EDITION)
            ours = time.perf_counter() - began
            assert result.added == len(rows) and not result.refused, result
    return ours, same_table, heap


def _copy_text(path: Path) -> list[str]:
    rows = []
    for row in AreaReader(path, examine(path).encoding):
        assert not isinstance(row, BadRow), row
        pinyin, initials = keys_of(row.name)
        rows.append(
            f"{row.code}\t{row.name}\t{pinyin}\t{initials}\t{row.parent}\t{row.level}\t{EDITION}\n".replace(
                "\\", "\\\\"
            )
        )
    return rows


def _copy(table: str, rows: list[str]) -> float:
    with connection.cursor() as cursor:
        began = time.perf_counter()
        with cursor.cursor.copy(f"COPY {table} {COLUMNS} FROM STDIN") as copy:
            for start in range(0, len(rows), 10_000):
                copy.write("".join(rows[start : start + 10_000]))
        return time.perf_counter() - began


def _new_table(database: str, table: str, statement: str) -> None:
    with databases.connect("owner", database) as owner:
        owner.execute(statement)
        owner.execute(f"GRANT ALL ON {table} TO {connection.settings_dict['USER']}")


@bench("national import, against COPY of the same rows into the same table, with its keys and indexes", aim=3)
def national_import(stage: Stage) -> Measured:
    ours, same_table, _heap = _import_seconds()
    return Measured(ours, same_table)


@bench(
    "national import, against COPY of the same rows into a bare heap, without keys and indexes", aim=3,
    accepted="decision 26",
)  # fmt: skip
def national_import_and_heap(stage: Stage) -> Measured:
    ours, _same_table, heap = _import_seconds()
    return Measured(ours, heap, note="the indexes alone cost more than three such copies")


# VmHWM, not getrusage: that one starts from the memory of the process that started this one
PEAK = """
import sys
from pathlib import Path
import django
from django.core.management import call_command
django.setup()
call_command("import_places", sys.argv[1], "--edition", "2023", "--format", "json")
lines = Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


@bench("national import, peak memory of its process", aim=200)
def import_memory(stage: Stage) -> Measured:
    with national_list() as path, stage.empty() as name:
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True,
            env=os.environ | {"DOORSTEP_DATABASE": name},
        )  # fmt: skip
        assert json.loads(done.stdout)["added"] > 600_000
    return Measured(float(done.stderr.split()[-1]), unit="MB")


RAW_PAGE = """
SELECT code, name, level, parent_id, edition FROM places_area
WHERE code > %s AND code < %s AND ended_on IS NULL ORDER BY code LIMIT 50
"""


@bench("page of any subtree among 665,000 areas, against raw SQL", aim=2)
def subtree_pages(stage: Stage) -> Measured:
    with stage.empty(), national_list() as path:
        _copy("places_area", _copy_text(path))
        codes = list(Area.objects.exclude(level="community").values_list("code", flat=True)[:20_000])
        chosen = random.Random(2).sample([code for code in codes if code], 300)

        def ours() -> None:
            for code in chosen:
                subtree_page(code, after=code, limit=50)

        def bare() -> None:
            for code in chosen:
                with connection.cursor() as cursor:
                    cursor.execute(RAW_PAGE, [code, code + ":"])
                    cursor.fetchall()

        seconds = in_turn(ours, bare)
    return Measured(*seconds, note="300 pages")


@bench("point to place, against bare STRtree", aim=2)
def point_to_place(stage: Stage) -> Measured:
    """Outlines of 66 communities and 726 grids; 20,000 positions one by one."""
    rng = np.random.default_rng(3)
    positions = np.column_stack(
        [rng.uniform(121.6, 121.7, 20_000), rng.uniform(38.85, 38.95, 20_000)]
    ).tolist()
    with stage.empty():
        Outline.objects.bulk_create(_outlines())
        location.renew_token()
        shapes = [shapely.geometry.shape(outline.geometry) for outline in Outline.objects.all()]
        shapely.prepare(shapes)
        tree = shapely.STRtree(shapes)

        def ours() -> None:
            for longitude, latitude in positions:
                location.locate(longitude, latitude)

        def bare() -> None:
            for longitude, latitude in positions:
                tree.query(shapely.Point(longitude, latitude), "intersects")

        seconds = in_turn(ours, bare, repeats=5)
    return Measured(*seconds, note=f"{len(positions):,} positions, {len(shapes)} outlines")


def _outlines() -> list[Outline]:
    """A district of squares: 27 by 27 less three, each ring of some 60 positions, eleven grids to a community."""
    rows, side = [], 0.1 / 27
    grids = []
    for number in range(726):
        across, up = number % 27, number // 27
        west, south = 121.6 + across * side, 38.85 + up * side
        cell = shapely.box(west, south, west + side, south + side)
        grids.append(shapely.segmentize(cell, side / 15))
        rows.append(_outline(f"210202001{1 + number // 11:03d}{1 + number % 11:03d}", grids[-1]))
    for community in range(66):
        whole = shapely.union_all(grids[community * 11 : community * 11 + 11])
        rows.append(_outline(f"210202001{1 + community:03d}", whole))
    return rows


def _outline(code: str, drawn: shapely.Geometry) -> Outline:
    west, south, east, north = drawn.bounds
    return Outline(
        place_code=code, geometry=shapely.geometry.mapping(drawn), west=west, south=south, east=east, north=north,
        source="bench", valid_from=date(2024, 1, 1),
    )  # fmt: skip

"""Excel export of 100,000 requests over HTTP: how soon the first byte comes, and what it costs the server in memory."""

from __future__ import annotations

import http.client
import io
import time
import zipfile
from contextlib import closing
from functools import cache
from pathlib import Path

from django.conf import settings

from bench.bench_matters import session_of
from bench.many import lay_down
from bench.measuring import DEMO_DAY, Measured, Stage, bench
from bench.serving import Server, serving
from doorstep.kernel.shared import clock
from doorstep.launch import databases

ROWS = 100_000
CASES = """INSERT INTO requests_request (
        matter_id, item_from, on_the_spot, anonymous, for_whom, routing, not_the_same, own_number)
    SELECT id, 'chosen', false, false, '', 'bench', '{}', '' FROM matters_matter WHERE kind = 'request'
    ON CONFLICT DO NOTHING"""
WHOLE, SMALL = "columns=all", "columns=all&q=QS"


@bench("export of 100,000 requests with all columns, first byte", aim=1)
def first_byte(stage: Stage) -> Measured:
    taken = _measured(stage)
    return Measured(
        taken.first, note=f"whole file {taken.whole:.1f} s, {taken.size / 1e6:.1f} MB, {taken.rows:,} rows"
    )


@bench("export of 100,000 requests with all columns, server's memory above idle", aim=150)
def memory(stage: Stage) -> Measured:
    taken = _measured(stage)
    return Measured(taken.memory, unit="MB", note=f"idle {taken.idle:.0f} MB")


class Taken:
    """Seconds to the first byte and to the last, bytes, rows of the sheet, megabytes at rest and above it at most."""

    first = whole = memory = idle = 0.0
    size = rows = 0


@cache
def _measured(stage: Stage) -> Taken:
    database = stage.kept_demo("export", _fill)
    with stage.pointed_at(database), clock.fixed(DEMO_DAY):
        session = session_of("district")
    taken = Taken()
    with serving(database) as server:
        _get(server, session, SMALL)  # whatever the first request brings into memory
        taken.idle = _megabytes(server, "VmRSS")
        began = time.perf_counter()
        taken.first, body = _get(server, session, WHOLE)
        taken.whole = time.perf_counter() - began
        taken.memory = _megabytes(server, "VmHWM") - taken.idle
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        taken.rows = book.read("xl/worksheets/sheet1.xml").count(b"<row ") - 1
    taken.size = len(body)
    assert taken.rows >= ROWS, taken.rows
    return taken


def _fill(database: str) -> None:
    lay_down(database, number=ROWS)
    with databases.connect("owner", database) as owner:
        owner.execute(CASES)
        owner.execute("VACUUM ANALYZE requests_request")


def _get(server: Server, session: str, query: str) -> tuple[float, bytes]:
    """Seconds until the first byte of the body, and the body."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)) as line:
        began = time.perf_counter()
        line.request(
            "GET", f"/desk/r/requests/export.xlsx?place=210202&{query}",
            headers={"X-Forwarded-For": "10.0.0.1", "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"},
        )  # fmt: skip
        answer = line.getresponse()
        assert answer.status == 200, answer.status
        start = answer.read(1)
        return time.perf_counter() - began, start + answer.read()


def _megabytes(server: Server, what: str) -> float:
    """Of the server's process and those it started."""
    family, total = [server.process.pid], 0.0
    while family:
        process = Path("/proc") / str(family.pop())
        lines = (process / "status").read_text().splitlines()
        total += next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{what}:"))
        for task in (process / "task").iterdir():
            family += map(int, (task / "children").read_text().split())
    return total

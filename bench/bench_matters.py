"""The inbox over HTTP with a million matters against ten thousand, and the search among a million against bare SQL."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from bench.many import lay_down
from bench.measuring import DEMO_DAY, Measured, Stage, bench, medians_in_turn
from bench.serving import Client, serving
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock

FEW, MANY = 10_000, 1_000_000
WORDS = ("垃圾桶", "电动车", "消防通道", "春和街", "解放路12", "不存在")
PAGES = {
    "unit": "box=unit", "overdue": "box=overdue", "open in my places": "box=place", "all": "box=all",
    "open in one community": "box=place&place=210202005013", "found among the open": f"box=place&q={quote('单元门')}",
    "found among all": f"box=all&q={quote('单元门')}", "urgent": "box=place&urgency=urgent",
    "of one class": "box=place&class=dispute", "in one state": "box=place&state=request.reported",
    "falling due in a week": "box=place&due_since=2026-06-15&due_until=2026-06-22",
    "opened in a month": "box=place&opened_since=2026-05-01&opened_until=2026-05-31", "with the street": "box=place&level=street",
    "of one class, open or not": "box=all&class=dispute",
}  # fmt: skip
RAW_COUNT = "SELECT count(*) FROM (SELECT 1 FROM matters_matter WHERE sought LIKE %s LIMIT 1001) found"
RAW_PAGE = """SELECT id, kind, state, title, address, place_code, urgency, due_at, holder_id, handler_id
    FROM matters_matter WHERE sought LIKE %s ORDER BY id DESC LIMIT 51"""


def _few(stage: Stage) -> str:
    return stage.kept_demo("few", partial(lay_down, number=FEW))


def _many(stage: Stage) -> str:
    return stage.kept_demo("many", partial(lay_down, number=MANY))


@bench("inbox pages with 1,000,000 matters, against the same pages with 10,000", aim=2)
def inbox_pages(stage: Stage) -> Measured:
    return _slowest({name: both for name, both in _pages(stage).items() if "found" not in name})


@bench("inbox pages of a search with 1,000,000 matters, against the same pages with 10,000", aim=2)
def inbox_searches(stage: Stage) -> Measured:
    return _slowest({name: both for name, both in _pages(stage).items() if "found" in name})


def _slowest(found: dict[str, tuple[float, float]]) -> Measured:
    """The slowest of the pages stands in the table: each has to be quick."""
    slowest = max(found, key=lambda name: found[name][0] / found[name][1])
    middle = statistics.median(ours / bare for ours, bare in found.values())
    return Measured(
        *found[slowest], note=f"slowest of {len(found)} pages: {slowest}; the middle one {middle:.2f}×"
    )


@cache
def _pages(stage: Stage) -> dict[str, tuple[float, float]]:
    few, many = _few(stage), _many(stage)
    found: dict[str, tuple[float, float]] = {}
    with clock.fixed(DEMO_DAY), serving(few) as small, serving(many) as large:
        for username in ("district", "street"):
            askers = []
            for database, server in ((many, large), (few, small)):
                with stage.pointed_at(database):
                    askers.append(_asker(server.port, session_of(username)))
            for name, query in PAGES.items():
                ours, bare = (partial(ask, f"/desk/matters/?{query}") for ask in askers)
                found[f"{username}: {name}"] = medians_in_turn(ours, bare, repeats=9)
    return found


def session_of(username: str) -> str:
    account = Account.objects.get(username=username)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            SESSION_KEY: str(account.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[1],
            HASH_SESSION_KEY: account.get_session_auth_hash(),
        }
    )  # fmt: skip
    session.create()
    return str(session.session_key)


def _asker(port: int, session: str) -> Callable[[str], bytes]:
    client = Client(port)

    def ask(address: str) -> bytes:
        status, body = client.ask(
            f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\n"
            f"Cookie: {settings.SESSION_COOKIE_NAME}={session}\r\n\r\n".encode()
        )
        assert status == 200, (address, status)
        return body

    return ask


@bench("search of three and more characters among 1,000,000, against the bare trigram query", aim=2)
def search(stage: Stage) -> Measured:
    """Both find the newest fifty and count to a thousand; ours in the reader's scope, with sealed ones left out."""
    with stage.pointed_at(_many(stage)), clock.fixed(DEMO_DAY):
        actor = actor_for(Account.objects.get(username="district"))
        sides = [medians_in_turn(partial(_ours, actor, word), partial(_raw, word)) for word in WORDS]
        for word in WORDS:
            (count, page), (raw_count, raw_page) = _ours(actor, word), _raw(word)
            assert (count, page) == (raw_count, raw_page), (word, count, raw_count)
        ours, bare = (sum(side) for side in zip(*sides, strict=True))
        each = ", ".join(f"{one / other:.1f}" for one, other in sides)
        return Measured(ours, bare, note=f"{len(WORDS)} searches together; each {each}")


def _ours(actor: Any, word: str) -> tuple[int, list[int]]:
    rows = selectors.found_in(selectors.all_visible(actor), word)
    page: list[Matter] = list(rows.order_by("-pk").defer("text", "sought", "bigrams")[:51])
    return selectors.count_of(rows).number, [row.pk for row in page]


def _raw(word: str) -> tuple[int, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(RAW_COUNT, [f"%{word}%"])
        count = cursor.fetchone()[0]
        cursor.execute(RAW_PAGE, [f"%{word}%"])
        return count, [row[0] for row in cursor.fetchall()]

"""A phone in front of a real server on the demo district, and what happens at the office meanwhile."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, Page, expect

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.modules.requests.services import Report, report
from tests.browsers import DEMO_DAY, LiveServer


@contextmanager
def office(server: LiveServer) -> Iterator[Actor]:
    """At the office, on the day of the demo district: the worker's rights."""
    with server.connected(), clock.fixed(DEMO_DAY):
        yield actor_for(Account.objects.get(username="worker"))


def report_in_grid(server: LiveServer, text: str) -> str:
    """A matter in the worker's grid that nobody has begun; gives its number."""
    with office(server) as worker:
        new = Report(
            source="phone",
            text=text,
            place_code=worker.grants[0].places[0],
            item_code="env.lamp",
            key=uuid.uuid4(),
        )
        return report(actor=worker, new=new).matter.number


def colleague_accepts(server: LiveServer, number: str) -> str:
    """Somebody of the same committee accepts the matter; gives their name."""
    with office(server) as worker:
        unit = worker.grants[0].unit_id
        held = Appointment.objects.filter(unit_id=unit, post="community_worker").select_related("person")[0]
        grant = Grant(held.post, unit, (worker.grants[0].places[0][:12],), capabilities_of(held.post))
        actor = Actor(account_id=999_999, person_id=held.person_id, name=held.person.name, grants=(grant,))
        apply_transition(actor=actor, matter_id=number_of(number), name="accept")
        return held.person.name


def number_of(number: str) -> int:
    return int(number[2:])


def steps_of(server: LiveServer, number: str) -> list[str]:
    with office(server):
        rows = History.objects.filter(matter_id=number_of(number)).order_by("number")
        return list(rows.values_list("name", flat=True))


def matters_titled(server: LiveServer, title: str) -> list[Matter]:
    with office(server):
        return list(Matter.objects.filter(title__contains=title))


READY = """async () => {
    if (!navigator.serviceWorker.controller) return false;
    const pages = await caches.open("patrol-pages");
    const wanted = [...document.querySelectorAll("a[data-matter], .phone-strip a, a[data-keep]")];
    const have = await Promise.all(wanted.map((each) => pages.match(each.href)));
    return wanted.every(({ dataset: { version } }, place) =>
        have[place] && (!version || have[place].headers.get("x-matter-version") === version));
}"""


def ready_for_offline(page: Page) -> None:
    """The service worker stands and the pages of this list are on the phone, as new as the list."""
    until = time.monotonic() + 20
    while not page.evaluate(READY):  # wait_for_function would make code from text, which the pages forbid
        assert time.monotonic() < until, "the pages were not kept"
        page.wait_for_timeout(100)


def on_the_queue(page: Page) -> list[dict[str, object]]:
    """What the phone's store holds."""
    found: list[dict[str, object]] = page.evaluate(
        """() => new Promise((done, fail) => {
            const opening = indexedDB.open("doorstep-patrol");
            opening.onerror = () => fail(opening.error);
            opening.onsuccess = () => {
                const db = opening.result;
                if (!db.objectStoreNames.contains("actions")) { db.close(); return done([]); }
                const all = db.transaction("actions").objectStore("actions").getAll();
                all.onsuccess = () => { db.close(); done(all.result); };
            };
        })"""
    )
    return found


def expect_all_sent(page: Page) -> None:
    """What was put on the queue has left the phone, and the page says so.

    That nothing is shown as waiting says little right after a tap: the action may not have been kept yet.
    """
    until = time.monotonic() + 30
    while _still_there(page):
        assert time.monotonic() < until, on_the_queue(page)
        page.wait_for_timeout(100)
    expect_waiting(page, 0)


def _still_there(page: Page) -> bool:
    try:
        return bool(on_the_queue(page))
    except Error as error:
        if "navigat" not in str(error):
            raise
        return True  # the page went on to the next one while it was asked


def expect_waiting(page: Page, number: int) -> None:
    count = page.locator("[data-waiting]")
    if number:
        expect(count).to_have_text(str(number))
    else:
        expect(count).to_be_hidden()

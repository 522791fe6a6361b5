"""Redeeming over HTTP from end to end: the slip is made, the clerk offers, the volunteer confirms. Four counters at once,
against three posts of a bare view with one INSERT each on the same server."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from urllib.parse import urlencode

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from bench.measuring import DEMO_DAY, Measured, Stage, bench
from bench.served.urls import TABLE
from bench.serving import Client, serving
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.middleware import BY_CODE, SECOND_FACTOR, SEEN
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.ledger.services import Move, Posting, post_many
from doorstep.kernel.ledger.verify import verify
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from doorstep.launch import databases
from doorstep.modules.volunteering import books, services_programmes
from doorstep.modules.volunteering.models import Slip, Volunteer
from doorstep.modules.volunteering.services_programmes import ItemData, ProgrammeData
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers

ACTOR = system_actor("bench")
STREET, COMMUNITY, BEGAN = "210202005", "210202005011", dt.date(2024, 3, 1)
COUNTERS, ROUNDS, A_ROUND, WARM = 4, 5, 80, 16
SHARE = 0.95


@bench("redeeming: slip, offer and confirmation, 95th percentile, against three bare posts", aim=None)
def redeeming(stage: Stage) -> Measured:
    with stage.demo() as database, clock.fixed(DEMO_DAY):
        with databases.connect("owner", database) as owner:
            owner.execute(TABLE)
        item, clerks = _shop()
        phones = _phones(ROUNDS * A_ROUND + WARM)
        with serving(database) as server:
            walks = [_walk(item, phone, clerks[at % COUNTERS]) for at, phone in enumerate(phones)]
            _together(server.port, walks[:WARM])
            _together(server.port, [_bare] * WARM)
            ours, bare = [], []
            for turn in range(ROUNDS):
                began = WARM + turn * A_ROUND
                bare += _together(server.port, [_bare] * A_ROUND)
                ours += _together(server.port, walks[began : began + A_ROUND])
        assert Slip.objects.filter(state="handed").count() == len(phones), "a redemption was lost or doubled"
        assert verify().sound
        one, other = _percentile(ours), _percentile(bare)
        return Measured(one, other, note=f"{one * 1000:.0f} ms against {other * 1000:.0f} ms")


Walk = Callable[[Client], None]


def _together(port: int, walks: list[Walk]) -> list[float]:
    """Seconds of each, the counters working through them at once."""
    waiting, taken, lock = iter(walks), [], threading.Lock()

    def work() -> None:
        with Client(port) as client:
            while True:
                with lock:
                    walk = next(waiting, None)
                if walk is None:
                    return
                began = time.perf_counter()
                walk(client)
                taken.append(time.perf_counter() - began)

    with ThreadPoolExecutor(COUNTERS) as pool:
        for running in [pool.submit(work) for _counter in range(COUNTERS)]:
            running.result()
    return taken


def _percentile(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * SHARE)]


class _Sender:
    """What a browser sends with every form."""

    def __init__(self, session: str) -> None:
        self.token = secrets.token_hex(16)
        self.cookies = f"{settings.CSRF_COOKIE_NAME}={self.token}; {settings.SESSION_COOKIE_NAME}={session}"

    def message(self, path: str, **fields: object) -> bytes:
        body = urlencode(fields).encode()
        head = [
            f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}", f"Cookie: {self.cookies}", f"X-CSRFToken: {self.token}",
        ]  # fmt: skip
        return "\r\n".join([*head, "", ""]).encode() + body


NOBODY = _Sender("")


def _bare(client: Client) -> None:
    for _step in range(3):
        status, body = client.ask(NOBODY.message("/bench/bare/", key=uuid.uuid4(), building=1, text="面包"))
        assert status == 200, body[:300]


def _walk(item: int, phone: _Sender, clerk: _Sender) -> Walk:
    """One redemption, the number of its slip taken from where the first answer leads."""
    key = uuid.uuid4()

    def walk(client: Client) -> None:
        status, body = client.ask(phone.message(f"/shop/{item}/", key=key))
        assert status == 302, body[:300]
        number = client.where.rstrip("/")[-11:]
        for sender, path, do in (
            (clerk, f"/merchant/slips/{number}/act/", "offer"), (phone, f"/shop/slips/{number}/act/", "confirm"),
        ):  # fmt: skip
            status, body = client.ask(sender.message(path, do=do))
            assert status == 302 and number in client.where, (client.where, body[:300])

    return walk


def _shop() -> tuple[int, list[_Sender]]:
    """An item with plenty of pieces and money, and a clerk at each of four counters (all of them the same person)."""
    office = UnitVersion.objects.filter(kind="street_office", place_code=STREET, valid_to=None)[0].unit_id
    merchant = organisations.found_unit(
        actor=ACTOR,
        kind="merchant",
        name="演示便民商店",
        place_code=COMMUNITY,
        founded_on=BEGAN,
        document="演商1号",
    )
    person = register_people(actor=ACTOR, people=[NewPerson("演示店员", COMMUNITY)])[0]
    organisations.appoint(
        actor=ACTOR, person_id=person.pk, post="merchant_manager", unit_id=merchant.pk, valid_from=BEGAN
    )
    clerk = create_account(actor=ACTOR, person=person, username="benchclerk")
    TOTP.activate(clerk, generate_totp_secret())
    programme = services_programmes.create_programme(
        actor=ACTOR,
        data=ProgrammeData(place_code=STREET, name="五福林海", organiser_id=office, valid_from=BEGAN),
    )
    services_programmes.add_fund(
        actor=ACTOR, programme_id=programme.pk, fen=10**8, source="演示", document="演基1号", day=DEMO_DAY,
        key=uuid.uuid4(),
    )  # fmt: skip
    services_programmes.keep_partner(
        actor=ACTOR, programme_id=programme.pk, merchant_id=merchant.pk, document="演协1号", valid_from=BEGAN
    )
    item = services_programmes.create_item(
        actor=ACTOR, programme_id=programme.pk,
        data=ItemData(
            name="面包", kind="goods", points=30, fen=500, place_code=STREET, merchant_id=merchant.pk, valid_from=BEGAN
        ),
    )  # fmt: skip
    services_programmes.deliver(actor=ACTOR, item_id=item.pk, pieces=100_000, day=DEMO_DAY, key=uuid.uuid4())
    return item.pk, [_Sender(_session(clerk, {SECOND_FACTOR: clerk.pk})) for _counter in range(COUNTERS)]


def _phones(number: int) -> list[_Sender]:
    """Signed-in volunteers with points enough, each for one redemption."""
    people = register_people(
        actor=ACTOR, people=[NewPerson(f"演示居民{at}", COMMUNITY) for at in range(number)]
    )
    accounts = Account.objects.bulk_create(
        [Account(username=f"bench{person.pk}", person=person, password="!") for person in people]
    )
    volunteers = register_volunteers(
        actor=ACTOR, volunteers=[NewVolunteer(person_id=person.pk, place_code=COMMUNITY) for person in people]
    )
    _give(volunteers)
    return [_Sender(_session(account, {BY_CODE: True})) for account in accounts]


def _give(volunteers: list[Volunteer]) -> None:
    book = books.book(books.POINTS)
    issue = books.standing(book, books.ISSUE).pk
    post_many(
        actor=ACTOR,
        postings=[
            Posting(book=book, key=uuid.uuid4(), kind=books.EARN, moves=(Move(issue, each.points_id, 100),))
            for each in volunteers
        ],
    )


def _session(account: Account, way_in: dict[str, object]) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            SESSION_KEY: str(account.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[1],
            HASH_SESSION_KEY: account.get_session_auth_hash(), SEEN: time.time() + 30,
        }
        | way_in
    )  # fmt: skip
    session.create()
    return str(session.session_key)

"""Taking reports in over HTTP from eight phones at once, against a bare view that does one INSERT on the same server."""

from __future__ import annotations

import secrets
import statistics
import time
import uuid
from collections.abc import Sequence
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from bench.measuring import DEMO_DAY, Measured, Stage, bench
from bench.served.urls import TABLE
from bench.serving import rate, serving
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.middleware import BY_CODE, SEEN
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.kernel.web.frame.installing import sender_of
from doorstep.launch import databases
from doorstep.surfaces.doorway.pace import REPORTS_PER_MINUTE

CLIENTS, ROUNDS, A_ROUND = 8, 5, 400
BOUNDARY = "----WebKitFormBoundaryqJ8X2vB4mZk7LwTe"
WORDS = (
    "楼道灯不亮，晚上看不见台阶。", "垃圾两天没有清运，味道很大。", "电动车堵住单元门，出不去。", "下水管堵了往外冒水。",
    "夜里施工太吵，睡不着觉。", "路面塌了一块，老人差点摔倒。", "健身器材坏了，孩子容易受伤。", "消防通道停满了车。",
)  # fmt: skip


@bench("reports taken in with a name, 8 phones, against a bare view with one INSERT", aim=2.5)
def named(stage: Stage) -> Measured:
    return _intake(stage, anonymous=False)


@bench("reports taken in without a name, 8 phones, against a bare view with one INSERT", aim=2.5)
def unnamed(stage: Stage) -> Measured:
    return _intake(stage, anonymous=True)


def _intake(stage: Stage, *, anonymous: bool) -> Measured:
    with stage.demo() as database, clock.fixed(DEMO_DAY):
        with databases.connect("owner", database) as owner:
            owner.execute(TABLE)
        number = A_ROUND * ROUNDS // 5  # each phone sends five
        senders = [_nobody(at) for at in range(number)] if anonymous else _residents(number)
        had = Matter.objects.count()
        with serving(database) as server:
            bodies = _messages(senders, "/bench/bare/", 40, named=False)
            rate(server.port, bodies, CLIENTS)
            rate(server.port, _messages(senders, "/report/", 80), CLIENTS)
            ours, bare = [], []
            for turn in range(ROUNDS):
                own = senders[turn * A_ROUND // 5 : (turn + 1) * A_ROUND // 5]
                bare.append(
                    1 / rate(server.port, _messages(own, "/bench/bare/", A_ROUND, named=False), CLIENTS)
                )
                ours.append(1 / rate(server.port, _messages(own, "/report/", A_ROUND), CLIENTS))
        sent = ROUNDS * A_ROUND + 80
        assert Matter.objects.count() - had == sent, "a report was lost or doubled"
        of_the_run = History.objects.filter(matter__source="phone", name="open").order_by("-pk")[:sent]
        assert of_the_run.count() == sent
        one, other = statistics.median(ours), statistics.median(bare)
        return Measured(
            one, other, note=f"{1 / one:.0f} against {1 / other:.0f} a second: {other / one:.2f} of its rate"
        )


class _Phone:
    """What a phone sends with every request: address, cookies, form token; and whose it is."""

    def __init__(self, address: str, session: str = "", sender: str = "") -> None:
        self.address, self.sender = address, sender
        self.token = secrets.token_hex(16)
        self.cookies = f"{settings.CSRF_COOKIE_NAME}={self.token}"
        if session:
            self.cookies += f"; {settings.SESSION_COOKIE_NAME}={session}"


def _nobody(number: int) -> _Phone:
    return _Phone(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")


def _residents(number: int) -> list[_Phone]:
    """Phones of residents who signed in by a code a moment ago."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    people = register_people(
        actor=system_actor("bench"),
        people=[NewPerson(f"演示居民{at}", "210202005011") for at in range(number)],
    )
    accounts = Account.objects.bulk_create(
        [Account(username=f"bench{person.pk}", person=person, password="!") for person in people]
    )
    phones = []
    for place, account in enumerate(accounts):
        session = store()
        session.update(
            {
                SESSION_KEY: str(account.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[1],
                HASH_SESSION_KEY: account.get_session_auth_hash(), BY_CODE: True, SEEN: time.time() + 30,
            }
        )  # fmt: skip
        session.create()
        phone = _nobody(place)
        phones.append(_Phone(phone.address, session.session_key, sender_of(account.pk)))
    return phones


def _messages(phones: Sequence[_Phone], path: str, number: int, *, named: bool = True) -> list[bytes]:
    """Reports of these phones in turn, each as the page's script sends it, none twice."""
    buildings = list(Building.objects.order_by("pk").values_list("pk", flat=True)[:500])
    assert number <= len(phones) * REPORTS_PER_MINUTE
    return [
        _message(
            phones[at % len(phones)], path, buildings[at * 7 % len(buildings)], WORDS[at % len(WORDS)], named
        )
        for at in range(number)
    ]


def _message(phone: _Phone, path: str, building: int, text: str, named: bool) -> bytes:
    fields = {
        "key": str(uuid.uuid4()), "sender": phone.sender, "building": str(building), "datum": "wgs-84", "text": text,
    }  # fmt: skip
    parts = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
        if value
    )
    body = f"{parts}--{BOUNDARY}--\r\n".encode()
    head = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}", f"Content-Length: {len(body)}",
        f"X-Forwarded-For: {phone.address}",
    ]  # fmt: skip
    if named:
        head += [f"Cookie: {phone.cookies}", f"X-CSRFToken: {phone.token}"]
    return "\r\n".join([*head, "", ""]).encode() + body

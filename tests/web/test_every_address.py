"""Every address of the platform for everybody of the cast, in scope and out of it, read and sent.

`access.txt` says for each address what each member finds: `.` it is there, `x` it does not exist, `n` it is there but not
theirs to do, `s` one has to sign in first, `-` it is not read, or not sent to, by anybody. An address that is not in the table fails; so does one whose answer changes. After a change that is
meant: `python -m pytest tests/web/test_every_address.py --write-access`, and read the difference before it is committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from doorstep.demo.partners import cast_life as partners
from doorstep.demo.requests.cast_life import play
from doorstep.demo.volunteering import cast_life, shop
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.shared import clock
from doorstep.modules.grids.services_plans import PlanData, create_plan
from doorstep.modules.grids.services_staffing import StaffingData, create_staffing
from tests.conftest import DEMO_DAY
from tests.sign_in import client_of
from tests.web import vanguard_rows
from tests.web.addresses import (
    COMMUNITY,
    lay_down_coverage,
    lay_down_lists,
    lay_down_what_is_owed,
    routes,
    sample,
)

TABLE = Path(__file__).with_name("access.txt")
MEMBERS = (
    "", "resident", "worker", "secretary", "street", "district", "department", "property", "merchant", "hotline",
    "outsider", "street2", "sysadmin", "secadmin", "auditor", "leader", "partner", "member",
)  # fmt: skip
METHODS = ("GET", "POST")
# what anybody may know: the promises of the district, the days they are counted on, the items that are taken; what is asked of
# every branch
PUBLIC = (
    "desk/calendar/",
    "desk/lists/",
    "desk/numbers/",
    "desk/retention/",
    "desk/rules/",
    "desk/terms/",
    "open311/",
    "api/",
)
# of a library, which ends the test client's session or asks for the network
ASKED_ELSEWHERE = ("account/second-factor/",)


@pytest.fixture
def clients(demo_database: str, settings: Any) -> dict[str, Client]:
    settings.DEMO = True
    assert play(DEMO_DAY)
    with clock.fixed(DEMO_DAY):
        shop.open_all(system_actor("tests"), "210202", DEMO_DAY)
        create_plan(actor=system_actor("tests"), data=PlanData(place_code=COMMUNITY, title="演示方案"))
        create_staffing(
            actor=system_actor("tests"), data=StaffingData(place_code=COMMUNITY, title="演示安排")
        )
    assert cast_life.play(DEMO_DAY)
    lay_down_what_is_owed()
    assert partners.play(DEMO_DAY)
    lay_down_coverage()
    lay_down_lists()
    with clock.fixed(DEMO_DAY):
        vanguard_rows.lay_down()
    signed_in = {name: client_of(Account.objects.get(username=name)) for name in MEMBERS if name}
    return {"": Client()} | signed_in


def test_each_address_answers_each_as_the_table_says(clients: dict[str, Client], pytestconfig: Any) -> None:
    fill = sample()
    found = {route: [asked(clients, method, fill(route)) for method in METHODS] for route in asked_here()}
    if pytestconfig.getoption("--write-access"):
        TABLE.write_text("".join(f"{route}\t{got}\t{sent}\n" for route, (got, sent) in found.items()))
    expected = told()
    assert found.keys() - expected.keys() == set(), "not in access.txt"
    assert expected.keys() - found.keys() == set(), "in access.txt, but no address any more"
    unlike = {
        route: (member or "anybody", method, expected[route][number][place], answers[number][place])
        for route, answers in found.items()
        for number, method in enumerate(METHODS)
        for place, member in enumerate(MEMBERS)
        if expected[route][number][place] != answers[number][place]
    }
    assert unlike == {}


def asked_here() -> list[str]:
    return [route for route in routes() if not route.startswith(ASKED_ELSEWHERE)]


def told() -> dict[str, list[str]]:
    lines = (line.split("\t") for line in TABLE.read_text().splitlines())
    return {route: answers for route, *answers in lines}


def asked(clients: dict[str, Client], method: str, path: str) -> str:
    """What each finds, one mark after another; whatever it did is undone."""
    return "".join(mark(clients[member], method, path) for member in MEMBERS)


def mark(client: Client, method: str, path: str) -> str:
    kept = client.cookies.output()
    with transaction.atomic():
        answer = client.generic(method, path)
        transaction.set_rollback(True)
    if client.cookies.output() != kept:
        client.cookies.load(kept.replace("Set-Cookie: ", ""))
    assert answer.status_code < 500, (method, path, answer.status_code)
    if answer.status_code == 401 or (answer.status_code == 302 and "/sign-in/" in answer["Location"]):
        return "s"
    return {403: "n", 404: "x", 405: "-"}.get(answer.status_code, ".")


def test_the_table_keeps_strangers_and_neighbours_out() -> None:
    """What the table must say, whatever was written into it."""
    outside = [MEMBERS.index(name) for name in ("outsider", "street2", "merchant", "sysadmin")]
    one_record = (
        "<str:number>",
        "<int:unit_id>",
        "<int:person_id>",
        "households/<int:pk>",
        "buildings/<int:pk>",
    )
    for route, answers in told().items():
        if not route.startswith(("desk/", "api/", "patrol/", "places/")):
            continue
        if route.startswith("desk/"):
            assert all(each[0] in "s-" for each in answers), route
        if any(part in route for part in one_record):
            assert all(each[place] in "xs-" for each in answers for place in outside), route


def test_to_an_outsider_nothing_is_forbidden_for_it_does_not_exist() -> None:
    """403 is for who sees a thing and may not do this to it; the resident sees the request they reported,
    their record as a volunteer, their slip."""
    names = ("resident", "outsider", "street2", "sysadmin", "secadmin", "auditor")
    outsiders = {MEMBERS.index(name) for name in names}
    forbidden = {
        (route, MEMBERS[place])
        for route, answers in told().items()
        for each in answers
        for place in outsiders
        if each[place] == "n" and not route.startswith(PUBLIC)
    }
    own = (
        "desk/extend/<str:number>/", "desk/volunteering/volunteers/<int:pk>/", "desk/volunteering/volunteers/<int:pk>/card/",
        "^desk/redeem/(?P<number>[0-9]{11})/$", "^desk/redeem/(?P<number>[0-9]{11})/back/$",
        "^desk/slips/(?P<number>[0-9]{11})/void/$",
    )  # fmt: skip
    assert forbidden == {(route, "resident") for route in own}

"""Who is counted: an account, a browser, an address. Phones behind one address do not use up each other's limit.

Every count may see a minute begin; twice the limit and one more are refused in any case.
"""

from __future__ import annotations

import pytest
from django.test import Client

from doorstep.kernel.matters.models import Matter
from doorstep.surfaces.doorway import pace
from tests.doorway.test_report import fields, signed_in, text_of
from tests.requests import world as making

OVER = 2 * pace.REPORTS_PER_MINUTE + 1


@pytest.fixture
def world(db, clock_fixed):
    with making.clock.fixed(clock_fixed):
        yield making.build()


def browser() -> Client:
    """A browser that has seen the form."""
    client = Client()
    client.get("/report/")
    return client


def reported(client: Client, number: int = 1) -> list[int]:
    return [client.post("/report/", fields(text="门口路灯不亮")).status_code for _time in range(number)]


def test_one_browser_is_slowed_and_the_others_behind_its_address_are_not(world):
    busy, other = browser(), browser()
    assert 429 in reported(busy, OVER)
    assert reported(other) == [302]
    assert "最多 10 件" in text_of(busy.post("/report/", fields(text="再来一件")), 429)


def test_a_signed_in_phone_is_counted_by_its_account(world):
    resident = signed_in(world, "resident")
    assert 429 in reported(resident, OVER)
    assert pace.MARK not in resident.cookies
    assert reported(browser()) == [302]


@pytest.mark.parametrize("mark", [None, "made-up", "made:up:mark"])
def test_without_a_mark_of_ours_an_address_is_one(world, mark):
    def unmarked() -> Client:
        client = Client()
        if mark:
            client.cookies[pace.MARK] = mark
        return client

    assert 429 in [reported(unmarked())[0] for _time in range(OVER)]
    assert reported(browser()) == [302]


def test_an_address_that_throws_its_marks_away_has_an_end(world, monkeypatch):
    monkeypatch.setattr(pace, "REPORTS_PER_ADDRESS", 5)
    assert 429 in [reported(browser())[0] for _time in range(11)]
    assert Matter.objects.count() <= 10


def test_several_write_behind_one_address(world):
    """A hint for every 600 ms of a minute from each of five browsers."""
    writers = [browser() for _each in range(5)]
    answers = {
        writer.post("/report/hints/", fields(text="楼道灯不亮")).status_code
        for writer in writers
        for _time in range(100)
    }
    assert answers == {200}


def test_the_mark_says_nothing_and_is_not_read_by_scripts(client, world):
    cookie = client.get("/").cookies[pace.MARK]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert pace.MARK not in client.get("/").cookies  # once

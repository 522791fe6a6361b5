"""A day that cannot be shown is answered everywhere by the same sentence, and by today."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as installed
from django.contrib.auth import get_user_model
from django.test import Client

from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import MemberHousehold

pytestmark = pytest.mark.usefixtures("demo_database")
SENTENCE = "请选 1949-10-01 到今天（{today}）之间的一天；下面按今天显示。"
PAGES = [
    "/desk/cockpit/210202/", "/desk/brief/210202/", "/desk/brief/210202/word/", "/desk/r/chain.branches/",
    "/desk/r/chain.branches/print/", "/desk/figures/chain.grid_branches/?place=210202", "/desk/chain/210202005/",
    "/desk/chain/210202005011/", "/desk/chain/breaks/",
]  # fmt: skip


@pytest.fixture
def client(settings: Any) -> Client:
    settings.DEMO = True
    client = Client()
    client.force_login(
        get_user_model().objects.get(username="district"), installed.AUTHENTICATION_BACKENDS[-1]
    )
    return client


def page(client: Client, address: str, day: str) -> str:
    joint = "&" if "?" in address else "?"
    answer = client.get(f"{address}{joint}{urlencode({'on': day})}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("day", ["2026-02-30", "2099-01-01", "0001-01-01", "明天", "20260101x"])
def test_an_impossible_day_is_said_and_today_shown(client: Client, address: str, day: str) -> None:
    text = page(client, address, day)
    today = clock.today().isoformat()
    assert SENTENCE.format(today=today) in text
    assert today in text.replace(SENTENCE.format(today=today), "")


@pytest.mark.parametrize("address", [address for address in PAGES if "/word/" not in address])
def test_a_day_that_was_is_shown_without_a_word(client: Client, address: str) -> None:
    text = page(client, address, "2026-03-01")
    assert "下面按今天显示" not in text and "2026-03-01" in text


def test_a_household_too(client: Client) -> None:
    row = MemberHousehold.objects.filter(place_code__startswith="210202").first()
    assert row is not None
    assert "下面按今天显示" in page(client, f"/desk/chain/households/{row.pk}/", "2099-01-01")


def test_the_field_is_marked_and_tied_to_the_sentence(client: Client) -> None:
    text = page(client, "/desk/cockpit/210202/", "2099-01-01")
    assert 'aria-invalid="true" aria-describedby="on-error"' in text and 'id="on-error"' in text

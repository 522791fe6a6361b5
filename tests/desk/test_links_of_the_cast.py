"""Every link that a member of the demo cast is shown in the side navigation or on "my work" opens for them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from doorstep.demo.cast import CAST, COMMUNITY, NEIGHBOUR
from doorstep.kernel.authority.models import Account
from tests.sign_in import client_of

pytestmark = pytest.mark.usefixtures("demo_database")
STAFF = [member.username for member in CAST if member.post]


@pytest.fixture(autouse=True)
def demo_is_on(settings: Any) -> None:
    settings.DEMO = True


def signed_in(username: str) -> Client:
    return client_of(Account.objects.get(username=username))


def _navigation(page: str) -> str:
    return "".join(re.findall(r'<nav aria-label="导航">.*?</nav>', page, re.DOTALL))


@pytest.mark.parametrize("username", STAFF)
def test_every_link_of_the_navigation_and_of_my_work_opens(username: str) -> None:
    client = signed_in(username)
    answer = client.get("/desk/", follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "我负责的地方" in _navigation(page)
    content = page[page.index("<main") : page.index("</main>")]
    links = {unescape(link) for link in re.findall(r'href="(/[^"]*)"', _navigation(page) + content)}
    assert links
    assert {link: client.get(link, follow=True).status_code for link in sorted(links)} == dict.fromkeys(
        sorted(links), 200
    )


def test_a_place_without_a_cockpit_of_ones_own_is_plain_text() -> None:
    assert "/desk/cockpit/" not in _navigation(signed_in("property").get("/desk/").content.decode())
    own = f"/desk/cockpit/{COMMUNITY}/"
    assert own in _navigation(signed_in("secretary").get("/desk/").content.decode())


def test_who_has_grids_alone_reads_the_chain_of_those() -> None:
    client = signed_in("worker")
    assert 'href="/desk/chain/"' in _navigation(client.get("/desk/").content.decode())
    page = client.get("/desk/chain/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    links = {unescape(link) for link in re.findall(r'href="(/[^"]*)"', main)}
    assert "网格党支部" in main and links
    assert not re.search(r"<form[^>]*post", main)
    answers = {link: client.get(link, follow=True).status_code for link in sorted(links)}
    assert answers == dict.fromkeys(sorted(links), 200)
    assert client.get(f"/desk/chain/{COMMUNITY}/").status_code == 404


@pytest.mark.parametrize("username", ["merchant", "auditor", "outsider"])
def test_the_chain_of_a_place_that_is_not_theirs_does_not_exist(username: str) -> None:
    client = signed_in(username)
    for address in (f"/desk/chain/{NEIGHBOUR}/", f"/desk/chain/breaks/?place={NEIGHBOUR}"):
        assert client.get(address).status_code == 404, address

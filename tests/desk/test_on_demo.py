"""The desk on the demo district: every number opens its rows, nobody sees another place, few queries."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings as installed
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.usefixtures("demo_database")
DISTRICT, STREET, COMMUNITY = "210202", "210202005", "210202005011"


@pytest.fixture(autouse=True)
def demo_is_on(settings: Any) -> None:
    settings.DEMO = True


def signed_in(username: str) -> Client:
    client = Client()
    account = get_user_model().objects.get(username=username)
    client.force_login(account, installed.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.mark.parametrize(
    ("username", "place"),
    [("district", DISTRICT), ("street", STREET), ("secretary", COMMUNITY), ("secretary", f"{COMMUNITY}001")],
)
def test_a_cockpit_costs_fifteen_queries_at_most(username: str, place: str) -> None:
    client = signed_in(username)
    client.get("/desk/")  # the first request of a session notes that somebody is there
    for address in (f"/desk/cockpit/{place}/", f"/desk/cockpit/{place}/?by=community"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked = [
            query["sql"] for query in queries if query["sql"]
        ]  # one refused while compiling was never sent
        assert len(asked) <= 15, "\n".join(sql[:400] for sql in asked)


def test_the_district_shows_the_programmes_counts_from_rows() -> None:
    page = signed_in("district").get(f"/desk/cockpit/{DISTRICT}/").content.decode()
    shown = dict(
        re.findall(
            r'data-figure="([\w.]+)"(?:(?!data-figure).)*?class="number">\s*<a[^>]*>([\d,]+)</a>',
            page,
            re.DOTALL,
        )
    )
    assert shown["chain.community_organisations"] == "65"
    assert shown["chain.grid_branches"] == "547"
    assert shown["chain.building_groups"] == "325"
    assert shown["chain.member_households"] == "436"
    assert shown["grids.workers"] == "665"
    assert shown["grids.grids"] == "715"


@pytest.mark.parametrize(
    ("username", "place"), [("district", DISTRICT), ("street", STREET), ("secretary", COMMUNITY)]
)
def test_every_number_opens_its_rows(username: str, place: str) -> None:
    client = signed_in(username)
    page = client.get(f"/desk/cockpit/{place}/").content.decode()
    links = {unescape(link) for link in re.findall(r'href="(/desk/figures/[^"]+)"', page)}
    assert len(links) >= 6
    for link in sorted(links)[::5]:
        assert client.get(link, follow=True).status_code == 200, link


def test_every_street_and_community_is_on_the_map_and_marked_as_illustrative() -> None:
    client = signed_in("district")
    for by, count in (("street", 6), ("community", 65)):
        address = f"/desk/cockpit/{DISTRICT}/map.geojson?indicator=chain.grid_branches&by={by}"
        features = client.get(address).json()["features"]
        assert len(features) == count
        assert sum(feature["properties"]["value"] for feature in features) == 547
        assert all(feature["properties"]["illustrative"] for feature in features)


@pytest.mark.parametrize("username", ["street", "secretary", "worker", "outsider"])
def test_the_district_is_not_theirs(username: str) -> None:
    client = signed_in(username)
    for address in (
        f"/desk/cockpit/{DISTRICT}/",
        f"/desk/cockpit/{DISTRICT}/map.geojson",
        "/desk/cockpit/21/",
    ):
        assert client.get(address).status_code == 404


def test_my_work_is_where_staff_land() -> None:
    for username in ("district", "street", "secretary", "worker"):
        page = signed_in(username).get("/desk/").content.decode()
        assert "我的工作" in page and "断点" in page
    assert signed_in("resident").get("/desk/").headers["Location"] == "/"


def test_the_training_district_has_breaks_to_find() -> None:
    client = signed_in("training")
    page = client.get("/desk/cockpit/", follow=True).content.decode()
    assert "网格没有党支部覆盖" in page
    assert "网格没有党支部覆盖" in client.get("/desk/").content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-31", "abc"])
def test_impossible_days_show_a_day_that_is(day: str) -> None:
    client = signed_in("district")
    assert client.get(f"/desk/cockpit/210202/?on={day}").status_code == 200
    assert client.get(f"/api/figures?place=210202&trend=true&on={day}").status_code in (200, 422)

"""Others' programs against a running server: the GeoReport client of the package index, and the specification's own walk."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from georeport import GeoReport

import requests
from doorstep.kernel.authority.services_tokens import make_token
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from tests.authority.cast import SYSTEM
from tests.browsers import LiveServer
from tests.open311.conftest import LAMP

SPOT = {"address_id": "210202005011"}


@pytest.fixture
def served(clock_fixed: dt.date, fresh_live_server: LiveServer) -> tuple[str, list[str]]:
    """Address of the interface and numbers of two reports that a partner's program has sent."""
    with fresh_live_server.connected():
        unit = UnitVersion.objects.in_force().filter(kind="property_company").order_by("unit_id")[0]
        made = make_token(
            actor=SYSTEM,
            name="应用",
            scopes=["open311.report"],
            expires_on=clock.today(),
            unit_id=unit.unit_id,
        )
    (endpoint,) = requests.get(f"{fresh_live_server.url}/open311/discovery.json", timeout=30).json()[
        "endpoints"
    ]
    numbers = []
    for code in ("env.lamp", "env.manhole"):
        form = {"api_key": made.secret, "service_code": code, "description": LAMP["description"], **SPOT}
        answer = requests.post(f"{endpoint['url']}/requests.json", data=form, timeout=30)
        assert answer.status_code == 201, answer.text
        numbers.append(answer.json()[0]["service_request_id"])
    return endpoint["url"], numbers


def test_the_georeport_client_reads_all_in_both_forms(served):
    url, numbers = served
    told: dict[str, list[Any]] = {}
    for form in ("json", "xml"):
        city = GeoReport(url, jurisdiction="210202", output_format=form)
        services = city.get_service_list()
        definition = city.get_service_definition("env.lamp")
        assert "env.lamp" in {each["service_code"] for each in services}
        assert definition["service_code"] == "env.lamp" and definition["attributes"]
        listed = city.get_service_requests(service_request_id=",".join(numbers))
        assert {each["service_request_id"] for each in listed} == set(numbers)
        since = (clock.now() - dt.timedelta(1)).isoformat()
        lamps = city.get_service_requests(
            service_code="env.lamp,env.manhole", start_date=since, status="open,closed"
        )
        assert set(numbers) <= {each["service_request_id"] for each in lamps}
        one = city.get_service_request(numbers[0])
        assert (one["status"], one["service_code"], one["address_id"]) == (
            "open",
            "env.lamp",
            SPOT["address_id"],
        )
        told[form] = [each["service_code"] for each in services]
    assert told["json"] == told["xml"]


def test_the_client_is_told_of_what_there_is_not(served):
    city = GeoReport(served[0])
    for ask in (
        lambda: city.get_service_definition("no.such"),
        lambda: city.get_service_request("QS9999999"),
    ):
        with pytest.raises(requests.HTTPError) as told:
            ask()
        assert told.value.response.json()[0]["code"] == 404

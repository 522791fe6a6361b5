"""An account that reaches for another street's page, register, export, figure rows or API gets 404."""

from __future__ import annotations

import pytest

from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.findings import all_findings
from doorstep.kernel.declarations.indicators import all_indicators
from doorstep.kernel.declarations.registers import all_registers
from tests.api.conftest import OURS
from tests.chain import world as district

PAGES = ["/desk/cockpit/{place}/", "/desk/cockpit/{place}/map.geojson"]
REGISTERS = [
    "/desk/r/{key}/?place={place}", "/desk/r/{key}/print/?place={place}", "/desk/r/{key}/text/?place={place}",
    "/desk/r/{key}/export.csv?place={place}", "/desk/r/{key}/export.xlsx?place={place}", "/api/registers/{key}?place={place}",
]  # fmt: skip
FIGURES = [
    "/desk/figures/{key}/?place={place}",
    "/api/figures/{key}/rows?place={place}",
    "/api/figures?place={place}&only={key}",
]
API = ["/api/places/{place}", "/api/figures?place={place}", "/api/findings?place={place}"]
PLACES = [OURS, district.ONE, district.ONE + "001"]


def addresses(registers: list[str]) -> list[str]:
    found = [form.format(place=place) for form in PAGES + API for place in PLACES]
    found += [
        form.format(place=place, key=key) for form in REGISTERS for place in PLACES[:2] for key in registers
    ]
    found += [
        form.format(place=place, key=each.key)
        for form in FIGURES
        for place in PLACES[:2]
        for each in all_indicators()
    ]
    found += [f"/api/findings/{each.key}?place={OURS}" for each in all_findings()]
    return found


def test_the_neighbour_gets_404_where_the_street_is_served(world, branch, ours, theirs):
    held = capabilities_of("street_officer")
    opened = [each.key for each in all_registers() if policy_for(each.model).view in held]
    assert {"units", "appointments"} <= set(opened)
    for address in addresses(opened):
        assert theirs.get(address).status_code == 404, address
        assert ours.get(address).status_code in (200, 302), address


def test_a_record_of_another_street_does_not_exist(world, branch, ours, theirs):
    assert ours.get(f"/desk/r/units/record/{branch.pk}/").status_code == 200
    assert theirs.get(f"/desk/r/units/record/{branch.pk}/").status_code == 404


def test_without_a_place_the_neighbour_sees_own_rows_alone(world, branch, ours, theirs):
    assert branch.name in str(ours.get("/api/registers/units").json()["rows"])
    assert branch.name not in str(theirs.get("/api/registers/units").json()["rows"])
    assert [each["code"] for each in theirs.get("/api/places").json()] == ["210202006"]


def test_wider_than_ones_own_is_404_too(ours):
    for address in [
        "/api/places/210202",
        "/api/figures?place=",
        "/api/figures?place=2102",
        "/api/findings?place=210202",
    ]:
        assert ours.get(address).status_code == 404, address


def test_a_department_sees_no_places_figures_or_findings(sign_in, world, branch):
    department = sign_in("department_officer", "210202")
    for address in [f"/api/places/{OURS}", f"/api/figures?place={OURS}", f"/api/findings?place={OURS}"]:
        assert department.get(address).status_code == 404
    rows = department.get("/api/registers/units").json()["rows"]
    assert [row["name"] for row in rows] == ["演示department_officer210202"]


@pytest.mark.parametrize("address", ["/api/places", "/api/registers", f"/api/figures?place={OURS}"])
def test_nobody_signs_in_first(client, db, address):
    assert client.get(address).status_code == 401

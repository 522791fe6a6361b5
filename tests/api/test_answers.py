"""What the API answers: the same values as the pages, and a schema of it."""

from __future__ import annotations

import json

from doorstep.kernel.declarations.findings import all_findings
from doorstep.kernel.organisations import services as organisations
from tests.api.conftest import OURS
from tests.chain import world as district


def test_a_place_with_what_lies_in_it(world, ours):
    street = ours.get(f"/api/places/{OURS}").json()
    assert [each["code"] for each in street["children"]] == [district.ONE, district.TWO]
    community = ours.get(f"/api/places/{district.ONE}?on=2020-01-01").json()
    assert [each["level"] for each in community["children"]] == ["grid"] * 3
    assert ours.get(f"/api/places/{district.ONE}?on=2010-01-01").json()["children"] == []


def test_a_figure_equals_its_rows(world, branch, ours):
    (figure,) = ours.get(f"/api/figures?place={OURS}&only=chain.grid_branches&trend=true").json()
    rows = ours.get(f"/api/figures/chain.grid_branches/rows?place={OURS}").json()
    assert figure["value"] == rows["total"] == len(rows["rows"]) == 1
    assert branch.name in json.dumps(rows["rows"], ensure_ascii=False)
    assert len(figure["trend"]) == 12


def test_a_figure_nobody_recorded_is_null(world, ours):
    (figure,) = ours.get(f"/api/figures?place={OURS}&only=grids.workers").json()
    assert figure["value"] is None


def test_a_register_is_asked_as_its_page_is(world, branch, ours):
    registers = {each["key"]: each for each in ours.get("/api/registers").json()}
    assert {"units", "appointments"} <= set(registers)
    assert {column["key"] for column in registers["units"]["columns"]} >= {"name", "kind", "place_code"}
    answer = ours.get("/api/registers/units?kind=grid_party_branch").json()
    assert [row["name"] for row in answer["rows"]] == [branch.name]
    assert ours.get("/api/registers/units?kind=grid_party_branch&on=2023-01-01").json()["total"] == 0
    assert ours.get("/api/registers/nothing").status_code == 404


def test_paging_walks_through_every_row_once(world, ours):
    units = [
        organisations.NewUnit(
            kind="company", name=f"演示企业{number}", place_code=district.ONE, founded_on=district.BEGAN
        )
        for number in range(120)
    ]
    organisations.found_units(actor=district.SYSTEM, units=units)
    seen, after = [], ""
    while True:
        answer = ours.get("/api/registers/units", {"kind": "company", "after": after}).json()
        seen += [row["id"] for row in answer["rows"]]
        after = answer["after"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 120


def test_breaks_with_the_page_that_mends_them(world, ours):
    kinds = {each["key"]: each for each in ours.get(f"/api/findings?place={OURS}").json()}
    assert kinds, "a district without branches has breaks"
    for key, kind in kinds.items():
        answer = ours.get(f"/api/findings/{key}?place={OURS}").json()
        assert answer["total"] == kind["count"] == len(answer["breaks"])
        assert all(
            each["mend"].startswith("/") and each["place"].startswith(OURS) for each in answer["breaks"]
        )
    assert ours.get(f"/api/findings/none?place={OURS}").status_code == 404
    assert len(kinds) <= len(all_findings())


def test_impossible_values_are_refused(ours):
    assert ours.get(f"/api/figures?place={OURS}&on=2026-02-30").status_code == 422
    assert ours.get(f"/api/figures?place={OURS}&only=no.such").status_code == 404
    for address in [
        "/api/places/21o2",
        "/api/places/%00",
        "/api/registers/units?after=nonsense",
        "/api/registers/units?place=%00",
    ]:
        assert ours.get(address).status_code == 404, address
    assert ours.get("/api/registers/units?q=%00").status_code == 200


def test_the_schema_needs_no_network(client, db):
    schema = client.get("/api/openapi.json").json()
    assert set(schema["paths"]) == {
        "/api/places", "/api/places/{code}", "/api/figures", "/api/figures/{key}/rows", "/api/registers",
        "/api/registers/{key}", "/api/findings", "/api/findings/{key}",
        "/api/matters", "/api/matters/{number}", "/api/matters/{number}/steps", "/api/matters/{number}/steps/{name}",
    }  # fmt: skip
    page = client.get("/api/docs/").content.decode()
    assert all(f">GET {path}<" in page or f">POST {path}<" in page for path in schema["paths"])
    assert "<script>" not in page and "//cdn" not in page


def test_writing_is_not_offered(ours):
    assert ours.post("/api/places").status_code == 405

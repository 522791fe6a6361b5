"""Coverage in a browser: a gap found, planned and closed; a visit with one thumb; nothing serious for axe at 360 and 1440 pixels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from doorstep.demo.newfield.organisations import credit_code
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.modules.coverage.models import Profile
from doorstep.modules.coverage.services import NewOrganisation, record_count, register_organisation
from doorstep.modules.coverage.services_gaps import find_gaps
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, LiveServer

COMMUNITY, STREET = "210202005011", "210202005"


def organisations() -> list[Profile]:
    """One with enough members for its own organisation, two that could join, one that an officer of the cast visits."""
    actor, found = system_actor("tests"), []
    buildings = Building.objects.filter(place_code__startswith=COMMUNITY).order_by("pk")[:4]
    for number, (building, full) in enumerate(zip(buildings, (5, 2, 1, 0), strict=True)):
        new = NewOrganisation(
            kind="company", name=f"演示云帆{'甲乙丙丁'[number]}有限公司", credit_code=credit_code(number, "91"), trade="software",
            address=building.address, founded_on=dt.date(2022, 1, 5), longitude=building.longitude, latitude=building.latitude,
        )  # fmt: skip
        row = register_organisation(actor=actor, new=new)
        record_count(actor=actor, organisation_id=row.pk, counted_on=dt.date(2026, 5, 1), staff=30, full=full)
        found.append(row)
    officer = Account.objects.get(username="street").person_id
    committee = UnitVersion.objects.in_force().get(kind="street_working_committee", place_code=STREET).unit_id
    assert officer is not None
    for post, unit in (("enterprise_cadre", found[3].unit_id), ("party_building_instructor", committee)):
        appoint(actor=actor, person_id=officer, post=post, unit_id=unit, valid_from=dt.date(2026, 1, 5))
    find_gaps()
    return found


@pytest.fixture
def server(fresh_live_server: LiveServer) -> LiveServer:
    with fresh_live_server.connected(), clock.fixed(DEMO_DAY):
        organisations()
    return fresh_live_server


def looked_at(page: Page) -> None:
    assert overflow(page) <= 0, page.url
    assert troubles(page) == [], page.url


def test_a_gap_is_found_planned_and_closed(server: LiveServer, page_for: Callable[..., Page]) -> None:
    page = page_for("street", server=server, path="/desk/coverage/")
    expect(page.get_by_role("heading", name="覆盖提升", level=1)).to_be_visible()
    expect(page.locator("#map-legend")).to_contain_text("覆盖空白")
    looked_at(page)
    page.get_by_role("link", name="定办法：演示云帆甲有限公司").click()
    page.get_by_label("计划到哪一天").fill("2026-07-31")
    page.get_by_label("怎么做").fill("联系负责人，酝酿支部书记人选")
    looked_at(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("办法和日期已记下。")).to_be_visible()
    expect(page.locator("main")).to_contain_text("有办法")
    page.get_by_role("link", name="单独组建", exact=True).click()
    page.get_by_label("批准文号").fill("演组〔2026〕31号")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("已覆盖")
    looked_at(page)
    page.goto(f"/desk/coverage/places/{STREET}/")
    expect(page.get_by_role("link", name="演示云帆甲有限公司", exact=True)).to_have_count(0)
    page.get_by_role("link", name="看联合组建的建议").click()
    expect(page.locator("main")).to_contain_text("同属软件和信息服务")
    looked_at(page)
    page.get_by_role("link", name="成立联合党支部").click()
    page.get_by_label("批准文号").fill("演组〔2026〕32号")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("没有可以联合组建的组织")
    page.goto(f"/desk/coverage/places/{STREET}/")
    expect(page.locator("main")).to_contain_text("没有空白")


def test_a_visit_with_one_thumb(server: LiveServer, page_for: Callable[..., Page]) -> None:
    page = page_for("street", device="phone", server=server, path="/visits/")
    looked_at(page)
    page.get_by_role("link", name="演示云帆丁有限公司").click()
    page.get_by_label("生产经营").check()
    page.get_by_label("有要办的事（可以不写）").fill("协调职工就餐")
    looked_at(page)
    page.get_by_role("button", name="登记走访").click()
    expect(page.get_by_text("走访已登记，要办的事已交社区。")).to_be_visible()
    expect(page.get_by_role("link", name="协调职工就餐")).to_be_visible()
    page.goto(f"/desk/coverage/places/{STREET}/")
    looked_at(page)

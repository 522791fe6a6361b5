"""From a figure to exactly the rows that make it, in their register, inside the reader's places."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from doorstep.kernel.declarations.indicators import Indicator
from doorstep.kernel.organisations.models import UnitVersion
from tests.web.conftest import DAY, START, unit
from tests.web.test_register_pages import names_in, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("test_registers")]
FOUNDED = Indicator(
    key="test.founded", name="新成立党小组", unit="个", kind="flow", chapter="1", clause="章程", register="test_units",
    rows=lambda scope: UnitVersion.objects.filter(
        kind="building_party_group", valid_from__gte=scope.since, valid_from__lte=scope.on
    ),
    counted="期内成立的楼栋党小组",
)  # fmt: skip
BARE = Indicator(
    key="test.bare", name="单位", unit="个", kind="stock", chapter="1", clause="",
    rows=lambda scope: UnitVersion.objects.in_force(scope.on).filter(kind="merchant"), who_records="由商户登记。",
)  # fmt: skip


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {item.key: item for item in (FOUNDED, BARE)}
    monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", known)


@pytest.fixture
def groups(district: None) -> None:
    unit("早的", "990101001001", since=START)
    unit("期内", "990101001001", since=dt.date(2026, 3, 1))
    unit("已撤", "990101001002", since=dt.date(2026, 3, 2), until=dt.date(2026, 4, 1))
    unit("邻街", "990101002001", since=dt.date(2026, 3, 3))


QUERY = f"?place=990101001&on={DAY}&since=2026-02-01"


def test_a_figure_opens_its_rows_those_since_ended_included(groups: None, street_officer: Client) -> None:
    answer = street_officer.get(f"/desk/figures/test.founded/{QUERY}")
    assert answer.status_code == 302
    text = page(street_officer, answer.url.removeprefix("/desk/r/test_units/"))
    assert names_in(text) == ["期内", "已撤"]
    assert "新成立党小组 2 个" in text
    with_columns = street_officer.get(f"/desk/r/test_units/export.csv?{answer.url.split('?')[1]}&columns=all")
    assert "已撤990101001002" in b"".join(with_columns.streaming_content).decode(), (
        "annotated like any other rows"
    )
    assert "2026-02-01 至 2026-06-15：期内成立的楼栋党小组" in text


def test_filters_and_export_keep_to_the_figure(groups: None, district_officer: Client) -> None:
    where = f"?place=990101&on={DAY}&figure_since=2026-02-01&figure=test.founded"
    assert names_in(page(district_officer, where)) == ["期内", "已撤", "邻街"]
    assert names_in(page(district_officer, where + "&q=邻街")) == ["邻街"]
    out = b"".join(district_officer.get(f"/desk/r/test_units/export.csv{where}").streaming_content).decode(
        "utf-8-sig"
    )
    assert "已撤" in out
    assert "早的" not in out


def test_another_street_does_not_exist(groups: None, street_officer: Client) -> None:
    for place in ("990101002", "990101", "99010100", "abc", ""):
        assert street_officer.get(f"/desk/figures/test.founded/?place={place}").status_code == 404
    assert street_officer.get("/desk/r/test_units/?place=990101002&figure=test.founded").status_code == 404


def test_unknown_figures_are_not_found_and_impossible_days_are_said(
    groups: None, street_officer: Client
) -> None:
    assert street_officer.get("/desk/figures/no.such/?place=990101001").status_code == 404
    address = "/desk/figures/test.founded/?place=990101001&on=2026-02-30"
    assert "下面按今天显示" in street_officer.get(address, follow=True).content.decode()


def test_a_figure_of_another_register_narrows_nothing(groups: None, street_officer: Client) -> None:
    assert "早的" in names_in(page(street_officer, "?place=990101001&figure=test.bare"))


def test_without_a_register_the_rows_are_a_list(groups: None, street_officer: Client) -> None:
    empty = street_officer.get("/desk/figures/test.bare/?place=990101001").content.decode()
    assert "由商户登记。" in empty
    unit("演示商户", "990101001001", kind="merchant")
    assert "演示商户" in street_officer.get("/desk/figures/test.bare/?place=990101001").content.decode()


def test_signing_in_comes_first(groups: None) -> None:
    answer = Client().get(f"/desk/figures/test.founded/{QUERY}")
    assert answer.status_code == 302
    assert "next=/desk/figures" in answer.url

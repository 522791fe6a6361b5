"""Registers and figures: the business register's sheet in and out, by row and column; each figure is its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.declarations.indicators import all_indicators
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.indicators.selectors import figure
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.coverage import services_gaps
from doorstep.modules.coverage.models import HeadCount, Profile
from tests.coverage import world as district
from tests.coverage.world import (
    ONE,
    STREET,
    TODAY,
    World,
    code,
    establish,
    instructor,
    registered,
    wrong_code,
)
from tests.sign_in import client_of
from tests.web import sheets

DAY = dt.timedelta(days=1)
ROW: dict[str, Any] = {
    "credit_code": code(700), "name": "演示软件公司", "kind": "company", "trade": "software", "address": "演示路1号", "longitude": 121.62,
    "latitude": 38.92, "place": None, "founded_on": dt.date(2021, 1, 1), "staff": 30, "full": 4, "probationary": None,
    "counted_on": dt.date(2026, 5, 1),
}  # fmt: skip


def imported(world: World, who: str = "street", **changed: Any) -> Any:
    importer = register("coverage.organisations").importer
    assert importer is not None and importer.row_service is not None
    return importer.row_service(world.actor(who), ImportRow(1, ROW | changed))


def test_a_row_is_known_by_its_code_and_brought_again_changes_nothing(world: World) -> None:
    assert imported(world) == "added"
    assert imported(world) == "unchanged"
    assert imported(world, credit_code=code(700).lower()) == "unchanged"
    assert imported(world, name="改名公司", staff=None, full=None) == "changed"
    assert imported(world, name="改名公司", full=5, counted_on=dt.date(2026, 6, 1)) == "changed"
    row = Profile.objects.get()
    assert list(row.counts.order_by("valid_from").values_list("full", flat=True)) == [4, 5]
    assert row.unit.versions.order_by("-valid_from")[0].name == "改名公司"
    assert imported(world, name="改名公司", full=5, counted_on=None) == "unchanged"


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"longitude": 121.95}, "longitude", "不在本区"), ({"longitude": 121.68}, "place", "所在街道"), ({"place": "210202006001"}, "place", "不一致"),
        ({"longitude": None, "latitude": None}, "address", "定不了位置"), ({"latitude": None}, "longitude", "都填"),
        ({"credit_code": wrong_code(700)}, "credit_code", "校验码"), ({"founded_on": None}, "founded_on", "成立日期"),
        ({"full": 31}, "full", "不能多于"), ({"counted_on": TODAY + DAY}, "counted_on", "晚于今天"), ({"staff": None}, "staff", "职工人数"),
        ({"name": ""}, "name", "名称"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_at_its_column(
    world: World, changed: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        imported(world, **changed)
    assert refused.value.field == field and not Profile.objects.exists() and not HeadCount.objects.exists()


def test_a_count_dated_backwards_is_refused_at_its_column(world: World) -> None:
    imported(world)
    with pytest.raises(Refused, match="不能再登记更早的") as refused:
        imported(world, full=6, counted_on=dt.date(2026, 4, 1))
    assert refused.value.field == "counted_on" and HeadCount.objects.get().full == 4


HEADINGS = [
    "统一社会信用代码",
    "企业名称",
    "类型",
    "行业",
    "住所",
    "经度",
    "纬度",
    "成立日期",
    "职工人数",
    "正式党员",
    "统计日期",
]


def line(number: int, **changed: Any) -> list[Any]:
    given = {
        "code": code(number), "name": f"演示公司{number}", "kind": "企业", "trade": "软件和信息服务", "address": f"演示路{number}号",
        "longitude": 121.62, "latitude": 38.92, "founded": "2020-01-05", "staff": 20, "full": 1, "counted": "2026-05-01",
    }  # fmt: skip
    return list((given | changed).values())


def test_a_sheet_is_rehearsed_and_tells_each_bad_row(
    fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Any
) -> None:
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    settings.MEDIA_ROOT = tmp_path
    world = district.build()
    district.draw()
    client, url = client_of(world.accounts["street"]), "/desk/r/coverage.organisations/import/"
    rows = [
        line(801), line(802), line(803, code=wrong_code(803)), line(801, name="同一代码又一行"), line(804, longitude=121.99), line(805, full=50),
    ]  # fmt: skip
    answer = client.post(url, {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    job = ImportJob.objects.latest("id")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.good, job.problem_count) == ("checked", 2, 4)
    assert not Profile.objects.exists(), "a rehearsal writes nothing"
    page = client.get(f"{url}{job.pk}/").content.decode()
    for said in ("校验码不对", "不在本区", "不能多于职工人数"):
        assert said in page, said
    client.post(f"{url}{job.pk}/step/", {"do": "apply", "mode": "good"})
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.added, Profile.objects.count()) == ("done", 2, 2)


def test_each_figure_is_its_rows_in_scope(world: World) -> None:
    own, few, none = registered(world, full=4), registered(world, full=1), registered(world, full=0)
    registered(world, who="district", longitude=121.68, full=0)
    manager = registered(world, kind="property_company", trade="property", full=3)
    instructor(world, none)
    establish(world, own)
    services_gaps.find_gaps()
    street = {key: figure(key, STREET).value for key in (
        "coverage.organisations", "coverage.with_organisation", "coverage.with_instructor", "coverage.gaps", "coverage.share",
        "coverage.instructors", "coverage.property_share", "coverage.property_uncovered",
    )}  # fmt: skip
    assert street == {
        "coverage.organisations": 4, "coverage.with_organisation": 1, "coverage.with_instructor": 1, "coverage.gaps": 2, "coverage.share": 50.0,
        "coverage.instructors": 1, "coverage.property_share": 0.0, "coverage.property_uncovered": 1,
    }  # fmt: skip
    establish(world, manager, name="演示物业党支部")
    assert figure("coverage.property_share", STREET).value == 100.0
    assert figure("coverage.gaps", STREET, on=dt.date(2026, 2, 1)).value == 3, (
        "as it was before the branches were founded"
    )
    client = client_of(world.accounts["street"])
    for indicator in all_indicators():
        if indicator.key.startswith("coverage."):
            answer = client.get(f"/desk/figures/{indicator.key}/?place={STREET}", follow=True)
            assert answer.status_code == 200, indicator.key
            assert client.get(f"/desk/figures/{indicator.key}/?place=210202006").status_code == 404
    page = client.get(f"/desk/r/coverage.organisations/?place={ONE}&state=gap&members=yes").content.decode()
    assert few.credit_code not in page and "演示科技公司" in page


def test_registers_filter_search_and_leave_as_files(world: World) -> None:
    row = registered(world, full=4, name="演示云帆科技")
    services_gaps.find_gaps()
    street = client_of(world.accounts["street"])
    for query in (
        "q=云帆",
        "q=yanshiyunfan",
        f"q={row.credit_code[:10]}",
        "should=yes",
        "state=gap",
        "trade=software",
        "kind=company",
    ):
        assert "演示云帆科技" in street.get(f"/desk/r/coverage.organisations/?{query}").content.decode(), (
            query
        )
    for query in ("q=没有", "should=no", "state=own", "trade=law"):
        assert (
            "演示云帆科技" not in street.get(f"/desk/r/coverage.organisations/?{query}").content.decode()
        ), query
    for key in ("organisations", "gaps", "counts"):
        out = b"".join(street.get(f"/desk/r/coverage.{key}/export.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a stream
        assert "演示云帆科技" in out, key


def test_what_waits(world: World) -> None:
    row, visited = registered(world, full=4), registered(world, full=0)
    services_gaps.find_gaps()
    instructor(world, visited)
    providers = {one.key: one for one in all_providers()}
    items, count = providers["coverage.unplanned"].items(world.actor("secretary"), TODAY, 5)
    assert count == 2 and any(str(row.unit.versions.get().name) == item.title for item in items)
    assert providers["coverage.unplanned"].items(world.actor("outsider"), TODAY, 5)[1] == 0
    assert providers["coverage.visits"].items(world.actor("street"), TODAY, 5)[1] == 0

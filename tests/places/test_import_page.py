"""Buildings brought in through the pages: what lies outside the district goes in, and is told by row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.models import Building
from doorstep.kernel.places.services_outlines import add_outline
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from tests.places.conftest import COMMUNITY, LOADING, make_areas, square
from tests.web import sheets
from tests.web.conftest import signed_in

URL = "/desk/r/places.buildings/import/"
HEADINGS = ["社区", "小区", "楼栋", "地址", "经度", "纬度", "户数"]


@pytest.fixture
def secretary(fresh_database: str, clock_fixed: date, settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT, settings.DEMO = tmp_path, True
    make_areas()
    whole = NewOutline("210202", square(121.6, 38.9, 0.1), "演示")
    add_outline(actor=LOADING, outline=whole, valid_from=date(2025, 1, 1))
    return signed_in("community_secretary", "community_party_organisation", COMMUNITY)


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_position_outside_the_district_goes_in_and_is_told_by_row(secretary: Any) -> None:
    rows = [
        [COMMUNITY, "演示小区", "1号楼", "示例一路1号", "121.65", "38.95", 30],
        [COMMUNITY, "演示小区", "2号楼", "示例一路2号", "121.85", "38.95", 30],
    ]
    upload = {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))}
    assert secretary.post(URL, upload).status_code == 302
    job = work(ImportJob.objects.latest("id"))
    assert (job.state, job.good, job.problem_count, job.warning_count) == ("checked", 2, 0, 1)
    rehearsed = secretary.get(f"{URL}{job.pk}/").content.decode()
    assert "请核对 1 处" in rehearsed and "E3" in rehearsed and "本区范围以外" in rehearsed
    assert "全部导入 2 行" in rehearsed
    assert secretary.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "all"}).status_code == 302
    job = work(job)
    assert (job.state, job.added, job.warning_count, len(job.warnings)) == ("done", 2, 1, 1)
    assert "本区范围以外" in secretary.get(f"{URL}{job.pk}/").content.decode()
    assert Building.objects.count() == 2

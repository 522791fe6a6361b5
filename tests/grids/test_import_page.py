"""An office's sheet of forces through the pages: rehearsed, the good rows applied, brought again nothing new."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.grids.models import GridForce
from tests.grids.world import FIRST, SECOND, TWO, build
from tests.sign_in import client_of
from tests.web import sheets

URL = "/desk/r/grids.forces/import/"
HEADINGS = ["所在网格", "力量", "单位", "姓名", "职务", "办公电话", "起用日期"]


@pytest.fixture
def secretary(fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Any) -> Any:
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    settings.MEDIA_ROOT = tmp_path
    return client_of(build().accounts["secretary"])


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def bring(client: Any, rows: list[list[Any]]) -> ImportJob:
    answer = client.post(URL, {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))})
    assert answer.status_code == 302, answer.content.decode()
    return work(ImportJob.objects.latest("id"))


def test_a_sheet_of_forces(secretary: Any) -> None:
    good = [
        [FIRST, "公安", "演示派出所", "演示警甲", "社区民警", "0411-80000020", "2026-06-01"],
        [int(SECOND), "物业", "演示物业", "", "", "", "2026-06-01"],
    ]
    private = [FIRST, "消防", "演示消防站", "", "", "13800000001", "2026-06-01"]
    foreign = [TWO + "001", "消防", "演示消防站", "", "", "", "2026-06-01"]
    job = bring(secretary, [*good, private, foreign])
    assert (job.state, job.good, job.problem_count) == ("checked", 2, 2)
    assert not GridForce.objects.exists(), "a rehearsal writes nothing"
    page = secretary.get(f"{URL}{job.pk}/").content.decode()
    assert "不要填个人手机号" in page
    secretary.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    assert (work(job).state, job.added) == ("done", 2)
    again = bring(secretary, good)
    secretary.post(f"{URL}{again.pk}/step/", {"do": "apply", "mode": "all"})
    assert (work(again).added, GridForce.objects.count()) == (0, 2)

"""Difficulty of compounds in by an office's sheet and out again; plans to read in their register."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.grids.models import CompoundDifficulty
from tests.grids.plans import world as plans
from tests.grids.plans.test_making import computed
from tests.grids.plans.world import ONE, TODAY
from tests.sign_in import client_of
from tests.web import sheets

URL = "/desk/r/grids.difficulties/import/"
HEADINGS = ["社区", "小区名称", "系数", "理由", "起用日期"]


@pytest.fixture
def ground(fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Any) -> plans.Ground:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    settings.MEDIA_ROOT = tmp_path
    return plans.build()


def test_a_sheet_of_difficulties(ground: plans.Ground) -> None:
    client = client_of(ground.world.accounts["secretary"])
    rows = [
        [ONE, "演示小区", 1.4, "没有电梯", "2026-06-01"], [ONE, "没有的小区", 1.2, "远", "2026-06-01"],
        [ONE, "演示小区", 9, "太难", "2026-06-02"],
    ]  # fmt: skip
    answer = client.post(URL, {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))})
    assert answer.status_code == 302, answer.content.decode()
    job = ImportJob.objects.latest("id")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.good, job.problem_count) == ("checked", 1, 2)
    page = client.get(f"{URL}{job.pk}/").content.decode()
    assert "没有名为“没有的小区”的小区楼院" in page and "同一条记录" in page
    client.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    running.run(job.pk)
    assert CompoundDifficulty.objects.get().factor == 1.4
    listed = client.get("/desk/r/grids.difficulties/").content.decode()
    assert "没有电梯" in listed and "1.4" in listed


def test_a_difficulty_is_entered_and_ended_on_a_page(ground: plans.Ground) -> None:
    client = client_of(ground.world.accounts["secretary"])
    assert "演示小区" in client.get("/desk/grids/new/difficulty/").content.decode()
    values = {
        "compound": ground.compound.pk,
        "factor": "1.2",
        "reason": "独居老人多",
        "valid_from": "2026-06-01",
    }
    assert client.post("/desk/grids/new/difficulty/", values).status_code == 302
    row = CompoundDifficulty.objects.get()
    ended = client.post(f"/desk/grids/end/difficulty/{row.pk}/", {"ended_on": "2026-06-10"})
    assert ended.status_code == 302 and CompoundDifficulty.objects.get().valid_to is not None


def test_plans_are_read_in_their_register(ground: plans.Ground) -> None:
    plan = computed(ground)
    client = client_of(ground.world.accounts["street"])
    listed = client.get("/desk/r/grids.plans/").content.decode()
    assert plan.title in listed and "可以调整" in listed
    assert client.get(f"/desk/r/grids.plans/record/{plan.pk}/").status_code == 200
    other = client_of(ground.world.accounts["outsider"])
    assert plan.title not in other.get("/desk/r/grids.plans/").content.decode()

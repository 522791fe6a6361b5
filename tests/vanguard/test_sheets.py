"""Sheets of posts, areas and projects: rehearsed, told by row and column, brought again unchanged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.declarations.registers import ImportRow, Noted, register
from doorstep.kernel.places.models import Compound
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.vanguard.models import Area, AreaPlace, Post, Project
from tests.grids.world import BEGAN, FIRST, ONE, SECOND, TODAY, TWO, World
from tests.sign_in import client_of
from tests.vanguard import world as district
from tests.web import sheets

UNIT = "演示居委会011"
ROWS: dict[str, dict[str, Any]] = {
    "posts": {"place": ONE, "name": "演示岗", "kind": "care", "unit": UNIT, "duty": None, "valid_from": BEGAN},
    "areas": {"place": ONE, "name": "演示区", "places": f"{FIRST}、{SECOND}", "unit": UNIT, "duty": None, "valid_from": BEGAN},
    "projects": {
        "place": ONE, "name": "演示工程", "aim": "装扶手", "unit": UNIT, "valid_from": BEGAN, "valid_to": dt.date(2027, 1, 1),
    },
}  # fmt: skip


def brought(world: World, what: str, **changed: Any) -> Any:
    importer = register(f"vanguard.{what}").importer
    assert importer is not None and importer.row_service is not None
    return importer.row_service(world.actor("secretary"), ImportRow(1, ROWS[what] | changed))


@pytest.mark.parametrize(
    ("what", "model", "differs"),
    [("posts", Post, {"kind": "culture"}), ("areas", Area, {"places": FIRST}), ("projects", Project, {"aim": "别的目标"})],
)  # fmt: skip
def test_a_row_brought_again_changes_nothing_and_what_differs_is_said(
    world: World, what: str, model: Any, differs: dict[str, Any]
) -> None:
    assert brought(world, what) == "added"
    assert brought(world, what) == "unchanged"
    noted = brought(world, what, **differs)
    assert isinstance(noted, Noted) and noted.outcome == "unchanged" and "没有改" in str(noted.warning)
    assert model.objects.count() == 1
    assert brought(world, what, name="另一个") == "added"


@pytest.mark.parametrize(
    ("what", "changed", "column", "said"),
    [
        ("posts", {"unit": "没有的"}, "unit", "全称"), ("areas", {"unit": "没有的"}, "unit", "全称"),
        ("projects", {"unit": "没有的"}, "unit", "全称"), ("areas", {"places": "没有的楼"}, "places", "没有找到“没有的楼”"),
        ("areas", {"places": f"{FIRST}、{TWO}001"}, "places", "没有找到"), ("areas", {"places": "、，"}, "places", "至少选一处"),
        ("projects", {"valid_to": BEGAN}, "valid_to", "结束日期"), ("projects", {"aim": " "}, "aim", "目标"),
        ("areas", {"name": "名\x07"}, "name", "看不见|字符"), ("posts", {"place": TWO}, "place|unit", "."),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_at_its_column(
    world: World, what: str, changed: dict[str, Any], column: str, said: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        brought(world, what, **changed)
    assert refused.value.field in column.split("|")
    assert not (Post.objects.exists() or Area.objects.exists() or Project.objects.exists())


def test_places_by_name_by_code_and_by_what_a_compound_is_called(world: World) -> None:
    building = world.buildings[SECOND]
    compound = Compound.objects.create(place_code=ONE, name="东苑", pinyin="dongyuan", initials="dy")
    type(building).objects.filter(pk=building.pk).update(compound=compound)
    assert (
        brought(world, "areas", places=f"{FIRST}，{compound.name}{building.name}；{compound.name}") == "added"
    )
    parts = AreaPlace.objects.order_by("pk").values_list("code", "compound", "building")
    assert sorted(map(str, parts)) == sorted(
        map(str, [(FIRST, None, None), ("", compound.pk, None), ("", None, building.pk)])
    )
    Compound.objects.create(place_code=ONE, name="东苑", pinyin="dongyuan", initials="dy")
    with pytest.raises(Refused, match="有几处都叫"):
        brought(world, "areas", name="另一个", places="东苑")


def test_a_sheet_is_rehearsed_and_tells_each_bad_row(
    fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Any
) -> None:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    settings.MEDIA_ROOT = tmp_path
    world = district.build()
    client, url = client_of(world.accounts["secretary"]), "/desk/r/vanguard.areas/import/"
    headings = ["社区", "责任区名称", "范围", "党组织", "起用日期"]
    day = BEGAN.isoformat()
    rows = [
        [ONE, "甲区", FIRST, UNIT, day], [ONE, "乙区", f"{FIRST}、{SECOND}", UNIT, day], [ONE, "甲区", FIRST, UNIT, day],
        [ONE, "丙区", "月球", UNIT, day], [ONE, "丁区", FIRST, "没有的", day], [ONE, "戊区", FIRST, UNIT, "二月三十"],
    ]  # fmt: skip
    answer = client.post(url, {"file": sheets.upload(sheets.workbook(rows, headings=headings))})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    job = ImportJob.objects.latest("id")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.good, job.problem_count) == ("checked", 2, 4)
    assert not Area.objects.exists(), "a rehearsal writes nothing"
    page = client.get(f"{url}{job.pk}/").content.decode()
    assert "月球" in page and "全称" in page
    client.post(f"{url}{job.pk}/step/", {"do": "apply", "mode": "good"})
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.added, Area.objects.count()) == ("done", 2, 2)

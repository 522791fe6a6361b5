"""A complete list closes what it leaves out, and only that; a list that does not say so closes nothing."""

from __future__ import annotations

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.places.area_import import ImportResult, import_areas
from doorstep.kernel.places.models import Area, AreaImport, Building, Grid
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.names import name_keys
from tests.places.test_area_import import IMPORTER, WHOLE, listed

DAY = date(2024, 6, 30)
GONE = "210202001002"
OTHER_PROVINCE = "22,吉林省,,,,\n2201,长春市,,22,,\n"
NEWER = WHOLE.replace(f"{GONE},虎滩社区居委会,210202001,21,2102,210202\n", "")

pytestmark = pytest.mark.django_db


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The list of 2023, imported: two communities, and another province."""
    import_areas(actor=IMPORTER, path=listed(tmp_path, WHOLE + OTHER_PROVINCE), edition=2023)
    return tmp_path


def bring(folder: Path, rows: str, complete: date | None = DAY, edition: int = 2024) -> ImportResult:
    return import_areas(actor=IMPORTER, path=listed(folder, rows), edition=edition, complete=complete)


def ended() -> dict[str, date | None]:
    return dict(Area.objects.exclude(ended_on=None).values_list("code", "ended_on"))


def test_a_list_that_is_not_said_to_be_complete_closes_nothing(older: Path) -> None:
    result = bring(older, NEWER, complete=None)
    assert (result.ended, result.in_use, result.ended_file, ended()) == (0, 0, None, {})


def test_what_a_complete_list_leaves_out_ends_on_its_day_and_is_told(older: Path) -> None:
    result = bring(older, NEWER)
    assert ended() == {GONE: DAY}  # not the other province, which is not below the highest of this list
    assert (result.ended, result.in_use) == (1, 0)
    assert result.ended_file is not None
    with result.ended_file.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["代码", "名称", "结果"], [GONE, "虎滩社区居委会", "已撤销"]]
    changes = Entry.objects.latest("id").changes
    assert (changes["ended"], changes["ended_on"]) == ([None, 1], [None, "2024-06-30"])


def test_second_time_nothing_more_ends(older: Path) -> None:
    bring(older, NEWER)
    again = bring(older, NEWER, complete=date(2024, 7, 1))
    assert (again.ended, again.unchanged, ended()) == (0, 5, {GONE: DAY})
    assert again.ended_file is None and not (older / "list.csv.ended.csv").exists()


def test_a_place_that_comes_back_is_open_again_but_not_by_an_older_list(older: Path) -> None:
    bring(older, NEWER)
    bring(older, WHOLE, complete=None, edition=2023)
    assert ended() == {GONE: DAY}
    bring(older, WHOLE, complete=None, edition=2025)
    assert ended() == {}


def test_a_corrected_name_in_the_older_list_opens_nothing(older: Path) -> None:
    bring(older, NEWER)
    renamed = WHOLE.replace("虎滩社区", "老虎滩社区")
    assert bring(older, renamed, complete=None, edition=2023).changed == 1
    assert ended() == {GONE: DAY}


def test_what_stands_above_a_listed_place_stays(older: Path) -> None:
    without_street = NEWER.replace("210202001,海军广场街道,,21,2102,210202\n", "")
    result = bring(older, without_street)
    assert (ended(), result.in_use) == ({GONE: DAY}, 1)


def grid(valid_to: date | None) -> None:
    Grid.objects.create(
        code=GONE + "001", community_id=GONE, document="号", valid_from=date(2020, 1, 1), valid_to=valid_to,
        **name_keys("第一网格"),
    )  # fmt: skip


@pytest.mark.parametrize("valid_to", [None, date(2024, 7, 1)])
def test_a_place_with_a_grid_on_it_stays_and_is_told(older: Path, valid_to: date | None) -> None:
    grid(valid_to)
    result = bring(older, NEWER)
    assert (ended(), result.ended, result.in_use) == ({}, 0, 1)
    assert "仍有网格" in (older / "list.csv.ended.csv").read_text(encoding="utf-8-sig")


def test_a_grid_that_has_ended_by_then_keeps_nothing_open(older: Path) -> None:
    grid(DAY)
    bring(older, NEWER)
    assert ended() == {GONE: DAY}


def test_a_place_with_a_building_stays_and_so_does_what_is_above_it(older: Path) -> None:
    Building.objects.create(place_code=GONE, longitude=121.6, latitude=38.9, **name_keys("一号楼"))
    top = "\n".join(WHOLE.split("\n")[:3]) + "\n"
    result = bring(older, top)
    assert ended() == {"210202001001": DAY} and (result.ended, result.in_use) == (1, 2)


def test_a_whole_branch_of_places_ends(older: Path) -> None:
    result = bring(older, "\n".join(WHOLE.split("\n")[:3]) + "\n")
    assert sorted(ended()) == ["210202001", "210202001001", GONE] and result.ended == 3


def test_one_bad_row_closes_nothing_and_brings_nothing_in(older: Path) -> None:
    with pytest.raises(RuleViolation, match="严格"):
        bring(older, NEWER + "210202001003,,210202001,21,2102,210202\n")
    assert ended() == {} and not Area.objects.filter(edition=2024).exists()


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(9999, 1, 1)])
def test_a_day_that_cannot_be_is_refused(older: Path, day: date) -> None:
    with pytest.raises(RuleViolation, match="完整名单的日期"):
        bring(older, NEWER, complete=day)


def test_fragments_are_no_complete_list(older: Path) -> None:
    with pytest.raises(RuleViolation, match="从上到下"):
        bring(older, "210202001001,春海社区居委会,210202001,21,2102,210202\n")
    assert ended() == {} and AreaImport.objects.count() == 1


def test_the_command_takes_the_day(older: Path) -> None:
    path, out = listed(older, NEWER), StringIO()
    options = ("--edition", "2024", "--complete", "2024-06-30")
    call_command("import_places", str(path), *options, "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["ended"] == 1
    Area.objects.filter(code=GONE).update(ended_on=None)
    out = StringIO()
    call_command("import_places", str(path), *options, stdout=out)
    assert "撤销 1，仍在使用 0" in out.getvalue()
    with pytest.raises(CommandError, match="invalid"):
        call_command("import_places", str(path), "--complete", "june")

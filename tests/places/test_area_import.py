"""The national list: encodings, codes short and filled up, bad rows told, nothing twice, going on after a cut."""

from __future__ import annotations

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.places import area_import
from doorstep.kernel.places.area_file import AreaReader, BadRow, Row
from doorstep.kernel.places.area_import import ImportResult, import_areas
from doorstep.kernel.places.models import Area, AreaImport
from doorstep.kernel.places.name_table import keys_of
from doorstep.kernel.shared.errors import Conflict, NotAllowed, RuleViolation
from doorstep.kernel.shared.names import initials_of, pinyin_of
from tests.places.conftest import DISTRICT_OFFICER

IMPORTER = system_actor("tests")
HEADINGS = "code,name,streetCode,provinceCode,cityCode,areaCode"
WHOLE = """\
21,辽宁省,,,,
2102,大连市,,21,,
210202,中山区,,21,2102,
210202001,海军广场街道,,21,2102,210202
210202001001,春海社区居委会,210202001,21,2102,210202
210202001002,虎滩社区居委会,210202001,21,2102,210202
"""


def listed(folder: Path, rows: str, *, headings: str = HEADINGS, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(f"{headings}\n{rows}".encode(encoding))
    return path


def bring(path: Path, **options: object) -> ImportResult:
    return import_areas(actor=IMPORTER, path=path, edition=2023, **options)  # type: ignore[arg-type]  # options by name


def told(path: Path) -> list[tuple[int, str]]:
    """Line and reason of each bad row."""
    with path.with_name("list.csv.errors.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(int(row["行"]), row["原因"]) for row in csv.DictReader(file)]


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_list_goes_in_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    result = bring(listed(tmp_path, WHOLE, encoding=encoding))
    assert (result.added, result.changed, result.unchanged, result.refused) == (6, 0, 0, 0)
    area = Area.objects.get(code="210202001001")
    assert (area.name, area.level, area.parent_id, area.edition) == (
        "春海社区居委会", "community", "210202001", 2023,
    )  # fmt: skip
    assert (area.pinyin, area.initials) == ("chunhaishequjuweihui", "chsqjwh")
    assert result.errors_file is None and not (tmp_path / "list.csv.errors.csv").exists()


@pytest.mark.django_db
def test_second_time_nothing_is_touched(tmp_path: Path) -> None:
    path = listed(tmp_path, WHOLE)
    bring(path)
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, xmin, ctid FROM places_area ORDER BY code")
        before = cursor.fetchall()
        result = bring(path)
        cursor.execute("SELECT code, xmin, ctid FROM places_area ORDER BY code")
        assert cursor.fetchall() == before
    assert (result.added, result.changed, result.unchanged) == (0, 0, 6)


@pytest.mark.django_db
def test_renamed_place_is_changed_and_an_older_list_changes_nothing(tmp_path: Path) -> None:
    bring(listed(tmp_path, WHOLE))
    result = bring(listed(tmp_path, WHOLE.replace("虎滩社区居委会", "虎滩新区社区居委会")))
    assert (result.added, result.changed, result.unchanged) == (0, 1, 5)
    older = import_areas(actor=IMPORTER, path=listed(tmp_path, WHOLE), edition=2020)
    assert older.changed == 0 and Area.objects.get(code="210202001002").name == "虎滩新区社区居委会"
    newer = import_areas(actor=IMPORTER, path=listed(tmp_path, WHOLE), edition=2024)
    assert newer.changed == 6 and Area.objects.get(code="210202001002").name == "虎滩社区居委会"


@pytest.mark.django_db
def test_twelve_digits_and_other_headings(tmp_path: Path) -> None:
    rows = """\
210000000000,辽宁省
210200000000,大连市
210202000000,中山区
210202001000,海军广场街道
210202001001,春海社区居委会
440000000000,广东省
441900000000,东莞市
441900003000,东城街道
441900003001,岗贝社区居委会
"""
    result = bring(listed(tmp_path, rows, headings="统计用区划代码,名称", encoding="gb18030"))
    assert result.refused == 0 and result.implied == ["441900"]
    levels = dict(Area.objects.exclude(code="").values_list("code", "level"))
    assert levels == {
        "21": "province", "2102": "city", "210202": "county", "210202001": "street", "210202001001": "community",
        "44": "province", "4419": "city", "441900": "county", "441900003": "street", "441900003001": "community",
    }  # fmt: skip
    assert Area.objects.get(code="441900").name == "东莞市"


@pytest.mark.django_db
def test_upper_columns_say_what_zeros_do_not(tmp_path: Path) -> None:
    rows = """\
35,福建省,,,,
3505,泉州市,,35,,
350527,金门县,,35,3505,
350527000,金门县,,35,3505,350527
350527000000,金门县,350527000,35,3505,350527
"""
    assert bring(listed(tmp_path, rows)).refused == 0
    assert Area.objects.get(code="350527000000").level == "community"


@pytest.mark.django_db
def test_children_may_come_before_their_parents(tmp_path: Path) -> None:
    backwards = "\n".join(reversed(WHOLE.strip().split("\n"))) + "\n"
    assert bring(listed(tmp_path, backwards)).added == 6


BAD = [
    ("210202001003,,210202001,21,2102,210202", "没有名称"),
    (f"210202001003,{'长' * 41},210202001,21,2102,210202", "名称有 41 个字"),
    ("210202001003,春\x07海,210202001,21,2102,210202", "控制字符"),
    (",春海,210202001,21,2102,210202", "没有代码"),
    ("21020200100X,春海,210202001,21,2102,210202", "代码不是数字"),
    ("２１０２０２００１００３,春海,210202001,21,2102,210202", "代码不是数字"),
    ("2102020010031,春海,210202001,21,2102,210202", "代码有 13 位"),
    ("00,春海,,,,", "不能全是零"),
    ("210202001001,又一个,210202001,21,2102,210202", "代码重复：第 6 行已有"),
    ("210202001,又一个,,21,2102,210202", "代码重复：第 5 行已有"),
    ("210202009001,春海,210202009,21,2102,210202", "上级 210202009 不在文件里"),
    ("210299001,春海,,21,2102,210299", "上级 210299 不在文件里"),
    ("210202001003,春海,210202002,21,2102,210202", "不在上级 210202002 之内"),
    ("210202001003,春海,210202001,21,2103,210202", "不在上级 2103 之内"),
    ("210202002,春海,210202002,21,2102,210202", "指向自己，成了循环"),
    ("210203,春海,210203001,21,2102,", "是它的下级，成了循环"),
    ("210202001003,春海,21020X,21,2102,210202", "不是数字"),
    ("210202001003,春海,2102020,21,2102,210202", "位数不对"),
    ("210202002", "少了列"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "reason"), BAD)
def test_bad_row_is_told_and_the_rest_goes_in(tmp_path: Path, row: str, reason: str) -> None:
    path = listed(tmp_path, WHOLE + row + "\n")
    result = bring(path)
    assert (result.added, result.refused) == (6, 1)
    [(line, words)] = told(path)
    assert line == 8 and reason in words


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["县", "名" * 40, "新\\村", "\ue170头村"])
def test_unusual_names_are_names(tmp_path: Path, name: str) -> None:
    bring(listed(tmp_path, WHOLE + f"210202001003,{name},210202001,21,2102,210202\n"))
    assert Area.objects.get(code="210202001003").name == name


@pytest.mark.django_db
def test_everything_below_a_bad_row_is_an_orphan(tmp_path: Path) -> None:
    path = listed(tmp_path, WHOLE.replace("210202,中山区", "210202,"))
    assert bring(path).added == 2
    assert [line for line, _reason in told(path)] == [4, 5, 6, 7]
    assert all("上级 210202 不在" in reason for line, reason in told(path) if line > 4)
    assert bring(listed(tmp_path, WHOLE)).added == 4
    assert not (tmp_path / "list.csv.errors.csv").exists()


@pytest.mark.django_db
def test_strict_keeps_everything_out(tmp_path: Path) -> None:
    path = listed(tmp_path, WHOLE + "210202001003,,210202001,21,2102,210202\n")
    with pytest.raises(RuleViolation, match="有 1 行有误，严格模式下什么都没有导入"):
        bring(path, strict=True)
    assert Area.objects.count() == 1 and not AreaImport.objects.exists()
    assert told(path) == [(8, "没有名称。")]
    assert bring(listed(tmp_path, WHOLE), strict=True).added == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (WHOLE.encode("utf-16"), "UTF-16"),
        (b"\xff\xff\xff code,name\n", "既不是 UTF-8 也不是 GB18030"),
        ("编号,街道\n1,2\n".encode(), "没有“代码”列"),
        ("代码,街道\n1,2\n".encode(), "没有“名称”列"),
        (b"PK\x03\x04\x14\x00\x08\x08\x08\x00", "没有“代码”列|既不是 UTF-8"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(RuleViolation, match=words):
        bring(path)


@pytest.mark.django_db
def test_open_quote_costs_one_row_only_where_it_can(tmp_path: Path) -> None:
    swallowed = '210202001003,"春海' + "海" * 140_000 + "\n"
    path = listed(tmp_path, swallowed + WHOLE)
    result = bring(path)
    assert result.refused == 1 and result.added == 6
    assert "引号没有成对" in told(path)[0][1]


@pytest.mark.django_db
def test_nobody_imports_by_post(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        import_areas(actor=DISTRICT_OFFICER, path=listed(tmp_path, WHOLE), edition=2023)
    with pytest.raises(RuleViolation, match="区划年份 1023 不对"):
        import_areas(actor=IMPORTER, path=listed(tmp_path, WHOLE), edition=1023)


@pytest.mark.django_db
def test_audit_has_start_and_end_with_digest_and_counts(tmp_path: Path) -> None:
    result = bring(listed(tmp_path, WHOLE))
    start, end = Entry.objects.order_by("id")
    assert (start.action, end.action) == ("places.import_started", "places.import_finished")
    assert start.changes["digest"] == end.changes["digest"] == [None, result.digest]
    assert end.changes["added"] == [None, 6]


def test_import_goes_on_where_it_was_cut_off(
    fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    communities = "".join(f"2102020010{n:02d},第{n}社区,210202001,21,2102,210202\n" for n in range(10, 60))
    path = listed(tmp_path, "\n".join(WHOLE.split("\n")[:4]) + "\n" + communities)
    monkeypatch.setattr(area_import, "CHUNK", 10)
    chunks = []

    def cut(what: str, done: int, whole: int) -> None:
        if what == "write":
            chunks.append(done)
            if len(chunks) == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(path, progress=cut)
    assert Area.objects.count() == 1 + 4 + 20
    unfinished = AreaImport.objects.get()
    assert unfinished.finished_at is None and unfinished.line == 25
    result = bring(path)
    assert result.resumed_at_line == 25 and result.added == 54 and result.unchanged == 0
    assert Area.objects.count() == 1 + 54
    finished = AreaImport.objects.get()
    assert finished.finished_at is not None and finished.added == 54


def test_two_imports_at_once_are_one_too_many(fresh_database: str, tmp_path: Path) -> None:
    path = listed(tmp_path, WHOLE)

    def second(what: str, done: int, whole: int) -> None:
        if what == "check" and done == whole:
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [area_import.ONE_AT_A_TIME])
                assert cursor.fetchone() == (False,)
            other.close()

    bring(path, progress=second)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [area_import.ONE_AT_A_TIME])
        with pytest.raises(Conflict, match="另一个区划导入正在进行"):
            bring(path)
    other.close()


@pytest.mark.django_db
def test_command_prints_counts(tmp_path: Path) -> None:
    out = StringIO()
    path = listed(tmp_path, WHOLE)
    call_command("import_places", str(path), "--edition", "2023", "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["added"] == 6
    out = StringIO()
    call_command("import_places", str(path), "--edition", "2023", stdout=out)
    assert "新增 0，更新 0，未变 6，有误 0。" in out.getvalue()
    with pytest.raises(CommandError, match="没有文件"):
        call_command("import_places", str(tmp_path / "none.csv"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.text(max_size=14) | st.from_regex(r"[0-9]{2,12}", fullmatch=True), max_size=7), max_size=6))  # fmt: skip
def test_any_row_is_fit_or_told(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS.split(","))
        writer.writerows(rows)
    for row in AreaReader(path, "utf-8"):
        if isinstance(row, BadRow):
            assert row.reason
            continue
        assert isinstance(row, Row) and row.code.isdigit() and row.code.isascii()
        assert row.code.startswith(row.parent) and len(row.parent) < len(row.code) in (2, 4, 6, 9, 12)
        assert 1 <= len(row.name) <= 40


@pytest.mark.parametrize(
    "name", ["长春路", "朝阳社区居委会", "十里堡村委会", "海军广场街道", "重庆路", "佛山"]
)
def test_keys_by_table_are_those_by_phrases(name: str) -> None:
    assert keys_of(name) == (pinyin_of(name), initials_of(name))


def test_edition_defaults_to_this_year(db: None, tmp_path: Path, clock_fixed: date) -> None:
    call_command("import_places", str(listed(tmp_path, WHOLE)), "--format", "json", stdout=StringIO())
    assert AreaImport.objects.get().edition == clock_fixed.year

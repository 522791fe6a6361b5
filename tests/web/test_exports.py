"""Excel and CSV out: same rows, scope and columns as the page; harmless; recorded."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access import capabilities
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.web.models import Export
from doorstep.kernel.web.register_pages.exporting import harmless
from tests.sign_in import client_of
from tests.web.conftest import START, account, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("test_registers")]
URL = "/desk/r/test_units/export"


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(body(answer)))
    return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def lines(answer: Any) -> list[list[str]]:
    raw = body(answer)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_the_file_has_the_rows_and_columns_of_the_page(street_officer: Client) -> None:
    unit("甲小组", "990101001001", document="文号一")
    unit("丙小组", "990101002001")
    rows = sheet(street_officer.get(f"{URL}.xlsx"))
    assert rows[0] == ("名称", "地方", "地方（代码）", "类型", "成立日期", "成立天数", "办公电话")
    assert [row[:4] for row in rows[1:]] == [("甲小组", "甲社区", "990101001001", "楼栋党小组")]
    assert rows[1][4] == dt.datetime(2024, 1, 1) and rows[1][5] == 896
    assert lines(street_officer.get(f"{URL}.csv"))[1][:4] == [
        "甲小组",
        "甲社区",
        "990101001001",
        "楼栋党小组",
    ]
    assert "文号一" in sheet(street_officer.get(f"{URL}.xlsx?columns=all"))[1]
    assert len(sheet(street_officer.get(f"{URL}.xlsx?document=没有"))) == 1


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", '=HYPERLINK("x")', "http://x"]
)
def test_text_never_becomes_a_formula(street_officer: Client, evil: str) -> None:
    unit(evil, "990101001001")
    opened = openpyxl.load_workbook(io.BytesIO(body(street_officer.get(f"{URL}.xlsx"))))
    cell = opened.worksheets[0]["A2"]
    assert cell.data_type == "s" and cell.hyperlink is None
    assert cell.value.replace("_x000D_", "\r").strip() == evil.strip()  # the escape that Excel itself writes
    text = lines(street_officer.get(f"{URL}.csv"))[1][0]
    assert text == (evil if evil == "http://x" else "'" + evil)


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [harmless(value) for value in (-5, "a=b", "", "甲-乙", dt.date(2026, 1, 2))] == [
        -5, "a=b", "", "甲-乙", dt.date(2026, 1, 2),
    ]  # fmt: skip


def test_long_exports_are_whole_and_in_order(street_officer: Client) -> None:
    from tests.web.test_register_pages import many

    many(4100)
    rows = sheet(street_officer.get(f"{URL}.xlsx"))
    assert [row[0] for row in rows[1:]] == [f"第{at}小组" for at in range(4100)]


def test_rows_leave_while_the_rest_is_still_in_the_database(street_officer: Client) -> None:
    """What leaves has been recorded; the rows are read as they are taken."""
    from tests.web.test_register_pages import many

    many(4100)
    for form in ("xlsx", "csv"):
        answer = street_officer.get(f"{URL}.{form}")
        assert answer.streaming and Export.objects.filter(form=form, rows=4100).exists()
        pieces = iter(answer.streaming_content)
        next(pieces)
        with CaptureQueriesContext(connection) as asked:
            assert sum(1 for _ in pieces) >= 2
        assert len(asked) >= 1


def test_each_export_is_recorded(street_officer: Client) -> None:
    unit("甲小组", "990101001001")
    body(street_officer.get(f"{URL}.csv?superior=no"))
    made = Export.objects.get()
    assert (made.rows, made.form, made.place_code) == (1, "csv", "990101001")
    entry = Entry.objects.get(action="web.export")
    assert entry.target_id == str(made.pk) and entry.account_id == made.account_id
    assert "sentence" not in entry.changes  # it may name whom was searched for
    assert line(entry).words["sentence"] == "演示路街道 · 2026-06-15 在册 · 没有上级的楼栋党小组"
    assert entry.changes["rows"] == 1


def test_outside_the_scope_there_is_nothing_to_export(street_officer: Client, neighbour: Client) -> None:
    unit("甲小组", "990101001001")
    assert neighbour.get(f"{URL}.xlsx?place=990101001").status_code == 404
    assert len(sheet(neighbour.get(f"{URL}.xlsx"))) == 1
    assert street_officer.get("/desk/r/test_people/export.xlsx").status_code == 404, (
        "no post may export people"
    )
    assert not Entry.objects.filter(target__contains="person").exists()


def test_an_export_capability_narrows_the_rows(district: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who sees a street, but may export one community of it."""
    monkeypatch.setitem(capabilities._holders, "people.export_test", {"community_worker"})
    who = account("street_officer", "street_office", "990101001", name="演示甲一")
    home = unit("乙社区居民委员会", "990101001002", kind="residents_committee")
    Appointment.objects.create(
        person=who.person,
        post="community_worker",
        unit=home.unit,
        place_code="990101001002",
        valid_from=START,
    )
    for place, name in [("990101001001", "演示甲二"), ("990101001002", "演示甲三")]:
        Person.objects.create(place_code=place, created_at=clock.now(), **name_keys(name))
    client = client_of(who)
    assert "演示甲二" in client.get("/desk/r/test_people/?place=990101001").content.decode()
    rows = sheet(client.get("/desk/r/test_people/export.xlsx?place=990101001"))
    assert [row[0] for row in rows[1:]] == ["演示甲三"]
    for part in ("print", "text"):
        taken = client.get(f"/desk/r/test_people/{part}/?place=990101001").content.decode()
        assert "演示甲三" in taken and "演示甲二" not in taken


@pytest.mark.parametrize("form", ["print", "text"])
def test_what_leaves_on_paper_or_as_text_is_recorded_too(street_officer: Client, form: str) -> None:
    unit("甲小组", "990101001001")
    assert "甲小组" in street_officer.get(f"/desk/r/test_units/{form}/?superior=no").content.decode()
    made = Export.objects.get()
    assert (made.rows, made.form, made.place_code) == (1, form, "990101001")
    entry = Entry.objects.get(action="web.export")
    assert entry.target_id == str(made.pk) and entry.account_id == made.account_id
    assert (entry.changes["form"], entry.changes["rows"]) == (form, 1)
    assert line(entry).words["sentence"] == "演示路街道 · 2026-06-15 在册 · 没有上级的楼栋党小组"


def test_who_may_not_export_neither_prints_nor_copies(street_officer: Client) -> None:
    page = street_officer.get("/desk/r/test_people/").content.decode()
    for part in ("print/", "text/"):
        assert f"/desk/r/test_people/{part}" not in page
        assert street_officer.get(f"/desk/r/test_people/{part}").status_code == 404
    assert not Export.objects.exists()

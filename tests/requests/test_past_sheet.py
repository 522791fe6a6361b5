"""An office's own sheet of past requests: through the law of requests, once by the office's number, wrong cells named."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.registers import ImportRow
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.kernel.web.imports.reading import Line
from doorstep.kernel.web.imports.values import RowParser
from doorstep.modules.requests import past_sheet
from doorstep.modules.requests.models import Rating, Request
from doorstep.modules.requests.past_sheet import COLUMNS, IMPORTER, bring_rows
from tests.organisations.world import START
from tests.requests.world import DISTRICT, GRID, add_actor

USUAL = {
    "office": "演示居委会", "number": "2025-1", "opened": "2026-03-02 10:00", "place": GRID, "text": "三单元的灯坏了两天",
    "item": "路灯楼道灯不亮", "accepted": "2026-03-02 13:20", "handler": "演示worker", "handled": "2026-03-03 09:30",
    "result": "换了灯泡", "verified": "2026-03-04 15:00", "verifier": "演示community", "grade": "满意",
    "caller": "演示甲一", "phone": "138 0000 0000",
}  # fmt: skip


@pytest.fixture
def offices(world):
    for role, post in (("worker", "grid_worker"), ("community", "community_worker")):
        Appointment.objects.create(
            person=world.people[role], post=post, unit=world.committee, place_code=GRID[:12], valid_from=START,
        )  # fmt: skip
    return world


def parsed(*rows: dict[str, str]) -> tuple[list[ImportRow], list[tuple[int, str, str]]]:
    """Rows as the import reads them, and what their cells have wrong."""
    parser = RowParser(IMPORTER, {column.key: at for at, column in enumerate(COLUMNS)}, Places([DISTRICT]))
    sound, wrong = [], []
    for number, row in enumerate(rows, start=2):
        read, problems = parser.parse(Line(number, [row.get(column.key) or None for column in COLUMNS]))
        wrong += [(problem.row, problem.column, str(problem.message)) for problem in problems]
        sound += [] if problems else [read]
    return sound, wrong


def told(world, *rows: dict[str, str]) -> list[tuple[int, str, str]]:
    sound, wrong = parsed(*rows)
    written = bring_rows(world["district"], sound)
    return wrong + [(problem.row, problem.column, str(problem.message)) for problem in written.problems]


def sheet(folder: Path, *rows: dict[str, str], without: str = "") -> Path:
    columns = [column for column in COLUMNS if column.key != without]
    book = Workbook()
    book.active.append([str(column.name) for column in columns])
    for row in rows:
        book.active.append([row.get(column.key) for column in columns])
    path = folder / "past.xlsx"
    book.save(path)
    return path


def test_a_case_comes_in_with_its_times_and_once(offices):
    world = offices
    rows, wrong = parsed(USUAL)
    assert wrong == [] and bring_rows(world["district"], rows).outcomes == {2: "added"}
    request = Request.objects.select_related("matter__reporter").get()
    matter = request.matter
    assert (matter.state, request.own_number, request.item.code) == ("closed", "2025-1", "env.lamp")
    assert matter.holder_id == world.committee.pk and matter.handler_id == world.people["worker"].pk
    steps = History.objects.filter(matter=matter).order_by("number")
    assert [step.name for step in steps] == ["open", "accept", "handle", "verify"]
    assert f"{steps[3].at:%Y-%m-%d %H:%M}" == "2026-03-04 07:00"
    assert (Rating.objects.get().satisfaction, Rating.objects.get().solved) == (4, True)
    assert (
        matter.reporter.name == "演示甲一"
        and Entry.objects.filter(changes__has_key="brought_from").count() >= 4
    )
    again = bring_rows(world["district"], rows)
    assert (again.outcomes, Request.objects.count()) == ({2: "unchanged"}, 1)


def test_what_was_not_finished_stays_open(offices):
    rows, _wrong = parsed({key: USUAL[key] for key in ("office", "number", "opened", "place", "text")})
    assert bring_rows(offices["district"], rows).problems == []
    assert Matter.objects.get().state == "reported" and Matter.objects.get().reporter is None


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"opened": "2027-03-02 10:00"}, "opened", "在将来"), ({"opened": "2026-03-02"}, "opened", "几点几分"),
        ({"opened": "2026-02-30 10:00"}, "opened", "没有"), ({"handled": "2026-03-02 13:00"}, "handled", "早于"),
        ({"accepted": ""}, "accepted", "也要填"), ({"place": "210299001001"}, "place", "没有代码"),
        ({"unit": "没有的单位"}, "unit", "没有叫"), ({"item": "没有的事项"}, "item", "事项目录"),
        ({"handler": ""}, "handler", "是谁"), ({"handler": "没有这人"}, "handler", "任职"),
        ({"verifier": "演示worker"}, "verifier", "办理人"), ({"result": ""}, "result", "结果"),
        ({"grade": "还行"}, "grade", "可以填"), ({"phone": "123"}, "phone", "号码"),
        ({"rated": "2026-03-05 10:00", "grade": ""}, "grade", "也要填"), ({"number": ""}, "number", "必须填写"),
    ],
)  # fmt: skip
def test_wrong_cells_are_named_and_the_rest_comes_in(offices, change, column, words):
    found = told(offices, USUAL | change, USUAL | {"number": "2025-2"})
    assert [(row, key) for row, key, _words in found] == [(2, column)] and words in found[0][2]
    assert list(Request.objects.values_list("own_number", flat=True)) == ["2025-2"]


def test_a_number_twice_in_the_sheet(offices):
    found = told(offices, USUAL, USUAL | {"text": "另一件"})
    assert [(row, column) for row, column, _words in found] == [(3, "office")] and "第 2 行" in found[0][2]


def test_a_hotline_ticket_that_is_here_already(offices):
    hotline = USUAL | {"source": "热线"}
    assert told(offices, hotline) == []
    assert Request.objects.get().hotline_number == "2025-1"
    ((row, column, words),) = told(
        offices, hotline | {"office": "演示街道办", "unit": "演示居委会", "verifying": "演示居委会"}
    )
    assert (row, column) == (2, "number") and "热线工单" in words


def test_nobody_is_registered_for_a_case_that_is_refused(offices):
    """A place outside the actor's: the row's caller is not left behind as a person."""
    rows, _wrong = parsed(USUAL)
    stranger = add_actor(offices, "far", "street_officer", offices.abroad, "210202009")
    before = Person.objects.count()
    written = bring_rows(stranger, rows)
    assert [problem.column for problem in written.problems] == ["place"]
    assert (Person.objects.count(), Matter.objects.count()) == (before, 0)


def test_the_command_tells_wrong_rows_in_a_file_and_goes_on(offices, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("doorstep.modules.requests.management.commands.bring_past_requests.PORTION", 2)
    rows = [USUAL | {"number": f"2025-{number}", "office": None} for number in range(1, 6)]
    rows[3] |= {"verified": "2026-03-01 10:00"}
    path = sheet(tmp_path, *rows, without="office")
    with pytest.raises(CommandError, match="有 1 行不能导入"):
        call_command("bring_past_requests", str(path), office="演示居委会", check=True)
    assert not Matter.objects.exists() and "什么也没有导入" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"past\.problems\.csv"):
        call_command("bring_past_requests", str(path), office="演示居委会")
    assert "5 / 5 行" in capsys.readouterr().out and Matter.objects.count() == 4
    with (tmp_path / "past.problems.csv").open(encoding="utf-8-sig") as file:
        (_head, problem) = csv.reader(file)
    assert (
        problem[0] == "5" and problem[2] == "核实时间" and "早于" in problem[3] and problem[1].endswith("5")
    )
    mended = sheet(tmp_path, *(row | {"verified": "2026-03-04 15:00"} for row in rows), without="office")
    call_command("bring_past_requests", str(mended), office="演示居委会")
    assert "以前已导入 4" in capsys.readouterr().out and Matter.objects.count() == 5


def test_an_import_cut_off_goes_on_after_the_last_whole_portion(offices, tmp_path, monkeypatch):
    command = "doorstep.modules.requests.management.commands.bring_past_requests"
    monkeypatch.setattr(f"{command}.PORTION", 2)
    path = sheet(tmp_path, *(USUAL | {"number": str(number)} for number in range(5)))
    portions = iter([bring_rows, bring_rows])
    monkeypatch.setattr(f"{command}.bring_rows", lambda actor, rows: next(portions)(actor, rows))
    with pytest.raises(StopIteration):
        call_command("bring_past_requests", str(path))
    assert Matter.objects.count() == 4
    monkeypatch.setattr(f"{command}.bring_rows", past_sheet.bring_rows)
    call_command("bring_past_requests", str(path))
    assert Matter.objects.count() == 5


@pytest.mark.parametrize(("without", "words"), [("office", "台账单位"), ("opened", "上报时间")])
def test_a_sheet_without_a_needed_column(offices, tmp_path, without, words):
    with pytest.raises(CommandError, match=words):
        call_command("bring_past_requests", str(sheet(tmp_path, USUAL, without=without)))


def test_a_file_that_is_not_there(offices, tmp_path):
    with pytest.raises(CommandError, match=r"none\.xlsx"):
        call_command("bring_past_requests", str(tmp_path / "none.xlsx"))

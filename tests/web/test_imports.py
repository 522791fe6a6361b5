"""From the upload to the rows: mapping remembered, rehearsal, choice, progress, a killed worker, whose import it is."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import openpyxl
import psycopg
import pytest
from django.db import connection
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations import registers
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ColumnMapping, ImportJob
from doorstep.launch import databases, jobs
from tests.sign_in import client_of
from tests.web import declared, sheets
from tests.web.conftest import account, signed_in
from tests.web.sheets import HEADINGS, workbook

pytestmark = [pytest.mark.usefixtures("own_district", "test_registers")]
URL = "/desk/r/test_units/import/"
FIRST, SECOND, BAD = (
    ["一组", "甲社区", "2024-03-05"],
    ["二组", "甲社区", "2024-03-05"],
    ["坏名字", "甲社区", "2024-03-05"],
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def secretary(own_district: None) -> Client:
    return signed_in("community_secretary", "community_party_organisation", "990101001001")


def bring(client: Client, body: bytes, url: str = URL) -> ImportJob:
    answer = client.post(url, {"file": sheets.upload(body)})
    assert answer.status_code == 302, answer.content.decode()
    return work(ImportJob.objects.latest("id"))


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def step(client: Client, job: ImportJob, **sent: str) -> ImportJob:
    answer = client.post(f"/desk/r/{job.register}/import/{job.pk}/step/", sent)
    assert answer.status_code == 302
    return work(job)


def page(client: Client, job: ImportJob) -> str:
    answer = client.get(f"/desk/r/{job.register}/import/{job.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def groups() -> list[str]:
    rows = UnitVersion.objects.filter(kind="building_party_group")
    return sorted(rows.values_list("name", flat=True))


def test_the_template_filled_in_comes_back_in(secretary: Client) -> None:
    book = sheets.opened(secretary.get(f"{URL}template.xlsx").content)
    page_, notes = book.worksheets
    heads = [cell.value for cell in page_[1]]
    assert heads == ["名称*", "社区*", "成立日期*", "户数", "种类", "在用", "文号"]
    said = "\n".join(str(cell.value) for row in notes.iter_rows() for cell in row if cell.value)
    assert "演示党小组" in said and "从这些里选：楼栋党小组、商户" in said and "由社区填写。" in said
    assert {str(rule.formula1) for rule in page_.data_validations.dataValidation} == {
        '"楼栋党小组,商户"',
        '"是,否"',
    }
    page_.append([*FIRST, 30, "楼栋党小组", "是", "文号"])
    job = bring(secretary, sheets.saved(book))
    assert (job.state, job.good, job.problem_count) == ("checked", 1, 0)
    assert "全部导入 1 行" in page(secretary, job)
    job = step(secretary, job, do="apply", mode="all")
    assert (job.state, job.added) == ("done", 1) and groups() == ["一组"]
    assert Entry.objects.get(action="web.import").changes["added"] == 1
    assert "新增 1 条" in page(secretary, job)


def test_an_offices_own_sheet_is_mapped_once(secretary: Client) -> None:
    own = ["序号", "党小组叫什么", "哪天成立"]
    job = bring(secretary, workbook([[1, "一组", "2024-03-05"]], headings=own))
    assert job.state == "mapping" and "党小组叫什么" in page(secretary, job)
    job = step(secretary, job, **{"do": "map", "column-name": "1"})
    assert job.state == "mapping", "a required column is still missing"
    assert job.mapping == {"name": 1}, "what was said stays said"
    assert "表格里没有，算作甲社区" in page(secretary, job)
    job = step(secretary, job, **{"do": "map", "column-name": "1", "column-founded_on": "1"})
    assert job.state == "mapping", "one column cannot be two"
    job = step(secretary, job, **{"do": "map", "column-name": "1", "column-founded_on": "2"})
    assert (job.state, job.good) == ("checked", 1), "the community is the page's place"
    job = bring(secretary, workbook([[1, "二组", "2024-03-05"]], headings=own))
    assert (job.state, job.mapping) == ("checked", {"name": 1, "founded_on": 2})
    assert ColumnMapping.objects.count() == 1
    job = step(secretary, job, do="remap")
    assert job.state == "mapping"


def test_our_own_export_maps_by_itself_and_its_codes_are_taken(secretary: Client) -> None:
    own = ["名称", "地方", "地方（代码）", "成立日期", "负责人"]
    rows = [["一组", "一网格", "990101001001001", "2024-03-05", "演示甲一"]]
    job = bring(secretary, workbook(rows, headings=own))
    assert (job.state, job.mapping) == ("mapping", {"name": 0, "community": 2, "founded_on": 3})
    job = step(
        secretary, job, **{"do": "map"} | {f"column-{key}": str(at) for key, at in job.mapping.items()}
    )
    assert (job.state, job.added) == ("checked", 1), "a grid lies in its community"
    step(secretary, job, do="apply", mode="all")
    assert UnitVersion.objects.get(name="一组").place_code == "990101001001"


def test_a_streets_page_does_not_stand_for_a_community(own_district: None) -> None:
    officer = signed_in("street_officer", "street_office", "990101001")
    assert "算作" not in officer.get(URL).content.decode()
    job = bring(officer, workbook([["一组", "2024-03-05"]], headings=["名称", "成立日期"]))
    assert job.state == "mapping", "the community is required and nothing stands for it"


def test_another_sheet_and_another_row_of_headings(secretary: Client) -> None:
    book = openpyxl.Workbook()
    for text in ["说明", "本表由社区填写"]:
        book.worksheets[0].append([text, text])
    second = book.create_sheet("明细")
    for row in [["标题", None, None], ["甲", "乙", "丙"], FIRST]:
        second.append(row)
    job = bring(secretary, sheets.saved(book))
    assert job.state == "mapping"
    job = step(secretary, job, do="look", sheet="明细", header_row="2")
    assert (job.state, job.sheet, job.layout["headings"]) == ("mapping", "明细", ["甲", "乙", "丙"])
    assert "丙" in page(secretary, job)


def test_errors_by_cell_and_a_workbook_of_them(secretary: Client) -> None:
    job = bring(secretary, workbook([FIRST, BAD, ["三组", "甲社区", "2025-02-30"]]))
    text = page(secretary, job)
    assert "A3" in text and "这个名字不能用" in text and "C4" in text and "2025 年 2 月只有 28 天" in text
    assert "只导入没有问题的 1 行" in text and "全部导入" not in text
    book = sheets.opened(secretary.get(f"{URL}{job.pk}/problems.xlsx").content)
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows[0] == [*HEADINGS, "原来的行号", "问题"]
    assert [row[3] for row in rows[1:]] == [3, 4] and rows[2][4].startswith("C4 2025-02-30 不存在")
    assert (
        book.worksheets[0]["C3"].fill.fgColor.rgb == "FFFDECEA"
        and book.worksheets[0]["A3"].fill.fgColor.rgb != "FFFDECEA"
    )
    book.worksheets[0]["A2"], book.worksheets[0]["C3"] = "二组", "2025-02-28"
    again = bring(secretary, sheets.saved(book))
    assert (again.state, again.good, again.problem_count) == ("checked", 2, 0), (
        "put right in place, it goes in"
    )


@pytest.mark.parametrize("key", ["test_units", "bulk_units"])
def test_added_changed_and_unchanged_are_counted_as_they_are(secretary: Client, key: str) -> None:
    """In the rehearsal and in the outcome; an unchanged row leaves no history."""
    url, headings = f"/desk/r/{key}/import/", [*HEADINGS, "文号"]
    both = workbook([[*FIRST, "甲"], [*SECOND, "乙"]], headings=headings)
    step(secretary, bring(secretary, both, url), do="apply", mode="all")
    written = Entry.objects.exclude(action="web.import").count()
    body = workbook(
        [[*FIRST, "甲"], [*SECOND, "丙"], ["三组", *FIRST[1:], ""], [*BAD, ""]], headings=headings
    )
    job = bring(secretary, body, url)
    assert (job.added, job.changed, job.unchanged, job.bad) == (1, 1, 1, 1)
    assert "新增 1，更新 1，未变 1），1 行有问题" in page(secretary, job)
    assert Entry.objects.exclude(action="web.import").count() == written
    job = step(secretary, job, do="apply", mode="good")
    assert (job.added, job.changed, job.unchanged, job.bad) == (1, 1, 1, 1)
    assert "新增 1 条，更新 1 条，未变 1 条，未导入 1 行" in page(secretary, job)
    assert Entry.objects.exclude(action="web.import").count() == written + 2
    again = page(secretary, bring(secretary, body, url))
    assert "新增 0，更新 0，未变 3" in again and "不用导入" in again and 'value="good"' not in again


def test_all_or_nothing_refuses_while_there_are_problems(secretary: Client) -> None:
    job = bring(secretary, workbook([FIRST, BAD]))
    job = step(secretary, job, do="apply", mode="all")
    assert job.state == "checked" and groups() == []
    assert "不能全部导入" in page(secretary, job)


def test_all_or_nothing_leaves_nothing_when_things_changed_meanwhile(
    secretary: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bring(secretary, workbook([FIRST, SECOND]))
    service = declared.import_group

    def refusing(actor: Any, row: Any) -> Any:
        return service(
            actor,
            registers.ImportRow(row.number, {**row.values, "name": "坏名字"})
            if row["name"] == "二组"
            else row,
        )

    changed = declared.replace(
        declared.UNITS, importer=declared.replace(declared.IMPORTER, row_service=refusing)
    )
    monkeypatch.setitem(registers._registers, "test_units", changed)
    job = step(secretary, job, do="apply", mode="all")
    assert job.state == "checked" and "一行也没有导入" in job.message
    assert groups() == [] and not Entry.objects.filter(action="organisations.establish").exists()


def test_the_good_rows_only_and_again_without_harm(secretary: Client) -> None:
    body = workbook([FIRST, BAD, SECOND])
    job = step(secretary, bring(secretary, body), do="apply", mode="good")
    assert (job.state, job.added, job.bad) == ("done", 2, 1) and groups() == ["一组", "二组"]
    assert "A3" in page(secretary, job)
    again = bring(secretary, body)
    assert (again.added, again.unchanged, again.bad) == (0, 2, 1)
    assert step(secretary, again, do="apply", mode="good").unchanged == 2
    assert groups() == ["一组", "二组"]
    assert step(secretary, again, do="apply", mode="good").unchanged == 2, "what is done cannot be done again"


def test_rows_outside_ones_places_are_refused_by_row(secretary: Client) -> None:
    job = bring(secretary, workbook([FIRST, ["二组", "990101001002", "2024-03-05"]]))
    assert job.problems == [[3, "community", "没有代码为 990101001002 的地方，或者不在您的范围内"]]


def test_an_import_is_its_uploaders_alone(secretary: Client, own_district: None) -> None:
    job = bring(secretary, workbook([FIRST, BAD]))
    other = signed_in("community_secretary", "community_party_organisation", "990101001002")
    for path in ["", "problems.xlsx"]:
        assert other.get(f"{URL}{job.pk}/{path}").status_code == 404
    assert other.post(f"{URL}{job.pk}/step/", {"do": "cancel"}).status_code == 404
    assert secretary.get(f"/desk/r/slow_units/import/{job.pk}/").status_code == 404
    worker = signed_in("grid_worker", "residents_committee", "990101001001001")
    assert worker.get(URL).status_code == 404 and worker.get(f"{URL}template.xlsx").status_code == 404
    assert worker.get("/desk/r/test_units/").status_code == 200
    assert "导入</a>" not in worker.get("/desk/r/test_units/").content.decode()
    assert secretary.get("/desk/r/test_people/import/").status_code == 404


def test_who_lost_the_post_meanwhile_imports_nothing(secretary: Client) -> None:
    job = bring(secretary, workbook([FIRST]))
    Account.objects.filter(pk=job.account_id).update(is_active=False)
    ImportJob.objects.filter(pk=job.pk).update(state="applying", mode="good")
    assert work(job).state == "failed" and groups() == []


def test_giving_up_deletes_the_file(secretary: Client) -> None:
    job = bring(secretary, workbook([FIRST]))
    path = job.file.path
    job = step(secretary, job, do="cancel")
    assert job.state == "cancelled" and not os.path.exists(path)
    assert (job.original_name, job.layout, job.problems, job.notes) == ("", {}, [], [])
    assert "一组" not in page(secretary, job) and "文件已删除" in secretary.get(URL).content.decode()
    assert step(secretary, job, do="apply", mode="good").state == "cancelled"
    assert secretary.post(f"{URL}{job.pk}/step/", {"do": "nonsense"}).status_code == 404


def test_a_missing_file_and_no_file_are_said(secretary: Client) -> None:
    assert "请选择一个文件" in secretary.post(URL, {}).content.decode()
    job = bring(secretary, workbook([FIRST]))
    os.unlink(job.file.path)
    job = step(secretary, job, do="apply", mode="good")
    assert job.state == "refused" and "已过期删除" in job.message


def test_progress_is_polled_until_the_work_is_done(secretary: Client) -> None:
    secretary.post(URL, {"file": sheets.upload(workbook([FIRST]))})
    job = ImportJob.objects.latest("id")
    address = f"{URL}{job.pk}/"
    assert f'hx-get="{address}"' in secretary.get(address).content.decode()
    part = secretary.get(address, headers={"HX-Request": "true"})
    assert "<progress" in part.content.decode() and "<html" not in part.content.decode()
    work(job)
    assert secretary.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_fault_of_ours_stops_the_import_where_it_stands(
    secretary: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bring(secretary, workbook([[f"组{at}", "甲社区", "2024-03-05"] for at in range(900)]))
    service = declared.import_group

    def failing(actor: Any, row: Any) -> Any:
        if row["name"] == "组700":
            raise RuntimeError("a fault")
        return service(actor, row)

    broken = declared.replace(
        declared.UNITS, importer=declared.replace(declared.IMPORTER, row_service=failing)
    )
    with monkeypatch.context() as patch:
        patch.setitem(registers._registers, "test_units", broken)
        job = step(secretary, job, do="apply", mode="good")
    assert (job.state, job.position, len(groups())) == ("failed", 500, 500)
    assert "已处理 500 / 900 行" in page(secretary, job)
    job = step(secretary, job, do="resume")
    assert (job.state, job.added, len(groups())) == ("done", 900, 900)


@pytest.mark.parametrize("mode", ["good", "all"])
def test_a_killed_worker_is_followed_by_another(own_district: None, tmp_path: Any, mode: str) -> None:
    """Real workers in processes of their own; the first is killed in the middle of its rows."""
    who = account("community_secretary", "community_party_organisation", "990101001001")
    client = client_of(who)
    rows = [[f"组{at}", "甲社区", "2024-03-05"] for at in range(1200)]
    client.post("/desk/r/slow_units/import/", {"file": sheets.upload(workbook(rows))})
    job = ImportJob.objects.latest("id")
    running.examine(job)
    ImportJob.objects.filter(pk=job.pk).update(state="applying", mode=mode)
    with started_worker("first", tmp_path) as first:
        wait(lambda: progress_of(job) >= 500, 60)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert ImportJob.objects.get(pk=job.pk).state == "applying"
    assert len(groups()) == (ImportJob.objects.get(pk=job.pk).position if mode == "good" else 0)
    with databases.connect("application", os.environ["DOORSTEP_DATABASE"]) as own:
        wait(lambda: requeued(own), 20)
    with started_worker("second", tmp_path) as second:
        wait(lambda: ImportJob.objects.get(pk=job.pk).state != "applying", 90)
        second.send_signal(signal.SIGTERM)
        second.wait()
    job.refresh_from_db()
    assert (job.state, job.position, job.added) == ("done", 1200, 1200)
    assert len(groups()) == 1200
    assert Entry.objects.filter(action="organisations.establish").count() == 1200
    assert Entry.objects.filter(action="web.import").count() == 1


def test_two_workers_at_one_import_do_its_rows_once(own_district: None) -> None:
    who = account("community_secretary", "community_party_organisation", "990101001001")
    client = client_of(who)
    rows = [[f"组{at}", "甲社区", "2024-03-05"] for at in range(1100)]
    client.post("/desk/r/slow_units/import/", {"file": sheets.upload(workbook(rows))})
    job = ImportJob.objects.latest("id")
    running.examine(job)
    ImportJob.objects.filter(pk=job.pk).update(state="applying", mode="good")

    def worker() -> None:
        try:
            running.run(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert (job.state, job.position, job.added, job.unchanged) == ("done", 1100, 1100, 0)
    assert Entry.objects.filter(action="web.import").count() == 1


def started_worker(identity: str, media: Any) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from tests.web import worker_settings as s; s.MEDIA_ROOT = sys.argv[1];"
        "from doorstep.launch import children; children.main('worker', sys.argv[2], supervised=False)"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.web.worker_settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen([sys.executable, "-c", code, str(media), identity], env=environment)


def wait(until: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)


def progress_of(job: ImportJob) -> int:
    return int(ImportJob.objects.values_list("position", flat=True).get(pk=job.pk))


def requeued(connection: psycopg.Connection) -> bool:
    return jobs.requeue_abandoned(connection) > 0


def test_a_template_is_a_workbook(secretary: Client) -> None:
    answer = secretary.get(f"{URL}template.xlsx")
    assert "filename*=utf-8''" in answer["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames == ["楼栋党小组", "填写说明"]

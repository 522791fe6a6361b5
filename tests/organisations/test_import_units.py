"""Units brought in from an office's own list, through the pages: rehearsed, the good rows applied, once."""

from __future__ import annotations

from typing import Any

from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from tests.organisations.world import ABROAD, COMMUNITY
from tests.web import sheets

URL = "/desk/r/units/import/"
HEADINGS = [
    "名称",
    "类型",
    "地方",
    "成立日期",
    "上级",
    "批准文号",
    "统一社会信用代码",
    "办公电话",
    "办公时间",
]
GOOD_CODE, BAD_CODE = "91350100M000100Y43", "91350100M000100Y44"


def row(name: str, kind: str, place: str = COMMUNITY, **more: str) -> list[str]:
    given = {
        "founded_on": "2026-01-05",
        "superior": "",
        "document": "",
        "code": "",
        "phone": "",
        "hours": "",
    } | more
    return [name, kind, place, *given.values()]


def rehearsed(client: Any, rows: list[list[str]]) -> ImportJob:
    answer = client.post(URL, {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))})
    assert answer.status_code == 302, answer.content.decode()
    return work(ImportJob.objects.latest("id"))


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def brought(client: Any, rows: list[list[str]]) -> ImportJob:
    job = rehearsed(client, rows)
    client.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    return work(job)


def test_an_offices_list_of_units(street: Any) -> None:
    good = [
        row(
            "演示居委会",
            "居民委员会",
            superior="演示街道办",
            document="演示〔2026〕3号",
            phone="0411-82000003",
        ),
        row("演示公司", "企业", code=GOOD_CODE.lower()),
        row("演示志愿队", "志愿服务队"),
    ]
    bad = [
        row("演示错码公司", "企业", code=BAD_CODE),
        row("演示二居委会", "居民委员会"),
        row("演示外地商户", "商户", ABROAD),
        row("演示支部", "网格党支部", document="文"),
        row("演示三居委会", "居民委员会", superior="没有的单位", document="文"),
    ]
    job = rehearsed(street, [*good, *bad])
    assert (job.state, job.good, job.problem_count) == ("checked", 3, 5)
    assert not UnitVersion.objects.filter(name="演示公司").exists(), "a rehearsal writes nothing"
    page = street.get(f"{URL}{job.pk}/").content.decode()
    for words in (
        "校验码不对",
        "请填写批准文号",
        "不在您的范围内",
        "在组织链条里成立",
        "没有名为“没有的单位”的单位",
    ):
        assert words in page, words
    wrong = next(problem for problem in job.problems if "校验码不对" in str(problem))
    assert wrong[0] == 5, "the row of the sheet is named"
    street.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    assert (work(job).state, job.added) == ("done", 3)
    made = UnitVersion.objects.get(name="演示居委会")
    assert (made.kind, made.phone, made.document) == (
        "residents_committee",
        "0411-82000003",
        "演示〔2026〕3号",
    )
    assert made.superior_id == UnitVersion.objects.get(name="演示街道办").unit_id
    assert Unit.objects.get(versions__name="演示公司").credit_code == GOOD_CODE


def test_again_and_brought_up_to_date(street: Any) -> None:
    assert brought(street, [row("演示公司", "企业"), row("演示商户", "商户")]).added == 2
    again = brought(
        street,
        [row("演示公司", "企业", code=GOOD_CODE, phone="0411-1", hours="每天"), row("演示商户", "商户")],
    )
    assert (again.added, again.changed, again.unchanged) == (0, 1, 1)
    now = UnitVersion.objects.get(name="演示公司", valid_to=None)
    assert (now.phone, now.hours, now.unit.credit_code) == ("0411-1", "每天", GOOD_CODE)
    assert now.valid_from.isoformat() == "2026-06-15" and now.unit.versions.count() == 2
    renamed = rehearsed(street, [row("演示新公司", "企业", code=GOOD_CODE)])
    assert renamed.problem_count == 1
    assert "登记的是“演示公司”" in street.get(f"{URL}{renamed.pk}/").content.decode()

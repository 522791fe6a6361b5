"""A hotline batch through the pages, in the hotline's own columns: rehearsed, applied, and brought again for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations import services
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from doorstep.modules.requests.models import Request
from tests.organisations import world
from tests.organisations.world import COMMUNITY, START, STREET, SYSTEM, committee, party
from tests.sign_in import client_of
from tests.web import sheets

URL = "/desk/r/requests/import/"
HEADINGS = ["工单编号", "来电号码", "诉求人", "事发地址", "所属社区", "反映内容", "诉求类型", "处理状态"]


@pytest.fixture
def street(fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Any) -> Any:
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    settings.MEDIA_ROOT, settings.DEMO = tmp_path, True
    world.build_places()
    (person,) = register_people(actor=SYSTEM, people=[NewPerson("演示街道", STREET)])
    office = party("演示街道办", STREET, kind="street_office")
    services.appoint(
        actor=SYSTEM, person_id=person.pk, post="street_officer", unit_id=office.pk, valid_from=START
    )
    committee()
    return client_of(Account.objects.create(username="street", person=person, is_demo=True))


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def brought(client: Any, rows: list[list[Any]]) -> ImportJob:
    answer = client.post(URL, {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))})
    assert answer.status_code == 302, answer.content.decode()
    job = work(ImportJob.objects.latest("id"))
    guessed = {f"column-{key}": str(index) for key, index in job.mapping.items()}
    if job.state == "mapping":
        client.post(f"{URL}{job.pk}/step/", {"do": "map"} | guessed)
        job = work(job)
    return job


def test_a_batch_of_the_hotline(street: Any) -> None:
    good = [
        [
            "DL1",
            "13800000001",
            "演示来电甲",
            "演示街1号",
            COMMUNITY,
            "三单元二楼的楼道灯不亮",
            "路灯楼道灯不亮",
            "待办",
        ],
        ["DL2", "13800000001", "演示来电甲", "", COMMUNITY, "下水道堵了往外冒脏水", "", "待办"],
    ]
    bad = ["DL3", "123", "演示来电乙", "", COMMUNITY, "路面坑洼", "", "待办"]
    twice = ["DL1", "", "", "", COMMUNITY, "又写了一遍", "", "待办"]
    job = brought(street, [*good, bad, twice])
    assert (job.state, job.problem_count) == ("checked", 2)
    assert not Matter.objects.exists(), "a rehearsal writes nothing"
    street.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    assert (work(job).state, job.added) == ("done", 2)
    assert set(Request.objects.values_list("hotline_number", "matter__item")) == {
        ("DL1", "env.lamp"), ("DL2", "env.sewer"),
    }  # fmt: skip
    again = brought(street, good)
    street.post(f"{URL}{again.pk}/step/", {"do": "apply", "mode": "all"})
    assert (work(again).added, Request.objects.count()) == (0, 2)


def test_what_is_sent_back_would_come_in_again_as_nothing_new(street: Any) -> None:
    """The sheet that goes back carries the headings a batch comes in with: their system can read it, as ours does."""
    good = [
        ["DL1", "13800000001", "演示来电甲", "演示街1号", COMMUNITY, "三单元二楼的楼道灯不亮", "路灯楼道灯不亮", "待办"],
        ["DL2", "", "演示来电乙", "", COMMUNITY, "下水道堵了往外冒脏水", "", "待办"],
    ]  # fmt: skip
    job = brought(street, good)
    street.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "all"})
    assert work(job).added == 2
    answer = street.post(
        "/desk/hotline/sheet.xlsx", {"which": "every", "since": "2026-06-15", "until": "2026-06-15"}
    )
    sent = b"".join(answer.streaming_content)
    assert street.post(URL, {"file": sheets.upload(sent, "回单.xlsx")}).status_code == 302
    back = work(ImportJob.objects.latest("id"))
    assert back.state == "mapping" and {"number", "text", "community", "item", "caller", "phone"} <= set(
        back.mapping
    )
    columns = {f"column-{key}": str(index) for key, index in back.mapping.items()}
    street.post(f"{URL}{back.pk}/step/", {"do": "map"} | columns)
    assert (work(back).problem_count, back.problems) == (0, [])
    street.post(f"{URL}{back.pk}/step/", {"do": "apply", "mode": "all"})
    assert (work(back).added, back.unchanged, Request.objects.count()) == (0, 2, 2)

"""Appointments brought in from an office's own sheet, through the pages: rehearsed, the good rows applied, once."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from tests.organisations import world
from tests.organisations.world import COMMUNITY, GRID, SECOND_GRID, START, SYSTEM, committee, party
from tests.sign_in import client_of
from tests.web import sheets

URL = "/desk/r/appointments/import/"
HEADINGS = ["序号", "姓名", "联系电话", "任职单位", "岗位", "到任日期", "网格", "备注"]


@pytest.fixture
def secretary(fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Any) -> Any:
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    settings.MEDIA_ROOT, settings.DEMO = tmp_path, True
    world.build_places()
    (person,) = register_people(actor=SYSTEM, people=[NewPerson("演示书记", COMMUNITY)])
    services.appoint(
        actor=SYSTEM, person_id=person.pk, post="community_secretary", unit_id=party().pk, valid_from=START
    )
    committee()
    return client_of(Account.objects.create(username="secretary", person=person, is_demo=True))


def bring(client: Any, rows: list[list[Any]]) -> ImportJob:
    answer = client.post(URL, {"file": sheets.upload(sheets.workbook(rows, headings=HEADINGS))})
    assert answer.status_code == 302, answer.content.decode()
    return work(ImportJob.objects.latest("id"))


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_an_offices_list_of_grid_workers(secretary: Any) -> None:
    good = [
        [1, "演示乙一", "13800000001", "演示居委会", "专职网格员", "2026-01-05", int(GRID), ""],
        [2, "演示乙二", 13800000002, "演示居委会", "专职网格员", "2026-01-05", f"{GRID}、{SECOND_GRID}", ""],
    ]
    bad = [3, "演示乙三", "13800000003", "演示居委会", "专职网格员", "2026-01-05", world.GRID_ABROAD, ""]
    job = bring(secretary, [*good, bad])
    guessed = {f"column-{key}": str(index) for key, index in job.mapping.items()}
    assert (job.state, len(guessed)) == ("mapping", 6), "two headings are nobody's: the person confirms once"
    secretary.post(f"{URL}{job.pk}/step/", {"do": "map"} | guessed)
    job = work(job)
    assert (job.state, job.good, job.problem_count) == ("checked", 2, 1)
    assert not Appointment.objects.filter(post="grid_worker").exists(), "a rehearsal writes nothing"
    page = secretary.get(f"{URL}{job.pk}/").content.decode()
    assert f"{world.GRID_ABROAD} 不在这个单位的范围内" in page and "负责范围" in page
    answer = secretary.post(f"{URL}{job.pk}/step/", {"do": "apply", "mode": "good"})
    assert answer.status_code == 302
    assert (work(job).state, job.added) == ("done", 2)
    made = Appointment.objects.filter(post="grid_worker").order_by("id")
    assert [row.places.count() for row in made] == [1, 2]
    again = bring(secretary, good)
    secretary.post(f"{URL}{again.pk}/step/", {"do": "apply", "mode": "all"})
    assert (work(again).added, made.count()) == (0, 2)

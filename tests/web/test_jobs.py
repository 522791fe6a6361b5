"""The page of background jobs: who runs the platform sees what failed and does it again; nobody else knows of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.shared import clock
from tests.desk.test_on_demo import signed_in

pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture(autouse=True)
def demo_is_on(settings: Any) -> None:
    settings.DEMO = True


def a_job(status: str = "FAILED", minutes: int = 5) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status=status, args_kwargs={"args": [1999], "kwargs": {}}, task_path="doorstep.kernel.matters.tasks.settle_year",
        backend_name="default", run_after=clock.now(), exception_class_path="builtins.OSError",
        traceback="OSError: the number 13998765432", worker_ids=["a", "b"],
        finished_at=clock.now() - dt.timedelta(minutes=minutes) if status == "FAILED" else None,
    )  # fmt: skip


def test_a_failed_job_is_told_without_its_text_and_done_again() -> None:
    job = a_job()
    client = signed_in("sysadmin")
    assert "/desk/jobs/" in client.get("/desk/").content.decode()
    page = client.get("/desk/jobs/").content.decode()
    assert "settle_year" in page and "OSError" in page and "13998765432" not in page
    answer = client.post(f"/desk/jobs/{job.pk}/again/", follow=True)
    assert "已重新排队" in answer.content.decode()
    job.refresh_from_db()
    assert (job.status, job.worker_ids, job.finished_at) == ("READY", [], None)
    assert Entry.objects.filter(action="web.job_again", target_id=str(job.pk)).count() == 1
    assert "已经重新排队" in client.post(f"/desk/jobs/{job.pk}/again/", follow=True).content.decode()
    assert Entry.objects.filter(action="web.job_again", target_id=str(job.pk)).count() == 1


@pytest.mark.parametrize("username", ["district", "secretary", "auditor", "secadmin"])
def test_for_everybody_else_the_page_does_not_exist(username: str) -> None:
    job = a_job()
    client = signed_in(username)
    assert client.get("/desk/jobs/").status_code == 404
    assert client.post(f"/desk/jobs/{job.pk}/again/").status_code == 404
    job.refresh_from_db()
    assert job.status == "FAILED"


def test_many_failures_cost_no_more_queries_and_an_unknown_job_is_said() -> None:
    client = signed_in("sysadmin")
    client.get("/desk/jobs/")
    with CaptureQueriesContext(connection) as few:
        client.get("/desk/jobs/")
    for minute in range(60):
        a_job(minutes=minute)
    a_job(minutes=60 * 24 * 31)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/desk/jobs/").content.decode()
    assert len(many) == len(few)
    assert page.count("/again/") == 50 and "失败 60 项" in page
    answer = client.post(f"/desk/jobs/{uuid.uuid4()}/again/", follow=True)
    assert "没有找到这项任务" in answer.content.decode()

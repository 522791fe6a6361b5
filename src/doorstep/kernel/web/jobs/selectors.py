"""What the queue holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.shared import clock

RECENT = dt.timedelta(days=30)
SHOWN = 50


@dataclass(frozen=True)
class FailedJob:
    """One job that failed. `error` is the kind of error alone: its text may tell of people."""

    pk: str
    name: str
    failed_at: dt.datetime
    error: str
    tries: int


@dataclass(frozen=True)
class Queue:
    """The queue now. `oldest`: since when the first of those that could run has waited."""

    waiting: int
    running: int
    oldest: dt.datetime | None
    failed: tuple[FailedJob, ...]
    failed_in_all: int


def queue() -> Queue:
    """Counts of the queue, and the latest jobs that failed within thirty days. Two queries."""
    now = clock.now()
    due, lost = Q(status="READY"), Q(status="FAILED", finished_at__gt=now - RECENT)
    held = DBTaskResult.objects.order_by().aggregate(
        waiting=Count("pk", filter=due),
        running=Count("pk", filter=Q(status="RUNNING")),
        failed=Count("pk", filter=lost),
        oldest=Min("enqueued_at", filter=due),
    )
    rows = DBTaskResult.objects.filter(lost).defer("traceback", "return_value").order_by("-finished_at")
    found = tuple(
        FailedJob(
            str(row.pk), row.task_path.rpartition(".")[2], row.finished_at or now,
            row.exception_class_path.rpartition(".")[2], len(row.worker_ids),
        )
        for row in rows[:SHOWN]
    )  # fmt: skip
    return Queue(held["waiting"], held["running"], held["oldest"], found, held["failed"])

"""The demo district's two years of requests as background work: a job for each month, behind all other work, each
asking for the next. The server answers all the while; what was cut off goes on with the next start."""

from __future__ import annotations

from django.conf import settings
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from .requests import cast_life, past

BEHIND_OTHERS = -50
TRIES = 5  # a month that cannot be brought in is not tried for ever


@task(priority=BEHIND_OTHERS)
def load_requests() -> None:
    """What the cast has in hand first; then bring in the oldest month that waits, and ask for the next; after the last, draw the sample for call-backs."""
    cast_life.play(past.demo_day())
    standing = past.standing()
    if standing.waiting:
        month = standing.waiting[0]
        brought = past.load_month(month)
        standing = past.standing()
        if month in standing.waiting:
            raise RuntimeError(f"{month.name} of the demo district is not whole: {brought.problems[:3]}")
        _say(month.name, standing)
    if standing.waiting:
        load_requests.enqueue()
    else:
        past.finish()


def carry_on() -> None:
    """Called by the scheduler: where months wait and no job is at it, or was given up, ask for one."""
    if not settings.DEMO:
        return
    try:
        standing = past.standing()
    except past.NotTheDemo:
        return
    if not standing.waiting:
        return
    ours = DBTaskResult.objects.filter(task_path=load_requests.module_path)
    if ours.filter(status__in=("READY", "RUNNING")).exists() or ours.filter(status="FAILED").count() >= TRIES:
        return
    load_requests.enqueue()


def _say(month: str, standing: past.Standing) -> None:
    done, total = f"{standing.done:,}", f"{standing.total:,}"
    print(f"演示诉求：{month} 已装入，{done} / {total} 件  |  demo requests: {done} of {total}", flush=True)
    if not standing.waiting:
        print("演示诉求全部装入  |  all demo requests are in", flush=True)

"""What waits on the platform's own pages: one's imports under way, and background jobs that failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.policies import MANAGE
from doorstep.kernel.declarations.registers import all_registers
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.web.models import ImportJob

RECENT = dt.timedelta(days=7)


def imports(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Files of one's own that wait for a word: columns to be matched, a dry run to be confirmed, a run broken off."""
    words = {"mapping": _("对应表头"), "checked": _("确认导入"), "failed": _("接着导入")}
    rows = ImportJob.objects.filter(
        account_id=actor.account_id or 0, state__in=words, expires_at__gt=clock.now()
    )
    names = {register.key: str(register.name) for register in all_registers()}
    items = [
        WorkItem(
            title=job.original_name, place_code=job.place_code, place_name=names[job.register],
            url=reverse("web:import_job", args=[job.register, job.pk]), action=words[job.state],
            due=clock.day_of(job.expires_at), detail=_("过期后文件自动删除"),
        )
        for job in rows.filter(register__in=names).order_by("expires_at")[:limit]
    ]  # fmt: skip
    return items, len(items) if len(items) < limit else rows.filter(register__in=names).count()


def failed_jobs(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Kinds of background job that failed within the week, for who runs the platform."""
    if not actor.holds_somewhere(MANAGE):
        return [], 0
    failed = DBTaskResult.objects.filter(status="FAILED", finished_at__gt=clock.now() - RECENT)
    kinds = failed.order_by().values("task_path", "exception_class_path").annotate(last=Max("finished_at"))
    found = list(kinds.order_by("-last"))
    items = [
        WorkItem(
            title=_("后台任务失败：%(task)s") % {"task": kind["task_path"].rpartition(".")[2]}, place_code="",
            place_name=kind["exception_class_path"].rpartition(".")[2], url=reverse("jobs"), action=_("查明后再做"),
            detail=_("最近 %(at)s；详细原因在服务器日志里")
            % {"at": kind["last"].astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M")},
        )
        for kind in found[:limit]
    ]  # fmt: skip
    return items, len(found)


declare(
    WorkProvider("web.imports", lazy("没办完的导入"), "confirm", imports),
    WorkProvider(
        "web.failed_jobs", lazy("失败的后台任务"), "settle", failed_jobs, lambda actor: reverse("jobs")
    ),
)

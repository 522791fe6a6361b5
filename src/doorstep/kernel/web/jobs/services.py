"""Doing a failed job again."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.authority.policies import MANAGE
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible


@transaction.atomic
def do_again(*, actor: Actor, job_id: uuid.UUID) -> None:
    """Queue a failed job once more, with all its tries. Raises NotAllowed, NotVisible, or Conflict where it has not failed."""
    if not actor.holds_somewhere(MANAGE):
        raise NotAllowed(_("后台任务由系统管理员处理。"))
    job = DBTaskResult.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotVisible(_("没有找到这项任务。"))
    if job.status != "FAILED":
        raise Conflict(_("这项任务已经重新排队，请看最新状态。"))
    job.status, job.started_at, job.finished_at, job.worker_ids = "READY", None, None, []
    job.save(update_fields=["status", "started_at", "finished_at", "worker_ids"])
    record(actor, Act("web.job_again", job, changes={"status": ["FAILED", "READY"]}))

"""What a person does with an import: upload, map, choose, give up, go on."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import Importer, Register, register
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.web.imports import mapping
from doorstep.kernel.web.imports.bounds import UPLOAD_BYTES, too_large
from doorstep.kernel.web.imports.kinds import nothing_in_it
from doorstep.kernel.web.models import ImportJob
from doorstep.kernel.web.tasks import run_import

KEPT_DAYS = 7


@transaction.atomic
def start(actor: Actor, *, found: Register, place_code: str, upload: UploadedFile[Any]) -> ImportJob:
    """Keep the file and have it examined. Raises RuleViolation for one that is too large."""
    _may_import(actor, found)
    size = upload.size or 0
    if size > UPLOAD_BYTES:
        raise RuleViolation(too_large(), field="file")
    if size == 0:
        raise RuleViolation(nothing_in_it(), field="file")
    now = clock.now()
    job = ImportJob(
        account_id=actor.account_id or 0, register=found.key, place_code=place_code, size=size,
        original_name=(upload.name or "")[-200:], created_at=now, updated_at=now,
        expires_at=now + dt.timedelta(days=KEPT_DAYS),
    )  # fmt: skip
    job.file.save(f"{uuid.uuid4().hex}.upload", upload, save=False)
    job.save()
    _enqueue(job)
    return job


def _may_import(actor: Actor, found: Register) -> None:
    if found.importer is None or not actor.holds_somewhere(found.importer.capability):
        raise NotVisible(_("没有找到这个页面。"))


def job_of(actor: Actor, key: str, job_id: int) -> ImportJob:
    """The person's own import. Raises NotVisible for anybody else's."""
    _may_import(actor, register(key))
    job = ImportJob.objects.filter(pk=job_id, register=key, account_id=actor.account_id or 0).first()
    if job is None:
        raise NotVisible(_("没有找到这次导入。"))
    return job


def _locked(actor: Actor, job: ImportJob, *states: str) -> ImportJob:
    _may_import(actor, register(job.register))
    found = ImportJob.objects.select_for_update().filter(pk=job.pk, account_id=actor.account_id or 0).first()
    if found is None:
        raise NotVisible(_("没有找到这次导入。"))
    if found.state not in states:
        raise Conflict(
            _("这次导入现在是“{state}”，这一步已经不能做了。").format(state=found.get_state_display())
        )
    return found


@transaction.atomic
def look_again(actor: Actor, job: ImportJob, *, sheet: str, header_row: int) -> ImportJob:
    """Read another sheet, or take another row for the headings."""
    job = _locked(actor, job, "mapping", "checked")
    if sheet not in job.layout.get("sheets", []):
        raise RuleViolation(_("没有这张工作表。"), field="sheet")
    job.sheet, job.state = sheet, "uploaded"
    job.layout = job.layout | {"asked_row": header_row}
    return _go(job)


@transaction.atomic
def map_columns(actor: Actor, job: ImportJob, *, columns: dict[str, int]) -> ImportJob:
    """Say which column is which, remember it for the next file, and rehearse. Raises RuleViolation."""
    job = _locked(actor, job, "mapping", "checked")
    importer = register(job.register).importer
    assert importer is not None
    if job.total == 0:
        raise RuleViolation(job.message or nothing_in_it())
    columns = _known_columns(importer, job, columns)
    if len(set(columns.values())) != len(columns):
        raise RuleViolation(_("同一列不能对应两个栏目。"))
    lacking = mapping.missing(importer, columns, place_code=job.place_code)
    if lacking:
        names = _("、").join(str(column.name) for column in lacking)
        raise RuleViolation(_("还没有指明必填的栏目：{names}。").format(names=names))
    mapping.remember(actor, job.register, job.layout["headings"], columns)
    job.mapping, job.state = columns, "checking"
    return _go(job)


@transaction.atomic
def note_columns(actor: Actor, job: ImportJob, *, columns: dict[str, int]) -> ImportJob:
    """Keep what the person has said so far, where it is not enough yet to go on."""
    job = _locked(actor, job, "mapping")
    importer = register(job.register).importer
    assert importer is not None
    job.mapping, job.updated_at = _known_columns(importer, job, columns), clock.now()
    job.save()
    return job


def _known_columns(importer: Importer, job: ImportJob, columns: dict[str, int]) -> dict[str, int]:
    known, headings = {column.key for column in importer.columns}, len(job.layout.get("headings", []))
    return {key: index for key, index in columns.items() if key in known and 0 <= index < headings}


@transaction.atomic
def remap(actor: Actor, job: ImportJob) -> ImportJob:
    """Back to the mapping of columns."""
    job = _locked(actor, job, "checked")
    job.state, job.updated_at = "mapping", clock.now()
    job.save()
    return job


@transaction.atomic
def confirm(actor: Actor, job: ImportJob, *, mode: str) -> ImportJob:
    """Apply: everything or nothing ("all"), or the good rows only ("good"). Raises RuleViolation."""
    job = _locked(actor, job, "checked")
    if mode not in dict(ImportJob.MODES):
        raise RuleViolation(_("请选择导入方式。"))
    if mode == "all" and job.problem_count:
        raise RuleViolation(_("还有 {n} 处问题，不能全部导入。").format(n=job.problem_count))
    if job.good == 0:
        raise RuleViolation(_("没有可以导入的行。"))
    job.mode, job.state = mode, "applying"
    job.position = job.good = job.bad = job.added = job.changed = job.unchanged = job.problem_count = 0
    job.warning_count, job.warnings = 0, []
    job.problems = []
    return _go(job)


@transaction.atomic
def resume(actor: Actor, job: ImportJob) -> ImportJob:
    """Go on with an import that broke off, from where it stood."""
    job = _locked(actor, job, "failed")
    job.state = "applying" if job.mode else "checking" if job.mapping else "uploaded"
    return _go(job)


@transaction.atomic
def cancel(actor: Actor, job: ImportJob) -> ImportJob:
    """Give the import up; nothing more is written and the file goes."""
    job = _locked(actor, job, "uploaded", "mapping", "checking", "checked", "failed")
    job.state, job.updated_at = "cancelled", clock.now()
    job.save()
    _forget_file(job)
    return job


def clean() -> int:
    """Delete the files of imports past their time, and what was read from them; gives how many. Runs daily.

    What was not decided by then is refused; what a worker was at within the last day is left for the next time.
    """
    now = clock.now()
    at_work = Q(state__in=("uploaded", "checking", "applying"), updated_at__gt=now - dt.timedelta(days=1))
    kept = ~Q(file="") | ~Q(original_name="")
    old = list(ImportJob.objects.filter(kept, expires_at__lt=now).exclude(at_work))
    for job in old:
        with transaction.atomic():
            if not job.is_over:
                job.state, job.message = "refused", _("文件已过期删除，请重新上传。")
                ImportJob.objects.filter(pk=job.pk).update(state=job.state, message=job.message)
            _forget_file(job)
    return len(old)


def _forget_file(job: ImportJob) -> None:
    """The file goes, and with it all that quotes it: its name, its first rows, its cells with problems."""
    name, storage = job.file.name, job.file.storage
    quoting: dict[str, Any] = {"layout": {}, "problems": [], "warnings": [], "notes": []}
    ImportJob.objects.filter(pk=job.pk).update(file="", original_name="", **quoting)
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _go(job: ImportJob) -> ImportJob:
    job.message, job.updated_at = "", clock.now()
    job.save()
    _enqueue(job)
    return job


def _enqueue(job: ImportJob) -> None:
    run_import.enqueue(job.pk)

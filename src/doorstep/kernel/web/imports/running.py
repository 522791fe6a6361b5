"""The background part: examine, rehearse, apply. Each can be cut off at any point and run again.

Rehearsing calls the very service that will write, and rolls back. Applying good rows commits each chunk together with
the number of rows done, so a killed worker's successor goes on exactly there; all-or-nothing is one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, connections, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.registers import Importer, ImportRow, Noted, Problem, register
from doorstep.kernel.people.masking import mask_numbers
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, Refused
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.kernel.web.imports import mapping, reading
from doorstep.kernel.web.imports.bounds import ROWS, Unreadable
from doorstep.kernel.web.imports.kinds import nothing_in_it
from doorstep.kernel.web.imports.reading import Line, Source
from doorstep.kernel.web.imports.sheets_xml import Scan, position, too_many_rows
from doorstep.kernel.web.imports.values import RowParser
from doorstep.kernel.web.models import ImportJob

logger = logging.getLogger(__name__)
CHUNK = 500
WHOLE = 5000  # up to here a rehearsal is one transaction, so later rows see what earlier rows would make
KEPT_PROBLEMS = 2000
LOCKS = 7_301  # first number of our advisory locks


class Overtaken(Exception):
    """Another worker is at this job; leave it alone."""


class _RolledBack(Exception):
    """Not everything was right, so nothing stays."""


def run(job_id: int) -> None:
    """Do whatever the job's state asks for. Called by the task; calling it twice does no harm."""
    job = ImportJob.objects.filter(pk=job_id).first()
    if job is None or not job.is_working:
        return
    try:
        if job.state == "uploaded":
            examine(job)
        if job.state == "checking":
            rehearse(job)
        elif job.state == "applying":
            {"all": apply_all, "good": apply_good}[job.mode](job)
    except Overtaken:
        return
    except (Unreadable, FileNotFoundError) as reason:
        text = str(reason) if isinstance(reason, Unreadable) else _("文件已过期删除，请重新上传。")
        _end(job, state="refused", message=text)
    except Refused as reason:
        _end(job, state="failed", message=str(reason))
    except Exception:
        logger.exception("import %s stopped", job_id)
        _end(job, state="failed", message=_("平台出错，导入中断。已导入的行保留，可以从中断的地方继续。"))


def _end(job: ImportJob, **values: Any) -> None:
    ImportJob.objects.filter(pk=job.pk).update(updated_at=clock.now(), **values)


def actor_of(job: ImportJob) -> Actor:
    """The person who uploaded, with what the appointments in force today grant."""
    return actor_for(Account.objects.filter(pk=job.account_id).first())


def examine(job: ImportJob) -> None:
    """Find sheets, headings and size; go straight on to the rehearsal where the columns are known."""
    importer, actor = _importer(job), actor_of(job)
    source = reading.open_source(Path(job.file.path), job.original_name)
    sheet = job.sheet if job.sheet in source.sheets else _likely_sheet(source, importer)
    scan = source.scan(sheet)
    head = reading.head(source, sheet)
    chosen = job.layout.get("asked_row")
    row = chosen if chosen and chosen <= len(head) else _header_row(importer, head)
    headings = head[row - 1] if head else []
    total = sum(
        1 for line in source.lines(sheet) if line.number > row and any(v is not None for v in line.values)
    )
    if total > ROWS:
        raise Unreadable(too_many_rows())
    known = mapping.remembered(actor, job.register, headings)
    found = known or mapping.guess(importer, headings)
    job.message = _nothing_to_read(source, head, row, total=total, understood=bool(found))
    job.sheet, job.header_row, job.total, job.mapping = sheet, row, total, found
    job.layout = {
        "kind": source.kind,
        "sheets": source.sheets,
        "head": _veiled(importer, head),
        "headings": headings,
        "encoding": source.encoding,
    }
    job.notes = _notes(source, scan, headings)
    sure = known is not None or (not chosen and mapping.all_understood(headings, found))
    lacking = mapping.missing(importer, found, place_code=job.place_code)
    _store(job, "uploaded", "checking" if sure and total and not lacking else "mapping")


def _veiled(importer: Importer, head: list[list[str]]) -> list[list[str]]:
    """The first rows as they are kept for choosing columns: without people's numbers, where there may be such."""
    if not any(column.personal for column in importer.columns):
        return head
    return [[mask_numbers(text) for text in row] for row in head]


def _header_row(importer: Importer, head: Sequence[Sequence[str]]) -> int:
    return mapping.header_row(importer, head, whole=len(head) < reading.HEAD_ROWS)


def _nothing_to_read(
    source: Source, head: Sequence[Sequence[str]], row: int, *, total: int, understood: bool
) -> str:
    """What to say where there is nothing beneath the headings; "" where there is. Raises Unreadable where the person
    has no other row or sheet to choose."""
    filled = [number for number, texts in enumerate(head, start=1) if any(texts)]
    if not filled and len(source.sheets) < 2:
        raise Unreadable(nothing_in_it())
    if source.kind == "csv" and not understood and max(map(len, head)) < 2:
        raise Unreadable(
            _("这个文本文件里的内容没有分成列（没有逗号或制表符），不是表格。")
            + _("请在 Excel 或 WPS 中打开原来的表格，另存为“Excel 工作簿（.xlsx）”再上传。")
        )
    if total:
        return ""
    if not filled:
        return _("这张工作表是空的，请选另一张。")
    if len(source.sheets) < 2 and row == filled[0]:
        raise Unreadable(
            _("文件里只有表头（第 {row} 行），下面没有数据。请把记录填在表头下面，再上传。").format(row=row)
        )
    return _("第 {row} 行下面没有数据。请另选表头所在的行或工作表，或者填好以后再上传。").format(row=row)


@transaction.atomic
def _store(job: ImportJob, before: str, after: str) -> None:
    """Save the job's new state, unless it was given up or taken over meanwhile."""
    if ImportJob.objects.select_for_update().values_list("state", flat=True).get(pk=job.pk) != before:
        raise Overtaken
    job.state, job.updated_at = after, clock.now()
    job.save()


def _importer(job: ImportJob) -> Importer:
    importer = register(job.register).importer
    assert importer is not None, "the job was made for a register with an importer"
    return importer


def _likely_sheet(source: Source, importer: Importer) -> str:
    """The visible sheet whose first rows name the most columns; the first one where none does."""
    if len(source.sheets) == 1:
        return source.sheets[0]
    best, most = source.sheets[0], -1
    for sheet in source.sheets[:10]:
        source.scan(sheet)  # its bounds hold before its values are read
        head = reading.head(source, sheet)
        row = _header_row(importer, head)
        named = len(mapping.guess(importer, head[row - 1])) if head else 0
        if named > most:
            best, most = sheet, named
    return best


def _notes(source: Source, scan: Scan, headings: Sequence[str]) -> list[str]:
    notes = []
    if source.hidden:
        notes.append(_("隐藏的工作表没有读取：{names}").format(names=_("、").join(source.hidden[:5])))
    if scan.hidden_rows:
        notes.append(_("有 {n} 个隐藏的行，也一并读取。").format(n=scan.hidden_rows))
    if scan.formulas:
        notes.append(_("有 {n} 个公式，取的是 Excel 上次算好的值，不重新计算。").format(n=scan.formulas))
    twice = mapping.repeated(headings)
    if twice:
        notes.append(_("表头重复：{names}。请指明用哪一列。").format(names=_("、").join(twice[:5])))
    return notes


@dataclass
class Work:
    """One pass over a file for one person."""

    job: ImportJob
    actor: Actor = field(init=False)
    importer: Importer = field(init=False)
    source: Source = field(init=False)
    parser: RowParser = field(init=False)
    troubles: dict[int, list[Problem]] = field(init=False)
    merged: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        job = self.job
        self.actor, self.importer = actor_of(job), _importer(job)
        if not self.actor.holds_somewhere(self.importer.capability):
            raise NotAllowed(_("您现在的岗位不能导入这个台账。"))
        self.source = reading.open_source(Path(job.file.path), job.original_name)
        scan = self.source.scan(job.sheet)
        places = Places.inside(self.actor.places_for(self.importer.capability))
        self.parser = RowParser(self.importer, job.mapping, places, place_code=job.place_code)
        self.merged = reading.merged_rows(scan, job.header_row)
        self.troubles = _cell_troubles(scan, job)

    def rows(self) -> Iterator[tuple[ImportRow, list[Problem]]]:
        """Rows beneath the headings, blank ones left out, each with what is wrong with its cells."""
        for line in self.source.lines(self.job.sheet):
            if line.number <= self.job.header_row or self._is_blank(line):
                continue
            row, problems = self.parser.parse(line)
            known = self.troubles.get(line.number, [])
            at = {problem.column for problem in known}
            problems = known + [
                problem for problem in problems if problem.column not in at or not problem.column
            ]
            if line.number in self.merged:
                text = _("这一行在合并单元格 {area} 里；请取消合并，每一行都填上自己的值").format(
                    area=self.merged[line.number]
                )
                problems = [Problem(line.number, text)]
            yield row, problems

    def _is_blank(self, line: Line) -> bool:
        return line.number not in self.troubles and self.parser.is_blank(line)

    def chunks(self) -> Iterator[list[tuple[ImportRow, list[Problem]]]]:
        rows = self.rows()
        while chunk := list(islice(rows, CHUNK)):
            yield chunk

    def write(self, chunk: Sequence[tuple[ImportRow, list[Problem]]]) -> Outcome:
        """Give the sound rows to the service, inside the caller's transaction."""
        outcome = Outcome([problem for _row, problems in chunk for problem in problems])
        outcome.bad = sum(1 for _row, problems in chunk if problems)
        sound = [row for row, problems in chunk if not problems]
        if self.importer.bulk_service is not None:
            self._write_many(sound, outcome)
        else:
            for row in sound:
                self._write_one(row, outcome)
        return outcome

    def _write_one(self, row: ImportRow, outcome: Outcome) -> None:
        assert self.importer.row_service is not None
        try:
            with transaction.atomic():
                done = self.importer.row_service(self.actor, row)
        except Refused as refused:
            known = any(column.key == refused.field for column in self.importer.columns)
            outcome.refuse(Problem(row.number, str(refused.message), refused.field if known else ""))
        except (IntegrityError, ValueError) as wrong:
            logger.info("row %s of import %s: %s", row.number, self.job.pk, wrong)
            outcome.refuse(Problem(row.number, _("与已有的记录冲突，或者有不允许的值")))
        else:
            if isinstance(done, Noted):
                outcome.warnings.append(Problem(row.number, done.warning, done.column))
            outcome.count(done.outcome if isinstance(done, Noted) else done)

    def _write_many(self, rows: list[ImportRow], outcome: Outcome) -> None:
        assert self.importer.bulk_service is not None
        if not rows:
            return
        with transaction.atomic():
            written = self.importer.bulk_service(self.actor, rows)
        outcome.problems += written.problems
        outcome.warnings += written.warnings
        refused = {problem.row for problem in written.problems}
        for row in rows:
            if row.number in refused:
                outcome.bad += 1
            else:
                outcome.count(written.outcomes[row.number])


@dataclass
class Outcome:
    """What became of some rows."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    good: int = 0
    bad: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def refuse(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.bad += 1

    def count(self, outcome: str) -> None:
        self.good += 1
        setattr(self, outcome, getattr(self, outcome) + 1)

    def add_to(self, job: ImportJob, rows: int) -> None:
        job.position += rows
        for name in ("good", "bad", "added", "changed", "unchanged"):
            setattr(job, name, getattr(job, name) + getattr(self, name))
        job.problem_count += len(self.problems)
        job.warning_count += len(self.warnings)
        self.problems.sort(key=lambda problem: problem.row)
        for kept, found in ((job.problems, self.problems), (job.warnings, self.warnings)):
            left = max(KEPT_PROBLEMS - len(kept), 0)
            kept += [[p.row, p.column, str(p.message)[:300]] for p in found[:left]]


def _cell_troubles(scan: Scan, job: ImportJob) -> dict[int, list[Problem]]:
    """Formulas without a value and error values in mapped columns, by row."""
    by_column = {index + 1: key for key, index in job.mapping.items()}
    found: dict[int, list[Problem]] = {}
    said = [
        (scan.unvalued, _("是公式，文件里没有算好的值；请在 Excel 里打开并保存一次，或者粘贴为数值")),
        (scan.errors, _("是公式出错的值（如 #REF!），请改成正确的值")),
    ]
    for references, text in said:
        for reference in references:
            row, column = position(reference)
            if column in by_column and row > job.header_row:
                found.setdefault(row, []).append(Problem(row, text, by_column[column]))
    return found


def _reset(job: ImportJob) -> None:
    job.position = job.good = job.bad = job.added = job.changed = job.unchanged = job.problem_count = 0
    job.warning_count, job.warnings = 0, []
    job.problems, job.message = [], ""


class Progress:
    """Tells how far a transaction has come, on a connection of its own, at most twice a second."""

    def __init__(self, job: ImportJob) -> None:
        self.job = job
        self.own = connections.create_connection("default")
        self.told = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.own.close()

    def tell(self, position: int) -> None:
        if time.monotonic() - self.told < 0.5:
            return
        self.told = time.monotonic()
        with self.own.cursor() as cursor:
            cursor.execute("UPDATE web_importjob SET position = %s WHERE id = %s", [position, self.job.pk])


def _alone(job: ImportJob) -> None:
    """Wait for a predecessor's transaction to end; hold the job until ours does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, job.pk % (1 << 31)])


def rehearse(job: ImportJob) -> None:
    """Call the service for every row and roll back. The outcome is what applying would bring."""
    work = Work(job)
    _reset(job)
    with Progress(job) as progress:
        if job.total <= WHOLE:
            _rolled_back(lambda: _walk(work, progress, lambda write: write()))
        else:
            _walk(work, progress, _rolled_back)
    _store(job, "checking", "checked")


def _walk(work: Work, progress: Progress, around: Callable[[Callable[[], None]], None]) -> None:
    for chunk in work.chunks():
        around(lambda chunk=chunk: work.write(chunk).add_to(work.job, len(chunk)))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        progress.tell(work.job.position)


def _rolled_back(act: Callable[[], None]) -> None:
    with transaction.atomic():
        act()
        transaction.set_rollback(True)


def apply_all(job: ImportJob) -> None:
    """Everything in one transaction, or nothing."""
    work = Work(job)
    _reset(job)
    try:
        with Progress(job) as progress, transaction.atomic():
            _alone(job)
            if ImportJob.objects.get(pk=job.pk).state != "applying":
                raise Overtaken
            for chunk in work.chunks():
                work.write(chunk).add_to(job, len(chunk))
                if job.problem_count:
                    raise _RolledBack
                progress.tell(job.position)
            _finish(job, work.actor)
    except _RolledBack:
        job.added = job.changed = job.unchanged = 0
        job.message = _("试算之后情况有变：有的行现在不能导入了。所以一行也没有导入，请看问题后再选。")
        _store(job, "applying", "checked")


def apply_good(job: ImportJob) -> None:
    """Row by row, leaving out the bad; each chunk commits with the number of rows done."""
    work = Work(job)
    done = 0
    for chunk in work.chunks():
        start, done = done, done + len(chunk)
        if done <= job.position:
            continue
        with transaction.atomic():
            _alone(job)
            job.refresh_from_db()
            if job.state != "applying" or not start <= job.position < done:
                raise Overtaken
            rest = chunk[job.position - start :]
            work.write(rest).add_to(job, len(rest))
            job.updated_at = clock.now()
            job.save()
    with transaction.atomic():
        _alone(job)
        job.refresh_from_db()
        if job.state != "applying":
            raise Overtaken
        _finish(job, work.actor)


def _finish(job: ImportJob, actor: Actor) -> None:
    job.state, job.updated_at = "done", clock.now()
    job.save()
    changes = {
        "register": job.register, "mode": job.mode, "rows": job.position, "added": job.added,
        "changed": job.changed, "unchanged": job.unchanged, "bad": job.bad,
    }  # fmt: skip
    record(actor, Act(action="web.import", obj=job, place_code=job.place_code, changes=changes))

"""Verifying the audit: every entry against the chain, the chain against its checkpoints, those against the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.canonical import SIGNER, START, chained, content_bytes
from doorstep.kernel.audit.checkpoints import file_of_this_database, is_signed, published
from doorstep.kernel.audit.models import Checkpoint
from doorstep.kernel.audit.seal import READ
from doorstep.kernel.audit.selectors import UNSOUND, VERIFIED
from doorstep.kernel.audit.services import Act, record

BATCH = 5000
SHOWN = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fault:
    """One thing wrong. kind: altered, removed, inserted, checkpoint, protection."""

    kind: str
    text: str
    entry_id: int | None = None
    position: int | None = None


@dataclass
class Report:
    """What was looked at and what was found; `faults` begins with the first bad row."""

    sealed: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    unsigned: int = 0
    published: int = 0
    head: str = ""
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return self.fault_count == 0

    def add(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < SHOWN:
            self.faults.append(fault)


def verify(progress: Progress = lambda done, of: None, file: Path | None = None) -> Report:
    """Verify all of it on one snapshot, beside running writers and the sealer. `file` is another copy of the published
    checkpoints, brought from elsewhere. Progress is told rows done and rows in all."""
    report = Report()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        marks = _checkpoints(report)
        wanted = dict(_published_points(report, file))
        _verify_chain(report, marks, wanted, progress)
        _verify_end(report, marks, wanted)
        _verify_tail(report)
        _verify_protection(report)
    return report


@transaction.atomic
def remember(report: Report) -> None:
    """Record in the audit that it was verified and what came out. Nothing to tell of before the first seal."""
    head = Checkpoint.objects.order_by("-position").first()
    if head is not None:
        found = {"sealed": report.sealed, "faults": report.fault_count}
        act = Act(VERIFIED if report.sound else UNSOUND, head, settings.HOME_PLACE, found)
        record(system_actor("audit verify"), act)


def _checkpoints(report: Report) -> dict[int, bytes]:
    """Digest by position of every checkpoint; the last must be signed by a key that is given."""
    marks: dict[int, bytes] = {}
    unsigned = 0
    for mark in Checkpoint.objects.order_by("position").iterator(BATCH):
        marks[mark.position] = bytes(mark.digest)
        unsigned = 0 if is_signed(mark) else mark.position
        if unsigned:
            report.unsigned += 1
    report.checkpoints = len(marks)
    if unsigned:
        text = _("最后一个检查点（第 %d 位）不是本平台签的") % unsigned
        report.add(Fault("checkpoint", text, position=unsigned))
    elif report.unsigned:  # signed under a master key that is no longer given: later ones stand on them
        report.warnings.append(_("%d 个检查点不是用现在的主密钥签的") % report.unsigned)
    return marks


def _published_points(report: Report, file: Path | None) -> Iterator[tuple[int, str]]:
    own = file_of_this_database()
    for path in dict.fromkeys([own, *([file] if file else [])]):
        try:
            for line in published(path):
                report.published += 1
                yield line.position, line.digest
        except ValueError as error:
            report.add(Fault("checkpoint", _("检查点文件有问题：%s") % error))


def _verify_chain(
    report: Report, marks: dict[int, bytes], wanted: dict[int, str], progress: Progress
) -> None:
    """Recompute the chain row by row. After a bad row it goes on from the stored digest, so each fault counts once."""
    digest, expected = START, 1
    for row in _sealed_rows(report, progress):
        position, entry_id, stored = row[0], row[1], bytes(row[2])
        if position != expected:
            report.add(
                Fault(
                    "removed", _("封存链第 %d 至 %d 位不见了") % (expected, position - 1), position=expected
                )
            )
        values = row[3:]
        if values[0] is None:
            report.add(Fault("removed", _("审计记录 %d 被删除") % entry_id, entry_id, position))
        elif chained(digest, values) != stored and position == expected:
            report.add(Fault("altered", _("审计记录 %d 被改动") % entry_id, entry_id, position))
        digest, expected = stored, position + 1
        for known in (marks.get(position), wanted.get(position)):
            if known is not None and known not in (digest, digest.hex()):
                text = _("封存链第 %d 位与检查点不符：链被重写过") % position
                report.add(Fault("checkpoint", text, entry_id, position))
    report.sealed, report.head = expected - 1, digest.hex() if expected > 1 else ""


def _sealed_rows(report: Report, progress: Progress) -> Iterator[tuple[Any, ...]]:
    raw = connection.connection
    with raw.cursor() as counter:
        total = counter.execute("SELECT count(*) FROM audit_seal").fetchone()[0]
    statement = (
        f"SELECT s.position, s.entry_id, s.digest, {READ} FROM audit_seal s LEFT JOIN audit_entry e ON e.id = s.entry_id"
        " ORDER BY s.position"
    )
    done = 0
    with raw.cursor(name="sealed") as reader:
        reader.execute(statement)
        while rows := reader.fetchmany(BATCH):
            yield from rows
            done += len(rows)
            progress(done, total)


def _verify_end(report: Report, marks: dict[int, bytes], wanted: dict[int, str]) -> None:
    last = max(marks, default=0)
    if report.sealed > last:
        text = _("封存链在最后一个检查点（第 %d 位）之后还有 %d 位：不是封存程序写的") % (
            last,
            report.sealed - last,
        )
        report.add(Fault("inserted", text, position=last + 1))
    furthest = max([last, *wanted])
    if report.sealed < furthest:
        text = _("封存链末尾被截去：应到第 %d 位，只到第 %d 位") % (furthest, report.sealed)
        report.add(Fault("removed", text, position=report.sealed + 1))


def _verify_tail(report: Report) -> None:
    """Entries outside the chain: the tail waiting to be sealed, and what nobody may have put there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        oldest = cursor.fetchone()[0]
    head = Checkpoint.objects.order_by("-position").first()
    horizon = head.horizon if head else 0
    same_server = oldest >= horizon  # carried to another server, where transactions count anew
    statement = (
        f"SELECT {READ} FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = e.id)"
        " ORDER BY e.id"
    )
    with connection.connection.cursor(name="tail") as reader:
        for row in reader.execute(statement):
            if not SIGNER.is_ours(content_bytes(row[3:]), row[2]):
                text = _("审计记录 %d 不是本平台写的，或写后被改动") % row[0]
                report.add(Fault("inserted", text, row[0]))
            elif same_server and row[1] < horizon:
                report.add(Fault("inserted", _("审计记录 %d 是事后插入的") % row[0], row[0]))
            else:
                report.unsealed += 1


def _verify_protection(report: Report) -> None:
    """Triggers and rights that keep the tables append-only: without them the chain still holds, but ask why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_append_only' AND tgenabled IN ('O', 'A')"
        )
        if cursor.fetchone()[0] < 3:
            report.warnings.append(_("审计表的只增触发器被停用或删除"))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if cursor.fetchone() is None:
            return
        for table in ("audit_entry", "audit_seal", "audit_checkpoint"):
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE, TRUNCATE')",
                [settings.DATABASE_APPLICATION_ROLE, table],
            )
            if cursor.fetchone()[0]:
                report.warnings.append(_("应用角色对 %s 有改删权限") % table)

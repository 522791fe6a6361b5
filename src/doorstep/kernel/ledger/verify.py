"""Verifying the books: every sealed transaction against its leaf, the tree against its signed heads and the published
file, every balance against its moves, and what is not sealed yet against the key it was booked with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.ledger.canonical import SIGNER, leaf_of
from doorstep.kernel.ledger.journal import COLUMNS, TABLES, WIDTH, booked
from doorstep.kernel.ledger.models import Book, Checkpoint
from doorstep.kernel.ledger.proofs import checkpoint_bytes, is_signed, public_keys
from doorstep.kernel.ledger.seal import content_of, fetched, file_of_this_database
from doorstep.kernel.ledger.tree import Tree

SHOWN = 20
Progress = Callable[[int, int], None]
SEALED = f"""SELECT {COLUMNS}, s.position, s.leaf, s.transaction_id FROM ledger_seal s
    LEFT JOIN ({TABLES}) ON t.id = s.transaction_id WHERE s.book_id = %s ORDER BY s.position, l.line"""
TAIL = f"""SELECT {COLUMNS} FROM {TABLES} WHERE t.book_id = %s
    AND NOT EXISTS (SELECT FROM ledger_seal s WHERE s.transaction_id = t.id) ORDER BY t.id, l.line"""
# Each stripe's moves are numbered without a gap, each after the one before; the last is the balance.
BALANCES = """
WITH sides AS (
    SELECT debit_id AS account, debit_stripe AS stripe, debit_move AS move, debit_after AS after, -amount AS delta,
        transaction_id FROM ledger_transfer
    UNION ALL
    SELECT credit_id, credit_stripe, credit_move, credit_after, amount, transaction_id FROM ledger_transfer
), line AS (
    SELECT account, stripe, move, after, delta, transaction_id, row_number() OVER w AS place,
        lag(after, 1, 0::bigint) OVER w AS before, lead(move) OVER w IS NULL AS last
    FROM sides WINDOW w AS (PARTITION BY account, stripe ORDER BY move)
), wrong AS (
    SELECT account, stripe, move, transaction_id FROM line WHERE move <> place OR after <> before + delta
    UNION ALL
    SELECT b.account_id, b.stripe, b.moves, NULL FROM ledger_balance b
    LEFT JOIN line ON line.account = b.account_id AND line.stripe = b.stripe AND line.last
    WHERE b.amount <> coalesce(line.after, 0) OR b.moves <> coalesce(line.move, 0) OR (b.amount < 0 AND NOT b.below_zero)
    UNION ALL  -- what posting knows of the account by its balance
    SELECT b.account_id, b.stripe, b.moves, NULL FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
    WHERE (b.book_id, b.stripes, b.below_zero) IS DISTINCT FROM (a.book_id, a.stripes, a.kind = 'source')
)
SELECT a.book_id, a.code, w.stripe, w.move, w.transaction_id FROM wrong w
LEFT JOIN ledger_account a ON a.id = w.account ORDER BY w.account, w.stripe, w.move LIMIT 200
"""


@dataclass(frozen=True)
class Fault:
    """One thing wrong. kind: altered, removed, inserted, checkpoint, balance."""

    kind: str
    text: str
    transaction_id: int | None = None


@dataclass
class Report:
    """What was looked at and what was found; `faults` begins with the first bad row."""

    books: int = 0
    sealed: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    published: int = 0
    roots: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return self.fault_count == 0

    def add(self, kind: str, text: str, transaction_id: int | None = None) -> None:
        self.fault_count += 1
        if len(self.faults) < SHOWN:
            self.faults.append(Fault(kind, text, transaction_id))


def verify(progress: Progress = lambda done, of: None, file: Path | None = None) -> Report:
    """Verify every book on one snapshot, beside who books and the sealer. `file`: another copy of the published heads."""
    report = Report()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT count(*) FROM ledger_seal")
            total = cursor.fetchone()[0]
        published = list(_published(report, file))
        for book in Book.objects.order_by("pk"):
            report.books += 1
            _verify_book(report, book, published, lambda done: progress(done, total))
        _verify_balances(report)
        _verify_protection(report)
    return report


def _published(report: Report, file: Path | None) -> Iterator[dict[str, Any]]:
    for path in dict.fromkeys([file_of_this_database(), *([file] if file else [])]):
        if not path.exists():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                head = json.loads(line)
                content = checkpoint_bytes(
                    head["book"],
                    int(head["size"]),
                    bytes.fromhex(head["root"]),
                    int(head["horizon"]),
                    head["made_at"],
                )
                if not is_signed(content, bytes.fromhex(head["signature"]), [*public_keys(), *head["keys"]]):
                    raise ValueError("signature")
                report.published += 1
                yield head
            except (ValueError, KeyError, TypeError):
                report.add("checkpoint", _("公布文件第 %d 行不是检查点") % number)


def _verify_book(
    report: Report, book: Book, published: list[dict[str, Any]], progress: Callable[[int], None]
) -> None:
    heads = list(Checkpoint.objects.filter(book=book).select_related("book").order_by("size"))
    report.checkpoints += len(heads)
    if heads and not is_signed(content_of(heads[-1]), bytes(heads[-1].signature), public_keys()):
        report.add("checkpoint", _("「%s」的最后一个检查点不是本平台签的") % book)
    roots = {head.size: bytes(head.root) for head in heads}
    outside = {
        int(head["size"]): bytes.fromhex(head["root"]) for head in published if head["book"] == book.code
    }
    tree = _walk(report, book, roots, outside, progress)
    report.roots[book.code] = tree.root().hex()
    if tree.size > max(roots, default=0):
        report.add(
            "inserted",
            _("「%(book)s」第 %(size)d 条以后的封存不是封存程序写的")
            % {"book": book, "size": max(roots, default=0)},
        )
    if tree.size < max([0, *roots, *outside]):
        wanted = max([0, *roots, *outside])
        report.add(
            "removed",
            _("「%(book)s」的封存应有 %(wanted)d 条，只有 %(size)d 条")
            % {"book": book, "wanted": wanted, "size": tree.size},
        )
    _verify_tail(report, book, heads[-1].horizon if heads else 0)


def _walk(
    report: Report,
    book: Book,
    roots: dict[int, bytes],
    outside: dict[int, bytes],
    progress: Callable[[int], None],
) -> Tree:
    """The tree anew from the stored leaves; each leaf anew from its row. After a bad row it goes on with the stored leaf."""
    tree = Tree()
    with connection.connection.cursor(name="ledger_sealed") as reader:
        reader.execute(SEALED, [book.pk])
        for rows in _by_seal(fetched(reader, 5000)):
            position, leaf, number = rows[0][WIDTH:]
            if position != tree.size:
                report.add(
                    "removed",
                    _("「%(book)s」封存第 %(first)d 至 %(last)d 条不见了")
                    % {"book": book, "first": tree.size + 1, "last": position},
                )
                return tree
            if rows[0][0] is None:
                report.add("removed", _("账目 %d 被删除") % number, number)
            elif leaf_of(next(booked(iter(rows))).text()) != leaf:
                report.add("altered", _("账目 %d 被改动") % number, number)
            for _node in tree.add(bytes(leaf)):
                pass
            for known in (roots.get(tree.size), outside.get(tree.size)):
                if known is not None and known != tree.root():
                    report.add(
                        "checkpoint",
                        _("「%(book)s」前 %(size)d 条与检查点不符：被重写过")
                        % {"book": book, "size": tree.size},
                        number,
                    )
            report.sealed += 1
            if report.sealed % 5000 == 0:
                progress(report.sealed)
    progress(report.sealed)
    return tree


def _by_seal(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    part: list[tuple[Any, ...]] = []
    for row in rows:
        if part and part[0][WIDTH] != row[WIDTH]:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _verify_tail(report: Report, book: Book, horizon: int) -> None:
    """What is not sealed: waiting for the sealer, or put there by somebody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        same_server = cursor.fetchone()[0] >= horizon
    with connection.connection.cursor(name="ledger_tail") as reader:
        reader.execute(TAIL, [book.pk])
        for one in booked(fetched(reader)):
            if not SIGNER.is_ours(one.asked(), one.mac):
                report.add("inserted", _("账目 %d 不是本平台记的，或记后被改动") % one.id, one.id)
            elif same_server and one.xact < horizon:
                report.add("inserted", _("账目 %d 是事后插入的") % one.id, one.id)
            else:
                report.unsealed += 1


def _verify_balances(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BALANCES)
        for _book, code, stripe, move, number in cursor.fetchall():
            words = _("账户 %(code)s（第 %(stripe)d 栏）第 %(move)d 笔与余额对不上")
            report.add("balance", words % {"code": code, "stripe": stripe, "move": move}, number)


def _verify_protection(report: Report) -> None:
    """Triggers and rights that keep the journal append-only: without them the seals still hold, but ask why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'ledger_append_only' AND tgenabled IN ('O', 'A')"
        )
        if cursor.fetchone()[0] < 5:
            report.warnings.append(_("账本表的只增触发器被停用或删除"))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if cursor.fetchone() is None:
            return
        for table in ("ledger_transaction", "ledger_transfer", "ledger_balance", "ledger_seal"):
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE, TRUNCATE')",
                [settings.DATABASE_APPLICATION_ROLE, table],
            )
            if cursor.fetchone()[0]:
                report.warnings.append(_("应用角色对 %s 有改删权限") % table)

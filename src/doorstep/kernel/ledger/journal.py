"""The journal as it is read to be signed, sealed and verified: transactions with their lines, in one pass over rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from doorstep.kernel.ledger.canonical import asked_bytes, booked_text

COLUMNS = """t.id, b.code, t.key, t.kind, t.day, t.at, t.account_ref, t.place_code, t.about, t.reverses_id, t.mac, t.xact,
    l.line, l.debit_id, l.debit_stripe, l.debit_move, l.debit_after,
    l.credit_id, l.credit_stripe, l.credit_move, l.credit_after, l.amount, l.expires_on"""
TABLES = """ledger_transaction t JOIN ledger_book b ON b.id = t.book_id
    LEFT JOIN ledger_transfer l ON l.transaction_id = t.id"""
HEAD, WIDTH = 12, 23  # columns of the transaction, of the row


class Booked(NamedTuple):
    """One transaction as it stands: its columns, and its lines in order."""

    head: tuple[Any, ...]
    lines: list[tuple[Any, ...]]

    @property
    def id(self) -> int:
        return int(self.head[0])

    @property
    def xact(self) -> int:
        return int(self.head[11])

    @property
    def mac(self) -> bytes:
        return bytes(self.head[10])

    def text(self) -> str:
        return booked_text(self.head[:11], self.lines)

    def asked(self) -> bytes:
        """What somebody asked for: the lines that gather from stripe to stripe were not."""
        _number, book, key, kind, day, _at, _account, place, about, reverses = self.head[:10]
        lines = [(line[1], line[5], line[9], line[10]) for line in self.lines if line[1] != line[5]]
        return asked_bytes(book, key, kind, day, place, about, reverses, lines)


def booked(rows: Iterator[tuple[Any, ...]], width: int = WIDTH) -> Iterator[Booked]:
    """Rows that begin with COLUMNS, those of one transaction together and its lines in order."""
    for _number, group in groupby(rows, key=itemgetter(0)):
        parts = list(group)
        lines = [row[HEAD:width] for row in parts if row[HEAD] is not None]
        yield Booked(parts[0][:HEAD], lines)

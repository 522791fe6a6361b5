"""Reading books: balances, an account's lines by page, what of it has an end, and proofs.

Who may read an account is asked by the module that shows it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Sum

from doorstep.kernel.ledger.journal import COLUMNS, TABLES, Booked, booked
from doorstep.kernel.ledger.models import Balance, Checkpoint, Seal
from doorstep.kernel.ledger.proofs import FORM, sign, slip_bytes
from doorstep.kernel.ledger.seal import checkpoint_data, rows_of
from doorstep.kernel.ledger.tree import Paths
from doorstep.kernel.shared import clock

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One line of a passbook: `amount` is what came (above zero) or went; `after` what was then held; `with_account` is the
    other side. `move` counts the account's lines from 1."""

    move: int
    amount: int
    after: int
    with_account: int
    expires_on: dt.date | None
    transaction: int
    kind: str
    day: dt.date
    at: dt.datetime
    about: str
    place_code: str
    reverses: int | None


# Both sides come by their own index from the newest; the planner merges them and stops at the page's end.
LINES = """
SELECT l.move, l.amount, l.after, l.other, l.expires_on, t.id, t.kind, t.day, t.at, t.about, t.place_code, t.reverses_id
FROM (
    (SELECT debit_move AS move, -amount AS amount, debit_after AS after, credit_id AS other, expires_on, transaction_id
    FROM ledger_transfer WHERE debit_id = %(account)s AND debit_stripe = 0 AND debit_move < %(before)s
    ORDER BY debit_move DESC LIMIT %(most)s)
    UNION ALL
    (SELECT credit_move, amount, credit_after, debit_id, expires_on, transaction_id
    FROM ledger_transfer WHERE credit_id = %(account)s AND credit_stripe = 0 AND credit_move < %(before)s
    ORDER BY credit_move DESC LIMIT %(most)s)
) l JOIN ledger_transaction t ON t.id = l.transaction_id ORDER BY l.move DESC LIMIT %(most)s
"""


def balance(account_id: int) -> int:
    """What an account holds now, all its stripes together. One query."""
    return int(Balance.objects.filter(account_id=account_id).aggregate(held=Sum("amount"))["held"] or 0)


def balances(account_ids: Iterable[int]) -> dict[int, int]:
    """What accounts hold now, by number. One query."""
    rows = Balance.objects.filter(account_id__in=list(account_ids)).values_list("account_id")
    return dict(rows.annotate(held=Sum("amount")))


def lines(account_id: int, *, before: int | None = None, most: int = PAGE) -> list[Line]:
    """A holder's passbook, the newest line first; `before`: only lines before that move. One query, whatever the length."""
    parameters = {"account": account_id, "before": before or 2**62, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(LINES, parameters)
        return [Line(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Ending:
    """So much of what is held may be spent only until the day before `day`."""

    day: dt.date
    amount: int


# Of holders: what was given with an end, by day, and all that was taken. What a reversal took back or gave back never was:
# neither the transaction nor its reversal counts.
GIVEN_TAKEN = """
WITH moved AS (
    SELECT credit_id AS account, expires_on, amount AS given, 0 AS taken, transaction_id FROM ledger_transfer
    WHERE credit_id = ANY (%(accounts)s) AND expires_on IS NOT NULL
    UNION ALL
    SELECT debit_id, NULL, 0, amount, transaction_id FROM ledger_transfer WHERE debit_id = ANY (%(accounts)s)
)
SELECT moved.account, moved.expires_on, sum(moved.given), sum(moved.taken)
FROM moved JOIN ledger_transaction t ON t.id = moved.transaction_id
LEFT JOIN ledger_transaction back ON back.reverses_id = t.id
WHERE t.reverses_id IS NULL AND back.id IS NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""


def endings_of(account_ids: Iterable[int]) -> dict[int, list[Ending]]:
    """What holders have that comes to an end, the next first, by account. What ends soonest is spent first, what has no end
    last; so of all that was ever given to end by a day, only what exceeds all that was ever taken is still there. One
    query. A reversal is not itself reversed in any book that has endings."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN_TAKEN, {"accounts": list(account_ids)})
        rows = cursor.fetchall()
    spent = {account: int(taken) for account, day, _given, taken in rows if day is None}
    found: dict[int, list[Ending]] = {}
    for account, day, given, _taken in rows:
        if day is None:
            continue
        left = max(0, int(given) - spent.get(account, 0))
        spent[account] = max(0, spent.get(account, 0) - int(given))
        if left:
            found.setdefault(account, []).append(Ending(day, left))
    return found


def endings(account_id: int) -> list[Ending]:
    """What one holder has that comes to an end, the next first. One query."""
    return endings_of([account_id]).get(account_id, [])


def expired(account_id: int, on: dt.date | None = None) -> int:
    """How much of what a holder has is over on a day (default today) and still to be taken out of the account."""
    return expired_of([account_id], on).get(account_id, 0)


def expired_of(account_ids: Iterable[int], on: dt.date | None = None) -> dict[int, int]:
    """The same of many, by account; those with nothing are missing. One query."""
    day = on or clock.today()
    over = {
        account: sum(ending.amount for ending in ends if ending.day <= day)
        for account, ends in endings_of(account_ids).items()
    }
    return {account: amount for account, amount in over.items() if amount}


def booked_one(transaction_id: int) -> Booked | None:
    """One transaction as it stands in the journal. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM {TABLES} WHERE t.id = %s ORDER BY l.line", [transaction_id])
        return next(booked(iter(cursor.fetchall())), None)


def slip_proof(transaction_id: int) -> dict[str, Any] | None:
    """What a slip carries from its first moment: the booked text, signed. None where there is no such transaction."""
    found = booked_one(transaction_id)
    if found is None:
        return None
    text = found.text()
    return {"form": FORM, "text": text, "signature": sign(slip_bytes(text)).hex()}


def sealed_proof(transaction_id: int) -> dict[str, Any] | None:
    """The booked text, its place in the book's tree, and the way up to a signed head. None where it is not sealed yet."""
    seal = Seal.objects.filter(transaction_id=transaction_id).first()
    found = booked_one(transaction_id)
    if seal is None or found is None:
        return None
    heads = Checkpoint.objects.filter(book_id=seal.book_id, size__gt=seal.position).select_related("book")
    head = heads.order_by("-size").first()
    if head is None:
        return None
    path = Paths(rows_of(seal.book_id)).path(seal.position, head.size)
    return {
        "form": FORM, "text": found.text(), "position": seal.position, "path": [digest.hex() for digest in path],
        "checkpoint": checkpoint_data(head),
    }  # fmt: skip

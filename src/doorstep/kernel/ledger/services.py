"""Booking. A module's service that has authorised and checked calls `post`, or `post_many`, as the last thing of its own
transaction, so that balances are locked last and shortest; by itself each call is a transaction.

Exactly once for a key: the same booking sent again gives the first one's number; the same key with anything else is refused.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger.canonical import SIGNER, asked_bytes
from doorstep.kernel.ledger.models import HOLDER, MOST_STRIPES, Account, Book, Transaction, Transfer
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused, RuleViolation
from doorstep.kernel.shared.ready import ask

P = ParamSpec("P")
T = TypeVar("T")
LARGEST = 10**15  # beyond it a number is a slip of the hand; sums of a thousand such still fit
STRIPES = 16  # of a pool: more than the processes that post at once on the machines of one district
TRIES = 5
TRIES_OF_THE_WHOLE = 12  # dozens may want the last piece of one item
ONE = (
    "SELECT ledger_post(%s::bigint, %s::uuid, %s, %s, %s, %s::bigint, %s, %s, %s::bigint, %s, %s::bigint, %s::bigint,"
    " %s::bigint, %s::date)"
)
MANY = (
    "SELECT id, is_new FROM ledger_post_many(%s::bigint, %s::bigint, %s::uuid[], %s::text[], %s::date[], %s, %s::text[],"
    " %s::text[], %s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[])"
)


@dataclass(frozen=True)
class Move:
    """`amount` (of the book's unit, at least 1) from the account `debit` to `credit`, both by number."""

    debit: int
    credit: int
    amount: int
    expires_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Posting:
    """What is to be booked. `key`: the caller's own, one for each event. `day`: of the event, default today."""

    book: Book
    key: UUID
    kind: str
    moves: tuple[Move, ...]
    about: str = ""
    place_code: str = ""
    day: dt.date = field(default_factory=clock.today)
    reverses: int | None = None

    def asked(self) -> bytes:
        lines = [(move.debit, move.credit, move.amount, move.expires_on) for move in self.moves]
        return asked_bytes(
            self.book.code, self.key, self.kind, self.day, self.place_code, self.about, self.reverses, lines
        )


class Posted(NamedTuple):
    """The transaction's number; `is_new` is False where the key was booked before."""

    id: int
    is_new: bool


class NotEnough(RuleViolation):
    """An account would go below zero. `place`: which posting of many, from 0."""

    place: int = 0


def post(*, actor: Actor, posting: Posting) -> Posted:
    """Book one transaction. Raises NotEnough, RuleViolation for amounts, accounts or a closed day, Conflict for a key that
    was used for something else, a transaction reversed before, or accounts too busy to wait for."""
    if len(posting.moves) != 1:
        return post_many(actor=actor, postings=[posting])[0]
    _check(posting)
    (move,) = posting.moves
    ((number,),) = _run(
        ONE,
        [
            posting.book.id, posting.key.hex, posting.kind, posting.day, clock.now(), actor.account_id,
            posting.place_code, posting.about, posting.reverses, SIGNER.sign(posting.asked()), move.debit, move.credit,
            move.amount, move.expires_on,
        ],
    )  # fmt: skip
    return Posted(abs(number), is_new=number > 0)


def post_many(*, actor: Actor, postings: Sequence[Posting]) -> list[Posted]:
    """Book many of one book, in their order, all or none, in a few statements. Refusals as `post`; NotEnough says which."""
    if not postings:
        return []
    for posting in postings:
        _check(posting)
    book = postings[0].book
    if any(posting.book is not book and posting.book.pk != book.pk for posting in postings):
        raise ValueError("the postings of one call belong to one book")
    if len({posting.key for posting in postings}) != len(postings):
        raise ValueError("each posting has a key of its own")
    of = [number for number, posting in enumerate(postings, start=1) for _move in posting.moves]
    moves = [move for posting in postings for move in posting.moves]
    rows = _run(
        MANY,
        [
            book.pk, actor.account_id, _array(row.key for row in postings), _texts(row.kind for row in postings),
            _array(row.day for row in postings), clock.now(), _texts(row.place_code for row in postings),
            _texts(row.about for row in postings), _array(row.reverses for row in postings),
            _array(SIGNER.sign(row.asked()).hex() for row in postings), _array(of), *_columns(moves),
        ],
    )  # fmt: skip
    return [Posted(number, is_new) for number, is_new in rows]


def reverse(
    *, actor: Actor, transaction_id: int, key: UUID, kind: str = "reverse", about: str = ""
) -> Posted:
    """Take a transaction back whole: each of its movements the other way. What was given must still be there.

    Raises Conflict where it was taken back before, NotEnough where its receiver has spent it.
    """
    first = Transaction.objects.select_related("book").get(pk=transaction_id)
    lines = Transfer.objects.filter(transaction_id=first.pk).order_by("-line")
    moves = tuple(
        Move(line.credit_id, line.debit_id, line.amount) for line in lines if line.debit_id != line.credit_id
    )
    posting = Posting(
        book=first.book, key=key, kind=kind, moves=moves, about=about or first.about, place_code=first.place_code,
        reverses=first.pk,
    )  # fmt: skip
    return post(actor=actor, posting=posting)


@transaction.atomic
def close_through(*, actor: Actor, book: Book, day: dt.date) -> None:
    """Close a book: nothing may be dated on `day` or before it any more. Raises RuleViolation for a day that is not over,
    or no later than what is closed."""
    if day >= clock.today():
        raise RuleViolation(_("只能结到今天以前。"), field="day")
    _run("SELECT ledger_close(%s, %s)", [book.pk, day])
    record(actor, Act("ledger.close", book, changes={"closed_through": day.isoformat()}))


def open_book(*, code: str, name: str, unit: str) -> Book:
    """The book of that code, opened where there is none."""
    return Book.objects.get_or_create(code=code, defaults={"name": name, "unit": unit})[0]


def open_account(
    *, book: Book, code: str, kind: str = HOLDER, name: str = "", person_id: int | None = None,
    unit_id: int | None = None, stripes: int = 0,
) -> Account:  # fmt: skip
    """The account of that code, opened where there is none. A pool or source has `stripes` balances (default STRIPES)."""
    stripes = min(stripes or STRIPES, MOST_STRIPES)
    defaults = {
        "kind": kind, "name": name, "person_id": person_id, "unit_id": unit_id,
        "stripes": 1 if kind == HOLDER else stripes,
    }  # fmt: skip
    return Account.objects.get_or_create(book=book, code=code, defaults=defaults)[0]


def open_accounts(book: Book, holders: dict[str, int]) -> dict[str, int]:
    """Accounts of many persons at once, by code: code → person number. Returns code → account number. Two statements."""
    Account.objects.bulk_create(
        [Account(book=book, code=code, kind=HOLDER, person_id=person) for code, person in holders.items()],
        ignore_conflicts=True,
    )
    return dict(Account.objects.filter(book=book, code__in=list(holders)).values_list("code", "pk"))


def _check(posting: Posting) -> None:
    if not posting.moves:
        raise ValueError("a transaction moves something")
    for move in posting.moves:
        if type(move.amount) is not int:  # a bool or a fraction is no amount
            raise RuleViolation(_("数量须是整数。"), field="amount")
        if not 1 <= move.amount <= LARGEST:
            raise RuleViolation(_("数量须在 1 到 %(most)d 之间。") % {"most": LARGEST}, field="amount")
        if move.debit == move.credit:
            raise RuleViolation(_("不能转给同一个账户。"), field="credit")


def _columns(moves: Sequence[Move]) -> list[str]:
    return [
        _array(move.debit for move in moves), _array(move.credit for move in moves), _array(move.amount for move in moves),
        _array(move.expires_on for move in moves),
    ]  # fmt: skip


def _array(values: Iterable[object]) -> str:
    """An array of PostgreSQL, of what needs no quoting: numbers, days, keys. A fifth of the time the driver takes."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _texts(values: Iterable[str]) -> str:
    """An array of PostgreSQL, of any words."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + '","'.join(quoted) + '"}'


def _run(statement: str, parameters: list[Any]) -> list[Any]:
    """Call a posting function. In a transaction of our own a call that found accounts busy is made again; inside a caller's
    the caller is told."""
    for attempt in range(1, TRIES + 1):
        try:
            return ask(statement, parameters)
        except DatabaseError as error:
            refusal = _refusal_of(error)
            if refusal is None:
                raise
            if not isinstance(refusal, Busy) or connection.in_atomic_block or attempt == TRIES:
                raise refusal from error
            time.sleep(0.01 * attempt)
    raise AssertionError("unreachable")


class Busy(Conflict):
    """Somebody else has the accounts; the same again a moment later goes through. Inside a caller's transaction the caller
    does the whole of it again."""


def whole_again(service: Callable[P, T]) -> Callable[P, T]:
    """Decorator of a service that posts: a transaction of its own, done again as a whole while accounts are busy. Inside
    somebody else's transaction it is a part of that, and the caller is told."""

    @wraps(service)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return service(*args, **kwargs)
        for attempt in range(1, TRIES_OF_THE_WHOLE + 1):
            try:
                with transaction.atomic():
                    return service(*args, **kwargs)
            except Busy:
                if attempt == TRIES_OF_THE_WHOLE:
                    raise
                time.sleep(random.uniform(0.005, 0.02 * attempt))  # so that two do not meet again
        raise AssertionError("unreachable")

    return done


def _refusal_of(error: DatabaseError) -> Refused | None:
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None)
    diagnosis = getattr(cause, "diag", None)
    if code == "LG402":
        refusal = NotEnough(_("余额不足。"), field="amount")
        refusal.place = int(getattr(diagnosis, "message_detail", None) or 1) - 1
        return refusal
    if code == "LG404":
        return RuleViolation(_("账本里没有这个账户。"), field="account")
    if code == "LG409":
        return Conflict(_("这个编号已经用于另一笔账。"))
    if code == "LG423":
        return RuleViolation(_("这一天已经结账，不能再记账。"), field="day")
    if code in ("55P03", "40P01"):
        return Busy(_("这个账户正忙，请再试一次。"))
    if code == "23505" and getattr(diagnosis, "constraint_name", "").startswith(
        "ledger_transaction_reverses"
    ):
        return Conflict(_("这笔账已经冲销过。"))
    return None

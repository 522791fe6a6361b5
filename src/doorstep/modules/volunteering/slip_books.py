"""What each step of a slip moves in the books: points, then pieces, then fen, in the one order everybody books in.

`hold`: volunteer → held, stock → reserved, fund → pledged. `hand`: held → redeemed, reserved → handed out, pledged → what
the merchant is owed. Giving back and taking back are reversals, so each can come about once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.ledger.models import Account, Book, Transaction, Transfer
from doorstep.kernel.ledger.services import Move, NotEnough, Posting, post_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Partner, Slip

T = TypeVar("T")
TRIES = 12
ORDER = (books.POINTS, books.PIECES, books.FEN)
_STANDING = {
    books.POINTS: (books.HELD, books.REDEEMED), books.PIECES: (books.MADE, books.HANDED_OUT, books.LOST),
    books.FEN: (books.BUDGET, books.PAID),
}  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """The three books and their standing accounts."""

    books: Mapping[str, Book]
    accounts: Mapping[tuple[str, str], int]

    def at(self, book: str, code: str) -> int:
        return self.accounts[book, code]

    def posting(
        self, book: str, kind: str, slip: Slip, moves: Iterable[Move], day: dt.date | None = None
    ) -> Posting:
        return Posting(
            book=self.books[book], key=books.key_of("slip", slip.pk, kind), kind=kind, moves=tuple(moves),
            about=f"slip:{slip.number}", place_code=slip.place_code, day=day or clock.today(),
        )  # fmt: skip


def chart() -> Chart:
    """Opened where something is missing; one query otherwise."""
    wanted = [(book, code) for book, codes in _STANDING.items() for code in codes]
    rows = Account.objects.filter(book__code__in=ORDER, code__in={code for _book, code in wanted})
    found = {(row.book.code, row.code): row for row in rows.select_related("book")}
    for book, code in wanted:
        if (book, code) not in found:
            found[book, code] = books.standing(books.book(book), code)
    return Chart(
        {row.book.code: row.book for row in found.values()}, {key: row.pk for key, row in found.items()}
    )


def hold(using: Chart, slip: Slip, day: dt.date | None = None) -> list[Posting]:
    """A slip is made."""
    item, programme, held = slip.item, slip.programme, using.at(books.POINTS, books.HELD)
    points = [Move(slip.volunteer.points_id, held, slip.points)]
    found = [
        using.posting(books.POINTS, books.HOLD, slip, points, day),
        using.posting(books.PIECES, books.RESERVE, slip, [Move(item.stock_id, item.reserved_id, 1)], day),
    ]
    if slip.fen:
        pledge = [Move(programme.fund_id, programme.pledged_id, slip.fen)]
        found.append(using.posting(books.FEN, books.PLEDGE, slip, pledge, day))
    return found


def hand(using: Chart, slip: Slip, owed: int | None, day: dt.date | None = None) -> list[Posting]:
    """A slip is handed. `owed`: the merchant's account, where something is paid for it."""
    redeemed, handed = using.at(books.POINTS, books.REDEEMED), using.at(books.PIECES, books.HANDED_OUT)
    points = [Move(using.at(books.POINTS, books.HELD), redeemed, slip.points)]
    found = [
        using.posting(books.POINTS, books.REDEEM, slip, points, day),
        using.posting(books.PIECES, books.HAND, slip, [Move(slip.item.reserved_id, handed, 1)], day),
    ]
    if slip.fen:
        assert owed is not None
        owe = [Move(slip.programme.pledged_id, owed, slip.fen)]
        found.append(using.posting(books.FEN, books.OWE, slip, owe, day))
    return found


def owed_accounts(slips: Sequence[Slip]) -> dict[tuple[int, int], int]:
    """(programme, merchant) → the account of what the merchant is owed; the same under a renewed agreement. One query."""
    rows = Partner.objects.filter(
        programme__in={slip.programme_id for slip in slips}, merchant__in={slip.merchant_id for slip in slips}
    )
    return {
        (programme, merchant): account
        for programme, merchant, account in rows.values_list("programme_id", "merchant_id", "account_id")
    }


# of a handed slip first the handing is undone, then the hold
_UNDONE = {
    books.REDEEM: books.VOID, books.HOLD: books.RELEASE, books.HAND: books.HAND, books.RESERVE: books.RESERVE,
    books.OWE: books.OWE, books.PLEDGE: books.PLEDGE,
}  # fmt: skip


def undo(using: Chart, slips: Sequence[Slip]) -> list[Posting]:
    """Everything these slips moved, the other way, the last first: points end on the days they ended on before. Two
    queries, however many slips."""
    by_key: dict[UUID, tuple[Slip, str]] = {
        books.key_of("slip", slip.pk, kind): (slip, kind) for slip in slips for kind in _UNDONE
    }
    known = [book.pk for book in using.books.values()]
    rows = {
        row.pk: row
        for row in Transaction.objects.filter(book__in=known, key__in=by_key).select_related("book")
    }
    moves: dict[int, list[Move]] = {}
    lines = Transfer.objects.filter(transaction__in=rows).order_by("transaction_id", "-line")
    for line in lines:
        if line.debit_id != line.credit_id:  # what was gathered from stripe to stripe stays where it is
            back = Move(line.credit_id, line.debit_id, line.amount)
            moves.setdefault(line.transaction_id, []).append(back)
    return [
        Posting(
            book=row.book, key=books.key_of("slip", by_key[row.key][0].pk, f"undo {row.kind}"),
            kind=_UNDONE[row.kind], moves=tuple(moves[row.pk]), about=row.about, place_code=row.place_code,
            reverses=row.pk, day=clock.day_of(by_key[row.key][0].ended_at or clock.now()),
        )
        for row in sorted(rows.values(), key=lambda row: -row.pk)
    ]  # fmt: skip


def book_all(
    actor: Actor, postings: Iterable[Posting], of: Mapping[str, str] | None = None
) -> dict[UUID, int]:
    """Book them, book after book in the order of books: key → number. The last thing a service does.

    Raises RuleViolation saying what is not enough: points, pieces or money. `of`: names for the sentences.
    """
    by_book: dict[str, list[Posting]] = {code: [] for code in ORDER}
    for posting in postings:
        by_book[posting.book.code].append(posting)
    numbers: dict[UUID, int] = {}
    for code, some in by_book.items():
        try:
            posted = post_many(actor=actor, postings=some)
        except NotEnough as refusal:
            raise short_of(code, of or {}) from refusal
        numbers |= {posting.key: done.id for posting, done in zip(some, posted, strict=True)}
    return numbers


def short_of(code: str, of: Mapping[str, str]) -> RuleViolation:
    """What to say when an account of this book holds too little."""
    if code == books.POINTS:
        return RuleViolation(_("积分不够。"), field="points")
    if code == books.PIECES:
        return RuleViolation(_("“%(item)s”已兑完。") % {"item": of.get("item", "")}, field="item")
    return RuleViolation(
        _("“%(programme)s”的资金暂时不够，请换一件，或者过些日子再来。")
        % {"programme": of.get("programme", "")},
        field="fund",
    )

"""The book of money for cultural events: fen from the budget into purses, out of them for what events cost."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from doorstep.kernel.ledger.models import POOL, SOURCE, Account, Book
from doorstep.kernel.ledger.services import open_account, open_book

BOOK = "culture-fen"
BUDGET, SPENT = "budget", "spent"  # the source, and what left for good
GRANT, SPEND, TAKE_BACK = "grant", "spend", "take_back"  # kinds of booking
_KINDS = {BUDGET: SOURCE, SPENT: POOL}
_KEYS = UUID("0f0a6b7a-3c1d-4f63-8f0e-5a2d9be0c417")  # the space of our booking keys


def book() -> Book:
    """Opened where there is none. One query."""
    return open_book(code=BOOK, name="文化活动经费", unit="fen")


def standing(of: Book, code: str) -> Account:
    return open_account(book=of, code=code, kind=_KINDS[code])


def new_purse(of: Book, name: str) -> Account:
    """A pool of one balance, so that it has a passbook."""
    return open_account(book=of, code=f"purse:{uuid4().hex}", kind=POOL, name=name[:60], stripes=1)


def key_of(*parts: object) -> UUID:
    """The booking key of an event: the same event is booked once, however often it is tried."""
    return uuid5(_KEYS, ":".join(str(part) for part in parts))

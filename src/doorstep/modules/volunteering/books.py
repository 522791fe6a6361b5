"""The module's four books, their standing accounts, and every kind of booking there is.

Points and minutes belong to volunteers; pieces to items; fen to programmes and merchants. Each kind of booking is one of
these: there is none by which a person gives points to another, gets money, or loses points for what they did or said.
"""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from doorstep.kernel.ledger.models import HOLDER, POOL, SOURCE, Account, Book
from doorstep.kernel.ledger.services import open_account, open_accounts, open_book

POINTS, MINUTES, FEN, PIECES = "points", "minutes", "volunteering-fen", "pieces"
_BOOKS = {
    POINTS: ("幸福积分", "points"), MINUTES: ("志愿服务时长", "minutes"), FEN: ("积分兑换资金", "fen"),
    PIECES: ("兑换物品", "pieces"),
}  # fmt: skip

# kinds of booking; of points: issue → volunteer, volunteer → held → redeemed, held → volunteer (a reversal), volunteer → expired
EARN, TAKE_BACK, EXPIRE, HOLD, REDEEM, RELEASE = "earn", "take_back", "expire", "hold", "redeem", "release"
VOID = "void"  # a handed slip taken back: a reversal of `redeem`, then of `hold`
FUND, PLEDGE, OWE, PAY = "fund", "pledge", "owe", "pay"  # of fen
STOCK, RESERVE, HAND, WRITE_OFF = "stock", "reserve", "hand", "write_off"  # of pieces

ISSUE, HELD, REDEEMED, EXPIRED = "issue", "held", "redeemed", "expired"  # accounts of points
SERVICE = "service"  # of minutes: the source
BUDGET, PAID = "budget", "paid"  # of fen: the source, and what left for good
MADE, HANDED_OUT, LOST = "made", "handed", "lost"  # of pieces: the source, and where they went
_STANDING = {
    POINTS: {ISSUE: SOURCE, HELD: POOL, REDEEMED: POOL, EXPIRED: POOL}, MINUTES: {SERVICE: SOURCE},
    FEN: {BUDGET: SOURCE, PAID: POOL}, PIECES: {MADE: SOURCE, HANDED_OUT: POOL, LOST: POOL},
}  # fmt: skip
_KEYS = UUID("6b4bbfd2-6f0a-4b58-9a43-1f0c6d1b7a10")  # the space of our booking keys


def book(code: str) -> Book:
    """One of the four, opened where there is none. One query."""
    name, unit = _BOOKS[code]
    return open_book(code=code, name=name, unit=unit)


def standing(of: Book, code: str) -> Account:
    """A standing account of a book. One query."""
    return open_account(book=of, code=code, kind=_STANDING[of.code][code])


def new_pool(of: Book, prefix: str, name: str, *, unit_id: int | None = None) -> Account:
    """A pool of its own, for a programme's fund, an item's stock, what a merchant is owed."""
    return open_account(book=of, code=f"{prefix}:{uuid4().hex}", kind=POOL, name=name[:60], unit_id=unit_id)


def holder_code(number: str) -> str:
    return f"v:{number}"


def volunteer_accounts(numbers: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Points and minutes accounts of volunteers: their number → person. Gives number → (points, minutes)."""
    holders = {holder_code(number): person for number, person in numbers.items()}
    points, minutes = (open_accounts(book(code), holders) for code in (POINTS, MINUTES))
    return {number: (points[holder_code(number)], minutes[holder_code(number)]) for number in numbers}


def key_of(*parts: object) -> UUID:
    """The booking key of an event: the same event is booked once, however often it is tried."""
    return uuid5(_KEYS, ":".join(str(part) for part in parts))


__all__ = ["HOLDER", "book", "holder_code", "key_of", "new_pool", "standing", "volunteer_accounts"]

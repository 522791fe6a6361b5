"""The bytes that signatures are made over: of what was asked for, and of what then stood in the book.

JSON arrays in a fixed order, so no two events share their bytes; a proof carries them as they are.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from doorstep.kernel.shared.signing import Signer

SIGNER = Signer("doorstep ledger")  # of what was asked for
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_text = json.encoder.encode_basestring
Line = tuple[int, int, int, dt.date | None]  # debit, credit, amount, expires_on


def asked_bytes(
    book: str, key: UUID, kind: str, day: dt.date, place_code: str, about: str, reverses: int | None,
    lines: Iterable[Line],
) -> bytes:  # fmt: skip
    """What somebody asked to be booked; the same key must always ask for the same. Written out, as the encoder would: each
    booking waits for it."""
    moves = ",".join(
        [
            f"[{debit},{credit},{amount},null]"
            if expires is None
            else f'[{debit},{credit},{amount},"{expires.isoformat()}"]'
            for debit, credit, amount, expires in lines
        ]
    )
    return (
        f'[{_text(book)},"{key.hex}",{_text(kind)},"{day.isoformat()}",{_text(place_code)},{_text(about)},'
        f"{'null' if reverses is None else reverses},[{moves}]]"
    ).encode()


def booked_text(transaction: Sequence[Any], lines: Iterable[Sequence[Any]]) -> str:
    """What stands in the book: a transaction (id, book code, key, kind, day, at, account, place, about, reverses, mac) and its
    lines (line, debit, debit stripe, debit move, debit after, the same of the credit, amount, expires_on)."""
    number, book, key, kind, day, at, account, place, about, reverses, mac = transaction
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    head = [
        number,
        book,
        key.hex,
        kind,
        day.isoformat(),
        moment,
        account,
        place,
        about,
        reverses,
        bytes(mac).hex(),
    ]
    return _encode([*head, [[*line[:-1], _day(line[-1])] for line in lines]])


def leaf_of(text: str) -> bytes:
    """The leaf of a booked transaction in its book's tree (RFC 6962, section 2.1: a leaf begins with 0)."""
    return hashlib.sha256(b"\0" + text.encode()).digest()


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()

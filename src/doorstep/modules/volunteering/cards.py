"""Printed cards, for who has no phone: the code stands on the card alone, the platform keeps its keyed hash. And the code
of a slip on paper, which is made from the slip and a key, and stored nowhere."""

from __future__ import annotations

import base64
import hmac
import secrets
from uuid import UUID

from doorstep.kernel.people.ciphers import blind_index

CODE_BYTES = 10  # 16 letters and digits
PAPER_CODE = 8  # letters and digits
_UNLIKE = str.maketrans({"0": "O", "1": "I", "8": "B"})  # what is read for another sign, and is in no code


def new_card_code() -> str:
    return base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()


def normal_code(text: str) -> str:
    """As it was made: without spaces and dashes, in capitals."""
    return "".join(text.split()).replace("-", "").upper().translate(_UNLIKE)


def card_index(code: str) -> bytes | None:
    """What stands in `Volunteer.card_index`; None for an empty code."""
    return blind_index("volunteer card", normal_code(code))


def paper_code(number: str, key: UUID) -> str:
    """What stands on a slip's paper beside its number: who has it, has the paper in hand."""
    return base64.b32encode(blind_index("slip on paper", f"{number}:{key}") or b"").decode()[:PAPER_CODE]


def is_paper_code(given: str, number: str, key: UUID) -> bool:
    return hmac.compare_digest(normal_code(given).encode(), paper_code(number, key).encode())

"""The bytes of an audit entry that its signature and the chain are made over.

A JSON array of every column in a fixed order, so no two entries share their bytes. Numbers inside `changes` are
written without exponent or trailing zeros, since the database does not keep those.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from doorstep.kernel.shared.signing import Signer

CONTENT = (
    "at", "account_id", "system_reason", "scope", "action", "target", "target_id", "place_code", "changes", "purpose",
    "person_ref", "key_ref", "sealed",
)  # fmt: skip
COLUMNS = ("id", "transaction", "mac", *CONTENT)
START = bytes(32)
SIGNER = Signer("doorstep audit")  # of an entry's content, and of checkpoints
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=lambda n: [str(n)]
).encode


def content_bytes(values: Sequence[Any]) -> bytes:
    """Canonical bytes of the CONTENT columns, in their order; `changes` as an object or as its JSON text."""
    at, account, reason, scope, action, target, target_id, place, changes, purpose, person, key, sealed = (
        values
    )
    text = changes if isinstance(changes, str) else json.dumps(changes)
    return _encode(
        [
            at.astimezone(dt.UTC).isoformat(timespec="microseconds"), account, reason, scope, action, target, target_id,
            place, _decode(text), purpose, person, key,
            None if sealed is None else bytes(sealed).hex(),
        ]
    ).encode()  # fmt: skip


def _number(text: str) -> Decimal | int:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else value.normalize()


_decode = json.JSONDecoder(parse_float=_number).decode


def chained(previous: bytes, values: Sequence[Any], content: bytes | None = None) -> bytes:
    """Digest of one entry in the chain: sha256(previous digest ‖ canonical bytes). `values` follow COLUMNS."""
    number, transaction, mac = values[:3]
    head = f"{number} {transaction} {bytes(mac).hex()} ".encode()
    return hashlib.sha256(previous + head + (content or content_bytes(values[3:]))).digest()

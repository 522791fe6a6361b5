"""The bytes of an audit entry that its signature and the chain are made over.

A JSON array of every column in a fixed order, so no two entries share their bytes. Numbers inside `changes` are
written without exponent or trailing zeros, since the database does not keep those.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings

CONTENT = (
    "at", "account_id", "system_reason", "scope", "action", "target", "target_id", "place_code", "changes", "purpose",
    "person_ref", "key_ref", "sealed",
)  # fmt: skip
COLUMNS = ("id", "transaction", "mac", *CONTENT)
START = bytes(32)
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


def mac_of(content: bytes, master: bytes | None = None) -> bytes:
    """Signature over an entry's content or a checkpoint, with a key derived from the master key."""
    return hmac.digest(_key(master or settings.MASTER_KEY), content, "sha256")


def is_ours(content: bytes, mac: bytes) -> bool:
    """Was this signed by the platform, with its master key or the one before it?"""
    masters = [settings.MASTER_KEY, settings.OLD_MASTER_KEY]
    return any(hmac.compare_digest(mac_of(content, master), bytes(mac)) for master in masters if master)


@lru_cache(maxsize=4)
def _key(master: bytes) -> bytes:
    return hmac.digest(master, b"doorstep audit", "sha256")

"""Signatures and proofs that need no database: what a slip carries, and how anybody checks it.

Signed with Ed25519 under a key derived from the master key; who checks needs the public key alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.kernel.ledger.canonical import leaf_of
from doorstep.kernel.ledger.tree import root_from

FORM = "doorstep-ledger-1"


class Forged(Exception):
    """A proof that does not hold, with the reason in words."""


def sign(content: bytes) -> bytes:
    return _signing_key(settings.MASTER_KEY).sign(content)


def public_keys() -> list[str]:
    """Of this installation, as hexadecimal digits: of the master key, and of the one before it while that is given."""
    masters = filter(None, (settings.MASTER_KEY, settings.OLD_MASTER_KEY))
    return [
        _signing_key(master).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        for master in masters
    ]


def is_signed(content: bytes, signature: bytes, keys: Iterable[str]) -> bool:
    """Does one of these public keys stand behind the signature?"""
    return any(_holds(key, content, signature) for key in keys)


def checkpoint_bytes(book: str, size: int, root: bytes, horizon: int, made_at: str) -> bytes:
    return f"{FORM} checkpoint {book} {size} {root.hex()} {horizon} {made_at}".encode()


def slip_bytes(text: str) -> bytes:
    return f"{FORM} slip {text}".encode()


def checked(proof: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """What a proof tells: number, kind, day and moves of the transaction, and what it was checked against. Raises Forged.

    A slip's proof is a signature over the booked text; a sealed one is a path to a signed root.
    """
    keys = list(keys)
    try:
        text = str(proof["text"])
        booked = json.loads(text)
        if proof["form"] != FORM:
            raise Forged(_("不认识的凭证格式。"))
        sealed = "checkpoint" in proof
        if sealed:
            _check_path(proof, text, keys)
        elif not is_signed(slip_bytes(text), bytes.fromhex(proof["signature"]), keys):
            raise Forged(_("签名不对：内容被改过，或者不是这个平台签发的。"))
        return {
            "transaction": booked[0], "book": booked[1], "kind": booked[3], "day": booked[4], "about": booked[8],
            "moves": [{"debit": line[1], "credit": line[5], "amount": line[9]} for line in booked[11]], "sealed": sealed,
        }  # fmt: skip
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Forged(_("凭证不完整，或者格式不对。")) from error


def _check_path(proof: Mapping[str, Any], text: str, keys: list[str]) -> None:
    head = proof["checkpoint"]
    root = bytes.fromhex(head["root"])
    content = checkpoint_bytes(head["book"], int(head["size"]), root, int(head["horizon"]), head["made_at"])
    if head["book"] != json.loads(text)[1] or not is_signed(content, bytes.fromhex(head["signature"]), keys):
        raise Forged(_("检查点的签名不对：不是这个平台签发的。"))
    path = [bytes.fromhex(one) for one in proof["path"]]
    if root_from(leaf_of(text), int(proof["position"]), int(head["size"]), path) != root:
        raise Forged(_("内容与检查点对不上：被改过。"))


def _signing_key(master: bytes) -> Ed25519PrivateKey:
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doorstep ledger signature").derive(master)
    return Ed25519PrivateKey.from_private_bytes(seed)


def _holds(key: str, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True

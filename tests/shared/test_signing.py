"""Signatures: of one purpose, by the key there is or the one before it."""

from __future__ import annotations

import hashlib
import hmac

from doorstep.kernel.shared.signing import Signer

NOW, BEFORE, OTHER = b"n" * 32, b"b" * 32, b"o" * 32


def test_it_is_hmac_with_a_key_derived_for_the_purpose(settings) -> None:
    settings.MASTER_KEY = NOW
    key = hmac.digest(NOW, b"one", "sha256")
    signer = Signer("one")
    for content in (
        b"",
        b"words",
        b"w" * 1000,
        b"words",
    ):  # the same again, too: what was begun is not used up
        assert signer.sign(content) == hmac.new(key, content, hashlib.sha256).digest()


def test_a_signature_of_one_purpose_is_none_of_another(settings) -> None:
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = NOW, b""
    one, other = Signer("one"), Signer("other")
    assert one.is_ours(b"words", one.sign(b"words")) and not other.is_ours(b"words", one.sign(b"words"))
    assert not one.is_ours(b"word", one.sign(b"words"))


def test_the_key_before_still_counts_and_a_strange_one_never(settings) -> None:
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = NOW, BEFORE
    signer = Signer("one")
    assert signer.sign(b"words") == signer.sign(b"words", NOW) != signer.sign(b"words", BEFORE)
    assert [signer.is_ours(b"words", signer.sign(b"words", key)) for key in (NOW, BEFORE, OTHER)] == [
        True,
        True,
        False,
    ]
    settings.OLD_MASTER_KEY = b""
    assert not signer.is_ours(b"words", signer.sign(b"words", BEFORE)), "once the change of keys is over"

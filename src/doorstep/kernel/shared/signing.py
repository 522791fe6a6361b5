"""Signatures of the platform over bytes, with a key of each purpose derived from the master key."""

from __future__ import annotations

import hmac
from functools import lru_cache

from django.conf import settings


class Signer:
    """HMAC-SHA-256 (RFC 2104). `purpose`: its own words, so that no signature of one purpose is one of another."""

    def __init__(self, purpose: str) -> None:
        self._begun = lru_cache(maxsize=4)(
            lambda master: hmac.new(hmac.digest(master, purpose.encode(), "sha256"), digestmod="sha256")
        )

    def sign(self, content: bytes, master: bytes | None = None) -> bytes:
        """32 bytes, with the master key there is now or the one given. Begun once: finding its way by the key takes longer
        than the content does."""
        begun = self._begun(master or settings.MASTER_KEY).copy()
        begun.update(content)
        return begun.digest()

    def is_ours(self, content: bytes, mac: bytes) -> bool:
        """Was this signed by the platform, with its master key or the one before it?"""
        masters = [settings.MASTER_KEY, settings.OLD_MASTER_KEY]
        return any(
            hmac.compare_digest(self.sign(content, master), bytes(mac)) for master in masters if master
        )

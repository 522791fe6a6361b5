"""How personal values are sealed: ciphers behind one interface, keys of persons under the installation's master key.

- A *suite* is an authenticated cipher with its hash: AES-256-GCM with SHA-256, or SM4-GCM with SM3. FIELD_CIPHER
  names the one that seals from now on; what another suite sealed stays readable, since every sealed value begins
  with its suite's number.
- Every person has a random 32-byte key of their own, wrapped by a key derived from the master key. Destroying it
  makes every value sealed under it unreadable, in the audit too.
- A blind index finds a person by an exact value: a keyed hash under another key derived from the master key.
- Each value is bound to its person and field, so ciphertexts cannot be swapped between rows.

A software library alone does not pass an assessment under GB/T 39786: there a suite that calls a certified module
is added here (docs/adr/0005).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE, TAG = 12, 16
DATA_KEY = 32


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, wrong row, or altered."""


@dataclass(frozen=True)
class Suite:
    """One authenticated cipher with its hash. `number` is the first byte of everything it sealed."""

    name: str
    number: int
    key_bytes: int
    algorithm: Callable[[bytes], algorithms.AES | algorithms.SM4]
    digest: Callable[[], hashes.HashAlgorithm]

    def derive(self, secret: bytes, purpose: str, length: int) -> bytes:
        """A key for one purpose out of `secret` (HKDF, RFC 5869)."""
        info = f"doorstep {self.name} {purpose}".encode()
        return HKDF(algorithm=self.digest(), length=length, salt=None, info=info).derive(secret)

    def seal(self, secret: bytes, plain: bytes, about: str) -> bytes:
        """Number, nonce, ciphertext and tag. `about` is bound to it and must be given again to open it."""
        nonce = os.urandom(NONCE)
        key = self.derive(secret, "seal", self.key_bytes)
        encryptor = Cipher(self.algorithm(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(about.encode())
        body = encryptor.update(plain) + encryptor.finalize()
        return bytes([self.number]) + nonce + body + encryptor.tag

    def open(self, secret: bytes, sealed: bytes, about: str) -> bytes:
        nonce, body, tag = sealed[1 : 1 + NONCE], sealed[1 + NONCE : -TAG], sealed[-TAG:]
        key = self.derive(secret, "seal", self.key_bytes)
        decryptor = Cipher(self.algorithm(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(about.encode())
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as error:
            raise CannotOpen(about) from error

    def fingerprint(self, key: bytes, text: str) -> bytes:
        """Keyed hash of a value (HMAC with the suite's hash)."""
        mac = hmac.HMAC(key, self.digest())
        mac.update(text.encode())
        return mac.finalize()


SUITES = {
    suite.name: suite
    for suite in (
        Suite("aes-gcm", 1, 32, algorithms.AES, hashes.SHA256),
        Suite("sm4-gcm", 2, 16, algorithms.SM4, hashes.SM3),
    )
}
_by_number = {suite.number: suite for suite in SUITES.values()}


def current_suite() -> Suite:
    """The suite that FIELD_CIPHER names. Raises KeyError for one that does not exist (a start-up check says so)."""
    return SUITES[settings.FIELD_CIPHER]


def trouble_with(name: str) -> str:
    """Why this machine cannot use the suite `name`; empty when it can. Seals and opens a value to know."""
    suite = SUITES.get(name)
    if suite is None:
        return f"FIELD_CIPHER is {name!r}; known are {', '.join(sorted(SUITES))}."
    try:
        secret = bytes(DATA_KEY)
        opened = suite.open(secret, suite.seal(secret, b"proof", "proof"), "proof")
        suite.fingerprint(secret, "proof")
    except UnsupportedAlgorithm as error:
        return (
            f"FIELD_CIPHER {name!r} needs an OpenSSL built with SM4-GCM and SM3 under the Python package cryptography; "
            f"this one lacks it: {error}"
        )
    return "" if opened == b"proof" else f"FIELD_CIPHER {name!r} does not open what it sealed."


def suite_of(sealed: bytes) -> Suite:
    """The suite that sealed this value."""
    try:
        return _by_number[sealed[0]]
    except (KeyError, IndexError):
        raise CannotOpen("no known suite sealed this value") from None


@dataclass(frozen=True)
class DataKey:
    """A person's own key, unwrapped."""

    person_id: int
    secret: bytes

    def seal(self, field: str, text: str) -> bytes:
        return current_suite().seal(self.secret, text.encode(), f"{self.person_id} {field}")

    def open(self, field: str, sealed: bytes | memoryview) -> str:
        """Raises CannotOpen when the value is another person's, another field's or altered."""
        raw = bytes(sealed)
        return suite_of(raw).open(self.secret, raw, f"{self.person_id} {field}").decode()


def new_key(person_id: int) -> tuple[DataKey, bytes]:
    """A fresh key for a person, and the same wrapped for the database."""
    key = DataKey(person_id, os.urandom(DATA_KEY))
    return key, wrap(key)


def wrap(key: DataKey) -> bytes:
    suite = current_suite()
    return suite.seal(_wrapping_key(suite.name, settings.MASTER_KEY), key.secret, f"{key.person_id} key")


def unwrap(person_id: int, wrapped: bytes | memoryview) -> DataKey:
    """Raises CannotOpen when neither the master key nor the one before it (OLD_MASTER_KEY) wrapped it."""
    return DataKey(person_id, _open_by_master(bytes(wrapped), f"{person_id} key"))


def _open_by_master(sealed: bytes, about: str) -> bytes:
    suite = suite_of(sealed)
    for master in filter(None, (settings.MASTER_KEY, settings.OLD_MASTER_KEY)):
        with contextlib.suppress(CannotOpen):
            return suite.open(_wrapping_key(suite.name, master), sealed, about)
    raise CannotOpen(about)


def seal_secret(text: str, about: str) -> bytes:
    """Seal a secret of the installation (a second factor's seed) under a key derived from the master key."""
    suite = current_suite()
    return suite.seal(_wrapping_key(suite.name, settings.MASTER_KEY), text.encode(), f"secret {about}")


def open_secret(sealed: bytes, about: str) -> str:
    """Raises CannotOpen when neither master key sealed it."""
    return _open_by_master(sealed, f"secret {about}").decode()


def blind_index(field: str, normal: str) -> bytes | None:
    """The look-up value of a normalised phone or identity number; None for an empty one."""
    if not normal:
        return None
    suite = current_suite()
    return suite.fingerprint(_index_key(suite.name, field, settings.MASTER_KEY), normal)


@lru_cache(maxsize=16)
def _wrapping_key(suite: str, master: bytes) -> bytes:
    return SUITES[suite].derive(master, "wrap", DATA_KEY)


@lru_cache(maxsize=16)
def _index_key(suite: str, field: str, master: bytes) -> bytes:
    return SUITES[suite].derive(master, f"index {field}", DATA_KEY)

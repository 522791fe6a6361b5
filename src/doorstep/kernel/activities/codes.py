"""The code on the organiser's screen: it changes every 30 seconds and says nothing by itself.

Nothing is stored: a code is made from the session's number, the time and a key that the database does not know. A code
counts for its own half minute and the one after it, so that who typed slowly is not sent back.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

STEP = 30  # seconds
DIGITS = 6


def window_of(instant: dt.datetime) -> int:
    """The number of the half minute an instant lies in."""
    return int(instant.timestamp()) // STEP


def typed_code(session_id: int, instant: dt.datetime) -> str:
    """Six digits to be typed."""
    return _typed(_digest(session_id, window_of(instant)))


def scanned_code(session_id: int, instant: dt.datetime) -> str:
    """What the QR holds: longer, so that it cannot be guessed."""
    return _scanned(_digest(session_id, window_of(instant)))


def window_shown(session_id: int, given: str, instant: dt.datetime) -> int | None:
    """The half minute in which this code was shown, if that is the present one or the one before; None for any other."""
    text = "".join(given.split()).upper()
    now = window_of(instant)
    for window in (now, now - 1):
        digest = _digest(session_id, window)
        if any(
            hmac.compare_digest(text.encode(), code.encode()) for code in (_typed(digest), _scanned(digest))
        ):
            return window
    return None


def seconds_left(instant: dt.datetime) -> int:
    """Until the next code is shown."""
    return STEP - int(instant.timestamp()) % STEP


def _digest(session_id: int, window: int) -> bytes:
    return hmac.new(_key(settings.MASTER_KEY), f"{session_id}:{window}".encode(), hashlib.sha256).digest()


def _typed(digest: bytes) -> str:
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def _scanned(digest: bytes) -> str:
    return base64.b32encode(digest[8:18]).decode()


def _key(master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doorstep attendance code").derive(master)

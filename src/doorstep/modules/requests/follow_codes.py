"""The code by which somebody unknown follows a report: shown once, kept nowhere.

It is the matter's number and a part made from the matter's own key with the installation's secret, so it can be
checked without having been kept, and tells nothing of who has it.
"""

from __future__ import annotations

import base64
import re
from hmac import compare_digest

from django.utils.crypto import salted_hmac

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import number_in

SECRET_LENGTH = 10  # of 32 characters each: 50 bits, far beyond guessing at a few tries a minute
_ALIKE = str.maketrans({"0": "O", "1": "I", "8": "B"})  # what people read wrongly


def code_of(matter: Matter) -> str:
    """As it is shown: "QS0000123-ABCDE-FGHIJ"."""
    secret = _secret(matter)
    return f"{matter.number}-{secret[:5]}-{secret[5:]}"


def _secret(matter: Matter) -> str:
    digest = salted_hmac("doorstep.follow", str(matter.key), algorithm="sha256").digest()
    return base64.b32encode(digest).decode()[:SECRET_LENGTH]


def matter_of(code: str) -> Matter | None:
    """The report of a code; None for anything else, whatever is wrong with it."""
    plain = re.sub(r"[\s-]", "", code).upper()
    number, secret = plain[:-SECRET_LENGTH], plain[-SECRET_LENGTH:].translate(_ALIKE)
    pk = number_in(number) if len(number) < 20 else None
    matter = Matter.objects.filter(pk=pk, kind="request").first() if pk is not None and pk < 2**63 else None
    if matter is None or not matter_is_unknowns(matter):
        return None
    return matter if compare_digest(_secret(matter), secret.encode("ascii", "replace").decode()) else None


def matter_is_unknowns(matter: Matter) -> bool:
    """Reported by nobody on record: only then a code stands for the reporter."""
    return matter.reporter_id is None

"""Rules about identity numbers, phone numbers and names: pure functions over values.

Identity numbers follow GB 11643-1999: six digits of region, eight of birth date, three of sequence (odd for men,
even for women) and one check character (ISO 7064 MOD 11-2).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from enum import StrEnum

OLDEST_YEARS = 130
LONGEST_NAME = 120

# Provinces by GB/T 2260 (codes abolished long ago stay valid in a number, so only the province is looked at), and
# 81, 82, 83 of the residence permits of Hong Kong, Macao and Taiwan residents.
_FIRST_AND_LAST = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = frozenset(str(code) for first, last in _FIRST_AND_LAST for code in range(first, last + 1))
WITHOUT_COUNTY = frozenset({"810000", "820000", "830000"})
CHECK_CHARACTERS = "10X98765432"


class Fault(StrEnum):
    """What is wrong with a value, as a word; services put it into the user's language."""

    LENGTH = "length"
    CHARACTERS = "characters"
    REGION = "region"
    BIRTH_DATE = "birth_date"
    CHECK_DIGIT = "check_digit"
    EMPTY = "empty"
    UNKNOWN_NUMBER = "unknown_number"


def narrow(text: str) -> str:
    """Full-width characters as half-width ones, outer blanks gone."""
    return unicodedata.normalize("NFKC", text).strip()


def normal_identity(text: str) -> str:
    """The number as it is stored: 18 characters, capital X."""
    return re.sub(r"[\s-]", "", narrow(text)).upper()


def identity_fault(number: str, today: dt.date) -> Fault | None:
    """The first fault of a normalised identity number, None for a sound one."""
    if len(number) != 18:
        return Fault.LENGTH
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return Fault.CHARACTERS
    if not _region_is_plausible(number[:6]):
        return Fault.REGION
    birth = birth_date_of(number)
    if birth is None or not (today.year - OLDEST_YEARS <= birth.year and birth <= today):
        return Fault.BIRTH_DATE
    return None if check_character(number[:17]) == number[17] else Fault.CHECK_DIGIT


def _region_is_plausible(region: str) -> bool:
    if region[0] == "9":  # permanent residence card of a foreigner: 9, province of issue, nationality
        return region[1:3] in PROVINCES
    return region[:2] in PROVINCES and (region[2:] != "0000" or region in WITHOUT_COUNTY)


def check_character(body: str) -> str:
    """Check character for the first seventeen digits."""
    return CHECK_CHARACTERS[sum(int(digit) << (17 - place) for place, digit in enumerate(body)) % 11]


def birth_date_of(number: str) -> dt.date | None:
    """Birth date inside a normalised number; None for a day that does not exist."""
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def normal_phone(text: str) -> str:
    """Digits alone, without the country's prefix: "+86 138-0000-0000" → "13800000000"."""
    digits = re.sub(r"[\s\-()]", "", narrow(text))
    return re.sub(r"^(?:\+|00)?86(?=1[3-9][0-9]{9}$|0[0-9]{9,11}$)", "", digits)


def phone_fault(number: str) -> Fault | None:
    """A mobile number, or a fixed line with its area code; None for a sound one."""
    if not re.fullmatch(r"[0-9]+", number):
        return Fault.CHARACTERS
    if number.startswith("0"):
        return (
            None
            if re.fullmatch(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}", number)
            else Fault.UNKNOWN_NUMBER
        )
    if len(number) != 11:
        return Fault.LENGTH
    return None if re.fullmatch(r"1[3-9][0-9]{9}", number) else Fault.UNKNOWN_NUMBER


def normal_name(text: str) -> str:
    """A name with single blanks inside and none outside."""
    return re.sub(r"\s+", " ", text).strip()


def name_fault(name: str) -> Fault | None:
    """Names have one to 120 characters, none of them a control character."""
    if not name:
        return Fault.EMPTY
    if len(name) > LONGEST_NAME:
        return Fault.LENGTH
    return Fault.CHARACTERS if any(unicodedata.category(char).startswith("C") for char in name) else None

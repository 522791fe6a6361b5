"""Rules over values alone: credit codes, names, dates, which places a unit or an appointment may have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from doorstep.kernel.shared.numerals import is_digits

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUE = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}

FIRST_DAY = dt.date(1900, 1, 1)
YEARS_AHEAD = 3
LONGEST_NAME = 120

# Levels a unit of the kind may stand at; a kind not named here may stand anywhere.
KIND_LEVELS: dict[str, tuple[str, ...]] = {
    "district_committee": ("county",),
    "district_government": ("county",),
    "platform_administration": ("nation", "county"),  # the whole installation, before it has places
    "department": ("county", "street"),
    "street_working_committee": ("street",),
    "street_office": ("street",),
    "community_party_organisation": ("community",),
    "residents_committee": ("community",),
    "grid_party_branch": ("community", "grid"),
    "building_party_group": ("community", "grid"),
    "compound_party_branch": ("community", "grid"),
}

# Founding, moving, renaming or ending one of these follows a written approval.
APPROVED_KINDS = frozenset(
    {
        "district_committee", "district_government", "department", "street_working_committee", "street_office",
        "community_party_organisation", "grid_party_branch", "building_party_group", "compound_party_branch",
        "company_party_organisation", "trade_party_committee", "residents_committee",
    }
)  # fmt: skip


def normal_credit_code(text: str) -> str:
    """Upper case without spaces or hyphens, as it is stored."""
    return "".join(text.split()).replace("-", "").upper()


def credit_code_check(body: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015): weights 3^i mod 31, (31 - sum mod 31) mod 31.

    The outer modulus matters: without it a sum divisible by 31 would ask for a 31st value that no character has.
    Raises KeyError for a character outside the code's alphabet.
    """
    total = sum(_VALUE[letter] * weight for letter, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_code_check(body: str) -> str:
    """The ninth character of an organisation code for its first eight (GB 11714): 11 - sum mod 11, X for ten."""
    total = sum(
        _ORGANISATION_VALUE[letter] * weight
        for letter, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    value = (11 - total % 11) % 11
    return "X" if value == 10 else str(value)


def credit_code_fault(code: str) -> str:
    """What is wrong with a unified social credit code: "length", "letters", "organisation", "check"; "" if nothing."""
    if len(code) != 18:
        return "length"
    if not all(letter in _VALUE for letter in code) or not is_digits(code[2:8]):
        return "letters"
    if organisation_code_check(code[8:16]) != code[16]:
        return "organisation"
    if credit_code_check(code[:17]) != code[17]:
        return "check"
    return ""


def name_fault(name: str) -> str:
    """ "empty", "long" or "signs" (line breaks, control characters); "" for a name that can stand."""
    if not name.strip():
        return "empty"
    if len(name) > LONGEST_NAME:
        return "long"
    return "" if name.isprintable() else "signs"


def day_fault(day: dt.date, today: dt.date) -> str:
    """ "early" before 1900, "late" more than three years ahead, else ""."""
    if day < FIRST_DAY:
        return "early"
    return "late" if day > today + dt.timedelta(days=366 * YEARS_AHEAD) else ""


def level_fits(kind: str, level: str) -> bool:
    return kind not in KIND_LEVELS or level in KIND_LEVELS[kind]


def appointment_places_fault(
    post: str, carries: bool, unit_place: str, codes: Sequence[str]
) -> tuple[str, str]:
    """What is wrong with an appointment's own places, and at which code: ("", "") if nothing.

    "missing": the post needs its own places. "grid": a grid worker answers for grids. "outside": not in the unit's
    community (grid worker), district (property manager) or place (others). "wide": wider than a community.
    """
    if carries and not codes:
        return "missing", ""
    for code in codes:
        if post == "grid_worker" and len(code) != 15:
            return "grid", code
        if post == "property_manager" and len(code) < 12:
            return "wide", code
        home = unit_place[:6] if post == "property_manager" else unit_place
        if not code.startswith(home):
            return "outside", code
    return "", ""


def overlap(
    first: tuple[dt.date, dt.date | None], second: tuple[dt.date, dt.date | None]
) -> tuple[dt.date, dt.date | None] | None:
    """The days two half-open periods share; None for none. A period's end is exclusive, None for open."""
    start = max(first[0], second[0])
    ends = [end for end in (first[1], second[1]) if end is not None]
    end = min(ends) if ends else None
    return None if end is not None and end <= start else (start, end)


def covers_without_gap(
    whole: tuple[dt.date, dt.date | None], parts: Iterable[tuple[dt.date, dt.date | None]]
) -> bool:
    """Do the parts, in order, fill the whole period exactly: no gap, no overlap, none empty?"""
    expected: dt.date | None = whole[0]
    for start, end in sorted(parts, key=lambda part: part[0]):
        if start != expected or (end is not None and end <= start):
            return False
        expected = end
    return expected == whole[1]

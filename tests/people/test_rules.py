"""Identity numbers, phones and names; masks."""

import datetime as dt

import pytest

from doorstep.kernel.people.masking import mask_identity, mask_name, mask_phone
from doorstep.kernel.people.rules import (
    Fault,
    check_character,
    identity_fault,
    name_fault,
    normal_identity,
    normal_name,
    normal_phone,
    phone_fault,
)

TODAY = dt.date(2026, 6, 15)


def number(body: str) -> str:
    return body + check_character(body)


def test_the_standards_own_example():
    assert identity_fault("11010519491231002X", TODAY) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("110105194912310021", Fault.CHECK_DIGIT),
        ("1101051949123100", Fault.LENGTH),
        ("", Fault.LENGTH),
        ("1101051949123100XX", Fault.CHARACTERS),
        (number("99010519491231002"), Fault.REGION),
        (number("00010519491231002"), Fault.REGION),
        (number("21000019491231002"), Fault.REGION),
        (number("21020220260631002"), Fault.BIRTH_DATE),
        (number("21020220260616002"), Fault.BIRTH_DATE),
        (number("21020218491231002"), Fault.BIRTH_DATE),
        (number("21020219000229002"), Fault.BIRTH_DATE),
    ],
)
def test_faults_of_identity_numbers(text, fault):
    assert identity_fault(text, TODAY) == fault


@pytest.mark.parametrize(
    "body", ["81000019900101001", "83000019900101002", "92115619900101003", "21020220260615001"]
)
def test_residence_permits_and_the_newborn_are_sound(body):
    assert identity_fault(number(body), TODAY) is None


def test_every_single_wrong_digit_is_noticed():
    sound = "11010519491231002X"
    for place in range(17):
        for digit in "0123456789":
            if digit != sound[place]:
                assert identity_fault(sound[:place] + digit + sound[place + 1 :], TODAY) is not None


def test_full_width_and_small_letters_are_understood():
    assert normal_identity(" １１０１０５ 19491231-002x ") == "11010519491231002X"
    assert normal_phone("＋86 138-0000-0000") == "13800000000"
    assert normal_phone("(0411) 8262 3456") == "041182623456"
    assert normal_name("  艾力 ·  买买提 ") == "艾力 · 买买提"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("13800000000", None), ("19900000000", None), ("041182623456", None), ("01062345678", None),
        ("12800000000", Fault.UNKNOWN_NUMBER), ("1380000000", Fault.LENGTH), ("041112345678", Fault.UNKNOWN_NUMBER),
        ("138000000ab", Fault.CHARACTERS),
    ],
)  # fmt: skip
def test_phones(text, fault):
    assert phone_fault(text) == fault


def test_names_of_one_character_and_of_forty_pass():
    assert name_fault("甲") is None
    assert name_fault("甲" * 40) is None
    assert name_fault("") == Fault.EMPTY
    assert name_fault("甲" * 121) == Fault.LENGTH
    assert name_fault("甲\u202e乙") == Fault.CHARACTERS


def test_masks():
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("041182623456") == "041******456"
    assert mask_phone("") == mask_identity("") == ""
    assert mask_identity("21020219900101001X") == "2102************1X"
    assert mask_name("演示甲一") == "演***"
    assert mask_name("甲") == "*"

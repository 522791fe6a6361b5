"""Numbers in input are read by one function, which knows that other scripts have digits too."""

import re
from pathlib import Path

import pytest

import doorstep
from doorstep.kernel.shared.numerals import is_digits, whole_number

SOURCES = Path(doorstep.__path__[0])
ASKING = re.compile(r"\.is(digit|decimal|numeric)\b")
# what is asked there is a character of one's own text, never turned into a number
OWN = {
    "kernel/shared/numerals.py",
    "kernel/shared/names.py",
    "kernel/authority/passwords.py",
    "launch/run.py",
}


@pytest.mark.parametrize(
    "text", ["²", "１", "٣", "①", "", " 1", "+1", "-1", "1_0", "1.0", "1\x00", "9" * 19, None]
)
def test_what_is_no_number(text):
    assert whole_number(text) is None


def test_what_is_one():
    assert [whole_number(text) for text in ("0", "007", "9" * 18)] == [0, 7, int("9" * 18)]
    assert whole_number("123", 2) is None and is_digits("210202005") and not is_digits("")


def test_nothing_else_asks_whether_a_text_is_a_number():
    asking = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if ASKING.search(path.read_text(encoding="utf-8")) and "demo" not in path.parts
    }
    assert asking == OWN

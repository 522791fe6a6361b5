import pytest

from doorstep.kernel.shared.numerals import numeral


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (23, "二十三"), (100, "一百"), (105, "一百零五"),
     (110, "一百一十"), (111, "一百一十一"), (999, "九百九十九")],
)  # fmt: skip
def test_numbers_in_words(number, words):
    assert numeral(number) == words


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_numbers_without_words(number):
    with pytest.raises(ValueError, match="no numeral"):
        numeral(number)

"""GB 32100-2015 and the organisation code inside it."""

from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.organisations import rules

KNOWN_GOOD = "91110108551385082Q"
DIGITS = st.text("0123456789", min_size=8, max_size=8)
REGIONS = st.text("0123456789", min_size=6, max_size=6)


def code_for(head: str, body: str) -> str:
    organisation = body + rules.organisation_code_check(body)
    return head + organisation + rules.credit_code_check(head + organisation)


def test_a_known_good_code_passes():
    assert rules.credit_code_fault(KNOWN_GOOD) == ""
    assert code_for(KNOWN_GOOD[:8], KNOWN_GOOD[8:16]) == KNOWN_GOOD


def test_each_fault_has_its_own_word():
    assert rules.credit_code_fault(KNOWN_GOOD[:-1]) == "length"
    assert rules.credit_code_fault("I" + KNOWN_GOOD[1:]) == "letters"
    assert rules.credit_code_fault("91A10108551385082Q") == "letters"
    assert rules.credit_code_fault(KNOWN_GOOD[:-1] + "R") == "check"
    assert rules.credit_code_fault(KNOWN_GOOD[:16] + "3" + KNOWN_GOOD[17]) == "organisation"


@given(st.sampled_from(["91", "51", "11", "54"]), REGIONS, DIGITS)
def test_made_codes_pass_and_any_one_changed_letter_fails(kind, region, body):
    body_code = code_for(kind + region, body)
    if "X" in body_code and body_code[16] == "X":
        assert body_code[16] in rules.ALPHABET
    assert rules.credit_code_fault(body_code) == ""
    for position in range(18):
        for letter in rules.ALPHABET:
            if letter != body_code[position]:
                changed = body_code[:position] + letter + body_code[position + 1 :]
                assert rules.credit_code_fault(changed) != ""


def test_the_outer_modulus_matters():
    """A body whose weighted sum is divisible by 31 has the check character 0, not a 31st one."""
    bodies = (f"9121020000000{number:04d}" for number in range(10000))
    assert any(rules.credit_code_check(body) == "0" for body in bodies)


def test_codes_are_read_as_offices_write_them():
    assert rules.normal_credit_code(" 9111 0108-551385082q ") == KNOWN_GOOD

"""No transfer between people, no cash, no points for conduct: there is no booking and no column for it."""

from __future__ import annotations

from doorstep.kernel.declarations.numbers import numbers_of
from doorstep.modules.volunteering import books, seeds
from doorstep.modules.volunteering.models import Credit, RuleValue, ServiceKind
from doorstep.modules.volunteering.numbers import RuleValue as OfNumbers

POINTS = {"EARN", "TAKE_BACK", "EXPIRE", "HOLD", "REDEEM", "RELEASE", "VOID"}
FEN = {"FUND", "PLEDGE", "OWE", "PAY"}
PIECES = {"STOCK", "RESERVE", "HAND", "WRITE_OFF"}
BOOKS = {"POINTS", "MINUTES", "FEN", "PIECES"}
ACCOUNTS = {"ISSUE", "HELD", "REDEEMED", "EXPIRED", "SERVICE", "BUDGET", "PAID", "MADE", "HANDED_OUT", "LOST"}
FROM_LEDGER = {"HOLDER", "POOL", "SOURCE"}


def test_the_list_of_bookings_is_closed():
    words = {name for name, value in vars(books).items() if name.isupper() and isinstance(value, str)}
    assert words == POINTS | FEN | PIECES | BOOKS | ACCOUNTS | FROM_LEDGER


def test_the_rules_have_a_rate_for_time_and_nothing_else():
    columns = {field.name for field in ServiceKind._meta.concrete_fields}
    assert columns == {
        "id", "valid_from", "valid_to", "place_code", "code", "name", "points_per_hour", "risky", "clause",
    }  # fmt: skip
    assert {field.name for field in Credit._meta.concrete_fields} == {
        "id", "approval", "session", "volunteer", "place_code", "day", "service", "attended", "minutes", "rate", "points",
        "cut", "expires_on", "minutes_booking", "points_booking", "taken_back_at", "recovered",
    }  # fmt: skip
    declared = numbers_of("volunteering")
    assert declared is not None and OfNumbers is RuleValue
    keys = {number.key for number in declared.numbers if not number.key.startswith("redemption.")}
    assert keys == {key for key, _value, _clause in seeds.VALUES}
    about_points = {number.key for number in declared.numbers if "points" in number.key}
    assert about_points == {"points.months"}  # how long they last; no award, no penalty


def test_every_first_number_can_be_read_by_its_own_rule():
    declared = numbers_of("volunteering")
    assert declared is not None
    for key, value, clause in seeds.VALUES:
        number = declared.number(key)
        assert number is not None and clause
        assert number.read(number.show(value)) == value

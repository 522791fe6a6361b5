"""Which row of the table of terms holds: the most specific one in force, category before urgency."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models import Matter, TimeLimit
from doorstep.kernel.matters.steps import Rulebook
from doorstep.kernel.matters.working_days import Calendar

AT = dt.datetime(2026, 6, 15, 4, tzinfo=dt.UTC)
START = dt.date(2024, 1, 1)


def row(amount, category="", urgency="", clock="resolve", valid_from=START, valid_to=None):
    return TimeLimit(
        kind="request", clock=clock, category=category, urgency=urgency, amount=amount, measure="hours",
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip


BOOK = Rulebook(
    (
        row(1), row(2, urgency="urgent"), row(3, category="safety"), row(4, category="safety", urgency="urgent"),
        row(5, category="dispute", valid_to=dt.date(2026, 6, 15)), row(6, clock="respond"),
        row(7, category="care", valid_from=dt.date(2026, 6, 16)),
    ),
    Calendar(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("category", "urgency", "amount"),
    [
        ("", "normal", 1), ("other", "normal", 1), ("other", "urgent", 2), ("safety", "normal", 3),
        ("safety", "urgent", 4), ("dispute", "normal", 1), ("care", "normal", 1), ("care", "urgent", 2),
    ],
)  # fmt: skip
def test_the_most_specific_in_force_holds(category, urgency, amount):
    found = BOOK.limit_for(Matter(kind="request", category=category, urgency=urgency), "resolve", AT)
    assert found is not None and found.amount == amount


def test_what_no_row_says_is_not_promised():
    assert BOOK.limit_for(Matter(kind="whistle"), "resolve", AT) is None
    assert BOOK.limit_for(Matter(kind="request"), "remind", AT) is None

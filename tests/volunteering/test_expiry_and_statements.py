"""Points end; what a quarter brought is made public."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.services import Move, Posting, post, reverse
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import RuleValue
from doorstep.modules.volunteering.services_expiry import expire_points
from doorstep.modules.volunteering.services_statements import publish
from tests.volunteering.world import DISTRICT, ONE, STREET, SYSTEM, TODAY, TWO, approved, held, volunteers

QUARTER = dt.date(2026, 4, 1)


def hold(volunteer, amount):
    points = books.book(books.POINTS)
    return post(
        actor=SYSTEM,
        posting=Posting(
            book=points, key=books.key_of("hold", volunteer.pk, amount), kind=books.HOLD, place_code=ONE,
            moves=(Move(volunteer.points_id, books.standing(points, books.HELD).pk, amount),),
        ),
    )  # fmt: skip


def test_points_end_on_their_day_once(world):
    one, two = volunteers(2)
    RuleValue.objects.filter(key="points.months").update(value=1)
    approved(world, [one.person_id, two.person_id])  # of 12 June
    assert expire_points() == 0
    with clock.fixed(dt.date(2026, 7, 11)):
        assert expire_points() == 0
    with clock.fixed(dt.date(2026, 7, 12)):
        assert expire_points() == 40 and expire_points() == 0
    assert held(one) == held(two) == (0, 120)  # hours stay
    assert Transaction.objects.filter(kind=books.EXPIRE).count() == 2


def test_what_comes_back_after_its_day_ends_too(world):
    (one,) = volunteers(1)
    RuleValue.objects.filter(key="points.months").update(value=1)
    approved(world, [one.person_id])
    slip = hold(one, 15)
    with clock.fixed(dt.date(2026, 7, 12)):
        assert expire_points() == 5
        reverse(actor=SYSTEM, transaction_id=slip.id, key=books.key_of("back"), kind=books.RELEASE)
        assert held(one)[0] == 15
        assert expire_points() == 15 and held(one)[0] == 0
    assert Transaction.objects.filter(kind=books.EXPIRE).count() == 2


def test_a_quarter_is_published_by_the_books(world):
    (here,), (there,) = volunteers(1), volunteers(1, TWO)
    RuleValue.objects.filter(key="points.months").update(value=1)
    approved(world, [here.person_id], day=dt.date(2026, 4, 30))
    RuleValue.objects.filter(key="points.months").update(value=24)
    approved(world, [here.person_id, there.person_id])
    expire_points()
    with clock.fixed(dt.date(2026, 7, 2)):
        row = publish(actor=world.actor("district"), place_code=DISTRICT, quarter=QUARTER)
        lower = publish(actor=world.actor("secretary"), place_code=ONE, quarter=QUARTER)
    whole = {
        key: row.figures[key]
        for key in ("issued", "expired", "redeemed", "taken_back", "outstanding", "minutes")
    }
    assert whole == {
        "issued": 60, "expired": 20, "redeemed": 0, "taken_back": 0, "outstanding": 40, "minutes": 360,
    }  # fmt: skip
    assert (row.figures["services"], row.figures["people"]) == (2, 2)
    parts = {
        part["code"]: (part["issued"], part["outstanding"], part["minutes"]) for part in row.figures["parts"]
    }
    assert parts == {STREET: (60, 20, 360), TWO[:9]: (0, 20, 0)}
    assert lower.figures["issued"] == 60 and lower.figures["outstanding"] == 20
    approved(world, [here.person_id], start=15)
    row.refresh_from_db()
    assert row.figures["issued"] == 60  # it stands as published


def test_who_publishes_and_when(world):
    with pytest.raises(RuleViolation, match="还没有过完"):
        publish(actor=world.actor("district"), place_code=DISTRICT, quarter=QUARTER)
    before = dt.date(2026, 1, 1)
    for role, place, refusal in (
        ("worker", ONE, NotAllowed), ("outsider", ONE, NotVisible), ("secretary", DISTRICT, NotVisible),
        ("resident", ONE, NotVisible),
    ):  # fmt: skip
        with pytest.raises(refusal):
            publish(actor=world.actor(role), place_code=place, quarter=before)
    publish(actor=world.actor("secretary"), place_code=ONE, quarter=before)
    with pytest.raises(Conflict, match="已经公示过"):
        publish(actor=world.actor("street"), place_code=ONE, quarter=before)
    with pytest.raises(RuleViolation):
        publish(actor=world.actor("street"), place_code=ONE, quarter=before + dt.timedelta(days=3))
    assert TODAY.month == 6

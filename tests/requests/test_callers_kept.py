"""Who only called is kept as long as what they told, by the dated term of retention, and no longer."""

import datetime as dt

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import KnownByReport, Matter
from doorstep.kernel.matters.services_reporters import forget_reporters
from doorstep.kernel.matters.services_retention import erase_due, set_retention_term
from doorstep.kernel.people.models import Consent, Person, PersonKey
from doorstep.kernel.shared import clock
from doorstep.modules.requests.callers import caller_of
from tests.matters.world import SYSTEM
from tests.requests.world import GRID, closed

AFTER = dt.date(2027, 7, 16)  # a year and a month after the day of the call


@pytest.fixture
def caller(world):
    set_retention_term(actor=SYSTEM, kind="request", months=12, clause="演示", valid_from=dt.date(2024, 1, 1))
    pk, _name = caller_of(SYSTEM, name="演示来电甲", phone="13800000042", anonymous=False, place_code=GRID)
    return Person.objects.get(pk=pk)


def nightly() -> int:
    erase_due()
    return forget_reporters()


def test_a_caller_goes_with_the_last_of_their_requests(world, caller):
    closed(world, by="street", source="hotline", reporter_id=caller.pk)
    with clock.fixed(dt.date(2026, 9, 1)):
        closed(world, by="street", source="hotline", reporter_id=caller.pk)
        assert nightly() == 0
    with clock.fixed(AFTER):
        assert nightly() == 0, "the later one is still kept"
        assert Matter.objects.filter(reporter=caller).count() == 1
        caller.refresh_from_db()
        assert caller.name == "演示来电甲"
    with clock.fixed(dt.date(2027, 9, 2)):
        assert (nightly(), nightly()) == (1, 0)
    caller.refresh_from_db()
    assert caller.erased_at is not None and caller.name != "演示来电甲" and caller.phone_sealed is None
    assert not PersonKey.objects.filter(person=caller).exists()
    assert not KnownByReport.objects.exists()
    entry = Entry.objects.get(action="people.erase")
    assert (entry.target_id, entry.purpose) == (str(caller.pk), "period_over")


def test_without_a_term_in_force_nothing_ends(world, caller):
    set_retention_term(
        actor=SYSTEM, kind="request", months=600, clause="演示", valid_from=dt.date(2024, 1, 2)
    )
    closed(world, by="street", source="hotline", reporter_id=caller.pk)
    with clock.fixed(AFTER):
        assert nightly() == 0


@pytest.mark.parametrize("otherwise", ["account", "consent"])
def test_who_is_known_otherwise_stays(world, caller, otherwise):
    closed(world, by="street", source="hotline", reporter_id=caller.pk)
    if otherwise == "account":
        Account.objects.create(username="resident-42", person=caller)
    else:
        Consent.objects.create(
            person=caller, purpose="notices", given_by="演示", valid_from=dt.date(2026, 6, 15)
        )
    with clock.fixed(AFTER):
        assert nightly() == 0
    caller.refresh_from_db()
    assert caller.erased_at is None and not KnownByReport.objects.exists()


def test_who_was_registered_before_is_no_mere_caller(world, caller):
    known, _name = caller_of(SYSTEM, name="演示来电甲", phone="13800000042", anonymous=False, place_code=GRID)
    assert known == caller.pk and KnownByReport.objects.count() == 1
    closed(world)  # of the resident, who was registered by the community
    with clock.fixed(AFTER):
        assert nightly() == 1  # the caller, whose call led to nothing that is kept
    assert Person.objects.get(pk=world.people["resident"].pk).erased_at is None

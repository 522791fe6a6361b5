"""Joint activities: held and confirmed they prove what a community owes; taken back, they do not."""

import datetime as dt
import uuid

import pytest

from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.models import ANNOUNCED, Session
from doorstep.kernel.activities.services_attendance import confirm, return_confirmation
from doorstep.kernel.obligations.models import Occurrence, Proof
from doorstep.kernel.obligations.selectors import state_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import services_gatherings
from doorstep.modules.partnership.services_gatherings import NewGathering, plan_gathering, prove_held
from tests.organisations.world import COMMUNITY, STREET
from tests.partnership.world import NOW

STARTS = dt.datetime(2026, 6, 20, 9, tzinfo=NOW.tzinfo)


def planned(world, role="secretary", units=("firm",), category="health", key=None):
    activity = NewActivity(
        kind="joint", category=category, place_code=COMMUNITY, organiser_id=world.units["community"].pk, title="联合义诊",
        where="社区广场", by_sign_up=False,
    )  # fmt: skip
    new = NewGathering(
        activity=activity, sessions=[NewSession(starts_at=STARTS, ends_at=STARTS + dt.timedelta(hours=2))],
        unit_ids=tuple(world.units[unit].pk for unit in units),
    )  # fmt: skip
    return plan_gathering(actor=world.actor(role), new=new, key=key or uuid.uuid4())


def owed(world) -> str:
    row = Occurrence.objects.get(
        unit=world.units["community"], code="joint_activity", ends_on=dt.date(2026, 6, 30)
    )
    return state_of(row, STARTS.date())


def test_confirmed_it_is_proof_and_taken_back_it_is_not(world):
    world.agreed()
    key = uuid.uuid4()
    row = planned(world, key=key)
    assert planned(world, key=key) == row and [unit.pk for unit in row.units.all()] == [
        world.units["firm"].pk
    ]
    session = Session.objects.get(activity=row.activity)
    assert prove_held() == 0 and owed(world) == "due"
    with clock.fixed(STARTS + dt.timedelta(hours=3)):
        confirm(
            actor=world.actor("secretary"),
            session_id=session.pk,
            expected_version=session.lock_version,
            head_count=40,
        )
        assert prove_held() == 1 and prove_held() == 0 and owed(world) == "kept"
        Session.objects.filter(pk=session.pk).update(state=ANNOUNCED, confirmed_at=None, confirmed_by=None)
        assert prove_held() == 1 and prove_held() == 0 and owed(world) == "due"
    assert Proof.objects.get(kind="joint_activity").withdrawn_at is not None


def test_only_with_a_partner_and_by_who_keeps_things_there(world):
    with pytest.raises(RuleViolation, match="共建协议"):
        planned(world)
    world.agreed()
    with pytest.raises(RuleViolation, match="共建协议"):
        planned(world, units=("firm", "school"))
    with pytest.raises(RuleViolation, match="类别"):
        planned(world, category="lottery")
    for role, refusal in (("partner", NotVisible), ("outsider", NotVisible), ("worker", NotAllowed)):
        with pytest.raises(refusal):
            planned(world, role)


def test_an_activity_confirmed_again_proves_again(world):
    world.agreed()
    session = Session.objects.get(activity=planned(world).activity)
    with clock.fixed(STARTS + dt.timedelta(hours=3)):
        confirm(
            actor=world.actor("secretary"),
            session_id=session.pk,
            expected_version=session.lock_version,
            head_count=40,
        )
        prove_held()
        assert owed(world) == "kept"
        session = return_confirmation(actor=world.actor("street"), session_id=session.pk, reason="人数不对")
        prove_held()
        assert owed(world) == "due"
        confirm(
            actor=world.actor("secretary"),
            session_id=session.pk,
            expected_version=session.lock_version,
            head_count=38,
        )
        prove_held()
        assert owed(world) == "kept"


def test_activities_that_prove_nothing_do_not_stand_in_the_way(world, monkeypatch):
    """A street's activity proves nothing for a community; looked at first in every round, it must not use up the portion."""
    monkeypatch.setattr(services_gatherings, "PORTION", 1)
    world.agreed(role="street", place_code=STREET)
    world.agreed("school", document="演示共建〔2026〕5号")
    wide = NewActivity(
        kind="joint", category="health", place_code=STREET, organiser_id=world.units["street"].pk, title="街道义诊",
        where="街道广场", by_sign_up=False,
    )  # fmt: skip
    sessions = [NewSession(starts_at=STARTS, ends_at=STARTS + dt.timedelta(hours=2))]
    plan_gathering(
        actor=world.actor("street"),
        new=NewGathering(activity=wide, sessions=sessions, unit_ids=(world.units["firm"].pk,)),
        key=uuid.uuid4(),
    )
    planned(world, units=("school",))
    with clock.fixed(STARTS + dt.timedelta(hours=3)):
        for session in Session.objects.order_by("pk"):
            who = world.actor("street" if session.place_code == STREET else "secretary")
            confirm(actor=who, session_id=session.pk, expected_version=session.lock_version, head_count=40)
        prove_held()
        prove_held()
        assert owed(world) == "kept"

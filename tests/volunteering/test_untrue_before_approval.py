"""What somebody found untrue before it was approved is not approved: the whole service, or one who was not there."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from doorstep.kernel.activities.models import BY_CODE, Session
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.volunteering.models import Approval, Credit, Oddity
from doorstep.modules.volunteering.models_review import FINE, TAKEN_BACK, UPHELD
from doorstep.modules.volunteering.selectors import own_volunteer, to_approve, uncredited
from doorstep.modules.volunteering.services_appeals import answer, appeal
from doorstep.modules.volunteering.services_approval import Approved, approve_session
from doorstep.modules.volunteering.services_review import decide, find_oddities
from tests.volunteering import world as district
from tests.volunteering.world import TODAY, World, at, confirmed, held, volunteers, with_account

WHOLE = (20, 120)


def odd(world: World):
    """Five volunteers whose times are all the same: found at night, not yet approved."""
    rows = volunteers(5)
    session = confirmed(world, [row.person_id for row in rows], how=BY_CODE)
    assert find_oddities() == 1
    return rows, session, Oddity.objects.get(session=session)


def decided(world: World, row: Oddity, decision: str = TAKEN_BACK) -> None:
    decide(actor=world.actor("deputy"), oddity_id=row.pk, decision=decision, note="问过了，没有这回事")


def approved(world: World, session: Session) -> Approved:
    session.refresh_from_db()
    return approve_session(
        actor=world.actor("secretary"), session_id=session.pk, expected_version=session.lock_version
    )


def test_a_service_found_untrue_is_not_approved_and_leaves_the_queue(world):
    rows, session, found = odd(world)
    assert session in to_approve(world.actor("secretary"))
    decided(world, found)
    assert session not in to_approve(world.actor("secretary"))
    with pytest.raises(RuleViolation, match="已核实为不实，不能审核"):
        approved(world, session)
    assert not Approval.objects.exists() and [held(row) for row in rows] == [(0, 0)] * 5


def test_found_in_order_it_is_approved(world):
    rows, session, found = odd(world)
    decided(world, found, FINE)
    assert approved(world, session).credited == 5 and held(rows[0]) == WHOLE


def test_one_of_whom_it_was_found_untrue_is_passed_over(world):
    rows, session, found = odd(world)
    Oddity.objects.filter(pk=found.pk).update(facts={"volunteer": rows[0].number, "minutes": 3})
    decided(world, found)
    made = approved(world, session)
    assert (made.credited, made.untrue, made.others) == (4, 1, 0)
    assert [held(row) for row in rows] == [(0, 0), *[WHOLE] * 4]


def test_an_upheld_appeal_brings_it_back_for_who_appealed(world):
    rows, session, found = odd(world)
    actor = with_account(world, "volunteer", rows[0].person)
    decided(world, found)
    own = own_volunteer(actor)
    assert own is not None and session in uncredited(own)
    asked = appeal(actor=actor, session_id=session.pk, text="我去了，有照片")
    day = session.day
    answer(
        actor=world.actor("deputy"), appeal_id=asked.pk, outcome=UPHELD, text="有照片", in_at=at(9, day), out_at=at(11, day),
    )  # fmt: skip
    assert session in to_approve(world.actor("secretary"))
    made = approved(world, session)
    assert (made.credited, made.untrue) == (1, 4)
    assert [held(row) for row in rows] == [WHOLE, *[(0, 0)] * 4]


def test_decided_while_the_approval_waits(fresh_database):
    """The approval stands behind who decides at the session's row; then it reads what was decided."""
    with clock.fixed(TODAY):
        world = district.build()
        rows, session, found = odd(world)
        secretary = world.actor("secretary")
        session.refresh_from_db()
    outcome: list[object] = []

    def approves() -> None:
        try:
            with clock.fixed(TODAY):
                made = approve_session(
                    actor=secretary, session_id=session.pk, expected_version=session.lock_version
                )
                outcome.append(made)
        except Refused as refusal:
            outcome.append(refusal)
        finally:
            connection.close()

    waiting = threading.Thread(target=approves)
    with clock.fixed(TODAY), transaction.atomic():
        decided(world, found)
        waiting.start()
        _until_somebody_waits()
    waiting.join(30)
    assert isinstance(outcome[0], RuleViolation) and "不实" in str(outcome[0].message)
    assert not Approval.objects.exists() and not Credit.objects.exists()
    assert [held(row) for row in rows] == [(0, 0)] * 5


def _until_somebody_waits() -> None:
    """Until another connection stands at a lock of ours."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")

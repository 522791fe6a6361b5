"""Part-time commissioners: five steps by different hands, bounded seats, the seat in the same transaction, a dated notice."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.models import Matter, Notice
from doorstep.kernel.organisations.kept_posts import is_kept
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.selectors import posts_to_give, versions_of
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.own_data import own_data
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import services_committee as services
from doorstep.modules.partnership.committee import voting_members
from doorstep.modules.partnership.models import Nomination, RuleValue
from doorstep.modules.partnership.services import end_agreement
from tests.organisations.world import COMMUNITY, STREET, SYSTEM, officer
from tests.partnership.world import NOW, TODAY, build

DAY = dt.timedelta(days=1)


def test_five_steps_end_in_a_seat_and_a_notice(world):
    world.agreed()
    assert voting_members(world.units["community"].pk, TODAY) == 3
    row = world.nominated()
    assert (row.matter.state, row.recommended_by, row.matter.due_at is not None) == (
        "recommended",
        "unit",
        True,
    )
    assert row.person.name not in row.matter.title and row.matter.source == "unit"
    services.screen(actor=world.actor("member"), matter_id=row.pk, note="表现好")
    services.approve(actor=world.actor("street"), matter_id=row.pk, document="演示街〔2026〕2号")
    seated = services.appoint_commissioner(actor=world.actor("street"), matter_id=row.pk)
    seat = seated.appointment
    assert (seat.post, seat.unit_id, seat.has_vote, seat.full_time) == (
        "part_time_commissioner",
        row.community_id,
        True,
        False,
    )
    assert (seat.valid_from, seat.valid_to, seat.document) == (TODAY, row.valid_to, "演示街〔2026〕2号")
    assert voting_members(row.community_id, TODAY) == 4
    assert Notice.objects.filter(person_id=row.person_id, about="partnership.seat", key="seated").exists()
    done = services.publicise(actor=world.actor("secretary"), matter_id=row.pk)
    assert (done.matter.state, done.published_on, done.public_until) == ("publicised", TODAY, TODAY + 7 * DAY)
    assert not done.matter.is_open and row.affiliation == done.affiliation == "演示公司党支部"


def test_with_or_without_a_vote(world):
    world.agreed()
    world.seated(has_vote=False)
    assert voting_members(world.units["community"].pk, TODAY) == 3


def test_each_step_is_by_other_hands(world):
    world.agreed()
    row = world.nominated(role="secretary")
    with pytest.raises(NotAllowed, match="您是报告人"):
        services.screen(actor=world.actor("secretary"), matter_id=row.pk)
    with pytest.raises(NotAllowed):
        services.screen(actor=world.actor("street"), matter_id=row.pk)
    services.screen(actor=world.actor("deputy"), matter_id=row.pk)
    for role, refusal in (("deputy", NotAllowed), ("secretary", NotAllowed), ("partner2", NotVisible)):
        with pytest.raises(refusal):
            services.approve(actor=world.actor(role), matter_id=row.pk, document="x")
    with pytest.raises(NotVisible):
        services.approve(actor=world.actor("outsider"), matter_id=row.pk, document="x")
    with pytest.raises(RuleViolation, match="批准文号"):
        services.approve(actor=world.actor("street"), matter_id=row.pk, document=" ")
    with pytest.raises(RuleViolation, match="现在是"):
        services.appoint_commissioner(actor=world.actor("street"), matter_id=row.pk)


def test_nobody_handles_their_own(world):
    world.agreed()
    row = world.nominated(person_id=world.people["member"].pk, role="secretary", name="")
    with pytest.raises(NotAllowed, match="本人"):
        services.screen(actor=world.actor("member"), matter_id=row.pk)


def test_who_recommended_themselves_may_take_it_back_and_nothing_else(world):
    """An officer of the street who approves and appoints does neither for themselves, whoever approved."""
    world.agreed()
    row = world.nominated(person_id=world.people["street"].pk, role="street", name="")
    services.screen(actor=world.actor("member"), matter_id=row.pk)
    other = officer(
        "street_officer", STREET, unit_id=world.units["street"].pk, person_id=world.people["worker"].pk
    )
    services.approve(actor=other, matter_id=row.pk, document="演示街〔2026〕2号")
    with pytest.raises(NotAllowed, match="本人的人选"):
        services.appoint_commissioner(actor=world.actor("street"), matter_id=row.pk)
    done = services.take_step(actor=world.actor("street"), matter_id=row.pk, name="withdraw", note="不愿意")
    assert done.matter.state == "withdrawn"


def test_sent_back_with_a_reason_it_comes_again_or_is_withdrawn(world):
    world.agreed()
    row = world.nominated()
    with pytest.raises(RuleViolation, match="请填写"):
        services.take_step(actor=world.actor("member"), matter_id=row.pk, name="return")
    services.take_step(actor=world.actor("member"), matter_id=row.pk, name="return", note="请补组织关系证明")
    services.take_step(actor=world.actor("partner"), matter_id=row.pk, name="recommend", note="已补")
    services.screen(actor=world.actor("member"), matter_id=row.pk)
    services.take_step(actor=world.actor("street"), matter_id=row.pk, name="return_up", note="与上届重复")
    done = services.take_step(
        actor=world.actor("partner"), matter_id=row.pk, name="withdraw", note="本人不愿意"
    )
    assert done.matter.state == "withdrawn"
    assert world.nominated().pk != row.pk  # and may come again


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"valid_to": TODAY}, "止日须晚于起日"), ({"valid_to": dt.date(2032, 7, 1)}, "最长 5 年"), ({"name": " "}, "姓名"),
        ({"affiliation": ""}, "组织关系"), ({"valid_from": dt.date(2020, 1, 1), "valid_to": dt.date(2021, 1, 1)}, "已经过去"),
        ({"valid_from": dt.date(2027, 2, 1)}, "没有共建协议"),
    ],
)  # fmt: skip
def test_what_cannot_be_recommended(world, more, words):
    world.agreed()
    with pytest.raises(RuleViolation, match=words):
        world.nominated(**more)
    assert not Nomination.objects.exists()


def test_who_may_recommend_whom_and_once(world):
    with pytest.raises(RuleViolation, match="没有共建协议"):
        world.nominated()
    world.agreed()
    for role, refusal in (
        ("partner2", NotAllowed),
        ("worker", NotAllowed),
        ("outsider", NotVisible),
        ("department", NotAllowed),
    ):
        with pytest.raises(refusal):
            world.nominated(role=role)
    key = uuid.uuid4()
    row = world.nominated(key=key)
    assert world.nominated(key=key) == row
    with pytest.raises(RuleViolation, match="正在办理"):
        world.nominated(person_id=row.person_id, name="", role="secretary")
    with pytest.raises(NotVisible):  # who acts for a unit sees no register of people
        world.nominated(person_id=world.people["secretary"].pk, name="")


def test_seats_are_bounded_by_the_number_in_force_on_every_day_of_the_period(world):
    RuleValue.objects.filter(key="commissioners.most").update(value=1)
    world.agreed()
    world.seated(valid_to=dt.date(2026, 12, 1))
    with pytest.raises(RuleViolation, match="已满 1 名"):
        world.seated(name="演示另一人", valid_from=dt.date(2026, 11, 30))
    assert Appointment.objects.filter(post="part_time_commissioner").count() == 1
    assert world.seated(name="演示第三人", valid_from=dt.date(2026, 12, 1)).appointment
    world.agreed("school", document="演示共建〔2026〕5号")
    with pytest.raises(RuleViolation, match="已满"):
        world.seated("school", "partner2", name="演示第四人", valid_from=dt.date(2027, 1, 1) - 5 * DAY)


def test_a_unit_that_left_meanwhile_gets_no_seat(world):
    row = world.agreed()
    approved = world.nominated()
    services.screen(actor=world.actor("member"), matter_id=approved.pk)
    services.approve(actor=world.actor("street"), matter_id=approved.pk, document="演示街〔2026〕2号")
    end_agreement(actor=world.actor("secretary"), agreement_id=row.pk, on=TODAY + DAY, reason="搬走")
    with clock.fixed(NOW + 2 * DAY), pytest.raises(RuleViolation, match="已没有共建协议"):
        services.appoint_commissioner(actor=world.actor("street"), matter_id=approved.pk)


def test_the_post_is_filled_by_these_steps_alone(world):
    version = versions_of([world.units["community"].pk])[world.units["community"].pk]
    posts = posts_to_give(world.actor("street"), version)
    assert (
        is_kept("part_time_commissioner")
        and "part_time_commissioner" not in posts
        and "community_secretary" in posts
    )


def test_somebody_who_looked_at_an_older_state_is_told(world):
    world.agreed()
    row = world.nominated()
    services.screen(actor=world.actor("member"), matter_id=row.pk, expected_version=1)
    with pytest.raises(Conflict):
        services.take_step(
            actor=world.actor("deputy"), matter_id=row.pk, name="return", note="补", expected_version=1
        )


def test_two_at_once_do_not_take_the_last_seat_twice(fresh_database):
    with clock.fixed(NOW):
        world = build()
        RuleValue.objects.filter(key="commissioners.most").update(value=1)
        world.agreed()
        rows = [world.nominated(), world.nominated(name="演示另一人")]
        for row in rows:
            services.screen(actor=world.actor("member"), matter_id=row.pk)
            services.approve(actor=world.actor("street"), matter_id=row.pk, document="演示街〔2026〕2号")
    actor, outcomes = world.actor("street"), []
    together = threading.Barrier(2)

    def seat(pk: int) -> None:
        try:
            with clock.fixed(NOW):
                together.wait()
                services.appoint_commissioner(actor=actor, matter_id=pk)
                outcomes.append("seated")
        except RuleViolation as refused:
            outcomes.append(str(refused.message))
        finally:
            connection.close()

    threads = [threading.Thread(target=seat, args=(row.pk,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] == "seated" and "已满 1 名" in sorted(outcomes)[1]
    assert Appointment.objects.filter(post="part_time_commissioner").count() == 1


def test_a_part_time_commissioner_sees_no_more_of_nominations_than_of_their_matters(world):
    """The law shows nominations to offices and the committee's own members: what was said of a person stays there."""
    world.agreed()
    row = world.nominated()
    guest = officer(
        "part_time_commissioner", COMMUNITY, unit_id=world.units["community"].pk,
        person_id=world.people["partner2"].pk, name="guest",
    )  # fmt: skip
    assert not policy_for(Matter).visible_to(guest).filter(pk=row.pk).exists()
    assert not policy_for(Nomination).visible_to(guest).filter(pk=row.pk).exists()


def test_what_is_kept_of_somebody_recommended_is_told_them_when_they_ask(world):
    """Where somebody's Party membership lies is kept with the nomination: it is part of one's own data."""
    world.agreed()
    row = world.nominated()
    assert row.affiliation in str(own_data(actor=officer("unit_liaison", COMMUNITY, person_id=row.person_id)))
    erase_person(actor=SYSTEM, person=row.person, ground="asked")
    row.refresh_from_db()
    assert row.affiliation == ""

"""Becoming a volunteer and leaving, teams, cards, lists, erasure, own data, the national system's columns."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import BY_CARD
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.own_data import own_data
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.models import Credit, Membership, ServiceKind, Team, Volunteer
from doorstep.modules.volunteering.services_cards import give_card, holder_of, stop_card, tick_by_card
from doorstep.modules.volunteering.services_lists import NewForce, NewKind, end_row, keep_forces, keep_kinds
from doorstep.modules.volunteering.services_profile import (
    change_profile,
    come_back,
    join_team,
    leave,
    leave_team,
)
from doorstep.modules.volunteering.services_record import take_records
from doorstep.modules.volunteering.services_teams import NewTeam, found_teams, keep_profile
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.volunteering.world import (
    DISTRICT,
    ONE,
    SYSTEM,
    TODAY,
    TWO,
    announced,
    approved,
    at,
    held,
    volunteers,
    with_account,
)


def joined(world, role="one"):
    (row,) = volunteers(1)
    return row, with_account(world, role, row.person)


def test_one_registers_changes_leaves_and_comes_back(world):
    actor = world.actor("resident")
    (row,) = register_volunteers(
        actor=actor,
        volunteers=[NewVolunteer(person_id=actor.person_id, place_code=ONE, born_in=1990, skills=("law",))],
    )
    assert row.number.startswith(DISTRICT) and len(row.number) == 14
    with pytest.raises(Conflict):
        change_profile(
            actor=actor,
            volunteer_id=row.pk,
            expected_version=9,
            place_code=ONE,
            born_in=None,
            skills=(),
            times=(),
        )
    row = change_profile(
        actor=actor, volunteer_id=row.pk, expected_version=1, place_code=TWO, born_in=1991, skills=("arts",),
        times=("weekend_morning",),
    )  # fmt: skip
    assert (row.place_code, row.born_in, row.skills, row.lock_version) == (TWO, 1991, ["arts"], 2)
    told = Entry.objects.get(action="volunteering.changed")
    assert told.changes == {} and told.sealed is not None  # what one offers is sealed under one's own key
    join_team(actor=actor, volunteer_id=row.pk, team_id=world.team.pk)
    with clock.fixed(TODAY + dt.timedelta(days=1)):
        leave(actor=actor, volunteer_id=row.pk)
        assert not Membership.objects.in_force().filter(volunteer=row).exists()
        back = come_back(actor=actor, volunteer_id=row.pk)
    assert back.number == row.number and back.left_on is None


def test_who_may_touch_a_volunteer(world):
    row, actor = joined(world)
    for role, refusal in (("outsider", NotVisible), ("resident", NotVisible), ("leader", NotVisible)):
        with pytest.raises(refusal):
            leave(actor=world.actor(role), volunteer_id=row.pk)
    with pytest.raises(RuleViolation, match="8 岁"):
        change_profile(
            actor=actor,
            volunteer_id=row.pk,
            expected_version=1,
            place_code=ONE,
            born_in=2024,
            skills=(),
            times=(),
        )
    assert leave(actor=world.actor("worker"), volunteer_id=row.pk).left_on == TODAY


def test_teams_open_and_closed(world):
    row, actor = joined(world)
    keep_profile(
        actor=world.actor("leader"), team_id=world.team.pk, skills=("arts",), about="演", is_open=False
    )
    with pytest.raises(RuleViolation, match="先联系队长"):
        join_team(actor=actor, volunteer_id=row.pk, team_id=world.team.pk)
    with pytest.raises(NotVisible):
        join_team(actor=world.actor("leader"), volunteer_id=row.pk, team_id=world.team.pk)
    member = join_team(actor=world.actor("worker"), volunteer_id=row.pk, team_id=world.team.pk)
    assert join_team(actor=actor, volunteer_id=row.pk, team_id=world.team.pk) == member
    leave_team(actor=actor, volunteer_id=row.pk, team_id=world.team.pk)
    leave_team(actor=actor, volunteer_id=row.pk, team_id=world.team.pk)
    again = join_team(actor=world.actor("worker"), volunteer_id=row.pk, team_id=world.team.pk)
    assert again.pk == member.pk and again.valid_to is None  # the same day goes on
    with pytest.raises(NotVisible):
        keep_profile(actor=world.actor("outsider"), team_id=world.team.pk, skills=(), about="", is_open=True)
    with pytest.raises(NotVisible):
        join_team(actor=actor, volunteer_id=row.pk, team_id=world.units["residents_committee", ONE].pk)


def test_a_leader_enters_nobody_else_and_so_learns_no_name_by_a_number(world):
    strangers = [*volunteers(1), *volunteers(1, TWO)]
    leader = world.actor("leader")
    for row in strangers:
        with pytest.raises(NotVisible):
            join_team(actor=leader, volunteer_id=row.pk, team_id=world.team.pk)
        leave_team_refused(leader, row, world.team.pk)
        assert not policy_for(Volunteer).visible_to(leader).filter(pk=row.pk).exists()
    (own,) = register_volunteers(
        actor=SYSTEM, volunteers=[NewVolunteer(person_id=world.people["leader"].pk, place_code=ONE)]
    )
    Team.objects.create(unit=world.team, is_open=False)
    assert join_team(actor=leader, volunteer_id=own.pk, team_id=world.team.pk).volunteer == own
    join_team(actor=world.actor("worker"), volunteer_id=strangers[0].pk, team_id=world.team.pk)
    leave_team(actor=leader, volunteer_id=strangers[0].pk, team_id=world.team.pk)
    assert not Membership.objects.filter(volunteer=strangers[0], valid_to=None).exists()


def leave_team_refused(actor, row, team_id):
    with pytest.raises(NotVisible):
        leave_team(actor=actor, volunteer_id=row.pk, team_id=team_id)


def test_founding_a_team(world):
    new = NewTeam(
        name="演示新队",
        place_code=ONE,
        founded_on=TODAY,
        federation_id=world.federation.pk,
        skills=("repair",),
    )
    (team,) = found_teams(actor=world.actor("secretary"), teams=[new])
    assert Team.objects.get(unit=team.unit_id).skills == ["repair"]
    with pytest.raises(NotVisible):
        found_teams(actor=world.actor("outsider"), teams=[new])


def test_a_card_is_shown_once_and_a_lost_one_is_nobodys(world):
    row, actor = joined(world)
    with pytest.raises(NotAllowed):
        give_card(actor=actor, volunteer_id=row.pk)
    first = give_card(actor=world.actor("worker"), volunteer_id=row.pk)
    kept = Volunteer.objects.get(pk=row.pk)
    assert first.code.encode() not in bytes(kept.card_index) and holder_of(first.groups.lower()) == kept
    second = give_card(actor=world.actor("worker"), volunteer_id=row.pk)
    assert holder_of(first.code) is None and holder_of(second.code) == kept
    stop_card(actor=actor, volunteer_id=row.pk)
    assert holder_of(second.code) is None
    assert not any(first.code in str(entry.changes) for entry in Entry.objects.all())


def test_coming_and_going_by_card(world):
    row, _actor = joined(world)
    card = give_card(actor=world.actor("worker"), volunteer_id=row.pk)
    session = announced(world, day=TODAY, start=9)
    leader = world.actor("leader")
    with clock.fixed(at(9.1)):
        came, holder = tick_by_card(actor=leader, session_id=session.pk, code=card.groups)
        assert (came.how_in, came.out_at, holder.pk) == (BY_CARD, None, row.pk)
        with pytest.raises(RuleViolation, match="刚刚登记"):
            tick_by_card(actor=leader, session_id=session.pk, code=card.code)
        with pytest.raises(RuleViolation, match="没有这张卡"):
            tick_by_card(actor=leader, session_id=session.pk, code="ABCD")
    with clock.fixed(at(11)):
        went, _holder = tick_by_card(actor=leader, session_id=session.pk, code=card.code)
    assert (went.how_out, went.minutes) == (BY_CARD, 114)
    with pytest.raises(NotVisible):
        tick_by_card(actor=world.actor("resident"), session_id=session.pk, code=card.code)


def test_rates_hold_from_their_day_on(world):
    new = NewKind(
        place_code=DISTRICT, code="visiting", name="探访陪伴", points_per_hour=12, clause="演办〔2026〕1号", valid_from=TODAY,
    )  # fmt: skip
    district = world.actor("district")
    with pytest.raises(NotAllowed):
        keep_kinds(actor=world.actor("street"), kinds=[new])
    assert keep_kinds(actor=district, kinds=[new])[0][1] == "changed"
    assert keep_kinds(actor=district, kinds=[new])[0][1] == "unchanged"
    old, now = ServiceKind.objects.filter(place_code=DISTRICT, code="visiting").order_by("valid_from")
    assert (old.points_per_hour, old.valid_to, now.points_per_hour) == (10, TODAY, 12)
    with pytest.raises(RuleViolation, match="今天或以后"):
        keep_kinds(
            actor=district,
            kinds=[
                NewKind(
                    place_code=DISTRICT,
                    code="new",
                    name="新",
                    points_per_hour=1,
                    clause="演",
                    valid_from=dt.date(2026, 1, 1),
                )
            ],
        )
    end_row(actor=district, model=ServiceKind, pk=now.pk, ended_on=TODAY + dt.timedelta(days=1))


def test_forces_belong_to_a_federation(world):
    new = NewForce(
        place_code=DISTRICT,
        federation_id=world.federation.pk,
        name="演示义诊队",
        field="medicine",
        valid_from=TODAY,
    )
    assert keep_forces(actor=world.actor("district"), forces=[new])[0][1] == "added"
    wrong = NewForce(
        place_code=ONE, federation_id=world.team.pk, name="演示队", field="law", valid_from=TODAY
    )
    with pytest.raises(RuleViolation, match="联合会"):
        keep_forces(actor=world.actor("secretary"), forces=[wrong])


def test_erased_the_number_stays_and_nothing_of_the_person(world):
    row, actor = joined(world)
    give_card(actor=world.actor("worker"), volunteer_id=row.pk)
    approved(world, [row.person_id])
    erase_person(actor=actor, person=row.person, ground="asked")
    kept = Volunteer.objects.get(pk=row.pk)
    assert (kept.number, kept.left_on, kept.born_in, kept.skills, kept.times, kept.card_index) == (
        row.number, TODAY, None, [], [], None,
    )  # fmt: skip
    assert held(row) == (20, 120) and Credit.objects.filter(volunteer=row).exists()


def test_own_data_tells_of_it(world):
    row, actor = joined(world)
    approved(world, [row.person_id])
    shown = {part.section.key: part.rows for part in own_data(actor=actor)}
    assert shown["volunteer"][0]["number"] == row.number
    assert (
        shown["volunteer_record"][0]["minutes"] == 120 and shown["volunteer_record"][0]["title"] == "演示服务"
    )
    assert shown["volunteer_teams"] == shown["volunteer_appeals"] == []


def test_records_in_the_national_systems_columns(world):
    row, _actor = joined(world)
    approved(world, [row.person_id], times=(9, 10.8))
    period = {"place_code": ONE, "since": dt.date(2026, 6, 1), "until": TODAY}
    ((name, number, project, day, begin, end, hours, unit),) = take_records(
        actor=world.actor("secretary"), **period
    )
    assert (name, number, project, hours) == (
        "演" + "*" * (len(row.person.name) - 1),
        row.number,
        "演示服务",
        "1.5",
    )
    assert (day, begin, end, unit) == (
        TODAY - dt.timedelta(days=3),
        "09:00",
        "11:00",
        f"演示volunteer_team{ONE}",
    )
    assert not Entry.objects.filter(action="people.reveal").exists()
    ((name, *_rest),) = take_records(actor=world.actor("secretary"), purpose="verify_identity", **period)
    assert name == row.person.name
    assert Entry.objects.get(action="people.reveal").person_ref == row.person_id
    assert Entry.objects.filter(action="web.export").count() == 2
    with pytest.raises(NotVisible):
        take_records(actor=world.actor("outsider"), **period)
    with pytest.raises(RuleViolation):
        take_records(actor=world.actor("secretary"), purpose="nothing", **period)
    assert SYSTEM.is_system

"""Terms, households with consent, and the chain as a resident sees it from a door."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.chain.models import Approval, MemberHousehold
from doorstep.modules.chain.selectors import chain_for_building, totals_below
from doorstep.modules.chain.services import (
    designate_household,
    extend_term,
    record_member_count,
    revoke_household,
    start_term,
)
from doorstep.modules.chain.services_work import Approved
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, officer, person

G1, G2 = f"{ONE}001", f"{ONE}002"


def refused(field: str, words: str, service, **fields) -> None:
    with pytest.raises(RuleViolation) as refusal:
        service(actor=SYSTEM, **fields)
    assert words in str(refusal.value.message)
    assert refusal.value.field == field


def test_an_extension_needs_an_approval_and_at_most_a_year(world):
    unit = world.branch(G1)
    refused("valid_to", "还没有登记任期", extend_term, unit_id=unit.pk, valid_to=dt.date(2029, 9, 1))
    world.term(unit)
    refused("approval", "须上级批准", extend_term, unit_id=unit.pk, valid_to=dt.date(2029, 9, 1))
    approved = Approved("演组5号")
    row = extend_term(actor=SYSTEM, unit_id=unit.pk, valid_to=dt.date(2030, 3, 1), approved=approved)
    assert (row.valid_to, row.document) == (dt.date(2030, 3, 1), "演组5号")
    assert [a.rule for a in Approval.objects.filter(unit=unit)] == ["term.shift"]
    refused(
        "valid_to", "没有变化", extend_term, unit_id=unit.pk, valid_to=dt.date(2030, 3, 1), approved=approved
    )
    refused("approval", "超过1年", extend_term, unit_id=unit.pk, valid_to=dt.date(2030, 3, 2))
    refused("valid_to", "止日须晚于起日", extend_term, unit_id=unit.pk, valid_to=BEGAN, approved=approved)


def test_an_extension_may_not_run_into_the_next_term(world):
    unit = world.branch(G1)
    world.term(unit)
    start_term(actor=SYSTEM, unit_id=unit.pk, number=2, valid_from=dt.date(2029, 3, 1), committee_size=3)
    first = {"unit_id": unit.pk, "number": 3, "valid_from": dt.date(2030, 1, 1), "committee_size": 3}
    refused("approval", "提前或者延期", start_term, **first)


def test_terms_and_counts_refuse_an_outdated_version(world):
    unit = world.branch(G1)
    record_member_count(actor=SYSTEM, unit_id=unit.pk, counted_on=TODAY, full=8, expected_version=1)
    with pytest.raises(Conflict, match="正式党员由“—”改为“8”"):
        record_member_count(actor=SYSTEM, unit_id=unit.pk, counted_on=TODAY, full=7, expected_version=1)
    with pytest.raises(Conflict):
        start_term(actor=SYSTEM, unit_id=unit.pk, number=1, valid_from=BEGAN, expected_version=1)
    with pytest.raises(Conflict):
        extend_term(actor=SYSTEM, unit_id=unit.pk, valid_to=BEGAN, expected_version=1)


def test_a_household_is_revoked_with_a_reason_and_after_it_began(world):
    row = world.household(world.buildings[G1][0])
    given = {"household_id": row.pk}
    refused("reason", "原因", revoke_household, revoked_on=TODAY, reason=" ", **given)
    refused("revoked_on", "须晚于认定日期", revoke_household, revoked_on=BEGAN, reason="搬离", **given)
    revoke_household(actor=SYSTEM, revoked_on=TODAY, reason="搬离", **given)
    refused("revoked_on", "已于", revoke_household, revoked_on=TODAY, reason="搬离", **given)
    assert MemberHousehold.objects.in_force(TODAY).count() == 0
    assert MemberHousehold.objects.in_force(TODAY - dt.timedelta(1)).count() == 1
    assert Entry.objects.get(action="chain.household_revoked").person_ref == row.person_id


def test_who_may_revoke(world):
    row = world.household(world.buildings[G1][0])
    given = {"household_id": row.pk, "revoked_on": TODAY, "reason": "搬离"}
    with pytest.raises(NotVisible):
        revoke_household(actor=officer("community_secretary", TWO), **given)
    with pytest.raises(NotAllowed):
        revoke_household(actor=officer("grid_worker", G1), **given)
    with pytest.raises(NotVisible):
        revoke_household(actor=SYSTEM, household_id=0, revoked_on=TODAY, reason="搬离")
    assert revoke_household(actor=officer("community_secretary", ONE), **given)


@pytest.fixture
def street(world):
    """A whole chain above one building."""
    world.left = world.branch(G1, G2)
    world.team = world.group(world.left, world.buildings[G1][:3])
    world.leader(world.left, "branch_secretary", who=person("演示书记"))
    world.leader(world.team, "group_leader", who=person("演示组长"))
    committee = organisations.found_unit(
        actor=SYSTEM, kind="residents_committee", name="演示居委会", place_code=ONE, founded_on=BEGAN,
        document="演批1号", phone="0411-8111111", hours="8:30-17:00",
    )  # fmt: skip
    organisations.appoint(
        actor=SYSTEM, person_id=person("演示网格员").pk, post="grid_worker", unit_id=committee.pk,
        valid_from=BEGAN, places=[G1, G2],
    )  # fmt: skip
    return world


def designate(building, name: str, consent: str) -> None:
    designate_household(
        actor=SYSTEM, person_id=person(name).pk, building_id=building.pk, designated_on=BEGAN, door="2-301",
        consent_given_by=consent,
    )  # fmt: skip


def test_the_chain_up_from_a_door(street):
    building = street.buildings[G1][0]
    designate(building, "演示户主", "本人当面书面同意")
    with CaptureQueriesContext(connection) as queries:
        seen = chain_for_building(building, TODAY)
    assert len(queries) <= 8
    assert [h.name for h in seen.households] == ["演示户主"]
    assert (seen.group.holder, seen.branch.holder) == ("演示组长", "演示书记")
    assert [(w.holder, w.phone) for w in seen.workers] == [("演示网格员", "0411-8111111")]
    assert (seen.community.name, seen.community.phone) == ("演示社区1党委", "0411-8000000")
    assert seen.grid_code == G1


def test_a_households_name_and_door_are_shown_with_consent_only(street):
    building = street.buildings[G1][0]
    designate(building, "演示户主", "")
    seen = chain_for_building(building, TODAY).households
    assert [(h.name, h.door) for h in seen] == [("", "")]


def test_a_substitute_answers_while_standing_in(street):
    held = street.left.appointments.get()
    organisations.appoint_substitute(
        actor=SYSTEM, appointment_id=held.pk, person_id=person("演示代理").pk, valid_from=TODAY,
        valid_to=TODAY + dt.timedelta(30),
    )  # fmt: skip
    building = street.buildings[G1][0]
    branch = chain_for_building(building, TODAY).branch
    assert (branch.holder, branch.substitute) == ("演示代理", True)
    assert chain_for_building(building, TODAY - dt.timedelta(1)).branch.holder == "演示书记"


def test_a_door_outside_every_group_still_finds_its_branch(street):
    seen = chain_for_building(street.buildings[G2][5], TODAY)
    assert seen.group is None and seen.branch.unit_id == street.left.pk


def test_totals_by_place(street):
    designate(street.buildings[G1][0], "演示户主", "")
    totals = totals_below("210202", 12, TODAY)
    assert (totals[ONE].branches, totals[ONE].groups, totals[ONE].households) == (1, 1, 1)

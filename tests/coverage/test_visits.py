"""Visits: by who holds both posts there, once a day, proof of what is owed; taken back they prove nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_supervision import raise_overdue
from doorstep.kernel.organisations import services as kernel
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.coverage import services_visits
from doorstep.modules.coverage.models import Finding, Profile, Visit
from doorstep.modules.coverage.services_visits import NewVisit
from tests.coverage.world import ONE, SYSTEM, TODAY, World, instructor, registered

DAY = dt.timedelta(days=1)


def visit(world: World, row: Profile, who: str = "instructor", **changed: Any) -> Visit:
    given: dict[str, Any] = {
        "organisation_id": row.pk,
        "visited_on": TODAY,
        "topics": ["business"],
        "found": "经营平稳",
    }
    return services_visits.record_visit(actor=world.actor(who), new=NewVisit(**(given | changed)))


@pytest.fixture
def row(world: World) -> Profile:
    row = registered(world, full=0)
    instructor(world, row)
    return row


def test_a_visit_keeps_what_is_owed_and_taken_back_it_is_owed_again(world: World, row: Profile) -> None:
    derive(actor=SYSTEM, codes=["visit"])
    owed = Occurrence.objects.filter(unit_id=row.unit_id, code="visit").order_by("starts_on")
    assert owed[0].due_on == dt.date(2026, 6, 30) and owed[0].proof_id is None
    made = visit(world, row)
    assert owed[0].proved_on == TODAY
    services_visits.cancel_visit(actor=world.actor("instructor"), visit_id=made.pk, reason="记错了企业")
    assert owed[0].proof_id is None
    with pytest.raises(RuleViolation, match="已经作废"):
        services_visits.cancel_visit(actor=world.actor("street"), visit_id=made.pk, reason="再来")
    assert visit(world, row).pk != made.pk, "a day whose visit was taken back is free again"


def test_what_is_missed_is_asked_after_by_the_community(world: World, row: Profile) -> None:
    derive(actor=SYSTEM, codes=["visit"])
    with clock.fixed(dt.date(2026, 7, 20)):
        assert raise_overdue() == 1
    matter = Matter.objects.get(kind="obligation")
    assert matter.holder_id == world.units["community_party_organisation", ONE].pk


def test_a_finding_is_a_matter_that_somebody_else_settles(world: World, row: Profile) -> None:
    from doorstep.kernel.matters.services import apply_transition
    from doorstep.kernel.matters.steps import Inputs

    visit(world, row, finding="消防通道被占，请协调")
    found = Finding.objects.select_related("matter").get()
    assert (
        found.visit is not None
        and found.matter.holder_id == world.units["community_party_organisation", ONE].pk
    )
    secretary, deputy = world.actor("secretary"), world.actor("deputy")
    apply_transition(actor=secretary, matter_id=found.pk, name="take")
    apply_transition(actor=secretary, matter_id=found.pk, name="handle", inputs=Inputs(note="已清理"))
    with pytest.raises(NotAllowed):
        apply_transition(actor=secretary, matter_id=found.pk, name="confirm")
    assert apply_transition(actor=deputy, matter_id=found.pk, name="confirm").state == "settled"


def test_sent_twice_it_is_kept_once(world: World, row: Profile) -> None:
    key = uuid.uuid4()
    assert visit(world, row, key=key).pk == visit(world, row, key=key, finding="不会重复").pk
    assert Visit.objects.count() == 1 and not Finding.objects.exists()
    with pytest.raises(Conflict, match="当天已经登记过"):
        visit(world, row)


@pytest.mark.parametrize(
    ("changed", "said", "field"),
    [
        ({"visited_on": TODAY + DAY}, "晚于今天", "visited_on"), ({"visited_on": TODAY - 31 * DAY}, "30 天以内", "visited_on"),
        ({"topics": []}, "至少一项", "topics"), ({"topics": ["gossip"]}, "至少一项", "topics"),
        ({"found": "字" * 1001}, "1000", "found"), ({"found": "铃\x07"}, "看不见", "found"), ({"finding": "长" * 81}, "80", "finding"),
    ],
)  # fmt: skip
def test_refused(world: World, row: Profile, changed: dict[str, Any], said: str, field: str) -> None:
    with pytest.raises(RuleViolation, match=said) as refused:
        visit(world, row, **changed)
    assert refused.value.field == field


def test_who_visits(world: World, row: Profile) -> None:
    other = registered(world, full=0)
    with pytest.raises(NotVisible):
        visit(world, other)
    with pytest.raises(NotAllowed, match="又是党建指导员"):
        visit(world, row, who="street")
    for role in ("outsider", "resident"):
        with pytest.raises(NotVisible):
            visit(world, row, who=role)


def test_with_one_post_lost_no_visit_counts(world: World, row: Profile) -> None:
    post = row.unit.appointments.get()
    kernel.end_appointment(actor=SYSTEM, appointment_id=post.pk, on=TODAY)
    with pytest.raises(NotVisible):
        visit(world, row)
    again = registered(world, full=0)
    instructor(world, again, both=False)
    held = world.people["instructor"].appointments.get(post="party_building_instructor")
    kernel.end_appointment(actor=SYSTEM, appointment_id=held.pk, on=TODAY)
    with pytest.raises(NotAllowed, match="又是党建指导员"):
        visit(world, again)
    assert not Visit.objects.exists()


@pytest.mark.parametrize("field", ["found", "finding"])
def test_no_numbers_of_persons_in_what_was_found(world: World, row: Profile, field: str) -> None:
    with pytest.raises(RuleViolation, match="不要写电话") as refused:
        visit(world, row, **{field: "找王某 13800138000"})
    assert refused.value.field == field and not Visit.objects.exists()


def test_who_sees_it_all_visits_only_where_they_hold_both_posts(world: World, row: Profile) -> None:
    """An officer of the street with both posts in one organisation sees the others too, and visits them no more than anybody."""
    other = registered(world, full=0)
    world.people["instructor"], world.accounts["instructor"] = (
        world.people["street"],
        world.accounts["street"],
    )
    instructor(world, row)
    assert visit(world, row, who="street").pk
    with pytest.raises(NotAllowed, match="又是党建指导员"):
        visit(world, other, who="street")


def test_a_visit_is_taken_back_by_who_made_it_or_who_keeps_the_place(world: World, row: Profile) -> None:
    made = visit(world, row)
    with pytest.raises(NotAllowed):
        services_visits.cancel_visit(actor=world.actor("secretary"), visit_id=made.pk, reason="不是我的")
    with pytest.raises(NotVisible):
        services_visits.cancel_visit(actor=world.actor("outsider"), visit_id=made.pk, reason="不是我的")
    assert services_visits.cancel_visit(
        actor=world.actor("street"), visit_id=made.pk, reason="查无此事"
    ).reason

"""Who covers: by the record of a party organisation in force alone; and gaps, which nothing else closes."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.organisations import services as kernel
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.coverage import services, services_covering, services_gaps
from doorstep.modules.coverage.models import Covering, Gap, HeadCount, Profile
from doorstep.modules.coverage.selectors import with_state
from tests.coverage.world import ONE, SYSTEM, TODAY, TWO, World, establish, instructor, registered

DAY = dt.timedelta(days=1)


def state(row: Profile, on: dt.date = TODAY) -> str:
    found: str = with_state(Profile.objects.filter(pk=row.pk), on).get().state
    return found


def gap_of(row: Profile) -> Gap:
    return Gap.objects.select_related("matter").get(organisation=row)


def test_a_gap_is_found_planned_and_closed_by_a_record_alone(world: World) -> None:
    row = registered(world, full=4)
    assert services_gaps.find_gaps() == 1 and services_gaps.find_gaps() == 0
    gap = gap_of(row)
    assert (gap.matter.state, gap.matter.holder_id, gap.matter.source) == (
        "found", world.units["community_party_organisation", ONE].pk, "platform",
    )  # fmt: skip
    services_gaps.plan_gap(
        actor=world.actor("secretary"),
        gap_id=gap.pk,
        plan="own",
        planned_for=TODAY + 60 * DAY,
        words="联系企业负责人",
    )
    gap = gap_of(row)
    assert (gap.matter.state, gap.plan, gap.planned_for) == ("planned", "own", TODAY + 60 * DAY)
    for step in ("cover", "lapse"):
        with pytest.raises(NotAllowed):
            apply_transition(actor=world.actor("district"), matter_id=gap.pk, name=step)
    assert state(row) == "gap"
    party = establish(world, row)
    assert (state(row), gap_of(row).matter.state) == ("own", "covered")
    assert Unit.objects.get(pk=party.pk).kind == "company_party_organisation"
    assert Matter.objects.get(pk=gap.pk).is_open is False


def test_a_gap_opens_again_when_the_record_ends(world: World) -> None:
    row = registered(world, full=3)
    services_gaps.find_gaps()
    party = establish(world, row)
    with pytest.raises(RuleViolation, match="还覆盖 1 个单位"):
        kernel.dissolve_unit(actor=SYSTEM, unit_id=party.pk, effective_on=TODAY, document="演批〔2026〕7号")
    covering = Covering.objects.get()
    services_covering.uncover(
        actor=world.actor("street"), covering_id=covering.pk, ended_on=TODAY, document="演批〔2026〕8号"
    )
    gap = gap_of(row)
    assert (state(row), gap.matter.state, gap.plan) == ("gap", "found", "")
    kernel.dissolve_unit(actor=SYSTEM, unit_id=party.pk, effective_on=TODAY, document="演批〔2026〕7号")
    assert state(row, TODAY - DAY) == "own", "the past stays"


@pytest.mark.parametrize(("full", "said"), [(2, "3 名以上"), (0, "3 名以上")])
def test_an_organisation_of_its_own_has_three_members(world: World, full: int, said: str) -> None:
    row = registered(world, full=full)
    with pytest.raises(RuleViolation, match=said):
        establish(world, row)
    assert not Unit.objects.filter(kind="company_party_organisation").exists()


def test_a_joint_branch(world: World) -> None:
    few = [registered(world, full=1) for _ in range(5)]
    none, street = registered(world, full=0), world.actor("street")
    with pytest.raises(RuleViolation, match="两个以上"):
        establish(world, few[0], form="joint")
    with pytest.raises(RuleViolation, match="一共 2 名"):
        establish(world, *few[:2], form="joint")
    with pytest.raises(RuleViolation, match="没有正式党员"):
        establish(world, *few[:3], none, form="joint")
    with pytest.raises(RuleViolation, match="最多覆盖 5 个"):
        establish(world, *few, registered(world, full=1), form="joint")
    party = establish(world, *few[:3], form="joint")
    assert {state(row) for row in few[:3]} == {"joint"}
    with pytest.raises(Conflict, match="已有党组织覆盖"):
        establish(world, *few[2:5], form="joint")
    for row in few[3:]:
        services_covering.join(
            actor=street,
            party_id=party.pk,
            organisation_id=row.pk,
            valid_from=TODAY,
            document="演批〔2026〕9号",
        )
    late = registered(world, full=1)
    with pytest.raises(RuleViolation, match="最多覆盖 5 个"):
        services_covering.join(
            actor=street,
            party_id=party.pk,
            organisation_id=late.pk,
            valid_from=TODAY,
            document="演批〔2026〕9号",
        )


def test_members_ask_for_an_organisation_and_without_any_an_instructor_is_enough(world: World) -> None:
    none, some = registered(world, full=0), registered(world, full=1)
    services_gaps.find_gaps()
    instructor(world, none, some, both=False)
    assert state(none) == "gap", "one post of the two is none"
    instructor(world, both=True)
    assert (state(none), state(some)) == ("instructor", "gap")
    assert services_gaps.find_gaps() == 1
    assert (gap_of(none).matter.state, gap_of(some).matter.state) == ("covered", "found")
    services.record_count(
        actor=world.actor("secretary"), organisation_id=none.pk, counted_on=TODAY, staff=30, full=1
    )
    assert (state(none), gap_of(none).matter.state) == ("gap", "found")


def test_with_the_office_lost_a_gap_opens(world: World) -> None:
    row = registered(world, full=0)
    posts = instructor(world, row)
    assert services_gaps.find_gaps() == 0 and state(row) == "instructor"
    kernel.end_appointment(actor=SYSTEM, appointment_id=posts[1].pk, on=TODAY)
    assert state(row) == "gap" and services_gaps.find_gaps() == 1


def test_an_organisation_that_ended_is_no_gap(world: World) -> None:
    row = registered(world, full=1)
    services_gaps.find_gaps()
    kernel.dissolve_unit(actor=SYSTEM, unit_id=row.unit_id, effective_on=TODAY + DAY, document="注销")
    assert services_gaps.find_gaps() == 0
    with clock.fixed(TODAY + DAY):
        assert services_gaps.find_gaps() == 1 and gap_of(row).matter.state == "lapsed"
        assert services_gaps.find_gaps() == 0


@pytest.mark.parametrize(
    ("changed", "error", "field"),
    [
        ({"plan": "wish"}, RuleViolation, "plan"), ({"plan": "instructor"}, RuleViolation, "plan"),
        ({"plan": "members"}, RuleViolation, "plan"), ({"words": " "}, RuleViolation, "words"),
        ({"planned_for": TODAY}, RuleViolation, "until"), ({"planned_for": TODAY + 400 * DAY}, RuleViolation, "until"),
    ],
)  # fmt: skip
def test_plans_that_cannot_be(world: World, changed: dict, error: type, field: str) -> None:
    registered(world, full=4)
    services_gaps.find_gaps()
    given = {"plan": "own", "planned_for": TODAY + 30 * DAY, "words": "联系"} | changed
    with pytest.raises(error) as refused:
        services_gaps.plan_gap(actor=world.actor("secretary"), gap_id=Gap.objects.get().pk, **given)
    assert refused.value.field == field and Gap.objects.get().plan == ""


def test_who_covers_and_plans(world: World) -> None:
    row = registered(world, full=3)
    services_gaps.find_gaps()
    for role, error in (
        ("secretary", NotAllowed),
        ("outsider", NotVisible),
        ("resident", NotVisible),
        ("worker", NotVisible),
    ):
        with pytest.raises(error):
            establish(world, row, who=role)
    for role in ("outsider", "resident", "department"):
        with pytest.raises(NotVisible):
            services_gaps.plan_gap(
                actor=world.actor(role),
                gap_id=Gap.objects.get().pk,
                plan="own",
                planned_for=TODAY + DAY,
                words="越权",
            )


def test_a_joint_branch_has_five_units_on_every_day(world: World) -> None:
    """Two joined today; who joins from March on would be the sixth from today on."""
    few = [registered(world, full=1) for _ in range(6)]
    party = establish(world, *few[:3], form="joint")
    given = {"actor": world.actor("street"), "party_id": party.pk, "document": "演批〔2026〕9号"}
    for row in few[3:5]:
        services_covering.join(organisation_id=row.pk, valid_from=TODAY, **given)
    with pytest.raises(RuleViolation, match="最多覆盖 5 个"):
        services_covering.join(organisation_id=few[5].pk, valid_from=dt.date(2026, 3, 10), **given)


def test_nobody_joins_a_branch_that_all_have_left(world: World) -> None:
    few = [registered(world, full=2) for _ in range(3)]
    party = establish(world, *few[:2], form="joint")
    given = {"actor": world.actor("street"), "document": "演批〔2026〕9号"}
    for row in Covering.objects.all():
        services_covering.uncover(covering_id=row.pk, ended_on=TODAY, **given)
    with pytest.raises(RuleViolation, match="没有覆盖任何组织"):
        services_covering.join(party_id=party.pk, organisation_id=few[2].pk, valid_from=TODAY, **given)


def moved(world: World, row: Profile) -> None:
    kernel.move_unit(
        actor=SYSTEM, unit_id=row.unit_id, effective_on=TODAY, place_code=TWO, document="演批〔2026〕1号"
    )
    name = row.unit.versions.order_by("-valid_from")[0].name
    services.correct_organisation(
        actor=world.actor("district"), organisation_id=row.pk, name=name, trade=row.trade, address="演示新路1号",
        longitude=121.68, latitude=38.92,
    )  # fmt: skip


def test_who_moved_takes_counts_and_gap_along(world: World) -> None:
    row = registered(world, full=4, who="district")
    services_gaps.find_gaps()
    moved(world, row)
    assert Profile.objects.get().place_code == TWO
    gap = Gap.objects.get()
    assert (gap.place_code, Matter.objects.get(pk=gap.pk).place_code) == (TWO, TWO)
    assert set(HeadCount.objects.filter(valid_to=None).values_list("place_code", flat=True)) == {TWO}


def test_who_moved_covered_is_a_gap_where_it_is_now_when_the_covering_ends(world: World) -> None:
    row = registered(world, full=4, who="district")
    services_gaps.find_gaps()
    establish(world, row, who="district")
    moved(world, row)
    covering = Covering.objects.get()
    assert (covering.place_code, gap_of(row).matter.state) == (TWO, "covered")
    services_covering.uncover(
        actor=world.actor("district"), covering_id=covering.pk, ended_on=TODAY, document="演批〔2026〕2号"
    )
    gap = gap_of(row)
    assert (gap.matter.state, gap.matter.place_code) == ("found", TWO)
    assert gap.matter.holder_id != world.units["community_party_organisation", ONE].pk


def test_several_stand_in_one_street(world: World) -> None:
    """The district's officer sees both streets; a joint branch is still one street's."""
    here = [registered(world, full=2) for _ in range(2)]
    beyond = registered(world, who="district", longitude=121.68, full=2)
    with pytest.raises(RuleViolation, match="同一个街道"):
        establish(world, here[0], beyond, form="joint", who="district")
    party = establish(world, *here, form="joint", who="district")
    with pytest.raises(RuleViolation, match="同一个街道") as refused:
        services_covering.join(
            actor=world.actor("district"), party_id=party.pk, organisation_id=beyond.pk, valid_from=TODAY,
            document="演批〔2026〕9号",
        )  # fmt: skip
    assert refused.value.field == "party" and state(beyond) == "gap"


def test_an_own_organisation_covers_its_own_alone(world: World) -> None:
    own, other, third = (registered(world, full=3) for _ in range(3))
    with pytest.raises(RuleViolation, match="只覆盖一个组织"):
        establish(world, own, other)
    party = establish(world, own)
    with pytest.raises(RuleViolation, match="单独组建的党组织"):
        services_covering.join(
            actor=world.actor("street"), party_id=party.pk, organisation_id=third.pk, valid_from=TODAY,
            document="演批〔2026〕9号",
        )  # fmt: skip
    with pytest.raises(RuleViolation, match="不能晚于今天") as refused:
        establish(world, other, founded_on=TODAY + DAY)
    assert refused.value.field == "founded_on" and Covering.objects.count() == 1


def test_who_works_for_the_community_plans_no_gap(world: World) -> None:
    registered(world, full=3)
    services_gaps.find_gaps()
    kernel.appoint(
        actor=SYSTEM, person_id=world.people["resident"].pk, post="community_worker", unit_id=world.committees[ONE].pk,
        valid_from=TODAY,
    )  # fmt: skip
    given = {"plan": "own", "planned_for": TODAY + 30 * DAY, "words": "联系"}
    with pytest.raises(NotAllowed):
        services_gaps.plan_gap(actor=world.actor("resident"), gap_id=Gap.objects.get().pk, **given)
    assert Gap.objects.get().plan == ""

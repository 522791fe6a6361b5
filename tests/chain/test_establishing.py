"""Establishing branches, forming groups, designating households: each refusal for its own reason."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.chain.models import Approval, BranchGrid, Form, GroupBuilding, MemberCount, RuleValue
from doorstep.modules.chain.services_bulk import (
    Approved,
    NewBranch,
    NewCount,
    NewForm,
    NewGroup,
    NewHousehold,
    NewTerm,
    designate_households,
    establish_branches,
    form_groups,
    record_member_counts,
    set_forms,
    start_terms,
)
from doorstep.modules.chain.services_work import FIRST_DAY
from tests.chain.world import BEGAN, ELSEWHERE, ONE, SYSTEM, TODAY, TWO, officer, person

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))


class _Refused:
    """Raises a RuleViolation that names the field and says the words."""

    def __init__(self, field: str, words: str) -> None:
        self.field, self.words = field, words

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        assert kind is not None, "nothing was refused"
        assert kind is RuleViolation, error
        assert self.words in str(error.message), error.message
        assert error.field == self.field
        return True


def test_a_branch_stands_with_grids_form_count_and_audit(world):
    unit = world.branch(G1, G2, full=9)
    version = UnitVersion.objects.get(unit=unit)
    assert (version.place_code, version.superior_id) == (G1, world.communities[ONE].pk)
    assert list(BranchGrid.objects.filter(branch=unit).values_list("grid__code", flat=True)) == [G1, G2]
    assert Form.objects.get(unit=unit).form == "branch"
    assert MemberCount.objects.get(unit=unit).full == 9
    assert Entry.objects.filter(action="chain.branch_established", target_id=str(unit.pk)).exists()
    assert not Approval.objects.exists()


def test_too_few_members_need_an_approval_which_is_kept(world):
    with _Refused("approval", "不足3人"):
        world.branch(G1, full=2)
    unit = world.branch(G1, full=2, approved=Approved("演批〔2024〕9号"))
    assert Approval.objects.get(unit=unit).rule == "branch.full_min"
    assert world.branch(G2, full=2, form="joint_branch", units=5)


def test_a_joint_branch_of_six_units_needs_an_approval(world):
    with _Refused("approval", "联合6个单位"):
        world.branch(G1, full=2, form="joint_branch", units=6)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"grids": ()}, "grids", "至少选择一个网格"),
        ({"grids": (G1, G1)}, "grids", "写了两次"),
        ({"grids": (f"{TWO}001",)}, "grids", "不在这个社区"),
        ({"grids": (f"{ONE}099",)}, "grids", "没有代码为"),
        ({"established_on": dt.date(2018, 1, 1)}, "community", "成立于"),
        ({"established_on": dt.date(1900, 1, 1)}, "established_on", "1949-10-01"),
        ({"established_on": dt.date(1940, 1, 1)}, "established_on", "1949-10-01"),
        ({"form": "party_committee"}, "form", "只能是"),
        ({"full": -1}, "full", "整数"),
        ({"document": ""}, "document", "批准文号"),
        ({"name": " "}, "name", "名称"),
    ],
)
def test_a_branch_is_refused_for_the_right_reason(world, fields, field, words):
    given = {
        "name": "演示支部", "community_id": world.communities[ONE].pk, "grids": (G1,), "established_on": BEGAN,
        "document": "演批1号", "full": 5,
    }  # fmt: skip
    with _Refused(field, words):
        establish_branches(actor=SYSTEM, branches=[NewBranch(**{**given, **fields})])
    assert not BranchGrid.objects.exists()


def test_several_branches_stand_or_fall_together_and_the_row_is_named(world):
    given = {"community_id": world.communities[ONE].pk, "established_on": BEGAN, "document": "演批1号"}
    good = NewBranch(name="甲", grids=(G1,), **given)
    bad = NewBranch(name="乙", grids=(f"{TWO}001",), **given)
    with _Refused("grids", "第 2 行（乙）"):
        establish_branches(actor=SYSTEM, branches=[good, bad])
    assert not UnitVersion.objects.filter(name="甲").exists()


def test_who_may_establish(world):
    given = {"community_id": world.communities[ONE].pk, "established_on": BEGAN, "document": "演批1号"}
    new = [NewBranch(name="甲", grids=(G1,), **given)]
    with pytest.raises(NotAllowed):
        establish_branches(actor=officer("community_secretary", ONE), branches=new)
    with pytest.raises(NotVisible):
        establish_branches(actor=officer("street_officer", "210202006"), branches=new)
    assert establish_branches(actor=officer("street_officer", "210202005"), branches=new)


def test_a_group_sits_where_most_of_its_buildings_are(world):
    branch = world.branch(G1, G2)
    unit = world.group(branch, [world.buildings[G1][5], *world.buildings[G2][:2]])
    assert UnitVersion.objects.get(unit=unit).place_code == G2
    assert GroupBuilding.objects.filter(group=unit).count() == 3


@pytest.mark.parametrize(
    ("pick", "words"),
    [
        (lambda w: [], "至少选择一栋楼"),
        (lambda w: [w.buildings[G3][0]], "不在这个支部的网格内"),
        (lambda w: [w.buildings[G1][0]] * 2, "写了两次"),
    ],
)
def test_a_group_is_refused_for_the_right_reason(world, pick, words):
    branch = world.branch(G1, G2)
    with _Refused("buildings", words):
        world.group(branch, pick(world))


def test_scattered_buildings_need_an_approval_that_may_run_out(world):
    branch = world.branch(G1)
    apart = [world.buildings[G1][0], world.buildings[G1][3]]
    with _Refused("approval", "不相邻"):
        world.group(branch, apart)
    unit = world.group(branch, apart, approved=Approved("演批3号", until=dt.date(2025, 1, 1)))
    assert Approval.objects.get(unit=unit).valid_to == dt.date(2025, 1, 1)


def test_a_group_of_two_needs_an_approval(world):
    branch = world.branch(G1)
    with _Refused("approval", "不少于3人"):
        world.group(branch, world.buildings[G1][:2], full=2)


def test_a_group_is_not_formed_before_the_rule_set_begins(world):
    branch = world.branch(G1)
    for day in (dt.date(1800, 1, 1), dt.date(1940, 6, 1)):
        with _Refused("formed_on", "1949-10-01"):
            world.group(branch, world.buildings[G1][:2], formed_on=day)


def test_the_first_day_is_that_of_the_rule_set(world):
    assert RuleValue.objects.earliest("valid_from").valid_from == FIRST_DAY


def test_a_building_has_one_group(world):
    branch = world.branch(G1)
    world.group(branch, world.buildings[G1][:2])
    with _Refused("buildings", "已在另一个楼栋党小组"):
        world.group(branch, world.buildings[G1][1:3])


def test_a_building_has_one_group_within_one_call_too(world):
    branch = world.branch(G1)
    given = {"branch_id": branch.pk, "formed_on": BEGAN, "document": "演批2号"}
    rows = [NewGroup(name=name, buildings=(world.buildings[G1][0].pk,), **given) for name in "甲乙"]
    with _Refused("buildings", "第 2 行（乙）"):
        form_groups(actor=SYSTEM, groups=rows)


def test_the_community_secretary_forms_groups_and_designates_households_at_home_only(world):
    branch, other = world.branch(G1), world.branch(f"{TWO}001")
    actor = officer("community_secretary", ONE)
    given = {"name": "组", "formed_on": BEGAN, "document": "演批2号"}
    assert form_groups(
        actor=actor, groups=[NewGroup(branch_id=branch.pk, buildings=(world.buildings[G1][0].pk,), **given)]
    )
    there = world.buildings[f"{TWO}001"][0].pk
    with pytest.raises(NotVisible):
        form_groups(actor=actor, groups=[NewGroup(branch_id=other.pk, buildings=(there,), **given)])
    household = NewHousehold(person_id=person().pk, building_id=there, designated_on=BEGAN)
    with pytest.raises(NotVisible):
        designate_households(actor=actor, households=[household])


def test_a_household_takes_the_buildings_grid_and_is_designated_once(world):
    who = person()
    new = NewHousehold(person_id=who.pk, building_id=world.buildings[G1][0].pk, designated_on=BEGAN)
    row = designate_households(actor=SYSTEM, households=[new])[0]
    assert row.place_code == G1
    with _Refused("person", "已是党员中心户"):
        designate_households(actor=SYSTEM, households=[new])
    entry = Entry.objects.get(action="chain.household_designated")
    assert entry.person_ref == who.pk and who.name not in str(entry.changes)


def test_a_household_needs_a_building_and_a_person(world):
    with _Refused("building", "没有找到这栋楼"):
        designate_households(
            actor=SYSTEM, households=[NewHousehold(person_id=1, building_id=0, designated_on=BEGAN)]
        )
    building = world.buildings[G1][0].pk
    with _Refused("person", "没有找到这个人"):
        designate_households(
            actor=SYSTEM, households=[NewHousehold(person_id=0, building_id=building, designated_on=BEGAN)]
        )


def test_only_people_of_the_actors_places_are_designated(world):
    actor, building = officer("community_secretary", ONE), world.buildings[G1][0].pk
    outsider, own = person(place=ELSEWHERE), person()
    with pytest.raises(NotVisible):
        designate_households(
            actor=actor,
            households=[NewHousehold(person_id=outsider.pk, building_id=building, designated_on=BEGAN)],
        )
    assert designate_households(
        actor=actor, households=[NewHousehold(person_id=own.pk, building_id=building, designated_on=BEGAN)]
    )


def test_counts_are_facts_and_a_second_count_of_a_day_corrects_the_first(world):
    unit = world.branch(G1)
    record_member_counts(actor=SYSTEM, counts=[NewCount(unit_id=unit.pk, counted_on=TODAY, full=1)])
    record_member_counts(actor=SYSTEM, counts=[NewCount(unit_id=unit.pk, counted_on=TODAY, full=60)])
    assert MemberCount.objects.get(unit=unit, counted_on=TODAY).full == 60
    unit.refresh_from_db()
    assert unit.lock_version == 3
    with _Refused("counted_on", "还没有到"):
        record_member_counts(
            actor=SYSTEM, counts=[NewCount(unit_id=unit.pk, counted_on=TODAY + dt.timedelta(1), full=6)]
        )


def test_a_branch_secretary_counts_the_own_branch_only(world):
    mine, other = world.branch(G1), world.branch(G2)
    actor = officer("branch_secretary", G1)
    assert record_member_counts(actor=actor, counts=[NewCount(unit_id=mine.pk, counted_on=TODAY, full=6)])
    with pytest.raises(NotVisible):
        record_member_counts(actor=actor, counts=[NewCount(unit_id=other.pk, counted_on=TODAY, full=6)])


def test_a_form_follows_the_count_or_an_approval(world):
    unit = world.communities[ONE]
    record_member_counts(actor=SYSTEM, counts=[NewCount(unit_id=unit.pk, counted_on=BEGAN, full=99)])
    with _Refused("approval", "不足党委一般的100人"):
        set_forms(actor=SYSTEM, forms=[NewForm(unit_id=unit.pk, form="party_committee", valid_from=BEGAN)])
    set_forms(actor=SYSTEM, forms=[NewForm(unit_id=unit.pk, form="general_branch", valid_from=BEGAN)])
    later = dt.date(2025, 1, 1)
    approved = Approved("演批〔2025〕1号")
    new = NewForm(unit_id=unit.pk, form="party_committee", valid_from=later, approved=approved)
    set_forms(actor=SYSTEM, forms=[new])
    assert list(Form.objects.order_by("valid_from").values_list("form", "valid_to")) == [
        ("general_branch", later), ("party_committee", None),
    ]  # fmt: skip
    with _Refused("valid_from", "已有登记"):
        set_forms(actor=SYSTEM, forms=[NewForm(unit_id=unit.pk, form="general_branch", valid_from=BEGAN)])


def test_a_term_is_five_years_and_an_early_election_needs_an_approval(world):
    unit = world.branch(G1)
    row = world.term(unit)
    assert row.valid_to == dt.date(2029, 3, 1)
    early = {"unit_id": unit.pk, "number": 2, "valid_from": dt.date(2028, 9, 1), "committee_size": 3}
    with _Refused("approval", "提前或者延期"):
        start_terms(actor=SYSTEM, terms=[NewTerm(**early)])
    start_terms(actor=SYSTEM, terms=[NewTerm(**early, approved=Approved("演批8号"))])
    row.refresh_from_db()
    assert row.valid_to == dt.date(2028, 9, 1)


def test_terms_do_not_overlap_and_committees_fit(world):
    unit = world.branch(G1, full=9)
    world.term(unit)
    with _Refused("valid_from", "重叠"):
        world.term(unit)
    other = world.branch(G2, full=9)
    with _Refused("approval", "应当设支部委员会"):
        world.term(other, size=0)
    with _Refused("valid_to", "止日"):
        world.term(other, valid_to=BEGAN)
    with _Refused("approval", "任期应为5年"):
        world.term(other, valid_to=dt.date(2027, 3, 1))

"""Groups and households from an office's sheet: one row by the same services, refusals at their column."""

from __future__ import annotations

import pytest

from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.chain.importing import import_group, import_household
from doorstep.modules.chain.models import Approval, GroupBuilding, MemberHousehold
from doorstep.modules.chain.selectors import chain_for_building
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, officer, person

G1, G2 = f"{ONE}001", f"{ONE}002"


@pytest.fixture
def branch(world):
    return world.branch(G1, name="演示第一支部")


def group_row(**values: object) -> ImportRow:
    given = {
        "name": "演示一组", "branch": "演示第一支部", "community": ONE, "buildings": "1区0号楼、1区1号楼", "formed_on": BEGAN,
        "document": "演批1号", "full": None, "approval": None,
    }  # fmt: skip
    return ImportRow(2, {**given, **values})


def household_row(**values: object) -> ImportRow:
    given = {
        "person": "演示户主", "phone": None, "community": ONE, "building": "1区0号楼", "door": "1-101",
        "designated_on": BEGAN, "document": None, "consent": None,
    }  # fmt: skip
    return ImportRow(2, {**given, **values})


def refused(service, row: ImportRow, column: str, words: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        service(SYSTEM, row)
    assert words in str(refusal.value.message)
    assert refusal.value.field == column


def test_a_group_comes_in_once(world, branch):
    assert import_group(SYSTEM, group_row()) == "added"
    assert import_group(SYSTEM, group_row()) == "unchanged"
    assert GroupBuilding.objects.count() == 2


def test_groups_are_refused_at_their_column(world, branch):
    refused(import_group, group_row(branch="别的支部"), "branch", "没有名为")
    refused(import_group, group_row(buildings="9号楼"), "buildings", "没有找到楼栋")
    refused(import_group, group_row(buildings="2区0号楼"), "buildings", "不在这个支部的网格内")
    refused(import_group, group_row(buildings="演示街1号"), "buildings", "不止一栋")
    refused(import_group, group_row(full=1), "approval", "不少于3人")
    refused(import_group, group_row(document=""), "document", "批准文号")
    import_group(SYSTEM, group_row())
    refused(import_group, group_row(buildings="1区2号楼"), "buildings", "已经成立")


def test_an_approval_in_the_sheet_lets_a_small_group_in(world, branch):
    assert import_group(SYSTEM, group_row(full=1, approval="演组2号")) == "added"
    assert Approval.objects.get().document == "演组2号"


def test_a_branch_of_another_place_is_not_found(world, branch):
    with pytest.raises(RuleViolation, match="没有名为"):
        import_group(officer("community_secretary", TWO), group_row())


def test_a_household_comes_in_once_with_consent(world, branch):
    person("演示户主")
    world.group(branch, world.buildings[G1][:2])
    row = household_row(consent="当面书面同意")
    assert import_household(SYSTEM, row) == "added"
    assert import_household(SYSTEM, row) == "unchanged"
    refused(import_household, household_row(door="9单元901"), "door", "这一户已经认定")
    assert [h.name for h in chain_for_building(world.buildings[G1][0], TODAY).households] == ["演示户主"]


def test_a_person_is_known_by_phone_or_registered_with_it(world):
    refused(import_household, household_row(), "phone", "没有登记过")
    assert import_household(SYSTEM, household_row(phone="13800138000")) == "added"
    register_people(actor=SYSTEM, people=[NewPerson("演示户主", ONE)])
    refused(import_household, household_row(building="1区1号楼"), "phone", "不止一人")
    assert import_household(SYSTEM, household_row(phone="13800138000")) == "unchanged"
    assert MemberHousehold.objects.get().door == "1-101"


def test_a_household_elsewhere_is_refused(world):
    person("演示户主")
    with pytest.raises((NotVisible, RuleViolation)):
        import_household(officer("community_secretary", TWO), household_row())


@pytest.mark.parametrize("key", ["chain.groups", "chain.households"])
def test_examples_of_the_template_fit_their_columns(key):
    importer = register(key).importer
    assert importer is not None
    names = {column.key for column in importer.columns}
    for example in importer.examples:
        assert set(example) <= names
        assert {column.key for column in importer.columns if column.required} <= set(example)

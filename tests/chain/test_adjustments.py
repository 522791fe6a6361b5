"""Adjusting branches and groups: nothing is lost, what is previewed is what happens, refusals say why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from doorstep.kernel.organisations.models import Appointment, UnitLineage, UnitVersion
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.chain.adjustments import Adjustment, adjust, preview
from doorstep.modules.chain.models import Approval, BranchGrid, GroupBuilding, MemberCount, Term
from doorstep.modules.chain.selectors import BRANCH, GROUP, chain_for_building
from doorstep.modules.chain.services_work import Approved
from tests.accounts import on_record
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, officer

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))
DAY = dt.date(2026, 6, 1)
BEFORE = DAY - dt.timedelta(1)


def of_branch(kind: str, **fields) -> Adjustment:
    return Adjustment(kind=kind, unit_kind=BRANCH, effective_on=DAY, document="演批〔2026〕1号", **fields)


def of_group(kind: str, **fields) -> Adjustment:
    return Adjustment(kind=kind, unit_kind=GROUP, effective_on=DAY, document="演批〔2026〕2号", **fields)


def refused(adjustment: Adjustment, field: str, words: str, actor=SYSTEM) -> None:
    with pytest.raises(RuleViolation) as refusal:
        adjust(actor=actor, adjustment=adjustment)
    assert words in str(refusal.value.message)
    assert refusal.value.field == field


def grids(unit_id: int, on: dt.date = DAY) -> set[str]:
    return set(BranchGrid.objects.in_force(on).filter(branch=unit_id).values_list("grid__code", flat=True))


def buildings(unit_id: int, on: dt.date = DAY) -> set[int]:
    return set(GroupBuilding.objects.in_force(on).filter(group=unit_id).values_list("building_id", flat=True))


def all_grids(on: dt.date) -> list[str]:
    return sorted(BranchGrid.objects.in_force(on).values_list("grid__code", flat=True))


def all_buildings(on: dt.date) -> list[int]:
    return sorted(GroupBuilding.objects.in_force(on).values_list("building_id", flat=True))


def version(unit, on: dt.date = DAY) -> UnitVersion | None:
    return UnitVersion.objects.in_force(on).filter(unit=unit).first()


def members(unit_id: int) -> tuple[int, int]:
    row = MemberCount.objects.filter(unit=unit_id).latest("counted_on")
    return row.full, row.probationary


@pytest.fixture
def pair(world):
    """Two branches side by side, each with a group, a secretary and a household."""
    world.left, world.right = world.branch(G1, full=9, probationary=1), world.branch(G2, G3, full=12)
    world.left_group = world.group(world.left, world.buildings[G1][3:])
    world.right_group = world.group(world.right, world.buildings[G2][:3])
    world.leader(world.left, "branch_secretary")
    world.leader(world.right, "branch_secretary")
    world.household(world.buildings[G2][0])
    world.term(world.right)
    return world


def test_establishing_a_branch_shows_it_and_asks_for_nothing_more(world):
    this = of_branch("establish", superior_id=world.communities[ONE].pk, name="新支部", grids=(G1,), full=5)
    shown = preview(actor=SYSTEM, adjustment=this)
    assert not UnitVersion.objects.filter(name="新支部").exists()
    assert [change.subject for change in shown.changes][:1] == ["新支部"] and shown.warnings == []
    done = adjust(actor=SYSTEM, adjustment=this)
    assert version(done.unit_id).name == "新支部" and grids(done.unit_id) == {G1}


def test_departures_are_warnings_in_the_preview_and_need_an_approval_to_be_done(world):
    this = of_branch("establish", superior_id=world.communities[ONE].pk, name="小支部", grids=(G1,), full=2)
    warned = preview(actor=SYSTEM, adjustment=this).warnings
    assert [(each.subject, each.departure.rule) for each in warned] == [("小支部", "branch.full_min")]
    assert "支部工作条例" in warned[0].clause
    refused(this, "approval", "不足3人")
    assert not Approval.objects.exists() and not BranchGrid.objects.exists()
    done = adjust(actor=SYSTEM, adjustment=replace(this, approved=Approved("演组〔2026〕3号")))
    assert Approval.objects.get().document == "演组〔2026〕3号"
    assert Approval.objects.get().unit_id == done.unit_id


def test_forming_a_group_warns_of_scattered_buildings(world):
    branch = world.branch(G1)
    ends = (world.buildings[G1][0].pk, world.buildings[G1][5].pk)
    this = of_group("establish", superior_id=branch.pk, name="远组", buildings=ends, full=3)
    assert [w.departure.rule for w in preview(actor=SYSTEM, adjustment=this).warnings] == [
        "group.adjacent_metres"
    ]
    refused(this, "approval", "不相邻")


def test_merging_branches_keeps_grids_groups_members_and_history(pair):
    before = all_grids(BEFORE)
    done = adjust(actor=SYSTEM, adjustment=of_branch("merge", unit_id=pair.left.pk, others=(pair.right.pk,)))
    assert done.unit_id == pair.left.pk
    assert grids(pair.left.pk) == {G1, G2, G3} and grids(pair.left.pk, BEFORE) == {G1}
    assert all_grids(DAY) == before and grids(pair.right.pk) == set()
    assert version(pair.right) is None and version(pair.right, BEFORE) is not None
    assert version(pair.right_group).superior_id == pair.left.pk
    assert version(pair.right_group, BEFORE).superior_id == pair.right.pk
    assert members(pair.left.pk) == (21, 1)
    assert Term.objects.get(unit=pair.right).valid_to == DAY
    assert Appointment.objects.get(unit=pair.right).valid_to == DAY
    assert Appointment.objects.get(unit=pair.left).valid_to is None
    assert UnitLineage.objects.filter(unit=pair.right, other=pair.left, kind="merged").exists()
    assert "1项任职结束" in done.affected and "1项任职继续" in done.affected


def test_a_merger_beyond_fifty_members_needs_an_approval(world):
    left, right = world.branch(G1, full=30), world.branch(G2, full=21)
    this = of_branch("merge", unit_id=left.pk, others=(right.pk,))
    refused(this, "approval", "51人")
    assert version(right) is not None and grids(right.pk) == {G2}
    adjust(actor=SYSTEM, adjustment=replace(this, approved=Approved("演组1号")))
    assert Approval.objects.get(unit=left).rule == "branch.members_max"


def test_an_existing_departure_does_not_stand_in_the_way_of_a_new_name(world):
    unit = world.branch(G1, full=9)
    MemberCount.objects.create(unit=unit, counted_on=BEFORE, full=2)
    adjust(actor=SYSTEM, adjustment=of_branch("rename", unit_id=unit.pk, name="新名"))
    assert (version(unit).name, version(unit, BEFORE).name) == ("新名", "演示党支部001")


@pytest.mark.parametrize(
    ("make", "field", "words"),
    [
        (lambda w: of_branch("merge", unit_id=w.left.pk), "others", "请选择要并入"),
        (lambda w: of_branch("merge", unit_id=w.left.pk, others=(w.there.pk,)), "others", "同一个社区"),
        (lambda w: of_branch("merge", unit_id=w.left.pk, others=(w.left_group.pk,)), "unit", "没有找到"),
        (lambda w: of_branch("merge", others=(w.left.pk,)), "unit", "请选择一个组织"),
        (lambda w: of_branch("split", unit_id=w.right.pk, name="新", grids=(G2, G3)), "grids", "不能是全部"),
        (lambda w: of_branch("split", unit_id=w.right.pk, name="新", grids=(G1,)), "grids", "原来都属于"),
        (lambda w: of_branch("split", unit_id=w.right.pk, name="", grids=(G3,)), "name", "名称"),
        (lambda w: of_branch("split", unit_id=w.right.pk, name="新", grids=(G3,), full=13), "full", "只有"),
        (lambda w: of_branch("move", unit_id=w.left.pk, superior_id=w.right.pk), "superior", "只能隶属社区"),
        (lambda w: of_branch("move", unit_id=w.left.pk, superior_id=w.communities[TWO].pk), "grids", "至少"),
        (lambda w: of_branch("dissolve", unit_id=w.left.pk), "heir", "请选择由哪个党支部接手"),
        (lambda w: of_branch("dissolve", unit_id=w.left.pk, heir_id=w.left.pk), "heir", "另一个同类"),
        (lambda w: of_branch("dissolve", unit_id=w.left.pk, heir_id=w.there.pk), "heir", "同一个社区"),
        (lambda w: of_branch("rename", unit_id=w.left.pk, name="演示党支部001"), "", "没有任何变化"),
        (lambda w: of_branch("grids", unit_id=w.left.pk, grids=(G1,)), "grids", "没有变化"),
        (lambda w: of_branch("grids", unit_id=w.left.pk, grids=(f"{TWO}001",)), "grids", "不在这个社区"),
        (lambda w: of_group("buildings", unit_id=w.left_group.pk), "buildings", "至少选择一栋楼"),
        (
            lambda w: of_group("buildings", unit_id=w.left_group.pk, buildings=(w.buildings[G2][0].pk,)),
            "buildings", "不在这个支部的网格内",
        ),
        (lambda w: of_group("move", unit_id=w.left_group.pk, superior_id=w.communities[ONE].pk), "superior", "只能隶属"),
        (lambda w: replace(of_branch("rename", unit_id=w.left.pk, name="新"), document=""), "document", "文号"),
        (
            lambda w: replace(of_branch("grids", unit_id=w.left.pk, grids=(G1, G2)), effective_on=dt.date(2023, 1, 1)),
            "effective_on", "成立于",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_for_its_own_reason(pair, make, field, words):
    pair.there = pair.branch(f"{TWO}001")
    before = (all_grids(DAY), all_buildings(DAY), UnitVersion.objects.count())
    refused(make(pair), field, words)
    assert before == (all_grids(DAY), all_buildings(DAY), UnitVersion.objects.count())


def test_splitting_a_branch_keeps_grids_groups_and_members(pair):
    before = all_grids(BEFORE)
    this = of_branch("split", unit_id=pair.right.pk, name="新支部", grids=(G2,), full=5)
    done = adjust(actor=SYSTEM, adjustment=this)
    assert all_grids(DAY) == before
    assert (grids(done.unit_id), grids(pair.right.pk)) == ({G2}, {G3})
    assert (members(done.unit_id), members(pair.right.pk)) == ((5, 0), (7, 0))
    assert version(pair.right_group).superior_id == done.unit_id
    assert (version(done.unit_id).place_code, version(pair.right).place_code) == (G2, G3)
    assert version(pair.right, BEFORE).place_code == G2
    assert UnitLineage.objects.filter(unit=pair.right, other_id=done.unit_id, kind="split").exists()


def test_a_group_that_straddles_the_split_stays_and_is_warned_of(pair):
    astride = pair.group(pair.right, [pair.buildings[G2][5], pair.buildings[G3][0]])
    this = of_branch("split", unit_id=pair.right.pk, name="新支部", grids=(G3,), full=5)
    warned = preview(actor=SYSTEM, adjustment=this).warnings
    assert [(w.departure.rule, w.subject) for w in warned] == [("group.in_branch", "演示党小组")]
    done = adjust(actor=SYSTEM, adjustment=replace(this, approved=Approved("演组2号")))
    assert version(astride).superior_id == pair.right.pk != done.unit_id


def test_splitting_a_group_keeps_its_buildings(pair):
    before = all_buildings(BEFORE)
    given = pair.buildings[G2][0].pk
    this = of_group("split", unit_id=pair.right_group.pk, name="新组", buildings=(given,), full=0)
    assert {w.departure.rule for w in preview(actor=SYSTEM, adjustment=this).warnings} == {
        "group.members_min", "group.full_min",
    }  # fmt: skip
    done = adjust(actor=SYSTEM, adjustment=replace(this, full=None))
    assert all_buildings(DAY) == before and buildings(done.unit_id) == {given}
    assert version(done.unit_id).superior_id == pair.right.pk
    lines = [c for c in done.changes if c.subject.startswith("党员中心户")]
    assert [(line.before, line.after) for line in lines] == [("演示党小组", "新组")]


def test_merging_groups_of_two_grids(pair):
    other = pair.group(pair.right, pair.buildings[G2][3:5])
    before = all_buildings(BEFORE)
    adjust(actor=SYSTEM, adjustment=of_group("merge", unit_id=pair.right_group.pk, others=(other.pk,)))
    assert all_buildings(DAY) == before and version(other) is None
    assert members(pair.right_group.pk) == (6, 0)


def test_merging_a_group_across_branches_warns_that_buildings_lie_outside(pair):
    this = of_group("merge", unit_id=pair.right_group.pk, others=(pair.left_group.pk,))
    assert [w.departure.rule for w in preview(actor=SYSTEM, adjustment=this).warnings] == ["group.in_branch"]


def test_dissolving_a_branch_hands_grids_and_groups_on(pair):
    before = all_grids(BEFORE)
    adjust(actor=SYSTEM, adjustment=of_branch("dissolve", unit_id=pair.left.pk, heir_id=pair.right.pk))
    assert all_grids(DAY) == before and grids(pair.right.pk) == {G1, G2, G3}
    assert version(pair.left) is None and version(pair.left_group).superior_id == pair.right.pk


def test_dissolving_without_an_heir_says_what_stays_bare(pair):
    this = of_group("dissolve", unit_id=pair.right_group.pk)
    shown = preview(actor=SYSTEM, adjustment=this)
    assert any("不在任何小组" in note for note in shown.notes)
    adjust(actor=SYSTEM, adjustment=this)
    assert buildings(pair.right_group.pk) == set()
    alone = pair.branch(f"{TWO}001")
    shown = adjust(actor=SYSTEM, adjustment=of_branch("dissolve", unit_id=alone.pk))
    assert any("没有党支部覆盖" in note for note in shown.notes)


def test_moving_a_group_to_the_branch_of_its_grid(pair):
    adjust(actor=SYSTEM, adjustment=of_branch("grids", unit_id=pair.right.pk, grids=(G1, G2, G3)))
    adjust(
        actor=SYSTEM,
        adjustment=of_group("move", unit_id=pair.left_group.pk, superior_id=pair.right.pk),
    )
    assert version(pair.left_group).superior_id == pair.right.pk


def test_moving_a_branch_to_another_community_takes_grids_there(world):
    unit = world.branch(G1)
    there = f"{TWO}002"
    this = of_branch("move", unit_id=unit.pk, superior_id=world.communities[TWO].pk, grids=(there,))
    done = adjust(actor=SYSTEM, adjustment=this)
    assert grids(unit.pk) == {there} and version(unit).place_code == there
    assert any("没有党支部覆盖" in note for note in done.notes)


def test_changing_buildings_moves_the_seat_and_the_households_with_them(pair):
    row = pair.household(pair.buildings[G3][0])
    wanted = tuple(b.pk for b in (*pair.buildings[G2][4:], *pair.buildings[G3][:3]))
    done = adjust(
        actor=SYSTEM, adjustment=of_group("buildings", unit_id=pair.right_group.pk, buildings=wanted)
    )
    assert buildings(pair.right_group.pk) == set(wanted)
    assert version(pair.right_group).place_code == G3
    assert chain_for_building(pair.buildings[G3][0], DAY).group.unit_id == pair.right_group.pk
    assert row.pk and any(c.after == "演示党小组" for c in done.changes)


def test_coverage_already_adjusted_later_is_not_overwritten(pair):
    later = replace(of_branch("grids", unit_id=pair.right.pk, grids=(G2,)), effective_on=TODAY)
    adjust(actor=SYSTEM, adjustment=later)
    adjust(actor=SYSTEM, adjustment=replace(later, grids=(G2, G3)))
    refused(of_branch("grids", unit_id=pair.right.pk, grids=(G1, G2)), "effective_on", "已有调整")


def test_a_preview_changes_nothing(pair):
    before = (all_grids(DAY), all_buildings(DAY), list(UnitVersion.objects.order_by("pk").values()))
    preview(actor=SYSTEM, adjustment=of_branch("merge", unit_id=pair.left.pk, others=(pair.right.pk,)))
    assert before == (all_grids(DAY), all_buildings(DAY), list(UnitVersion.objects.order_by("pk").values()))


def test_the_preview_is_what_happens(pair):
    this = of_branch("merge", unit_id=pair.left.pk, others=(pair.right.pk,))
    shown = preview(actor=SYSTEM, adjustment=this)
    done = adjust(actor=SYSTEM, adjustment=replace(this, expected=shown.versions))
    assert (shown.changes, shown.affected, shown.notes) == (done.changes, done.affected, done.notes)


def test_the_second_officer_is_told_who_changed_what(pair):
    seen = preview(actor=SYSTEM, adjustment=of_branch("grids", unit_id=pair.left.pk, grids=(G1, G2))).versions
    first = on_record(officer("street_officer", "210202005"))
    adjust(actor=first, adjustment=of_branch("grids", unit_id=pair.left.pk, grids=(G1, G3), expected=seen))
    with pytest.raises(Conflict) as told:
        adjust(
            actor=SYSTEM, adjustment=of_branch("grids", unit_id=pair.left.pk, grids=(G1, G2), expected=seen)
        )
    for words in ("演示street_officer", "调整覆盖网格", "第1网格、第3网格"):
        assert words in str(told.value.message)
    assert grids(pair.left.pk) == {G1, G3}


def test_who_may_adjust(pair):
    this = of_branch("rename", unit_id=pair.left.pk, name="新名")
    with pytest.raises(NotAllowed):
        adjust(actor=officer("community_secretary", ONE), adjustment=this)
    with pytest.raises(NotVisible):
        adjust(actor=officer("street_officer", "210202006"), adjustment=this)
    mine = of_group("rename", unit_id=pair.left_group.pk, name="新组名")
    with pytest.raises(NotVisible):
        adjust(actor=officer("community_secretary", TWO), adjustment=mine)
    assert adjust(actor=officer("community_secretary", ONE), adjustment=mine)


def test_dates_before_the_adjustment_keep_the_old_chain(pair):
    adjust(actor=SYSTEM, adjustment=of_branch("merge", unit_id=pair.left.pk, others=(pair.right.pk,)))
    building = pair.buildings[G2][0]
    assert chain_for_building(building, BEFORE).branch.unit_id == pair.right.pk
    assert chain_for_building(building, DAY).branch.unit_id == pair.left.pk
    assert chain_for_building(building, BEGAN - dt.timedelta(1)).branch is None

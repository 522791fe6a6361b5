"""A plan made: what it is of, whose members it counts, what it refuses, moving, undo, names, explanation."""

from __future__ import annotations

import pytest

from doorstep.kernel.places.models import Building, Grid
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, Refused, RuleViolation
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.building_members import shared_out
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, GroupPlan, MemberCount
from doorstep.modules.chain.selectors_group_plans import explanation, studio
from doorstep.modules.chain.services_group_plans import GroupPlanData
from tests.chain.group_plans.world import G1, G3, ONE, TWO, Ground, fresh
from tests.chain.world import METRES_PER_DEGREE, TODAY


def members(ground: Ground, plan: GroupPlan) -> dict[str, list[int]]:
    """Members of the groups of the plan by branch."""
    view, _ground = studio(ground.actor("street"), plan)
    return {
        name: sorted(one.members for one in view.groups if one.branch == unit)
        for unit, name in view.branches.items()
    }


def test_members_that_nobody_counted_are_shared_out_and_marked(ground: Ground) -> None:
    plan = ground.made()
    assert sum(plan.members[:6]) == 14 and sum(plan.members[6:]) == 27
    assert plan.members[:6] == [3, 3, 2, 2, 2, 2] and set(plan.estimated) == {1}
    ground.count([5, 0, 1])
    plan = ground.made()
    assert plan.members[:6] == [5, 0, 1, 3, 3, 2] and plan.estimated[:6] == [0, 0, 0, 1, 1, 1]
    lines = explanation(studio(ground.actor("street"), plan)[1], plan, plan.current.labels[3])
    assert any("估算" in line for line in lines)


def test_shares_add_up_and_go_by_weight() -> None:
    assert shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert shared_out(5, [0, 0]) == [3, 2] and shared_out(0, [3]) == [0] and shared_out(4, []) == []
    assert shared_out(7, [100, 0, 50]) == [5, 0, 2]


def test_groups_are_even_adjacent_and_keep_their_units(ground: Ground) -> None:
    ground.count([2, 2, 2, 2, 2, 4, *[3] * 9, 0, 0, 0])
    plan = ground.made(asked={ground.left.pk: 3})
    assert members(ground, plan) == {"演示党支部001": [4, 4, 6], "演示党支部002": [9, 9, 9]}
    figures = plan.current.figures
    assert (figures["under"], figures["broken"], figures["crossing"], figures["without"]) == (0, 0, 0, 0)
    labels = plan.current.labels
    assert {labels[0], labels[3]} == {0, 1}, "numbers of today stay where most members do"
    assert plan.versions.get(number=1).labels[:6] == [0, 0, 0, 1, 1, 1]
    assert plan.versions.get(number=1).figures["without"] == 12


def test_one_branch_by_itself(ground: Ground) -> None:
    plan = ground.made(branch_id=ground.left.pk)
    assert set(plan.branches) == {ground.left.pk} and len(plan.buildings) == 6
    with pytest.raises(RuleViolation, match="没有这个党支部"):
        ground.made(branch_id=987654)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"minimum": 2}, "每组至少人数应在3到500之间"),
        ({"minimum": 9, "size": 8}, "不能少于每组至少"),
        ({"title": " "}, "起个名称"),
        ({"asked": {"left": 0}}, "小组数应是"),
        ({"asked": {"left": 7}}, "“演示党支部001”要7个组.*最多只能有4个"),
    ],
)
def test_bad_input_is_refused_in_words(ground: Ground, asked: dict, words: str) -> None:
    if "asked" in asked:
        asked = {"asked": {ground.left.pk: asked["asked"]["left"]}}
    data = GroupPlanData(**{"place_code": ONE, "title": "演示", **asked})
    with pytest.raises(RuleViolation, match=words):
        plans.create_plan(actor=ground.actor("secretary"), data=data)
    assert not GroupPlan.objects.exists()


def test_more_groups_than_buildings_or_members_say_the_best_possible(ground: Ground) -> None:
    ground.count([1, 1, 1, 1, 1, 1])
    with pytest.raises(RuleViolation, match="最多只能有2个"):
        ground.made(asked={ground.left.pk: 3})


def test_an_island_is_a_group_by_itself_or_refused_with_the_most_it_can_have(ground: Ground) -> None:
    ground.count([3, 3, 3, 3, 3, 2])
    last = ground.buildings[5]
    Building.objects.filter(pk=last.pk).update(
        latitude=last.latitude + 900 / METRES_PER_DEGREE, longitude=121.61
    )
    with pytest.raises(RuleViolation, match=f"“{last.name}”与本支部其他楼不相邻，共2名党员.*至多2人"):
        ground.made(short=False)
    plan = ground.made()
    figures = plan.current.figures
    assert (figures["under"], figures["unavoidable"]) == (1, 1)
    lines = explanation(studio(ground.actor("street"), plan)[1], plan, plan.current.labels[5])
    assert any("凑不够3人，只能单独成组" in line for line in lines)


def test_no_branch_no_building_no_count(ground: Ground) -> None:
    with pytest.raises(RuleViolation, match="还没有网格党支部"):
        plans.create_plan(actor=ground.actor("street"), data=GroupPlanData(place_code=TWO, title="演示"))
    MemberCount.objects.all().delete()
    with pytest.raises(RuleViolation, match="还没有登记党员人数"):
        ground.made()
    GroupBuilding.objects.all().delete()
    BranchGrid.objects.all().delete()
    with pytest.raises(RuleViolation, match="还没有登记楼栋"):
        ground.made()


def test_buildings_of_grids_without_a_branch_stay_out_and_are_told(ground: Ground) -> None:
    from doorstep.modules.chain.selectors_group_plans import site_to_plan

    BranchGrid.objects.filter(grid__code=G3).delete()
    assert site_to_plan(ONE).left_out == [one.name for one in ground.buildings[12:]]
    assert len(ground.made().buildings) == 12


def test_two_branches_in_one_grid_keep_their_own_buildings(ground: Ground) -> None:
    third = ground.world.branch(G1, full=9, name="演示党支部003")
    GroupBuilding.objects.filter(group=ground.groups[1]).delete()
    ground.world.group(third, ground.buildings[3:6], full=4, name="第三党小组")
    whole = ground.made()
    assert whole.branches[:6] == [ground.left.pk] * 3 + [third.pk] * 3
    own = ground.made(branch_id=third.pk)
    assert own.buildings == [one.pk for one in ground.buildings[3:6]]
    BranchGrid.objects.filter(branch=third).update(grid=Grid.objects.get(code=G3))
    GroupBuilding.objects.create(building=ground.buildings[12], group_id=own.groups[0], valid_from=TODAY)
    with pytest.raises(RuleViolation, match=f"“第三党小组”还管着“{ground.buildings[12].name}”"):
        ground.made(branch_id=ground.left.pk)


def test_who_may_not_make_one(ground: Ground) -> None:
    for role, refusal in (("deputy", NotAllowed), ("branch", NotAllowed), ("neighbour", NotVisible)):
        with pytest.raises(refusal):
            ground.made(role)
    plan = ground.made()
    with pytest.raises(NotAllowed):
        plans.undo(actor=ground.actor("deputy"), plan_id=plan.pk)
    with pytest.raises(NotVisible):
        plans.undo(actor=ground.actor("neighbour"), plan_id=plan.pk)


def test_a_building_moves_and_a_step_is_taken_back(ground: Ground) -> None:
    ground.count([2, 2, 2, 2, 2, 2])
    plan = ground.made(asked={ground.left.pk: 2})
    before, border = plan.current.labels, ground.buildings[2].pk
    move = {"actor": ground.actor("secretary"), "plan_id": plan.pk}
    version = plans.move_buildings(**move, moved={border: before[3]})
    assert version.labels[2] == before[3] and version.kind == "moved"
    with pytest.raises(RuleViolation, match="不再彼此相邻"):
        plans.move_buildings(**move, moved={ground.buildings[0].pk: before[3]})
    with pytest.raises(RuleViolation, match="只能划到这个党支部的小组"):
        plans.move_buildings(**move, moved={border: before[8]})
    with pytest.raises(RuleViolation, match="已经在这个小组"):
        plans.move_buildings(**move, moved={border: before[3]})
    with pytest.raises(RuleViolation, match="没有这个小组"):
        plans.move_buildings(**move, moved={border: 9999})
    alone = plans.move_buildings(**move, moved={border: None})
    assert alone.labels.count(alone.labels[2]) == 1 and alone.figures["under"] == 1
    assert plans.undo(**move).labels == version.labels
    assert plans.undo(**move).labels == before
    assert plans.undo(**move).kind == "undone"
    with pytest.raises(RuleViolation, match="已经是最早的一版"):
        plans.undo(**move)


def test_versions_are_bounded(ground: Ground) -> None:
    from doorstep.modules.chain.models import RuleValue

    RuleValue.objects.filter(key="group_plan.versions_kept").update(value=5)
    plan = ground.made()
    border = ground.buildings[2].pk
    first = plan.current.labels
    for turn in range(6):
        target = first[3] if turn % 2 == 0 else first[2]
        plans.move_buildings(actor=ground.actor("secretary"), plan_id=plan.pk, moved={border: target})
    kept = list(plan.versions.order_by("number").values_list("number", flat=True))
    assert kept == [1, 5, 6, 7, 8]


def test_who_looked_at_an_older_plan_is_told_who_was_quicker(ground: Ground) -> None:
    plan = ground.made()
    moved = {ground.buildings[2].pk: plan.current.labels[3]}
    plans.move_buildings(
        actor=ground.actor("secretary"), plan_id=plan.pk, moved=moved, lock_version=plan.lock_version
    )
    with pytest.raises(Conflict, match=r"演示secretary在 .* 改过这个方案"):
        plans.undo(actor=ground.actor("street"), plan_id=plan.pk, lock_version=plan.lock_version)


def test_computing_again_takes_what_was_counted_since(ground: Ground) -> None:
    plan = ground.made()
    ground.count([4, 4, 4, 4, 4, 4])
    again = {"actor": ground.actor("secretary"), "plan_id": plan.pk}
    plans.compute_again(**again, asked={ground.left.pk: 4})
    plan = fresh(plan)
    assert plan.members[:6] == [4] * 6 and plan.estimated[:6] == [0] * 6
    assert len(members(ground, plan)["演示党支部001"]) == 4
    GroupBuilding.objects.filter(building=ground.buildings[0]).update(valid_to=TODAY)
    with pytest.raises(Conflict, match="已有变动"):
        plans.compute_again(**again)


def test_names(ground: Ground) -> None:
    plan = ground.made()
    view, _ground = studio(ground.actor("secretary"), plan)
    new = next(one for one in view.groups if one.new)
    assert "号楼" in new.name and len({one.name for one in view.groups}) == len(view.groups)
    name = {"actor": ground.actor("secretary"), "plan_id": plan.pk}
    plans.rename_group(**name, number=new.number, name="春天党小组")
    with pytest.raises(RuleViolation, match="已有名为"):
        plans.rename_group(**name, number=0, name="春天党小组")
    with pytest.raises(Refused):
        plans.rename_group(**name, number=4321, name="夏天党小组")
    view, _ground = studio(ground.actor("secretary"), fresh(plan))
    assert next(one.name for one in view.groups if one.number == new.number) == "春天党小组"


def test_an_explanation_says_what_was_not_possible(ground: Ground) -> None:
    ground.count([2, 2, 2, 2, 2, 2])
    plan = ground.made(asked={ground.left.pk: 2})
    lines = explanation(studio(ground.actor("secretary"), plan)[1], plan, plan.current.labels[0])
    text = "".join(lines)
    assert "3栋楼，90户，6名正式党员" in text and "最多能分3个组，现在分2个" in text
    assert "至少要有6人" in text and "更不均匀" in text and "相邻的小组：" in text

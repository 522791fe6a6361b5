"""Where reports go and why: the most specific rule, the nearest unit, and a visible fault where none fits."""

import datetime as dt

import pytest
from django.utils import translation

from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.requests import rules, selectors
from doorstep.modules.requests.models import RoutingFault, RoutingRule
from doorstep.modules.requests.services_items import change_item
from doorstep.modules.requests.services_steps import move_place, raise_up
from tests.requests import world as making
from tests.requests.world import COMMUNITY, DISTRICT, GRID, STREET, reported, step


def rule(place=DISTRICT, event_class="", item="", urgency="", **target):
    target = target or {"unit_kind": "residents_committee"}
    return RoutingRule.objects.create(
        place_code=place, event_class=event_class, item=item, urgency=urgency, reason="演示规则",
        valid_from=dt.date(2026, 1, 1), **target,
    )  # fmt: skip


def picked(*named, place=GRID, event_class="environment", item="env.lamp", urgency="normal"):
    made = [
        RoutingRule(place_code=p, event_class=c, item=i, urgency=u, reason=name) for name, p, c, i, u in named
    ]
    found = rules.most_specific(made, place_code=place, event_class=event_class, item=item, urgency=urgency)
    return found and found.reason


def test_the_most_specific_rule_holds():
    any_, class_ = ("any", DISTRICT, "", "", ""), ("class", DISTRICT, "environment", "", "")
    item, near = ("item", DISTRICT, "", "env.lamp", ""), ("near", COMMUNITY, "", "", "")
    urgent, emergency = ("urgent", DISTRICT, "", "", "urgent"), ("emergency", DISTRICT, "", "", "emergency")
    assert picked(any_, class_, item, near) == "item"
    assert picked(any_, class_, near) == "class"
    assert picked(any_, near) == "near"
    assert picked(any_, near, urgent, urgency="urgent") == "near"
    assert picked(any_, urgent, urgency="urgent") == "urgent"
    assert picked(any_, urgent) == "any"
    assert picked(any_, item, emergency, urgency="emergency") == "emergency"
    assert picked(item, class_, item="env.road", event_class="care") is None
    assert picked(near, place=STREET) is None


def test_a_department_is_asked_and_the_first_desk_answers_until_it_accepts(world):
    rule(item="env.lamp", unit=world.department)
    taken = reported(world)
    matter = taken.matter
    assert (matter.state, matter.asked_id, matter.holder_id) == (
        "dispatched", world.department.pk, world.committee.pk,
    )  # fmt: skip
    step_made = History.objects.get(matter=matter, name="dispatch")
    assert "演示规则" in step_made.internal and step_made.person_id is None
    assert step(world, "department", matter, "accept").holder_id == world.department.pk


def test_no_rule_leaves_a_fault_and_somebody_who_answers(world):
    RoutingRule.objects.all().delete()
    taken = reported(world)
    fault = RoutingFault.objects.get()
    assert (fault.kind, fault.place_code, fault.item) == ("no_rule", GRID, "env.lamp")
    assert taken.matter.holder_id == world.committee.pk and "已记入派办故障" in taken.request.routing


def test_a_rule_to_a_unit_not_in_force_leaves_a_fault(world):
    unit = making.add_unit("department", "演示撤销局")
    unit.versions.update(valid_to=dt.date(2026, 2, 1))
    named = rule(item="env.lamp", unit=unit)
    reported(world)
    assert (RoutingFault.objects.get().kind, RoutingFault.objects.get().rule) == ("no_unit", named)


def test_a_rule_holds_from_its_day(world):
    made = rule(item="env.lamp", unit_kind="street_office")
    RoutingRule.objects.filter(pk=made.pk).update(valid_from=dt.date(2026, 7, 1))
    assert reported(world).matter.holder_id == world.committee.pk


def test_up_one_level_and_no_further(world):
    matter = reported(world).matter
    step(world, "worker", matter, "accept")
    matter = raise_up(actor=world["worker"], matter_id=matter.pk, internal="要动用升降车")
    assert (matter.state, matter.asked_id, matter.holder_id) == (
        "dispatched",
        world.street.pk,
        world.committee.pk,
    )
    step(world, "street", matter, "accept")
    with pytest.raises(RuleViolation, match="没有可以上报的单位"):
        raise_up(actor=world["street"], matter_id=matter.pk, internal="区里办")
    district = making.add_unit("district_government", "演示区政府")
    matter = raise_up(actor=world["street"], matter_id=matter.pk, internal="区里办")
    assert matter.asked_id == district.pk


def test_a_desk_with_people_goes_before_an_empty_one(world):
    empty = making.add_unit("street_working_committee", "演示党工委", STREET)
    assert selectors.desk_above(world.committee.pk, GRID).unit_id == world.street.pk
    from doorstep.kernel.organisations.models import Appointment

    Appointment.objects.create(
        person=world.people["street"], post="street_officer", unit=empty, place_code=STREET,
        valid_from=dt.date(2025, 1, 1),
    )  # fmt: skip
    assert selectors.desk_above(world.committee.pk, GRID).unit_id == empty.pk


def test_another_item_moves_no_promise(world):
    taken = reported(world)
    before = taken.matter.due_at
    request = change_item(actor=world["community"], matter_id=taken.matter.pk, item_code="safe.gas")
    assert (request.item.code, request.matter.category, request.matter.due_at) == (
        "safe.gas",
        "safety",
        before,
    )


def test_routing_costs_one_small_query(world, django_assert_num_queries):
    item = selectors.item_named(GRID, "env.lamp")
    selectors.route_for(GRID, item, "normal")
    with django_assert_num_queries(1):  # whether items, rules and units are still those that were read
        selectors.route_for(GRID, item, "normal")


def test_why_it_went_there_is_said_in_the_reader_s_language_and_by_the_rules_of_now(world):
    lamp = selectors.item_named(GRID, "env.lamp")
    plain = selectors.route_for(GRID, lamp, "normal")
    with translation.override("en"):
        told = selectors.route_for(GRID, lamp, "normal")
    assert plain.target == told.target and "规则" in plain.words and "规则" not in told.words
    nearer = rule(place=COMMUNITY, item="env.lamp")
    assert selectors.route_for(GRID, lamp, "normal").rule == nearer
    assert selectors.route_for(GRID, lamp, "normal").words != plain.words


def test_a_misplaced_report_goes_to_the_desk_of_its_place(world):
    sister = making.add_unit("residents_committee", "演示姐妹居委会", making.SISTER)
    making.add_actor(world, "sister", "community_secretary", sister, making.SISTER)
    matter = reported(world).matter
    step(world, "worker", matter, "accept")
    with pytest.raises(RuleViolation, match="不在您派办的范围内") as refused:
        move_place(
            actor=world["community"], matter_id=matter.pk, place_code=making.SISTER, internal="在隔壁社区"
        )
    assert refused.value.field == "place_code"
    with pytest.raises(RuleViolation, match="就是这个地方"):
        move_place(actor=world["street"], matter_id=matter.pk, place_code=GRID, internal="没变")
    with pytest.raises(RuleViolation, match="没有找到这个地方"):
        move_place(actor=world["street"], matter_id=matter.pk, place_code=STREET + "999", internal="没有")
    due = matter.due_at
    moved = move_place(
        actor=world["street"],
        matter_id=matter.pk,
        place_code=making.SISTER,
        internal="报告人记错了",
        note="已转到实际地点",
    )
    assert (moved.place_code, moved.state, moved.asked_id) == (making.SISTER, "dispatched", sister.pk)
    assert moved.holder_id == world.committee.pk  # until somebody takes it on
    assert Matter.objects.get(pk=matter.pk).community_code == making.SISTER and History.objects.get(
        matter=matter, name="relocate"
    ).data == {"places": [GRID, making.SISTER]}
    taken = step(world, "sister", matter, "accept")
    assert (taken.holder_id, taken.asked_id, taken.due_at is not None, due is not None) == (
        sister.pk,
        None,
        True,
        True,
    )


def test_another_grid_of_the_same_desk_changes_the_place_alone(world):
    matter = reported(world).matter
    moved = move_place(
        actor=world["community"], matter_id=matter.pk, place_code=making.SECOND_GRID, internal="在二网格"
    )
    assert (moved.place_code, moved.state, moved.holder_id) == (
        making.SECOND_GRID,
        "reported",
        world.committee.pk,
    )
    codes = [
        code
        for _name, group in selectors.places_to_move_to(world["community"], GRID)
        for code, _words in group
    ]
    assert codes == [COMMUNITY, GRID, making.SECOND_GRID]
    assert making.SISTER in [
        code for _name, group in selectors.places_to_move_to(world["street"], GRID) for code, _words in group
    ]

"""Splitting and merging grids: everything that hangs on them comes along, on the day, or nothing happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import BuildingPlacement, Grid, GridLineage
from doorstep.kernel.places.services_bulk import bring_up_to_date
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.chain.grid_adjustments import GridAdjustment, GridPart, adjust_grids, preview_grids
from doorstep.modules.chain.models import BranchGrid, MemberHousehold
from doorstep.modules.chain.policies import VIEW
from doorstep.modules.chain.rules import taken_over
from doorstep.modules.chain.schedule import follow_buildings
from doorstep.modules.chain.services_bulk import NewHousehold, designate_households
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, World, officer, person

G1, G2, G3, G4, G5 = (f"{ONE}00{n}" for n in range(1, 6))
STREET = "210202005"
LATER = TODAY + dt.timedelta(days=30)
OFFICER = officer("street_officer", STREET)


def committee(place: str = ONE) -> Unit:
    return organisations.found_unit(
        actor=SYSTEM, kind="residents_committee", name="演示居委会", place_code=place, founded_on=BEGAN, document="演批1号"
    )  # fmt: skip


def worker(unit: Unit, *grids: str, since: dt.date = BEGAN, until: dt.date | None = None) -> Appointment:
    return organisations.appoint(
        actor=SYSTEM, person_id=person().pk, post="grid_worker", unit_id=unit.pk, valid_from=since, valid_to=until,
        places=grids,
    )  # fmt: skip


def split(world: World, on: dt.date = TODAY, **fields: Any) -> GridAdjustment:
    """Grid 1 into a western part of four buildings and an eastern one of two."""
    pks = [building.pk for building in world.buildings[G1]]
    parts = (GridPart("西片网格", tuple(pks[:4])), GridPart("东片网格", tuple(pks[4:])))
    given = {
        "kind": "split",
        "grids": (G1,),
        "effective_on": on,
        "document": "演批〔2026〕7号",
        "parts": parts,
    }
    return GridAdjustment(**{**given, **fields})


def merge(*grids: str, on: dt.date = TODAY, **fields: Any) -> GridAdjustment:
    given = {
        "kind": "merge",
        "grids": grids,
        "effective_on": on,
        "document": "演批〔2026〕8号",
        "name": "合并网格",
    }
    return GridAdjustment(**{**given, **fields})


def covered(unit: Unit, on: dt.date = TODAY) -> list[str]:
    rows = BranchGrid.objects.in_force(on).filter(branch=unit)
    return sorted(rows.values_list("grid__code", flat=True))


def held(row: Appointment, on: dt.date = TODAY) -> list[str]:
    rows = Appointment.objects.in_force(on).filter(person=row.person_id)
    return sorted(code for code in rows.values_list("places__code", flat=True) if code)


def seat(unit: Unit, on: dt.date = TODAY) -> str:
    return UnitVersion.objects.in_force(on).get(unit=unit).place_code


def test_a_split_takes_along_branch_groups_workers_households_and_buildings(world: World) -> None:
    branch = world.branch(G1, G2)
    west, east = (
        world.group(branch, world.buildings[G1][:3], name="西组"),
        world.group(branch, world.buildings[G1][4:], name="东组"),
    )
    team = organisations.found_unit(
        actor=SYSTEM, kind="volunteer_team", name="演示服务队", place_code=G1, founded_on=BEGAN
    )
    home = world.household(world.buildings[G1][5])
    one, two = committee(), worker(committee(TWO), f"{TWO}001")
    all_of_it, half = worker(one, G1), worker(one, G1, G3)
    secretary = world.leader(branch, "branch_secretary")
    done = adjust_grids(actor=OFFICER, adjustment=split(world, workers={half.pk: (1,)}))

    assert done.made == [G4, G5]
    assert covered(branch) == [G2, G4, G5] and covered(branch, TODAY - dt.timedelta(1)) == [G1, G2]
    assert (seat(branch), seat(west), seat(east), seat(team)) == (G4, G4, G5, ONE)
    assert seat(branch, TODAY - dt.timedelta(1)) == G1
    assert held(all_of_it) == [G4, G5] and held(half) == [G3, G5] and held(two) == [f"{TWO}001"]
    assert held(all_of_it, TODAY - dt.timedelta(1)) == [G1]
    assert MemberHousehold.objects.get(pk=home.pk).place_code == G5
    placed = (
        BuildingPlacement.objects.in_force(TODAY).filter(grid__code=G4).values_list("building", flat=True)
    )
    assert set(placed) == {building.pk for building in world.buildings[G1][:4]}
    assert Grid.objects.get(code=G1).valid_to == TODAY
    assert {step.after.code for step in GridLineage.objects.filter(before__code=G1)} == {G4, G5}
    account = Account.objects.create(username="secretary", person_id=secretary.person_id)
    assert actor_for(account, TODAY).places_for(VIEW) == [G2, G4, G5]
    told = set(Entry.objects.values_list("action", flat=True))
    assert {
        "places.grid_split", "chain.grids_changed", "organisations.appointment_followed_grids",
        "chain.household_followed_grids", "organisations.adjusted",
    } <= told  # fmt: skip


def test_a_merge_covers_once_and_workers_answer_for_the_whole(world: World) -> None:
    both, third = world.branch(G1, G2), world.branch(G2, name="演示第二支部")
    group = world.group(both, world.buildings[G2][:3])
    one = committee()
    left, right = worker(one, G1), worker(one, G2, G3)
    done = adjust_grids(actor=OFFICER, adjustment=merge(G1, G2))
    assert done.made == [G4]
    assert covered(both) == covered(third) == [G4]
    assert held(left) == [G4] and held(right) == [G3, G4]
    assert seat(both) == seat(third) == seat(group) == G4
    assert any("几个党支部" in note for note in done.notes)


def test_a_merged_grids_serial_and_a_split_ones_are_never_given_again(world: World) -> None:
    adjust_grids(actor=OFFICER, adjustment=merge(G1, G2))
    pks = [building.pk for building in [*world.buildings[G1], *world.buildings[G2]]]
    parts = (GridPart("甲", tuple(pks[:6])), GridPart("乙", tuple(pks[6:])))
    done = adjust_grids(actor=OFFICER, adjustment=split(world, on=LATER, grids=(G4,), parts=parts))
    assert done.made == [G5, f"{ONE}006"]


def test_on_a_day_to_come_everything_waits_for_the_day(world: World) -> None:
    branch, home = world.branch(G1), world.household(world.buildings[G1][5])
    row = worker(committee(), G1)
    adjust_grids(actor=OFFICER, adjustment=split(world, on=LATER))
    assert covered(branch) == [G1] and held(row) == [G1] and seat(branch) == G1
    assert covered(branch, LATER) == [G4, G5] == held(row, LATER)
    assert MemberHousehold.objects.get(pk=home.pk).place_code == G1
    with clock.fixed(LATER):
        bring_up_to_date(actor=SYSTEM)
        follow_buildings()
    assert MemberHousehold.objects.get(pk=home.pk).place_code == G5


def test_appointments_that_begin_later_and_substitutes_follow_too(world: World) -> None:
    one = committee()
    row, next_one = worker(one, G1, until=LATER), worker(one, G1, since=LATER)
    stand_in = organisations.appoint_substitute(
        actor=SYSTEM, appointment_id=row.pk, person_id=person().pk, valid_from=TODAY - dt.timedelta(3),
        valid_to=TODAY + dt.timedelta(9),
    )  # fmt: skip
    adjust_grids(actor=OFFICER, adjustment=split(world, workers={row.pk: (0,)}))
    assert held(row) == [G4] == held(stand_in) and held(next_one, LATER) == [G4, G5]
    renewed = Appointment.objects.in_force(TODAY).get(person=stand_in.person_id)
    assert renewed.substitute_for == Appointment.objects.in_force(TODAY).get(person=row.person_id)
    assert renewed.valid_to == TODAY + dt.timedelta(9)
    assert held(row, LATER) == []
    assert Appointment.objects.get(pk=next_one.pk).valid_from == LATER


def test_the_preview_tells_and_takes_back(world: World) -> None:
    branch = world.branch(G1)
    world.group(branch, world.buildings[G1][:3])
    world.household(world.buildings[G1][0])
    row = worker(committee(), G1)
    before = {model: model.objects.count() for model in (Grid, BranchGrid, Appointment, GridLineage, Entry)}
    shown = preview_grids(actor=OFFICER, adjustment=split(world))
    assert before == {model: model.objects.count() for model in before}
    text = "\n".join(f"{change.subject}|{change.before}|{change.after}" for change in shown.changes)
    assert f"{row.person.name}|第1网格|西片网格、东片网格" in text
    assert "演示党支部001 · 网格|第1网格|西片网格、东片网格" in text
    assert "4栋楼" in text and "1户党员中心户" in text
    assert "1项任职改为新网格" in shown.affected and "1个党支部改为覆盖新网格" in shown.affected
    assert any("没有边界" in note for note in shown.notes)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"effective_on": dt.date(2018, 5, 1)}, "effective_on", "自 2019-01-01 起设立"),
        ({"effective_on": dt.date(1900, 1, 1)}, "effective_on", "太早"),
        ({"effective_on": TODAY + dt.timedelta(400)}, "effective_on", "一年以后"),
        ({"document": "  "}, "document", "请填写文号"),
        ({"parts": "one"}, "parts", "至少要有两个网格"),
        ({"parts": "empty"}, "parts", "没有楼栋"),
        ({"parts": "missing"}, "parts", "还有 1 栋楼"),
        ({"parts": "twice"}, "parts", "同时分给"),
        ({"parts": "foreign"}, "parts", "不在这个网格"),
        ({"parts": "same name"}, "name", "已有名为"),
        ({"parts": "no name"}, "name", "请填写名称"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    world: World, fields: dict[str, Any], field: str, words: str
) -> None:
    branch, row = world.branch(G1), worker(committee(), G1)
    pks, foreign = [one.pk for one in world.buildings[G1]], world.buildings[G2][0].pk
    parts = {
        "one": [("甲", pks)], "empty": [("甲", pks), ("乙", [])], "missing": [("甲", pks[:3]), ("乙", pks[4:])],
        "twice": [("甲", pks[:4]), ("乙", pks[3:])], "foreign": [("甲", pks), ("乙", [foreign])],
        "same name": [("甲", pks[:3]), ("第2网格", pks[3:])], "no name": [("甲", pks[:3]), ("", pks[3:])],
    }  # fmt: skip
    if isinstance(fields.get("parts"), str):
        wanted = parts[fields["parts"]]
        fields = {"parts": tuple(GridPart(name, tuple(found)) for name, found in wanted)}
    with pytest.raises(RuleViolation, match=words) as refused:
        adjust_grids(actor=OFFICER, adjustment=split(world, **fields))
    assert refused.value.field == field
    assert covered(branch) == [G1] == held(row)
    assert Grid.objects.get(code=G1).valid_to is None


@pytest.mark.parametrize(("picked", "words"), [((), "至少选择一个新网格"), ((5,), "只能从新网格里选择")])
def test_a_worker_keeps_some_place_among_the_new_ones(
    world: World, picked: tuple[int, ...], words: str
) -> None:
    row = worker(committee(), G1)
    with pytest.raises(RuleViolation, match=words):
        adjust_grids(actor=OFFICER, adjustment=split(world, workers={row.pk: picked}))
    assert held(row) == [G1]


def test_merging_needs_two_grids_of_one_community(world: World) -> None:
    with pytest.raises(RuleViolation, match="至少要选两个"):
        adjust_grids(actor=OFFICER, adjustment=merge(G1))
    with pytest.raises(RuleViolation, match="不在同一个社区"):
        adjust_grids(actor=OFFICER, adjustment=merge(G1, f"{TWO}001"))


def test_it_is_the_streets_and_the_districts_and_outside_it_does_not_exist(world: World) -> None:
    with pytest.raises(NotVisible):
        adjust_grids(actor=officer("street_officer", "210202006"), adjustment=split(world))
    with pytest.raises(NotVisible):
        adjust_grids(actor=OFFICER, adjustment=merge(G1, f"{ONE}099"))
    for post, place in (("community_secretary", ONE), ("grid_worker", G1)):
        with pytest.raises(NotAllowed):
            adjust_grids(actor=officer(post, place), adjustment=split(world))
    assert adjust_grids(actor=officer("district_officer", "210202"), adjustment=split(world)).made


def test_who_looked_before_somebody_renamed_the_branch_is_told(world: World) -> None:
    branch = world.branch(G1)
    seen = preview_grids(actor=OFFICER, adjustment=split(world))
    organisations.rename_unit(
        actor=OFFICER, unit_id=branch.pk, name="演示新名支部", effective_on=BEGAN, document="演批3号"
    )
    with pytest.raises(Conflict, match="演示新名支部"):
        adjust_grids(actor=OFFICER, adjustment=split(world, expected=seen.versions))


def test_people_served_in_the_grid_stay_with_those_who_serve_them(world: World) -> None:
    here, there = person(place=G1), person(place=G2)
    member = person(place=G1)
    new = NewHousehold(person_id=member.pk, building_id=world.buildings[G1][5].pk, designated_on=BEGAN)
    designate_households(actor=SYSTEM, households=[new])
    adjust_grids(actor=OFFICER, adjustment=split(world))
    adjust_grids(actor=OFFICER, adjustment=merge(G2, G3))
    places = {row.pk: row.place_code for row in Person.objects.all()}
    assert (places[here.pk], places[member.pk], places[there.pk]) == (ONE, G5, f"{ONE}006")


@pytest.mark.parametrize(
    ("periods", "rest"),
    [
        ([(1, None)], [(10, None)]), ([(1, 10)], []), ([(12, 20)], [(12, 20)]),
        ([(1, 15), (15, None)], [(10, None)]), ([(1, 12), (14, 16)], [(10, 12), (14, 16)]),
        ([(1, None), (3, 12)], [(10, None)]), ([], []),
    ],
)  # fmt: skip
def test_periods_taken_over(periods: list[Any], rest: list[Any]) -> None:
    def day(number: int | None) -> dt.date | None:
        return None if number is None else dt.date(2026, 1, number)

    found = taken_over([(day(a), day(b)) for a, b in periods], dt.date(2026, 1, 10))
    assert found == [(day(a), day(b)) for a, b in rest]

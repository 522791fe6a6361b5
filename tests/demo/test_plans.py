from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from doorstep.demo.cast import CAST, person_of
from doorstep.demo.coverage import joined_grids, shared_out
from doorstep.demo.district import district_plan
from doorstep.demo.geography import GridPlace, draw
from doorstep.demo.names import mobile, person_name
from doorstep.demo.patterns import demo_district, training_district
from doorstep.demo.training import training_plan

TODAY = dt.date(2026, 6, 15)


@pytest.fixture(scope="module")
def geography():
    return draw(demo_district())


@pytest.fixture(scope="module")
def plan(geography):
    return district_plan(geography, TODAY)[0]


@pytest.fixture(scope="module")
def training():
    return training_plan(draw(training_district()), TODAY)[0]


@pytest.fixture(params=["plan", "training"])
def either(request):
    return request.getfixturevalue(request.param)


def in_force(rows, day=TODAY):
    return [row for row in rows if row.start <= day and (row.end is None or day < row.end)]


def test_the_published_counts(plan):
    kinds = Counter(unit.kind for unit in plan.units)
    assert kinds["community_party_organisation"] == 65
    assert kinds["residents_committee"] == 65
    assert kinds["grid_party_branch"] == 547 + len(plan.merges)
    assert kinds["building_party_group"] == 325
    assert sum(row.end is None for row in plan.households) == 436
    workers = {row.person for row in in_force(plan.appointments) if row.post == "grid_worker"}
    assert len(workers) == 665


def test_every_grid_has_one_branch_and_one_worker(plan, geography):
    codes = {grid.code for grid in geography.grids}
    covered = Counter(code for row in plan.coverage for code in row.grids)
    assert set(covered) == codes and set(covered.values()) == {1}
    worked = Counter(
        code for row in in_force(plan.appointments) if row.post == "grid_worker" for code in row.places
    )
    assert set(worked) == codes and set(worked.values()) == {1}


def test_branches_and_workers_cover_neighbouring_grids_of_one_community(plan, geography):
    beside = {grid.code: grid.beside for grid in geography.grids}
    clusters = [row.grids for row in plan.coverage if row.grids]
    clusters += [row.places for row in plan.appointments if row.post == "grid_worker"]
    for cluster in clusters:
        assert len({code[:12] for code in cluster}) == 1
        assert all(any(other in beside[code] for other in cluster) for code in cluster if len(cluster) > 1)


def test_groups_cover_buildings_of_one_branch_and_no_building_twice(plan, geography):
    grid_of = {building.number: building.grid for building in geography.buildings}
    grids_of = {row.unit: set(row.grids) for row in plan.coverage if row.grids}
    superior = {unit.key: unit.superior for unit in plan.units}
    groups = [row for row in plan.coverage if row.buildings]
    assert max(Counter(number for row in groups for number in row.buildings).values()) == 1
    for row in groups:
        assert {grid_of[number] for number in row.buildings} <= grids_of[superior[row.unit]]


def test_households_live_in_their_groups_buildings(plan):
    buildings = {row.unit: row.buildings for row in plan.coverage if row.buildings}
    assert all(row.building in buildings[row.group] for row in plan.households)
    assert {row.group for row in plan.households} == set(buildings)


def test_sole_posts_have_one_holder_and_everybody_is_led(plan):
    sole = {
        "community_party_organisation": "community_secretary", "residents_committee": "residents_committee_chair",
        "grid_party_branch": "branch_secretary", "building_party_group": "group_leader",
    }  # fmt: skip
    held = Counter((row.unit, row.post) for row in in_force(plan.appointments))
    for unit in plan.units:
        if unit.kind in sole:
            assert held[unit.key, sole[unit.kind]] == 1


def test_numbers_of_members_keep_the_rules(plan):
    latest = {}
    for count in sorted(plan.counts, key=lambda count: count.day):
        latest[count.unit] = count
    for term in in_force(plan.terms):
        full = latest[term.unit].full
        if term.unit.startswith("branch"):
            assert full >= 3 and full + latest[term.unit].probationary <= 50
            assert (term.committee_size >= 3) == (full >= 7)
        assert (term.end - TODAY).days > 180


def test_periods_lie_within_their_units_and_before_today(either):
    units = {unit.key: unit for unit in either.units}
    for unit in either.units:
        assert unit.founded_on < TODAY
        if unit.superior:
            assert units[unit.superior].founded_on <= unit.founded_on
    for row in [*either.appointments, *either.terms]:
        assert units[row.unit].founded_on <= row.start < TODAY
        assert row.end is None or row.start < row.end
    for row in either.coverage:
        assert units[row.unit].founded_on <= row.start < TODAY
    assert all(count.day < TODAY for count in either.counts)


def test_keys_are_known_and_unique(either):
    people = Counter(person.key for person in either.people)
    units = Counter(unit.key for unit in either.units)
    assert set(people.values()) == set(units.values()) == {1}
    assert all(row.person in people and row.unit in units for row in either.appointments)
    assert all(row.person in people and row.group in units for row in either.households)
    assert all(row.unit in units for row in [*either.terms, *either.counts, *either.forms, *either.coverage])


def test_people_and_numbers_are_plainly_made_up(either):
    assert len({person.name for person in either.people}) == len(either.people)
    assert all(person.name.startswith(("演示", "练习")) for person in either.people)
    assert all(person.phone.startswith("1990000") for person in either.people)
    assert all(unit.phone.startswith("0411-0000") for unit in either.units if unit.phone)
    documents = [unit.document for unit in either.units if unit.document]
    assert len(set(documents)) == len(documents)


def test_there_is_a_past_to_compare_with(plan):
    def count(post, day):
        return sum(row.post == post for row in in_force(plan.appointments, day))

    two_years_ago = TODAY - dt.timedelta(days=730)
    assert 560 <= count("grid_worker", two_years_ago) <= 650
    assert 300 <= count("branch_secretary", two_years_ago) <= 450
    changed = [row for row in plan.appointments if row.post == "community_secretary" and row.end]
    assert len(changed) == 23 and min(row.end for row in changed) > two_years_ago


def test_the_plan_moves_with_the_day_and_is_else_the_same(geography, plan):
    later = district_plan(geography, TODAY + dt.timedelta(days=1))[0]
    assert [unit.key for unit in later.units] == [unit.key for unit in plan.units]
    assert later.counts[0].day - plan.counts[0].day == dt.timedelta(days=1)
    assert district_plan(geography, TODAY)[0] == plan


@pytest.mark.parametrize("today", [dt.date(2028, 2, 29), dt.date(2027, 3, 1), dt.date(2026, 12, 31)])
def test_any_day_will_do(geography, today):
    plan = district_plan(geography, today)[0]
    assert len(plan.units) == 1054 + len(plan.merges)
    training_plan(draw(training_district()), today)


def test_sharing_out():
    assert shared_out(10, {"a": 1.0, "b": 1.0, "c": 2.0}, least=1) == {"a": 3, "b": 3, "c": 4}
    with pytest.raises(ValueError, match="too little"):
        shared_out(2, {"a": 1.0, "b": 1.0, "c": 1.0}, least=1)


def test_grids_that_do_not_touch_are_not_joined():
    from random import Random

    grids = [GridPlace(f"{n}", "", "", None, frozenset()) for n in range(2)]
    with pytest.raises(ValueError, match="no more neighbours"):
        joined_grids(grids, 1, Random(1), 3)


def test_names_run_out_loudly():
    with pytest.raises(ValueError):
        person_name(100_000)
    with pytest.raises(ValueError):
        mobile(10_000)


def test_the_cast_is_complete_and_has_no_two_posts_of_administration(plan, training):
    found = {}
    for member in CAST:
        found[member.username] = person_of(member, plan if member.district == "210202" else training)
    assert len(found) == len(CAST) == 18
    assert len({person for username, person in found.items() if username != "training"}) == 17
    posts = Counter(row.person for row in plan.appointments if row.post.endswith("_administrator"))
    assert set(posts.values()) == {1} and len(posts) == 3
    assert all(row.person != plan.resident for row in plan.appointments)


def test_some_branches_merged_and_some_were_split(plan):
    assert len(plan.merges) >= 5 and len(plan.splits) >= 3
    for adjustment in [*plan.merges, *plan.splits]:
        assert adjustment.day < TODAY - dt.timedelta(days=50)
    past = {key for merge in plan.merges for key in (merge.kept, merge.gone)}
    past |= {key for split in plan.splits for key in (split.source, split.made)}
    assert not {unit.superior for unit in plan.units} & past
    assert any(row.end for row in plan.households)

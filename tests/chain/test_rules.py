"""Each rule at its boundary, on the rule set as it is seeded."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
import shapely

from doorstep.modules.chain import rules
from doorstep.modules.chain.rules import Rule, RuleSet

SEED = import_module("doorstep.modules.chain.migrations.0002_rule_values")
SET = RuleSet({key: Rule(value, clause) for key, value, clause in SEED.RULES})


def keys(departures):
    return [departure.rule for departure in departures]


@pytest.mark.parametrize(
    ("form", "full", "probationary", "units", "expected"),
    [
        ("branch", 2, 5, 0, ["branch.full_min"]),
        ("branch", 3, 0, 0, []),
        ("branch", 49, 1, 0, []),
        ("branch", 50, 1, 0, ["branch.members_max"]),
        ("joint_branch", 2, 0, 5, []),
        ("joint_branch", 2, 0, 6, ["joint_branch.units_max"]),
        ("joint_branch", 51, 0, 0, ["branch.members_max"]),
        ("general_branch", 49, 0, 0, ["general_branch.members_min"]),
        ("general_branch", 50, 0, 0, []),
        ("general_branch", 98, 1, 0, []),
        ("general_branch", 99, 1, 0, ["general_branch.members_below"]),
        ("party_committee", 99, 0, 0, ["party_committee.members_min"]),
        ("party_committee", 99, 1, 0, []),
    ],
)
def test_form_by_member_count(form, full, probationary, units, expected):
    assert keys(rules.form_departures(form, full, probationary, units, SET)) == expected


@pytest.mark.parametrize(
    ("full", "probationary", "form"),
    [
        (2, 0, "joint_branch"),
        (3, 0, "branch"),
        (50, 0, "branch"),
        (50, 1, "general_branch"),
        (99, 0, "general_branch"),
        (99, 1, "party_committee"),
    ],
)
def test_fitting_form_departs_from_nothing(full, probationary, form):
    assert rules.fitting_form(full, probationary, SET) == form
    assert rules.form_departures(form, full, probationary, 0, SET) == []


@pytest.mark.parametrize(
    ("form", "size", "full", "expected"),
    [
        ("branch", 0, 6, []),
        ("branch", 0, 7, ["branch.committee_from"]),
        ("branch", 2, 9, ["branch.committee_min"]),
        ("branch", 3, 9, []),
        ("branch", 7, 9, []),
        ("branch", 8, 9, ["branch.committee_min"]),
        ("general_branch", 4, 60, ["general_branch.committee_size"]),
        ("general_branch", 5, 60, []),
        ("general_branch", 8, 60, ["general_branch.committee_size"]),
        ("party_committee", 9, 120, []),
        ("party_committee", 10, 120, ["party_committee.committee_size"]),
    ],
)
def test_committee_size(form, size, full, expected):
    assert keys(rules.committee_departures(form, size, full, SET)) == expected


@pytest.mark.parametrize(
    ("kind", "years"),
    [("community_party_organisation", 5), ("grid_party_branch", 5), ("company_party_organisation", 3)],
)
def test_terms(kind, years):
    start = dt.date(2022, 3, 1)
    assert rules.term_years(kind, SET) == years
    assert rules.term_departures(kind, start, start.replace(year=2022 + years), SET) == []
    assert len(rules.term_departures(kind, start, start.replace(year=2023 + years), SET)) == 1


def test_a_term_from_leap_day_ends_on_the_first_of_march():
    assert rules.plus_years(dt.date(2024, 2, 29), 5) == dt.date(2029, 3, 1)
    assert rules.plus_years(dt.date(2024, 2, 29), 4) == dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("new_end", "expected"),
    [
        (dt.date(2027, 3, 1), []),
        (dt.date(2027, 6, 1), ["term.shift"]),
        (dt.date(2028, 3, 1), ["term.shift"]),
        (dt.date(2028, 3, 2), ["term.shift", "term.shift_max_years"]),
        (dt.date(2026, 3, 1), ["term.shift"]),
        (dt.date(2026, 2, 28), ["term.shift", "term.shift_max_years"]),
    ],
)
def test_shifting_an_election(new_end, expected):
    assert keys(rules.shift_departures(dt.date(2027, 3, 1), new_end, SET)) == expected


@pytest.mark.parametrize(
    ("left", "stage"),
    [(181, None), (180, 180), (91, 180), (90, 90), (31, 90), (30, 30), (1, 30), (0, 0), (-5, 0)],
)
def test_term_due_stages(left, stage):
    day = dt.date(2026, 6, 15)
    assert rules.due_stage(day + dt.timedelta(left), day, SET) == stage


def test_a_term_without_end_is_never_due():
    assert rules.due_stage(None, dt.date(2026, 6, 15), SET) is None


@pytest.mark.parametrize(
    ("full", "probationary", "expected"),
    [
        (1, 2, []),
        (1, 1, ["group.members_min"]),
        (0, 3, ["group.full_min"]),
        (0, 0, ["group.members_min", "group.full_min"]),
    ],
)
def test_group_members(full, probationary, expected):
    assert keys(rules.group_departures(full, probationary, SET)) == expected


def row(*metres: float, latitude: float = 38.9) -> list[shapely.Point]:
    return [shapely.Point(121.6, latitude + each / rules.METRES_PER_DEGREE) for each in metres]


def test_buildings_hang_together_through_their_neighbours():
    assert rules.disconnected([1, 1, 1], row(0, 119, 238), 120) == set()
    assert rules.disconnected([1, 1, 1], row(0, 119, 240), 120) == {1}


def test_another_groups_building_is_no_bridge():
    assert rules.disconnected([1, 2, 1], row(0, 100, 200), 120) == {1}


def test_east_west_distance_shrinks_with_latitude():
    step = 119 / (rules.METRES_PER_DEGREE * 0.7782)  # cos 38.9°
    points = [shapely.Point(121.6, 38.9), shapely.Point(121.6 + step, 38.9)]
    assert rules.disconnected([1, 1], points, 120) == set()
    assert rules.disconnected([1, 1], points, 118) == {1}


def test_outlines_count_from_wall_to_wall():
    long = shapely.box(121.6, 38.9, 121.603, 38.9003)
    beside = shapely.Point(121.6035, 38.9001)
    assert rules.disconnected([7, 7], [long, beside], 120) == set()
    assert rules.disconnected([7, 7], [long.centroid, beside], 120) == {7}


def test_one_building_or_none_is_connected():
    assert rules.disconnected([], [], 120) == set()
    assert rules.disconnected([1, 2], row(0, 5000), 120) == set()


def test_every_rule_cites_a_clause():
    assert all(clause for _, _, clause in SEED.RULES)
    assert len({key for key, _, _ in SEED.RULES}) == len(SEED.RULES)

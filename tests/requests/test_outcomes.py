"""What became of whistles, by ground and outcome: one table, its figures, and the rows behind each cell."""

import datetime as dt

import pytest

from doorstep.kernel.declarations.indicators import Scope, all_indicators, indicator
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.requests import services_whistle as whistles
from doorstep.modules.requests.selectors_outcomes import OUTCOMES, outcomes, totals
from doorstep.modules.requests.states_whistle import LAW
from tests.requests.test_whistle import issued, proposed
from tests.requests.world import COMMUNITY, DISTRICT, SECOND_GRID, STREET, TODAY, add_actor, add_unit

LATER = TODAY + dt.timedelta(days=3)
SISTER_STREET = "210202006"


@pytest.fixture
def several(world):
    """Two for joint enforcement, one of them taken on three days later; one emergency the district dropped; one never blown."""
    add_actor(world, "chief", "district_officer", add_unit("department", "演示区政府办公室"), DISTRICT)
    first = issued(world)
    issued(world, place_code=SECOND_GRID)
    refused = issued(world, ground="emergency")
    whistles.object_to(actor=world["department"], matter_id=refused.pk, reason="不在职责清单")
    whistles.escalate(actor=world["street"], matter_id=refused.pk, internal="部门不应哨")
    proposed(world, by="community", ground="key_task")
    with clock.fixed(LATER):
        whistles.accept(actor=world["department"], matter_id=first.pk)
        whistles.dismiss(actor=world["chief"], matter_id=refused.pk, internal="清单以外")
    return first


def told(world, on, place=STREET):
    rows = outcomes(world["street"], place, TODAY, on)
    return {(row.ground, key): n for row in rows for key, n in row.outcomes if n}


def test_each_ground_against_each_outcome_as_of_the_last_day(world, several):
    assert told(world, TODAY) == {("joint_enforcement", "waiting"): 2, ("emergency", "escalated"): 1}
    assert told(world, LATER) == {
        ("joint_enforcement", "waiting"): 1, ("joint_enforcement", "under_way"): 1, ("emergency", "dismissed"): 1,
    }  # fmt: skip
    rows = outcomes(world["street"], STREET, TODAY, LATER)
    assert [row.whistled for row in rows] == [0, 2, 1, 0] and totals(rows) == [1, 1, 0, 0, 0, 1]
    assert not told(world, LATER, place=COMMUNITY + "009")


def test_a_cell_is_a_figure_with_its_rows(world, several):
    cells = [item.key for item in all_indicators() if item.cell]
    assert len(cells) == 4 * len(OUTCOMES)
    found = {each.key: each.value for each in figures(DISTRICT, on=LATER, since=TODAY, keys=cells)}
    assert {key: n for key, n in found.items() if n} == {
        f"whistles.{ground}.{outcome}": n for (ground, outcome), n in told(world, LATER).items()
    }
    rows = indicator("whistles.joint_enforcement.under_way").rows(Scope(DISTRICT, LATER, TODAY))
    assert [row.pk for row in rows] == [several.pk]


def test_every_state_after_the_whistle_has_one_outcome():
    named = [state for _key, _name, states in OUTCOMES for state in states]
    assert sorted(named) == sorted(state.code for state in LAW.states if state.code != LAW.first)


def test_another_street_does_not_exist(world, several):
    with pytest.raises(NotVisible):
        outcomes(world["street"], SISTER_STREET, TODAY, LATER)
    assert told(world, TODAY - dt.timedelta(days=1)) == {}

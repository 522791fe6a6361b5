"""Organisations of the new economy of the demo district: exactly as many as published, by every rule, quickly, once."""

from __future__ import annotations

import time
from typing import Any

import pytest

from doorstep.demo import meetings
from doorstep.demo.newfield import load as newfield
from doorstep.demo.newfield.organisations import OPEN_FEW, OPEN_NONE, OPEN_OWN
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.indicators.selectors import figure
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.selectors import KEPT, OVERDUE, in_state
from doorstep.kernel.shared import clock
from doorstep.modules.coverage.models import Covering, Finding, Gap, Profile, Visit
from doorstep.modules.coverage.selectors import with_state
from doorstep.modules.coverage.selectors_joining import suggested as suggested_in

HOME = "210202"
EXACTLY = {
    "coverage.instructors": 146, "coverage.advanced_communities": 12, "coverage.weak_communities": 4, "coverage.brands": 65,
    "coverage.organisations": 1500, "coverage.property_share": 100.0,
    "coverage.property_uncovered": 0,
    # and the chain's own stay what they were
    "chain.community_organisations": 65, "chain.grid_branches": 547, "chain.building_groups": 325, "chain.member_households": 436,
}  # fmt: skip


@pytest.mark.usefixtures("demo_database")
def test_the_new_field(settings: Any) -> None:
    settings.DEMO = True
    meetings.load()
    assert newfield.is_missing() and newfield.is_ready()
    began = time.monotonic()
    number = newfield.load()
    took = time.monotonic() - began
    print(f"loaded in {took:.1f} s")
    assert number > 10_000 and Visit.objects.count() == number
    assert newfield.load() == 0
    found = {key: figure(key, HOME).value for key in EXACTLY}
    assert found == EXACTLY
    today = clock.today()
    owed = {
        state: Occurrence.objects.filter(in_state(state, today), code="visit").count()
        for state in (KEPT, OVERDUE)
    }
    assert owed[KEPT] > 0.9 * number and 0 < owed[OVERDUE] < 0.05 * number
    joint = [row for row in Covering.objects.filter(form="joint").values_list("party", flat=True)]
    assert len(set(joint)) > 50 and max(joint.count(party) for party in set(joint)) <= 5
    suggested = suggested_in(system_actor("tests"), "210202005").groups
    assert len(suggested) == 1, "one group is left for the street's officer to try"
    gaps = OPEN_OWN + OPEN_FEW + OPEN_NONE + len(suggested[0].members)
    assert figure("coverage.gaps", HOME).value == Gap.objects.filter(matter__is_open=True).count() == gaps
    assert Gap.objects.exclude(plan="").exists() and Gap.objects.filter(plan="").exists()
    states = dict(with_state(Profile.objects.all(), today).values_list("pk", "state"))
    assert set(states.values()) == {"own", "joint", "instructor", "gap"}
    for origin in ("visit", "event", "session"):
        assert Finding.objects.filter(**{f"{origin}__isnull": False}).exists(), origin
    for community in ("210202005011", "210202001002"):
        assert figure("coverage.brands", community).value == 1

"""At which level of places a unit of a kind stands: asked at founding, at a move, and of each row of a sheet."""

from __future__ import annotations

import pytest

from doorstep.kernel.organisations import services
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import RuleViolation
from tests.organisations.test_import_units import rehearsed, row
from tests.organisations.world import COMMUNITY, DISTRICT, GRID, STREET, SYSTEM, build_places, day, party

PLACES = {"county": DISTRICT, "street": STREET, "community": COMMUNITY, "grid": GRID}
LEVELS = {
    "district_committee": {"county"},
    "district_government": {"county"},
    "platform_administration": {"county"},
    "department": {"county", "street"},
    "street_working_committee": {"street"},
    "street_office": {"street"},
    "community_party_organisation": {"community"},
    "residents_committee": {"community"},
    "grid_party_branch": {"community", "grid"},
    "building_party_group": {"community", "grid"},
    "compound_party_branch": {"community", "grid"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", UNIT_KINDS)
def test_a_unit_is_founded_at_the_levels_of_its_kind_alone(kind: str) -> None:
    build_places()
    founded = set()
    for level, place in PLACES.items():
        try:
            party(f"演示{level}", place, kind=kind)
            founded.add(level)
        except RuleViolation as refusal:
            assert refusal.field == "place_code" and str(UNIT_KINDS[kind]) in str(refusal.message)
    assert founded == LEVELS.get(kind, set(PLACES))


@pytest.mark.django_db
def test_a_unit_does_not_move_to_another_level() -> None:
    build_places()
    department = party("演示局", DISTRICT, kind="department")
    with pytest.raises(RuleViolation, match="区直部门不能设在这一级地方") as refusal:
        services.move_unit(
            actor=SYSTEM, unit_id=department.pk, place_code=COMMUNITY, effective_on=day("2026-05-01"), document="文"
        )  # fmt: skip
    assert refusal.value.field == "place_code"
    assert UnitVersion.objects.get(unit=department).place_code == DISTRICT


def test_a_sheet_is_told_the_level_by_row(street) -> None:
    job = rehearsed(street, [row("演示局", "区直部门", COMMUNITY, document="文"), row("演示公司", "企业")])
    assert (job.good, job.problem_count) == (1, 1)
    assert "区直部门不能设在这一级地方" in str(job.problems)

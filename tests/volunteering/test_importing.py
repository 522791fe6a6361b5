"""Sheets of offices: every example goes in, and applied twice it changes nothing; what is wrong is said at its column."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.declarations.registers import Importer, ImportRow, register
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.modules.volunteering.models import Team, Volunteer
from tests.volunteering.world import DISTRICT, ONE, TODAY, TWO

TEAMS = {
    "name": "演示邻里队",
    "place": ONE,
    "founded_on": dt.date(2026, 1, 5),
    "skills": ("repair",),
    "phone": "0411-80000000",
}
VOLUNTEER = {
    "name": "演示名字甲",
    "place": ONE,
    "phone": "13900000011",
    "born_in": 1960,
    "skills": ("law",),
    "times": (),
}
FORCE = {"name": "演示义诊队", "place": DISTRICT, "field": "medicine", "valid_from": TODAY}
BRAND = {"name": "演示之声", "place": DISTRICT, "story": "读书会", "valid_from": TODAY}
KIND = {
    "place": DISTRICT, "code": "demo", "name": "演示服务", "points_per_hour": 10, "risky": False, "clause": "演", "valid_from": TODAY,
}  # fmt: skip
SHEETS = [
    ("volunteering.teams", TEAMS, {"about": "每周六上午"}), ("volunteering.volunteers", VOLUNTEER, {"skills": ("arts",)}),
    ("volunteering.forces", FORCE, {"unit_name": "演示医院"}), ("volunteering.brands", BRAND, {"story": "换了"}),
    ("volunteering.kinds", KIND, {"points_per_hour": 12}),
]  # fmt: skip


def importer_of(key: str) -> Importer:
    found = register(key).importer
    assert found is not None
    return found


def put_in(world, key: str, values: dict[str, Any], by: str = "district") -> str:
    importer = importer_of(key)
    row = ImportRow(2, {column.key: values.get(column.key) for column in importer.columns})
    assert importer.row_service is not None
    return str(importer.row_service(world.actor(by), row))


@pytest.mark.parametrize("key, values, change", SHEETS, ids=[key for key, _values, _change in SHEETS])
def test_added_unchanged_changed(world, key, values, change):
    assert put_in(world, key, values) == "added"
    assert put_in(world, key, values) == "unchanged"
    assert put_in(world, key, values | change) == "changed"
    assert put_in(world, key, values | change) == "unchanged"


@pytest.mark.parametrize("key, values, _change", SHEETS, ids=[key for key, _values, _change in SHEETS])
def test_only_at_ones_own_places(world, key, values, _change):
    with pytest.raises(Refused):
        put_in(world, key, values, by="outsider")


def test_what_a_sheet_makes(world):
    put_in(world, "volunteering.teams", TEAMS, by="secretary")
    assert Team.objects.get(unit__versions__name="演示邻里队").skills == ["repair"]
    put_in(world, "volunteering.volunteers", VOLUNTEER, by="worker")
    row = Volunteer.objects.get(person__name="演示名字甲")
    assert (row.place_code, row.born_in, row.skills) == (ONE, 1960, ["law"])


@pytest.mark.parametrize(
    "key, values, column",
    [
        ("volunteering.teams", TEAMS | {"brand": "没有的品牌"}, "brand"),
        ("volunteering.teams", TEAMS | {"federation": "没有的联合会"}, "federation"),
        ("volunteering.teams", TEAMS | {"place": "210202005099"}, "place"),
        ("volunteering.forces", FORCE | {"field": "nothing"}, "field"),
        ("volunteering.kinds", KIND | {"points_per_hour": 1000}, "points_per_hour"),
        ("volunteering.kinds", KIND | {"valid_from": dt.date(2026, 1, 1)}, "valid_from"),
        ("volunteering.volunteers", VOLUNTEER | {"born_in": 2024}, "born_in"),
    ],
)
def test_what_is_wrong_is_said_at_its_column(world, key, values, column):
    with pytest.raises(Refused) as refused:
        put_in(world, key, values)
    assert refused.value.field == column


def test_two_of_one_name_are_told_apart_by_telephone(world):
    put_in(world, "volunteering.volunteers", VOLUNTEER)
    put_in(world, "volunteering.volunteers", VOLUNTEER | {"phone": "13900000012"})
    with pytest.raises(Refused, match="有几位") as refused:
        put_in(world, "volunteering.volunteers", VOLUNTEER | {"phone": None})
    assert refused.value.field == "phone" and Volunteer.objects.count() == 2


def test_words_of_a_cell(world):
    column = importer_of("volunteering.teams").column("skills")
    assert column.parse is not None and column.parse("理发、法律;law") == ("hairdressing", "law")
    with pytest.raises(ValueError, match="飞行"):
        column.parse("飞行")
    with pytest.raises(NotVisible):
        put_in(world, "volunteering.teams", TEAMS | {"place": TWO}, by="secretary")

"""Resources from an office's sheet: by unit and name, once; what is wrong is told at its column."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from doorstep.kernel.declarations.registers import ImportRow
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.partnership.importing_lists import class_in, import_resource, minute_of, weekdays_in
from doorstep.modules.partnership.models_lists import Resource
from tests.partnership.lists_world import TODAY, Lists, build_lists

EMPTY = dict.fromkeys(("about", "capacity", "weekdays", "opens", "closes", "price", "yuan", "price_words"))


@pytest.fixture(autouse=True)
def today() -> Iterator[object]:
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def row(**changed: Any) -> ImportRow:
    given = {"unit": "演示单位partner", "name": "会议室", "resource_class": "space"}
    return ImportRow(number=2, values={**EMPTY, **given, **changed})


def test_added_changed_and_unchanged(lists: Lists) -> None:
    secretary = lists.actor("secretary")
    assert import_resource(secretary, row()) == "added"
    assert import_resource(secretary, row()) == "unchanged"
    assert (
        import_resource(secretary, row(price="low_fee", yuan=Decimal("12.5"), opens=540, closes=1080))
        == "changed"
    )
    found = Resource.objects.get()
    assert (found.fen, found.opens, found.closes, found.lock_version) == (1250, 540, 1080, 2)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unit": "没有这家"}, "unit"), ({"yuan": Decimal("5")}, "yuan"), ({"price": "market"}, "yuan"),
        ({"price": "low_fee", "yuan": Decimal("0.001")}, "yuan"), ({"opens": 900, "closes": 600}, "closes"),
        ({"capacity": 5000}, "capacity"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_column(lists: Lists, changed: dict, field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        import_resource(lists.actor("secretary"), row(**changed))
    assert refused.value.field == field and not Resource.objects.exists()


def test_a_unit_of_another_place_does_not_exist(lists: Lists) -> None:
    with pytest.raises(RuleViolation):
        import_resource(lists.actor("outsider"), row())


def test_cells_in_the_words_of_offices(lists: Lists) -> None:
    assert [minute_of(text) for text in ("9:00", "9点30", "24:00", "14：05")] == [540, 570, 1440, 845]
    assert [weekdays_in(text) for text in ("每天", "工作日", "周末", "周一、三、五", "星期日")] == [
        127,
        31,
        96,
        21,
        64,
    ]
    assert class_in("场地设施") == class_in("space") == "space"
    for read, text in (
        (minute_of, "25:00"),
        (minute_of, "早上"),
        (weekdays_in, "初一"),
        (weekdays_in, "、"),
        (class_in, "火箭"),
    ):
        with pytest.raises(ValueError, match="应"):
            read(text)

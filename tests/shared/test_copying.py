"""Rows by COPY and in one statement are as the ORM writes them: what is nothing is NULL, JSON too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from doorstep.kernel.places.models import Building
from doorstep.kernel.shared.copying import copy_rows, insert_rows

SHAPE = {"type": "Polygon", "coordinates": [[[121.6, 38.9], [121.7, 38.9], [121.7, 39.0], [121.6, 38.9]]]}


@pytest.mark.django_db
@pytest.mark.parametrize("write", [copy_rows, insert_rows])
def test_json_that_is_nothing_is_null(write: Callable[[Sequence[Building]], None]) -> None:
    common = {"place_code": "210202005011", "longitude": 121.6, "latitude": 38.9}
    write([Building(name=name, outline=outline, **common) for name, outline in (("一", None), ("二", SHAPE))])
    assert list(Building.objects.filter(outline__isnull=True).values_list("name", flat=True)) == ["一"]
    assert Building.objects.get(outline__isnull=False).outline == SHAPE

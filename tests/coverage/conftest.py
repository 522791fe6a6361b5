from collections.abc import Iterator

import pytest

from doorstep.kernel.shared import clock
from tests.coverage import world as district
from tests.grids.world import TODAY, World


@pytest.fixture(autouse=True)
def today() -> Iterator[object]:
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def world(db: None) -> World:
    world = district.build()
    district.draw()
    return world

from collections.abc import Iterator

import pytest

from doorstep.kernel.shared import clock
from tests.grids.world import TODAY, World
from tests.vanguard import world as district


@pytest.fixture(autouse=True)
def today() -> Iterator[object]:
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def world(db: None) -> World:
    return district.build()

import datetime as dt

import pytest

from doorstep.kernel.shared import clock
from tests.organisations import world


@pytest.fixture(autouse=True)
def today():
    with clock.fixed(dt.date(2026, 6, 15)) as day:
        yield day


@pytest.fixture
def places(db):
    world.build_places()

import datetime as dt

import pytest

from doorstep.kernel.shared import clock
from tests.matters import world as making


@pytest.fixture
def today():
    with clock.fixed(dt.date(2026, 6, 15)) as day:
        yield day


@pytest.fixture
def world(db, today):
    return making.build()

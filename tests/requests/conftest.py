import pytest

from doorstep.kernel.shared import clock
from tests.requests import world as making


@pytest.fixture
def today():
    with clock.fixed(making.TODAY) as day:
        yield day


@pytest.fixture
def world(db, today):
    return making.build()

import pytest

from doorstep.kernel.shared import clock
from tests.requests import world as making
from tests.requests.desks import Offices


@pytest.fixture
def today():
    with clock.fixed(making.TODAY) as day:
        yield day


@pytest.fixture
def world(db, today):
    return making.build()


@pytest.fixture
def offices(db, clock_fixed):
    return Offices()

import pytest

from doorstep.kernel.shared import clock
from tests.volunteering import world as district


@pytest.fixture(autouse=True)
def today():
    with clock.fixed(district.TODAY) as day:
        yield day


@pytest.fixture
def world(db) -> district.World:
    return district.build()

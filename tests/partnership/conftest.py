import pytest

from doorstep.kernel.shared import clock
from tests.partnership import world as district


@pytest.fixture(autouse=True)
def now():
    with clock.fixed(district.NOW) as instant:
        yield instant


@pytest.fixture
def world(db) -> district.World:
    return district.build()

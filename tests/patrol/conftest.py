import pytest

from tests.patrol import world


@pytest.fixture
def members(db, clock_fixed):
    return world.build()

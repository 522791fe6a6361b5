import pytest

from tests.chain.group_plans import world


@pytest.fixture
def ground(db) -> world.Ground:
    return world.build()

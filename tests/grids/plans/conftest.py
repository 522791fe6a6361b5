import pytest

from tests.grids.plans import world as plans


@pytest.fixture
def ground(db) -> plans.Ground:
    return plans.build()

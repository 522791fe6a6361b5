import pytest

from tests.grids.staffing import world as staffing


@pytest.fixture
def ground(db) -> staffing.Ground:
    return staffing.build()

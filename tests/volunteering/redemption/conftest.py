import pytest

from tests.volunteering.redemption import world as redemption


@pytest.fixture
def world(db, clock_fixed) -> redemption.World:
    return redemption.build()


@pytest.fixture
def fresh_world(fresh_database, clock_fixed, settings, tmp_path) -> redemption.World:
    """On a database of its own, for several connections."""
    settings.LEDGER_CHECKPOINTS = tmp_path
    return redemption.build()

import pytest

from tests.ledger import world


@pytest.fixture
def books(db):
    return world.build()


@pytest.fixture
def fresh_books(fresh_database, settings, tmp_path):
    """On a database of its own, for several connections and for the sealer."""
    settings.LEDGER_CHECKPOINTS = tmp_path
    return world.build()

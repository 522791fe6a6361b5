"""`doorstep demo reset` on a server of one's own: asked for twice, and then as on the first day."""

import pytest

from doorstep.launch import databases
from doorstep.launch.database_urls import cluster
from doorstep.launch.postgres import APPLICATION, OWNER
from tests.conftest import DEMO_DAY
from tests.launch.installation import Installation, installed

ASK = "SELECT (SELECT count(*) FROM places_grid WHERE code LIKE '210202%'), (SELECT count(*) FROM authority_account WHERE email <> '')"


@pytest.fixture
def installation(tmp_path, fresh_demo_database):
    urls = {
        "DATABASE_URL": cluster().url(OWNER, fresh_demo_database),
        "DATABASE_APP_URL": cluster().url(APPLICATION, fresh_demo_database),
    }
    with installed(tmp_path) as one:
        one.exported = urls | {"DOORSTEP_TODAY": DEMO_DAY.isoformat()}
        yield one


def found(database: str) -> tuple[int, int]:
    with databases.connect("application", database) as connection:
        grids, marked = connection.execute(ASK).fetchone() or (0, 0)
        return grids, marked


def test_only_with_yes_and_then_everything_is_new(installation: Installation, fresh_demo_database: str):
    with databases.connect("owner", fresh_demo_database) as connection:
        connection.execute(
            "UPDATE authority_account SET email = 'mark@example.org' WHERE username = 'street'"
        )
    asked = installation.command("demo", "reset")
    assert asked.returncode == 1 and "--yes" in asked.stderr
    refused = installation.command("demo", "reset", "--yes", PRODUCTION="1")
    assert refused.returncode == 1 and "PRODUCTION" in refused.stderr
    before = found(fresh_demo_database)
    assert before[1] == 1
    done = installation.command("demo", "reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert found(fresh_demo_database) == (before[0], 0)
    with databases.connect("application", fresh_demo_database) as connection:
        assert databases.fact(connection, "demo_day") == DEMO_DAY.isoformat()
        owned = connection.execute(
            "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
        )
        assert owned.fetchone() == (0,)

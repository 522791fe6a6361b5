"""The demo district: on a first start, after one that was cut off, and as on its first day again."""

import signal
import subprocess
import sys

import pytest

from doorstep.launch import databases, demo_district, templates
from doorstep.launch.locations import PROJECT
from doorstep.launch.messages import LaunchTrouble
from tests.clones import own_name
from tests.conftest import DEMO_DAY
from tests.launch.installation import Installation, installed, until


@pytest.fixture
def checkout(demo_database_name, clock_fixed, monkeypatch):
    """A database name of this test's own, at which nothing is yet."""
    name = own_name("checkout")
    monkeypatch.setenv("DOORSTEP_DATABASE", name)
    yield name
    databases.drop(name)


def count(name: str, table: str) -> int:
    with databases.connect("owner", name) as connection:
        (number,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return number


def test_a_first_start_has_the_district(checkout):
    demo_district.ensure()
    assert count(checkout, "places_grid") >= 715
    with databases.connect("application", checkout) as connection:
        assert databases.fact(connection, "demo_day") == DEMO_DAY.isoformat()


def test_a_later_start_keeps_everything(checkout):
    demo_district.ensure()
    with databases.connect("owner", checkout) as connection:
        connection.execute(
            "UPDATE authority_account SET email = 'kept@example.org' WHERE username = 'street'"
        )
    demo_district.ensure()
    with databases.connect("owner", checkout) as connection:
        row = connection.execute("SELECT email FROM authority_account WHERE username = 'street'").fetchone()
    assert row == ("kept@example.org",)


def test_a_database_with_something_in_it_is_left_alone(checkout):
    databases.prepare()
    make = "from doorstep.kernel.authority.models import Account as A; A.objects.create_user('first')"
    databases.manage("shell", "--no-imports", "-c", make)
    demo_district.ensure()
    assert count(checkout, "places_grid") == 0


def test_reset_gives_the_first_day_again_while_others_are_connected(checkout):
    demo_district.ensure()
    accounts = count(checkout, "authority_account")
    with databases.connect("owner", checkout) as somebody:
        somebody.execute("UPDATE authority_account SET is_demo = false")
        demo_district.reset(confirmed=True)
    with databases.connect("owner", checkout) as connection:
        row = connection.execute("SELECT count(*) FROM authority_account WHERE is_demo").fetchone()
    assert row == (accounts,)


def marked(name: str) -> bool:
    """What `mark` wrote is still there."""
    return count(name, "authority_account WHERE email = 'kept@example.org'") == 1


def mark(name: str) -> None:
    with databases.connect("owner", name) as connection:
        connection.execute(
            "INSERT INTO authority_account (username, email, password, is_demo, is_active, must_change_password, created_at)"
            " VALUES ('kept', 'kept@example.org', '', false, true, false, now())"
        )


def test_reset_asks_to_be_confirmed(checkout):
    demo_district.ensure()
    mark(checkout)
    with pytest.raises(LaunchTrouble, match="--yes"):
        demo_district.reset()
    assert marked(checkout)


def test_reset_refuses_in_production(checkout, monkeypatch):
    demo_district.ensure()
    mark(checkout)
    monkeypatch.setenv("PRODUCTION", "1")
    with pytest.raises(LaunchTrouble, match="PRODUCTION"):
        demo_district.reset(confirmed=True)
    assert marked(checkout)


def test_reset_refuses_what_is_not_the_demo(checkout):
    databases.prepare()
    mark(checkout)
    with pytest.raises(LaunchTrouble, match="不是演示城区"):
        demo_district.reset(confirmed=True)
    assert marked(checkout)


def test_reset_where_nothing_is_gives_the_demo(checkout):
    demo_district.reset(confirmed=True)
    assert count(checkout, "places_grid") >= 715


def test_the_cast_can_be_shown():
    assert {"district", "street", "secretary", "worker"} <= {
        username for username, _role, _line in demo_district.cast()
    }


@pytest.fixture
def installation(tmp_path):
    with installed(tmp_path) as one:
        yield one


def test_a_template_whose_making_was_killed_is_never_cloned(installation: Installation):
    make = "from doorstep.launch import templates; print(templates.empty_template())"
    show = f"from doorstep.launch import databases; print(databases.names({templates.EMPTY!r}))"
    with_database = "from doorstep.launch.database_urls import cluster\nwith cluster().in_use():\n    {}"

    def python(code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", with_database.format(code)]
        environment = installation.environment()
        return subprocess.Popen(command, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True)

    def shown() -> str:
        return python(show).communicate(timeout=60)[0].strip()

    first = python(make)
    until(lambda: f"['{templates.EMPTY}unfinished_" in shown())
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    made = python(make).communicate(timeout=120)[0].strip()
    assert made == f"{templates.EMPTY}{databases.migrations_hash()}"
    assert shown() == f"['{made}']"

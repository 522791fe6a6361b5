"""The command as it is typed."""

import re

import pytest

from tests.launch.installation import installed


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("cli")) as one:
        yield one


def test_help_names_every_command(installation):
    shown = installation.command("--help").stdout
    for command in ("run", "serve", "worker", "scheduler", "manage", "bootstrap", "places import", "figures", "brief",
                    "audit verify", "demo", "build"):  # fmt: skip
        assert re.search(rf"^ +{command}\b", shown, re.MULTILINE), command


def test_an_unknown_command_is_a_wrong_command_line(installation):
    result = installation.command("dance")
    assert result.returncode == 2
    assert "invalid choice" in result.stderr


@pytest.mark.parametrize(
    "words", [["figures"], ["places", "import"], ["brief"], ["audit", "verify"], ["bootstrap"]]
)
def test_each_command_has_help_of_its_own(installation, words):
    result = installation.command(*words, "--help")
    assert result.returncode == 0, result.stderr
    assert "usage: doorstep" in result.stdout


def test_a_command_on_a_new_checkout_makes_the_database(installation):
    count = "from doorstep.kernel.authority.models import Account as A; print(A.objects.count())"
    assert installation.query(count) == "0"
    assert not installation.database_runs()


def test_migrate_runs_as_the_owner(installation):
    assert installation.command("manage", "migrate").returncode == 0
    assert installation.command("manage", "migrate", "authority").returncode == 0


def test_serve_wants_current_migrations(installation):
    shell = (
        "from doorstep.launch import databases; c = databases.connect('owner');"
        "databases.remember(c, 'migrations', 'old')"
    )
    installation.query(shell)
    result = installation.command("serve")
    assert result.returncode == 1
    assert "doorstep manage migrate" in result.stderr
    assert installation.command("manage", "migrate").returncode == 0
    installation.start("serve")
    assert installation.answers()
    assert installation.interrupt() == 0


def test_an_unreachable_server_is_said_in_a_line(installation):
    result = installation.command("figures", DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/nothing")
    assert result.returncode == 1
    assert "cannot be reached" in result.stderr and "DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr

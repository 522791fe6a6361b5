"""A first start: what a second run is told meanwhile, and whose folders the database takes."""

import fcntl
import os
import stat

import pytest

from doorstep.launch.locations import PROJECT
from tests.launch.installation import Installation, installed, until


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("first")) as one:
        yield one


def test_a_second_run_meanwhile_says_how_far_the_first_is(installation: Installation):
    folder = installation.database_folder()
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # the first start waits here for as long as we like
        installation.begin()
        until(lambda: '"phase": "database"' in installation.noted(), 60)
        second = installation.command("run")
    assert installation.process
    assert second.returncode == 0, second.stderr
    assert f"preparing the database at http://127.0.0.1:{installation.port}" in second.stdout
    assert f"(process {installation.process.pid})" in second.stdout
    installation.until_served()
    third = installation.command("run")
    assert f"already running at http://127.0.0.1:{installation.port}" in third.stdout
    assert installation.interrupt() == 0


def test_the_database_s_folders_are_its_own_and_no_other_is_loosened(installation: Installation):
    """Run by root the cluster belongs to a system user, below the state folder; each folder above stays as it was."""
    folder = installation.database_folder()
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    if os.geteuid() != 0:
        assert folder.is_relative_to(installation.folder)
        return
    assert folder.is_relative_to("/var/lib/doorstep")
    owner = folder.stat().st_uid
    assert owner != 0 and (folder / "data").stat().st_uid == owner
    mine = [path for path in folder.parents if path.is_relative_to("/var/lib/doorstep")]
    assert all(path.stat().st_uid == 0 and not path.stat().st_mode & 0o022 for path in mine)
    kept = ("master-key", "secret-key", "database-passwords.json")
    assert all(stat.S_IMODE((installation.folder / name).stat().st_mode) & 0o077 == 0 for name in kept)


def test_a_home_stays_closed(tmp_path):
    """A checkout's working folder in a home nobody else may enter: it works, and the home is as closed as before."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "checkout").mkdir(mode=0o700)
    above = [home, home / "checkout", PROJECT, *PROJECT.parents]
    before = {path: path.stat().st_mode for path in above}
    with installed(home / "checkout") as closed:
        assert (
            closed.query("from django.db import connection as c; c.ensure_connection(); print('reached')")
            == "reached"
        )
        assert {path: path.stat().st_mode for path in above} == before

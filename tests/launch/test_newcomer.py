"""`doorstep run` as a newcomer types it, nothing set: the demo district is there, its cast printed, everything kept."""

import pytest

from doorstep.demo.cast import CAST
from doorstep.launch import databases
from doorstep.launch.database_urls import cluster
from doorstep.launch.locations import working_folder
from tests.clones import own_name
from tests.conftest import DEMO_DAY
from tests.launch.installation import Installation

MARK = "from doorstep.kernel.authority.models import Account as A; A.objects.filter(username='street').update(email='kept@example.org')"
SHOW = (
    "from doorstep.kernel.authority.models import Account as A; print(A.objects.get(username='street').email)"
)
GRIDS = "from doorstep.kernel.places.models import Grid as G; print(G.objects.filter(code__startswith='210202').count())"


@pytest.fixture
def newcomer(demo_database_name, tmp_path):
    """A working folder of its own over the cluster for tests, so that the district is cloned from the template that is
    there and not made anew."""
    for entry in working_folder().iterdir():
        if not entry.name.startswith("run."):
            (tmp_path / entry.name).symlink_to(entry)
    name = own_name("newcomer")
    here = {
        "DOORSTEP_CLUSTER": cluster().name, "DOORSTEP_DATABASE": name, "DOORSTEP_TODAY": DEMO_DAY.isoformat(),
        "DEMO": None,
    }  # fmt: skip
    one = Installation(tmp_path, exported=here)
    try:
        yield one
    finally:
        if one.process and one.process.poll() is None:
            one.interrupt()
        databases.drop(name)


def cast_in(output: str) -> list[str]:
    return [member.username for member in CAST if f"    {member.username} " in output]


def test_first_start_and_second_start(newcomer: Installation):
    newcomer.start()
    first = newcomer.output()
    assert f"http://127.0.0.1:{newcomer.port}" in first and newcomer.answers()
    assert cast_in(first) == [member.username for member in CAST]
    assert newcomer.query(GRIDS) == "715"
    newcomer.query(MARK)
    assert newcomer.interrupt() == 0
    newcomer.start()
    assert cast_in(newcomer.output()) == cast_in(first)
    assert newcomer.query(SHOW) == "kept@example.org"
    assert newcomer.interrupt() == 0
    assert not newcomer.answers()

"""What the figure engine and the cockpit add to the database's own work."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measuring import DEMO_DAY, Measured, Stage, bench, in_turn
from doorstep.kernel.authority.models import Account
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.shared import clock

ROUNDS = 30
PLACE = "210202"
KEYS = (
    "chain.building_groups", "chain.community_organisations", "chain.grid_branches", "chain.member_households",
    "grids.grids", "grids.workers",
)  # fmt: skip
PERIOD = "valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s)"
INSIDE = "{column} >= %(place)s AND {column} < %(after)s"
UNITS = (
    "(SELECT count(*) FROM organisations_unitversion"
    f" WHERE kind = '{{kind}}' AND {INSIDE.format(column='place_code')} AND {PERIOD})"
)
BY_HAND = "SELECT " + ", ".join(
    [
        UNITS.format(kind="building_party_group"),
        UNITS.format(kind="community_party_organisation"),
        UNITS.format(kind="grid_party_branch"),
        f"(SELECT count(*) FROM chain_memberhousehold WHERE {INSIDE.format(column='place_code')} AND {PERIOD})",
        f"(SELECT count(*) FROM places_grid WHERE {INSIDE.format(column='code')} AND {PERIOD})",
        "(SELECT count(DISTINCT person_id) FROM organisations_appointment WHERE post = 'grid_worker' AND full_time"
        f" AND substitute_for_id IS NULL AND {INSIDE.format(column='place_code')} AND {PERIOD})",
    ]
)


def median_seconds(work: Callable[[], Any]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


@bench("figures of the whole district, against hand-written SQL", aim=1.5)
def district_figures(stage: Stage) -> Measured:
    with stage.demo(), clock.fixed(DEMO_DAY):

        def by_hand() -> list[int]:
            with connection.cursor() as cursor:
                cursor.execute(BY_HAND, {"place": PLACE, "after": PLACE + ":", "on": DEMO_DAY})
                return list(cursor.fetchone())

        def ours() -> list[Any]:
            return [figure.value for figure in figures(PLACE, on=DEMO_DAY, keys=KEYS)]

        assert ours() == by_hand(), (ours(), by_hand())
        return Measured(*in_turn(ours, by_hand, repeats=200), note="six figures")


@bench("cockpit page, against the same template without data", aim=4)
def cockpit_page(stage: Stage) -> Measured:
    """The bare side is the cockpit of a county that has nothing in it: same view, same template."""
    from doorstep.kernel.places.models import Area
    from doorstep.kernel.shared.names import name_keys

    with stage.demo(), clock.fixed(DEMO_DAY):
        client = Client()
        client.force_login(Account.objects.get(username="district"))
        client.get(f"/desk/cockpit/{PLACE}/")  # the first visit after signing in also writes the session
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/desk/cockpit/{PLACE}/").status_code == 200
            asked = len(queries)  # the log is emptied by the next request
        full = median_seconds(lambda: client.get(f"/desk/cockpit/{PLACE}/"))
        empty = _empty_street(Area, name_keys)
        assert client.get(f"/desk/cockpit/{empty}/").status_code == 200
        bare = median_seconds(lambda: client.get(f"/desk/cockpit/{empty}/"))
        return Measured(full, bare, note=f"{asked} queries, aim ≤ 15")


def _empty_street(area: Any, name_keys: Callable[[str], dict[str, str]]) -> str:
    """A street of the district without anything in it."""
    code = "210202998"
    area.objects.create(code=code, level="street", parent_id=PLACE, edition=2023, **name_keys("空街道"))
    return code

"""What the figure engine and the cockpit add to the database's own work."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from bench.measuring import DEMO_DAY, Measured, Stage, bench, in_turn, medians_in_turn
from doorstep.kernel.authority.models import Account
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys

ROUNDS = 30
MOST_QUERIES = 15
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


@bench("every figure of the whole district, against its own statements typed by hand", aim=1.5)
def every_figure(stage: Stage) -> Measured:
    """The bare side sends the text of the statements that the engine sends, and nothing else."""
    with stage.demo(), clock.fixed(DEMO_DAY):

        def ours() -> list[Any]:
            return figures(PLACE, on=DEMO_DAY)

        known = len(ours())  # the first time also compiles the statements
        with CaptureQueriesContext(connection) as sent:
            ours()
        statements = [query["sql"] for query in sent.captured_queries]

        def by_hand() -> None:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    cursor.fetchall()

        note = f"{known} figures, {len(statements)} statements"
        return Measured(*in_turn(ours, by_hand, repeats=ROUNDS), note=note)


@bench("cockpit page, against the same template on an empty context", aim=4)
def cockpit_page(stage: Stage) -> Measured:
    """Both sides are whole requests of the same officer: the frame of the page, its middleware and its navigation."""
    with stage.demo(), clock.fixed(DEMO_DAY), override_settings(ROOT_URLCONF="bench.bare_pages"):
        client = Client()
        client.force_login(Account.objects.get(username="district"))

        def full() -> None:
            assert client.get(f"/desk/cockpit/{PLACE}/").status_code == 200

        def bare() -> None:
            assert client.get(f"/bare/desk/cockpit.html?place={PLACE}").status_code == 200

        full()  # the first visit after signing in also writes the session
        with CaptureQueriesContext(connection) as queries:
            full()
            asked = len(queries)  # the log is emptied by the next request
        missed = f"more than {MOST_QUERIES} queries" if asked > MOST_QUERIES else ""
        seconds = medians_in_turn(full, bare, repeats=ROUNDS)
        return Measured(*seconds, note=f"{asked} queries, aim ≤ {MOST_QUERIES}", missed=missed)


@bench("cockpit page, against the same page of a place in which nothing is recorded", aim=4)
def cockpit_of_nothing(stage: Stage) -> Measured:
    """The bare side asks the same questions and draws the same template, without data."""
    with stage.demo(), clock.fixed(DEMO_DAY), override_settings(ALLOWED_HOSTS=["*"]):
        empty = Area.objects.create(
            code="210202998", level="street", parent_id=PLACE, edition=2023, **name_keys("空街道")
        )
        client = Client()
        client.force_login(Account.objects.get(username="district"))

        def full() -> None:
            assert client.get(f"/desk/cockpit/{PLACE}/").status_code == 200

        def bare() -> None:
            assert client.get(f"/desk/cockpit/{empty.code}/").status_code == 200

        return Measured(*medians_in_turn(full, bare, repeats=ROUNDS))

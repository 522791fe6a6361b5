"""Fixtures of every test: a real PostgreSQL, as the application role, on clones of databases made once.

- `db` (or `@pytest.mark.django_db`): this worker's migrated database; the test's changes are rolled back.
- `fresh_database`: a migrated database for this test alone, for tests with several connections or threads.
- `demo_database`: this worker's demo district on the fixed day; the test's changes are rolled back.
- `fresh_demo_database`: a demo district for this test alone.
- `clock_fixed`: the day of the demo district, for tests without it.
- tests/browsers.py has those with a server and Chromium.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from pytest_django import DjangoDbBlocker

from doorstep.launch import templates
from doorstep.launch.database_urls import cluster
from tests.browsers import (  # noqa: F401  fixtures
    DEMO_DAY,
    browser_type_launch_args,
    desktop,
    fresh_live_server,
    live_server_on_demo,
    page_for,
    phone,
    planning_server,
    standing_server,
    studio_server,
)
from tests.clones import back_from_the_demo, drop_left_behind, own_database, own_name, point_at, pointed_at

OWN_DATABASE = {
    "fresh_database",
    "demo_database",
    "fresh_demo_database",
    "live_server_on_demo",
    "fresh_live_server",
    "planning_server",
    "studio_server",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-access", action="store_true", help="write the table of tests/web/test_every_address.py"
    )


# what takes longest begins first, so that both workers end together
LONGEST_FIRST = ("tests/launch/", "tests/browser/", "tests/web/test_every", "tests/patrol/", "tests/demo/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: next(
            (n for n, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), 9
        )
    )
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark and (mark.args or mark.kwargs.get("transaction")):
            pytest.exit(f"{item.nodeid}: the application role may not empty tables; use `fresh_database`.")
        if mark and OWN_DATABASE.intersection(getattr(item, "fixturenames", ())):
            pytest.exit(
                f"{item.nodeid}: its fixture brings a database of its own; take the mark `django_db` away."
            )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if "demo_database" not in getattr(item, "fixturenames", ()):
        back_from_the_demo()


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[None]:
    with cluster().in_use():
        yield


@pytest.fixture(scope="session")
def django_db_setup(running_cluster: None, django_test_environment: None) -> Iterator[None]:
    drop_left_behind()
    with own_database(own_name("main"), templates.empty_template()) as name:
        point_at(name)
        yield
        point_at(name)


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A clone of the empty database, dropped afterwards; gives its name. Nothing wraps it in a transaction."""
    template = templates.empty_template()
    with own_database(own_name("fresh"), template) as name, pointed_at(name, django_db_blocker):
        yield name


@pytest.fixture
def clock_fixed(monkeypatch: pytest.MonkeyPatch) -> date:
    """Today is the day of the demo district, in threads and started processes too."""
    monkeypatch.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
    return DEMO_DAY


@pytest.fixture(scope="session")
def demo_database_name(django_db_setup: None) -> Iterator[str]:
    """This worker's clone of the demo district, for reading."""
    with own_database(own_name("demo"), templates.demo_template(DEMO_DAY)) as name:
        yield name
        back_from_the_demo()


@pytest.fixture
def demo_database(
    demo_database_name: str, clock_fixed: date, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The demo district on its fixed day, inside a transaction that is rolled back.

    The connection stays for the next such test: a new one knows nothing of the tables yet, which costs more than most
    tests do.
    """
    from django.db import connection, transaction

    with django_db_blocker.unblock():
        if connection.settings_dict["NAME"] != demo_database_name:
            point_at(demo_database_name)
        with transaction.atomic():
            yield demo_database_name
            transaction.set_rollback(True)


@pytest.fixture
def fresh_demo_database(
    django_db_setup: None, clock_fixed: date, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A demo district for this test alone, dropped afterwards; nothing wraps it in a transaction."""
    template = templates.demo_template(DEMO_DAY)
    with own_database(own_name("fresh_demo"), template) as name, pointed_at(name, django_db_blocker):
        yield name

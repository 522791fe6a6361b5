"""Fixtures of every test: a real PostgreSQL, as the application role, on clones of databases made once.

- `db` (or `@pytest.mark.django_db`): this worker's migrated database; the test's changes are rolled back.
- `fresh_database`: a migrated database for this test alone, for tests with several connections or threads.
- `demo_database`: this worker's demo district on the fixed day; the test's changes are rolled back.
- `clock_fixed`: the day of the demo district, for tests without it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from doorstep.launch import databases, templates
from doorstep.launch.database_urls import cluster

DEMO_DAY = date(2026, 6, 15)
PREFIX = "doorstep_test_"
OWN_DATABASE = {"fresh_database", "demo_database", "fresh_demo_database"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark and (mark.args or mark.kwargs.get("transaction")):
            pytest.exit(f"{item.nodeid}: the application role may not empty tables; use `fresh_database`.")
        if mark and OWN_DATABASE.intersection(getattr(item, "fixturenames", ())):
            pytest.exit(
                f"{item.nodeid}: its fixture brings a database of its own; take the mark `django_db` away."
            )


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[None]:
    with cluster().in_use():
        yield


@pytest.fixture(scope="session")
def django_db_setup(running_cluster: None, django_test_environment: None) -> Iterator[None]:
    _drop_left_behind()
    with _database(_own_name("main"), templates.empty_template()) as name:
        _point_at(name)
        yield
        _disconnect()


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A clone of the empty database, dropped afterwards; gives its name. Nothing wraps it in a transaction."""
    with (
        _database(_own_name("fresh"), templates.empty_template()) as name,
        _pointed_at(name, django_db_blocker),
    ):
        yield name


@pytest.fixture
def clock_fixed(monkeypatch: pytest.MonkeyPatch) -> date:
    """Today is the day of the demo district, in threads and started processes too."""
    monkeypatch.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
    return DEMO_DAY


@pytest.fixture(scope="session")
def demo_database_name(django_db_setup: None) -> Iterator[str]:
    """This worker's clone of the demo district, for reading."""
    with _database(_own_name("demo"), templates.demo_template(DEMO_DAY)) as name:
        yield name


@pytest.fixture
def demo_database(
    demo_database_name: str, clock_fixed: date, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The demo district on its fixed day, inside a transaction that is rolled back."""
    from django.db import transaction

    with _pointed_at(demo_database_name, django_db_blocker), transaction.atomic():
        yield demo_database_name
        transaction.set_rollback(True)


@pytest.fixture
def fresh_demo_database(
    django_db_setup: None, clock_fixed: date, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A demo district for this test alone, dropped afterwards; nothing wraps it in a transaction."""
    template = templates.demo_template(DEMO_DAY)
    with _database(_own_name("fresh_demo"), template) as name, _pointed_at(name, django_db_blocker):
        yield name


def _own_name(purpose: str) -> str:
    return f"{PREFIX}{os.getpid()}_{purpose}"


@contextlib.contextmanager
def _database(name: str, template: str) -> Iterator[str]:
    databases.clone(template, name)
    try:
        yield name
    finally:
        databases.drop(name)


@contextlib.contextmanager
def _pointed_at(name: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    usual = connection.settings_dict["NAME"]
    with blocker.unblock():
        _point_at(name)
        try:
            yield
        finally:
            _disconnect()
            _point_at(usual)


def _point_at(name: str) -> None:
    """Every thread's connection opens on `name` from now on."""
    _disconnect()
    connection.settings_dict["NAME"] = name
    os.environ["DOORSTEP_DATABASE"] = name  # for processes that tests start


def _disconnect() -> None:
    connection.close()


def _drop_left_behind() -> None:
    """Databases of test processes that were killed."""
    for name in databases.names(PREFIX):
        owner = int(name.removeprefix(PREFIX).partition("_")[0])
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            databases.drop(name)

"""The places at which people are registered."""

from __future__ import annotations

import pytest

from tests.authority.cast import make_places


@pytest.fixture(autouse=True)
def registering_places(request: pytest.FixtureRequest) -> None:
    """In whichever database the test has."""
    if "fresh_database" in request.fixturenames:
        request.getfixturevalue("fresh_database")
    elif request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
    else:
        return
    make_places()

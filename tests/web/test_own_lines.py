"""Every address of the desk in the side navigation of who sees all of it: in its own line, and in nobody else's."""

from __future__ import annotations

import re

import pytest

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.web.frame import navigation
from tests.web.addresses import routes

pytestmark = pytest.mark.usefixtures("demo_database")
# of every register, by its key; and what is reached from a page of several lines, or is of other posts than the district's
NOWHERE = (
    "desk/r/", "desk/accounts/", "desk/administrators/", "desk/audit/", "desk/extend/", "desk/figures/", "desk/filters/",
    "desk/hand-over/", "desk/jobs/", "desk/keys/", "desk/lists/", "desk/together/", "desk/grids/end/", "desk/grids/new/",
    "desk/culture/close/", "desk/culture/end/", "desk/culture/new/", "desk/volunteering/end/", "desk/volunteering/new/",
    "desk/vanguard/end/", "desk/vanguard/give/", "desk/vanguard/new/", "desk/vanguard/told/",
)  # fmt: skip


def line_of(path: str, username: str = "district") -> str:
    drawn = navigation.groups(actor_for(Account.objects.get(username=username)), path.partition("?")[0])
    (*others, here) = [
        "",
        *(line.href for group in drawn for line in (*group.lines, *group.folded) if line.current),
    ]
    assert len(others) <= 1, "one stands in one line"
    return here


def filled(route: str) -> str:
    return "/" + re.sub(r"<[^>]*>|\^?\(\?P<[^)]*\)\$?", "1", route)


def test_each_address_of_the_desk_marks_its_own_line() -> None:
    marked = {route: line_of(filled(route)) for route in routes() if route.startswith("desk/")}
    assert marked.pop("desk/") == "/desk/"
    assert [route for route, line in marked.items() if line == "/desk/"] == [], "my work is one page"
    for part, line in (
        ("desk/units/", "/desk/r/units/"), ("desk/people/", "/desk/r/people/"), ("desk/matters/", "/desk/matters/"),
        ("desk/appointments/", "/desk/r/appointments/"), ("desk/chain/units/", "/desk/chain/"),
        ("desk/chain/breaks/", "/desk/chain/breaks/"), ("desk/brief/", "/desk/brief/"),
    ):  # fmt: skip
        of_it = {line for route, line in marked.items() if route.startswith(part)}
        assert of_it == {line}, part
    assert {route for route, line in marked.items() if not line and not route.startswith(NOWHERE)} == set()
    for path, line in (
        ("/places/venues/7/", "/desk/r/places.venues/"), ("/desk/r/people/record/7/", "/desk/r/people/"),
        ("/desk/terms/new/", "/desk/r/matters.terms/"), ("/desk/r/units/import/", "/desk/r/units/"),
    ):  # fmt: skip
        assert line_of(path) == line

"""Hours by kind and place: they add up to what was credited, each line opens its records, nobody is ranked by name."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.modules.volunteering.selectors_hours import hours_of
from tests.sign_in import client_of
from tests.volunteering.world import DISTRICT, ONE, STREET, TODAY, approved, volunteers

YEAR = dt.date(TODAY.year, 1, 1)


def test_by_kind_and_by_place(world):
    one, two = volunteers(2)
    approved(world, [one.person_id, two.person_id], hours=2)
    approved(world, [one.person_id], hours=1, category="repair", day=TODAY - dt.timedelta(days=2))
    found = hours_of(world.actor("district"), DISTRICT, YEAR, TODAY)
    assert [(line.code, line.minutes, line.people) for line in found.by_kind] == [
        ("repair", 60, 1),
        ("visiting", 240, 2),
    ]
    assert [(line.code, line.minutes, line.people) for line in found.by_place] == [(STREET, 300, 2)]
    assert (found.minutes, found.most) == (300, 300)
    assert [line.code for line in hours_of(world.actor("street"), STREET, YEAR, TODAY).by_place] == [ONE]
    assert hours_of(world.actor("outsider"), DISTRICT, YEAR, TODAY).by_kind == []
    assert hours_of(world.actor("district"), DISTRICT, YEAR, TODAY - dt.timedelta(days=3)).minutes == 240


def test_the_number_of_statements_does_not_grow(world):
    counts = []
    for number in range(2):
        for kind in ("visiting", "repair", "order")[: 1 + 2 * number]:
            people = [each.person_id for each in volunteers(2)]
            approved(world, people, hours=1, category=kind, day=TODAY - dt.timedelta(days=5 + 5 * number))
        actor = world.actor("district")
        hours_of(actor, DISTRICT, YEAR, TODAY)  # the names of kinds are kept from now on
        with CaptureQueriesContext(connection) as asked:
            hours_of(actor, DISTRICT, YEAR, TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_page(world):
    approved(world, [each.person_id for each in volunteers(1)], hours=2)
    client = client_of(world.accounts["street"])
    page = client.get("/desk/volunteering/hours/").content.decode()
    assert "探访陪伴" in page and "service=visiting" in page
    assert (
        "还没有服务记录"
        in client.get("/desk/volunteering/hours/?on=2020-01-31&since=2020-01-01").content.decode()
    )
    for odd in ("since=x", "on=2026-02-30", "since=2030-01-01"):
        assert client.get(f"/desk/volunteering/hours/?{odd}").status_code == 200
    assert client.get("/desk/volunteering/hours/?place=210202006").status_code == 404
    assert client_of(world.accounts["resident"]).get("/desk/volunteering/hours/").status_code == 404

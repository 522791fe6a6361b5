"""How long requests take and where they lie: told from the history as it was, not from how they stand today."""

import datetime as dt

import pytest
from django.test import RequestFactory

from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.web.register_pages.asking import ask
from doorstep.kernel.web.register_pages.paging import page_of
from doorstep.modules.requests.models import WhistleCall
from doorstep.modules.requests.selectors_rates import whistle_record
from tests.requests.test_whistle import issued
from tests.requests.world import COMMUNITY, STREET, TODAY, clock, reported


@pytest.fixture
def later():
    """Steps so many hours after the matter was opened."""

    def act(world, who: str, matter: Matter, name: str, hours: float, **inputs) -> Matter:
        at = matter.opened_at + dt.timedelta(hours=hours)
        return matters.apply_transition(
            actor=world[who], matter_id=matter.pk, name=name, inputs=Inputs(**inputs), at=at
        )

    return act


def values(*keys: str, place: str = COMMUNITY, on: dt.date = TODAY) -> list:
    return [
        each.value for each in figures(place, on=on, since=TODAY, keys=[f"requests.{key}" for key in keys])
    ]


def test_pauses_and_what_was_done_again_are_part_of_the_work(world, later):
    matter = reported(world).matter
    later(world, "worker", matter, "accept", 1)
    later(world, "worker", matter, "suspend", 2, note="等配件", until=TODAY + dt.timedelta(days=7))
    later(world, "worker", matter, "resume", 4)
    later(world, "worker", matter, "handle", 5, note="换了")
    later(world, "street", matter, "rework", 6, internal="还是不亮")
    later(world, "worker", matter, "handle", 8, note="又换了")
    later(world, "street", matter, "verify", 8.5, note="亮了")
    assert values("respond_median", "handle_median", "verify_median", "whole_median") == [1, 7, 0.5, 8.5]


def test_another_unit_taking_it_on_is_no_second_answer(world, later):
    matter = reported(world).matter
    later(world, "worker", matter, "accept", 1)
    later(world, "street", matter, "dispatch", 2, unit_id=world.department.pk)
    later(world, "department", matter, "accept", 6)
    assert values("respond_median", "respond_p90") == [1, 1]


def test_a_reopened_request_starts_anew(world, later):
    matter = reported(world).matter
    later(world, "worker", matter, "accept", 0)
    later(world, "worker", matter, "handle", 1, note="换了")
    later(world, "community", matter, "verify", 2, note="看过了")
    later(world, "resident", matter, "ask_reopen", 5, note="又坏了")
    later(world, "community", matter, "reopen", 6, note="再去")
    later(world, "worker", matter, "handle", 8, note="换了线")
    later(world, "street", matter, "verify", 9, note="好了")
    assert values("whole_median") == [3]  # 2 hours, then 4 from the asking
    assert values("handle_median") == [1.5]


def test_time_lies_with_the_unit_that_had_it(world, later):
    """A department that sends it back after five hours had it for five hours."""
    matter = reported(world).matter
    later(world, "street", matter, "dispatch", 1, unit_id=world.department.pk)
    later(world, "department", matter, "return", 6, internal="不归我们")
    assert values("dwell_department", "dwell_community") == [5, 1]


def test_a_dwell_figure_opens_its_steps_the_longest_first(world, later):
    first, second = reported(world).matter, reported(world).matter
    for matter, hours in ((first, 6), (second, 9)):
        later(world, "street", matter, "dispatch", 1, unit_id=world.department.pk)
        later(world, "department", matter, "return", hours, internal="不归我们")
    query = {
        "figure": "requests.dwell_department",
        "figure_since": f"{TODAY}",
        "place": COMMUNITY,
        "on": f"{TODAY}",
    }
    request = RequestFactory().get("/", query)
    request.actor = world["street"]
    asked = ask(request, "requests.steps")
    page = page_of(asked.rows, asked.register.order, size=1)
    rest = page_of(asked.rows, asked.register.order, size=1, after=page.after)
    assert [(row.matter, row.lain) for row in (*page.rows, *rest.rows)] == [
        (second, 8 * 3600),
        (first, 5 * 3600),
    ]


def test_what_lay_still_on_a_past_day_is_told_by_the_history(world, later):
    matter = reported(world).matter
    later(world, "street", matter, "dispatch", 1, unit_id=world.department.pk)
    day = TODAY + dt.timedelta(days=6)
    with clock.fixed(TODAY + dt.timedelta(days=10)):
        assert values("stalled_department", "stalled_community", on=day) == [1, 0]
        later(world, "department", matter, "accept", 24 * 9)
        later(world, "department", matter, "handle", 24 * 9 + 1, note="好了")
        later(world, "street", matter, "verify", 24 * 9 + 2, note="看过了")
        assert values("stalled_department", "stalled_community", on=day) == [1, 0]
        assert values("stalled_department", on=TODAY + dt.timedelta(days=2)) == [0]
        assert values("stalled_department", on=TODAY + dt.timedelta(days=10)) == [0]


def test_a_department_that_never_answers_is_late(world):
    issued(world)
    WhistleCall.objects.update(arrive_by=clock.now() - dt.timedelta(hours=1))
    records = whistle_record(world["street"], STREET, TODAY, TODAY)
    assert [(each.due, each.in_time, each.accepted) for each in records] == [(1, 0, 0)] * 2
    WhistleCall.objects.update(objected_at=clock.now(), objection="不归我们")
    assert [each.due for each in whistle_record(world["street"], STREET, TODAY, TODAY)] == [0, 0]

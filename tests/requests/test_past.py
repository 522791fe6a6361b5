"""Past requests and whistles come in by the rules of the live path, with what was said of them; once."""

import datetime as dt
from dataclasses import replace

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_links import Piece
from doorstep.kernel.matters.services_past import PastMatter, PastStep, key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.modules.requests import selectors_rates
from doorstep.modules.requests.models import CallBack, Rating, Request, Whistle, WhistleCall
from doorstep.modules.requests.services_past import (
    PastCall,
    PastCallBack,
    PastRating,
    PastRequest,
    PastWhistle,
    bring_requests,
    bring_whistles,
)
from doorstep.modules.requests.services_steps import split_request
from tests.requests.world import GRID, STREET, reported

OPENED = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)


def after(days):
    return OPENED + dt.timedelta(days=days)


def past(world, number=1, **more):
    people, unit = world.people, world.committee.pk
    matter = PastMatter(
        number=number, at=OPENED, person_id=people["resident"].pk,
        new=NewMatter(
            kind="request", place_code=GRID, title="路灯不亮", source="phone", item="env.lamp", category="environment",
            reporter_id=people["resident"].pk, holder_id=unit, key=key_of("demo", str(number)),
        ),
        steps=(
            PastStep(name="accept", at=after(1), person_id=people["worker"].pk, unit_id=unit),
            PastStep(name="handle", at=after(2), person_id=people["worker"].pk, unit_id=unit, inputs=Inputs(note="好")),
            PastStep(name="verify", at=after(3), person_id=people["community"].pk, unit_id=unit, inputs=Inputs(note="好")),
        ),
    )  # fmt: skip
    said = {
        "call_backs": (
            PastCallBack(
                at=after(5), person_id=people["caller"].pk, contacted=True, solved=True, satisfaction=4
            ),
        ),
        "ratings": (PastRating(at=after(4), solved=True, satisfaction=5),),
    }
    return PastRequest(**({"matter": matter} | said | more))


def test_past_requests_with_what_was_said(world):
    brought = bring_requests(
        actor=world["street"], cases=[past(world, 1), past(world, 2, call_backs=(), ratings=())]
    )
    assert (brought.added, brought.problems) == (2, [])
    request = Request.objects.select_related("matter", "item").order_by("pk")[0]
    assert (request.matter.state, request.item.code, request.on_the_spot) == ("closed", "env.lamp", False)
    assert (CallBack.objects.get().closing, Rating.objects.get().closing) == (4, 4)
    rates = selectors_rates.rates_of(world["street"], STREET, OPENED.date(), after(30).date())
    assert (rates.counts.closed, rates.counts.covered, rates.resolution.value) == (2, 1, 1.0)
    assert Entry.objects.filter(action="requests.call_back").count() == 1
    again = bring_requests(actor=world["street"], cases=[past(world, 1)])
    assert (again.added, again.known, Request.objects.count()) == (0, 1, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at": OPENED}, "结案之后"), ({"satisfaction": None}, "不完整"), ({"invalid_reason": "no_answer"}, "不完整"),
        ({"solved": False}, "要求重办"), ({"satisfaction": 2}, "要求重办"),
    ],
)  # fmt: skip
def test_wrong_call_backs_are_told_by_row(world, change, words):
    case = past(world, 7)
    bad = replace(case, call_backs=(replace(case.call_backs[0], **change),))
    brought = bring_requests(actor=world["street"], cases=[bad, past(world, 8)])
    assert brought.added == 1 and [problem.row for problem in brought.problems] == [7]
    assert words in str(brought.problems[0].message)


def test_other_wrong_cases(world):
    case = past(world, 7)
    by_handler = replace(case.call_backs[0], person_id=world.people["worker"].pk)
    unknown = replace(case.matter, new=replace(case.matter.new, item="no.such"))
    cases = [
        replace(case, call_backs=(by_handler,)), replace(case, matter=unknown),
        replace(case, call_backs=case.call_backs * 2), replace(case, ratings=case.ratings * 2),
        replace(case, ratings=(replace(case.ratings[0], at=OPENED),)),
    ]  # fmt: skip
    early = dt.datetime(2023, 3, 2, 2, tzinfo=dt.UTC)  # before the list was in force
    cases.append(PastRequest(matter=replace(case.matter, at=early, steps=())))
    brought = bring_requests(actor=world["street"], cases=cases)
    assert brought.added == 0 and len(brought.problems) == 6 and not Matter.objects.exists()


def test_past_whistles(world):
    people, lead = world.people, world.department.pk
    matter = PastMatter(
        number=1, at=OPENED, person_id=people["street"].pk, unit_id=world.street.pk, called=((lead, "lead"),),
        new=NewMatter(
            kind="whistle", place_code=GRID, title="占道", source="street", category="emergency",
            holder_id=world.street.pk, key=key_of("demo", "w1"),
        ),
        steps=(
            PastStep(
                name="issue", at=after(0), person_id=people["street"].pk, unit_id=world.street.pk,
                inputs=Inputs(unit_id=lead, data={"ground": "emergency"}),
            ),
            PastStep(name="accept", at=after(1), person_id=people["department"].pk, unit_id=lead),
        ),
    )  # fmt: skip
    case = PastWhistle(
        matter=matter, ground="emergency", street_id=world.street.pk, arrive_by=after(2), called_at=OPENED,
        calls=(PastCall(unit_id=lead, lead=True, accepted_at=after(1), arrived_at=after(1)),),
    )  # fmt: skip
    assert bring_whistles(actor=world["street"], cases=[case]).problems == []
    assert Whistle.objects.get().matter.state == "accepted" and WhistleCall.objects.get().lead
    (record,) = selectors_rates.whistle_record(world["street"], STREET, OPENED.date(), after(9).date())
    assert (record.name, record.called, record.accepted, record.due, record.in_time) == (
        "演示城管局",
        1,
        1,
        1,
        1,
    )
    (street,) = selectors_rates.whistle_record(
        world["street"], STREET, OPENED.date(), after(9).date(), side="street"
    )
    assert (street.name, street.called) == ("演示街道办", 1)
    bad = replace(case, ground="boredom"), replace(case, calls=())
    assert len(bring_whistles(actor=world["street"], cases=bad).problems) == 2


def test_parts_of_a_split_request_are_requests(world):
    matter = reported(world).matter
    pieces = [Piece(world.department.pk), Piece(world.committee.pk, title="居委会的一半")]
    parts = split_request(actor=world["street"], matter_id=matter.pk, pieces=pieces)
    assert [part.item.code for part in parts] == ["env.lamp", "env.lamp"]
    assert parts[0].matter.asked_id == world.department.pk and matter.number in parts[0].routing

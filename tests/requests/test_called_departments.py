"""Departments called beside the lead owe an answer and an arrival; the platform says so in time, once, to whom it concerns."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models import Deadline, History
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.modules.requests import services_whistle as whistles
from doorstep.modules.requests import work
from doorstep.modules.requests.models import WhistleCall
from doorstep.modules.requests.selectors_rates import whistle_record
from doorstep.modules.requests.services_calls import chase
from tests.matters.test_at_once import at_once
from tests.requests import world as making
from tests.requests.world import STREET, TODAY

DAY = dt.timedelta(days=1)


def call_two(world):
    """A whistle with two departments, their officers in office, and the street's; to be there in four days."""
    for who in ("department", "cleaner", "street"):
        (grant, *_rest) = world[who].grants
        Appointment.objects.create(
            person=world.people[who], unit_id=grant.unit_id, post=grant.post, valid_from=TODAY,
            place_code=making.DISTRICT,
        )  # fmt: skip
    new = whistles.NewWhistle(
        place_code=making.GRID,
        ground="joint_enforcement",
        title="占道烧烤",
        text="夜间占道",
        arrive_by=clock.now() + 4 * DAY,
    )
    lead, helping = world.department.pk, world["cleaner"].grants[0].unit_id
    return whistles.whistle(actor=world["street"], new=new, lead_id=lead, others=[helping])


@pytest.fixture
def called(world):
    return call_two(world)


def helping(whistle):
    return WhistleCall.objects.get(whistle=whistle.pk, lead=False, released_at=None)


def chased_at(moment):
    with clock.fixed(moment):
        while chase():
            pass


def heard(world, who, key):
    return Notice.objects.filter(person=world.people[who], key=key).count()


def late_lines(whistle):
    rows = History.objects.filter(matter=whistle.pk, name="late_call").order_by("number")
    return [row.internal.split("局")[-1] for row in rows]


def test_the_answer_is_owed_by_the_term_of_the_lead(called):
    (promise,) = Deadline.objects.filter(matter=called.pk, clock="respond")
    assert set(called.calls.values_list("answer_by", flat=True)) == {promise.due_at}
    assert called.calls.get(lead=True).wake_at is None  # its clock is its matter's


def test_who_does_not_answer_is_reminded_then_named_once(world, called):
    answer_by = helping(called).answer_by
    chased_at(answer_by - dt.timedelta(hours=30))
    assert heard(world, "cleaner", "remind") == 0
    chased_at(answer_by - dt.timedelta(hours=1))
    chased_at(answer_by - dt.timedelta(minutes=30))
    assert (heard(world, "cleaner", "remind"), heard(world, "department", "remind")) == (1, 0)
    assert late_lines(called) == []
    chased_at(answer_by)
    chased_at(answer_by + DAY)
    (line,) = late_lines(called)
    assert line.endswith("逾期未应哨")
    assert [heard(world, who, "late_call") for who in ("cleaner", "street", "department")] == [1, 1, 0]


def test_who_accepted_is_then_awaited_on_the_spot(world, called):
    whistles.accept(actor=world["cleaner"], matter_id=called.pk)
    call = helping(called)
    assert call.due_at == call.arrive_by
    chased_at(call.answer_by)
    assert late_lines(called) == []
    chased_at(call.arrive_by - dt.timedelta(minutes=5))
    assert heard(world, "cleaner", "remind") == 1
    chased_at(call.arrive_by)
    (line,) = late_lines(called)
    assert line.endswith("过时未到场")


def _object(world, whistle):
    whistles.object_to(actor=world["cleaner"], matter_id=whistle.pk, reason="无此职责")


def _come(world, whistle):
    whistles.accept(actor=world["cleaner"], matter_id=whistle.pk)
    whistles.arrive(actor=world["cleaner"], matter_id=whistle.pk)


def _let_go(world, whistle):
    whistles.release(actor=world["street"], matter_id=whistle.pk, unit_id=helping(whistle).unit_id)


def _lead(world, whistle):
    whistles.object_to(actor=world["department"], matter_id=whistle.pk, reason="不在职责清单")
    whistles.rename_lead(
        actor=world["street"], matter_id=whistle.pk, lead_id=helping(whistle).unit_id, internal="由你牵头"
    )


def _finish(world, whistle):
    for act in (whistles.accept, whistles.arrive):
        act(actor=world["department"], matter_id=whistle.pk)
    whistles.plan(actor=world["department"], matter_id=whistle.pk, words="当晚清理")
    whistles.handle(actor=world["department"], matter_id=whistle.pk, note="已清理")


@pytest.mark.parametrize("act", [_object, _come, _let_go, _lead, _finish])
def test_who_owes_nothing_any_more_hears_nothing(world, called, act):
    act(world, called)
    chased_at(clock.now() + 10 * DAY)
    assert late_lines(called) == [] and heard(world, "cleaner", "late_call") == 0
    assert not WhistleCall.objects.exclude(wake_at=None).exists()


def test_my_work_shows_what_is_owed_next(world, called):
    def due():
        items, number = work.called(world["cleaner"], TODAY, 10)
        assert number == len(list(items))
        return [item.due for item in items]

    assert due() == [TODAY + 2 * DAY]
    whistles.accept(actor=world["cleaner"], matter_id=called.pk)
    assert due() == [TODAY + 4 * DAY]
    whistles.arrive(actor=world["cleaner"], matter_id=called.pk)
    assert due() == []


def test_the_record_counts_answers_in_time(world, called):
    whistles.accept(actor=world["department"], matter_id=called.pk)
    until = TODAY + 9 * DAY

    def record():
        with clock.fixed(until):
            rows = whistle_record(world["street"], STREET, TODAY, until)
        return sorted((row.to_answer, row.answered_in_time) for row in rows)

    assert record() == [(1, 0), (1, 1)]
    with clock.fixed(helping(called).answer_by + DAY):
        _object(world, called)
    assert record() == [(1, 0), (1, 1)]  # an answer, but late
    WhistleCall.objects.filter(lead=False).update(objected_at=None, objection="", released_at=clock.now())
    assert record() == [(0, 0), (1, 1)]  # let go before it owed one


def test_two_sweeps_at_once_say_it_once(fresh_database):
    with clock.fixed(TODAY):
        world = making.build()
        whistle = call_two(world)
        moment = helping(whistle).answer_by
    at_once(*[chase] * 4, on=moment)
    assert len(late_lines(whistle)) == 1 and heard(world, "street", "late_call") == 1

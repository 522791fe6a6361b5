"""The street whistles, departments report: from the proposal to the judgement, and to the district when refused."""

import datetime as dt

import pytest

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Deadline, History, Matter
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.sweep import sweep
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.requests import services_whistle as whistles
from doorstep.modules.requests.models import Whistle, WhistleCall
from tests.requests import world as making
from tests.requests.world import GRID, reported

NEXT_DAY = making.TODAY + dt.timedelta(days=1)


def later(hours=24):
    return clock.now() + dt.timedelta(hours=hours)


def proposed(world, by="street", **more):
    values = {
        "place_code": GRID, "ground": "joint_enforcement", "title": "占道烧烤", "text": "夜间占道，屡劝不改",
        "arrive_by": later(),
    }  # fmt: skip
    return whistles.propose(actor=world[by], new=whistles.NewWhistle(**(values | more)))


def issued(world, **more):
    whistle = proposed(world, **more)
    lead, helping = world.department.pk, world["cleaner"].grants[0].unit_id
    return whistles.issue(actor=world["street"], matter_id=whistle.pk, lead_id=lead, others=[helping])


def state(whistle):
    return Matter.objects.get(pk=whistle.pk).state


def test_from_whistle_to_judgement(world):
    request = reported(world).request
    whistle = issued(world, by="community", request_id=request.pk)
    pk = whistle.pk
    assert whistle.matter.number.startswith("CS") and whistle.request_id == request.pk
    assert (whistle.matter.state, whistle.matter.asked_id) == ("issued", world.department.pk)
    assert list(whistle.calls.order_by("-lead").values_list("lead", flat=True)) == [True, False]
    whistles.accept(actor=world["cleaner"], matter_id=pk)
    assert state(whistle) == "issued"  # only the lead's answer moves it
    assert whistles.accept(actor=world["department"], matter_id=pk).matter.holder_id == world.department.pk
    whistles.arrive(actor=world["department"], matter_id=pk)
    whistles.arrive(actor=world["cleaner"], matter_id=pk)
    whistles.plan(actor=world["department"], matter_id=pk, words="当晚联合清理")
    whistles.handle(actor=world["department"], matter_id=pk, note="已清理")
    with pytest.raises(NotAllowed):
        whistles.verify(actor=world["department"], matter_id=pk, note="好了")
    with pytest.raises(RuleViolation, match="核实后才能评价"):
        whistles.grade(actor=world["street"], matter_id=pk, unit_id=world.department.pk, value=3)
    whistles.verify(actor=world["street"], matter_id=pk, note="现场看过")
    with pytest.raises(RuleViolation, match="还有 2 个部门没有评价"):
        whistles.close(actor=world["street"], matter_id=pk)
    with pytest.raises(RuleViolation, match="请选评价"):
        whistles.grade(actor=world["street"], matter_id=pk, unit_id=world.department.pk, value=9)
    whistles.grade(actor=world["street"], matter_id=pk, unit_id=world.department.pk, value=3)
    with pytest.raises(RuleViolation, match="请填写"):
        whistles.grade(
            actor=world["street"], matter_id=pk, unit_id=world["cleaner"].grants[0].unit_id, value=1
        )
    whistles.grade(
        actor=world["street"],
        matter_id=pk,
        unit_id=world["cleaner"].grants[0].unit_id,
        value=1,
        words="来晚了",
    )
    with pytest.raises(NotAllowed):
        whistles.grade(actor=world["department"], matter_id=pk, unit_id=world.department.pk, value=3)
    assert whistles.close(actor=world["street"], matter_id=pk).state == "closed"
    assert Entry.objects.filter(action="whistle.judge").count() == 2
    lines = History.objects.filter(matter=pk).order_by("number")
    assert [row.name for row in lines] == [
        "open", "issue", "join", "accept", "arrive", "come", "plan", "handle", "verify", "judge", "judge", "close",
    ]  # fmt: skip
    assert not any(
        "来晚了" in row.internal + row.note for row in lines
    )  # read by the street and that unit alone


def promises(whistle, clock_name):
    rows = Deadline.objects.filter(matter=whistle.pk, clock=clock_name).order_by("round")
    return [(row.due_at, bool(row.met_at), bool(row.stopped_at), bool(row.breached_at)) for row in rows]


def test_an_arrival_is_a_promise_until_the_time_asked_for(world):
    whistle = issued(world, arrive_by=later(20))
    assert promises(whistle, "arrive") == [(whistle.arrive_by, False, False, False)]
    whistles.accept(actor=world["department"], matter_id=whistle.pk)
    with clock.fixed(NEXT_DAY):
        sweep()
        (overdue,) = History.objects.filter(matter=whistle.pk, name="overdue")
        assert "到场已超过期限" in overdue.note
        assert Notice.objects.filter(person=world.people["department"], key="overdue").exists()
        whistles.arrive(actor=world["department"], matter_id=whistle.pk)
    assert promises(whistle, "arrive") == [(whistle.arrive_by, True, False, True)]


def test_another_lead_has_an_arrival_of_its_own(world):
    whistle = issued(world, arrive_by=later(20))
    first = whistle.arrive_by
    whistles.object_to(actor=world["department"], matter_id=whistle.pk, reason="不在职责清单")
    other = world["cleaner"].grants[0].unit_id
    with clock.fixed(NEXT_DAY):
        named = whistles.rename_lead(
            actor=world["street"], matter_id=whistle.pk, lead_id=other, internal="由你牵头"
        )
        assert named.arrive_by == later(20)
    assert promises(whistle, "arrive") == [
        (first, False, True, True),
        (named.arrive_by, False, False, False),
    ]


def test_what_is_pressing_is_answered_within_hours(world):
    whistle = issued(world, urgency="emergency")
    (row,) = Deadline.objects.filter(matter=whistle.pk, clock="respond")
    assert row.due_at - row.started_at == dt.timedelta(hours=1) and row.promise == "应哨"


def test_only_lawful_grounds_and_times_to_come(world):
    with pytest.raises(RuleViolation, match="法定事由"):
        proposed(world, ground="boredom")
    with pytest.raises(RuleViolation, match="现在以后"):
        proposed(world, arrive_by=later(-1))
    with pytest.raises(NotAllowed):
        proposed(world, by="worker")
    with pytest.raises(NotAllowed):
        proposed(world, by="outsider")
    assert not Whistle.objects.exists()


def test_the_street_screens(world):
    whistle = proposed(world, by="community")
    with pytest.raises(NotAllowed):
        whistles.issue(actor=world["community"], matter_id=whistle.pk, lead_id=world.department.pk)
    with pytest.raises(RuleViolation, match="在册的部门"):
        whistles.issue(actor=world["street"], matter_id=whistle.pk, lead_id=world.committee.pk)
    assert (
        whistles.decline(actor=world["street"], matter_id=whistle.pk, internal="本街道职责").state
        == "declined"
    )


def test_a_refusal_goes_to_the_district(world):
    whistle = issued(world)
    with pytest.raises(RuleViolation, match="请填写"):
        whistles.object_to(actor=world["department"], matter_id=whistle.pk, reason=" ")
    whistles.object_to(actor=world["department"], matter_id=whistle.pk, reason="不在职责清单")
    assert state(whistle) == "objected"
    whistles.escalate(actor=world["street"], matter_id=whistle.pk, internal="部门不应哨")
    with pytest.raises(NotAllowed):
        whistles.rename_lead(
            actor=world["street"],
            matter_id=whistle.pk,
            lead_id=world.department.pk,
            internal="就是你",
            step="decide",
        )
    decided = whistles.rename_lead(
        actor=decider(world),
        matter_id=whistle.pk,
        lead_id=world.department.pk,
        internal="清单第五项",
        step="decide",
    )
    assert (decided.matter.state, decided.matter.asked_id) == ("issued", world.department.pk)
    calls = WhistleCall.objects.filter(whistle=whistle, unit=world.department).order_by("pk")
    assert [call.objected_at is not None for call in calls] == [True, False]
    assert calls[0].released_at is not None  # the objection stays on record
    assert whistles.accept(actor=world["department"], matter_id=whistle.pk).matter.state == "accepted"


def decider(world):
    return making.add_actor(
        world,
        "decider",
        "district_officer",
        making.add_unit("district_government", "演示区政府"),
        making.DISTRICT,
    )


def test_the_district_may_say_that_nobody_need_come(world):
    whistle = issued(world)
    whistles.escalate(actor=world["street"], matter_id=whistle.pk, internal="没有人来")
    assert (
        whistles.dismiss(actor=decider(world), matter_id=whistle.pk, internal="不需到场").state == "declined"
    )


def test_another_lead_is_called_and_the_first_released(world):
    whistle = issued(world)
    helping = world["cleaner"].grants[0].unit_id
    whistles.object_to(actor=world["department"], matter_id=whistle.pk, reason="不在职责清单")
    whistles.rename_lead(actor=world["street"], matter_id=whistle.pk, lead_id=helping, internal="环卫处牵头")
    assert WhistleCall.objects.get(whistle=whistle, lead=True, released_at=None).unit_id == helping
    with pytest.raises(NotAllowed, match="没有叫贵单位"):
        whistles.accept(actor=world["department"], matter_id=whistle.pk)
    assert whistles.accept(actor=world["cleaner"], matter_id=whistle.pk).matter.holder_id == helping


def test_answers_are_given_once_and_arrival_comes_after_acceptance(world):
    whistle = issued(world)
    with pytest.raises(RuleViolation, match="请先应哨"):
        whistles.arrive(actor=world["cleaner"], matter_id=whistle.pk)
    whistles.accept(actor=world["cleaner"], matter_id=whistle.pk)
    with pytest.raises(RuleViolation, match="已经答复过"):
        whistles.object_to(actor=world["cleaner"], matter_id=whistle.pk, reason="后悔了")


def test_only_the_called_see_it(world):
    whistle = issued(world)
    other = making.add_actor(
        world, "uncalled", "department_officer", making.add_unit("department", "演示无关局"), making.DISTRICT
    )
    assert not policy_for(Whistle).visible_to(other).exists()
    assert policy_for(Whistle).visible_to(world["cleaner"]).count() == 1
    for actor in (other, world["outsider"], world["resident"]):
        with pytest.raises(NotVisible):
            whistles.accept(actor=actor, matter_id=whistle.pk)


def test_the_same_whistle_sent_twice_is_one(world):
    import uuid

    key = uuid.uuid4()
    assert proposed(world, key=key) == proposed(world, key=key)
    assert Whistle.objects.count() == 1


def test_a_street_that_came_itself_is_judged_by_others(world):
    whistle = proposed(world)
    lead = world.department.pk
    whistles.issue(actor=world["street"], matter_id=whistle.pk, lead_id=lead, others=[world.street.pk])
    for step in (whistles.accept, whistles.arrive):
        step(actor=world["department"], matter_id=whistle.pk)
    whistles.plan(actor=world["department"], matter_id=whistle.pk, words="清理")
    whistles.handle(actor=world["department"], matter_id=whistle.pk, note="已清理")
    with pytest.raises(NotAllowed, match="协办单位不能"):
        whistles.verify(actor=world["street"], matter_id=whistle.pk, note="好")
    other = making.add_actor(
        world, "checker", "street_officer", making.add_unit("street_working_committee", "演示党工委", making.STREET),
        making.STREET,
    )  # fmt: skip
    whistles.verify(actor=other, matter_id=whistle.pk, note="看过")
    with pytest.raises(NotAllowed):
        whistles.grade(actor=world["street"], matter_id=whistle.pk, unit_id=world.street.pk, value=3)
    assert whistles.grade(actor=other, matter_id=whistle.pk, unit_id=world.street.pk, value=3).grade == 3


def test_supporting_departments_come_and_go(world):
    whistle = issued(world)
    helping = world["cleaner"].grants[0].unit_id
    more = making.add_unit("department", "演示市场局")
    whistles.object_to(actor=world["cleaner"], matter_id=whistle.pk, reason="无此职责")
    with pytest.raises(NotAllowed, match="由吹哨的街道"):
        whistles.release(actor=world["cleaner"], matter_id=whistle.pk, unit_id=helping)
    with pytest.raises(RuleViolation, match="牵头部门不能解除"):
        whistles.release(actor=world["street"], matter_id=whistle.pk, unit_id=world.department.pk)
    whistles.release(actor=world["street"], matter_id=whistle.pk, unit_id=helping)
    with pytest.raises(NotAllowed, match="由吹哨的街道"):
        whistles.call_more(actor=world["department"], matter_id=whistle.pk, unit_ids=[more.pk])
    whistles.call_more(actor=world["street"], matter_id=whistle.pk, unit_ids=[more.pk])
    calls = WhistleCall.objects.filter(whistle=whistle, released_at=None).order_by("-lead")
    assert [(call.unit_id, call.lead) for call in calls] == [(world.department.pk, True), (more.pk, False)]
    assert WhistleCall.objects.get(unit_id=helping).objection == "无此职责"

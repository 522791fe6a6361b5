"""From the doorstep to closed, step by step: state, history, clocks and audit in one transaction."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters import services
from doorstep.kernel.matters.models import Deadline, History, Matter, TimeLimit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.matters.world import UNTIL, opened, step


def on(day):
    return clock.fixed(dt.date.fromisoformat(day))


def test_from_the_doorstep_to_closed(world):
    matter = opened(world)
    matter = step(world, "worker", matter, "accept", note="我来看看")
    assert (matter.state, matter.handler_id) == ("in_progress", world.people["worker"].pk)
    step(world, "worker", matter, "handle", note="换了灯泡")
    with pytest.raises(NotAllowed, match="您的岗位不能"):
        step(world, "worker", matter, "verify", note="好了")
    matter = step(world, "community", matter, "verify", note="现场看过，灯亮了")
    assert matter.state == "closed" and not matter.is_open and matter.closed_at is not None
    told = History.objects.filter(matter=matter).order_by("number")
    assert [(row.number, row.name, row.source, row.target) for row in told] == [
        (1, "open", "", "reported"),
        (2, "accept", "reported", "in_progress"),
        (3, "handle", "in_progress", "handled"),
        (4, "verify", "handled", "closed"),
    ]
    written = Entry.objects.filter(target="matters.matter", target_id=str(matter.pk)).order_by("pk")
    assert [row.action for row in written] == [
        "request.open",
        "request.accept",
        "request.handle",
        "request.verify",
    ]


def test_who_handled_a_thing_never_verifies_it_even_from_a_higher_post(world):
    matter = opened(world)
    step(world, "street", matter, "dispatch", unit_id=world.street.pk)
    step(world, "street", matter, "accept")
    step(world, "street", matter, "handle", note="办好了")
    with pytest.raises(NotAllowed, match="您是办理人"):
        step(world, "street", matter, "verify", note="好")
    assert step(world, "community", matter, "verify", note="好").state == "closed"


def test_first_receiver_answers_until_somebody_accepts(world):
    matter = opened(world)
    matter = step(world, "street", matter, "dispatch", unit_id=world.department.pk)
    assert (matter.holder_id, matter.asked_id) == (world.committee.pk, world.department.pk)
    matter = step(world, "department", matter, "accept")
    assert (matter.holder_id, matter.asked_id) == (world.department.pk, None)


def test_returned_at_most_once(world):
    matter = opened(world)
    step(world, "street", matter, "dispatch", unit_id=world.department.pk)
    matter = step(world, "department", matter, "return", internal="不在职责内")
    assert (matter.state, matter.asked_id, matter.holder_id) == ("returned", None, world.committee.pk)
    step(world, "street", matter, "dispatch", unit_id=world.department.pk)
    with pytest.raises(RuleViolation, match="最多 1 次"):
        step(world, "department", matter, "return", internal="还是不在")
    matter = step(world, "department", matter, "object", internal="职责清单里没有")
    assert step(world, "street", matter, "confirm", internal="清单第三项").state == "dispatched"


def test_missing_input_names_the_field(world):
    matter = opened(world)
    with pytest.raises(RuleViolation, match="请填写给报告人的说明") as refused:
        step(world, "community", matter, "reject", note="  ")
    assert refused.value.field == "note"
    assert Matter.objects.get(pk=matter.pk).state == "reported"
    assert History.objects.filter(matter=matter).count() == 1


def test_wrong_state_is_a_clear_refusal(world):
    matter = opened(world)
    with pytest.raises(RuleViolation, match="现在是「已上报」，不能「核实并答复」"):
        step(world, "community", matter, "verify", note="好")


def test_a_step_nobody_declared(world):
    with pytest.raises(RuleViolation, match="没有这一步"):
        step(world, "community", opened(world), "explode")


def test_outside_the_scope_it_does_not_exist(world):
    matter = opened(world)
    for who in ("outsider", "neighbour", "department"):
        with pytest.raises(NotVisible):
            step(world, who, matter, "accept")


def test_a_department_sees_what_it_was_asked_for_and_nothing_else(world):
    asked, other = opened(world), opened(world)
    step(world, "street", asked, "dispatch", unit_id=world.department.pk)
    seen = services.policy_for(Matter).visible_to(world["department"])
    assert set(seen) == {Matter.objects.get(pk=asked.pk)} and other not in seen


def test_the_same_key_opens_once(world):
    first = opened(world)
    again = services.open_matter(
        actor=world["resident"],
        new=services.NewMatter(
            kind="request", place_code=first.place_code, title="楼道灯不亮", source="phone",
            reporter_id=first.reporter_id, key=first.key,
        ),
    )  # fmt: skip
    assert (again.matter.pk, again.is_new) == (first.pk, False)
    assert Matter.objects.count() == 1


def test_a_key_of_somebody_else_shows_nothing(world):
    first = opened(world)
    with pytest.raises(RuleViolation, match="编号已被使用"):
        services.open_matter(
            actor=world["neighbour"],
            new=services.NewMatter(
                kind="request", place_code=first.place_code, title="另一件", source="phone",
                reporter_id=world.people["neighbour"].pk, key=first.key,
            ),
        )  # fmt: skip


def test_a_stale_page_is_told_what_happened(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    with pytest.raises(Conflict, match="演示worker 刚刚办了「接办」"):
        services.apply_transition(
            actor=world["second_worker"], matter_id=matter.pk, name="handle", expected_version=1
        )


def test_a_state_without_history_fails_the_transaction(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    with pytest.raises(DatabaseError, match="without a row of its history"), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(state="closed")
        connection.check_constraints()


@pytest.mark.parametrize("change", [{"note": "别的话"}, {"target": "closed"}, {"note": "", "name": "x"}])
def test_history_is_never_rewritten(world, change):
    matter = opened(world)
    step(world, "worker", matter, "accept", note="我来")
    with pytest.raises(DatabaseError), transaction.atomic():
        History.objects.filter(matter=matter, number=2).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        History.objects.filter(matter=matter).delete()


def test_words_of_a_history_may_be_blanked(world):
    matter = opened(world)
    step(world, "worker", matter, "accept", note="我来")
    History.objects.filter(matter=matter).update(note="", internal="")
    assert not History.objects.filter(matter=matter).exclude(note="").exists()


def test_clocks_start_meet_pause_and_resume(world):
    matter = opened(world)  # Monday 2026-06-15, noon; the Dragon Boat holiday is on Friday 2026-06-19
    due = {row.clock: row.due_at for row in Deadline.objects.filter(matter=matter)}
    assert due["respond"] == dt.datetime(2026, 6, 16, 16, tzinfo=dt.UTC)
    assert due["resolve"] == dt.datetime(2026, 6, 22, 16, tzinfo=dt.UTC)
    assert matter.due_at == due["respond"]
    matter = step(world, "worker", matter, "accept")
    assert matter.due_at == due["resolve"]
    matter = step(world, "worker", matter, "suspend", note="等配件", until=UNTIL)
    assert matter.due_at == dt.datetime(
        2026, 7, 10, 16, tzinfo=dt.UTC
    )  # the day given is a promise of its own
    later = dt.datetime(2026, 6, 17, 4, tzinfo=dt.UTC)
    matter = services.apply_transition(actor=world["worker"], matter_id=matter.pk, name="resume", at=later)
    assert matter.due_at == dt.datetime(2026, 6, 24, 16, tzinfo=dt.UTC)
    pause = Deadline.objects.get(matter=matter, clock="resolve").pauses.get()
    assert (pause.reason, pause.ended_at) == ("等配件", later)
    assert Deadline.objects.get(matter=matter, clock="resume").met_at == later


def test_what_was_done_waits_for_a_check_by_a_day(world):
    matter = opened(world, urgency="urgent")
    step(world, "worker", matter, "accept")
    matter = step(world, "worker", matter, "handle", note="换了灯泡")
    assert matter.due_at == dt.datetime(2026, 6, 16, 16, tzinfo=dt.UTC)  # urgent: one working day
    matter = step(world, "community", matter, "rework", internal="还是不亮")
    assert Deadline.objects.get(matter=matter, clock="check").met_at is not None
    matter = step(world, "worker", matter, "handle", note="换了线")
    matter = step(world, "community", matter, "verify", note="亮了")
    rows = Deadline.objects.filter(matter=matter, clock="check").order_by("round")
    assert [(row.round, row.met_at is not None) for row in rows] == [(1, True), (2, True)]
    assert not Deadline.objects.filter(Deadline.RUNNING, matter=matter).exists()


def test_a_matter_rests_until_a_day_within_the_term(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    with pytest.raises(RuleViolation, match="请填写到哪一天为止"):
        step(world, "worker", matter, "suspend", note="等配件")
    for day in (dt.date(2026, 6, 15), dt.date(2026, 7, 16)):  # thirty days at most, and not today
        with pytest.raises(RuleViolation, match="2026-06-16 至 2026-07-15 之间") as refused:
            step(world, "worker", matter, "suspend", note="等配件", until=day)
        assert refused.value.field == "until"
    matter = step(world, "worker", matter, "suspend", note="等配件", until=dt.date(2026, 7, 15))
    last = History.objects.filter(matter=matter).latest("number")
    assert (last.name, last.data) == ("suspend", {"until": "2026-07-15"})


def test_several_rests_share_one_term(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    step(world, "worker", matter, "suspend", note="等配件", until=dt.date(2026, 7, 15))
    with on("2026-06-25"):
        step(world, "worker", matter, "resume")  # twenty of the thirty days are left
    with on("2026-07-01"):
        with pytest.raises(RuleViolation, match="2026-07-02 至 2026-07-21 之间"):
            step(world, "worker", matter, "suspend", note="配件错了", until=dt.date(2026, 7, 22))
        step(world, "worker", matter, "suspend", note="配件错了", until=dt.date(2026, 7, 21))
    with on("2026-07-21"):
        step(world, "worker", matter, "resume")
    with on("2026-08-01"), pytest.raises(RuleViolation, match="已经用完规定的时间") as refused:
        step(world, "worker", matter, "suspend", note="又等", until=dt.date(2026, 8, 2))
    assert refused.value.field == "until"
    with on("2026-08-01"):
        other = opened(world)
        step(world, "worker", other, "accept")
        step(world, "worker", other, "suspend", note="等配件", until=dt.date(2026, 8, 31))


def test_without_a_term_nothing_is_suspended(world):
    TimeLimit.objects.filter(kind="request", clock="resume").update(valid_to=dt.date(2026, 6, 1))
    matter = opened(world)
    step(world, "worker", matter, "accept")
    with pytest.raises(RuleViolation, match="时限表里没有") as refused:
        step(world, "worker", matter, "suspend", note="等配件", until=UNTIL)
    assert refused.value.field == "until"


def test_a_step_costs_few_queries(world, django_assert_max_num_queries):
    matter = opened(world)
    with django_assert_max_num_queries(14):
        step(world, "worker", matter, "accept")


def test_the_same_step_for_many_is_all_or_nothing(world):
    matters = [opened(world) for _ in range(5)]
    step(world, "worker", matters[2], "accept")
    step(world, "worker", matters[2], "handle", note="好了")
    ids = [matter.pk for matter in matters]
    dispatch = {"name": "dispatch", "inputs": services.Inputs(unit_id=world.department.pk)}
    with pytest.raises(RuleViolation, match="已办，待核实"):
        services.apply_transitions(actor=world["street"], matter_ids=ids, **dispatch)
    assert Matter.objects.filter(state="dispatched").count() == 0
    ids.remove(matters[2].pk)
    services.apply_transitions(actor=world["street"], matter_ids=ids, **dispatch)
    assert Matter.objects.filter(state="dispatched", asked=world.department).count() == 4

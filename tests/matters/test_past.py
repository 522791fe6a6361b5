"""An office's past cases come in by the same law: states, inputs, who may not, terms of the time, history, audit."""

import dataclasses
import datetime as dt

import pytest
from django.db import connection
from django.forms import model_to_dict

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters import services
from doorstep.kernel.matters.models import (
    Deadline,
    History,
    Link,
    Matter,
    Notice,
    Participation,
    Pause,
    TimeLimit,
)
from doorstep.kernel.matters.services_past import bring_past
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed
from tests.matters.past import MARCH, past, past_step, usual_steps
from tests.matters.world import opened, step


def brought(world, *cases, by="street", **more):
    outcome = bring_past(actor=world[by], cases=cases, **more)
    connection.check_constraints()  # the tripwire looks at the end of a transaction
    return outcome


def reasons(outcome):
    return [(problem.row, str(problem.message)) for problem in outcome.problems]


def test_it_comes_in_whole(world):
    outcome = brought(world, past(world))
    assert (outcome.added, outcome.known, outcome.problems) == (1, 0, [])
    matter = Matter.objects.get()
    assert (matter.state, matter.is_open, matter.version) == ("closed", False, 6)
    assert matter.opened_at == MARCH and matter.closed_at == MARCH + dt.timedelta(hours=122)
    assert matter.handler_id == world.people["worker"].pk and "灯坏" in matter.bigrams
    names = History.objects.filter(matter=matter).order_by("number").values_list("name", flat=True)
    assert list(names) == ["open", "accept", "suspend", "resume", "handle", "verify"]
    entries = Entry.objects.filter(target="matters.matter", target_id=str(matter.pk)).order_by("pk")
    assert [row.action for row in entries][-1] == "request.verify" and len(entries) == 6
    assert {row.account_id for row in entries} == {world["street"].account_id}
    assert entries[0].changes["brought_from"] == MARCH.isoformat(timespec="seconds")
    assert not Notice.objects.exists()


def test_the_same_as_the_live_path_would_have_made(world):
    """The same steps at the same times, live and brought in: the same promises, pauses, history."""
    live = past(world, 1)
    with clock.fixed(dt.date(2025, 3, 3)):
        matter = opened(world, title=live.new.title, source="hotline", by="community")
    at = matter.opened_at
    shifted = [dataclasses.replace(row, at=row.at - MARCH + at) for row in live.steps]
    for row, who in zip(shifted, ["worker"] * 4 + ["community"], strict=True):
        services.apply_transition(
            actor=world[who], matter_id=matter.pk, name=row.name, inputs=row.inputs, at=row.at
        )
    brought(world, dataclasses.replace(past(world, 1), at=at, steps=tuple(shifted)))
    other = Matter.objects.exclude(pk=matter.pk).get()
    matter.refresh_from_db()
    but = {"id", "key", "matter", "deadline", "account_id", "person", "unit"}
    assert _told(matter, but) == _told(other, but)
    for model in (History, Deadline):
        mine = [_told(row, but) for row in model.objects.filter(matter=matter).order_by("pk")]
        theirs = [_told(row, but) for row in model.objects.filter(matter=other).order_by("pk")]
        assert mine == theirs and mine
    pauses = [_told(row, but) for row in Pause.objects.filter(deadline__matter=matter).order_by("pk")]
    assert pauses == [_told(row, but) for row in Pause.objects.filter(deadline__matter=other).order_by("pk")]
    assert len(pauses) == 2  # suspended, and handled until it was verified


def _told(row, but):
    return {key: value for key, value in model_to_dict(row).items() if key not in but} | {
        "escalation": getattr(row, "escalation", None)
    }


def test_terms_are_those_of_the_time(world):
    TimeLimit.objects.filter(clock="resolve", urgency="").update(valid_to=dt.date(2025, 6, 1))
    TimeLimit.objects.create(
        kind="request", clock="resolve", amount=3, measure="natural_days", version=2, clause="演示新时限",
        valid_from=dt.date(2025, 6, 1),
    )  # fmt: skip
    later = dt.datetime(2025, 7, 7, 2, tzinfo=dt.UTC)
    brought(world, past(world, 1, steps=()), past(world, 2, steps=(), at=later))
    rows = Deadline.objects.filter(clock="resolve").order_by("pk")
    assert [(row.amount, row.limit_version) for row in rows] == [(7, 1), (3, 2)]


def test_known_by_its_key_it_comes_once(world):
    assert brought(world, past(world, 1)).added == 1
    again = brought(world, past(world, 1), past(world, 2))
    assert (again.added, again.known) == (1, 1)
    twice = brought(world, past(world, 3), dataclasses.replace(past(world, 3), number=4))
    assert twice.added == 1 and reasons(twice) == [(4, "与第 3 行是同一件。")]


FAULTS = {
    "a wrong state": (lambda w: (past_step(w, "verify", "community", 3, note="好"),), "不能「核实并答复」"),
    "no such step": (lambda w: (past_step(w, "explode", "community", 3),), "没有这一步"),
    "a missing input": (lambda w: (past_step(w, "reject", "community", 3),), "请填写给报告人的说明"),
    "who handled it verifies": (
        lambda w: (
            *usual_steps(w)[:4],
            dataclasses.replace(past_step(w, "verify", "worker", 122, note="好"), unit_id=w.street.pk),
        ),
        "您是办理人",
    ),
    "a verifier without a name": (
        lambda w: (
            *usual_steps(w)[:4],
            dataclasses.replace(past_step(w, "verify", "community", 122, note="好"), person_id=None),
        ),
        "须写明办理这一步的人",
    ),
    "times out of order": (
        lambda w: (usual_steps(w)[0], past_step(w, "handle", "worker", 1, note="好")),
        "时间早于上一步",
    ),
    "the future": (lambda w: (past_step(w, "accept", "worker", 24 * 600),), "时间在将来"),
    "somebody else's step": (lambda w: (past_step(w, "accept", "department", 3),), "不是这个单位"),
    "a step of the reporter's alone": (lambda w: (past_step(w, "withdraw", "worker", 3),), "不是这个单位"),
    "twice what may be once": (
        lambda w: (
            past_step(w, "dispatch", "street", 1, unit_id=w.department.pk),
            past_step(w, "return", "department", 2, internal="不在职责内"),
            past_step(w, "dispatch", "street", 3, unit_id=w.department.pk),
            past_step(w, "return", "department", 4, internal="还是不在"),
        ),
        "最多 1 次",
    ),
    "a unit there is not": (
        lambda w: (past_step(w, "dispatch", "street", 1, unit_id=10**9),),
        "没有这个单位",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_rule_is_kept(world, fault):
    steps, words = FAULTS[fault]
    outcome = brought(world, past(world, 7, steps=steps(world)), past(world, 8))
    assert outcome.added == 1
    assert [row for row, _text in reasons(outcome)] == [7] and words in reasons(outcome)[0][1]
    assert Matter.objects.get().title == "演示旧事项8"


def test_places_and_rights_are_the_importing_officers(world):
    outcome = brought(world, past(world, 1), by="outsider")
    assert outcome.added == 0 and "不在您的管理范围内" in reasons(outcome)[0][1]
    for who in ("worker", "department", "resident"):
        with pytest.raises(NotAllowed):
            brought(world, past(world, 1), by=who)


def test_whole_or_nothing(world):
    outcome = brought(world, past(world, 1), past(world, 2, title=""), past(world, 3), whole=True)
    assert outcome.added == 0 and reasons(outcome) == [(2, "请填写事由。")]
    assert not Matter.objects.exists() and not Entry.objects.filter(action="request.open").exists()
    assert brought(world, past(world, 1), past(world, 3), whole=True).added == 2


def test_a_module_adds_its_own_rows_in_the_same_transaction(world):
    got = []
    brought(world, past(world, 1), past(world, 2), written=got.extend)
    assert [(case.number, matter.pk is not None) for case, matter in got] == [(1, True), (2, True)]


def merged(world, number, main, hours=30):
    steps = (past_step(world, "merge", "community", hours, internal="同一盏灯"),)
    neighbour = world.people["neighbour"].pk
    return past(world, number, steps=steps, main_key=main.new.key, reporter_id=neighbour)


@pytest.mark.parametrize("together", [True, False])
def test_duplicates_stand_under_the_main_one(world, together):
    main = past(world, 1)
    for some in [(main, merged(world, 2, main))] if together else [(main,), (merged(world, 2, main),)]:
        assert brought(world, *some).problems == []
    first, second = Matter.objects.order_by("pk")
    assert (second.state, second.main_id) == ("merged", first.pk)
    assert History.objects.get(matter=second, name="merge").data == {"main_id": first.pk}
    link = Link.objects.get()
    assert (link.matter_id, link.other_id, link.kind) == (second.pk, first.pk, "duplicate")
    follower = Participation.objects.get(matter=first)
    assert (follower.part, follower.person_id) == ("follows", world.people["neighbour"].pk)


def test_merged_into_nothing_into_a_duplicate_or_into_what_was_over(world):
    main = past(world, 1)
    second = merged(world, 2, main)
    outcome = brought(world, main, second, merged(world, 3, second), merged(world, 4, past(world, 99)))
    assert [row for row, _text in reasons(outcome)] == [3, 4]
    late = brought(world, merged(world, 5, main, hours=200))
    assert "那时已经办结" in reasons(late)[0][1]


def test_units_called_to_it(world):
    brought(world, past(world, 1, called=((world.department.pk, Participation.LEAD),)))
    row = Participation.objects.get()
    assert (row.unit_id, row.part) == (world.department.pk, "lead")


def test_live_steps_go_on_from_what_came_in(world):
    brought(world, past(world, 1, steps=usual_steps(world)[:3]))
    matter = Matter.objects.get()
    assert (matter.state, matter.is_open) == ("in_progress", True) and matter.due_at is not None
    assert step(world, "worker", matter, "handle", note="好了").state == "handled"


def test_a_portion_costs_the_same_for_one_and_for_many(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        bring_past(actor=world["street"], cases=[past(world, number) for number in range(60)])

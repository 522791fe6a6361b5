"""A large plan is approved by a job: the page answers at once, says how it stands, and why it could not be."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.places.models import Grid
from doorstep.kernel.proposals import services as proposals
from doorstep.kernel.shared.errors import Conflict, NotAllowed
from doorstep.modules.grids import services_plan_approval, services_plan_edits, services_plans
from doorstep.modules.grids.models import GridPlan
from tests.grids.plans.test_effect import LATER, sent
from tests.grids.plans.test_making import computed
from tests.grids.plans.test_pages import client, page
from tests.grids.plans.world import ONE, Ground


@pytest.fixture
def second(ground: Ground) -> Client:
    """Who may approve, signed in."""
    return client(ground, "street2")


@pytest.fixture
def asked(ground: Ground, second: Client, monkeypatch: pytest.MonkeyPatch) -> GridPlan:
    """Sent, and somebody asked to approve it on the page, which answered at once."""
    monkeypatch.setattr(services_plan_approval, "LARGE", 3)
    plan = sent(ground, LATER, asked={ONE: 5})
    answer = second.post(page(plan, "approve/"), {"lock_version": plan.lock_version})
    assert answer.status_code == 302
    return fresh(plan)


def fresh(plan: GridPlan) -> GridPlan:
    return GridPlan.objects.select_related("current").get(pk=plan.pk)


def jobs() -> list[tuple[Any, ...]]:
    rows = DBTaskResult.objects.filter(task_path__endswith="proposals.tasks.decide")
    return [tuple(row.args_kwargs["args"]) for row in rows]


def test_the_page_shows_it_at_work_until_the_job_has_decided(
    ground: Ground, asked: GridPlan, second: Client
) -> None:
    assert (asked.state, asked.deciding_by) == ("sent", ground.actor("street2").account_id)
    assert jobs() == [("grids.plan", asked.pk)]
    shown = second.get(page(asked, "changes/")).content.decode()
    assert "正在逐项核对" in shown and 'hx-trigger="load delay:1s"' in shown and ">批准<" not in shown
    for act in (services_plans.approve_plan, services_plans.send_back):
        with pytest.raises(Conflict, match="正在核对"):
            act(
                actor=ground.actor("street2"),
                plan_id=asked.pk,
                **({"reason": "再看"} if "back" in act.__name__ else {}),
            )  # type: ignore[operator]  # the two take what they are given
    proposals.decide_asked(*jobs()[0])
    done = fresh(asked)
    assert (done.state, done.approved_by, done.deciding_by) == (
        "approved",
        ground.actor("street2").account_id,
        None,
    )
    assert not Grid.objects.filter(code=f"{ONE}005").exists(), "tried and taken back"
    entries = Entry.objects.filter(action="grids.plan_approved", target_id=str(asked.pk))
    assert [entry.account_id for entry in entries] == [ground.actor("street2").account_id]
    proposals.decide_asked(*jobs()[0])
    assert entries.count() == 1, "run again it does nothing"


def test_what_the_act_refuses_stands_on_the_page_and_the_plan_waits_again(
    ground: Ground, asked: GridPlan, second: Client
) -> None:
    Grid.objects.filter(code=f"{ONE}001").update(valid_to=LATER)
    proposals.decide_asked("grids.plan", asked.pk)
    back = fresh(asked)
    assert (back.state, back.deciding_by, back.approved_by) == ("sent", None, None) and back.error
    shown = second.get(page(asked, "changes/?whole=1")).content.decode()
    assert "没有批准" in shown and back.error[:20] in shown


def test_nobody_approves_what_they_sent_nor_without_authority_nor_after_it_was_taken_back(
    ground: Ground, asked: GridPlan
) -> None:
    for field in ("deciding_by", "approved_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            GridPlan.objects.filter(pk=asked.pk).update(**{field: asked.sent_by})
    Account.objects.filter(pk=asked.deciding_by).update(is_active=False)
    proposals.decide_asked("grids.plan", asked.pk)
    assert (fresh(asked).state, fresh(asked).deciding_by) == ("sent", None)
    with pytest.raises(NotAllowed, match="不能自己批准"):
        services_plans.approve_plan(actor=ground.actor("street"), plan_id=asked.pk)
    services_plans.approve_plan(actor=ground.actor("district"), plan_id=asked.pk)
    services_plans.take_back(actor=ground.actor("street"), plan_id=asked.pk)
    proposals.decide_asked("grids.plan", asked.pk)
    assert (fresh(asked).state, fresh(asked).deciding_by) == ("ready", None)


def test_a_lost_job_is_asked_for_again(ground: Ground, asked: GridPlan) -> None:
    assert proposals.carry_on() == 0
    DBTaskResult.objects.all().delete()
    assert proposals.carry_on() == 1 and jobs() == [("grids.plan", asked.pk)]
    assert proposals.carry_on() == 0


def test_a_step_back_before_a_pin_counts_what_is_pinned_now(ground: Ground) -> None:
    """The figures of the older version were counted before anything was pinned."""
    plan = computed(ground)
    labels, ids = plan.current.labels, plan.buildings
    at, other = 0, next(at for at, label in enumerate(labels) if label != labels[0])
    street = {"actor": ground.actor("street"), "plan_id": plan.pk}
    services_plan_edits.draw_pin(**street, kind="together", buildings=[ids[at], ids[other]])
    assert services_plan_edits.undo(**street).figures["pins_broken"] == 1

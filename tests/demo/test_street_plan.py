"""The demo's plan of grids: made once, ready, the same again, and no figure of the district knows of it."""

from __future__ import annotations

import pytest
from django_tasks_db.models import DBTaskResult

from doorstep.demo import street_plan, tasks
from doorstep.kernel.shared import queues
from doorstep.modules.grids import instances, plan_changes
from doorstep.modules.grids.models import GridPlan

pytestmark = pytest.mark.usefixtures("demo_database")


def test_it_is_asked_for_once_by_itself(settings):
    settings.DEMO = True
    for _again in range(2):
        tasks.ask_for_a_plan()
    (job,) = DBTaskResult.objects.all()
    assert (job.queue_name, job.priority) == (queues.LONG, tasks.BEHIND_OTHERS)
    DBTaskResult.objects.all().delete()
    settings.DEMO = False
    tasks.ask_for_a_plan()
    assert not DBTaskResult.objects.exists()


def test_it_is_ready_could_take_effect_and_is_the_same_on_every_machine(settings):
    from doorstep.planning.grids import grids

    plan = street_plan.make()
    assert plan is not None and (plan.state, plan.error, plan.current.kind) == ("ready", "", "run")
    figures, today = plan.current.figures, plan.versions.get(number=1).figures
    assert figures["part_max"] < today["part_max"] and not figures["broken"] and not figures["wrong_number"]
    assert street_plan.make() is None and GridPlan.objects.count() == 1
    ground = instances.ground_of(plan)
    again = grids(ground.instance, seconds=60, seed=plan.seed, rounds=street_plan.ROUNDS)
    assert again.grids.tolist() == plan.current.labels
    from doorstep.kernel.authority.models import Account
    from doorstep.kernel.authority.selectors import actor_for

    told = plan_changes.changes(actor_for(Account.objects.get(username="street")), plan)
    assert told["problem"] == "" and told["begun"] and told["ended"]
    settings.DEMO = True
    DBTaskResult.objects.all().delete()
    tasks.ask_for_a_plan()
    assert not DBTaskResult.objects.exists()

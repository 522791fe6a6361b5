"""Background work of grids."""

from __future__ import annotations

from django_tasks import task

from doorstep.kernel.shared.queues import LONG
from doorstep.modules.grids import plan_runs


@task(queue_name=LONG)
def run_plan(plan_id: int) -> None:
    """Compute a plan, or go on with it. Can be cut off and run again."""
    plan_runs.run_plan(plan_id)

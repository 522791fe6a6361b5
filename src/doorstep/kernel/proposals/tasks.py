"""Large plans are tried and approved in the background."""

from __future__ import annotations

from django_tasks import task

from doorstep.kernel.proposals import services
from doorstep.kernel.shared.queues import LONG


@task(queue_name=LONG)
def decide(act: str, plan_id: int) -> None:
    """Approve a plan as somebody asked. Can be cut off and run again."""
    services.decide_asked(act, plan_id)

"""Deriving for a whole district, as background work."""

from __future__ import annotations

from django_tasks import task

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.obligations.services_deriving import derive


@task()
def derive_all() -> None:
    """All rules, all units. Idempotent."""
    derive(actor=system_actor("obligations"))


def ask_to_derive() -> None:
    """Called by the scheduler."""
    derive_all.enqueue()

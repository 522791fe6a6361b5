"""What grids do by themselves: the words of visits go when their term of keeping is over; plans take effect on their day, and
one whose job was lost is computed on."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.schedule import Periodic, declare
from doorstep.modules.grids import plan_runs
from doorstep.modules.grids.services_plans import apply_due
from doorstep.modules.grids.services_staffing import apply_due_staffing


def apply_plans() -> None:
    """Approved plans of grids take effect on their day."""
    apply_due(actor=system_actor(gettext_noop("网格方案按日生效")))


def apply_staffing() -> None:
    """Approved plans of who works which grid take effect on their day, after those of the grids."""
    apply_due_staffing(actor=system_actor(gettext_noop("网格员方案按日生效")))


def carry_on_plans() -> None:
    """A plan that waits and whose job is nowhere is asked for again."""
    plan_runs.carry_on()


declare(
    Periodic("grids.forget_visits", "doorstep.modules.grids.services.forget_visits", daily_at=dt.time(3, 10)),
    Periodic("grids.apply_plans", "doorstep.modules.grids.schedule.apply_plans", daily_at=dt.time(0, 10)),
    Periodic(
        "grids.apply_staffing", "doorstep.modules.grids.schedule.apply_staffing", daily_at=dt.time(0, 25)
    ),
    Periodic("grids.carry_on_plans", "doorstep.modules.grids.schedule.carry_on_plans", every_seconds=60),
)

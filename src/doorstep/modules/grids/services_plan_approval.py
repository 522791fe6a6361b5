"""A plan of grids sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.proposals.models import OPEN
from doorstep.kernel.proposals.rows import locked, touched
from doorstep.kernel.proposals.services import Done, Procedure
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_changes import told_of
from doorstep.modules.grids.plan_layout import put_into_effect
from doorstep.modules.grids.plan_staffing import refuse_unfair
from doorstep.modules.grids.plan_telling import SUBJECT, tell_applied

LARGE = 1500  # buildings: what a street's plan changes is tried within a second


def _refuse_unfit(plan: GridPlan) -> None:
    """What nobody should be asked to approve."""
    if plan.current is None or None in plan.current.labels:
        raise RuleViolation(_("还有楼栋没有分到网格，请先计算方案。"))
    found = plan.current.figures
    if found["wrong_number"] or found["crossing"]:
        raise RuleViolation(_("有社区的网格数和要求的不一样，请先计算方案。"))
    if found["broken"]:
        raise RuleViolation(_("有%d个网格不连通，请先计算方案。") % found["broken"])
    if found["pins_broken"]:
        raise RuleViolation(_("有要求还没有做到，请继续计算，或去掉这项要求。"))
    if plan.with_staff:
        refuse_unfair(plan)
    if plan.current.labels == plan.versions.order_by("number").values_list("labels", flat=True).first():
        raise RuleViolation(_("方案和现状一样，没有要调整的。"))


def _carry_out(actor: Actor, plan: GridPlan) -> Done:
    """Draw the grids; who is told hears of it once the plan is marked."""
    done = put_into_effect(actor, plan)
    made = done.redrawing
    changes: dict[str, Any] = {
        "effective_on": [None, made.effective_on.isoformat()], "document": [None, made.document],
        "begun": [None, list(made.begun)], "ended": [None, list(made.ended)], "changed": [None, len(made.changed)],
        "buildings": [None, len(made.moves)],
    }  # fmt: skip
    return Done(asdict(told_of(done)), changes, lambda: tell_applied(actor, plan, done))


PROCEDURE = Procedure(
    model=GridPlan, act="grids.plan", subject=SUBJECT, refuse_unfit=_refuse_unfit, carry_out=_carry_out,
    is_large=lambda plan: len(plan.buildings) > LARGE,
)  # fmt: skip


def _works_there(community: str, appointment_id: int) -> bool:
    rows = Appointment.objects.filter(
        within("place_code", [community]), pk=appointment_id, post="grid_worker"
    )
    return rows.exclude(valid_to__lte=clock.today()).filter(substitute_for=None).exists()


@transaction.atomic
def choose_worker(
    *, actor: Actor, plan_id: int, number: int, appointment_id: int | None, lock_version: int | None = None
) -> GridPlan:
    """Say whose appointment is to work a new grid of the plan; None leaves it to the rule (who works the grid that gave most)."""
    plan = locked(GridPlan, actor, plan_id, "make", lock_version)
    if plan.state not in OPEN:
        raise Conflict(_("方案已送审，收回以后才能再改。"))
    new = plan.grids.filter(number=number).first()
    if new is None or (new.code and not plan.with_staff):
        raise RuleViolation(_("只有新网格要选网格员；现有网格的，请在网格员安排里调整。"), field="number")
    if appointment_id is not None and not _works_there(new.community, appointment_id):
        raise RuleViolation(_("请从这个社区在任的网格员中选择。"), field="worker")
    workers = dict(plan.workers)
    workers.pop(str(number), None)
    if appointment_id is not None:
        workers[str(number)] = appointment_id
    plan.workers = workers
    touched(plan, "workers")
    changes = {"number": number, "appointment": [None, appointment_id]}
    record(actor, Act("grids.plan_worker_chosen", plan, plan.place_code, changes))
    return plan

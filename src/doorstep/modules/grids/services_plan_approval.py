"""A plan of grids sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids import services_approval as approval
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_changes import told_of
from doorstep.modules.grids.plan_layout import put_into_effect
from doorstep.modules.grids.plan_rows import Done, locked, refuse_stale, touched
from doorstep.modules.grids.plan_staffing import refuse_unfair
from doorstep.modules.grids.plan_telling import tell_applied, tell_back, tell_refused


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


PROCEDURE = approval.Procedure(
    model=GridPlan, act="grids.plan", refuse_unfit=_refuse_unfit, carry_out=_carry_out, tell_back=tell_back,
    tell_refused=tell_refused,
)  # fmt: skip


def send_plan(
    *, actor: Actor, plan_id: int, effective_on: dt.date, document: str, lock_version: int | None = None
) -> GridPlan:
    """Send the plan to be approved by somebody else. Raises Refused, naming the field."""
    return approval.send(PROCEDURE, actor, plan_id, effective_on, document, lock_version)


def send_back(*, actor: Actor, plan_id: int, reason: str, lock_version: int | None = None) -> GridPlan:
    """A second person sends the plan back, saying why."""
    return approval.send_back(PROCEDURE, actor, plan_id, reason, lock_version)


def approve_plan(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GridPlan:
    """A second person approves. The act is tried first and taken back; what it refuses is refused here, in words. With the day
    of effect today it takes effect at once."""
    return approval.approve(PROCEDURE, actor, plan_id, lock_version)


def take_back(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GridPlan:
    """Until it takes effect a plan that was sent or approved can be taken back and changed again."""
    return approval.take_back(PROCEDURE, actor, plan_id, lock_version)


def drop_plan(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GridPlan:
    """Give a plan up; a computing one ends."""
    return approval.drop(PROCEDURE, actor, plan_id, lock_version)


def apply_due(*, actor: Actor, on: dt.date | None = None) -> int:
    """Put into effect the approved plans whose day has come, each in a transaction of its own. What the day refuses becomes the
    plan's state, with the sentence, and waits for who sent it. Returns how many took effect; called again it does nothing."""
    return approval.apply_due(PROCEDURE, actor, on)


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
    plan = locked(actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state not in ("ready", "refused"):
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

"""A plan sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places import rules as places_rules
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, Refused, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_changes import told_of
from doorstep.modules.grids.plan_layout import put_into_effect
from doorstep.modules.grids.plan_rows import locked, refuse_stale, touched
from doorstep.modules.grids.plan_telling import tell_applied, tell_back, tell_refused


@transaction.atomic
def send_plan(
    *, actor: Actor, plan_id: int, effective_on: dt.date, document: str, lock_version: int | None = None
) -> GridPlan:
    """Send the plan to be approved by somebody else. Raises Refused, naming the field."""
    plan = locked(actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state not in ("ready", "refused"):
        raise Conflict(_("这个方案现在不能送审，请刷新后查看它的状态。"))
    _refuse_unfit(plan)
    if effective_on < clock.today():
        raise RuleViolation(_("生效日期不能早于今天。"), field="effective_on")
    plan.document = places_rules.clean_document(document)
    plan.state, plan.effective_on, plan.reason, plan.error = "sent", effective_on, "", ""
    plan.sent_by, plan.sent_at = actor.account_id, clock.now()
    plan.approved_by, plan.approved_at = None, None
    touched(
        plan, "state", "effective_on", "document", "reason", "error", "sent_by", "sent_at", "approved_by", "approved_at"
    )  # fmt: skip
    changes = {"effective_on": [None, effective_on.isoformat()], "document": [None, plan.document]}
    record(actor, Act("grids.plan_sent", plan, plan.place_code, changes))
    return plan


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
    if plan.current.labels == plan.versions.order_by("number").values_list("labels", flat=True).first():
        raise RuleViolation(_("方案和现状一样，没有要调整的。"))


@transaction.atomic
def send_back(*, actor: Actor, plan_id: int, reason: str, lock_version: int | None = None) -> GridPlan:
    """A second person sends the plan back, saying why."""
    plan = locked(actor, plan_id, "approve")
    refuse_stale(plan, lock_version)
    _second_person(actor, plan)
    if plan.state != "sent":
        raise Conflict(_("这个方案现在不在审批中，请刷新后查看。"))
    words = reason.strip()
    if not 0 < len(words) <= 200:
        raise RuleViolation(_("请写明退回的原因，不超过200个字。"), field="reason")
    plan.state, plan.reason = "ready", words
    touched(plan, "state", "reason")
    record(actor, Act("grids.plan_sent_back", plan, plan.place_code, words={"reason": words}))
    tell_back(actor, plan)
    return plan


@transaction.atomic
def approve_plan(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GridPlan:
    """A second person approves. The act is tried first and taken back; what it refuses is refused here, in words. With the day
    of effect today it takes effect at once."""
    plan = locked(actor, plan_id, "approve")
    refuse_stale(plan, lock_version)
    _second_person(actor, plan)
    if plan.state != "sent":
        raise Conflict(_("这个方案现在不在审批中，请刷新后查看。"))
    if plan.effective_on is None or plan.effective_on < clock.today():
        raise RuleViolation(_("生效日期已经过去，请退回，由送审的人另定日期。"), field="effective_on")
    at_once = plan.effective_on == clock.today()
    if not at_once:
        _try_out(actor, plan)
    plan.state, plan.approved_by, plan.approved_at = "approved", actor.account_id, clock.now()
    touched(plan, "state", "approved_by", "approved_at")
    record(actor, Act("grids.plan_approved", plan, plan.place_code))
    if at_once:
        _apply(actor, plan)
    return plan


def _try_out(actor: Actor, plan: GridPlan) -> None:
    """The act itself, taken back. Raises Refused in words."""
    with transaction.atomic():
        put_into_effect(actor, plan)
        transaction.set_rollback(True)


def _apply(actor: Actor, plan: GridPlan) -> None:
    """Draw the grids and tell whom it concerns, in the caller's transaction."""
    done = put_into_effect(actor, plan)
    plan.state, plan.applied_at, plan.error = "applied", clock.now(), ""
    plan.outcome = asdict(told_of(done))
    touched(plan, "state", "applied_at", "error", "outcome")
    made = done.redrawing
    changes = {
        "effective_on": [None, made.effective_on.isoformat()], "document": [None, made.document],
        "begun": [None, list(made.begun)], "ended": [None, list(made.ended)], "changed": [None, len(made.changed)],
        "buildings": [None, len(made.moves)],
    }  # fmt: skip
    record(actor, Act("grids.plan_applied", plan, plan.place_code, changes))
    tell_applied(actor, plan, done)


@transaction.atomic
def take_back(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GridPlan:
    """Until it takes effect a plan that was sent or approved can be taken back and changed again."""
    plan = locked(actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state == "applied":
        raise Conflict(_("这个方案已经生效，不能再收回；要再调整，请做一个新方案。"))
    if plan.state not in ("sent", "approved"):
        raise Conflict(_("这个方案没有送审，不用收回。"))
    plan.state, plan.approved_by, plan.approved_at = "ready", None, None
    touched(plan, "state", "approved_by", "approved_at")
    record(actor, Act("grids.plan_taken_back", plan, plan.place_code))
    return plan


@transaction.atomic
def drop_plan(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GridPlan:
    """Give a plan up; a computing one ends."""
    plan = locked(actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state in ("sent", "approved", "applied"):
        raise Conflict(_("送审、批准或生效的方案不能放弃；未生效的请先收回。"))
    plan.state, plan.stop_asked = "dropped", False
    touched(plan, "state", "stop_asked")
    record(actor, Act("grids.plan_dropped", plan, plan.place_code))
    return plan


def _second_person(actor: Actor, plan: GridPlan) -> None:
    if actor.account_id is None or actor.account_id == plan.sent_by:
        raise NotAllowed(_("送审的人不能自己批准，请由另一位负责人批准。"))


def _works_there(plan: GridPlan, appointment_id: int) -> bool:
    rows = Appointment.objects.filter(
        within("place_code", list(plan.asked)), pk=appointment_id, post="grid_worker"
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
    if not plan.grids.filter(number=number, code="").exists():
        raise RuleViolation(_("只有新网格要选网格员；现有网格的，请在网格员安排里调整。"), field="number")
    if appointment_id is not None and not _works_there(plan, appointment_id):
        raise RuleViolation(_("请从这个范围里在任的网格员中选择。"), field="worker")
    workers = dict(plan.workers)
    workers.pop(str(number), None)
    if appointment_id is not None:
        workers[str(number)] = appointment_id
    plan.workers = workers
    touched(plan, "workers")
    changes = {"number": number, "appointment": [None, appointment_id]}
    record(actor, Act("grids.plan_worker_chosen", plan, plan.place_code, changes))
    return plan


def apply_due(*, actor: Actor, on: dt.date | None = None) -> int:
    """Put into effect the approved plans whose day has come, each in a transaction of its own. What the day refuses becomes the
    plan's state, with the sentence, and waits for who sent it. Returns how many took effect; called again it does nothing."""
    day = on or clock.today()
    due = GridPlan.objects.filter(state="approved", effective_on__lte=day).order_by("effective_on", "pk")
    return sum(_apply_one(actor, pk, day) for pk in list(due.values_list("pk", flat=True)))


def _apply_one(actor: Actor, plan_id: int, day: dt.date) -> bool:
    with transaction.atomic():
        plan = (
            GridPlan.objects.select_for_update(no_key=True, of=("self",))
            .select_related("current")
            .filter(pk=plan_id, state="approved", effective_on__lte=day)
            .first()
        )
        if plan is None:  # taken back, or put into effect, while this waited
            return False
        try:
            with transaction.atomic():
                _apply(actor, plan)
        except Refused as refused:
            plan.refresh_from_db()
            plan.state, plan.error = "refused", str(refused.message)[:400]
            touched(plan, "state", "error")
            record(actor, Act("grids.plan_refused", plan, plan.place_code, {"why": [None, plan.error]}))
            tell_refused(actor, plan)
            return False
    return True

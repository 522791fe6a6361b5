"""How a plan of either kind becomes what holds: sent, approved by a second person, taken back until its day, put into effect
whole or not at all. The plans of grids and those of their workers say here what is their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places import rules as places_rules
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, Refused, RuleViolation
from doorstep.modules.grids.plan_rows import Done, P, locked_of, refuse_stale, touched


@dataclass(frozen=True)
class Procedure(Generic[P]):
    """act: what its acts are called in the audit. refuse_unfit: raises for what nobody should be asked to approve.
    carry_out: the act itself, in the caller's transaction."""

    model: type[P]
    act: str
    refuse_unfit: Callable[[P], None]
    carry_out: Callable[[Actor, P], Done]
    tell_back: Callable[[Actor, P], Any]
    tell_refused: Callable[[Actor, P], Any]


@transaction.atomic
def send(
    of: Procedure[P], actor: Actor, plan_id: int, effective_on: dt.date, document: str, lock_version: int | None
) -> P:  # fmt: skip
    plan = locked_of(of.model, actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state not in ("ready", "refused"):
        raise Conflict(_("这个方案现在不能送审，请刷新后查看它的状态。"))
    of.refuse_unfit(plan)
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
    record(actor, Act(f"{of.act}_sent", plan, plan.place_code, changes))
    return plan


@transaction.atomic
def send_back(of: Procedure[P], actor: Actor, plan_id: int, reason: str, lock_version: int | None) -> P:
    plan = locked_of(of.model, actor, plan_id, "approve")
    refuse_stale(plan, lock_version)
    _second_person(actor, plan)
    if plan.state != "sent":
        raise Conflict(_("这个方案现在不在审批中，请刷新后查看。"))
    words = reason.strip()
    if not 0 < len(words) <= 200:
        raise RuleViolation(_("请写明退回的原因，不超过200个字。"), field="reason")
    plan.state, plan.reason = "ready", words
    touched(plan, "state", "reason")
    record(actor, Act(f"{of.act}_sent_back", plan, plan.place_code, words={"reason": words}))
    of.tell_back(actor, plan)
    return plan


@transaction.atomic
def approve(of: Procedure[P], actor: Actor, plan_id: int, lock_version: int | None) -> P:
    plan = locked_of(of.model, actor, plan_id, "approve")
    refuse_stale(plan, lock_version)
    _second_person(actor, plan)
    if plan.state != "sent":
        raise Conflict(_("这个方案现在不在审批中，请刷新后查看。"))
    if plan.effective_on is None or plan.effective_on < clock.today():
        raise RuleViolation(_("生效日期已经过去，请退回，由送审的人另定日期。"), field="effective_on")
    at_once = plan.effective_on == clock.today()
    if not at_once:
        _try_out(of, actor, plan)
    plan.state, plan.approved_by, plan.approved_at = "approved", actor.account_id, clock.now()
    touched(plan, "state", "approved_by", "approved_at")
    record(actor, Act(f"{of.act}_approved", plan, plan.place_code))
    if at_once:
        _apply(of, actor, plan)
    return plan


def _try_out(of: Procedure[P], actor: Actor, plan: P) -> None:
    """The act itself, taken back. Raises Refused in words."""
    with transaction.atomic():
        of.carry_out(actor, plan)
        transaction.set_rollback(True)


def _apply(of: Procedure[P], actor: Actor, plan: P) -> None:
    """The act, and whom it concerns told, in the caller's transaction."""
    done = of.carry_out(actor, plan)
    plan.state, plan.applied_at, plan.error = "applied", clock.now(), ""
    plan.outcome = done.outcome
    touched(plan, "state", "applied_at", "error", "outcome")
    record(actor, Act(f"{of.act}_applied", plan, plan.place_code, done.changes))
    done.tell()


@transaction.atomic
def take_back(of: Procedure[P], actor: Actor, plan_id: int, lock_version: int | None) -> P:
    plan = locked_of(of.model, actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state == "applied":
        raise Conflict(_("这个方案已经生效，不能再收回；要再调整，请做一个新方案。"))
    if plan.state not in ("sent", "approved"):
        raise Conflict(_("这个方案没有送审，不用收回。"))
    plan.state, plan.approved_by, plan.approved_at = "ready", None, None
    touched(plan, "state", "approved_by", "approved_at")
    record(actor, Act(f"{of.act}_taken_back", plan, plan.place_code))
    return plan


@transaction.atomic
def drop(of: Procedure[P], actor: Actor, plan_id: int, lock_version: int | None) -> P:
    plan = locked_of(of.model, actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state in ("sent", "approved", "applied"):
        raise Conflict(_("送审、批准或生效的方案不能放弃；未生效的请先收回。"))
    plan.state = "dropped"
    touched(plan, "state")
    record(actor, Act(f"{of.act}_dropped", plan, plan.place_code))
    return plan


def _second_person(actor: Actor, plan: Any) -> None:
    if actor.account_id is None or actor.account_id == plan.sent_by:
        raise NotAllowed(_("送审的人不能自己批准，请由另一位负责人批准。"))


def apply_due(of: Procedure[P], actor: Actor, on: dt.date | None) -> int:
    day = on or clock.today()
    due = of.model._default_manager.filter(state="approved", effective_on__lte=day).order_by(
        "effective_on", "pk"
    )
    return sum(_apply_one(of, actor, pk, day) for pk in list(due.values_list("pk", flat=True)))


def _apply_one(of: Procedure[P], actor: Actor, plan_id: int, day: dt.date) -> bool:
    with transaction.atomic():
        rows = of.model._default_manager.select_for_update(no_key=True, of=("self",))
        plan = (
            rows.select_related("current").filter(pk=plan_id, state="approved", effective_on__lte=day).first()
        )
        if plan is None:  # taken back, or put into effect, while this waited
            return False
        try:
            with transaction.atomic():
                _apply(of, actor, plan)
        except Refused as refused:
            plan.refresh_from_db()
            plan.state, plan.error = "refused", str(refused.message)[:400]
            touched(plan, "state", "error")
            record(actor, Act(f"{of.act}_refused", plan, plan.place_code, words={"reason": plan.error}))
            of.tell_refused(actor, plan)
            return False
    return True

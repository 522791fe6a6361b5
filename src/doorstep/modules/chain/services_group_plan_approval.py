"""A plan of building groups sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.audit.staleness import refuse_stale_plan
from doorstep.kernel.places import rules as places_rules
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, Refused, RuleViolation
from doorstep.modules.chain.group_plan_changes import told_of
from doorstep.modules.chain.group_plan_layout import put_into_effect
from doorstep.modules.chain.group_plan_rows import locked, present, touched
from doorstep.modules.chain.group_plan_telling import tell_applied, tell_back, tell_refused
from doorstep.modules.chain.models import GroupPlan


@transaction.atomic
def send_plan(
    *, actor: Actor, plan_id: int, effective_on: dt.date, document: str, approval: str = "", lock_version: int | None = None
) -> GroupPlan:  # fmt: skip
    """Send the plan to be approved by somebody else. `approval`: the document by which the superior let groups be smaller than the
    rule says. Raises Refused, naming the field."""
    plan = locked(actor, plan_id, "make")
    refuse_stale_plan(plan, lock_version)
    if plan.state not in ("ready", "refused"):
        raise Conflict(_("这个方案现在不能送审，请刷新后查看它的状态。"))
    _refuse_unfit(plan, approval)
    if effective_on < clock.today():
        raise RuleViolation(_("生效日期不能早于今天。"), field="effective_on")
    places_rules.check_day(effective_on, clock.today())
    plan.document = places_rules.clean_document(document)
    plan.approval = " ".join(approval.split())[:80]
    plan.state, plan.effective_on, plan.reason, plan.error = "sent", effective_on, "", ""
    plan.sent_by, plan.sent_at = actor.account_id, clock.now()
    plan.approved_by, plan.approved_at = None, None
    touched(
        plan, "state", "effective_on", "document", "approval", "reason", "error", "sent_by", "sent_at", "approved_by",
        "approved_at",
    )  # fmt: skip
    changes = {"effective_on": [None, effective_on.isoformat()], "document": [None, plan.document]}
    record(actor, Act("chain.group_plan_sent", plan, plan.place_code, changes))
    return plan


def _refuse_unfit(plan: GroupPlan, approval: str) -> None:
    """What nobody should be asked to approve."""
    current = present(plan)
    found = current.figures
    if None in current.labels:
        raise RuleViolation(_("还有楼栋没有分到小组，请先计算方案。"))
    if found["broken"] or found["crossing"]:
        raise RuleViolation(_("有小组的楼栋不相邻，或者不在一个党支部的网格里，请先计算方案。"))
    if (
        current.labels == plan.versions.order_by("number").values_list("labels", flat=True).first()
        and not plan.names
    ):
        raise RuleViolation(_("方案和现状一样，没有要调整的。"))
    if found["under"] and not approval.strip():
        raise RuleViolation(
            _("有%(count)d个小组不足%(least)d人；如已经上级批准，请填写例外批准文号。")
            % {"count": found["under"], "least": plan.minimum},
            field="approval",
        )


@transaction.atomic
def send_back(*, actor: Actor, plan_id: int, reason: str, lock_version: int | None = None) -> GroupPlan:
    """A second person sends the plan back, saying why."""
    plan = locked(actor, plan_id, "approve")
    refuse_stale_plan(plan, lock_version)
    _second_person(actor, plan)
    if plan.state != "sent":
        raise Conflict(_("这个方案现在不在审批中，请刷新后查看。"))
    words = reason.strip()
    if not 0 < len(words) <= 200:
        raise RuleViolation(_("请写明退回的原因，不超过200个字。"), field="reason")
    plan.state, plan.reason = "ready", words
    touched(plan, "state", "reason")
    record(actor, Act("chain.group_plan_sent_back", plan, plan.place_code, words={"reason": words}))
    tell_back(actor, plan)
    return plan


@transaction.atomic
def approve_plan(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GroupPlan:
    """A second person approves. The act is tried first and taken back; what it refuses is refused here, in words. With the day
    of effect today it takes effect at once."""
    plan = locked(actor, plan_id, "approve")
    refuse_stale_plan(plan, lock_version)
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
    record(actor, Act("chain.group_plan_approved", plan, plan.place_code))
    if at_once:
        _apply(actor, plan)
    return plan


def _try_out(actor: Actor, plan: GroupPlan) -> None:
    """The act itself, taken back. Raises Refused in words."""
    with transaction.atomic():
        put_into_effect(actor, plan)
        transaction.set_rollback(True)


def _apply(actor: Actor, plan: GroupPlan) -> None:
    """Draw the groups and tell whom it concerns, in the caller's transaction."""
    done = put_into_effect(actor, plan)
    plan.state, plan.applied_at, plan.error = "applied", clock.now(), ""
    plan.outcome = asdict(told_of(done))
    touched(plan, "state", "applied_at", "error", "outcome")
    changes = {
        "effective_on": [None, done.effective_on.isoformat()], "document": [None, done.document],
        "begun": [None, len(done.begun)], "ended": [None, len(done.heirs)], "changed": [None, len(done.changed)],
        "buildings": [None, len(done.moves)],
    }  # fmt: skip
    record(actor, Act("chain.group_plan_applied", plan, plan.place_code, changes))
    tell_applied(actor, plan, done)


@transaction.atomic
def take_back(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GroupPlan:
    """Until it takes effect a plan that was sent or approved can be taken back and changed again."""
    plan = locked(actor, plan_id, "make")
    refuse_stale_plan(plan, lock_version)
    if plan.state == "applied":
        raise Conflict(_("这个方案已经生效，不能再收回；要再调整，请做一个新方案。"))
    if plan.state not in ("sent", "approved"):
        raise Conflict(_("这个方案没有送审，不用收回。"))
    plan.state, plan.approved_by, plan.approved_at = "ready", None, None
    touched(plan, "state", "approved_by", "approved_at")
    record(actor, Act("chain.group_plan_taken_back", plan, plan.place_code))
    return plan


@transaction.atomic
def drop_plan(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GroupPlan:
    """Give a plan up."""
    plan = locked(actor, plan_id, "make")
    refuse_stale_plan(plan, lock_version)
    if plan.state not in ("ready", "refused"):
        raise Conflict(_("送审、批准或生效的方案不能放弃；未生效的请先收回。"))
    plan.state = "dropped"
    touched(plan, "state")
    record(actor, Act("chain.group_plan_dropped", plan, plan.place_code))
    return plan


def _second_person(actor: Actor, plan: GroupPlan) -> None:
    if actor.account_id is None or actor.account_id == plan.sent_by:
        raise NotAllowed(_("送审的人不能自己批准，请由另一位负责人批准。"))


def apply_due(*, actor: Actor, on: dt.date | None = None) -> int:
    """Put into effect the approved plans whose day has come, each in a transaction of its own. What the day refuses becomes the
    plan's state, with the sentence, and waits for who sent it. Returns how many took effect; called again it does nothing."""
    day = on or clock.today()
    due = GroupPlan.objects.filter(state="approved", effective_on__lte=day).order_by("effective_on", "pk")
    return sum(_apply_one(actor, pk, day) for pk in list(due.values_list("pk", flat=True)))


def _apply_one(actor: Actor, plan_id: int, day: dt.date) -> bool:
    with transaction.atomic():
        plan = (
            GroupPlan.objects.select_for_update(no_key=True, of=("self",))
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
            record(actor, Act("chain.group_plan_refused", plan, plan.place_code, {"why": [None, plan.error]}))
            tell_refused(actor, plan)
            return False
    return True

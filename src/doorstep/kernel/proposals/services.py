"""How a plan becomes what holds: sent, approved by a second person, taken back until its day, put into effect whole or not at all.
A module says in its `Procedure` what is its own."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.places import rules as places_rules
from doorstep.kernel.proposals.models import OPEN
from doorstep.kernel.proposals.rows import P, locked, touched
from doorstep.kernel.proposals.telling import BACK, REFUSED, tell_sender
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, Refused, RuleViolation

logger = logging.getLogger(__name__)
_known: dict[str, Procedure[Any]] = {}


@dataclass(frozen=True)
class Done:
    """What putting a plan into effect did: as the plan keeps it, as the audit does, and who is told of it afterwards."""

    outcome: dict[str, Any]
    changes: dict[str, Any]
    tell: Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Procedure(Generic[P]):
    """act: what its acts are called in the audit. subject: of what is told to people. refuse_unfit: raises for what nobody should
    be asked to approve. carry_out: the act itself, in the caller's transaction. is_large: the act takes so long that a job tries it."""

    model: type[P]
    act: str
    subject: str
    refuse_unfit: Callable[[P], None]
    carry_out: Callable[[Actor, P], Done]
    is_large: Callable[[P], bool]

    def __post_init__(self) -> None:
        _known[self.act] = self

    @transaction.atomic
    def send_plan(
        self, *, actor: Actor, plan_id: int, effective_on: dt.date, document: str, lock_version: int | None = None, **more: str
    ) -> P:  # fmt: skip
        """Send the plan to be approved by somebody else. more: columns of the plan that go with it. Raises Refused, naming the field."""
        plan = locked(self.model, actor, plan_id, "make", lock_version)
        if plan.state not in OPEN:
            raise Conflict(_("这个方案现在不能送审，请刷新后查看它的状态。"))
        for name, text in more.items():
            setattr(plan, name, " ".join(text.split())[:80])
        self.refuse_unfit(plan)
        if effective_on < clock.today():
            raise RuleViolation(_("生效日期不能早于今天。"), field="effective_on")
        places_rules.check_day(effective_on, clock.today())
        plan.document = places_rules.clean_document(document)
        plan.state, plan.effective_on, plan.reason, plan.error = "sent", effective_on, "", ""
        plan.sent_by, plan.sent_at = actor.account_id, clock.now()
        plan.deciding_by, plan.approved_by, plan.approved_at = None, None, None
        touched(
            plan, "state", "effective_on", "document", "reason", "error", "sent_by", "sent_at", "deciding_by", "approved_by",
            "approved_at", *more,
        )  # fmt: skip
        changes = {"effective_on": [None, effective_on.isoformat()], "document": [None, plan.document]}
        record(actor, Act(f"{self.act}_sent", plan, plan.place_code, changes))
        return plan

    @transaction.atomic
    def send_back(self, *, actor: Actor, plan_id: int, reason: str, lock_version: int | None = None) -> P:
        """A second person sends the plan back, saying why."""
        plan = self._undecided(actor, plan_id, lock_version)
        words = reason.strip()
        if not 0 < len(words) <= 200:
            raise RuleViolation(_("请写明退回的原因，不超过200个字。"), field="reason")
        plan.state, plan.reason = "ready", words
        touched(plan, "state", "reason")
        record(actor, Act(f"{self.act}_sent_back", plan, plan.place_code, words={"reason": words}))
        tell_sender(actor, plan, self.subject, BACK)
        return plan

    @transaction.atomic
    def approve_plan(self, *, actor: Actor, plan_id: int, lock_version: int | None = None) -> P:
        """A second person approves. The act is tried first and taken back; what it refuses is refused here, in words. With the
        day of effect today it takes effect at once. A large plan is tried by a job: the answer is the plan with `deciding_by`."""
        plan = self._undecided(actor, plan_id, lock_version)
        if plan.effective_on is None or plan.effective_on < clock.today():
            raise RuleViolation(_("生效日期已经过去，请退回，由送审的人另定日期。"), field="effective_on")
        if self.is_large(plan):
            plan.deciding_by, plan.error = actor.account_id, ""
            touched(plan, "deciding_by", "error")
            enqueue(self.act, plan.pk)
        else:
            self._decide(actor, plan)
        return plan

    def _undecided(self, actor: Actor, plan_id: int, lock_version: int | None) -> P:
        """The plan, locked, that waits for a second person, who this is."""
        plan = locked(self.model, actor, plan_id, "approve", lock_version)
        _require_second_person(actor, plan)
        if plan.state != "sent":
            raise Conflict(_("这个方案现在不在审批中，请刷新后查看。"))
        if plan.deciding_by is not None:
            raise Conflict(_("这个方案正在核对，核对完才知道能不能批准，请稍候。"))
        return plan

    def _decide(self, actor: Actor, plan: P) -> None:
        """Approved, in the caller's transaction. Raises Refused in words."""
        at_once = plan.effective_on == clock.today()
        if not at_once:
            with transaction.atomic():
                self.carry_out(actor, plan)
                transaction.set_rollback(True)
        plan.state, plan.approved_by, plan.approved_at = "approved", actor.account_id, clock.now()
        plan.deciding_by, plan.error = None, ""
        touched(plan, "state", "approved_by", "approved_at", "deciding_by", "error")
        record(actor, Act(f"{self.act}_approved", plan, plan.place_code))
        if at_once:
            self._apply(actor, plan)

    def decide_in_a_job(self, plan_id: int) -> None:
        """What somebody asked with `approve_plan` of a large plan: tried and approved in one transaction, as the same person. What is
        refused becomes the plan's `error`, and the plan waits again. Called twice, or cut off and called again, it does no harm."""
        try:
            with transaction.atomic():
                plan = self._asked(plan_id)
                if plan is None:
                    return
                actor = actor_for(Account.objects.filter(pk=plan.deciding_by or 0).first())
                policy_for(self.model).require(actor, "approve", plan)
                _require_second_person(actor, plan)
                self._decide(actor, plan)
        except Refused as refused:
            self._undo_asking(plan_id, str(refused.message))
        except Exception:
            logger.exception("plan %s was not decided", plan_id)
            self._undo_asking(plan_id, _("平台出错，没有批准，请再试一次。"))

    def _asked(self, plan_id: int) -> P | None:
        rows = self.model._default_manager.select_for_update(no_key=True, of=("self",))
        asked = rows.filter(pk=plan_id, state="sent", deciding_by__isnull=False)
        return asked.select_related("current").first()

    def _undo_asking(self, plan_id: int, error: str) -> None:
        with transaction.atomic():
            plan = self._asked(plan_id)
            if plan is not None:
                plan.deciding_by, plan.error = None, error[:400]
                touched(plan, "deciding_by", "error")

    def _apply(self, actor: Actor, plan: P) -> None:
        """The act, and whom it concerns told, in the caller's transaction."""
        done = self.carry_out(actor, plan)
        plan.state, plan.applied_at, plan.error = "applied", clock.now(), ""
        plan.outcome = done.outcome
        touched(plan, "state", "applied_at", "error", "outcome")
        record(actor, Act(f"{self.act}_applied", plan, plan.place_code, done.changes))
        done.tell()

    @transaction.atomic
    def take_back(self, *, actor: Actor, plan_id: int, lock_version: int | None = None) -> P:
        """Until it takes effect a plan that was sent or approved can be taken back and changed again."""
        plan = locked(self.model, actor, plan_id, "make", lock_version)
        if plan.state == "applied":
            raise Conflict(_("这个方案已经生效，不能再收回；要再调整，请做一个新方案。"))
        if plan.state not in ("sent", "approved"):
            raise Conflict(_("这个方案没有送审，不用收回。"))
        plan.state, plan.deciding_by, plan.approved_by, plan.approved_at = "ready", None, None, None
        touched(plan, "state", "deciding_by", "approved_by", "approved_at")
        record(actor, Act(f"{self.act}_taken_back", plan, plan.place_code))
        return plan

    @transaction.atomic
    def drop_plan(self, *, actor: Actor, plan_id: int, lock_version: int | None = None) -> P:
        """Give a plan up; a computing one ends."""
        plan = locked(self.model, actor, plan_id, "make", lock_version)
        if plan.state in ("sent", "approved", "applied"):
            raise Conflict(_("送审、批准或生效的方案不能放弃；未生效的请先收回。"))
        plan.state = "dropped"
        touched(plan, "state")
        record(actor, Act(f"{self.act}_dropped", plan, plan.place_code))
        return plan

    def apply_due(self, *, actor: Actor, on: dt.date | None = None) -> int:
        """Put into effect the approved plans whose day has come, each in a transaction of its own. What the day refuses becomes the
        plan's state, with the sentence, and waits for who sent it. Returns how many took effect; called again it does nothing."""
        day = on or clock.today()
        due = self.model._default_manager.filter(state="approved", effective_on__lte=day)
        plans = list(due.order_by("effective_on", "pk").values_list("pk", flat=True))
        return sum(self._apply_one(actor, pk, day) for pk in plans)

    @transaction.atomic
    def _apply_one(self, actor: Actor, plan_id: int, day: dt.date) -> bool:
        rows = self.model._default_manager.select_for_update(no_key=True, of=("self",)).select_related(
            "current"
        )
        plan = rows.filter(pk=plan_id, state="approved", effective_on__lte=day).first()
        if plan is None:  # taken back, or put into effect, while this waited
            return False
        try:
            with transaction.atomic():
                self._apply(actor, plan)
        except Refused as refused:
            plan.refresh_from_db()
            plan.state, plan.error = "refused", str(refused.message)[:400]
            touched(plan, "state", "error")
            record(actor, Act(f"{self.act}_refused", plan, plan.place_code, words={"reason": plan.error}))
            tell_sender(actor, plan, self.subject, REFUSED)
            return False
        return True


def _require_second_person(actor: Actor, plan: Any) -> None:
    if actor.account_id is None or actor.account_id == plan.sent_by:
        raise NotAllowed(_("送审的人不能自己批准，请由另一位负责人批准。"))


def enqueue(act: str, plan_id: int) -> None:
    from doorstep.kernel.proposals.tasks import decide  # the task calls what this module makes

    decide.enqueue(act, plan_id)


def decide_asked(act: str, plan_id: int) -> None:
    """The job's work: approve a large plan as somebody asked."""
    _known[act].decide_in_a_job(plan_id)


def carry_on() -> int:
    """Ask again for the plans that are being decided and whose job is nowhere: lost with its worker. Returns how many."""
    from django_tasks_db.models import DBTaskResult

    from doorstep.kernel.proposals.tasks import decide

    queued = DBTaskResult.objects.filter(task_path=decide.module_path, status__in=("READY", "RUNNING"))
    present = {tuple(row.args_kwargs["args"]) for row in queued}
    lost = [
        (act, pk)
        for act, known in sorted(_known.items())
        for pk in known.model._default_manager.filter(state="sent", deciding_by__isnull=False).values_list("pk", flat=True)
        if (act, pk) not in present
    ]  # fmt: skip
    for act, pk in lost:
        enqueue(act, pk)
    return len(lost)

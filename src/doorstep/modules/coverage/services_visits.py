"""Instructors' visits: a record that proves what is owed, by whoever holds both posts there. Findings become matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.obligations.models import Proof
from doorstep.kernel.obligations.services_linking import held, link_anew, withdraw
from doorstep.kernel.obligations.services_supervision import settle
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.keeping import checked_text, impersonal
from doorstep.modules.coverage.models import TOPICS, Profile, Visit
from doorstep.modules.coverage.numbers import LATE_DAYS, number_in_force
from doorstep.modules.coverage.proofs import VISIT
from doorstep.modules.coverage.selectors import cadres_on
from doorstep.modules.coverage.services_findings import NewFinding, raise_finding


@dataclass(frozen=True, kw_only=True)
class NewVisit:
    """A visit that was made. `finding`: what asks for something, in a line; it becomes a matter."""

    organisation_id: int
    visited_on: dt.date
    topics: Sequence[str]
    found: str = ""
    finding: str = ""
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def record_visit(*, actor: Actor, new: NewVisit) -> Visit:
    """Record a visit of one's own, exactly once for its key. It keeps what is owed by its quarter.

    Raises NotVisible for an organisation that is not the actor's, NotAllowed for who has not both posts there on the day,
    RuleViolation naming the field (numbers of persons in what was found among them), Conflict for a second one on the day.
    """
    row = policy_for(Profile).visible_to(actor).filter(pk=new.organisation_id).first()
    if row is None:
        raise NotVisible(_("没有找到这个组织。"))
    known = Visit.objects.filter(key=new.key, instructor_id=actor.person_id or 0).first()
    if known is not None:
        return known
    _check_day(new.visited_on)
    person = actor.person_id
    if person is None or not cadres_on(new.visited_on).filter(unit_id=row.unit_id, person_id=person).exists():
        raise NotAllowed(_("登记走访的，须当天既是这里的入企干部，又是党建指导员。"))
    topics = [topic for topic in dict(TOPICS) if topic in set(new.topics)]
    if not topics:
        raise RuleViolation(_("请选谈了什么，至少一项。"), field="topics")
    words = impersonal(new.found, "found", _("了解到的情况"), 1000, required=False, lines=True)
    held([row.unit_id])
    proof = Proof.objects.create(
        kind=VISIT, unit_id=row.unit_id, place_code=row.place_code, day=new.visited_on
    )
    visit = Visit(
        key=new.key, proof=proof, organisation=row, place_code=row.place_code, visited_on=new.visited_on,
        instructor_id=person, topics=topics, found=words, recorded_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError as clash:
        raise Conflict(_("您当天已经登记过这里的走访。"), field="visited_on") from clash
    record(
        actor,
        Act("coverage.visited", visit, row.place_code, {"visited_on": [None, new.visited_on.isoformat()]}),
    )
    settle(link_anew([row.unit_id], [VISIT]))
    if new.finding.strip():
        raise_finding(
            actor=actor, new=NewFinding(title=new.finding, text=words, place_code=row.place_code, visit=visit)
        )
    return visit


def _check_day(day: dt.date) -> None:
    late = number_in_force(LATE_DAYS)
    match rules.visit_fault(day, clock.today(), late):
        case "future":
            raise RuleViolation(_("走访日期不能晚于今天。"), field="visited_on")
        case "late":
            raise RuleViolation(_("只能登记 %(days)d 天以内的走访。") % {"days": late}, field="visited_on")


@transaction.atomic
def cancel_visit(*, actor: Actor, visit_id: int, reason: str) -> Visit:
    """Take a visit back: it stays, marked, and proves nothing from now on. Raises NotVisible, NotAllowed, RuleViolation."""
    seen = policy_for(Visit).visible_to(actor).select_related("organisation").filter(pk=visit_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这次走访。"))
    unit_id = seen.organisation.unit_id
    held([unit_id])
    visit = Visit.objects.select_for_update(of=("self",)).select_related("proof").get(pk=visit_id)
    policy_for(Visit).require(actor, "cancel", visit)
    if visit.cancelled_at is not None:
        raise RuleViolation(_("这次走访已经作废。"))
    visit.reason, visit.cancelled_at = checked_text(reason, "reason", _("作废原因"), 200), clock.now()
    visit.save(update_fields=["reason", "cancelled_at"])
    withdraw(visit.proof)
    act = Act(
        "coverage.visit_cancelled", visit, visit.place_code, {"cancelled": [False, True]}, words={"reason": visit.reason},
    )  # fmt: skip
    record(actor, act)
    settle(link_anew([unit_id], [VISIT]))
    return visit

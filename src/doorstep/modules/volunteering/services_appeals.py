"""Appeals: a volunteer says that a record is wrong; somebody who had no part in it answers within a term."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.activities.models import Attendance, Correction, Session
from doorstep.kernel.activities.services_attendance import correct
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.matters.selectors import official_calendar
from doorstep.kernel.matters.working_days import working_day_after
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.models import Appeal, Approval
from doorstep.modules.volunteering.models_review import DECLINED, OPEN, UPHELD
from doorstep.modules.volunteering.selectors import KIND, own_volunteer, rule_values


@transaction.atomic
def appeal(*, actor: Actor, session_id: int, text: str) -> Appeal:
    """Say that one's own record of a session is wrong. One open at a time; the answer is due in so many working days.

    Raises NotVisible where one was not there, RuleViolation after the term or without words, Conflict for a second one.
    """
    volunteer = own_volunteer(actor)
    session = Session.objects.filter(pk=session_id, kind=KIND).first()
    there = Attendance.objects.filter(session=session_id, person=actor.person_id or 0).exists()
    if volunteer is None or session is None or not there:
        raise NotVisible(_("没有找到这条服务记录。"))
    text = check_text(text, "text", 500, _("请写明哪里不对。"))
    values, today = rule_values(), clock.today()
    if today > session.day + dt.timedelta(days=values["appeal.within"]):
        raise RuleViolation(_("服务 %d 天以后不再受理申诉。") % values["appeal.within"])
    row = Appeal(
        volunteer=volunteer, session=session, place_code=session.place_code, text=text, at=clock.now(),
        due_on=working_day_after(today, values["appeal.days"], official_calendar()),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("这场服务的申诉还在办理，请等答复。")) from clash
    changes = {"session": session.pk, "due_on": row.due_on.isoformat()}
    act = Act(
        "volunteering.appealed",
        row,
        row.place_code,
        changes,
        person_ref=volunteer.person_id,
        words={"text": text},
    )
    record(actor, act)
    return row


@whole_again
def answer(
    *, actor: Actor, appeal_id: int, outcome: str, text: str, in_at: dt.datetime | None = None,
    out_at: dt.datetime | None = None,
) -> Appeal:  # fmt: skip
    """Answer an appeal. Upheld: the attendance is put right to these times, and what was credited follows.

    By somebody who neither recorded, confirmed, approved nor put right anything of it, and was not there. Raises Conflict
    where it is answered.
    """
    row = policy_for(Appeal).visible_to(actor).select_for_update().filter(pk=appeal_id).first()
    if row is None:
        raise NotVisible(_("没有找到这件申诉。"))
    policy_for(Appeal).require(actor, "answer", row)
    if row.outcome != OPEN:
        raise Conflict(_("这件申诉已经答复过了。"))
    if outcome not in (UPHELD, DECLINED):
        raise RuleViolation(_("请选申诉成立，或者维持原记录。"), field="outcome")
    text = check_text(text, "answer", 500, _("请写明理由，本人会看到。"))
    if outcome == UPHELD and (in_at is None or out_at is None):
        raise RuleViolation(_("申诉成立的，请填实际的到场和离场时间。"), field="in_at")
    attendance = Attendance.objects.get(session=row.session_id, person=row.volunteer.person_id)
    _check_no_part(actor, row, attendance)
    row.outcome, row.answer, row.answered_at, row.answered_by_id = outcome, text, clock.now(), actor.person_id
    row.save()
    act = Act(
        "volunteering.appeal_answered", row, row.place_code, {"outcome": [OPEN, outcome]},
        person_ref=row.volunteer.person_id, words={"answer": text},
    )  # fmt: skip
    record(actor, act)
    if outcome == UPHELD:
        correct(actor=actor, attendance_id=attendance.pk, reason=_("申诉成立"), in_at=in_at, out_at=out_at)
    return row


def had_part(row: Appeal, attendance: Attendance) -> set[int | None]:
    """Persons who had a part in what the appeal is about. Four queries."""
    session = row.session
    part = {session.confirmed_by_id, attendance.recorded_by_id, attendance.person_id}
    part |= set(Approval.objects.filter(session=session).values_list("by", flat=True))
    part |= set(Attendance.objects.filter(session=session).values_list("person", flat=True))
    return part | set(Correction.objects.filter(attendance=attendance).values_list("by", flat=True))


def _check_no_part(actor: Actor, row: Appeal, attendance: Attendance) -> None:
    if actor.person_id is not None and actor.person_id in had_part(row, attendance):
        raise NotAllowed(_("登记、确认、审核、更正和参加的人不能答复，请另一位来答复。"))

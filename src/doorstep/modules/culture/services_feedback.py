"""What people said of an event: a grade and perhaps words, once; words are shown without a name after an officer's look."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.activities.models import CANCELLED, Attendance, Session
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.culture import rules
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.keeping import seen_row
from doorstep.modules.culture.models import Feedback
from doorstep.modules.culture.numbers import KEEP_MONTHS, OPEN_DAYS, number_in_force

FORGOTTEN_AT_ONCE = 1000


@transaction.atomic
def give_feedback(
    *, actor: Actor, session_id: int, grade: int, words: str = "", was_there: bool = False
) -> Feedback:
    """Say how it was, once. Where people signed up: who was there by the attendance; where people were only counted:
    anybody signed in who says so (`was_there`). Raises RuleViolation naming the field, NotAllowed for who was not there,
    Conflict the second time."""
    if actor.person_id is None:
        raise NotVisible(_("请先登录。"))
    session = Session.objects.select_related("activity").filter(pk=session_id, kind=EVENT).first()
    if session is None or not session.activity.is_public:
        raise NotVisible(_("没有找到这场活动。"))
    _check_time(session)
    _check_there(actor.person_id, session, was_there)
    if type(grade) is not int or not 1 <= grade <= 5:
        raise RuleViolation(_("请选 1 到 5 分。"), field="grade")
    words = check_text(words, "words", 300)
    if rules.tells_who(words):
        raise RuleViolation(_("留言会公开，请不要写电话、身份证号等号码。"), field="words")
    row, is_new = Feedback.objects.get_or_create(
        session=session, person_id=actor.person_id,
        defaults={"place_code": session.place_code, "grade": grade, "words": words, "at": clock.now()},
    )  # fmt: skip
    if not is_new:
        if (row.grade, row.words) == (grade, words):  # the same click twice
            return row
        raise Conflict(_("您已经评价过这场活动。"))
    record(actor, Act("culture.feedback_given", row, row.place_code, {"session": session.pk}))
    return row


def _check_time(session: Session) -> None:
    now = clock.now()
    if session.state == CANCELLED:
        raise Conflict(_("这场活动已经取消。"))
    if now < session.ends_at:
        raise RuleViolation(_("活动结束以后再评价。"))
    days = number_in_force(OPEN_DAYS)
    if days and now > session.ends_at + dt.timedelta(days=days):
        raise RuleViolation(_("评价在活动结束后 %d 天内收，现在已经结束。") % days)


def _check_there(person_id: int, session: Session, was_there: bool) -> None:
    if session.activity.by_sign_up:
        if not Attendance.objects.filter(session=session, person_id=person_id, struck=False).exists():
            raise NotAllowed(_("到场名单里没有您，不能评价这场活动。到过场的请联系组织者补登。"))
    elif not was_there:
        raise RuleViolation(_("请勾选“我到过现场”。"), field="was_there")


@transaction.atomic
def look_at_feedback(*, actor: Actor, feedback_id: int, show: bool) -> Feedback:
    """An officer has read the words: they are shown without a name, or not. Never one's own."""
    row: Feedback = seen_row(actor, Feedback, feedback_id)
    if not row.words:
        raise Conflict(_("这条没有留言，不用处理。"))
    if actor.person_id is not None and row.person_id == actor.person_id:
        raise NotAllowed(_("自己的留言请另一位来看。"))
    before = row.shown
    row.shown, row.looked_at = show, clock.now()
    row.save(update_fields=["shown", "looked_at"])
    record(actor, Act("culture.feedback_looked_at", row, row.place_code, {"shown": [before, show]}))
    return row


def forget_words() -> int:
    """Blank words once the term of keeping is over; the grade stays. How many."""
    keep = number_in_force(KEEP_MONTHS)
    if not keep:
        return 0
    actor = system_actor("culture.forget_words")
    last = dt.datetime.combine(rules.months_before(clock.today(), keep), dt.time(), clock.DISTRICT_ZONE)
    with transaction.atomic():
        due = Feedback.objects.select_for_update(skip_locked=True).filter(erased_at=None, at__lt=last)
        rows = list(due.exclude(words="").order_by("at")[:FORGOTTEN_AT_ONCE])
        Feedback.objects.filter(pk__in=[row.pk for row in rows]).update(
            words="", shown=False, erased_at=clock.now()
        )
        record_many(
            actor,
            [
                Act("culture.feedback_forgotten", row, row.place_code, {"erased": [False, True]})
                for row in rows
            ],
        )
    return len(rows)


def is_open(session: Session) -> bool:
    """May people say how it was, by the time?"""
    try:
        _check_time(session)
    except (RuleViolation, Conflict):
        return False
    return True

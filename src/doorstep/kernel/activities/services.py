"""The only writer of activities and their times: announce, change, move, cancel, insure.

Signing up: services_sign_up. Who was there: services_attendance. Many of the past at once: services_past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities import telling
from doorstep.kernel.activities.checks import (
    NewActivity,
    NewSession,
    check_text,
    checked_activity,
    checked_session,
)
from doorstep.kernel.activities.gates import locked_activity, locked_session
from doorstep.kernel.activities.kinds import note_left
from doorstep.kernel.activities.models import (
    ANNOUNCED,
    CANCELLED,
    WITHDRAWN,
    Activity,
    Attendance,
    Session,
    SignUp,
)
from doorstep.kernel.activities.seats import follow_times, move_up
from doorstep.kernel.activities.telling import MOVED, tell_those_coming
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation

__all__ = [
    "NewActivity", "NewSession", "announce", "cancel_session", "change_activity", "move_session", "note_insurance",
]  # fmt: skip

MOST_SESSIONS = 60  # of one announcement: a year of weeks and some
_CHANGEABLE = ("title", "text", "where", "phone", "is_public", "least_age", "most_age", "skill")


@transaction.atomic
def announce(
    *, actor: Actor, new: NewActivity, sessions: Sequence[NewSession], key: UUID, past: bool = False
) -> Activity:
    """Announce an activity with its times. The same `key` again gives the first one. `past`: what was held without having
    been announced is entered afterwards. Raises Refused naming the field."""
    known = Activity.objects.filter(key=key).first()
    if known is not None:
        return known
    if not sessions:
        raise RuleViolation(_("请至少填一个时间。"), field="starts_at")
    if len(sessions) > MOST_SESSIONS:
        raise RuleViolation(_("一次最多发布 %d 场。") % MOST_SESSIONS, field="starts_at")
    columns: dict[str, Any] = checked_activity(actor, new)
    times = [checked_session(each, past=past) for each in sessions]
    made, is_new = Activity.objects.get_or_create(
        key=key, defaults={**columns, "made_by_id": actor.person_id, "made_at": clock.now()}
    )
    if not is_new:  # the same click at the same moment
        return made
    rows = Session.objects.bulk_create(_session(made, number, each) for number, each in enumerate(times, 1))
    changes = {"title": [None, made.title], "sessions": len(rows), "day": rows[0].day.isoformat()}
    record(actor, Act("activities.announced", made, made.place_code, changes))
    return made


def _session(activity: Activity, number: int, times: dict[str, Any]) -> Session:
    return Session(
        activity=activity, number=number, kind=activity.kind, category=activity.category,
        place_code=activity.place_code, **times,
    )  # fmt: skip


@transaction.atomic
def change_activity(*, actor: Actor, activity_id: int, expected_version: int, **changed: Any) -> Activity:
    """Change words and conditions of an activity; times and places to come to are `move_session`'s. Raises Conflict where
    somebody else changed it meanwhile."""
    activity = locked_activity(actor, activity_id)
    if activity.lock_version != expected_version:
        raise Conflict(_("别人刚刚改过这个活动，请刷新后再改。"))
    wanted = {key: value for key, value in changed.items() if key in _CHANGEABLE}
    given = {key: wanted.get(key, getattr(activity, key)) for key in _CHANGEABLE}
    columns = checked_activity(
        actor,
        NewActivity(
            kind=activity.kind, place_code=activity.place_code, organiser_id=activity.organiser_id,
            category=activity.category, venue_id=activity.venue_id, needs_insurance=activity.needs_insurance,
            by_sign_up=activity.by_sign_up, **given,
        ),
    )  # fmt: skip
    told = {
        key: [getattr(activity, key), columns[key]]
        for key in wanted
        if getattr(activity, key) != columns[key]
    }
    if not told:
        return activity
    for key in told:
        setattr(activity, key, columns[key])
    activity.lock_version += 1
    activity.save(update_fields=[*told, "lock_version"])
    record(actor, Act("activities.changed", activity, activity.place_code, told))
    return activity


@transaction.atomic
def move_session(*, actor: Actor, session_id: int, new: NewSession, expected_version: int) -> Session:
    """Another time or capacity. Everybody signed up is told; who is promised elsewhere at the new time is let go and told
    so too. Raises Conflict where somebody else changed it meanwhile."""
    session = locked_session(actor, session_id, "organise")
    _check_open(session, expected_version)
    if Attendance.objects.filter(session=session, struck=False).exists():
        raise RuleViolation(_("已经有人到场，不能再改时间。"), field="starts_at")
    times: dict[str, Any] = checked_session(new)
    changes = {
        name: [_plain(getattr(session, name)), _plain(times[name])]
        for name in ("starts_at", "ends_at", "capacity")
        if getattr(session, name) != times[name]
    }
    for name, value in times.items():
        setattr(session, name, value)
    session.lock_version += 1
    session.reminded_at = None
    session.save()
    moved_times = {"starts_at", "ends_at"} & set(changes)
    if moved_times:
        follow_times(actor, session)
    record(actor, Act("activities.session_moved", session, session.place_code, changes))
    if moved_times:
        tell_those_coming(actor, session, MOVED)
    move_up(actor, session)
    return session


@transaction.atomic
def cancel_session(*, actor: Actor, session_id: int, reason: str, expected_version: int) -> Session:
    """Call a time off. Everybody signed up is told why; nobody is held to it any more."""
    session = locked_session(actor, session_id, "organise")
    _check_open(session, expected_version)
    if Attendance.objects.filter(session=session, struck=False).exists():
        raise RuleViolation(_("已经有人到场，不能取消；没有办成的，请确认时剔除到场记录。"))
    reason = check_text(reason, "reason", 200, _("请说明取消的原因，报名的人会看到。"))
    tell_those_coming(actor, session, telling.CANCELLED)
    session.state, session.cancelled_at, session.reason = CANCELLED, clock.now(), reason
    session.lock_version += 1
    session.save(update_fields=["state", "cancelled_at", "reason", "lock_version"])
    coming = SignUp.objects.filter(session=session).exclude(state=WITHDRAWN)
    out = list(coming.values_list("person_id", flat=True))
    coming.update(state=WITHDRAWN, withdrawn_at=clock.now())
    note_left(actor, session, out)
    words = {"reason": reason}
    record(actor, Act("activities.session_cancelled", session, session.place_code, words=words))
    return session


@transaction.atomic
def note_insurance(*, actor: Actor, session_id: int, policy: str) -> Session:
    """Note the insurance that risky work needs before anybody can be there (志愿服务条例 §17)."""
    session = locked_session(actor, session_id, "organise")
    if session.state != ANNOUNCED or clock.now() >= session.ends_at:
        raise Conflict(_("活动已经结束或取消，保险须在服务以前登记。"))
    policy = check_text(policy, "insurance", 60, _("请填保险单号。"))
    before, session.insurance = session.insurance, policy
    session.save(update_fields=["insurance"])
    record(actor, Act("activities.insured", session, session.place_code, {"insurance": [before, policy]}))
    return session


def _check_open(session: Session, expected_version: int) -> None:
    if session.state != ANNOUNCED:
        raise Conflict(_("这场活动%s，不能再改。") % session.get_state_display())
    if session.lock_version != expected_version:
        raise Conflict(_("别人刚刚改过这场活动，请刷新后再改。"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value

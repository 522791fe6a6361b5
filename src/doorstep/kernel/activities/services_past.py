"""Many sessions of the past at once, by COPY: every rule of the database holds as it does for one, with history and audit.

For the platform alone: an office's own register of years before, the demo district. A session known by its key is passed
over, so that a load that was cut off goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.checks import NewActivity
from doorstep.kernel.activities.models import (
    BY_CODE,
    CONFIRMED,
    JOINED,
    Activity,
    Attendance,
    Session,
    SignUp,
)
from doorstep.kernel.activities.rules import hours_fault
from doorstep.kernel.activities.services_attendance import Presence
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers


@dataclass(frozen=True, kw_only=True)
class PastSession:
    """An activity of one session that was held, who was there, and who confirmed it. `head_count`: where more came."""

    key: UUID
    new: NewActivity
    starts_at: dt.datetime
    ends_at: dt.datetime
    present: Sequence[Presence] = ()
    confirmed_by_id: int | None = None
    confirmed_at: dt.datetime | None = None
    capacity: int | None = None
    head_count: int | None = None


@transaction.atomic
def bring_sessions(*, actor: Actor, cases: Sequence[PastSession]) -> dict[UUID, Session]:
    """Bring them in, all or none; gives the sessions by key, those known before included.
    Raises PermissionError for anybody but the platform, ValueError for hours that cannot be, ExclusionViolation where
    somebody would be in two places."""
    if not actor.is_system:
        raise PermissionError("past sessions come in by the platform")
    for case in cases:
        if fault := hours_fault(case.starts_at, case.ends_at):
            raise ValueError(f"{case.key}: hours {fault}")
    known = {
        row.activity.key: row
        for row in Session.objects.filter(activity__key__in=[case.key for case in cases]).select_related(
            "activity"
        )
    }
    fresh = [case for case in cases if case.key not in known]
    activities = _activities(fresh)
    sessions = _sessions(fresh, activities)
    rows = [row for case, session in zip(fresh, sessions, strict=True) for row in _attendances(case, session)]
    for number, row in zip(take_numbers(Attendance, len(rows)), rows, strict=True):
        row.pk = number
    copy_rows([sign_up for row in rows for sign_up in _sign_up(row)])
    copy_rows(rows)
    _write_audit(actor, activities, sessions, rows)
    return known | {case.key: session for case, session in zip(fresh, sessions, strict=True)}


def _activities(cases: Sequence[PastSession]) -> list[Activity]:
    rows = []
    for number, case in zip(take_numbers(Activity, len(cases)), cases, strict=True):
        new = case.new
        rows.append(
            Activity(
                pk=number, key=case.key, kind=new.kind, category=new.category, place_code=new.place_code,
                organiser_id=new.organiser_id, title=new.title, text=new.text, venue_id=new.venue_id, where=new.where,
                phone=new.phone, least_age=new.least_age, most_age=new.most_age, skill=new.skill,
                needs_insurance=new.needs_insurance, by_sign_up=new.by_sign_up, is_public=new.is_public,
                made_by_id=case.confirmed_by_id, made_at=case.starts_at - dt.timedelta(days=5),
            )
        )  # fmt: skip
    copy_rows(rows)
    return rows


def _sessions(cases: Sequence[PastSession], activities: Sequence[Activity]) -> list[Session]:
    rows = []
    numbers = take_numbers(Session, len(cases))
    for number, case, activity in zip(numbers, cases, activities, strict=True):
        count = case.head_count if case.head_count is not None else len(case.present)
        rows.append(
            Session(
                pk=number, activity=activity, kind=activity.kind, category=activity.category,
                place_code=activity.place_code, starts_at=case.starts_at, ends_at=case.ends_at,
                day=clock.day_of(case.starts_at), capacity=case.capacity, closes_at=case.starts_at, state=CONFIRMED,
                head_count=count, confirmed_at=case.confirmed_at or case.ends_at, confirmed_by_id=case.confirmed_by_id,
                reminded_at=case.starts_at, insurance="" if not activity.needs_insurance else "随活动登记",
            )
        )  # fmt: skip
    copy_rows(rows)
    return rows


def _attendances(case: PastSession, session: Session) -> list[Attendance]:
    return [
        Attendance(
            session=session, person_id=each.person_id, in_at=each.in_at, out_at=each.out_at,
            until=each.out_at or case.ends_at, how_in=BY_CODE, how_out=BY_CODE if each.out_at else "",
            recorded_by_id=each.person_id, recorded_at=each.in_at,
        )
        for each in case.present
    ]  # fmt: skip


def _sign_up(row: Attendance) -> list[SignUp]:
    session = row.session
    if not session.activity.by_sign_up:
        return []
    return [
        SignUp(
            session=session, person_id=row.person_id, state=JOINED, at=session.starts_at - dt.timedelta(days=2),
            starts_at=session.starts_at, ends_at=session.ends_at,
        )
    ]  # fmt: skip


def _write_audit(
    actor: Actor, activities: Sequence[Activity], sessions: Sequence[Session], rows: Sequence[Attendance]
) -> None:
    acts = [
        Act("activities.announced", row, row.place_code, {"title": [None, row.title]}) for row in activities
    ]
    acts += [
        Act("activities.came", row, row.session.place_code, {"session": row.session_id, "how": row.how_in},
            person_ref=row.person_id)
        for row in rows
    ]  # fmt: skip
    acts += [
        Act("activities.confirmed", row, row.place_code, {"head_count": row.head_count}) for row in sessions
    ]
    record_many(actor, acts)

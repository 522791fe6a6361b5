"""Who was there: by the changing code, by the organiser's tick; confirmed by the organiser; put right by a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities import codes, rules
from doorstep.kernel.activities.checks import LATEST_PAST, check_text
from doorstep.kernel.activities.gates import locked_session
from doorstep.kernel.activities.kinds import kind_of
from doorstep.kernel.activities.models import (
    ANNOUNCED,
    ASKING,
    BY_CODE,
    BY_LIST,
    BY_TICK,
    CONFIRMED,
    JOINED,
    Attendance,
    Correction,
    Session,
    SignUp,
)
from doorstep.kernel.activities.seats import seats_left
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation

LATE_LIST = dt.timedelta(hours=24)  # after the end: what is ticked later was put in from a list


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Somebody was there from `in_at` to `out_at` (None: not gone yet)."""

    person_id: int
    in_at: dt.datetime
    out_at: dt.datetime | None = None


@transaction.atomic
def check_in(*, actor: Actor, session_id: int, code: str, born_in: int | None = None) -> Attendance:
    """Come, with the code on the organiser's screen. A second time changes nothing. Who did not sign up takes a free seat.
    `born_in`: the year, where it is known, so that a minor comes with a guardian's word.

    Raises RuleViolation for a stale or foreign code, before the time, where insurance or a guardian's word is missing, or
    where one is somewhere else.
    """
    session = _locked_on_the_spot(actor, session_id, code)
    person_id = int(actor.person_id or 0)
    row = Attendance.objects.filter(session=session, person_id=person_id).first()
    if row is not None and row.struck:
        raise RuleViolation(_("您的到场已被更正为没有来。确实来了，请社区再更正。"))
    if row is not None:
        return row
    _check_guarded(session, {person_id: born_in})
    _take_seat(session, person_id)
    now = clock.now()
    if now >= session.ends_at:
        raise RuleViolation(_("活动已经结束。确实来过的，请组织者补登。"))
    row = Attendance(
        session=session, person_id=person_id, in_at=now, until=session.ends_at, how_in=BY_CODE,
        recorded_by_id=person_id, recorded_at=now,
    )  # fmt: skip
    _write([row])
    _seen_anew(session)
    record(actor, _came(row, session))
    return row


@transaction.atomic
def check_out(*, actor: Actor, session_id: int, code: str) -> Attendance:
    """Go, with the code on the organiser's screen as it is now. A second time changes nothing."""
    session = _locked_on_the_spot(actor, session_id, code)
    row = Attendance.objects.filter(session=session, person_id=actor.person_id or 0, struck=False).first()
    if row is None:
        raise RuleViolation(_("还没有登记到场，请先点“我到了”。"))
    if row.out_at is not None:
        return row
    now = clock.now()
    if now <= row.in_at:
        raise RuleViolation(_("时间不对：现在早于到场时间。请组织者登记。"))
    row.out_at = row.until = now
    row.how_out = BY_CODE
    _write([row], ["out_at", "until", "how_out"])
    _seen_anew(session)
    record(
        actor,
        Act("activities.went", row, session.place_code, {"session": session.pk}, person_ref=row.person_id),
    )
    return row


def _locked_on_the_spot(actor: Actor, session_id: int, code: str) -> Session:
    """The session, locked, where the code was on its screen within the last minute.

    Every check-in remembers its moment; a code of a time before the last of them is refused, so that a clock set back
    brings no old code to life.
    """
    if actor.person_id is None:
        raise NotVisible(_("请先登录。"))
    session = (
        Session.objects.select_related("activity")
        .select_for_update(of=("self",))
        .filter(pk=session_id)
        .first()
    )
    if session is None or not (session.activity.is_public or is_shown(session_id, code)):
        raise NotVisible(
            _("没有找到这场活动。")
        )  # a private one is there only for who stands before its screen
    if session.state != ANNOUNCED:
        raise Conflict(_("这场活动%s，到场不再登记。") % session.get_state_display())
    now = clock.now()
    if now < session.starts_at - rules.EARLIEST_IN:
        raise RuleViolation(_("还没到时间，开始前一小时起可以登记到场。"))
    if now > session.ends_at + rules.LATEST_CODE:
        raise RuleViolation(_("活动已经结束，请组织者登记。"))
    window = codes.window_shown(session_id, code, now)
    last = Attendance.objects.filter(session=session).order_by("-recorded_at")
    seen = last.values_list("recorded_at", flat=True).first()
    if window is None or (seen is not None and window < codes.window_of(seen) - 1):
        raise RuleViolation(
            _("这个码不对，或者已经过时。请看组织者屏幕上现在的码，每 30 秒换一次。"), field="code"
        )
    return session


def is_shown(session_id: int, code: str) -> bool:
    """Is this the code on the session's screen now, or the one before?"""
    return codes.window_shown(session_id, code, clock.now()) is not None


def _seen_anew(session: Session) -> None:
    """Who came is another list from now on: whoever confirms or approves what they saw before is told."""
    session.lock_version += 1
    session.save(update_fields=["lock_version"])


def _check_guarded(session: Session, born_in: Mapping[int, int | None]) -> None:
    """Raises RuleViolation where one of these is a minor without a guardian's word, where people sign up or earn."""
    if not session.activity.by_sign_up and kind_of(session.kind).corrected is None:
        return
    minors = {person for person, year in born_in.items() if rules.is_minor(year, session.day)}
    rows = SignUp.objects.filter(session=session, person__in=born_in, is_minor=True)
    asked = dict(rows.values_list("person_id", "agreed_at"))
    if any(asked.get(person) is None for person in minors | set(asked)):
        raise RuleViolation(
            _("未成年人须有监护人同意：请先报名，把链接发给监护人，或者请组织者看过签字。"), field="present"
        )


def _take_seat(session: Session, person_id: int) -> None:
    activity = session.activity
    if activity.needs_insurance and not session.insurance:
        raise RuleViolation(_("这项服务有风险，组织者登记保险以后才能开始。"))
    if not activity.by_sign_up:
        return
    row = SignUp.objects.filter(session=session, person_id=person_id).first()
    if row is not None and row.state == JOINED:
        return
    if row is not None and row.state == ASKING:
        raise RuleViolation(_("还在等监护人同意，同意以后才能参加。"))
    if row is None and (activity.least_age is not None or activity.most_age is not None or activity.skill):
        raise RuleViolation(_("这场活动有参加条件，请先报名。"))
    if seats_left(session) == 0:
        raise RuleViolation(_("名额已满。有人退出时候补会自动转正。"))
    now = clock.now()
    row = row or SignUp(session=session, person_id=person_id)
    row.state, row.at, row.withdrawn_at = JOINED, now, None
    row.starts_at, row.ends_at = session.starts_at, session.ends_at
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise RuleViolation(_("这个时间您已报名另一场活动，请先退出那一场。")) from clash


@transaction.atomic
def tick(
    *, actor: Actor, session_id: int, present: Sequence[Presence], by: str = BY_TICK,
    born_in: Mapping[int, int | None] | None = None,
) -> list[Attendance]:  # fmt: skip
    """The organiser says who came and went; for somebody already there only the going is set. Never oneself. `born_in`: years
    by person, where they are known, so that a minor is there with a guardian's word.

    What is ticked more than a day after the end is kept as put in from a list. Raises Refused naming whom it is about by
    place in the list (`field` "present-3").
    """
    session = locked_session(actor, session_id, "organise")
    if session.state != ANNOUNCED:
        raise Conflict(_("这场活动%s，到场不能再改；要更正的由第二个人更正。") % session.get_state_display())
    if session.activity.needs_insurance and not session.insurance:
        raise RuleViolation(_("这项服务有风险，请先登记保险。"), field="insurance")
    now = clock.now()
    if now > session.ends_at + LATEST_PAST:
        raise RuleViolation(_("只能补登 %d 天以内的到场。") % LATEST_PAST.days)
    how = BY_LIST if now > session.ends_at + LATE_LIST else by
    known = {row.person_id: row for row in Attendance.objects.filter(session=session)}
    if not actor.is_system and any(each.person_id == actor.person_id for each in present):
        raise NotAllowed(_("自己的到场不能自己点名，请扫码，或者请另一位组织者登记。"))
    _check_guarded(session, {each.person_id: (born_in or {}).get(each.person_id) for each in present})
    made, changed = [], []
    for place, each in enumerate(present):
        _check_presence(session, each, now, place)
        row = known.get(each.person_id)
        if row is None:
            made.append(
                Attendance(
                    session=session, person_id=each.person_id, in_at=each.in_at, out_at=each.out_at,
                    until=each.out_at or max(session.ends_at, each.in_at + dt.timedelta(minutes=1)), how_in=how,
                    how_out=how if each.out_at else "", recorded_by_id=actor.person_id, recorded_at=now,
                )
            )  # fmt: skip
        elif row.out_at is None and each.out_at is not None and each.out_at > row.in_at and not row.struck:
            row.out_at = row.until = each.out_at
            row.how_out = how
            changed.append(row)
    _write(made)
    _write(changed, ["out_at", "until", "how_out"])
    if made or changed:
        _seen_anew(session)
    record_many(actor, [_came(row, session) for row in made])
    record_many(
        actor,
        [
            Act("activities.went", row, session.place_code, {"session": session.pk}, person_ref=row.person_id)
            for row in changed
        ],
    )
    return [*made, *changed]


def _check_presence(session: Session, each: Presence, now: dt.datetime, place: int) -> None:
    field = f"present-{place}"
    if each.in_at > now or (each.out_at is not None and each.out_at > now):
        raise RuleViolation(_("到场和离场不能晚于现在。"), field=field)
    if each.in_at < session.starts_at - rules.EARLIEST_IN or each.in_at >= session.ends_at:
        raise RuleViolation(_("到场时间不在活动时间内。"), field=field)
    if each.out_at is not None and not each.in_at < each.out_at <= session.ends_at + rules.LATEST_CODE:
        raise RuleViolation(_("离场须在到场之后、活动结束后两小时之内。"), field=field)


@transaction.atomic
def confirm(
    *, actor: Actor, session_id: int, expected_version: int, head_count: int | None = None,
    close_at: dt.datetime | None = None,
) -> Session:  # fmt: skip
    """The organiser says: these were there. `close_at`: when those went who did not check out; without it such are an
    error. `head_count`: where nobody signed up, how many came. Nothing changes afterwards but by a correction."""
    session = locked_session(actor, session_id, "organise")
    if session.state != ANNOUNCED:
        raise Conflict(_("这场活动%s。") % session.get_state_display())
    if session.lock_version != expected_version:
        raise Conflict(_("名单刚有变化，请看过现在的名单再确认。"))
    now = clock.now()
    if now < session.starts_at:
        raise RuleViolation(_("活动还没有开始。"))
    rows = list(Attendance.objects.filter(session=session, struck=False))
    earns = kind_of(session.kind).settled is not None
    if earns and not actor.is_system and any(row.person_id == actor.person_id for row in rows):
        raise NotAllowed(_("您也在名单里，请另一位组织者或社区来确认。"))
    still = [row for row in rows if row.out_at is None]
    if still and close_at is None:
        raise RuleViolation(
            _("还有 %d 人没有登记离场：请填他们离开的时间，或者逐个登记。") % len(still), field="close_at"
        )
    if head_count is not None and not len(rows) <= head_count <= 100_000:
        raise RuleViolation(_("到场人数不能少于已登记的 %d 人。") % len(rows), field="head_count")
    if not rows and head_count is None:
        raise RuleViolation(
            _("还没有人到场：请先点名，或者填到场人数；没有办成的请取消。"), field="head_count"
        )
    for row in still:
        end = min(close_at or now, now, session.ends_at + rules.LATEST_CODE)
        if end <= row.in_at:
            raise RuleViolation(_("离开的时间须在所有人到场之后。"), field="close_at")
        row.out_at = row.until = end
        row.how_out = BY_TICK
    _write(still, ["out_at", "until", "how_out"])
    session.state, session.confirmed_at, session.confirmed_by_id = CONFIRMED, now, actor.person_id
    session.head_count = head_count if head_count is not None else len(rows)
    session.lock_version += 1
    session.save(update_fields=["state", "confirmed_at", "confirmed_by", "head_count", "lock_version"])
    changes = {"attendances": len(rows), "head_count": session.head_count}
    record(actor, Act("activities.confirmed", session, session.place_code, changes))
    return session


@transaction.atomic
def return_confirmation(*, actor: Actor, session_id: int, reason: str) -> Session:
    """Who would approve sends it back to the organiser, with a reason; never who confirmed it."""
    session = locked_session(actor, session_id, "keep")
    if session.state != CONFIRMED:
        raise Conflict(_("这场活动还没有确认。"))
    settled = kind_of(session.kind).settled
    if settled is not None and settled(session.pk):
        raise Conflict(_("已经审核计入，不能再退回；有错的逐条更正。"))
    if session.confirmed_by_id is not None and session.confirmed_by_id == actor.person_id:
        raise NotAllowed(_("自己确认的不能自己退回，请另一位来看。"))
    reason = check_text(reason, "reason", 200, _("请说明退回的原因。"))
    session.state, session.confirmed_at, session.confirmed_by_id = ANNOUNCED, None, None
    session.lock_version += 1
    session.save(update_fields=["state", "confirmed_at", "confirmed_by", "lock_version"])
    record(actor, Act("activities.returned", session, session.place_code, words={"reason": reason}))
    return session


@whole_again
@transaction.atomic  # within somebody's transaction a refusal by the kind takes back what was written before it
def correct(
    *, actor: Actor, attendance_id: int, reason: str, in_at: dt.datetime | None = None,
    out_at: dt.datetime | None = None, struck: bool = False,
) -> Correction:  # fmt: skip
    """Put an attendance right, before or after confirmation: by somebody who neither recorded it nor was it, with a reason.
    `struck`: it was not so at all. What a module made of it follows in the same transaction."""
    found = Attendance.objects.filter(pk=attendance_id).values_list("session_id", flat=True).first()
    session = locked_session(actor, found or 0, "organise")
    row = Attendance.objects.select_for_update().get(pk=attendance_id)
    if not actor.is_system and actor.person_id in (
        row.recorded_by_id,
        row.person_id,
        session.confirmed_by_id,
    ):
        raise NotAllowed(_("登记的人、确认的人和本人都不能更正，请另一位来更正。"))
    reason = check_text(reason, "reason", 200, _("请说明更正的原因。"))
    before = row.in_at, row.out_at
    if not struck:
        new_in, new_out = in_at or row.in_at, out_at or row.out_at
        _check_presence(
            session, Presence(person_id=row.person_id, in_at=new_in, out_at=new_out), clock.now(), 0
        )
        row.in_at, row.out_at, row.until = new_in, new_out, new_out or row.until
    row.struck = struck
    if row.out_at is not None and row.out_at <= row.in_at:
        raise RuleViolation(_("离场须在到场之后。"), field="out_at")
    _write([row], ["in_at", "out_at", "until", "struck"])
    _seen_anew(session)
    made = Correction.objects.create(
        attendance=row, by_id=actor.person_id, at=clock.now(), reason=reason, in_before=before[0],
        out_before=before[1], in_after=None if struck else row.in_at, out_after=None if struck else row.out_at,
        struck=struck,
    )  # fmt: skip
    record(
        actor,
        Act(
            "activities.corrected", row, session.place_code, {"session": session.pk, "struck": struck},
            person_ref=row.person_id, words={"reason": reason},
        ),
    )  # fmt: skip
    hook = kind_of(session.kind).corrected
    if session.state == CONFIRMED and hook is not None:
        hook(actor, row)
    return made


def _came(row: Attendance, session: Session) -> Act:
    changes = {"session": session.pk, "how": row.how_in}
    return Act("activities.came", row, session.place_code, changes, person_ref=row.person_id)


def _write(rows: Sequence[Attendance], fields: Sequence[str] = ()) -> None:
    """Write them; one that would put somebody in two places at once refuses them all, in words."""
    if not rows:
        return
    try:
        with transaction.atomic():
            if fields:
                Attendance.objects.bulk_update(rows, list(fields))
            else:
                Attendance.objects.bulk_create(rows)
    except IntegrityError as clash:
        if "attendance_one_place_at_a_time" in str(clash):
            raise RuleViolation(
                _("同一时间已在另一场活动登记到场，一个人不能同时在两处。"), field="present"
            ) from clash
        raise Conflict(_("别人刚刚登记了同一个人，请刷新后再看。")) from clash

"""A second person approves a whole session with one tap: everybody who was there and volunteers is credited at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.gates import locked_session
from doorstep.kernel.activities.models import CONFIRMED, Attendance, Session
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, Refused, RuleViolation
from doorstep.modules.volunteering.models import Approval, Credit, Volunteer
from doorstep.modules.volunteering.policies import APPROVE
from doorstep.modules.volunteering.selectors import KIND, minutes_by_day, rule_values
from doorstep.modules.volunteering.selectors_oddities import untrue_of
from doorstep.modules.volunteering.services_credits import (
    Terms,
    Used,
    accounts_of,
    book_credits,
    may_be_credited,
    month_range,
    new_credit,
    of_month,
    terms_of,
)

MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Approved:
    """What an approval made: how many were credited, with how many minutes and points; how many were there who are no
    volunteers and get none; of how many it was found untrue that they were there."""

    approval: Approval
    credited: int
    others: int
    untrue: int
    minutes: int
    points: int


@whole_again
def approve_session(*, actor: Actor, session_id: int, expected_version: int) -> Approved:
    """Approve: neither who confirmed nor anybody who was there. The same again changes nothing.

    Raises NotVisible, NotAllowed; Conflict where it is not confirmed or was changed meanwhile; RuleViolation for another kind
    of activity, a kind of service without a rate on that day, or a service that was found untrue. The number of statements does not depend on how many came.
    """
    session = locked_session(actor, session_id, "view")
    if not actor.holds(APPROVE, session.place_code):
        raise NotAllowed(_("您的岗位不能审核服务时长。"))
    if session.kind != KIND:
        raise RuleViolation(_("只有志愿服务才计时长和积分。"))
    rows = list(Attendance.objects.filter(session=session, struck=False))
    if known := Approval.objects.filter(session=session).first():
        return _as_it_was(known, len(rows))
    terms = _checked(actor, session, rows, expected_version)
    everybody = _locked_volunteers(rows, session.day)
    untrue = _untrue(session, everybody)
    volunteers = [row for row in everybody if row.pk not in untrue]
    approval = Approval.objects.create(
        session=session, place_code=session.place_code, at=clock.now(), by_id=actor.person_id,
        within_48h=confirmed_in_time(session),
    )  # fmt: skip
    credits = _credits(approval, session, rows, volunteers, terms)
    Credit.objects.bulk_create(credits)
    made = Approved(
        approval, len(credits), len(rows) - len(everybody), len(untrue), sum(row.minutes for row in credits),
        sum(row.points for row in credits),
    )  # fmt: skip
    changes = {
        "credited": made.credited,
        "others": made.others,
        "minutes": made.minutes,
        "points": made.points,
    }
    if made.untrue:
        changes["untrue"] = made.untrue
    record(actor, Act("volunteering.approved", approval, approval.place_code, changes))
    book_credits(actor, credits, accounts_of(volunteers), {})
    return made


def _as_it_was(approval: Approval, there: int) -> Approved:
    sums = approval.credits.filter(taken_back_at=None).aggregate(
        count=Count("pk"), minutes=Sum("minutes"), points=Sum("points")
    )
    count = int(sums["count"])
    return Approved(
        approval, count, max(0, there - count), 0, int(sums["minutes"] or 0), int(sums["points"] or 0)
    )


def _checked(actor: Actor, session: Session, rows: Sequence[Attendance], expected_version: int) -> Terms:
    if session.state != CONFIRMED:
        raise Conflict(_("这场服务还没有由组织者确认，或者已经退回。"))
    if session.lock_version != expected_version:
        raise Conflict(_("这场服务刚刚有变动，请看过再审核。"))
    if actor.person_id is not None:
        if actor.person_id == session.confirmed_by_id:
            raise NotAllowed(_("自己确认的不能自己审核，请另一位来审核。"))
        if any(row.person_id == actor.person_id for row in rows):
            raise NotAllowed(_("您参加了这场服务，请另一位来审核。"))
    terms = terms_of(session)
    if terms is None:
        raise RuleViolation(_("那天没有这个服务类别的计分标准，请区里先设定。"), field="category")
    return terms


def _untrue(session: Session, volunteers: Sequence[Volunteer]) -> frozenset[int]:
    """Whose service was found untrue before it was approved: nothing is credited to them but after an upheld appeal. The
    session's row is locked, and so it is while somebody decides. Raises RuleViolation where nobody is left of a service that
    was found untrue itself."""
    found = untrue_of(session.pk, volunteers)
    if found.whole and len(found.of) == len(volunteers):
        raise RuleViolation(
            _(
                "这场服务已核实为不实，不能审核计入。参加的人不同意的，可以从自己的存折申诉，申诉成立后再审核。"
            )
        )
    return found.of


def confirmed_in_time(session: Session) -> bool:
    """Within the hours after its end that the rule of its day gives."""
    assert session.confirmed_at is not None
    hours = rule_values(session.day)["confirm.hours"]
    return session.confirmed_at <= session.ends_at + dt.timedelta(hours=hours)


def _locked_volunteers(rows: Sequence[Attendance], day: dt.date) -> list[Volunteer]:
    """Who of those there volunteers, their rows locked in order: what counts on the day and in the month is then settled."""
    people = [row.person_id for row in rows if row.out_at is not None]
    found = Volunteer.objects.select_for_update().filter(person__in=people).order_by("pk")
    return [row for row in found if may_be_credited(row, day, clock.now())]


def _credits(
    approval: Approval, session: Session, rows: Sequence[Attendance], volunteers: Sequence[Volunteer], terms: Terms
) -> list[Credit]:  # fmt: skip
    used = minutes_by_day([row.pk for row in volunteers], *month_range([session.day]))
    months: Used = {}
    of_month(used, months)
    by_person = {row.person_id: row for row in rows}
    month = session.day.replace(day=1)
    return [
        new_credit(
            approval, session, each.pk, by_person[each.person_id], terms, used.get((each.pk, session.day), 0),
            months.get((each.pk, month), 0),
        )
        for each in volunteers
    ]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one session of many: what it made, or why it was refused."""

    session_id: int
    approved: Approved | None
    refusal: str = ""


def approve_sessions(*, actor: Actor, sessions: Sequence[tuple[int, int]]) -> list[Outcome]:
    """Approve several (number, version), each by itself: what is refused keeps none of the others back."""
    if len(sessions) > MOST_AT_ONCE:
        raise RuleViolation(_("一次最多审核 %d 场。") % MOST_AT_ONCE)
    found = []
    for session_id, version in sessions:
        try:
            made = approve_session(actor=actor, session_id=session_id, expected_version=version)
            found.append(Outcome(session_id, made))
        except Refused as refusal:
            found.append(Outcome(session_id, None, str(refusal.message)))
    return found

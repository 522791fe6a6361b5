"""Events of the past: one from an office's own list by who keeps events there, thousands at once for the platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.activities.checks import checked_activity
from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.rules import hours_fault
from doorstep.kernel.activities.services_past import PastSession, bring_sessions
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.ledger.services import Move, Posting, post_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.culture import books
from doorstep.modules.culture.keeping import check_fen
from doorstep.modules.culture.models import Cost, Event, Feedback, Purse
from doorstep.modules.culture.policies import KEEP
from doorstep.modules.culture.services import check_category, checked_own

YEARS_BACK = 10
MOST_PEOPLE = 100_000


@dataclass(frozen=True, kw_only=True)
class PastCost:
    """What it cost; `purse_id`: from which purse. Dated on the session's day."""

    purse_id: int
    what: str
    fen: int
    voucher: str


@dataclass(frozen=True, kw_only=True)
class PastFeedback:
    person_id: int
    grade: int
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class PastEvent:
    """An event that was held: its session (kind "event"), what is its own, what it cost, what people said."""

    session: PastSession
    series_id: int | None = None
    compound_id: int | None = None
    hosts: str = ""
    programme: str = ""
    costs: Sequence[PastCost] = ()
    feedback: Sequence[PastFeedback] = ()


@transaction.atomic
def bring_events(*, actor: Actor, events: Sequence[PastEvent]) -> dict[UUID, Session]:
    """Bring them in, all or none; gives the sessions by key. One known by its key is passed over, so that a load that was
    cut off goes on. Raises PermissionError for anybody but the platform, NotEnough where a purse has not enough."""
    for each in events:
        check_category(each.session.new)
    sessions = bring_sessions(actor=actor, cases=[each.session for each in events])
    activities = [session.activity_id for session in sessions.values()]
    known = set(Event.objects.filter(activity__in=activities).values_list("activity_id", flat=True))
    fresh = [each for each in events if sessions[each.session.key].activity_id not in known]
    rows = []
    for number, each in zip(take_numbers(Event, len(fresh)), fresh, strict=True):
        session = sessions[each.session.key]
        rows.append(
            Event(
                pk=number, activity_id=session.activity_id, place_code=session.place_code, series_id=each.series_id,
                compound_id=each.compound_id, hosts=each.hosts, programme=each.programme,
            )
        )  # fmt: skip
    copy_rows(rows)
    record_many(actor, [Act("culture.planned", row, row.place_code) for row in rows])
    _bring_feedback(fresh, sessions)
    _bring_costs(actor, fresh, rows, sessions)
    return sessions


def _bring_feedback(events: Sequence[PastEvent], sessions: dict[UUID, Session]) -> None:
    rows = []
    for each in events:
        session = sessions[each.session.key]
        said = session.ends_at + dt.timedelta(hours=20)
        rows += [
            Feedback(
                session=session, person_id=one.person_id, place_code=session.place_code, grade=one.grade, words=one.words,
                at=said, looked_at=said + dt.timedelta(days=1) if one.words else None, shown=bool(one.words),
            )
            for one in each.feedback
        ]  # fmt: skip
    copy_rows(rows)


def _bring_costs(
    actor: Actor, events: Sequence[PastEvent], rows: Sequence[Event], sessions: dict[UUID, Session]
) -> None:
    asked = [(each, row, cost) for each, row in zip(events, rows, strict=True) for cost in each.costs]
    if not asked:
        return
    of = books.book()
    spent = books.standing(of, books.SPENT).pk
    purses = dict(
        Purse.objects.filter(pk__in={cost.purse_id for _e, _r, cost in asked}).values_list("pk", "account_id")
    )
    made, postings = [], []
    for number, (each, row, cost) in zip(take_numbers(Cost, len(asked)), asked, strict=True):
        day = sessions[each.session.key].day
        made.append(
            Cost(
                pk=number, event=row, purse_id=cost.purse_id, place_code=row.place_code, what=cost.what,
                fen=check_fen(cost.fen), voucher=cost.voucher, day=day,
            )
        )  # fmt: skip
        postings.append(
            Posting(
                book=of, key=books.key_of("past", each.session.key, cost.voucher), kind=books.SPEND, day=day,
                moves=(Move(purses[cost.purse_id], spent, cost.fen),), about=f"cost:{number}", place_code=row.place_code,
            )
        )  # fmt: skip
    record_many(actor, [Act("culture.spent", row, row.place_code, {"fen": [None, row.fen]}) for row in made])
    for cost_row, posted in zip(made, post_many(actor=actor, postings=postings), strict=True):
        cost_row.booking = posted.id
    copy_rows(made)


@transaction.atomic
def enter_past_event(*, actor: Actor, event: PastEvent) -> tuple[Session, bool]:
    """An event from an office's own list, with how many came. Gives the session, and whether it is new. Raises Refused
    naming the field."""
    case = event.session
    require_place(actor, KEEP, case.new.place_code)
    check_category(case.new)
    columns = checked_activity(actor, case.new)
    own = checked_own(
        case.new.place_code,
        {
            "series_id": event.series_id,
            "compound_id": event.compound_id,
            "hosts": event.hosts,
            "programme": event.programme,
        },
    )
    _check_past(case)
    if Event.objects.filter(activity__key=case.key).exists():
        return Session.objects.get(activity__key=case.key), False
    new = replace(
        case.new, title=str(columns["title"]), text=str(columns["text"]), where=str(columns["where"]),
        phone=str(columns["phone"]),
    )  # fmt: skip
    clean = replace(case, new=new, confirmed_by_id=actor.person_id, confirmed_at=clock.now())
    by_platform = system_actor("culture.enter_past")
    session = bring_events(actor=by_platform, events=[PastEvent(session=clean, **own)])[case.key]
    record(
        actor,
        Act("culture.past_entered", session, session.place_code, {"head_count": [None, session.head_count]}),
    )
    return session, True


def _check_past(case: PastSession) -> None:
    now = clock.now()
    match hours_fault(case.starts_at, case.ends_at):
        case "order":
            raise RuleViolation(_("结束时间须在开始之后。"), field="ends")
        case "long":
            raise RuleViolation(_("一个场次最长 24 小时，更长的请分成几场。"), field="ends")
    if case.ends_at > now:
        raise RuleViolation(_("活动还没有结束，到场人数先空着。"), field="head_count")
    if case.starts_at.year < now.year - YEARS_BACK:
        raise RuleViolation(_("只补 %d 年以内的活动。") % YEARS_BACK, field="day")
    if case.head_count is None or not 1 <= case.head_count <= MOST_PEOPLE:
        raise RuleViolation(
            _("办过的活动请填到场人数（1 到 %d）；没有办成的不用录。") % MOST_PEOPLE, field="head_count"
        )

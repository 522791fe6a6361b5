"""Reading what a call-up asks of units and holders of posts, and what they answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import CANCELLED, JOINED, Session, SignUp
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.vanguard.models import Called, Callup
from doorstep.modules.vanguard.policies import called_of
from doorstep.modules.vanguard.selectors import unit_names
from doorstep.modules.vanguard.telling import answering_for

MOST_SHOWN = 60


@dataclass(frozen=True)
class Call:
    """One that is called, as both sides read it. `reached`: somebody was there to be told."""

    row: Called
    name: str
    reached: bool = True

    @property
    def is_open(self) -> bool:
        """It still can be answered."""
        return answerable(self.row.callup)


def answerable(callup: Callup) -> bool:
    """Until it is over, an answer may be given and given anew."""
    return callup.ended_at is None and callup.ends_on >= clock.today()


def _named(rows: Sequence[Called]) -> dict[int, str]:
    names = unit_names(row.unit_id for row in rows)
    return {row.pk: row.post.name if row.post else names.get(row.unit_id or 0, "") for row in rows}


def calls_of(callup: Callup) -> list[Call]:
    """All that a call-up calls, in the order they were. Four queries."""
    rows = list(Called.objects.filter(callup=callup).select_related("post", "callup").order_by("pk"))
    names, reached = _named(rows), answering_for(rows)
    return [Call(row, names[row.pk], bool(reached[row.pk])) for row in rows]


def own_calls(actor: Actor) -> QuerySet[Called]:
    """Calls of the actor's units and posts, of call-ups that are not over: those without an answer first."""
    rows = Called.objects.filter(called_of(actor)).select_related("callup", "post")
    rows = rows.filter(callup__ended_at=None, callup__ends_on__gte=clock.today())
    return rows.order_by(F("answered_at").asc(nulls_first=True), "callup__starts_on", "pk")


def shown(rows: Iterable[Called]) -> list[Call]:
    """These by name. One query."""
    found = list(rows)
    names = _named(found)
    return [Call(row, names[row.pk]) for row in found]


def past_calls(actor: Actor, most: int = 10) -> list[Call]:
    """The latest that are over. Two queries."""
    rows = Called.objects.filter(called_of(actor)).filter(
        Q(callup__ended_at__isnull=False) | Q(callup__ends_on__lt=clock.today())
    )
    return shown(rows.select_related("callup", "post").order_by("-callup__ends_on", "-pk")[:most])


@dataclass(frozen=True)
class Shift:
    """One shift that people are wanted for."""

    session: Session
    missing: int


@dataclass(frozen=True)
class CallPage:
    """A call with the event and its shifts. `may_answer`: for the unit's own people, the holder, and who calls up."""

    call: Call
    caller: str
    days: Sequence[tuple[dt.date, Sequence[Shift]]]
    may_answer: bool
    may_call: bool

    @property
    def missing(self) -> int:
        return sum(shift.missing for _day, shifts in self.days for shift in shifts)


def call_page(actor: Actor, called_id: int) -> CallPage:
    """What is asked of one that is called, for its people and for who sees the call-up. Raises NotVisible. Six queries or so."""
    rows = policy_for(Called).visible_to(actor).filter(pk=called_id).select_related("callup", "post")
    row: Called | None = rows.first()
    if row is None:
        raise NotVisible(_("没有找到这次集结。"))
    names = unit_names([row.unit_id, row.callup.unit_id])
    name = row.post.name if row.post else names.get(row.unit_id or 0, "")
    policy = policy_for(Called)
    return CallPage(
        call=Call(row, name), caller=names.get(row.callup.unit_id, ""), days=_shifts_of(row.callup),
        may_answer=answerable(row.callup) and policy.can(actor, "answer", row), may_call=policy.can(actor, "call", row),
    )  # fmt: skip


def _shifts_of(callup: Callup) -> list[tuple[dt.date, list[Shift]]]:
    rows = Session.objects.filter(activity__vanguard_position__callup=callup).exclude(state=CANCELLED)
    sessions = list(rows.select_related("activity").order_by("starts_at", "pk")[:MOST_SHOWN])
    joined = SignUp.objects.filter(session__in=sessions, state=JOINED).values_list("session_id")
    taken = dict(joined.annotate(n=Count("pk")).order_by())
    days: dict[dt.date, list[Shift]] = {}
    for one in sessions:
        missing = max(0, (one.capacity or 0) - taken.get(one.pk, 0)) if one.ends_at > clock.now() else 0
        days.setdefault(one.day, []).append(Shift(one, missing))
    return list(days.items())

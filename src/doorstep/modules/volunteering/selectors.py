"""Reading volunteering: rule values, kinds of service and their rates, one's own record, what waits to be approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import CONFIRMED, Attendance, Session
from doorstep.kernel.ledger.selectors import Ending, balances, endings
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.models import (
    Appeal,
    Approval,
    Credit,
    Membership,
    Oddity,
    RuleValue,
    ServiceKind,
    Volunteer,
)
from doorstep.modules.volunteering.models_review import TAKEN_BACK, UPHELD
from doorstep.modules.volunteering.policies import APPROVE

KIND = "service"  # of activity


def rule_values(on: dt.date | None = None) -> dict[str, Any]:
    """The numbers of the rules on a day (default today)."""
    return _rule_values(on or clock.today())


_rule_values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "volunteering_rulevalue"
)
_service_kinds = Kept(
    lambda day: list(ServiceKind.objects.in_force(day).order_by("pk")), "volunteering_servicekind"
)
_names = Kept(
    lambda: dict(ServiceKind.objects.order_by("valid_from").values_list("code", "name")),
    "volunteering_servicekind",
)


def caps_on(day: dt.date) -> rules.Caps:
    """The caps of the day a session was held. Raises KeyError where none were set yet."""
    values = rule_values(day)
    return rules.Caps(values["cap.activity"], values["cap.day"], values["cap.month"])


def expiry_of(day: dt.date) -> dt.date:
    """From which day on points earned on `day` are no longer spent."""
    return rules.months_after(day, rule_values(day)["points.months"])


def service_kind(code: str, place_code: str, on: dt.date | None = None) -> ServiceKind | None:
    """The kind of service as it holds at a place on a day: the nearest place's rule goes before a wider one's."""
    above = {*ancestors_of(place_code), place_code, ""}
    found = [
        row for row in _service_kinds(on or clock.today()) if row.code == code and row.place_code in above
    ]
    return max(found, key=lambda row: len(row.place_code), default=None)


def service_kinds_at(place_code: str, on: dt.date | None = None) -> list[ServiceKind]:
    """The kinds of service that hold at a place on a day, each by its nearest rule, in the order of their codes."""
    rows = _service_kinds(on or clock.today())
    codes = sorted({row.code for row in rows})
    found = (service_kind(code, place_code, on) for code in codes)
    return [row for row in found if row is not None]


def service_name(code: str) -> str:
    """The words of a kind's code, also of one that holds no longer. For many rows take `service_names` once."""
    return _names().get(code, code)


def service_names() -> list[tuple[str, str]]:
    """Code and words of every kind of service there was."""
    return sorted(_names().items())


def own_volunteer(actor: Actor) -> Volunteer | None:
    """Who volunteers under this account, if anybody; a person who left is none."""
    if actor.person_id is None:
        return None
    return Volunteer.objects.filter(person_id=actor.person_id, left_on=None).first()


@dataclass(frozen=True)
class Standing:
    """What a volunteer has: points and minutes, the milestone reached and the next in hours, what expires next."""

    points: int
    minutes: int
    reached: int
    next: int | None
    endings: list[Ending]

    @property
    def to_next(self) -> int:
        """Whole hours still to the next milestone."""
        return 0 if self.next is None else self.next - self.minutes // 60


def standing_of(volunteer: Volunteer) -> Standing:
    """Two queries."""
    held = balances([volunteer.points_id, volunteer.minutes_id])
    minutes = held.get(volunteer.minutes_id, 0)
    last, coming = rules.reached(minutes, rule_values().get("milestones", []))
    return Standing(held.get(volunteer.points_id, 0), minutes, last, coming, endings(volunteer.points_id)[:3])


def credits_of(volunteer: Volunteer, *, session_id: int, most: int = 1) -> list[Credit]:
    """What a session brought a volunteer, the latest first; what was taken back too. One query."""
    rows = Credit.objects.filter(volunteer=volunteer, session=session_id)
    return list(rows.select_related("session__activity__organiser").order_by("-pk")[:most])


def uncredited(volunteer: Volunteer) -> QuerySet[Session]:
    """Services, approved or found untrue, for which the volunteer's attendance was entered and that credited nothing, as where
    it was struck out: those of the days on which an appeal may still be made, the latest first."""
    since = clock.today() - dt.timedelta(days=rule_values()["appeal.within"])
    there = Attendance.objects.filter(session=OuterRef("pk"), person_id=volunteer.person_id)
    credits = Credit.objects.filter(session=OuterRef("pk"), volunteer=volunteer)
    rows = Session.objects.filter(Exists(there), ~Exists(credits), kind=KIND)
    rows = rows.filter(Q(approval__isnull=False) | Q(stopped()))
    return rows.filter(day__gte=since).select_related("activity").order_by("-day", "-pk")


def record_of(volunteer: Volunteer) -> list[Credit]:
    """Every service of the record, in the order of days. One query."""
    rows = Credit.objects.filter(volunteer=volunteer, taken_back_at=None)
    return list(rows.select_related("session__activity").order_by("day", "pk"))


def unit_names(credits: Iterable[Credit]) -> dict[int, str]:
    """Names of the organisers of these sessions, by unit number. One query."""
    return last_names({credit.session.activity.organiser_id for credit in credits})


def stopped() -> Exists:
    """Condition on sessions: somebody decided that the service was not so, and no appeal was upheld since."""
    upheld = Appeal.objects.filter(
        session=OuterRef("session"), outcome=UPHELD, answered_at__gte=OuterRef("decided_at")
    )
    decided = Oddity.objects.filter(session=OuterRef("pk"), decision=TAKEN_BACK)
    return Exists(decided.filter(~Exists(upheld)).exclude(facts__has_key="volunteer"))


def unapproved() -> QuerySet[Session]:
    """Sessions of service whose organiser has confirmed who was there, and that nobody has approved or found untrue."""
    approved = Approval.objects.filter(session=OuterRef("pk"))
    return Session.objects.filter(~Exists(approved), ~stopped(), kind=KIND, state=CONFIRMED)


def to_approve(actor: Actor) -> QuerySet[Session]:
    """Those the actor may approve: neither confirmed by the actor, nor was the actor there. In the order of confirmation."""
    rows = unapproved().filter(within("place_code", actor.places_for(APPROVE)))
    if actor.person_id is not None:
        there = Attendance.objects.filter(session=OuterRef("pk"), person_id=actor.person_id, struck=False)
        rows = rows.exclude(confirmed_by_id=actor.person_id).exclude(Exists(there))
    return rows.select_related("activity").order_by("confirmed_at", "pk")


def unapproved_own(actor: Actor) -> int:
    """How many wait for another: confirmed by the actor, who cannot approve them. One query."""
    if actor.person_id is None:
        return 0
    return unapproved().filter(confirmed_by_id=actor.person_id).count()


def memberships_of(volunteer: Volunteer) -> list[Membership]:
    rows = Membership.objects.in_force().filter(volunteer=volunteer)
    return list(rows.order_by("valid_from", "pk"))


def minutes_by_day(
    volunteer_ids: Iterable[int], first: dt.date, last: dt.date
) -> dict[tuple[int, dt.date], int]:
    """Minutes that already count, by volunteer and day, from the first day to the last. One query."""
    rows = Credit.objects.filter(
        volunteer__in=list(volunteer_ids), day__gte=first, day__lte=last, taken_back_at=None
    )
    sums = rows.order_by().values_list("volunteer", "day").annotate(minutes=Sum("minutes"))
    return {(volunteer, day): int(minutes) for volunteer, day, minutes in sums}

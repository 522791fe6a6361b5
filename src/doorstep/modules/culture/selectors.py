"""Reading cultural events: an event's public page, its page in office, what waits, what can be chosen in forms."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import CANCELLED, Attendance, Session
from doorstep.kernel.activities.policies import KEEP as KEEP_ACTIVITIES
from doorstep.kernel.activities.policies import organising_units
from doorstep.kernel.activities.selectors import public_session
from doorstep.kernel.ledger.models import Book
from doorstep.kernel.ledger.selectors import balances
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area, Compound
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.culture import rules
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.books import BOOK
from doorstep.modules.culture.models import Cost, Event, Feedback, Picture, Purse, Series
from doorstep.modules.culture.policies import KEEP

BYTES = ("content", "small")
MOST_WORDS = 50  # on an event's page
MOST_CHOICES = 2000
OFFICES = ("community_party_organisation", "residents_committee", "street_office", "street_working_committee")


def events() -> QuerySet[Any]:
    """Every time of every cultural event, with what it is."""
    rows = Session.objects.filter(kind=EVENT)
    return rows.select_related(
        "activity__organiser", "activity__venue", "activity__cultural_event__series",
        "activity__cultural_event__compound",
    )  # fmt: skip


def events_seen(actor: Actor) -> QuerySet[Any]:
    return policy_for(Session).visible_to(actor).filter(kind=EVENT)


def event_seen(actor: Actor, session_id: int) -> Session:
    """One time of an event in office. Raises NotVisible."""
    found: Session | None = (
        events().filter(pk__in=events_seen(actor).filter(pk=session_id).values("pk")).first()
    )
    if found is None:
        raise NotVisible("")
    return found


def organised_by(actor: Actor, rows: QuerySet[Any], session: str = "") -> QuerySet[Any]:
    """Of rows of sessions those that the actor may organise."""
    own = Q(**{f"{session}activity__organiser__in": organising_units(actor)})
    return rows.filter(within(f"{session}place_code", actor.places_for(KEEP_ACTIVITIES)) | own)


# The public page.


@dataclass(frozen=True)
class Said:
    """Feedback in sum, and the words that are shown."""

    count: int
    good: int
    by_grade: tuple[tuple[int, int], ...]  # (grade, how many), five first
    words: tuple[str, ...]

    @property
    def share(self) -> int:
        """Per cent that gave four or five."""
        return round(100 * self.good / self.count) if self.count else 0


@dataclass(frozen=True)
class EventPage:
    session: Session
    event: Event | None
    organiser: str
    place: str
    others: tuple[Session, ...]
    pictures: tuple[Picture, ...]
    said: Said
    cost_fen: int

    @property
    def is_over(self) -> bool:
        return self.session.state != CANCELLED and clock.now() >= self.session.ends_at


def public_event(session_id: int) -> EventPage | None:
    """What anybody may know of one time of an event; None where there is none. Nine queries at most."""
    session = public_session(session_id)
    if session is None or session.kind != EVENT:
        return None
    event = Event.objects.filter(activity_id=session.activity_id).select_related("series", "compound").first()
    others = Session.objects.filter(activity_id=session.activity_id).exclude(pk=session.pk)
    costs = Cost.objects.filter(event=event, taken_back_at=None) if event is not None else Cost.objects.none()
    return EventPage(
        session=session, event=event, organiser=unit_names([session.activity.organiser_id]).get(session.activity.organiser_id, ""),
        place=place_names([session.place_code]).get(session.place_code[:12], ""),
        others=tuple(others.filter(ends_at__gt=clock.now()).exclude(state=CANCELLED).order_by("starts_at")[:12]),
        pictures=tuple(public_pictures(session.pk)), said=said_of(session.pk),
        cost_fen=sum(costs.values_list("fen", flat=True)),
    )  # fmt: skip


def public_pictures(session_id: int) -> QuerySet[Picture]:
    rows = Picture.objects.filter(session=session_id, asked_down_at=None, taken_down_at=None).exclude(
        consent=""
    )
    return rows.defer(*BYTES).order_by("pk")


def said_of(session_id: int) -> Said:
    """Grades of everybody; words that an officer let be shown. One query."""
    rows = Feedback.objects.filter(session=session_id).order_by("-at", "-pk")
    found = list(rows.values_list("grade", "words", "shown"))
    counts = Counter(grade for grade, _words, _shown in found)
    return Said(
        count=len(found), good=sum(counts[grade] for grade in (4, 5)),
        by_grade=tuple((grade, counts[grade]) for grade in (5, 4, 3, 2, 1)),
        words=tuple(words for _grade, words, shown in found if shown and words)[:MOST_WORDS],
    )  # fmt: skip


def own_feedback(actor: Actor, session_id: int) -> Feedback | None:
    if actor.person_id is None:
        return None
    return Feedback.objects.filter(session=session_id, person_id=actor.person_id).first()


def was_there(actor: Actor, session: Session) -> bool:
    """By the attendance; where nobody signs up it is the reader's to say."""
    if actor.person_id is None:
        return False
    rows = Attendance.objects.filter(session=session, person_id=actor.person_id, struck=False)
    return not session.activity.by_sign_up or rows.exists()


def closed_through() -> dt.date | None:
    """The last day on which nothing may be booked any more; None where no day was closed. One query."""
    return Book.objects.filter(code=BOOK).values_list("closed_through", flat=True).first()


# Pictures.


def picture_bytes(actor: Actor, picture_id: int, *, small: bool) -> tuple[Picture, bytes, bool] | None:
    """A picture, its bytes and whether anybody may see it; None where it does not exist for the reader."""
    rows = Picture.objects.select_related("session__activity").defer("content" if small else "small")
    row = rows.filter(pk=picture_id, taken_down_at=None).first()
    if row is None:
        return None
    public = row.is_public and row.session.activity.is_public
    if not public and not policy_for(Picture).visible_to(actor).filter(pk=picture_id).exists():
        return None
    return row, bytes(row.small if small else row.content), public


def session_of_picture(picture_id: int) -> int:
    """Of which session of a public event a public picture is. Raises NotVisible."""
    rows = Picture.objects.filter(pk=picture_id, asked_down_at=None, taken_down_at=None).exclude(consent="")
    found = rows.filter(session__activity__is_public=True).values_list("session_id", flat=True).first()
    if found is None:
        raise NotVisible("")
    return found


def picture_seen(actor: Actor, picture_id: int) -> Picture:
    """In office. Raises NotVisible."""
    rows = policy_for(Picture).visible_to(actor).select_related("session__activity").defer(*BYTES)
    row: Picture | None = rows.filter(pk=picture_id, taken_down_at=None).first()
    if row is None:
        raise NotVisible("")
    return row


def pictures_waiting(actor: Actor) -> QuerySet[Any]:
    """Without consent, or asked to be taken down: the asked first, then the oldest."""
    rows = Picture.objects.filter(Q(consent="") | Q(asked_down_at__isnull=False), taken_down_at=None)
    rows = organised_by(actor, rows, "session__").select_related("session__activity").defer(*BYTES)
    return rows.order_by("asked_down_at", "added_at", "pk")


def feedback_waiting(actor: Actor) -> QuerySet[Any]:
    """Words that nobody has looked at, the oldest first."""
    rows = Feedback.objects.filter(within("place_code", actor.places_for(KEEP)), looked_at=None).exclude(
        words=""
    )
    return rows.select_related("session__activity").order_by("at", "pk")


def kept_by(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return organised_by(actor, rows)


# Names and choices.


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of the communities or wider places that codes lie in. One query."""
    cut = {code[:12] for code in codes}
    return dict(Area.objects.filter(code__in=cut).exclude(code="").values_list("code", "name"))


def unit_names(unit_ids: Iterable[int]) -> dict[int, str]:
    """The latest names, of ended units too. One query."""
    rows = UnitVersion.objects.filter(unit_id__in=set(unit_ids)).order_by("unit_id", "valid_from")
    return dict(rows.values_list("unit_id", "name"))


def organiser_choices(actor: Actor) -> list[tuple[str, str]]:
    """Units in whose name the actor may announce: their own, and the offices where they keep activities. One query."""
    offices = within("place_code", actor.places_for(KEEP_ACTIVITIES)) & Q(kind__in=OFFICES)
    own = organising_units(actor)
    rows = UnitVersion.objects.in_force().filter(Q(unit_id__in=own) | offices)
    found = list(rows.order_by("place_code", "unit_id").values_list("unit_id", "name")[:MOST_CHOICES])
    return [(str(pk), name) for pk, name in sorted(found, key=lambda each: each[0] not in own)]


def planning_places(actor: Actor, capability: str) -> list[tuple[str, str]]:
    """Streets and communities the actor holds the capability in, and those of the district of a unit's own people."""
    places = actor.places_for(capability)
    rows = Area.objects.filter(
        within("code", places), level__in=("county", "street", "community"), ended_on=None
    )
    return list(rows.exclude(code="").order_by("code").values_list("code", "name")[:MOST_CHOICES])


def series_choices(places: Sequence[str]) -> list[tuple[str, str]]:
    """Series that hold for any of these places: their own, and those of wider ones."""
    wider = {code for place in places for code in ancestors_of(place)}
    rows = Series.objects.filter(in_force(), within("place_code", places) | Q(place_code__in=wider))
    return [(str(row.pk), row.name) for row in rows.order_by("place_code", "name")[:MOST_CHOICES]]


def compound_choices(places: Sequence[str]) -> list[tuple[str, str]]:
    rows = Compound.objects.filter(within("place_code", places)).order_by("place_code", "pinyin", "pk")
    found = list(rows[:MOST_CHOICES])
    names = place_names(row.place_code for row in found)
    return [(str(row.pk), f"{names.get(row.place_code[:12], '')} · {row.name}") for row in found]


@dataclass(frozen=True)
class PurseLine:
    purse: Purse
    left: int  # fen

    @property
    def words(self) -> str:
        return rules.yuan_words(self.left)


def purses_for(actor: Actor, place_code: str) -> list[PurseLine]:
    """Purses in force out of which the actor may pay for an event there, with what is left. Two queries."""
    places = [*ancestors_of(place_code), place_code]
    rows = policy_for(Purse).visible_to(actor).filter(in_force(), place_code__in=places)
    found = [row for row in rows.order_by("-place_code", "name") if actor.holds(KEEP, row.place_code)]
    left = balances(row.account_id for row in found)
    return [PurseLine(row, left.get(row.account_id, 0)) for row in found]


def costs_of(event: Event) -> list[Cost]:
    return list(Cost.objects.filter(event=event).select_related("purse").order_by("-day", "-pk"))


def office_pictures(actor: Actor, session_id: int) -> list[Picture]:
    rows = policy_for(Picture).visible_to(actor).filter(session=session_id, taken_down_at=None)
    return list(rows.defer(*BYTES).order_by("pk"))

"""What whoever organises sees: sessions of their units and places, who signed up and who came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.kinds import Category, all_kinds, is_kind, kind_of
from doorstep.kernel.activities.models import ANNOUNCED, WITHDRAWN, Attendance, Session, SignUp
from doorstep.kernel.activities.policies import KEEP, ORGANISE, organising_units
from doorstep.kernel.activities.selectors import to_confirm
from doorstep.kernel.activities.services_sign_up import Applicant
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.models import Volunteer
from doorstep.modules.volunteering.services_cards import holder_of
from doorstep.surfaces.doorway.on import Line, lines_of

MOST = 30
_PLACES = 200  # places to choose from on one form


@dataclass(frozen=True)
class Board:
    """Sessions to confirm, the oldest first, and those to come; at most MOST of each, and whether there are more."""

    waiting: list[Line]
    more_waiting: bool
    coming: list[Line]
    more_coming: bool


def board_of(actor: Actor) -> Board:
    """Eight queries at most."""
    waiting = list(to_confirm(actor)[: MOST + 1])
    rows = policy_for(Session).visible_to(actor).filter(state=ANNOUNCED, ends_at__gte=clock.now())
    coming = list(rows.select_related("activity").order_by("starts_at", "pk")[: MOST + 1])
    return Board(lines_of(waiting[:MOST]), len(waiting) > MOST, lines_of(coming[:MOST]), len(coming) > MOST)


@dataclass
class Guest:
    """Somebody who signed up, came, or both."""

    person_id: int
    name: str
    sign_up: SignUp | None
    attendance: Attendance | None

    @property
    def state(self) -> str:
        if self.attendance is not None:
            if self.attendance.struck:
                return "struck"
            return "gone" if self.attendance.out_at is not None else "there"
        return self.sign_up.state if self.sign_up is not None else ""


def guests_of(actor: Actor, session: Session) -> list[Guest]:
    """In the order of signing up, then of coming. The organising unit's people read whole names until they confirmed; else
    a name is whole where the person exists for the reader. Four queries; the caller has passed the organiser's gate."""
    found: dict[int, Guest] = {}
    for row in SignUp.objects.filter(session=session).select_related("person").order_by("pk"):
        if row.state != WITHDRAWN:
            found[row.person_id] = Guest(row.person_id, row.person.name, row, None)
    rows = Attendance.objects.filter(session=session).select_related("person").prefetch_related("corrections")
    for came in rows.order_by("in_at", "pk"):
        guest = found.setdefault(came.person_id, Guest(came.person_id, came.person.name, None, None))
        guest.attendance = came
    if session.state != ANNOUNCED or session.activity.organiser_id not in organising_units(actor):
        seen = set(persons_for(actor).filter(pk__in=found).values_list("pk", flat=True))
        for guest in found.values():
            guest.name = guest.name if guest.person_id in seen else MASKS["name"](guest.name)
    return list(found.values())


def years_of(persons: Sequence[int]) -> dict[int, int | None]:
    """Years of birth, where they are known."""
    rows = Volunteer.objects.filter(person__in=persons)
    return dict(rows.values_list("person_id", "born_in"))


def person_of_number(session: Session, text: str) -> int | None:
    """Who has this volunteer's number and is of the organising team or signed up; None for anybody else, so that nobody
    learns names by counting. One query."""
    ours = Q(person__in=SignUp.objects.filter(session=session).exclude(state=WITHDRAWN).values("person"))
    ours |= Q(memberships__team=session.activity.organiser_id, memberships__valid_to=None)
    row = Volunteer.objects.filter(ours, number=text.strip(), left_on=None).first()
    return row.person_id if row is not None else None


def applicant_named(actor: Actor, session: Session, text: str, born_in: int | None) -> Applicant | None:
    """Who holds this card, or has this volunteer's number and is of the organising team or exists for the actor; None for
    anybody else. Three queries at most."""
    row = holder_of(text)
    if row is None:
        known = Q(memberships__team=session.activity.organiser_id, memberships__valid_to=None)
        known |= Q(person__in=persons_for(actor).values("pk"))
        row = Volunteer.objects.filter(known, number=text.strip(), left_on=None).first()
    if row is None:
        return None
    return Applicant(person_id=row.person_id, born_in=row.born_in or born_in, skills=frozenset(row.skills))


@dataclass(frozen=True)
class Choices:
    """What the form for a new activity offers."""

    categories: list[tuple[str, str | Promise]]
    units: list[tuple[str, str]]
    places: list[tuple[str, str]]
    by_value: dict[str, tuple[str, Category]]


def choices_for(actor: Actor) -> Choices:
    """Kinds with their categories, the actor's units, the places they reach. Four queries at most."""
    units = versions_of(organising_units(actor))
    places = _places(actor, [row.place_code for row in units.values()])
    by_value: dict[str, tuple[str, Category]] = {}
    for kind in all_kinds():
        for category in kind.offered(places[0][0]) if kind.offered and places else ():
            by_value[f"{kind.code}:{category.code}"] = (kind.code, category)
    return Choices(
        categories=[(value, category.name) for value, (_kind, category) in by_value.items()],
        units=[(str(pk), row.name) for pk, row in units.items()], places=places, by_value=by_value,
    )  # fmt: skip


def category_at(kind: str, code: str, place_code: str) -> Category:
    """The category as it holds at the chosen place. Raises RuleViolation where it is not offered there."""
    offered = kind_of(kind).offered if is_kind(kind) else None
    for category in offered(place_code) if offered is not None else ():
        if category.code == code:
            return category
    raise RuleViolation(_("这里没有这个类别。"), field="category")


def _places(actor: Actor, own: Sequence[str]) -> list[tuple[str, str]]:
    """Communities within reach, the units' own first; a team reaches its street."""
    reach = actor.places_for(KEEP) or [place[:9] for place in actor.places_for(ORGANISE)]
    rows = Area.objects.filter(within("code", reach), level="community", ended_on=None).order_by("code")
    found = list(rows.values_list("code", "name")[:_PLACES])
    first = {place[:12] for place in own}
    return sorted(found, key=lambda pair: (pair[0] not in first, pair[0]))

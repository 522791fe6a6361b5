"""From an account to the actor it is now; the demo cast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import ANONYMOUS, Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.authority.models import Account, Token
from doorstep.kernel.authority.policies import ISSUE, MANAGE
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.reach import places_of
from doorstep.kernel.people.erasure import TOMBSTONE
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import with_whole_phone
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept, steady
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.place_codes import within


def actor_for(account: Account | None, on: dt.date | None = None) -> Actor:
    """The actor with the grants of the person's appointments in force on `on` (default today). At most four queries."""
    if account is None or not account.is_active:
        return ANONYMOUS
    grants: list[Grant] = []
    if account.person_id is not None:
        day = on or clock.today()
        with steady():
            held = _held(account.person_id, day) if account.person_id in _in_post(day) else []
        places = places_of(held, day)
        for appointment in held:
            grants.append(
                Grant(
                    post=appointment.post, unit_id=appointment.unit_id, places=places[appointment.pk],
                    capabilities=capabilities_of(appointment.post), appointment_id=appointment.pk,
                )
            )  # fmt: skip
    name = account.person.name if account.person is not None else account.username
    return Actor(account_id=account.pk, person_id=account.person_id, name=name, grants=tuple(grants))


def _read_held(person_id: int, day: dt.date) -> list[Appointment]:
    rows = Appointment.objects.in_force(day).filter(person_id=person_id)
    return list(rows.select_related("unit").prefetch_related("places").order_by("id"))


_held = Kept(_read_held, "organisations_appointment", "organisations_appointmentplace")
# nearly everybody who reports holds no post: that is known without asking for each
_in_post = Kept(
    lambda day: frozenset(Appointment.objects.in_force(day).values_list("person_id", flat=True)),
    "organisations_appointment",
)


def in_office(*, with_second_factor: bool, on: dt.date) -> Q:
    """Condition on accounts: open, of somebody in office that day, with a second factor or without."""
    held = Appointment.objects.in_force(on).filter(person_id=OuterRef("person_id"))
    factor = Exists(Authenticator.objects.filter(user_id=OuterRef("pk")))
    return Q(Exists(held), factor if with_second_factor else ~factor, is_active=True)


def names_of(account_ids: Collection[int]) -> dict[int, str]:
    """Names of accounts' people as they are now, the tombstone's after an erasure: one query for any number."""
    if not account_ids:
        return {}
    rows = Account.objects.filter(pk__in=account_ids).values_list(
        "pk", "username", "person__name", "person__erased_at"
    )
    return {pk: _(TOMBSTONE) if erased else name or username for pk, username, name, erased in rows}


def usernames_of(account_ids: Collection[int]) -> dict[int, str]:
    return (
        dict(Account.objects.filter(pk__in=account_ids).values_list("pk", "username")) if account_ids else {}
    )


def acts_of(text: str) -> Q:
    """Condition on the `account_id` of rows that tell who acted, by name or username."""
    found = Account.objects.filter(matches(text, "person__") | Q(username__startswith=text.lower()))
    return Q(account_id__in=found.values("pk"))


@dataclass(frozen=True)
class Candidate:
    """Somebody without an account, with the posts they hold and a username to propose."""

    person: Person
    posts: str
    username: str


def username_for(person: Person) -> str:
    """A username to propose; the number keeps namesakes apart."""
    return f"{person.pinyin[:40]}{person.pk}"


def staff_without_account(actor: Actor, text: str, limit: int = 20) -> list[Candidate]:
    """People in office at the actor's places, found by name, who have no account yet; by a whole telephone number also
    those registered there without a post. Two queries."""
    if not text:
        return []
    if (own := with_whole_phone(text)) is not None:
        return _registered_without_account(actor, own, limit)
    held = Appointment.objects.in_force(clock.today()).filter(
        within("place_code", actor.places_for(MANAGE)),
        matches(text, "person__"),
        person__account__isnull=True,
    )
    by_person: dict[int, list[Appointment]] = {}
    for appointment in held.select_related("person").order_by("person__pinyin", "person_id", "pk")[
        : limit * 3
    ]:
        by_person.setdefault(appointment.person_id, []).append(appointment)
    return [_candidate(rows[0].person, rows) for rows in list(by_person.values())[:limit]]


def _registered_without_account(actor: Actor, own: Q, limit: int) -> list[Candidate]:
    """Whoever has that whole number, in office or not: an administrator to be holds no other post (ADR 0025)."""
    places = within("place_code", actor.places_for(MANAGE))
    rows = Person.objects.filter(own, places, account__isnull=True, erased_at__isnull=True).order_by("pk")
    held = Appointment.objects.in_force(clock.today()).filter(person__in=rows).order_by("pk")
    by_person: dict[int, list[Appointment]] = {}
    for appointment in held:
        by_person.setdefault(appointment.person_id, []).append(appointment)
    return [_candidate(person, by_person.get(person.pk, [])) for person in rows[:limit]]


def _candidate(person: Person, held: list[Appointment]) -> Candidate:
    posts = _("、").join(dict.fromkeys(str(POSTS[row.post].name) for row in held))
    return Candidate(person=person, posts=posts or _("没有任职"), username=username_for(person))


def anybody_appoints_officers() -> bool:
    """Is a district officer in office anywhere today, so that others can be appointed?"""
    return Appointment.objects.in_force(clock.today()).filter(post="district_officer").exists()


def own_tokens(actor: Actor) -> list[Token]:
    """The actor's own keys, usable ones first, the latest first."""
    if actor.account_id is None:
        return []
    rows = list(Token.objects.filter(account_id=actor.account_id).order_by("-pk")[:100])
    return sorted(rows, key=lambda row: not row.is_live)


def owner_units(tokens: Iterable[Token]) -> dict[int, str]:
    """Names, today or when they last stood, of the units that hold these keys. One query."""
    rows = UnitVersion.objects.filter(unit_id__in={token.unit_id for token in tokens if token.unit_id})
    return dict(rows.order_by("valid_from").values_list("unit_id", "name"))


def units_for_keys(actor: Actor, text: str, limit: int = 20) -> list[UnitVersion]:
    """Units in force at the actor's places, found by name, that may be given a key. One query."""
    if not text:
        return []
    rows = UnitVersion.objects.in_force(clock.today()).filter(
        within("place_code", actor.places_for(ISSUE)), matches(text)
    )
    return list(rows.order_by("place_code", "unit_id")[:limit])

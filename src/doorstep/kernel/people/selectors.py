"""Reading people: always from what the policy shows the actor, numbers masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.people import rules, values
from doorstep.kernel.people.ciphers import blind_index
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.models import Consent, Person
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.numerals import is_digits


def persons_for(actor: Actor) -> QuerySet[Person]:
    """Persons that exist for the actor."""
    return policy_for(Person).visible_to(actor)


def with_names_seen(rows: QuerySet[Any], actor: Actor, person: str) -> QuerySet[Any]:
    """`rows` with the name at `person` (a path to a Person) as `seen_name`, `seen_pinyin` and `seen_initials`: null
    where the person does not exist for the actor. The one rule wherever other records name persons."""
    seen = persons_for(actor).filter(pk=OuterRef(f"{person}_id"))
    keys = ("name", "pinyin", "initials")
    return rows.annotate(**{f"seen_{key}": Subquery(seen.values(key)[:1]) for key in keys})


def find_persons(actor: Actor, text: str) -> QuerySet[Person]:
    """Persons by a whole phone or identity number, else by name, pinyin or initials."""
    rows = persons_for(actor)
    whole = with_whole_number(text)
    return rows.filter(matches(text) if whole is None else whole)


def named_persons(actor: Actor, text: str) -> QuerySet[Person]:
    """Persons by name, pinyin or initials; for pages whose words stand in an address, where no number belongs."""
    return persons_for(actor).filter(matches(text))


def with_whole_number(text: str) -> Q | None:
    """Condition on persons with exactly this telephone or identity number; None where the text is no whole number."""
    if (phone := with_whole_phone(text)) is not None:
        return phone
    identity = rules.normal_identity(text)
    if len(identity) == 18 and is_digits(identity[:17]):
        return Q(identity_index=blind_index("identity", identity))
    return None


def with_whole_phone(text: str) -> Q | None:
    """Condition on persons with exactly this telephone number; None where the text is no whole number."""
    phone = rules.normal_phone(text)
    if is_digits(phone) and len(phone) >= 10 and rules.phone_fault(phone) is None:
        return Q(phone_index=blind_index("phone", phone))
    return None


def masked(person: Person, field: str) -> str:
    """The phone or identity number (or name) as everybody sees it. Fetch rows with `select_related("key")`."""
    if field == "name":
        return MASKS["name"](person.name)
    if person.erased_at is not None or getattr(person, f"{field}_sealed") is None:
        return ""
    return MASKS[field](values.taken(person, values.key_of(person), field))


def has_consent(person_id: int, purpose: str, on: dt.date | None = None) -> bool:
    """Does the person agree to `purpose` on this day (default today)?"""
    return consenting([person_id], purpose, on) == {person_id}


def consenting(person_ids: Iterable[int], purpose: str, on: dt.date | None = None) -> set[int]:
    """Those of the persons who agree to `purpose` on this day: one query for a whole list."""
    rows = Consent.objects.in_force(on).filter(purpose=purpose, person_id__in=list(person_ids))
    return set(rows.values_list("person_id", flat=True))


def consenting_to(person: Person, on: dt.date | None = None) -> set[str]:
    """Purposes the person agrees to on this day."""
    return set(Consent.objects.in_force(on).filter(person=person).values_list("purpose", flat=True))


def name_of_place(code: str) -> str:
    """Name of the area a person is registered at (a grid's person: of its community); empty where there is none."""
    return Area.objects.filter(code=code[:12]).values_list("name", flat=True).first() or ""

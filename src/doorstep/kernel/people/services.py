"""What is done to a person's record: the only writer of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.people import values
from doorstep.kernel.people.constraints import kept_single
from doorstep.kernel.people.models import Consent, Person
from doorstep.kernel.people.policies import REVEAL, PersonPolicy
from doorstep.kernel.people.purposes import consent_purposes, reveal_purposes
from doorstep.kernel.people.services_bulk import (
    CANNOT_REGISTER,
    UNTOLD,
    NewPerson,
    register_people,
    require_places,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.names import name_keys

OWN = "own"
"""Purpose of a person looking at their own data (PIPL article 45)."""


def register_person(
    *, actor: Actor, name: str, place_code: str, phone: str = "", identity: str = "",
    consents: tuple[str, ...] = (), given_by: str = "",
) -> Person:  # fmt: skip
    """Register one person. Raises RuleViolation for a bad value, NotVisible or NotAllowed for a foreign place."""
    new = NewPerson(name, place_code, phone, identity, consents, given_by)
    return register_people(actor=actor, people=[new])[0]


@transaction.atomic
def correct_person(
    *, actor: Actor, person: Person, name: str | None = None, phone: str | None = None, identity: str | None = None,
    place_code: str | None = None, reason: str,
) -> Person:  # fmt: skip
    """Correct what is recorded (PIPL article 46). None leaves a field as it is, "" clears a number.

    Everybody may correct their own phone; the rest, and other people, are for those who register there.
    Raises RuleViolation for a bad value, an identity number of somebody else, or an empty reason.
    """
    person = _locked(person)
    only_own_phone = name is None and identity is None and place_code is None
    if not (only_own_phone and _policy().is_own(actor, person)):
        policy_for(Person).require(actor, "correct", person)
    if not reason.strip():
        raise RuleViolation(_("请写明更正的理由。"), field="reason")
    key = values.key_of(person)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    old_place = person.place_code
    if name is not None and (checked := values.checked_name(name)) != person.name:
        before["name"], after["name"] = person.name, checked
        for column, value in name_keys(checked).items():
            setattr(person, column, value)
    for field, given in (("phone", phone), ("identity", identity)):
        if given is not None and (new := values.CHECKS[field](given)) != (
            old := values.taken(person, key, field)
        ):
            before[field], after[field] = old, new
            values.put(person, key, field, new)
    _refuse_known_identity(actor, person)
    changes: dict[str, Any] = {**values.told(after)}
    if place_code is not None and place_code != person.place_code:
        require_places(actor, [place_code])
        person.place_code = place_code
        changes["place_code"] = [old_place, place_code]
    if not changes:
        return person
    with kept_single(UNTOLD, lambda: _refuse_known_identity(actor, person)):
        person.save()
    act = Act(
        action="people.correct", obj=person, place_code=person.place_code, changes=changes, person_ref=person.pk,
        personal={"before": before, "after": after} if before or after else {}, words={"reason": reason.strip()},
    )  # fmt: skip
    record(actor, act)
    return person


@transaction.atomic
def give_consent(
    *, actor: Actor, person: Person, purpose: str, given_by: str, until: dt.date | None = None
) -> Consent:
    """Record that the person agrees to `purpose` from today, until the day before `until` or for good.

    Raises RuleViolation for an unknown purpose, or when the person has agreed already.
    """
    person = _locked(person)
    _require_own_or(actor, "consent", person)
    values.key_of(person)
    if purpose not in consent_purposes():
        raise RuleViolation(_("没有“%s”这项同意用途。") % purpose, field="purpose")
    if not given_by.strip():
        raise RuleViolation(_("请写明本人以何种方式同意。"), field="given_by")
    today = clock.today()
    if until is not None and until <= today:
        raise RuleViolation(_("同意的截止日期应在今天之后。"), field="until")
    if Consent.objects.in_force(today).filter(person=person, purpose=purpose).exists():
        raise RuleViolation(_("本人已经同意过这项用途。"), field="purpose")
    consent = Consent.objects.create(
        person=person, purpose=purpose, given_by=given_by.strip(), valid_from=today, valid_to=until
    )
    record(actor, Act("people.consent", person, person.place_code, {"consent": [None, purpose]}))
    return consent


@transaction.atomic
def withdraw_consent(*, actor: Actor, person: Person, purpose: str) -> None:
    """The person no longer agrees (PIPL article 15): from today. Raises RuleViolation when there was no consent."""
    person = _locked(person)
    _require_own_or(actor, "consent", person)
    today = clock.today()
    consent = Consent.objects.in_force(today).filter(person=person, purpose=purpose).first()
    if consent is None:
        raise RuleViolation(_("本人没有同意过这项用途，或已经撤回。"), field="purpose")
    if consent.valid_from == today:
        consent.delete()  # it never held for a whole day; the audit keeps that it was given and withdrawn
    else:
        consent.valid_to = today
        consent.save(update_fields=["valid_to"])
    record(actor, Act("people.withdraw", person, person.place_code, {"consent": [purpose, None]}))


@transaction.atomic
def reveal(*, actor: Actor, person: Person, field: str, purpose: str) -> str:
    """One value in full, for a declared purpose; who looked, why and from which scope stays in the audit.

    Raises NotVisible for a person outside the actor's places, RuleViolation for an empty or unknown purpose.
    """
    person = _locked(person)  # who moved away or was erased since the page was opened is not shown
    _require_own_or(actor, "reveal", person)
    if field not in values.FIELDS:
        raise RuleViolation(_("没有这个字段。"), field="field")
    own = _policy().is_own(actor, person)
    if not purpose:
        raise RuleViolation(_("查看完整信息须先选择用途。"), field="purpose")
    if purpose not in reveal_purposes() and not (own and purpose == OWN):
        raise RuleViolation(_("这个用途不在允许的范围内。"), field="purpose")
    value = values.taken(person, values.key_of(person), field)
    act = Act(
        "people.reveal",
        person,
        person.place_code,
        values.told([field]),
        purpose=purpose,
        person_ref=person.pk,
    )
    record(actor, act)
    return value


@transaction.atomic
def reveal_many(*, actor: Actor, person_ids: Iterable[int], field: str, purpose: str) -> dict[int, str]:
    """The value of many persons in full, for one declared purpose, each kept in the audit as a single look would be.

    Those the actor may not look at, and those erased or without a value, are missing. Raises RuleViolation as `reveal`.
    """
    if field not in values.FIELDS:
        raise RuleViolation(_("没有这个字段。"), field="field")
    if purpose not in reveal_purposes():
        raise RuleViolation(_("这个用途不在允许的范围内。"), field="purpose")
    seen = _policy().visible_to(actor).filter(pk__in=list(person_ids), erased_at__isnull=True)
    looked_at = [
        person
        for person in seen.exclude(**{f"{field}_sealed": None}).select_related("key")
        if actor.holds(REVEAL, person.place_code)
    ]
    told = values.told([field])
    record_many(
        actor,
        [
            Act("people.reveal", person, person.place_code, told, purpose=purpose, person_ref=person.pk)
            for person in looked_at
        ],
    )
    return {person.pk: values.taken(person, values.key_of(person), field) for person in looked_at}


def _policy() -> PersonPolicy:
    policy = policy_for(Person)
    assert isinstance(policy, PersonPolicy)
    return policy


def _require_own_or(actor: Actor, action: str, person: Person) -> None:
    if not _policy().is_own(actor, person):
        policy_for(Person).require(actor, action, person)


def _locked(person: Person) -> Person:
    found = Person.objects.select_for_update().filter(pk=person.pk).first()
    if found is None:
        raise NotVisible(_("没有找到这条记录。"))
    return found


def _refuse_known_identity(actor: Actor, person: Person) -> None:
    """Elsewhere than in the actor's places the words do not confirm that somebody is on record."""
    index = person.identity_index
    known = Person.objects.filter(identity_index=index).exclude(pk=person.pk) if index is not None else None
    if known is None or not known.exists():
        return
    if _policy().visible_to(actor).filter(pk__in=known.values("pk")).exists():
        raise RuleViolation(_("这个身份证号已经登记过。"), field="identity")
    raise RuleViolation(CANNOT_REGISTER, field="identity")


@transaction.atomic
def reveal_names(*, actor: Actor, person_ids: Iterable[int], purpose: str) -> dict[int, str]:
    """Names in full where they else stand masked, for one declared purpose; each look is kept in the audit. Those the actor
    may not look at are missing. Raises RuleViolation for an empty or unknown purpose."""
    if purpose not in reveal_purposes():
        raise RuleViolation(_("查看完整信息须先选择用途。"), field="purpose")
    seen = _policy().visible_to(actor).filter(pk__in=list(person_ids), erased_at=None)
    looked_at = [person for person in seen if actor.holds(REVEAL, person.place_code)]
    record_many(
        actor,
        [
            Act("people.reveal", person, person.place_code, purpose=purpose, person_ref=person.pk)
            for person in looked_at
        ],
    )
    return {person.pk: person.name for person in looked_at}

"""Registering people, one or many thousands, by the same rules and with the same audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.people import values
from doorstep.kernel.people.ciphers import DataKey, current_suite, new_key
from doorstep.kernel.people.constraints import kept_single
from doorstep.kernel.people.models import Consent, Person, PersonKey
from doorstep.kernel.people.policies import REGISTER
from doorstep.kernel.people.purposes import consent_purposes
from doorstep.kernel.places.models import Area, Grid, standing
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import LENGTHS, is_code

BATCH = 1000
CANNOT_REGISTER = gettext_lazy("这个身份证号无法登记，请联系区级核对。")
UNTOLD = {
    "person_identity_once": (CANNOT_REGISTER, "identity")
}  # confirms nothing, should the holder be gone again


@dataclass(frozen=True)
class NewPerson:
    """What is known of somebody to register. `consents` are purposes agreed to, `given_by` says how."""

    name: str
    place_code: str
    phone: str = ""
    identity: str = ""
    consents: tuple[str, ...] = ()
    given_by: str = ""


@transaction.atomic
def register_people(
    *, actor: Actor, people: Iterable[NewPerson], progress: Callable[[int], None] | None = None
) -> list[Person]:
    """Register everybody, in order, or nobody. `progress` is told how many are done after each batch.

    Raises RuleViolation for the first bad value (it names the person), NotVisible or NotAllowed for a place that is
    not the actor's.
    """
    registered: list[Person] = []
    for batch in _batches(people):
        registered += _register_batch(actor, batch)
        if progress:
            progress(len(registered))
    return registered


def _batches(people: Iterable[NewPerson]) -> Iterator[list[NewPerson]]:
    rest = iter(people)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _register_batch(actor: Actor, batch: list[NewPerson]) -> list[Person]:
    require_places(actor, {new.place_code for new in batch})
    now, suite = clock.now(), current_suite().name
    persons: list[Person] = []
    keys: list[PersonKey] = []
    acts: list[Act] = []
    for new, number in zip(batch, _reserved_numbers(len(batch)), strict=True):
        key, wrapped = new_key(number)
        person = Person(
            pk=number, **name_keys(values.checked_name(new.name)), place_code=new.place_code, created_at=now
        )
        known = _fill(person, key, new)
        persons.append(person)
        keys.append(PersonKey(person=person, cipher=suite, wrapped=wrapped))
        acts.append(_registered(person, known, new.consents))
    _refuse_known_identities(actor, persons)
    with kept_single(UNTOLD, lambda: _refuse_known_identities(actor, persons)):
        Person.objects.bulk_create(persons)
    PersonKey.objects.bulk_create(keys)
    Consent.objects.bulk_create(_consents(batch, persons))
    record_many(actor, acts)
    return persons


def require_places(actor: Actor, codes: Iterable[str]) -> None:
    """Places at which the actor registers people, and which are there today. Raises RuleViolation at "place_code",
    NotVisible, NotAllowed."""
    wanted = set(codes)
    for code in sorted(wanted):
        if not is_code(code):
            raise RuleViolation(_("“%s”不是行政区划或网格代码。") % code, field="place_code")
        require_place(actor, REGISTER, code)
    grids = {code for code in wanted if len(code) == LENGTHS["grid"]}
    there = set(Area.objects.filter(standing(), code__in=wanted - grids).values_list("code", flat=True))
    there |= set(
        Grid.objects.filter(code__in=grids)
        .exclude(valid_to__lte=clock.today())
        .values_list("code", flat=True)
    )
    if missing := sorted(wanted - there - {""}):  # the whole installation is there before its areas are
        raise RuleViolation(
            _("没有代码为 %(code)s 的社区或网格，或它已撤销。") % {"code": missing[0]}, field="place_code"
        )


def _fill(person: Person, key: DataKey, new: NewPerson) -> dict[str, str]:
    """Set the sealed columns; gives the personal values for the audit."""
    known = {"name": person.name}
    for field, check in values.CHECKS.items():
        try:
            value = check(getattr(new, field))
        except RuleViolation as fault:
            raise RuleViolation(
                f"{person.name}：{fault.message}", field=fault.field, clause=fault.clause
            ) from fault
        values.put(person, key, field, value)
        if value:
            known[field] = value
    return known


def _registered(person: Person, known: dict[str, str], consents: tuple[str, ...]) -> Act:
    return Act(
        action="people.register",
        obj=person,
        place_code=person.place_code,
        changes=values.told(known) | ({"consents": sorted(consents)} if consents else {}),
        person_ref=person.pk,
        personal=known,
    )


def _consents(batch: list[NewPerson], persons: list[Person]) -> Iterator[Consent]:
    today, known = clock.today(), consent_purposes()
    for new, person in zip(batch, persons, strict=True):
        for purpose in new.consents:
            if purpose not in known:
                raise RuleViolation(_("没有“%s”这项同意用途。") % purpose, field="purpose")
            if not new.given_by.strip():
                raise RuleViolation(_("请写明本人以何种方式同意。"), field="given_by")
            yield Consent(person=person, purpose=purpose, given_by=new.given_by, valid_from=today)


def _refuse_known_identities(actor: Actor, persons: list[Person]) -> None:
    """The database keeps identity numbers single; said here in words."""
    seen: dict[bytes, Person] = {}
    for person in persons:
        index = person.identity_index
        if index is not None and seen.setdefault(bytes(index), person) is not person:
            raise RuleViolation(_("%s：同一身份证号在这批人员中出现两次。") % person.name, field="identity")
    known = (
        Person.objects.filter(identity_index__in=list(seen)).values_list("identity_index", flat=True).first()
    )
    if seen and known is not None:
        name = seen[bytes(known)].name
        if not policy_for(Person).visible_to(actor).filter(identity_index=known).exists():
            raise RuleViolation(f"{name}：{CANNOT_REGISTER}", field="identity")
        raise RuleViolation(_("%s：这个身份证号已经登记过。") % name, field="identity")


def _reserved_numbers(count: int) -> list[int]:
    """Numbers of rows yet to be written: a value is sealed together with its person's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('people_person', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [number for (number,) in cursor.fetchall()]

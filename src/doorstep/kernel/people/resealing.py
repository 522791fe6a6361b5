"""Sealing everybody anew: after a change of FIELD_CIPHER, or of the master key (OLD_MASTER_KEY still given)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.people import values
from doorstep.kernel.people.ciphers import current_suite, wrap
from doorstep.kernel.people.models import Person, PersonKey
from doorstep.kernel.shared.errors import NotAllowed

BATCH = 500
Progress = Callable[[int, int], None]


def reseal_people(*, actor: Actor, progress: Progress = lambda done, of: None) -> int:
    """Wrap every person's own key anew, seal the values with the present suite, and make the indexes anew.

    The person's own key stays the same, so what the audit holds under it stays readable. Each batch is a transaction;
    one that was cut off is simply run again. Gives how many people were done.
    """
    if not actor.is_system:
        raise NotAllowed("only the installation itself seals its people anew")
    total, done, last = PersonKey.objects.count(), 0, 0
    while batch := _reseal_batch(actor, last):
        done, last = done + len(batch), batch[-1]
        progress(done, total)
    return done


@transaction.atomic
def _reseal_batch(actor: Actor, after: int) -> list[int]:
    rows = Person.objects.select_for_update(of=("self",)).select_related("key").filter(key__isnull=False)
    people = list(rows.filter(pk__gt=after).order_by("pk")[:BATCH])
    suite = current_suite().name
    for person in people:
        key = values.key_of(person)
        for field in values.FIELDS:
            values.put(person, key, field, values.taken(person, key, field))
        person.key.cipher, person.key.wrapped = suite, wrap(key)
    Person.objects.bulk_update(
        people, ["phone_sealed", "phone_index", "identity_sealed", "identity_index"], batch_size=BATCH
    )
    PersonKey.objects.bulk_update([person.key for person in people], ["cipher", "wrapped"], batch_size=BATCH)
    record_many(
        actor, [Act("people.reseal", person, person.place_code, {"cipher": suite}) for person in people]
    )
    return [person.pk for person in people]

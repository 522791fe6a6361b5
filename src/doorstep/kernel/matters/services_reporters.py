"""Persons known by what they told alone: kept as long as the words of their matters, by the same dated terms."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_retention import KnownByReport
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.models import Consent, Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation

PERIOD_OVER = "period_over"  # the ground of the erasure
AT_ONCE = 500


def known_by_report(person: Person) -> None:
    """Note that somebody was registered only to be answered. In the transaction that registers them."""
    KnownByReport.objects.create(person=person, since=clock.now())


def forget_reporters() -> int:
    """Erase those whose matters have all come to the end of their term; gives the number. Every night, after the words.

    Who has become known otherwise (an account, an identity number, an agreement) is nobody's mere caller any more and
    stays; so does who must be kept for another reason, and is asked about again the next night.
    """
    _known_otherwise().delete()
    done = 0
    for person_id in list(_over().order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        done += _forget(person_id)
    return done


def _known_otherwise() -> QuerySet[KnownByReport]:
    has_account = Exists(Account.objects.filter(person=OuterRef("pk")))
    agreed = Exists(Consent.objects.filter(person=OuterRef("pk")))
    erased = Q(person__erased_at__isnull=False)
    return KnownByReport.objects.filter(
        has_account | agreed | erased | Q(person__identity_sealed__isnull=False)
    )


def _over() -> QuerySet[KnownByReport]:
    told = Matter.objects.filter(Q(reporter=OuterRef("pk")) | Q(teller=OuterRef("pk")))
    return KnownByReport.objects.filter(~Exists(told))


@transaction.atomic
def _forget(person_id: int) -> bool:
    row = KnownByReport.objects.select_for_update(skip_locked=True).filter(pk=person_id)
    found = row.select_related("person").first()
    if found is None:
        return False
    try:
        with transaction.atomic():
            erase_person(
                actor=system_actor("matters.forget_reporters"), person=found.person, ground=PERIOD_OVER
            )
    except RuleViolation:  # in office, designated: another reason keeps them
        return False
    row.delete()
    return True

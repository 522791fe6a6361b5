"""Nobody leaves with open matters in hand: they are handed over first. Declared to organisations and to people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.leaving import Leaving
from doorstep.kernel.organisations.leaving import declare as declare_leaving
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.organisations.reach import places_of
from doorstep.kernel.people.erasure import Step
from doorstep.kernel.people.erasure import declare as declare_erasure
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within

CLAUSE = gettext_lazy("首接负责：离岗前移交未结事项")
SHOWN = 5


def owed() -> Q:
    """Condition on matters: the next step is still the handler's, being a state from which the kind's law hands over."""
    condition = Q(pk__in=[])
    for law in all_laws():
        if row := law.by_name.get("hand_over"):
            condition |= Q(kind=law.kind, state__in=row.sources)
    return condition


def in_hand(person_ids: Sequence[int]) -> QuerySet[Matter]:
    """Open matters in which the next step is still theirs."""
    return Matter.objects.filter(owed(), is_open=True, handler_id__in=person_ids)


def _before_leaving(rows: Sequence[Appointment], on: dt.date, kept: Sequence[str]) -> RuleViolation | None:
    """What is in hand for the unit within the places of an appointment that ends, and in no other that goes on."""
    persons = {row.person_id for row in rows}
    if not in_hand([*persons]).exists():
        return None
    going_on = Appointment.objects.filter(
        in_force(on), person_id__in=persons, unit_id__in={row.unit_id for row in rows}
    )
    held = list(
        Appointment.objects.filter(pk__in=[row.pk for row in rows])
        .select_related("unit", "person")
        .prefetch_related("places")
    )
    staying = list(
        going_on.exclude(pk__in=[row.pk for row in rows]).select_related("unit").prefetch_related("places")
    )
    places = places_of([*held, *staying], on)
    for row in held:
        mine = [
            other for other in staying if (other.person_id, other.unit_id) == (row.person_id, row.unit_id)
        ]
        safe = [*kept, *(code for other in mine for code in places[other.pk])]
        waiting = in_hand([row.person_id]).filter(within("place_code", places[row.pk]), holder_id=row.unit_id)
        if refusal := _refusal(row.person, waiting.exclude(within("place_code", safe)) if safe else waiting):
            return refusal
    return None


def _refusal(person: Person, waiting: QuerySet[Matter]) -> RuleViolation | None:
    count = waiting.count()
    if not count:
        return None
    numbers = _("、").join(matter.number for matter in waiting.order_by("due_at", "pk")[:SHOWN])
    words = _("%(person)s名下还有 %(count)d 件未结事项（%(numbers)s），请先移交给他人，再办离任。") % {
        "person": person.name, "count": count, "numbers": numbers if count <= SHOWN else numbers + _("等"),
    }  # fmt: skip
    return RuleViolation(words, clause=CLAUSE, page=page_of(person.pk))


def page_of(person_id: int) -> str:
    """Where the matters of a person are handed over; "" where no surface serves it."""
    try:
        return reverse("desk:hand_over", args=[person_id])
    except NoReverseMatch:
        return ""


def _before_unit_ends(unit: Unit) -> RuleViolation | None:
    held = Matter.objects.filter(Q(holder=unit) | Q(asked=unit), is_open=True)
    count = held.count()
    if not count:
        return None
    numbers = _("、").join(matter.number for matter in held.order_by("due_at", "pk")[:SHOWN])
    words = _("这个单位还有 %(count)d 件未结事项（%(numbers)s），请先派给其他单位并由其接办。") % {
        "count": count, "numbers": numbers if count <= SHOWN else numbers + _("等"),
    }  # fmt: skip
    return RuleViolation(words, clause=CLAUSE)


def _before_erasure(person: Person) -> str | None:
    refusal = _refusal(person, in_hand([person.pk]))
    return str(refusal.message) if refusal else None


declare_leaving(Leaving("matters", appointments=_before_leaving, unit=_before_unit_ends))
declare_erasure(Step("matters.in_hand", refuse=_before_erasure))

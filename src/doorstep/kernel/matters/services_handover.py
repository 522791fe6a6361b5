"""Handing the open matters of one person over to another of the same unit, all at once or some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.leaving import CLAUSE, in_hand
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.matters.services import Inputs, apply_transitions
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.reach import places_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains

MOST = 500  # at once: one transaction


def waiting_of(actor: Actor, person_id: int) -> QuerySet[Matter]:
    """What a person has in hand, as far as it exists for the actor; the nearest deadline first."""
    seen = policy_for(Matter).visible_to(actor).values("pk")
    return in_hand([person_id]).filter(pk__in=seen).order_by("due_at", "pk")


def receivers_of(matters: Iterable[Matter], but: int) -> list[Appointment]:
    """Who is in office today in the units that hold these matters and takes matters on over all their places."""
    wanted = list(matters)
    units = {matter.holder_id for matter in wanted}
    if not wanted or len(units) != 1 or None in units:
        return []
    posts = [post for post in POSTS if HANDLE in capabilities_of(post)]
    rows = Appointment.objects.in_force().filter(unit_id__in=units, post__in=posts).exclude(person_id=but)
    held = list(rows.select_related("unit", "person").prefetch_related("places").order_by("post", "pk"))
    places = places_of(held, clock.today())
    found = {
        row.person_id: row
        for row in held
        if all(any(contains(code, matter.place_code) for code in places[row.pk]) for matter in wanted)
    }
    return list(found.values())


@transaction.atomic
def hand_over(
    *, actor: Actor, from_id: int, to_id: int, matter_ids: Sequence[int] | None = None, internal: str = ""
) -> int:
    """Hand over what one person has in hand to another (at most MOST at once), or of that the matters named.

    Returns how many.

    All or none, in one transaction; the step `hand_over` of each kind's law, so who may is the law's to say. Raises
    NotVisible where nothing of it exists for the actor, RuleViolation where the other does not serve in the unit that
    holds them, over their places.
    """
    found = waiting_of(actor, from_id)
    if matter_ids is not None:
        found = found.filter(pk__in=matter_ids)
    matters = list(found[:MOST])
    if not matters or (matter_ids is not None and len(matters) != len(set(matter_ids))):
        raise NotVisible(_("没有找到要移交的事项，可能已经办结或移交。请刷新后再看。"))
    for unit_id in {matter.holder_id for matter in matters}:
        some = [matter for matter in matters if matter.holder_id == unit_id]
        if to_id not in {row.person_id for row in receivers_of(some, from_id)}:
            numbers = _("、").join(matter.number for matter in some[:5])
            raise RuleViolation(
                _("接收人须在承办单位任职，并负责事项所在的地方（%(numbers)s）。") % {"numbers": numbers},
                field="to", clause=CLAUSE,
            )  # fmt: skip
    inputs = Inputs(person_id=to_id, internal=internal)
    apply_transitions(
        actor=actor, matter_ids=[matter.pk for matter in matters], name="hand_over", inputs=inputs
    )
    return len(matters)

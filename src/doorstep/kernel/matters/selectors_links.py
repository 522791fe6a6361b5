"""What a reader sees of matters linked to one: for a reporter the state and the next step, and of nobody's anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.laws import Text, law_of
from doorstep.kernel.matters.models import Link, Matter
from doorstep.kernel.matters.standing import is_insider
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of

MAIN, DUPLICATE, PART, WHOLE, RELATED = "main", "duplicate", "part", "whole", "related"


@dataclass(frozen=True)
class Linked:
    """One linked matter. `role`: what it is to this one. `pk` and `title` only where it exists for the reader."""

    role: str
    number: str
    state: Text
    next_step: Text
    is_open: bool
    unit: str
    due_at: dt.datetime | None
    pk: int | None = None
    title: str = ""


def linked_to(actor: Actor, matter: Matter) -> list[Linked]:
    """Linked matters, as the reader may know them. At most five queries.

    A reporter sees the main matter of a duplicate and the parts of a split: how they stand, who has them, what comes
    next, by when; no title, no text, no address, nobody's name.
    """
    rows = list(
        Link.objects.filter(Q(matter=matter) | Q(other=matter), ended_at__isnull=True)
        .select_related("matter", "other")
        .order_by("pk")
    )
    if not rows:
        return []
    found = [
        (_role(link, matter), link.other if link.matter_id == matter.pk else link.matter) for link in rows
    ]
    insider = is_insider(actor, matter)
    if not insider:
        found = [(role, other) for role, other in found if role in (MAIN, PART)]
    ids = [other.pk for _role_, other in found]
    seen = set(policy_for(Matter).visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    units = versions_of(other.holder_id for _role_, other in found if other.holder_id is not None)
    return [_linked(role, other, other.pk in seen, units) for role, other in found]


def _role(link: Link, matter: Matter) -> str:
    if link.kind == Link.RELATED:
        return RELATED
    names = {Link.DUPLICATE: (MAIN, DUPLICATE), Link.SPLIT: (PART, WHOLE)}[link.kind]
    return names[link.matter_id != matter.pk]


def _linked(role: str, other: Matter, seen: bool, units: dict[int, UnitVersion]) -> Linked:
    state = law_of(other.kind).by_code[other.state]
    unit = units.get(other.holder_id or 0)
    return Linked(
        role=role, number=other.number, state=state.name, next_step=state.next_step, is_open=other.is_open,
        unit=unit.name if unit else "", due_at=other.due_at, pk=other.pk if seen else None,
        title=other.title if seen else "",
    )  # fmt: skip

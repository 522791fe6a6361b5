"""What a resource is used for: what is booked, and what it was used for, with its project."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models_lists import Booking
from doorstep.modules.partnership.selectors_lists import place_names

SHOWN = 12


@dataclass(frozen=True)
class Use:
    booking: Booking
    where: str


@dataclass(frozen=True)
class Uses:
    """The next ones first, then the last ones; `past`: how many there were in all."""

    coming: list[Use]
    over: list[Use]
    past: int


def uses_of(actor: Actor, resource_id: int) -> Uses:
    """Bookings that the reader sees. Four queries."""
    rows = policy_for(Booking).visible_to(actor).filter(resource_id=resource_id, released_at=None)
    rows = rows.select_related("project__matter")
    now = clock.now()
    coming = list(rows.filter(ends_at__gt=now).order_by("starts_at", "pk")[:SHOWN])
    gone = rows.filter(ends_at__lte=now)
    over = list(gone.order_by("-starts_at", "-pk")[:SHOWN])
    names = place_names(row.project.place_code for row in (*coming, *over))

    def told(found: list[Booking]) -> list[Use]:
        return [Use(row, names.get(row.project.place_code[:12], "")) for row in found]

    return Uses(told(coming), told(over), gone.count())

"""What somebody who notes a visit chooses from."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.places.models import BuildingPlacement, Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import Visit
from doorstep.modules.grids.policies import VISIT

MOST = 300
LATEST = 5


def own_grids(actor: Actor) -> list[Grid]:
    """Grids in which the actor may note visits."""
    rows = Grid.objects.filter(in_force(), within("code", actor.places_for(VISIT))).select_related(
        "community"
    )
    return list(rows.order_by("code")[:MOST])


def buildings_of(*codes: str) -> list[tuple[str, str]]:
    rows = (
        BuildingPlacement.objects.in_force().filter(grid__code__in=codes).select_related("building__compound")
    )
    return [
        (str(row.building_id), f"{row.building.compound.name if row.building.compound else row.building.address} {row.building.name}".strip())
        for row in rows.order_by("building__compound__pinyin", "building__pinyin", "building_id")
    ]  # fmt: skip


def persons_of(actor: Actor, *codes: str) -> list[tuple[str, str]]:
    """Persons served in these grids, as far as the actor sees them."""
    rows = persons_for(actor).filter(place_code__in=codes, erased_at=None).order_by("pinyin", "pk")
    return [(str(row.pk), row.name) for row in rows[:MOST]]


def own_latest(actor: Actor, code: str = "") -> list[Visit]:
    """The actor's own last visits, in the grid or in all."""
    rows = policy_for(Visit).visible_to(actor).filter(worker_id=actor.person_id)
    rows = rows.filter(place_code=code) if code else rows
    return list(rows.select_related("building").order_by("-visited_on", "-id")[:LATEST])

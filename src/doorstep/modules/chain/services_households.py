"""Member households stand where their buildings stand: they follow every adjustment of grids."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.people.services_places import people_follow_grids
from doorstep.modules.chain.models import MemberHousehold

BATCH = 1000


@transaction.atomic
def households_follow_buildings(*, actor: Actor, buildings: Iterable[int] | None = None) -> int:
    """Set the place of households in force to their building's grid of today; of these buildings, or of all.

    Persons served in a grid that has ended go along, with their household where they have one. Part of an adjustment
    that takes effect today or earlier; the scheduler does it for those to come. How many households changed.
    """
    rows = MemberHousehold.objects.in_force().exclude(place_code=F("building__place_code"))
    if buildings is not None:
        rows = rows.filter(building_id__in=list(buildings))
    late = list(rows.select_for_update(of=("self",)).select_related("building").order_by("pk"))
    acts = []
    for row in late:
        before, row.place_code = row.place_code, row.building.place_code
        changes = {"place_code": [before, row.place_code]}
        action = "chain.household_followed_grids"
        acts.append(Act(action, row, row.place_code, changes, person_ref=row.person_id))
    MemberHousehold.objects.bulk_update(late, ["place_code"], batch_size=BATCH)
    record_many(actor, acts)
    people_follow_grids(actor=actor, homes={row.person_id: row.place_code for row in late})
    return len(late)

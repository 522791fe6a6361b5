"""Writing how many full members live in buildings: one or thousands by the same few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.declarations.registers import Outcome
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.chain.models import BuildingMembers
from doorstep.modules.chain.policies import KEEP
from doorstep.modules.chain.services_work import BATCH, check_day, check_numbers, constraints_in_words


@dataclass(frozen=True, kw_only=True)
class NewBuildingCount:
    """How many full members a building had on a day; the same day again corrects it."""

    building_id: int
    counted_on: dt.date
    full: int


@transaction.atomic
def record_building_members(
    *, actor: Actor, counts: Sequence[NewBuildingCount]
) -> list[tuple[BuildingMembers, Outcome]]:
    """All or none; the rows in order, with what became of each. Raises NotVisible outside the actor's places."""
    buildings = Building.objects.in_bulk({new.building_id for new in counts})
    places = {pk: row.place_code[: LENGTHS["community"]] for pk, row in buildings.items()}
    for place in set(places.values()):
        require_place(actor, KEEP, place)
    standing = {
        (row.building_id, row.counted_on): row
        for row in BuildingMembers.objects.select_for_update(of=("self",)).filter(building__in=buildings)
    }
    found: list[tuple[BuildingMembers, Outcome]] = []
    acts: list[tuple[BuildingMembers, int | None]] = []
    new_rows, changed = [], []
    for new in counts:
        _check(new, new.building_id in buildings)
        row = standing.get((new.building_id, new.counted_on))
        if row is None:
            row = BuildingMembers(
                place_code=places[new.building_id], building=buildings[new.building_id], counted_on=new.counted_on, full=new.full
            )  # fmt: skip
            standing[new.building_id, new.counted_on] = row
            new_rows.append(row)
            acts.append((row, None))
            found.append((row, "added"))
        elif row.full == new.full:
            found.append((row, "unchanged"))
        else:
            acts.append((row, row.full))
            row.full = new.full
            if row.pk is not None:
                changed.append(row)
            found.append((row, "changed"))
    with constraints_in_words():
        BuildingMembers.objects.bulk_create(new_rows, batch_size=BATCH)
    BuildingMembers.objects.bulk_update(changed, ["full"], batch_size=BATCH)
    record_many(
        actor,
        [
            Act(
                "chain.building_members_counted", row, row.place_code,
                {"building": row.building.name, "counted_on": row.counted_on.isoformat(), "full": [before, row.full]},
            )
            for row, before in acts
        ],
    )  # fmt: skip
    return found


def _check(new: NewBuildingCount, known: bool) -> None:
    if not known:
        raise NotVisible(_("没有找到这栋楼。"), field="building")
    check_day(new.counted_on, "counted_on")
    if new.counted_on > clock.today():
        raise RuleViolation(_("统计日期不能晚于今天。"), field="counted_on")
    check_numbers(new.full, 0)

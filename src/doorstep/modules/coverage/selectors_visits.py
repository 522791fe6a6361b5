"""An instructor's organisations as they stand: whether this quarter's visit is made, by when, and what was found last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.shared import clock
from doorstep.kernel.web.frame.naming import names_of
from doorstep.modules.coverage.models import Profile, Visit
from doorstep.modules.coverage.policies import charge
from doorstep.modules.coverage.proofs import VISIT
from doorstep.modules.coverage.selectors import named, there


@dataclass(frozen=True)
class Charge:
    """One organisation of theirs. due: by when the visit that is owed now is made at the latest; kept: it is made. last: the last
    visit by anybody."""

    profile: Profile
    name: str
    where: str
    due: dt.date | None
    kept: bool
    last: Visit | None


def charges_of(actor: Actor) -> list[Charge]:
    """The actor's own: those still to be visited first, by the day. Five queries, whatever their number."""
    units = charge(actor)
    if not units:
        return []
    today = clock.today()
    rows = list(Profile.objects.filter(there(today), unit_id__in=units).select_related("unit"))
    names, places = named(rows), names_of({row.place_code for row in rows})
    owed = Occurrence.objects.filter(code=VISIT, unit_id__in=units, opens_on__lte=today, closes_on__gte=today)
    # in the grace of a quarter two are open: the earlier that is not kept counts
    standing: dict[int, Occurrence] = {}
    for one in owed.order_by("-closes_on"):
        if one.unit_id not in standing or one.proof_id is None:
            standing[one.unit_id] = one
    last = {
        visit.organisation_id: visit
        for visit in Visit.objects.filter(organisation__in=rows, cancelled_at=None)
        .order_by("organisation", "-visited_on")
        .distinct("organisation")
    }
    found = [
        Charge(
            row, names.get(row.unit_id, ""), places.get(row.place_code, ""),
            standing[row.unit_id].closes_on if row.unit_id in standing else None,
            row.unit_id in standing and standing[row.unit_id].proof_id is not None, last.get(row.pk),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.kept, one.due is None, one.due or today, one.name))

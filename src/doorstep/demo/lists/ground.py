"""Who stood where, as the stories of the four lists need it: agreements, liaisons, officers, residents, positions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Avg

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Area, Building
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models import Agreement

from ..requests.residents import FAMILIES

DISTRICT = "210202"
OFFICERS = (
    "community_secretary",
    "community_deputy_secretary",
    "residents_committee_chair",
    "community_worker",
)


@dataclass(frozen=True)
class Signed:
    """An agreement of a unit."""

    unit_id: int
    place_code: str
    since: dt.date
    until: dt.date | None

    def holds(self, day: dt.date, last: dt.date) -> bool:
        """From one day to another."""
        return self.since <= day and (self.until is None or last < self.until)


@dataclass
class Ground:
    """Read once for the load; nothing is asked of the database afterwards."""

    agreements: dict[str, list[Signed]] = field(default_factory=lambda: defaultdict(list))  # by place
    names: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    liaisons: dict[int, list[Appointment]] = field(default_factory=lambda: defaultdict(list))
    officers: dict[str, list[Appointment]] = field(default_factory=lambda: defaultdict(list))  # by community
    parties: dict[str, int] = field(default_factory=dict)  # community → its party organisation
    residents: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    spots: dict[str, tuple[float, float]] = field(default_factory=dict)  # grid and community → position
    grids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    communities: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, today: dt.date) -> Ground:
        """In the order of codes and numbers, so that chance finds the same on every machine."""
        ground = cls()
        inside = within("place_code", [DISTRICT])
        ground.communities = list(
            Area.objects.filter(within("code", [DISTRICT]), level="community")
            .order_by("code")
            .values_list("code", flat=True)
        )
        for row in Agreement.objects.filter(inside).order_by("pk"):
            ground.agreements[row.place_code].append(
                Signed(row.unit_id, row.place_code, row.valid_from, row.valid_to)
            )
        for unit in UnitVersion.objects.in_force(today).filter(inside).order_by("unit_id"):
            ground.names[unit.unit_id], ground.kinds[unit.unit_id] = unit.name, unit.kind
            if unit.kind == "community_party_organisation":
                ground.parties[unit.place_code] = unit.unit_id
        held = Appointment.objects.filter(post__in=(*OFFICERS, "unit_liaison")).filter(inside).order_by("pk")
        for post in held:
            if post.post == "unit_liaison":
                ground.liaisons[post.unit_id].append(post)
            else:
                ground.officers[post.place_code[:12]].append(post)
        people = Person.objects.filter(inside, name__startswith=FAMILIES[0]).order_by("pk")
        for pk, code in people.values_list("pk", "place_code"):
            ground.residents[code].append(pk)
        rows = Building.objects.filter(inside).order_by("place_code").values_list("place_code")
        for code, east, north in rows.annotate(Avg("longitude"), Avg("latitude")):
            ground.spots[code] = (east, north)
            ground.spots.setdefault(code[:12], (east, north))
            ground.grids[code[:12]].append(code)
        return ground

    def partners(self, community: str, day: dt.date, last: dt.date) -> list[int]:
        """Units with an agreement with the community or its street through these days."""
        signed = [*self.agreements.get(community, ()), *self.agreements.get(community[:9], ())]
        return sorted({row.unit_id for row in signed if row.holds(day, last)})

    def officer(self, community: str, day: dt.date, but: int | None = None) -> Appointment | None:
        """Somebody in office in the community on the day who is not this person."""
        return next((row for row in self.officers[community] if row.person_id != but and _on(row, day)), None)

    def liaison(self, unit_id: int, day: dt.date) -> Appointment | None:
        return next((row for row in self.liaisons.get(unit_id, ()) if _on(row, day)), None)


def _on(row: Appointment, day: dt.date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)

"""Who stood where, as the stories of the four lists need it: agreements, liaisons, officers, residents, positions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Avg

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Area, Building
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Booking, Resource

from ..requests.residents import FAMILIES
from .words import OFFERS

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


@dataclass(frozen=True)
class Offer:
    """What a unit offers: which days of the week, between which minutes, how many at once, where."""

    pk: int
    kind: str
    weekdays: int
    opens: int
    closes: int
    capacity: int
    since: dt.date
    areas: tuple[str, ...]


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
    doors: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))  # by grid
    offers: dict[int, list[Offer]] = field(default_factory=lambda: defaultdict(list))  # by unit
    used: dict[int, list[tuple[dt.datetime, dt.datetime]]] = field(default_factory=lambda: defaultdict(list))

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
        doors = Building.objects.filter(inside).order_by("place_code", "pk")
        for code, east, north in doors.values_list("place_code", "longitude", "latitude"):
            ground.doors[code].append((east, north))
        return ground

    def read_offers(self) -> None:
        """Once what units offer is in, without what the cast offers itself."""
        known = {name for rows in OFFERS.values() for name, _opens, _closes in rows}
        found = Resource.objects.in_force().filter(within("place_code", [DISTRICT])).order_by("pk")
        for row in found.prefetch_related("areas"):
            if row.name.removesuffix("（二）") not in known:
                continue
            areas = tuple(sorted(area.code for area in row.areas.all()))
            self.offers[row.unit_id].append(
                Offer(
                    row.pk, row.resource_class, row.weekdays, row.opens, row.closes, row.capacity, row.valid_from, areas
                )
            )  # fmt: skip
        booked = Booking.objects.filter(released_at=None)
        for pk, begins, ends in booked.values_list("resource_id", "starts_at", "ends_at"):
            self.used[pk].append((begins, ends))

    def offer(self, units: list[int], kind: str, community: str, turn: int) -> Offer | None:
        """Something of this kind that one of these units offers to the community, another one each turn."""
        found = [
            offer
            for unit in units
            for offer in self.offers.get(unit, ())
            if offer.kind == kind and any(community.startswith(code) for code in offer.areas)
        ]
        return found[turn % len(found)] if found else None

    def take(self, offer: Offer, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime] | None:
        """Two hours of it between these days that are free, now taken."""
        for number in range((last - first).days + 1):
            day = first + dt.timedelta(days=number)
            if not offer.weekdays >> day.weekday() & 1 or day < offer.since:
                continue
            for minute in range(max(offer.opens, 540), offer.closes - 119, 120):
                begins = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), clock.DISTRICT_ZONE)
                span = begins, begins + dt.timedelta(hours=2)
                held = self.used[offer.pk]
                if sum(begin < span[1] and span[0] < end for begin, end in held) < offer.capacity:
                    held.append(span)
                    return span
        return None

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

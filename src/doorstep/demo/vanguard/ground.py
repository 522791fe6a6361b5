"""Who and what stands where, as the vanguard's load needs it; read once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Area, Building, Compound, Grid
from doorstep.kernel.shared.place_codes import within

DISTRICT = "210202"
LEADING = ("branch_secretary", "branch_committee_member", "group_leader", "community_committee_member")
STAFF = ("community_worker", "residents_committee_chair", "community_deputy_secretary", "community_secretary")
EMPLOYERS = ("department", "property_company", "company")


@dataclass
class Ground:
    communities: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    party: dict[str, int] = field(default_factory=dict)  # community or street → its party organisation
    offices: dict[str, int] = field(default_factory=dict)  # street → its office
    leading: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    staff: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    grids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    grid_names: dict[str, str] = field(default_factory=dict)
    compounds: dict[str, list[Compound]] = field(default_factory=lambda: defaultdict(list))
    corners: dict[int, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # of a compound's buildings
    employers: list[int] = field(default_factory=list)
    residents: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, today: dt.date) -> Ground:
        ground, inside = cls(), within("place_code", [DISTRICT])
        areas = Area.objects.filter(within("code", [DISTRICT]), ended_on=None).order_by("code")
        ground.names = dict(areas.values_list("code", "name"))
        ground.communities = [code for code in ground.names if len(code) == 12]
        units = UnitVersion.objects.in_force(today).filter(inside).order_by("unit_id")
        for row in units.filter(kind="community_party_organisation"):
            ground.party[row.place_code] = row.unit_id
        for row in units.filter(kind="street_office"):
            ground.offices[row.place_code] = row.unit_id
        ground.employers = list(units.filter(kind__in=EMPLOYERS).values_list("unit_id", flat=True))
        posts = Appointment.objects.in_force(today).filter(inside, post__in=(*LEADING, *STAFF))
        for post, place, person in posts.order_by("pk").values_list("post", "place_code", "person_id"):
            (ground.leading if post in LEADING else ground.staff)[place[:12]].append(person)
        for code, name in Grid.objects.in_force(today).filter(within("code", [DISTRICT])).order_by("code").values_list("code", "name"):  # fmt: skip
            ground.grids[code[:12]].append(code)
            ground.grid_names[code] = name
        for compound in Compound.objects.filter(inside).order_by("pk"):
            ground.compounds[compound.place_code[:12]].append(compound)
        stands = Building.objects.filter(inside, compound__isnull=False).order_by("pk")
        for pk, longitude, latitude in stands.values_list("compound_id", "longitude", "latitude"):
            ground.corners[pk].append((longitude, latitude))
        ground._read_residents()
        return ground

    def _read_residents(self) -> None:
        """Some people of each community who hold no post and have no account: they say their own word on a phone."""
        from doorstep.kernel.authority.models import Account

        busy = Appointment.objects.values("person")
        rows = Person.objects.filter(within("place_code", [DISTRICT]), erased_at=None)
        rows = rows.exclude(pk__in=busy).exclude(pk__in=Account.objects.filter(is_demo=True).values("person"))
        for place, person in (
            rows.exclude(name__startswith="演示职").order_by("pk").values_list("place_code", "pk")
        ):
            known = self.residents[place[:12]]
            if len(place) >= 12 and len(known) < 60:
                known.append(person)

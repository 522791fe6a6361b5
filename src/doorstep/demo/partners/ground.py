"""Who stands where in the demo district: communities with their committees, streets, partner units with their liaisons."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models import Agreement

DISTRICT = "210202"


@dataclass
class Community:
    """A community: its party organisation and who serves there. `partners`: units with their liaison and agreement's first day."""

    code: str
    unit_id: int
    street_unit: int = 0
    office: int = 0
    secretary: int = 0
    deputy: int = 0
    member: int = 0
    street_officer: int = 0
    partners: list[tuple[int, int, dt.date]] = field(default_factory=list)


def read(today: dt.date) -> list[Community]:
    """All communities of the district in order of their codes. Four queries."""
    units = UnitVersion.objects.in_force(today).filter(within("place_code", [DISTRICT]))
    standing: defaultdict[str, dict[str, int]] = defaultdict(dict)  # place → kind → unit
    kinds = ("community_party_organisation", "street_working_committee", "residents_committee")
    for kind, place, unit in units.filter(kind__in=kinds).values_list("kind", "place_code", "unit_id"):
        standing[place][kind] = unit
    posts: dict[tuple[int, str], int] = {}
    rows = Appointment.objects.in_force(today).filter(within("place_code", [DISTRICT]), substitute_for=None)
    for unit, post, person in rows.order_by("-pk").values_list("unit_id", "post", "person_id"):
        posts[unit, post] = person
    found = []
    for code in sorted(code for code, own in standing.items() if "community_party_organisation" in own):
        unit, street = (
            standing[code]["community_party_organisation"],
            standing[code[:9]].get("street_working_committee", 0),
        )
        found.append(
            Community(
                code, unit, street, standing[code].get("residents_committee", 0), posts.get((unit, "community_secretary"), 0),
                posts.get((unit, "community_deputy_secretary"), 0), posts.get((unit, "community_committee_member"), 0),
                posts.get((street, "street_officer"), 0),
            )
        )  # fmt: skip
    by_code = {community.code: community for community in found}
    agreed = Agreement.objects.in_force(today).filter(within("place_code", [DISTRICT])).order_by("pk")
    for unit, place, since in agreed.values_list("unit_id", "place_code", "valid_from"):
        liaison = posts.get((unit, "unit_liaison"))
        if liaison is not None and place in by_code:
            by_code[place].partners.append((unit, liaison, since))
    return found

"""Who serves where, as the stories of volunteering need it: teams with their members, who confirms, who approves."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Area, Compound
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.models import Membership

DISTRICT = "210202"
APPROVERS = (
    "community_worker",
    "residents_committee_chair",
    "community_deputy_secretary",
    "community_secretary",
)


@dataclass(frozen=True)
class TeamHere:
    unit_id: int
    name: str
    place_code: str
    phone: str
    leader_id: int | None
    members: tuple[int, ...]  # persons


@dataclass
class Ground:
    """Read once for a month; nothing is asked of the database afterwards."""

    teams: list[TeamHere] = field(default_factory=list)
    committees: dict[str, UnitVersion] = field(default_factory=dict)  # community → its residents' committee
    names: dict[str, str] = field(default_factory=dict)
    compounds: dict[str, list[Compound]] = field(default_factory=lambda: defaultdict(list))
    approvers: dict[str, list[Appointment]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, today: dt.date) -> Ground:
        ground = cls()
        inside = within("place_code", [DISTRICT])
        leaders = dict(
            Appointment.objects.in_force(today).filter(post="team_leader").values_list("unit_id", "person_id")
        )
        members: dict[int, list[int]] = defaultdict(list)
        rows = Membership.objects.in_force(today).order_by("volunteer__person_id")
        for team, person in rows.values_list("team_id", "volunteer__person_id"):
            members[team].append(person)
        for unit in (
            UnitVersion.objects.in_force(today).filter(inside, kind="volunteer_team").order_by("unit_id")
        ):
            ground.teams.append(
                TeamHere(
                    unit.unit_id, unit.name, unit.place_code, unit.phone, leaders.get(unit.unit_id),
                    tuple(members[unit.unit_id]),
                )
            )  # fmt: skip
        for unit in UnitVersion.objects.in_force(today).filter(inside, kind="residents_committee"):
            ground.committees[unit.place_code] = unit
        ground.names = dict(Area.objects.filter(within("code", [DISTRICT])).values_list("code", "name"))
        for compound in Compound.objects.filter(inside).order_by("pk"):
            ground.compounds[compound.place_code[:12]].append(compound)
        for held in Appointment.objects.filter(inside, post__in=APPROVERS).order_by("pk"):
            ground.approvers[held.place_code[:12]].append(held)
        return ground

    def approver(self, place_code: str, day: dt.date, but: set[int]) -> int | None:
        """Somebody in office there on the day who is none of these."""
        for held in self.approvers[place_code[:12]]:
            in_office = held.valid_from <= day and (held.valid_to is None or day < held.valid_to)
            if in_office and held.person_id not in but:
                return held.person_id
        return None

"""A community with a branch, a group and their officers; the rules that come with the platform, derived since 2026."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_minutes import NewMinutes, record_minutes
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from tests.organisations import world as places
from tests.organisations.world import COMMUNITY, DISTRICT, NEIGHBOUR, STREET, SYSTEM, branch, officer, party

TODAY = dt.date(2026, 6, 15)
NOW = dt.datetime(2026, 6, 15, 18, 0, tzinfo=DISTRICT_ZONE)
SINCE = dt.date(2026, 2, 1)  # what closed before that is not owed here


@dataclass
class World:
    units: dict[str, Unit] = field(default_factory=dict)

    @property
    def branch(self) -> Unit:
        return self.units["branch"]

    def actor(self, role: str) -> Actor:
        """Somebody in office: `branch` serves in the branch alone."""
        if role == "branch":
            return officer("branch_secretary", "210202005011001", unit_id=self.branch.pk)
        post, place = {
            "district": ("district_officer", DISTRICT), "street": ("street_officer", STREET),
            "secretary": ("community_secretary", COMMUNITY), "outsider": ("street_officer", NEIGHBOUR),
        }[role]  # fmt: skip
        return officer(post, place, unit_id=self.units["community" if role == "secretary" else "street"].pk)

    def meeting(self, day: str, kind: str = "assembly", at: str = "09:00", **more) -> NewMinutes:
        starts = dt.datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=DISTRICT_ZONE)
        given = {
            "kind": kind, "unit_id": self.branch.pk, "starts_at": starts, "ends_at": starts + dt.timedelta(hours=1),
            "where": "党群服务中心", "entitled": 20, "present": 15, "agenda": "学习和议事",
        } | more  # fmt: skip
        return NewMinutes(**given)

    def held(self, day: str, kind: str = "assembly", role: str = "secretary", **more) -> Minutes:
        return record_minutes(actor=self.actor(role), new=self.meeting(day, kind, **more))

    def row(self, due: str, code: str = "assembly", unit: str = "branch") -> Occurrence:
        return Occurrence.objects.get(unit=self.units[unit], code=code, ends_on=dt.date.fromisoformat(due))


def build() -> World:
    places.build_places()
    world = World()
    world.units["street"] = party("演示街道党工委", STREET, kind="street_working_committee")
    world.units["community"] = party(superior_id=world.units["street"].pk)
    world.units["branch"] = branch(superior_id=world.units["community"].pk)
    world.units["group"] = party(
        "演示楼栋党小组", COMMUNITY, kind="building_party_group", superior_id=world.branch.pk
    )
    derive(actor=SYSTEM, since=SINCE)
    return world

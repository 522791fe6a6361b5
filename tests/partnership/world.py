"""A community with its committee, a street, two partner units with liaisons, a department; mid-June 2026."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership import services_committee, services_meetings
from doorstep.modules.partnership.models import Agreement, Consultation, Nomination, Topic
from doorstep.modules.partnership.services import NewAgreement, sign_agreement
from doorstep.modules.partnership.services_committee import NewNomination
from doorstep.modules.partnership.services_meetings import Held, NewConsultation, NewTopic
from tests.organisations import world as places
from tests.organisations.world import (
    COMMUNITY,
    DISTRICT,
    NEIGHBOUR,
    SISTER,
    STREET,
    SYSTEM,
    committee,
    officer,
    party,
)

TODAY = dt.date(2026, 6, 15)
NOW = dt.datetime(2026, 6, 15, 18, 0, tzinfo=DISTRICT_ZONE)
# role: (post, place, unit of the world)
CAST = {
    "district": ("district_officer", DISTRICT, "district"), "street": ("street_officer", STREET, "street"),
    "secretary": ("community_secretary", COMMUNITY, "community"),
    "deputy": ("community_deputy_secretary", COMMUNITY, "community"),
    "member": ("community_committee_member", COMMUNITY, "community"),
    "worker": ("community_worker", COMMUNITY, "committee"), "partner": ("unit_liaison", SISTER, "firm"),
    "partner2": ("unit_liaison", COMMUNITY, "school"), "department": ("department_officer", DISTRICT, "department"),
    "outsider": ("street_officer", NEIGHBOUR, "elsewhere"),
}  # fmt: skip


@dataclass
class World:
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        post, place, unit = CAST[role]
        return officer(post, place, unit_id=self.units[unit].pk, person_id=self.people[role].pk, name=role)

    def agreed(self, unit: str = "firm", role: str = "secretary", **more: object) -> Agreement:
        given: dict = {
            "unit_id": self.units[unit].pk, "place_code": COMMUNITY, "valid_from": dt.date(2026, 1, 1),
            "valid_to": dt.date(2027, 1, 1), "about": "开放会议室，每季度义诊", "document": "演示共建〔2026〕1号",
        } | more  # fmt: skip
        return sign_agreement(actor=self.actor(role), new=NewAgreement(**given))

    def nominated(self, unit: str = "firm", role: str = "partner", **more: object) -> Nomination:
        given: dict = {
            "place_code": COMMUNITY, "unit_id": self.units[unit].pk, "affiliation": "演示公司党支部",
            "valid_from": TODAY, "valid_to": dt.date(2028, 6, 15), "name": "演示人选", "has_vote": True,
        } | more  # fmt: skip
        return services_committee.recommend(actor=self.actor(role), new=NewNomination(**given))

    def seated(self, unit: str = "firm", role: str = "partner", **more: object) -> Nomination:
        """By all five steps but the last."""
        row = self.nominated(unit, role, **more)
        services_committee.screen(actor=self.actor("member"), matter_id=row.pk)
        services_committee.approve(actor=self.actor("street"), matter_id=row.pk, document="演示街〔2026〕2号")
        return services_committee.appoint_commissioner(actor=self.actor("street"), matter_id=row.pk)

    def called(
        self, day: str = "2026-07-10", at: str = "09:00", role: str = "secretary", **more: object
    ) -> Consultation:
        starts = dt.datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=DISTRICT_ZONE)
        given: dict = {
            "place_code": COMMUNITY, "title": "二季度协商议事会", "starts_at": starts,
            "ends_at": starts + dt.timedelta(hours=2), "where": "党群服务中心",
        } | more  # fmt: skip
        return services_meetings.call_consultation(actor=self.actor(role), new=NewConsultation(**given))

    def topic(
        self, meeting: Consultation, role: str = "partner", unit: str = "firm", title: str = "停车难"
    ) -> Topic:
        new = NewTopic(consultation_id=meeting.pk, unit_id=self.units[unit].pk, title=title)
        return services_meetings.bring_topic(actor=self.actor(role), new=new)

    def minuted(
        self, meeting: Consultation, present: int = 3, role: str = "secretary", **more: object
    ) -> Consultation:
        return services_meetings.keep_minutes(
            actor=self.actor(role), consultation_id=meeting.pk, held_as=Held(present=present, **more)
        )


def build() -> World:
    places.build_places()
    world = World()
    units = world.units
    units["district"] = party("演示区委", DISTRICT, kind="district_committee")
    units["street"] = party("演示街道党工委", STREET, kind="street_working_committee")
    units["elsewhere"] = party("演示另一街道党工委", NEIGHBOUR, kind="street_working_committee")
    units["community"] = party(superior_id=units["street"].pk)
    units["committee"] = committee()
    units["firm"] = party("演示软件公司", SISTER, kind="company")
    units["school"] = party("演示小学", COMMUNITY, kind="public_institution")
    units["department"] = party("演示区教育局", DISTRICT, kind="department")
    for role, (_post, place, _unit) in CAST.items():
        home = COMMUNITY if place in (SISTER,) else place
        world.people[role] = register_person(actor=SYSTEM, name=f"演示{role}", place_code=home)
    for role in ("secretary", "deputy", "member", "partner", "partner2", "worker"):
        post, _place, unit = CAST[role]
        appoint(
            actor=SYSTEM, person_id=world.people[role].pk, post=post, unit_id=units[unit].pk,
            valid_from=dt.date(2025, 1, 1), document="演示任〔2025〕1号",
        )  # fmt: skip
    derive(actor=SYSTEM, since=dt.date(2026, 1, 1))
    return world

"""The four lists in the small district of the grids' tests: partner units with an agreement and a liaison, needs as they are
usually told, projects as they are usually agreed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock
from doorstep.modules.partnership import services_needs, services_projects, services_resources
from doorstep.modules.partnership.models_lists import Need, Project, Resource
from doorstep.modules.partnership.services import NewAgreement, sign_agreement
from doorstep.modules.partnership.services_claims import claim
from doorstep.modules.partnership.services_needs import NewNeed, Wanted
from doorstep.modules.partnership.services_projects import Duty, ProjectData, Use
from doorstep.modules.partnership.services_resources import ResourceData
from tests.grids.world import BEGAN, FIRST, ONE, SYSTEM, TODAY, TWO, World, build, person

__all__ = ["FIRST", "ONE", "SYSTEM", "TODAY", "TWO", "Lists", "build_lists"]

DAY = dt.timedelta(days=1)


@dataclass
class Lists:
    """The district with partner units by role, each with its liaison."""

    district: World
    partners: dict[str, Unit] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        return self.district.actor(role)

    def partner(self, role: str, place: str = ONE, kind: str = "company", agreed: str | None = ONE) -> Unit:
        """A unit at a place with an agreement of this place, and a liaison who is `role`."""
        world = self.district
        unit = organisations.found_unit(
            actor=SYSTEM, kind=kind, name=f"演示单位{role}", place_code=place, founded_on=dt.date(2020, 1, 1),
            document="演批〔2020〕3号",
        )  # fmt: skip
        if agreed is not None:
            self.agree(unit, agreed)
        world.people[role] = person(f"演示{role}", place)
        organisations.appoint(
            actor=SYSTEM, person_id=world.people[role].pk, post="unit_liaison", unit_id=unit.pk, valid_from=BEGAN,
        )  # fmt: skip
        world.accounts[role] = create_account(actor=SYSTEM, person=world.people[role], username=role)
        self.partners[role] = unit
        return unit

    def agree(self, unit: Unit, place: str, since: dt.date = dt.date(2026, 1, 1)) -> None:
        new = NewAgreement(
            unit_id=unit.pk, place_code=place, valid_from=since, valid_to=since + 365 * DAY, about="共建共享",
            document=f"演共建〔{since.year}〕{unit.pk}号",
        )  # fmt: skip
        sign_agreement(actor=SYSTEM, new=new)

    def offer(self, role: str = "partner", by: str = "", **changed: Any) -> Resource:
        given: dict[str, Any] = {
            "resource_class": "space",
            "name": "演示会议室",
            "opens": 540,
            "closes": 1080,
        }
        data = ResourceData(unit_id=self.partners[role].pk, **(given | changed))
        return services_resources.offer(actor=self.actor(by or role), data=data)

    def tell(self, by: str = "resident", **changed: Any) -> Need:
        wanted = changed.pop("wanted", None) or wish(**changed.pop("wish", {}))
        given: dict[str, Any] = {
            "place_code": FIRST, "title": "想有个地方排练合唱", "text": "楼里二十多位老人，没有地方排练。", "wanted": wanted,
        }  # fmt: skip
        return services_needs.raise_need(actor=self.actor(by), new=NewNeed(**(given | changed)))

    def published(self, **changed: Any) -> Need:
        need = self.tell(**changed)
        return self.screen(need)

    def screen(self, need: Need, by: str = "secretary", **changed: Any) -> Need:
        given: dict[str, Any] = {
            "headline": "老人合唱队需要排练场地", "about": "每周一次，二十多人。", "note": "已列入需求清单，请等单位认领。",
            "wanted": wish(people=need.people, units=need.units),
        }  # fmt: skip
        return services_needs.screen(actor=self.actor(by), need_id=need.pk, **(given | changed))

    def claimed(self, role: str = "partner", **changed: Any) -> Need:
        need = self.published(**changed)
        claim(actor=self.actor(role), need_id=need.pk, unit_id=self.partners[role].pk)
        need.matter.refresh_from_db()
        return need

    def agreed(
        self, need: Need | None = None, by: str = "secretary", role: str = "partner", **changed: Any
    ) -> Project:
        need = need or self.claimed(role)
        return services_projects.agree_project(
            actor=self.actor(by), need_id=need.pk, data=self.data(role, **changed)
        )

    def data(self, role: str = "partner", **changed: Any) -> ProjectData:
        given: dict[str, Any] = {
            "unit_id": self.partners[role].pk, "starts_on": clock.today(), "ends_on": clock.today() + 20 * DAY, "hands": 3,
            "key": uuid.uuid4(),
        }  # fmt: skip
        return ProjectData(**(given | changed))

    def running(self, **changed: Any) -> Project:
        project = self.agreed(**changed)
        return services_projects.start(actor=self.actor("partner"), project_id=project.pk)

    def delivered(self, served: int = 30, **changed: Any) -> Project:
        project = self.running(**changed)
        return services_projects.deliver(
            actor=self.actor("partner"), project_id=project.pk, note="提供场地，排练四次。", served=served
        )

    def confirmed(self, served: int = 30, **changed: Any) -> Project:
        project = self.delivered(served, **changed)
        return services_projects.confirm(
            actor=self.actor("secretary"), project_id=project.pk, note="到场看过，已经办成。"
        )


def wish(**changed: Any) -> Wanted:
    given: dict[str, Any] = {"resource_class": "space", "people": 25}
    return Wanted(**(given | changed))


def use(resource: Resource, day: dt.date, starts: int = 9, ends: int = 11) -> Use:
    return Use(resource_id=resource.pk, starts_at=at(day, starts), ends_at=at(day, ends))


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), clock.DISTRICT_ZONE)


def duty(unit: Unit, what: str = "准备音响", days: int = 5) -> Duty:
    return Duty(unit_id=unit.pk, what=what, due_on=clock.today() + days * DAY)


def build_lists() -> Lists:
    """With one partner unit of the first community: role "partner"."""
    lists = Lists(build())
    lists.partner("partner")
    return lists

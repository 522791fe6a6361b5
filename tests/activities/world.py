"""Two communities of two streets, a volunteer team, officers and residents; one activity in the tests' words."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.kinds import Category, Kind, declare, is_kind
from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.services import announce
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import ancestors_of, level_of

DISTRICT, STREET, ONE, TWO = "210202", "210202005", "210202005011", "210202006001"
NOW = dt.datetime(2026, 6, 15, 9, 0, tzinfo=DISTRICT_ZONE)  # a Monday
SYSTEM = system_actor("tests")
KIND = "gathering"
CAST = {
    "leader": ("team_leader", "volunteer_team", ONE),
    "secretary": ("community_secretary", "community_party_organisation", ONE),
    "deputy": ("community_deputy_secretary", "community_party_organisation", ONE),
    "street": ("street_officer", "street_office", STREET),
    "outsider": ("community_secretary", "community_party_organisation", TWO),
}

if not is_kind(KIND):
    declare(
        Kind(
            KIND, "聚会", offered=lambda place: [Category("clean", "清理"), Category("roof", "上房顶", True)]
        )
    )


@dataclass
class World:
    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        return actor_for(self.accounts[role])

    @property
    def team(self) -> Unit:
        return self.units["volunteer_team", ONE]

    def resident(self, name: str) -> Actor:
        """Somebody with an account and no post."""
        if name not in self.accounts:
            (self.people[name],) = register_people(actor=SYSTEM, people=[NewPerson(f"演示{name}", ONE)])
            self.accounts[name] = create_account(
                actor=SYSTEM, person=self.people[name], username=f"resident{len(self.accounts)}"
            )
        return self.actor(name)

    def new(self, **more) -> NewActivity:
        given = {
            "kind": KIND, "place_code": ONE, "organiser_id": self.team.pk, "title": "清理楼道", "where": "演示街1号院",
        } | more  # fmt: skip
        return NewActivity(**given)

    def session(
        self, role: str = "leader", *, at: dt.datetime | None = None, hours: float = 2, capacity=None, **more
    ) -> Session:
        """One session announced by `role`, by default tomorrow at nine."""
        starts = at or NOW + dt.timedelta(days=1)
        times = NewSession(starts_at=starts, ends_at=starts + dt.timedelta(hours=hours), capacity=capacity)
        made = announce(actor=self.actor(role), new=self.new(**more), sessions=[times], key=uuid.uuid4())
        return made.sessions.get()


def build() -> World:
    world = World()
    codes = {part for code in (ONE, TWO) for part in (*ancestors_of(code), code)}
    Area.objects.bulk_create(
        Area(
            code=code, level=level_of(code), edition=2023, parent_id=(ancestors_of(code) or [""])[-1],
            **name_keys({ONE: "演示一社区", TWO: "演示二社区"}.get(code, f"演示{code}")),
        )
        for code in sorted(codes, key=len)
    )  # fmt: skip
    for role, (post, kind, place) in CAST.items():
        if (kind, place) not in world.units:
            world.units[kind, place] = organisations.found_unit(
                actor=SYSTEM, kind=kind, name=f"演示{kind}{place}", place_code=place, founded_on=dt.date(2020, 1, 1),
                document="演批〔2020〕1号",
            )  # fmt: skip
        (world.people[role],) = register_people(actor=SYSTEM, people=[NewPerson(f"演示{role}", place[:12])])
        organisations.appoint(
            actor=SYSTEM, person_id=world.people[role].pk, post=post, unit_id=world.units[kind, place].pk,
            valid_from=dt.date(2024, 3, 1), document="演任〔2024〕1号",
        )  # fmt: skip
        world.accounts[role] = create_account(actor=SYSTEM, person=world.people[role], username=role)
    return world

"""A small district for volunteering: two communities of two streets, a federation with a team, the cast, volunteers; and a
service as it goes: announced, held, confirmed, approved."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.activities import services as activities
from doorstep.kernel.activities import services_attendance as attendance
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.models import BY_TICK, Attendance, Session
from doorstep.kernel.activities.services_attendance import Presence
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import ancestors_of, level_of
from doorstep.modules.volunteering.models import Credit, Volunteer
from doorstep.modules.volunteering.services_approval import Approved, approve_session
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers

TODAY = dt.date(2026, 6, 15)
BEGAN = dt.date(2024, 3, 1)
DISTRICT, STREET, ONE, TWO = "210202", "210202005", "210202005011", "210202006001"
SYSTEM = system_actor("tests")
_names = itertools.count(1)


@dataclass
class World:
    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    federation: Unit | None = None
    team: Unit | None = None

    def actor(self, role: str) -> Actor:
        return actor_for(self.accounts[role])


def people(count: int, place: str = ONE) -> list[Person]:
    new = [NewPerson(f"演示人{next(_names)}", place) for _number in range(count)]
    return list(register_people(actor=SYSTEM, people=new))


def volunteers(count: int, place: str = ONE) -> list[Volunteer]:
    return register_volunteers(
        actor=SYSTEM,
        volunteers=[NewVolunteer(person_id=each.pk, place_code=place) for each in people(count, place)],
    )


def with_account(world: World, role: str, person: Person) -> Actor:
    world.people[role] = person
    world.accounts[role] = create_account(actor=SYSTEM, person=person, username=role)
    return world.actor(role)


CAST = {
    "secretary": ("community_secretary", "community_party_organisation", ONE),
    "deputy": ("community_deputy_secretary", "community_party_organisation", ONE),
    "worker": ("community_worker", "residents_committee", ONE),
    "street": ("street_officer", "street_office", STREET),
    "district": ("district_officer", "district_government", DISTRICT),
    "outsider": ("community_secretary", "community_party_organisation", TWO),
    "leader": ("team_leader", "volunteer_team", ONE),
}


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
    world.federation = found("volunteer_federation", DISTRICT, "演示志愿服务联合会")
    for role, (post, kind, place) in CAST.items():
        unit = world.units.get((kind, place))
        if unit is None:
            superior = world.federation.pk if kind == "volunteer_team" else None
            unit = world.units[kind, place] = found(kind, place, f"演示{kind}{place}", superior)
        (person,) = people(1, place if len(place) == 12 else ONE)
        organisations.appoint(
            actor=SYSTEM, person_id=person.pk, post=post, unit_id=unit.pk, valid_from=BEGAN, document="演任〔2024〕1号",
        )  # fmt: skip
        with_account(world, role, person)
    world.team = world.units["volunteer_team", ONE]
    with_account(world, "resident", people(1)[0])
    return world


def found(kind: str, place: str, name: str, superior: int | None = None) -> Unit:
    return organisations.found_unit(
        actor=SYSTEM, kind=kind, name=name, place_code=place, founded_on=dt.date(2020, 1, 1), document="演批〔2020〕2号",
        superior_id=superior,
    )  # fmt: skip


def at(hour: float, day: dt.date = TODAY) -> dt.datetime:
    """An instant of the day in the district."""
    minutes = round(hour * 60)
    return dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), clock.DISTRICT_ZONE)


def announced(
    world: World, *, day: dt.date = TODAY - dt.timedelta(days=3), start: float = 9, hours: float = 2,
    place: str = ONE, kind: str = "service", category: str = "visiting", organiser: Unit | None = None,
    by: str = "leader", **more: object,
) -> Session:  # fmt: skip
    """A session announced the day before."""
    unit = organiser or world.team
    assert unit is not None
    with clock.fixed(at(9, day - dt.timedelta(days=1))):
        made = activities.announce(
            actor=SYSTEM if by == "system" else world.actor(by),
            new=NewActivity(
                kind=kind, category=category, place_code=place, organiser_id=unit.pk, title="演示服务", where="演示街1号",
                by_sign_up=False, **more,
            ),
            sessions=[NewSession(starts_at=at(start, day), ends_at=at(start + hours, day))], key=uuid.uuid4(),
        )  # fmt: skip
    return made.sessions.get()


def confirmed(
    world: World, persons: Iterable[int], *, by: str = "leader", how: str = BY_TICK,
    times: tuple[float, float] | None = None, confirmed_at: dt.datetime | None = None, **more: object,
) -> Session:  # fmt: skip
    """A session held and confirmed: these were there from its beginning to its end, or between `times`."""
    session = announced(world, by=by, **more)  # type: ignore[arg-type]  # passed through
    present = [
        Presence(
            person_id=person, in_at=at(times[0], session.day) if times else session.starts_at,
            out_at=at(times[1], session.day) if times else session.ends_at,
        )
        for person in persons
    ]  # fmt: skip
    actor = SYSTEM if by == "system" else world.actor(by)
    with clock.fixed(confirmed_at or session.ends_at + dt.timedelta(hours=1)):
        attendance.tick(actor=actor, session_id=session.pk, present=present, by=how)
        session.refresh_from_db()
        return attendance.confirm(
            actor=actor, session_id=session.pk, expected_version=session.lock_version,
            head_count=None if present else 1,
        )  # fmt: skip


def approved(
    world: World, persons: Sequence[int], *, approver: str = "secretary", **more: object
) -> Approved:
    session = confirmed(world, persons, **more)  # type: ignore[arg-type]  # passed through
    return approve_session(
        actor=world.actor(approver), session_id=session.pk, expected_version=session.lock_version
    )


def held(volunteer: Volunteer) -> tuple[int, int]:
    """Points and minutes in the books."""
    return balance(volunteer.points_id), balance(volunteer.minutes_id)


def credit_of(volunteer: Volunteer, session_id: int) -> Credit | None:
    return Credit.objects.filter(volunteer=volunteer, session=session_id, taken_back_at=None).first()


def there(session_id: int, volunteer: Volunteer) -> Attendance:
    return Attendance.objects.get(session=session_id, person=volunteer.person_id)

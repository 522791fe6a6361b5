"""146 instructors with both posts, their organisations, two years of visits, and what was found on them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from uuid import UUID, uuid5

from doorstep.demo.cast import STREET
from doorstep.demo.names import document, person_name
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.services_bulk import NewAppointment, appoint_many
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.modules.coverage.models import TOPICS, Profile
from doorstep.modules.coverage.services_past import PastVisit, bring_visits

from .words import FOUND

INSTRUCTORS = 146
FAMILY = "演示企"
DAYS = 730
MADE, IN_GRACE = 0.96, 0.02  # of the visits whose time is up; the rest was not made
KEYS = UUID("0c8a5b1e-6a3d-4b52-8a74-3e9d1f7c2a60")


def appoint(actor: Actor, rows: Sequence[Profile], today: dt.date) -> dict[int, int]:
    """Give each organisation an instructor of its street; gives by unit the person. Rows come by place, so that an instructor's lie
    together."""
    by_street: dict[str, list[Profile]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.place_code, row.pk)):
        by_street[row.place_code[:9]].append(row)
    shares = _shares({street: len(own) for street, own in by_street.items()})
    homes = [(street, number) for street, share in sorted(shares.items()) for number in range(share)]
    officer = Account.objects.filter(username="street").values_list("person_id", flat=True).first()
    cast = homes.index((STREET, 0)) if officer is not None and (STREET, 0) in homes else None
    registered = register_people(
        actor=actor,
        people=[
            NewPerson(
                person_name(index, FAMILY),
                by_street[street][number * len(by_street[street]) // shares[street]].place_code,
            )
            for index, (street, number) in enumerate(homes)
            if index != cast
        ],
    )
    people = [row.pk for row in registered]
    if officer is not None and cast is not None:  # so that somebody of the cast has visits to make
        people.insert(cast, officer)
    committees = dict(
        UnitVersion.objects.in_force(today)
        .filter(kind="street_working_committee")
        .values_list("place_code", "unit_id")
    )
    since = today - dt.timedelta(days=DAYS + 40)
    posts, charge = [], {}
    for person, (street, number) in zip(people, homes, strict=True):
        own, share = by_street[street], shares[street]
        posts.append(_post(person, "party_building_instructor", committees[street], since))
        for row in own[number * len(own) // share : (number + 1) * len(own) // share]:
            posts.append(_post(person, "enterprise_cadre", row.unit_id, since))
            charge[row.unit_id] = person
    appoint_many(actor=actor, appointments=posts)
    return charge


def _post(person: int, post: str, unit: int, since: dt.date) -> NewAppointment:
    return NewAppointment(
        person_id=person,
        post=post,
        unit_id=unit,
        valid_from=since,
        full_time=False,
        document=document("派", since, 1 + person % 900),
    )


def _shares(sizes: dict[str, int]) -> dict[str, int]:
    """INSTRUCTORS shared out by the number of organisations (largest remainders)."""
    whole = sum(sizes.values())
    exact = {street: INSTRUCTORS * size / whole for street, size in sizes.items()}
    found = {street: max(1, int(share)) for street, share in exact.items()}
    for street in sorted(exact, key=lambda street: (int(exact[street]) - exact[street], street)):
        if sum(found.values()) < INSTRUCTORS:
            found[street] += 1
    return found


def visit(actor: Actor, charge: dict[int, int], rows: Sequence[Profile], today: dt.date) -> int:
    """A visit for nearly all that was owed; gives how many."""
    since = today - dt.timedelta(days=DAYS)
    derive(actor=actor, codes=["visit"], since=since)
    profiles = {row.unit_id: row.pk for row in rows}
    owed = Occurrence.objects.filter(
        code="visit", unit_id__in=charge, starts_on__lt=today, closes_on__gte=since
    )
    topics = [code for code, _name in TOPICS]
    cases, taken = [], set()
    for one in owed.order_by("unit_id", "starts_on"):
        random = Random(f"visit {one.unit_id} {one.starts_on}")
        day = _day(one, random, today)
        if day is None or (one.unit_id, day) in taken:
            continue
        taken.add((one.unit_id, day))
        cases.append(
            PastVisit(
                key=uuid5(KEYS, f"{one.unit_id} {one.starts_on}"), organisation_id=profiles[one.unit_id], instructor_id=charge[one.unit_id],
                visited_on=day, topics=tuple(sorted(random.sample(topics, random.choice((1, 1, 2, 3))))), found=random.choice(FOUND),
            )
        )  # fmt: skip
    return bring_visits(actor=actor, cases=cases, since=since)


def _day(one: Occurrence, random: Random, today: dt.date) -> dt.date | None:
    """A weekday of the quarter, or of its grace; None where the visit was not made, or is still to come."""
    lot = random.random()
    day = one.opens_on + dt.timedelta(
        days=int((one.due_on - one.opens_on).days * (0.1 + 0.85 * random.random()))
    )
    if MADE <= lot < MADE + IN_GRACE:
        day = one.closes_on
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    return day if lot < MADE + IN_GRACE and one.opens_on <= day < today else None

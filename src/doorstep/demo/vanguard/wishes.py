"""Difficulties solved, exactly as many as were published, small wishes granted, and some that still wait or are in hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from uuid import uuid5

from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.vanguard.models import Member
from doorstep.modules.vanguard.services_past import PastWish
from doorstep.modules.vanguard.states import DIFFICULTY, KIND, SMALL

from .ground import Ground
from .people import FAMILY
from .services import KEYS
from .words import DIFFICULTIES, DONE, HELPED, SAID, WISHES

SOLVED, GRANTED, WAITING, IN_HAND = 2309, 1100, 90, 50
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def wishes_of(ground: Ground, today: dt.date) -> Iterator[PastWish]:
    """All of them, the same on every load of the day."""
    members: dict[str, list[tuple[int, int]]] = {}
    rows = Member.objects.filter(person__name__startswith=FAMILY).order_by("pk")
    for place, pk, person in rows.values_list("place_code", "pk", "person_id"):
        members.setdefault(place, []).append((pk, person))
    plan = [(DIFFICULTY, "closed")] * SOLVED + [(SMALL, "closed")] * GRANTED
    plan += [(SMALL, "published")] * (WAITING // 2) + [(DIFFICULTY, "published")] * (WAITING - WAITING // 2)
    plan += [(DIFFICULTY, "claimed")] * IN_HAND
    for number, (category, state) in enumerate(plan, start=1):
        place = ground.communities[number % len(ground.communities)]
        yield _told(ground, number, category, state, place, members[place], today)


def _told(
    ground: Ground, number: int, category: str, state: str, place: str, members: list[tuple[int, int]], today: dt.date
) -> PastWish:  # fmt: skip
    random = Random(f"wish {number}")
    staff, residents = ground.staff[place], ground.residents[place]
    party = ground.party[place]
    reporter = random.choice(residents) if residents and random.random() < 0.55 else None
    back = random.randrange(40, 715) if state == "closed" else random.randrange(3, 9)
    at = dt.datetime.combine(
        today - back * DAY, dt.time(random.randrange(9, 17), random.randrange(60)), DISTRICT_ZONE
    )
    member, person = random.choice(members)
    steps = [PastStep(name="publish", at=at + 5 * HOUR, person_id=staff[0], unit_id=party)]
    if state != "published":
        claimed = at + random.uniform(6, 50) * HOUR
        steps.append(PastStep(name="claim", at=claimed, person_id=person))
    if state == "closed":
        served = claimed + random.uniform(10, 300) * HOUR
        steps.append(
            PastStep(name="serve", at=served, person_id=person, inputs=Inputs(note=random.choice(DONE)))
        )
        steps.append(_word(reporter, served + random.uniform(2, 60) * HOUR, staff, party, random))
    titles = DIFFICULTIES if category == DIFFICULTY else WISHES
    new = NewMatter(
        kind=KIND, place_code=place, title=random.choice(titles), source="phone" if reporter else "counter", category=category,
        reporter_id=reporter, holder_id=party, key=uuid5(KEYS, f"wish {number}"),
    )  # fmt: skip
    opener = reporter or staff[0]
    past = PastMatter(
        number=number,
        new=new,
        at=at,
        person_id=opener,
        unit_id=None if reporter else party,
        steps=tuple(steps),
    )
    helped = "" if reporter else random.choice(HELPED)
    return PastWish(matter=past, member_id=None if state == "published" else member, helped=helped)


def _word(reporter: int | None, at: dt.datetime, staff: list[int], party: int, random: Random) -> PastStep:
    """The last word: of the person helped, or of somebody of the community who has asked them."""
    if reporter is not None:
        return PastStep(name="confirm", at=at, person_id=reporter)
    inputs = Inputs(internal=random.choice(SAID), data={"asked_how": random.choice(("visit", "call"))})
    return PastStep(name="confirm_for", at=at, person_id=staff[-1], unit_id=party, inputs=inputs)

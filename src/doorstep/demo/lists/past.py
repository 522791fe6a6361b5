"""The four lists of the two years, at once: what units offer, then needs, projects, responsibilities. Known by their keys, so a
load that was cut off goes on; the last need of all says that it is whole."""

from __future__ import annotations

import datetime as dt
from random import Random
from uuid import uuid5

from doorstep.demo.requests.past import LOADING, demo_day
from doorstep.demo.requests.residents import settle_in
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter
from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.services_needs import Wanted
from doorstep.modules.partnership.services_past_lists import (
    PastNeed,
    bring_needs,
    bring_projects,
    bring_resources,
    bring_responsibilities,
)
from doorstep.modules.partnership.services_resources import ResourceData

from .ground import DISTRICT, Ground
from .stories import KEYS, at, stories
from .words import OFFERS

DAYS = 730
LEAST_PARTNERS = 600  # the partner units come in first, by a load of their own
LAST = uuid5(KEYS, "whole")


def is_missing() -> bool:
    """Are the partners in, and the lists not?"""
    if Matter.objects.filter(key=LAST).exists():
        return False
    return Agreement.objects.values("unit").distinct().count() >= LEAST_PARTNERS


def load() -> int:
    """Bring the four lists in; gives how many projects there are. Called again it changes nothing."""
    actor, today = system_actor(LOADING), demo_day()
    with clock.fixed(today):
        settle_in(actor, DISTRICT)
        ground = Ground.read(today)
        bring_resources(actor=actor, resources=_resources(ground, today))
        ground.read_offers()
        told = list(stories(ground, today - dt.timedelta(days=DAYS), today))
        for name, brought in (
            ("needs", bring_needs(actor=actor, cases=[one.need for one in told])),
            ("projects", bring_projects(actor=actor, cases=[one.project for one in told if one.project])),
            (
                "duties",
                bring_responsibilities(actor=actor, cases=[duty for one in told for duty in one.duties]),
            ),
            ("last", bring_needs(actor=actor, cases=[_last(ground, today)])),
        ):
            if brought.problems:
                raise RuntimeError(f"{name} of the demo district are not whole: {brought.problems[:3]}")
    return sum(one.project is not None for one in told)


def _resources(ground: Ground, today: dt.date) -> list[ResourceData]:
    """One or two of each unit, by its number."""
    found = []
    kinds = sorted(OFFERS)
    places: dict[int, list[tuple[str, dt.date]]] = {}
    for rows in ground.agreements.values():
        for row in rows:
            if row.holds(today, today):
                places.setdefault(row.unit_id, []).append((row.place_code, row.since))
    for number, (unit, signed) in enumerate(sorted(places.items())):
        random = Random(f"offer {unit}")
        codes = sorted({code for code, _since in signed})
        community = next((code for code in codes if len(code) == 12), None) or _any_of(
            ground, codes[0], random
        )
        east, north = ground.spots.get(community) or ground.spots[ground.communities[0]]
        for turn in range(1 + (number % 2)):
            kind = kinds[(number + turn * 3) % len(kinds)]
            name, opens, closes = random.choice(OFFERS[kind])
            mode = random.choices(("welfare", "low_fee", "market"), (8, 3, 1))[0]
            found.append(
                ResourceData(
                    unit_id=unit, resource_class=kind, name=name if turn == 0 else f"{name}（二）", capacity=random.choice((1, 1, 1, 2, 4)),
                    weekdays=random.choice((0b0011111, 0b1111111, 0b1100000)), opens=opens, closes=closes, price=mode,
                    fen={"welfare": None, "low_fee": 2_000, "market": 20_000}[mode], price_words="" if mode == "welfare" else "每次",
                    areas=tuple(codes), longitude=east + random.uniform(-0.003, 0.003), latitude=north + random.uniform(-0.003, 0.003),
                    valid_from=min(since for _code, since in signed),
                )
            )  # fmt: skip
    return found


def _any_of(ground: Ground, place: str, random: Random) -> str:
    inside = [code for code in ground.communities if code.startswith(place)]
    return random.choice(inside or ground.communities)


def _last(ground: Ground, today: dt.date) -> PastNeed:
    """A need told on the day before, which waits to be screened."""
    community = ground.communities[0]
    officer = ground.officers[community][0]
    east, north = ground.spots[community]
    new = NewMatter(
        kind="need", place_code=community, title="想有人教老人用手机", text="楼里老人多。", source="patrol", teller_id=officer.person_id,
        holder_id=ground.parties[community], longitude=east, latitude=north, key=LAST,
        data={"told": "visit", "resource_class": "skill"},
    )  # fmt: skip
    day = today - dt.timedelta(days=1)
    return PastNeed(
        matter=PastMatter(number=1, new=new, at=at(day, Random("last")), person_id=officer.person_id),
        wanted=Wanted(resource_class="skill", people=20), told="visit",
    )  # fmt: skip

"""A month's cultural events: which community, what, how many came, what it cost, what some said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from uuid import uuid5

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.checks import NewActivity
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.culture.models import Purse, Series
from doorstep.modules.culture.services import open_series
from doorstep.modules.culture.services_money import grant, open_purse
from doorstep.modules.culture.services_past import PastCost, PastEvent, PastFeedback

from .ground import DISTRICT, Ground
from .services import KEYS
from .words import EVENTS, SAID

A_DAY = 0.99  # two years make more than 700
PURSE = "全区文化惠民经费"
GRANT_FEN = 60_000_000  # 600,000 yuan


def open_all(actor: Actor, today: dt.date) -> tuple[int, dict[str, int]]:
    """The purse and the series, once. Gives the purse's number, and series by name."""
    since = today - dt.timedelta(days=740)
    purse = Purse.objects.filter(name=PURSE).first()
    if purse is None:
        purse = open_purse(actor=actor, place_code=DISTRICT, name=PURSE, valid_from=since)
        grant(
            actor=actor,
            purse_id=purse.pk,
            fen=GRANT_FEN,
            source="区级财政",
            document=f"演示文〔{since.year}〕1号",
            day=since,
        )
    names = [name for _kind, name, _titles in EVENTS if name]
    known = dict(Series.objects.filter(name__in=names, place_code=DISTRICT).values_list("name", "pk"))
    for name in names:
        if name not in known:
            known[name] = open_series(actor=actor, place_code=DISTRICT, name=name, valid_from=since).pk
    return purse.pk, known


def number_on(day: dt.date) -> int:
    return 1 if Random(f"events {day}").random() < A_DAY else 0


def events_of(
    ground: Ground, days: Sequence[dt.date], purse: int, series: dict[str, int]
) -> Iterator[PastEvent]:
    for day in days:
        for number in range(number_on(day)):
            yield _told(ground, day, number, purse, series)


def _told(ground: Ground, day: dt.date, number: int, purse: int, series: dict[str, int]) -> PastEvent:
    random = Random(f"event {day} {number}")
    community = random.choice(sorted(ground.committees))
    committee = ground.committees[community]
    kind, of_series, titles = random.choice(EVENTS)
    compounds = ground.compounds[community]
    compound = random.choice(compounds) if compounds and random.random() < 0.6 else None
    starts = dt.datetime.combine(day, dt.time(random.choice((9, 14, 15, 18, 19))), DISTRICT_ZONE)
    ends = starts + dt.timedelta(hours=random.choice((2, 2, 3)))
    where = compound.name if compound else f"{ground.names[community]}活动室"
    came = int(random.lognormvariate(4.1, 0.6)) + 8
    case = PastSession(
        key=uuid5(KEYS, f"event {day} {number}"), starts_at=starts, ends_at=ends, head_count=came,
        new=NewActivity(
            kind="event", category=kind, place_code=community, organiser_id=committee.unit_id, where=where,
            title=random.choice(titles), phone=committee.phone, by_sign_up=False,
        ),
        confirmed_by_id=ground.approver(community, day, set()), confirmed_at=ends + dt.timedelta(hours=random.randrange(1, 40)),
    )  # fmt: skip
    members = [person for team in ground.teams if team.place_code == community for person in team.members]
    said = random.sample(members, min(len(members), random.randrange(0, 7)))
    return PastEvent(
        session=case, series_id=series.get(of_series), compound_id=compound.pk if compound else None,
        hosts=f"{ground.names[community]}居民委员会",
        costs=[PastCost(purse_id=purse, what="场地布置和用品", fen=came * random.randrange(300, 900), voucher=f"演示凭证 {day:%Y%m%d}-{number}")],
        feedback=[
            PastFeedback(person_id=person, grade=random.choices((5, 4, 3, 2), (60, 28, 9, 3))[0], words=random.choice(SAID) if random.random() < 0.4 else "")
            for person in said
        ],
    )  # fmt: skip

"""Partner units of the demo with their agreements, 366 commissioners by the five steps, two years of consultation meetings and what they
resolved, joint activities, departments paired with communities. Each part is whole or not there; called again it goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from uuid import UUID, uuid5

from django.db import transaction

from doorstep.demo.names import person_name
from doorstep.demo.requests.past import LOADING, demo_day
from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.activities.checks import NewActivity
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_minutes import NewMinutes
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_bulk import NewAppointment, NewUnit, appoint_many, found_units
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership import services_past as past
from doorstep.modules.partnership.committee import OWN_POSTS, PART_TIME
from doorstep.modules.partnership.models import Agreement, Consultation, Gathering, Nomination, Pairing
from doorstep.modules.partnership.services import NewAgreement
from doorstep.modules.partnership.services_resolutions import Tally

from . import ground, words
from .ground import DISTRICT, Community

KEYS = UUID("0b7e0f6a-54d3-4c43-9f59-7f4f1a0e6d11")
COMMISSIONERS = 366
UNITS_EACH = 10  # partner units of each community
DAY = dt.timedelta(days=1)
DAYS = 730
MEETINGS = 4  # of each community: one each half-year
DOCUMENT = "演示共建"


def is_missing() -> bool:
    """Whether some part is still to come."""
    return not Pairing.objects.filter(document__startswith="演示结对〔区〕").exists()


def load() -> int:
    """All of it; gives how many partner units are there. Called again it changes nothing."""
    actor, today = system_actor(LOADING), demo_day()
    with clock.fixed(today):
        if not Agreement.objects.filter(document__startswith=DOCUMENT + "〔社〕").exists():
            _units(actor, today)
        if not Nomination.objects.filter(document__startswith="演示聘〔街〕").exists():
            _commissioners(actor, today)
        if not Consultation.objects.filter(title__startswith="协商议事会（").exists():
            _meetings(actor, today)
        if not Gathering.objects.filter(activity__key=uuid5(KEYS, "gathering 0 0")).exists():
            _gatherings(actor, today)
        if is_missing():
            _pairings(actor, today)
    return Agreement.objects.in_force(today).values("unit").distinct().count()


@transaction.atomic
def _units(actor: Actor, today: dt.date) -> None:
    """Units, a liaison each, an agreement each with its community; one in twelve runs out within two months."""
    communities = ground.read(today)
    numbered = [
        (number, communities[number // UNITS_EACH]) for number in range(len(communities) * UNITS_EACH)
    ]
    new = []
    for number, community in numbered:
        kind, what = words.kind_of(number)
        founded = today - (1500 + number % 900) * DAY
        new.append(
            NewUnit(
                kind=kind, name=words.unit_name(number, what), place_code=community.code, founded_on=founded
            )
        )
    units = found_units(actor=actor, units=new)
    people = register_people(
        actor=actor,
        people=[NewPerson(person_name(number, "演示联"), community.code) for number, community in numbered],
    )
    appoint_many(
        actor=actor,
        appointments=[
            NewAppointment(
                person_id=person.pk, post="unit_liaison", unit_id=unit.pk, valid_from=today - 760 * DAY,
                document=f"演示联〔社〕{number + 1}号",
            )
            for (number, _community), unit, person in zip(numbered, units, people, strict=True)
        ],
    )  # fmt: skip
    past.bring_agreements(
        actor=actor,
        agreements=[
            NewAgreement(
                unit_id=unit.pk, place_code=community.code, valid_from=today - (750 - number % 14) * DAY,
                valid_to=today + (12 + number % 45 if number % 12 == 0 else 120 + number * 7 % 700) * DAY,
                about=words.ABOUT[number % len(words.ABOUT)], document=f"{DOCUMENT}〔社〕{number + 1}号",
            )
            for (number, community), unit in zip(numbered, units, strict=True)
        ],
    )  # fmt: skip


def _at(day: dt.date, hour: float) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), DISTRICT_ZONE) + dt.timedelta(hours=hour)


@transaction.atomic
def _commissioners(actor: Actor, today: dt.date) -> None:
    """As many as the programme tells of, five or six of each community, the first of its partners; half of them with a vote."""
    communities = ground.read(today)
    each, more = divmod(COMMISSIONERS, len(communities))
    seats = [
        (place, community, number)
        for place, community in enumerate(communities)
        for number in range(each + (place < more))
    ]
    people = register_people(
        actor=actor,
        people=[
            NewPerson(person_name(index, "演示委"), community.code)
            for index, (_p, community, _n) in enumerate(seats)
        ],
    )
    cases = [
        _commissioner(index, community, _since(community, today - 720 * DAY)[number], person.pk, today)
        for index, ((_place, community, number), person) in enumerate(zip(seats, people, strict=True))
    ]
    past.bring_commissioners(actor=actor, cases=cases)


def _since(community: Community, day: dt.date) -> list[tuple[int, int, dt.date]]:
    """Partners that had agreed by the day."""
    return [partner for partner in community.partners if partner[2] <= day]


def _commissioner(
    index: int, community: Community, partner: tuple[int, int, dt.date], person: int, today: dt.date
) -> past.PastCommissioner:
    unit, liaison, _since = partner
    begun = today - (700 - index % 60) * DAY
    seated, public = begun + 20 * DAY, begun + 22 * DAY
    document = f"演示聘〔街〕{index + 1}号"
    until = public + 7 * DAY
    own = {"unit_id": community.unit_id}
    steps = (
        PastStep(name="screen", at=_at(begun + 6 * DAY, 10), person_id=community.deputy, inputs=Inputs(data={"nominee": person}), **own),
        PastStep(
            name="approve", at=_at(begun + 14 * DAY, 10), person_id=community.street_officer, unit_id=community.street_unit,
            inputs=Inputs(data={"document": document}),
        ),
        PastStep(
            name="appoint", at=_at(seated, 9), person_id=community.street_officer, unit_id=community.street_unit,
            inputs=Inputs(data={"appointment": 0}),
        ),
        PastStep(
            name="publicise", at=_at(public, 9), person_id=community.secretary,
            inputs=Inputs(data={"shown_until": until.isoformat()}), **own,
        ),
    )  # fmt: skip
    new = NewMatter(
        kind="nomination", place_code=community.code, title="共建单位推荐的兼职委员人选", source="unit", reporter_id=liaison,
        holder_id=community.unit_id, key=uuid5(KEYS, f"commissioner {index}"), data={"person": person, "unit": unit},
    )  # fmt: skip
    return past.PastCommissioner(
        case=PastMatter(number=index + 1, new=new, at=_at(begun, 9), person_id=liaison, unit_id=unit, steps=steps),
        person_id=person, unit_id=unit, community_id=community.unit_id, affiliation="原单位党支部", has_vote=index % 2 == 0,
        valid_from=seated, valid_to=seated + 1095 * DAY, document=document, published_on=public, public_until=until,
    )  # fmt: skip


def _votes(today: dt.date) -> dict[int, list[tuple[dt.date, dt.date | None]]]:
    """By community's unit the periods of who has a vote."""
    rows = Appointment.objects.filter(post__in=(*OWN_POSTS, PART_TIME), has_vote=True, substitute_for=None)
    found: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
    for unit, begin, end in rows.values_list("unit_id", "valid_from", "valid_to"):
        found.setdefault(unit, []).append((begin, end))
    return found


def _meetings(actor: Actor, today: dt.date) -> None:
    since = today - DAYS * DAY
    derive(actor=actor, codes=["joint_meeting"], since=since)
    votes = _votes(today)
    meetings = [
        meeting
        for place, community in enumerate(ground.read(today))
        for meeting in _of_community(place, community, votes.get(community.unit_id, []), today)
    ]
    past.bring_meetings(actor=actor, meetings=meetings, since=since)


def _of_community(
    place: int, community: Community, votes: list[tuple[dt.date, dt.date | None]], today: dt.date
) -> Iterator[past.PastMeeting]:
    """One each half-year, on a weekday; one in sixty without quorum."""
    year, half = today.year, 0 if today.month <= 6 else 1
    for back in range(MEETINGS):
        number = year * 2 + half - back
        first = dt.date(number // 2, 1 if number % 2 == 0 else 7, 1)
        random = Random(f"meeting {place} {number}")
        day = first + (40 + random.randrange(100)) * DAY
        day -= max(0, day.weekday() - 4) * DAY
        if not today - DAYS * DAY < day < today:
            continue
        entitled = max(3, sum(begin <= day and (end is None or day < end) for begin, end in votes))
        quorate = random.randrange(60) > 0
        present = max(1, entitled * (3 if quorate else 1) // 4 + quorate)
        title = f"协商议事会（{number // 2}年{'上' if number % 2 == 0 else '下'}半年）"
        chosen = random.sample(range(len(words.TOPICS)), 3)
        partners = random.sample(_since(community, day - 30 * DAY), 3)
        key = uuid5(KEYS, f"meeting {place} {number}")
        starts = _at(day, 9)
        minutes = NewMinutes(
            kind="joint_meeting", unit_id=community.unit_id, starts_at=starts, ends_at=starts + dt.timedelta(minutes=90),
            where="社区党群服务中心", entitled=entitled, present=min(entitled, present),
            agenda="；".join(words.TOPICS[one] for one in chosen), key=key,
        )  # fmt: skip
        topics = [
            past.PastTopic(
                key=uuid5(key, f"topic {one}"), unit_id=partner[0], title=words.TOPICS[one], brought_by_id=partner[1],
                screened_by_id=community.deputy,
            )
            for one, partner in zip(chosen, partners, strict=True)
        ]  # fmt: skip
        resolutions = [
            past.PastResolution(
                number=index, topic=topics[index - 1].key, tally=_tally(minutes, place + number + index),
                case=_resolution(community, partner, words.RESOLVED[one], starts, key, index, random, today),
            )
            for index, (one, partner) in enumerate(zip(chosen[:2], partners, strict=False), start=1)
        ]  # fmt: skip
        yield past.PastMeeting(
            title=title, called_at=starts - 24 * DAY, topics_until=day - 15 * DAY, minutes=minutes,
            called_by_id=community.secretary, topics=topics, resolutions=resolutions if quorate else (),
        )  # fmt: skip


def _tally(minutes: NewMinutes, turn: int) -> Tally:
    """All who came, or all but one or two, as far as that is enough."""
    spare = max(0, minutes.present - minutes.entitled // 2 - 1)
    against, abstained = (turn % 5 == 0 and spare > 1), (turn % 3 == 0 and spare > 0)
    return Tally(
        votes_for=minutes.present - against - abstained, against=int(against), abstained=int(abstained)
    )


def _resolution(
    community: Community, partner: tuple[int, int, dt.date], title: str, starts: dt.datetime, key: UUID, index: int,
    random: Random, today: dt.date,
) -> PastMatter:  # fmt: skip
    """Taken on, done and confirmed, as far as the days have come."""
    unit, liaison, _since = partner
    at = starts + dt.timedelta(hours=6)
    planned = [
        PastStep(name="accept", at=at + (2 + random.randrange(3)) * DAY, person_id=liaison, unit_id=unit),
        PastStep(
            name="handle", at=at + (15 + random.randrange(45)) * DAY, person_id=liaison, unit_id=unit,
            inputs=Inputs(note=random.choice(words.HANDLED)),
        ),
    ]  # fmt: skip
    planned.append(
        PastStep(
            name="confirm", at=planned[1].at + (2 + random.randrange(5)) * DAY, person_id=community.member,
            unit_id=community.unit_id, inputs=Inputs(note="看过，办好了"),
        )
    )  # fmt: skip
    last = _at(today, 0)
    new = NewMatter(
        kind="resolution", place_code=community.code, title=title, source="forum", category="ordinary",
        holder_id=community.unit_id, teller_id=community.secretary, key=uuid5(key, f"resolution {index}"),
        data={"number": index, "unit": unit},
    )  # fmt: skip
    return PastMatter(
        number=index, new=new, at=at, person_id=community.secretary, unit_id=community.unit_id,
        steps=tuple(step for step in planned if step.at < last), called=((unit, "called"),),
    )  # fmt: skip


def _gatherings(actor: Actor, today: dt.date) -> None:
    """One each quarter in each community, with two of its partners."""
    derive(actor=actor, codes=["joint_activity"], since=today - DAYS * DAY)
    gatherings = []
    for place, community in enumerate(ground.read(today)):
        for quarter in range(DAYS // 91):
            day = today - (7 + quarter * 91 + place % 50) * DAY
            category, title = words.ACTIVITIES[(place + quarter) % len(words.ACTIVITIES)]
            starts = _at(day, 14)
            ends = starts + dt.timedelta(hours=2)
            activity = NewActivity(
                kind="joint", category=category, place_code=community.code, organiser_id=community.unit_id, title=title,
                where="社区广场", by_sign_up=False,
            )  # fmt: skip
            session = PastSession(
                key=uuid5(KEYS, f"gathering {place} {quarter}"), new=activity, starts_at=starts, ends_at=ends,
                confirmed_by_id=community.secretary, confirmed_at=ends + dt.timedelta(hours=1),
                head_count=25 + (place * 7 + quarter * 13) % 90,
            )  # fmt: skip
            units = [community.partners[(quarter + step) % len(community.partners)][0] for step in range(2)]
            gatherings.append(past.PastGathering(session=session, unit_ids=units))
    past.bring_gatherings(actor=actor, gatherings=gatherings)


def _pairings(actor: Actor, today: dt.date) -> None:
    """Each community with one of the departments, each department with about three communities."""
    rows = (
        UnitVersion.objects.in_force(today).filter(kind="department", place_code=DISTRICT).order_by("unit_id")
    )
    departments = list(rows.values_list("unit_id", flat=True))
    held = Appointment.objects.in_force(today).filter(unit_id__in=departments, post="department_officer")
    officers = dict(held.order_by("-pk").values_list("unit_id", "person_id"))
    pairings = [
        _pairing(place, community, departments[place % len(departments)], officers, today)
        for place, community in enumerate(ground.read(today))
    ]
    past.bring_pairings(actor=actor, pairings=[one for one in pairings if not _paired(one)])


def _paired(one: past.PastPairing) -> bool:
    """What the cast has paired already."""
    return Pairing.objects.filter(department_id=one.department_id, community_id=one.community_id).exists()


def _pairing(
    place: int, community: Community, department: int, officers: dict[int, int], today: dt.date
) -> past.PastPairing:
    random = Random(f"pairing {place}")
    since = today - (600 + place % 100) * DAY
    items = [
        past.PastItem(key=str(number), what=what, due_on=since + (120 + number * 140) * DAY)
        for number, what in enumerate(words.PLANNED)
    ]
    deeds = []
    for number in range(8 + random.randrange(6)):
        day = since + (30 + number * 42 + random.randrange(20)) * DAY
        if day >= today - 3 * DAY:
            break
        kind, what = random.choice(words.DEEDS)
        confirmed = day < today - 15 * DAY
        deeds.append(
            past.PastDeed(
                key=uuid5(KEYS, f"deed {place} {number}"), kind=kind, day=day, what=what, people=random.randrange(5, 120),
                recorded_by_id=officers[department], recorded_at=_at(day + DAY, 10),
                confirmed_by_id=community.secretary if confirmed else None, confirmed_at=_at(day + 4 * DAY, 15) if confirmed else None,
                item=next((item.key for item in items if day <= item.due_on <= day + 60 * DAY), ""),
            )
        )  # fmt: skip
    return past.PastPairing(
        department_id=department, community_id=community.unit_id, place_code=community.code, valid_from=since,
        valid_to=since + 1095 * DAY, aim=words.AIMS[place % len(words.AIMS)], document=f"演示结对〔区〕{place + 1}号",
        items=items, deeds=deeds,
    )  # fmt: skip

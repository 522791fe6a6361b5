"""The life of one request as steps with their times: who took it, how long it lay, how it ended, what was said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep, key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.modules.requests.models import EventItem
from doorstep.modules.requests.rules import title_of
from doorstep.modules.requests.seeds import EMERGENCY, NORMAL, URGENT
from doorstep.modules.requests.services_past import PastRequest

from . import seasons, words
from .feedback import Feedback
from .ground import Ground, Serving, Spot
from .seasons import ALWAYS, OFFICE, ROUND

OFFICE_NAME = "演示城区"
LATE = 0.05  # share handled after its term; those that climb are late more often
STALLED = 0.012  # share that nobody goes on with, of the last weeks
STALLED_SINCE = dt.timedelta(days=60)
SUSPENDED_FOR = dt.timedelta(days=16)  # longer than any of these lasts
HOURS_OF = {"hours": 1.0, "natural_days": 24.0, "working_days": 24 * 7 / 5}


class Earlier(NamedTuple):
    """What a later report of the same may be merged into."""

    key: UUID
    spot: Spot
    item: str
    opened: dt.datetime
    open_until: dt.datetime


@dataclass
class Life:
    """One request while it is being told. Steps only go forward in time."""

    ground: Ground
    random: Random
    item: EventItem
    spot: Spot
    opened: dt.datetime
    source: str
    reporter: int | None
    steps: list[PastStep] = field(default_factory=list)
    handlers: set[int] = field(default_factory=set)
    main: UUID | None = None

    @property
    def last(self) -> dt.datetime:
        return self.steps[-1].at if self.steps else self.opened

    @property
    def day(self) -> dt.date:
        return self.opened.astimezone(seasons.DISTRICT_ZONE).date()

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def say(self, sayings: tuple[str, ...]) -> str:
        return sayings[int(self.random.random() * len(sayings))]

    def step(
        self, name: str, at: dt.datetime, who: Serving | None, hours: str = OFFICE, **inputs: Any
    ) -> dt.datetime:
        """Take a step when whoever does it is next at work. Gives when that was."""
        moment = seasons.open_moment(max(at, self.last + dt.timedelta(minutes=3)), hours, self.random)
        person, unit = (who.person_id, who.unit_id) if who else (None, None)
        self.steps.append(
            PastStep(name=name, at=moment, person_id=person, unit_id=unit, inputs=Inputs(**inputs))
        )
        return moment

    def asked(self, at: dt.datetime, person: int, unit: int | None, note: str) -> None:
        """Reopening asked, at the very moment of the rating or the call-back."""
        self.steps.append(
            PastStep(name="ask_reopen", at=at, person_id=person, unit_id=unit, inputs=Inputs(note=note))
        )

    def suspend(self, who: Serving) -> None:
        """Until a day after the one on which it will go on."""
        at = seasons.open_moment(self.after(2, 30), OFFICE, self.random)
        until = (at + SUSPENDED_FOR).astimezone(seasons.DISTRICT_ZONE).date()
        inputs = Inputs(note=self.say(words.SUSPENDED), until=until)
        self.steps.append(
            PastStep(name="suspend", at=at, person_id=who.person_id, unit_id=who.unit_id, inputs=inputs)
        )

    def after(self, low: float, high: float) -> dt.datetime:
        """So many hours after the last step, sooner rather than later."""
        return self.last + dt.timedelta(hours=low + (high - low) * self.random.random() ** 1.6)


class Told(NamedTuple):
    case: PastRequest
    earlier: Earlier | None


def tell(
    ground: Ground, month: str, number: int, opened: dt.datetime, source: str, recent: list[Earlier]
) -> Told:
    """The request number `number` of a month. The same number always has the same life."""
    random = Random(f"request {month} {number}")
    twin = _twin(random, recent, opened) if source in ("phone", "hotline") else None
    spot = twin.spot if twin else _spot(ground, random)
    item = ground.items[twin.item] if twin else _item(ground, random, opened, source)
    if item.urgency == "emergency" and source == "patrol":
        source = "worker"
    life = Life(ground, random, item, spot, opened, source, _reporter(ground, random, spot, source))
    said = _live(life, twin)
    key = key_of(OFFICE_NAME, f"{month}/{number}")
    case = _case(life, said, key, month, number)
    closed = life.last if case.matter.steps else opened
    may_be_main = twin is None and closed - opened > dt.timedelta(hours=12) and len(case.matter.steps) > 1
    return Told(case, Earlier(key, spot, item.code, opened, closed) if may_be_main else None)


def _twin(random: Random, recent: list[Earlier], opened: dt.datetime) -> Earlier | None:
    """Sometimes somebody reports what a neighbour reported the day before."""
    if random.random() > 0.04:
        return None
    found = [one for one in recent if one.open_until - opened > dt.timedelta(hours=9)]
    return found[int(random.random() * len(found))] if found else None


def _spot(ground: Ground, random: Random) -> Spot:
    grids, weights = ground.weighted_grids
    (grid,) = random.choices(grids, cum_weights=_summed(tuple(weights)))
    return ground.spots[grid][int(random.random() * len(ground.spots[grid]))]


_sums: dict[int, list[float]] = {}


def _summed(weights: tuple[float, ...]) -> list[float]:
    if len(weights) not in _sums:
        total, sums = 0.0, []
        for weight in weights:
            total += weight
            sums.append(total)
        _sums[len(weights)] = sums
    return _sums[len(weights)]


def _item(ground: Ground, random: Random, opened: dt.datetime, source: str) -> EventItem:
    day = opened.astimezone(seasons.DISTRICT_ZONE).date()
    names, weights = seasons.items_on(day.month, seasons.is_rainy(day), source == "patrol")
    return ground.items[random.choices(names, weights)[0]]


def _reporter(ground: Ground, random: Random, spot: Spot, source: str) -> int | None:
    if source == "patrol" or random.random() > (0.94 if source == "phone" else 0.82):
        return None
    neighbours = ground.residents.get(spot.place_code)
    return neighbours[int(random.random() * len(neighbours))] if neighbours else None


# How a request goes


def _live(life: Life, twin: Earlier | None) -> Feedback:
    """Its steps from the report to the last word."""
    community = life.spot.place_code[:12]
    staff = life.ground.all("community_worker", community, life.day)
    checker = staff[int(life.random.random() * len(staff))]
    if twin is not None:
        _merge(life, twin, checker)
        return Feedback(life, checker, None)
    holder, _words = life.ground.route(life.spot.place_code, life.item)
    worker = life.ground.who("grid_worker", life.spot.place_code, life.day)
    if worker is None:  # nobody was in office in the grid yet: the other colleague of the community goes
        worker = next(one for one in staff if one is not checker)
    by_the_street = holder != checker.unit_id
    draw = life.random.random()
    if life.source == "phone" and life.reporter and draw < 0.012:
        life.step(
            "withdraw",
            life.after(0.2, 3),
            Serving(life.reporter, 0, life.day, None),
            ALWAYS,
            note=life.say(words.WITHDRAWN),
        )
        life.steps[-1] = replace(life.steps[-1], unit_id=None)
        return Feedback(life, checker, None)
    if life.source in ("hotline", "phone") and draw < 0.024:
        life.step("reject", life.after(0.5, 6), checker, note=life.say(words.REJECTED))
        return Feedback(life, checker, None)
    spot = {"patrol": 0.62, "worker": 0.3}.get(life.source, 0.0)
    if not by_the_street and life.chance(spot):
        life.step("on_the_spot", life.after(0.05, 0.6), worker, ALWAYS, note=life.say(words.SPOT))
        life.handlers.add(worker.person_id)
        return Feedback(life, checker, worker)
    handler, verifier = _by_the_street(life) if by_the_street else _by_the_community(life, worker, checker)
    _handle(life, handler, verifier)
    return Feedback(life, verifier, handler)


def _merge(life: Life, twin: Earlier, checker: Serving) -> None:
    at = min(life.after(0.3, 5), twin.open_until - dt.timedelta(hours=1))
    life.main = twin.key
    life.step("merge", at, checker, ALWAYS, internal=words.MERGED)


def _term(item: EventItem) -> float:
    """Hours that the item's class and urgency leave, roughly: the rules of the platform count them exactly."""
    amount, measure = (
        EMERGENCY[1]
        if item.urgency == "emergency"
        else URGENT[1]
        if item.urgency == "urgent"
        else NORMAL[item.event_class][1]
    )
    return amount * HOURS_OF[measure]


def _accept(life: Life, who: Serving, hours: str) -> dt.datetime:
    """First contact. Urgent things are taken on around the clock; now and then somebody is slow."""
    slow = life.chance(0.012)
    if life.item.urgency != "normal":
        return life.step(
            "accept",
            life.after(0.1, 0.8 if life.item.urgency == "emergency" else 3),
            who,
            ALWAYS,
            note=life.say(words.ACCEPTED),
        )
    return life.step(
        "accept",
        life.after(26, 70) if slow else life.after(0.2, 9),
        who,
        hours,
        note=life.say(words.ACCEPTED),
    )


def _by_the_community(life: Life, worker: Serving, checker: Serving) -> tuple[Serving, Serving]:
    """The grid worker takes it on; some goes to the property company, some up to the street, of that some to a department."""
    _accept(life, worker, ROUND)
    life.handlers.add(worker.person_id)
    company = life.ground.who("property_manager", life.spot.place_code, life.day)
    if (
        company
        and life.item.code.startswith(("env.", "safe.", "sec.gate", "disp.property", "live.leak"))
        and life.chance(0.45)
    ):
        life.step(
            "dispatch", life.after(1, 20), checker, unit_id=company.unit_id, note=life.say(words.PASSED_ON)
        )
        if life.chance(0.12):
            life.step("return", life.after(2, 20), company, internal=life.say(words.RETURNED))
            return _up_to_the_street(life, checker, "dispatch"), checker
        life.step("accept", life.after(1, 12), company)
        life.handlers.add(company.person_id)
        return company, checker
    if life.chance(0.11):
        street = _up_to_the_street(life, worker, "raise")
        return (_to_a_department(life, street) if life.chance(0.45) else street), _colleague(life, street)
    return worker, checker


def _up_to_the_street(life: Life, who: Serving, name: str) -> Serving:
    street = _officer(life)
    life.step(name, life.after(4, 40), who, unit_id=street.unit_id, internal=life.say(words.RAISED))
    life.step("accept", life.after(1, 20), street)
    life.handlers.add(street.person_id)
    return street


def _by_the_street(life: Life) -> tuple[Serving, Serving]:
    street = _officer(life)
    _accept(life, street, OFFICE)
    life.handlers.add(street.person_id)
    if life.item.urgency != "emergency" and life.chance(0.4):
        return _to_a_department(life, street), _colleague(life, street)
    return street, _colleague(life, street)


def _officer(life: Life) -> Serving:
    office = life.ground.units["street_office", life.spot.place_code[:9]]
    found = life.ground.who("street_officer", str(office), life.day)
    assert found is not None
    return found


def _colleague(life: Life, officer: Serving) -> Serving:
    """Another officer of the street, who checks what the first handled or gave away."""
    others = [
        one
        for one in life.ground.all("street_officer", life.spot.place_code[:9], life.day)
        if one.person_id != officer.person_id
    ]
    return others[int(life.random.random() * len(others))]


def _to_a_department(life: Life, street: Serving) -> Serving:
    """Given to the department; it may return it once, or object and be told to do it all the same."""
    ground = life.ground
    unit = ground.department_for(life.item.code)
    department = ground.who("department_officer", str(unit), life.day)
    assert department is not None
    life.step("dispatch", life.after(2, 30), street, unit_id=unit, note=life.say(words.PASSED_ON))
    draw = life.random.random()
    if draw < 0.07:
        life.step("return", life.after(2, 30), department, internal=life.say(words.RETURNED))
        life.step(
            "dispatch",
            life.after(2, 20),
            _colleague(life, street),
            unit_id=street.unit_id,
            internal=life.say(words.RAISED),
        )
        life.step("accept", life.after(1, 10), street)
        return street
    if draw < 0.14:
        life.step("object", life.after(2, 20), department, internal=life.say(words.OBJECTED))
        life.step("confirm", life.after(2, 20), street, internal=life.say(words.CONFIRMED))
    life.step("accept", life.after(1, 20), department)
    life.handlers.add(department.person_id)
    return department


def _handle(life: Life, handler: Serving, verifier: Serving) -> None:
    """Done within its term, mostly; looked at by somebody else; sometimes sent back, paused, or left lying."""
    since_the_cut = dt.datetime.combine(life.ground.today, dt.time(), seasons.DISTRICT_ZONE) - life.opened
    if since_the_cut < STALLED_SINCE and life.chance(STALLED):
        return
    hours = ALWAYS if life.item.urgency == "emergency" else ROUND
    term = _term(life.item)
    climbed = sum(step.name in ("dispatch", "raise") for step in life.steps)
    share = (
        life.random.uniform(1.4, 2.6)
        if life.chance(LATE * (1 + climbed))
        else min(0.72, life.random.lognormvariate(-1.35, 0.6))
    )
    at = life.opened + dt.timedelta(hours=term * share)
    if life.item.urgency == "normal" and life.chance(0.035):
        life.suspend(handler)
        resumed = life.step("resume", life.after(60, 300), handler)
        at = resumed + dt.timedelta(hours=term * min(share, 0.3))
    done = words.DONE[life.item.event_class]
    life.step("handle", at, handler, hours, note=life.say(done))
    life.handlers.add(handler.person_id)
    if life.chance(0.03):
        life.step("rework", life.after(3, 30), verifier, internal=life.say(words.REWORK))
        life.step("handle", life.after(2, 12), handler, ROUND, note=life.say(done))
    life.step(
        "verify",
        life.after(1, 8 if life.item.urgency == "emergency" else 24),
        verifier,
        note=life.say(words.CHECKED),
    )


# What was written down


def _case(life: Life, said: Feedback, key: UUID, month: str, number: int) -> PastRequest:
    """Everything until the day the district stands at; what would come later has not happened."""
    said.live()
    cut = dt.datetime.combine(life.ground.today, dt.time(), seasons.DISTRICT_ZONE)
    holder, why = life.ground.route(life.spot.place_code, life.item)
    text, address = _written(life)
    opener, unit, teller = _opener(life)
    anonymous = life.source == "phone" and life.reporter is None
    new = NewMatter(
        kind="request", place_code=life.spot.place_code, title=title_of(text, life.item.name), text=text,
        source=life.source, item=life.item.code, category=life.item.event_class, urgency=life.item.urgency,
        confidentiality=life.item.confidentiality, reporter_id=life.reporter, teller_id=teller, address=address,
        longitude=life.spot.longitude, latitude=life.spot.latitude, holder_id=holder, key=key,
    )  # fmt: skip
    return PastRequest(
        matter=PastMatter(
            number=number, new=new, at=life.opened, person_id=opener, unit_id=unit,
            steps=tuple(step for step in life.steps if step.at < cut), main_key=life.main,
        ),
        anonymous=anonymous, hotline_number=f"演示{month.replace('-', '')}{number:05d}" if life.source == "hotline" else "",
        routing=why, call_backs=tuple(_before(said.call_backs, cut)), ratings=tuple(_before(said.ratings, cut)),
    )  # fmt: skip


def _before(rows: list[Any], cut: dt.datetime) -> Iterator[Any]:
    yield from (row for row in rows if row.at < cut)


def _written(life: Life) -> tuple[str, str]:
    """The words and the address: a question is about no doorway."""
    trouble = life.say(words.TROUBLES[life.item.code])
    if life.item.code.startswith(words.QUESTIONS):
        return f"{trouble}。", life.spot.address
    since, wish = life.say(words.SINCE), life.say(words.WISHES)
    entrance = f"{1 + int(life.random.random() * 4)}单元"
    rest = "，".join(part for part in (f"{entrance}附近", since, wish) if part)
    return f"{trouble}。{rest}。", f"{life.spot.address}{entrance}"


def _opener(life: Life) -> tuple[int | None, int | None, int | None]:
    """Who wrote it down, for which unit, and who told it for somebody."""
    if life.source in ("patrol", "worker"):
        worker = life.ground.who("grid_worker", life.spot.place_code, life.day)
        if worker:
            return worker.person_id, worker.unit_id, worker.person_id
    if life.source == "counter":
        staff = life.ground.who("community_worker", life.spot.place_code[:12], life.day)
        if staff:
            return staff.person_id, staff.unit_id, staff.person_id
    return (life.reporter, None, None) if life.source == "phone" else (None, None, None)

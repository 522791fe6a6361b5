"""How a need went: told, screened, claimed, agreed, done, confirmed, rated; cut off where the day of the load cuts it off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid5

from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.matters.working_days import end_of
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership.services_needs import SOURCES, Wanted
from doorstep.modules.partnership.services_past_lists import PastNeed, PastProject, PastResponsibility

from .ground import Ground
from .words import SAID, STORIES

KEYS = UUID("6d0f2b0a-52f5-4d1e-9c0e-3b8a7f1c44d2")
A_YEAR = 540  # needs that become projects; a few of them are not confirmed within the year
DECLINED = 0.06
GRADES, WEIGHTS = (5, 4, 3, 2, 1), (62, 26, 8, 3, 1)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """What one need gave, as far as it has come."""

    need: PastNeed
    project: PastProject | None = None
    duties: tuple[PastResponsibility, ...] = ()


def at(day: dt.date, random: Random, first: int = 9, last: int = 16) -> dt.datetime:
    return dt.datetime.combine(
        day, dt.time(random.randint(first, last), random.randrange(60)), DISTRICT_ZONE
    ).astimezone(dt.UTC)


def stories(ground: Ground, since: dt.date, today: dt.date) -> Iterator[Told]:
    """All needs of the two years that end with the day before `today`, the oldest first."""
    span = (today - since).days
    number = round(A_YEAR * span / 365)
    kinds = sorted(STORIES)
    for index in range(number):
        random = Random(f"need {index}")
        day = since + dt.timedelta(days=index * span // number)
        community = random.choice(ground.communities)
        kind = kinds[index % len(kinds)] if index % 3 else random.choice(kinds)
        told = _Story(ground, index, random, community, kind, day, today).told()
        if told is not None:
            yield told


@dataclass
class _Story:
    ground: Ground
    index: int
    random: Random
    community: str
    kind: str
    day: dt.date
    today: dt.date

    def told(self) -> Told | None:
        """None where nobody could do it then."""
        random, ground = self.random, self.ground
        days = [
            2,
            3,
            random.randint(4, 12),
            random.randint(13, 18),
            random.randint(19, 24),
            random.randint(30, 44),
        ]
        days.append(days[-1] + random.randint(1, 4))
        self.screened, self.published, self.claimed, self.agreed, self.started, self.done, self.confirmed = (
            self._workday(self.day + number * DAY) for number in days
        )
        partners = ground.partners(self.community, self.published, self.confirmed)
        officer = ground.officer(self.community, self.screened)
        party = ground.parties.get(self.community)
        grids = ground.grids.get(self.community)
        if not partners or officer is None or party is None or not grids:
            return None
        self.officer, self.party, self.partners = officer, party, partners
        self.unit = random.choice(partners)
        self.grid = random.choice(grids)
        doors = ground.doors[self.grid]
        self.spot = doors[self.index % len(doors)]
        self.story = random.choice(STORIES[self.kind])
        self.project_key = uuid5(KEYS, f"project {self.index}")
        lot = random.random()
        if lot < DECLINED:
            return Told(self._need(declined=True))
        return Told(self._need(), self._project(), self._duties())

    def _workday(self, day: dt.date) -> dt.date:
        while day.weekday() > 4:
            day += DAY
        return day

    def _over(self, day: dt.date) -> bool:
        """Has this step been taken by now?"""
        return day < self.today

    def _need(self, declined: bool = False) -> PastNeed:
        random, story = self.random, self.story
        told = random.choices(("resident", "visit", "forum"), (5, 3, 2))[0]
        residents = self.ground.residents.get(self.grid, [])
        if not residents and told == "resident":
            told = "visit"
        reporter = random.choice(residents) if told == "resident" else None
        self.source, (east, north) = SOURCES[told], self.spot
        opened = at(self.day, random)
        new = NewMatter(
            kind="need", place_code=self.grid, title=story.told, text=story.about, source=self.source, reporter_id=reporter,
            teller_id=reporter or self.officer.person_id, holder_id=self.party, longitude=east, latitude=north,
            key=uuid5(KEYS, f"need {self.index}"), data={"told": told, "resource_class": self.kind},
        )  # fmt: skip
        by = {"person_id": self.officer.person_id, "unit_id": self.officer.unit_id}
        code, project = {"resource_class": self.kind}, {"project": str(self.project_key)}
        unit = {"unit": self.unit}
        planned = [
            (self.screened, "screen", Inputs(note="已列入需求清单，正在请单位认领。", data=code), by),
            (self.published, "publish", Inputs(data=code), by), (self.claimed, "claim", Inputs(data=unit), {}),
            (self.agreed, "agree", Inputs(end=end_of(self.ends_on), data={**project, **unit}), by),
            (self.started, "run", Inputs(data=project), {}), (self.done, "deliver", Inputs(data=project), {}),
            (self.confirmed, "confirm", Inputs(note="社区已到现场核实，办成了。", data=project), {}),
            (self._workday(self.confirmed + DAY), "rate", Inputs(data=project), {}),
        ]  # fmt: skip
        if declined:
            planned = [
                (self.screened, "decline", Inputs(note="这件事请找物业服务中心，电话见楼道公示。"), by)
            ]
        if not self.graded and planned:
            planned = [row for row in planned if row[1] != "rate"]
        steps = self._steps(planned, opened)
        names = {step.name for step in steps}
        claims: tuple[tuple[int, dt.datetime, dt.datetime | None, int | None], ...] = ()
        if "claim" in names:
            liaison = self.ground.liaison(self.unit, self.claimed)
            when = next(step.at for step in steps if step.name == "claim")
            claims = ((self.unit, when, None, liaison.person_id if liaison else None),)
        return PastNeed(
            matter=PastMatter(number=self.index + 1, new=new, at=opened, person_id=new.teller_id, steps=tuple(steps)),
            wanted=Wanted(resource_class=self.kind, people=story.people), told=told,
            headline=story.headline if "publish" in names or "screen" in names else "", about=story.about if "screen" in names else "",
            published_on=self.published if "publish" in names else None, claims=claims, located=True,
        )  # fmt: skip

    @property
    def ends_on(self) -> dt.date:
        return self.agreed + dt.timedelta(days=45)

    @property
    def graded(self) -> bool:
        return self.index % 10 != 0

    def _steps(
        self, planned: list[tuple[dt.date, str, Inputs, dict[str, int]]], opened: dt.datetime
    ) -> list[PastStep]:
        """Those taken by now, each after the one before."""
        steps, before = [], opened
        for place, (day, name, inputs, by) in enumerate(planned):
            if not self._over(day):
                break
            when = max(
                at(day, Random(f"{self.index} {name} {day}")), before + dt.timedelta(minutes=1 + place)
            )
            steps.append(PastStep(name=name, at=when, inputs=inputs, **by))
            before = when
        return steps

    def _project(self) -> PastProject | None:
        if not self._over(self.agreed):
            return None
        random, ground = self.random, self.ground
        opened = at(self.agreed, Random(f"{self.index} agree {self.agreed}"))
        liaison = ground.liaison(self.unit, self.done)
        doing = liaison or ground.officer(self.community, self.done)
        confirming = ground.officer(self.community, self.confirmed, doing.person_id if doing else None)
        by = {"person_id": self.officer.person_id, "unit_id": self.officer.unit_id}
        doer = {"person_id": doing.person_id, "unit_id": doing.unit_id} if doing else by
        checker = {"person_id": confirming.person_id, "unit_id": confirming.unit_id} if confirming else {}
        need = {"need": self.index + 1}
        planned = [
            (self.agreed, "agree", Inputs(end=end_of(self.ends_on), data={"unit": self.unit}), by),
            (self.started, "start", Inputs(data=need), doer), (self.done, "deliver", Inputs(note=self.story.done, data=need), doer),
            (self.confirmed, "confirm", Inputs(note="社区已到现场核实，办成了。", data=need), checker),
        ]  # fmt: skip
        if not checker:
            planned.pop()
        steps = self._steps(planned, opened)
        names = {step.name for step in steps}
        east, north = self.spot
        new = NewMatter(
            kind="project", place_code=self.grid, title=self.story.project, text=self.story.about, source=self.source, holder_id=self.party,
            handler_id=liaison.person_id if liaison else None, longitude=east, latitude=north, key=self.project_key,
        )  # fmt: skip
        served = max(4, round(self.story.people * random.uniform(0.7, 1.2))) if "deliver" in names else None
        grades = self._grades(served or 0) if "confirm" in names and self.graded else ()
        fen = (
            random.choice((0, 0, 0, 50_000, 120_000, 200_000))
            if self.kind in ("funds", "goods", "culture")
            else 0
        )
        return PastProject(
            matter=PastMatter(
                number=self.index + 1, new=new, at=opened, person_id=self.officer.person_id, unit_id=self.officer.unit_id,
                steps=tuple(steps), called=((self.unit, "lead"),),
            ),
            need_key=uuid5(KEYS, f"need {self.index}"), unit_id=self.unit, agreed_on=self.agreed, starts_on=self.started, ends_on=self.ends_on,
            hands=random.randint(2, 8), budget_fen=fen, budget_from="责任单位自筹" if fen else "", served=served,
            cost_fen=fen or None if "deliver" in names else None, delivered_on=self.done if "deliver" in names else None,
            confirmed_on=self.confirmed if "confirm" in names else None, grades=grades, uses=self._uses(),
        )  # fmt: skip

    def _uses(self) -> tuple[tuple[int, dt.datetime, dt.datetime], ...]:
        """Two hours of what the unit, or else another partner, offers of the kind, while the project runs."""
        for units in ([self.unit], self.partners):
            offer = self.ground.offer(units, self.kind, self.community, self.index)
            span = self.ground.take(offer, self.started, self.done) if offer is not None else None
            if offer is not None and span is not None:
                return ((offer.pk, *span),)
        return ()

    def _grades(self, served: int) -> tuple[tuple[dt.datetime, int, str], ...]:
        random = self.random
        found = []
        for _each in range(random.randint(1, min(9, served))):
            day = self.confirmed + random.randint(1, 8) * DAY
            if self._over(day):
                words = random.choice(SAID) if random.random() < 0.3 else ""
                found.append((at(day, random), random.choices(GRADES, WEIGHTS)[0], words))
        return tuple(found)

    def _duties(self) -> tuple[PastResponsibility, ...]:
        if not self._over(self.agreed):
            return ()
        return tuple(
            self._duty(number, what) for number, what in enumerate(("备好人手和物资", "到现场办好"), start=1)
        )

    def _duty(self, number: int, what: str) -> PastResponsibility:
        ground = self.ground
        opened = at(self.agreed, Random(f"{self.index} agree {self.agreed}")) + dt.timedelta(minutes=5)
        doing = ground.liaison(self.unit, self.done) or ground.officer(self.community, self.done)
        confirming = ground.officer(self.community, self.confirmed, doing.person_id if doing else None)
        due = self.agreed + dt.timedelta(days=20 if number == 1 else 40)
        by = {"person_id": self.officer.person_id, "unit_id": self.officer.unit_id}
        planned = [(self.agreed, "assign", Inputs(end=end_of(due), data={"project": self.index + 1}), by)]
        if doing is not None:
            doer = {"person_id": doing.person_id, "unit_id": doing.unit_id}
            planned.append((self.done, "do", Inputs(note=self.story.done), doer))
        if doing is not None and confirming is not None:
            checker = {"person_id": confirming.person_id, "unit_id": confirming.unit_id}
            planned.append((self.confirmed, "confirm", Inputs(note="已核实。"), checker))
        steps = self._steps(planned, opened)
        names = {step.name for step in steps}
        new = NewMatter(
            kind="responsibility", place_code=self.grid, title=what, source=self.source, holder_id=self.unit,
            key=uuid5(KEYS, f"duty {self.index} {number}"),
        )  # fmt: skip
        return PastResponsibility(
            matter=PastMatter(
                number=self.index * 2 + number, new=new, at=opened, person_id=self.officer.person_id, unit_id=self.officer.unit_id,
                steps=tuple(steps), called=((self.unit, "lead"),),
            ),
            project_key=self.project_key, unit_id=self.unit, due_on=due, done_on=self.done if "do" in names else None,
            kept_on=self.confirmed if "confirm" in names else None,
        )  # fmt: skip

"""Whistles of two years: on each lawful ground, with a lead and others, accepted, objected to, decided by the district."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Any

from doorstep.kernel.matters.models import Participation
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep, key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.modules.requests.services_past import PastCall, PastWhistle

from . import seasons, words
from .ground import DISTRICT, Ground, Serving

OFFICE_NAME = "演示吹哨"
SHARES = {"public_issue": 34, "joint_enforcement": 32, "emergency": 16, "key_task": 18}
# ground → who may lead, who is called beside
CALLED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "public_issue": (("区住房和城市建设局", "区城市管理局"), ("区城市管理局", "区发展和改革局", "区应急管理局", "区财政局")),
    "joint_enforcement": (("区城市管理局", "区市场监督管理局"), ("区应急管理局", "区市场监督管理局", "区卫生健康局", "区文化和旅游局")),
    "emergency": (("区应急管理局", "区住房和城市建设局"), ("区城市管理局", "区卫生健康局", "区住房和城市建设局")),
    "key_task": (("区住房和城市建设局", "区应急管理局", "区商务局"), ("区城市管理局", "区应急管理局", "区民政局", "区教育局")),
}  # fmt: skip
ARRIVE_HOURS = {"public_issue": 48, "joint_enforcement": 30, "emergency": 2, "key_task": 48}


@dataclass
class Side:
    """One department's answer."""

    who: Serving
    called_at: dt.datetime | None = None  # later than the whistle
    accepted_at: dt.datetime | None = None
    objected_at: dt.datetime | None = None
    arrived_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    grade: int | None = None
    graded_at: dt.datetime | None = None

    def call(self, lead: bool, cut: dt.datetime) -> PastCall:
        def before(at: dt.datetime | None) -> dt.datetime | None:
            return at if at is not None and at < cut else None

        objected, graded = before(self.objected_at), before(self.graded_at)
        return PastCall(
            unit_id=self.who.unit_id, lead=lead, accepted_at=before(self.accepted_at), objected_at=objected,
            objection=words.OBJECTED[0] if objected else "", arrived_at=before(self.arrived_at),
            released_at=before(self.released_at), grade=self.grade if graded else None, graded_at=graded,
        )  # fmt: skip


@dataclass
class Call:
    """A whistle while it is being told."""

    ground: Ground
    random: Random
    kind: str
    opened: dt.datetime
    place: str
    steps: list[PastStep] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)  # the lead first

    def step(self, name: str, hours: tuple[float, float], who: Serving, **inputs: Any) -> dt.datetime:
        last = self.steps[-1].at if self.steps else self.opened
        open_at = seasons.ALWAYS if self.kind == "emergency" else seasons.OFFICE
        waited = self.random.uniform(*hours) * (0.2 if self.kind == "emergency" else 1)
        at = seasons.open_moment(last + dt.timedelta(hours=waited), open_at, self.random)
        self.steps.append(
            PastStep(name=name, at=at, person_id=who.person_id, unit_id=who.unit_id, inputs=Inputs(**inputs))
        )
        return at


def tell(ground: Ground, month: str, number: int, day: dt.date) -> PastWhistle:
    """The whistle number `number` of a month, proposed on this day."""
    random = Random(f"whistle {month} {number}")
    (kind,) = random.choices(list(SHARES), list(SHARES.values()))
    hours = seasons.ALWAYS if kind == "emergency" else seasons.OFFICE
    proposed = seasons.at(day, 8 + int(random.random() * 8), 25)
    opened = seasons.open_moment(proposed, hours, random)
    if opened >= seasons.at(ground.today, 0):  # days off until today: whoever is on duty proposes it
        opened = proposed
    (grid,) = random.choices(*ground.weighted_grids)
    call = Call(ground, random, kind, opened, grid[:12])
    office = ground.units["street_office", grid[:9]]
    proposer = ground.who("street_officer", str(office), day)
    others = [one for one in ground.all("street_officer", grid[:9], day) if one.unit_id != office]
    assert proposer is not None
    _live(call, others[int(random.random() * len(others))], day)
    return _case(call, proposer, month, number)


def _live(call: Call, officer: Serving, day: dt.date) -> None:
    if call.random.random() < 0.05:
        call.step("decline", (1, 8), officer, internal="属街道职责范围，由街道自行处理")
        return
    call.sides = [Side(who) for who in _departments(call, day)]
    lead = call.sides[0]
    call.step("issue", (0.5, 6), officer, unit_id=lead.who.unit_id, data={"ground": call.kind})
    draw = call.random.random()
    if draw < 0.08:
        _objected(call, officer, day, decided=draw < 0.03)
        if call.steps[-1].name == "dismiss":
            return
    lead = call.sides[0]
    lead.accepted_at = call.step("accept", (0.5, 18), lead.who)
    lead.arrived_at = call.step("arrive", (1, 22), lead.who)
    for side in call.sides[1:]:
        _support(call, side)
    call.step("plan", (1, 20), lead.who, internal=call.random.choice(words.PLANS))
    call.step("handle", (20, 160), lead.who, note="已按方案处置完毕")
    if call.random.random() < 0.07:
        call.step("rework", (4, 30), officer, internal=call.random.choice(words.REWORK))
        call.step("handle", (10, 60), lead.who, note="已整改完毕")
    at = call.step("verify", (2, 40), officer, note="现场核实，问题已解决")
    for side in call.sides:
        if side.released_at is None:
            side.grade, side.graded_at = _grade(call, side), at + dt.timedelta(minutes=20)
    call.step("close", (0.5, 20), officer, data={"rated": sum(side.grade is not None for side in call.sides)})


def _departments(call: Call, day: dt.date) -> list[Serving]:
    leads, beside = CALLED[call.kind]
    lead = call.random.choice(leads)
    others = [name for name in beside if name != lead]
    names = [lead, *call.random.sample(others, min(call.random.choice((0, 1, 1, 2, 2, 3)), len(others)))]
    return [_officer_of(call.ground, name, day) for name in names]


def _officer_of(ground: Ground, name: str, day: dt.date) -> Serving:
    found = ground.who("department_officer", str(ground.departments[name]), day)
    assert found is not None
    return found


def _objected(call: Call, officer: Serving, day: dt.date, *, decided: bool) -> None:
    """The lead objects: the street names another, or the district decides."""
    lead = call.sides[0]
    lead.objected_at = call.step("object", (1, 20), lead.who, internal=words.OBJECTED[0])
    name, by = "reassign", officer
    if decided:
        call.step("escalate", (1, 12), officer, internal="牵头部门不应哨，报区里裁定")
        (by, *_rest) = call.ground.all("district_officer", DISTRICT, day)
        name = "decide"
        if call.random.random() < 0.25:
            call.step("dismiss", (3, 30), by, internal="由街道与部门日常协商解决")
            return
    taken = {side.who.unit_id for side in call.sides}
    another = next(
        one
        for one in (
            _officer_of(call.ground, each, day)
            for each in ("区住房和城市建设局", "区城市管理局", "区应急管理局", "区财政局", "区民政局")
        )
        if one.unit_id not in taken
    )
    lead.released_at = call.step(
        name, (2, 24), by, unit_id=another.unit_id, internal="按职责清单由你单位牵头"
    )
    call.sides.insert(0, Side(another, called_at=lead.released_at))


def _support(call: Call, side: Side) -> None:
    """A department called beside the lead comes, late now and then, or says why not."""
    if side.released_at is not None:
        return
    issued = next(step.at for step in reversed(call.steps) if step.name in ("issue", "reassign", "decide"))
    arrived = call.steps[-1].at
    if call.random.random() < 0.06:
        side.objected_at = issued + (arrived - issued) * 0.5
        return
    side.accepted_at = issued + (arrived - issued) * call.random.uniform(0.1, 0.8)
    side.arrived_at = arrived + dt.timedelta(minutes=call.random.choice((-20, -5, 5, 30, 240)))
    side.arrived_at = max(side.arrived_at, side.accepted_at)


def _grade(call: Call, side: Side) -> int:
    if side.objected_at is not None:
        return call.random.choice((1, 2))
    return call.random.choices((3, 2, 1), (74, 22, 4))[0]


def _case(call: Call, proposer: Serving, month: str, number: int) -> PastWhistle:
    cut = dt.datetime.combine(call.ground.today, dt.time(), seasons.DISTRICT_ZONE)
    steps = tuple(step for step in call.steps if step.at < cut)
    issued = next((step.at for step in steps if step.name == "issue"), None)
    sides = [side for side in call.sides if issued and (side.called_at or issued) < cut]
    answering = next((side for side in sides if side.released_at is None or side.released_at >= cut), None)
    title = call.random.choice(words.WHISTLES[call.kind])
    new = NewMatter(
        kind="whistle", place_code=call.place, title=title, text=f"{title}，多次协调未果，请有关部门到场。", source="street",
        category=call.kind, urgency="emergency" if call.kind == "emergency" else "normal",
        holder_id=proposer.unit_id, teller_id=proposer.person_id, key=key_of(OFFICE_NAME, f"{month}/{number}"),
        data={"ground": call.kind},
    )  # fmt: skip
    called = tuple(
        (side.who.unit_id, Participation.LEAD if side is answering else Participation.CALLED)
        for side in sides
    )
    return PastWhistle(
        matter=PastMatter(
            number=number, new=new, at=call.opened, person_id=proposer.person_id, unit_id=proposer.unit_id, steps=steps,
            called=called,
        ),
        ground=call.kind, street_id=proposer.unit_id, called_at=issued or call.opened,
        arrive_by=(issued or call.opened) + dt.timedelta(hours=ARRIVE_HOURS[call.kind]),
        calls=tuple(side.call(side is answering or side.released_at is not None, cut) for side in sides),
    )  # fmt: skip

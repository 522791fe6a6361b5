"""An office's past needs, projects and responsibilities, set-based: each walks its law, and keeps the rules of the live path.

Needs come first, then projects, then responsibilities, each in portions that are known by their keys: a run that was cut off
goes on with the next.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.declarations.registers import Problem
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services_past import Brought, PastMatter, bring_past
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import (
    Booking,
    Claim,
    Need,
    Project,
    ProjectUnit,
    Rating,
    Resource,
    ResourceArea,
    Responsibility,
)
from doorstep.modules.partnership.services_needs import Wanted
from doorstep.modules.partnership.services_resources import ResourceData, offered
from doorstep.modules.partnership.states_needs import KIND
from doorstep.modules.partnership.states_projects import PROJECT, RESPONSIBILITY


@dataclass(frozen=True, kw_only=True)
class PastNeed:
    """A past need: its matter, what was wanted, what was published when; who claimed it. `located`: the matter's position was told."""

    matter: PastMatter
    wanted: Wanted
    told: str
    headline: str = ""
    about: str = ""
    published_on: dt.date | None = None
    unit_id: int | None = None
    located: bool = False
    claims: tuple[
        tuple[int, dt.datetime, dt.datetime | None, int | None], ...
    ] = ()  # unit, at, ended, person


@dataclass(frozen=True, kw_only=True)
class PastProject:
    """A past project: its matter, the key of its need, what was agreed and what came of it. `uses`: resource, from, until.
    `grades`: when, which grade, words; by slips, one each."""

    matter: PastMatter
    need_key: UUID
    unit_id: int
    agreed_on: dt.date
    starts_on: dt.date
    ends_on: dt.date
    hands: int = 0
    budget_fen: int = 0
    budget_from: str = ""
    cost_fen: int | None = None
    served: int | None = None
    delivered_on: dt.date | None = None
    confirmed_on: dt.date | None = None
    stopped_on: dt.date | None = None
    others: tuple[tuple[int, str], ...] = ()
    uses: tuple[tuple[int, dt.datetime, dt.datetime], ...] = ()
    grades: tuple[tuple[dt.datetime, int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PastResponsibility:
    matter: PastMatter
    project_key: UUID
    unit_id: int
    due_on: dt.date
    done_on: dt.date | None = None
    kept_on: dt.date | None = None


@dataclass
class Agreed:
    """Who had an agreement where, from when until when. Read once for a run."""

    periods: dict[int, list[tuple[str, dt.date, dt.date | None]]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Agreed:
        found = cls()
        for unit, place, since, until in Agreement.objects.values_list(
            "unit_id", "place_code", "valid_from", "valid_to"
        ):
            found.periods.setdefault(unit, []).append((place, since, until))
        return found

    def holds(self, unit_id: int, place_code: str, day: dt.date) -> bool:
        return any(
            place_code.startswith(place) and since <= day and (until is None or day < until)
            for place, since, until in self.periods.get(unit_id, ())
        )


@dataclass
class Seats:
    """What units offered, where it serves, and which of its seats are taken when; `booked`: keys of projects that have theirs. Read once
    for a run, and kept along."""

    rows: dict[int, Resource]
    areas: dict[int, set[str]]
    taken: dict[int, list[tuple[int, dt.datetime, dt.datetime]]]
    booked: set[UUID]

    @classmethod
    def read(cls) -> Seats:
        areas: dict[int, set[str]] = defaultdict(set)
        for pk, code in ResourceArea.objects.values_list("resource_id", "code"):
            areas[pk].add(code)
        taken: dict[int, list[tuple[int, dt.datetime, dt.datetime]]] = defaultdict(list)
        booked = set()
        for pk, seat, starts, ends, key, released in Booking.objects.values_list(
            "resource_id", "seat", "starts_at", "ends_at", "project__matter__key", "released_at"
        ):
            booked.add(key)
            if released is None:
                taken[pk].append((seat, starts, ends))
        return cls({row.pk: row for row in Resource.objects.all()}, areas, taken, booked)

    def taken_for(self, case: PastProject, agreed: Agreed) -> tuple[list[int], str]:
        """A seat for each use of a project, now taken, and what is wrong with one of them, if anything is."""
        place, seats = case.matter.new.place_code, []
        if case.matter.new.key in self.booked:
            return [], ""
        for pk, since, until in case.uses:
            row, (starts, ends) = (
                self.rows.get(pk),
                (day.astimezone(clock.DISTRICT_ZONE) for day in (since, until)),
            )
            if row is None or not rules.covered(place, self.areas[pk]):
                return [], _("这项资源不在清单上，或者不服务这个社区。")
            last = (ends - dt.timedelta(minutes=1)).date()
            if not all(agreed.holds(row.unit_id, place, day) for day in (starts.date(), last)):
                return [], _("提供资源的单位那天没有生效的共建协议。")
            if not case.starts_on <= starts.date() <= last <= case.ends_on:
                return [], _("用资源的日子要在项目的时间里：%(from)s 至 %(to)s。") % {
                    "from": case.starts_on, "to": case.ends_on,
                }  # fmt: skip
            if ends <= starts or not (row.holds_on(starts.date()) and row.holds_on(last)):
                return [], _("“%s”那时不在清单上。") % row.name
            if rules.outside_times(starts, ends, row.weekdays, row.opens, row.closes):
                return [], _("“%s”那时不提供，请看它的星期和时间。") % row.name
            at_once = {seat for seat, begin, end in self.taken[pk] if begin < until and since < end}
            seat = rules.free_seat(at_once, row.capacity)
            if seat is None:
                return [], _("“%s”那时已经约满，请换个时间或换一项资源。") % row.name
            seats.append(seat)
            if case.stopped_on is None:
                self.taken[pk].append((seat, since, until))
        return seats, ""


@transaction.atomic
def bring_resources(*, actor: Actor, resources: Sequence[ResourceData]) -> int:
    """What units offer, from an office's list; those there already by unit and name are passed over. Gives how many are new.
    Raises as `offer` for the first that is wrong; nothing is brought then."""
    known = set(Resource.objects.values_list("unit_id", "name"))
    new = [data for data in resources if (data.unit_id, data.name) not in known]
    units = {data.unit_id for data in new}
    standing, agreed = versions_of(units), defaultdict(list)
    in_force = Agreement.objects.in_force().filter(unit_id__in=units)
    for unit_id, place in in_force.values_list("unit_id", "place_code"):
        agreed[unit_id].append(place)
    made = [offered(actor, data, standing.get(data.unit_id), agreed[data.unit_id]) for data in new]
    rows = [row for row, _areas in made]
    for row, number in zip(rows, take_numbers(Resource, len(rows)), strict=True):
        row.pk = number
    copy_rows(rows)
    copy_rows([ResourceArea(resource_id=row.pk, code=code) for row, areas in made for code in areas])
    record_many(
        actor,
        [
            Act("partnership.resource_offered", row, row.place_code, {"unit": row.unit_id, "brought": True})
            for row in rows
        ],
    )
    return len(rows)


def bring_needs(*, actor: Actor, cases: Iterable[PastNeed]) -> Brought:
    """Bring past needs in; wrong ones are told by row and left out, known ones are passed over."""
    waiting: dict[UUID, PastNeed] = {}
    problems: list[Problem] = []

    def passing() -> Iterator[PastMatter]:
        for case in cases:
            if case.matter.new.kind != KIND or (case.published_on is not None and not case.headline):
                problems.append(Problem(case.matter.number, _("这不是需求，或者发布了而没有标题。")))
                continue
            waiting[case.matter.new.key] = case
            yield case.matter

    def write(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        pairs = [(waiting[past.new.key], matter) for past, matter in portion]
        copy_rows([_need(case, matter) for case, matter in pairs])
        copy_rows(
            [
                Claim(
                    need_id=matter.pk, unit_id=unit, slot=number, by_id=person, at=at, ended_at=ended,
                    reason=_("人手安排不开") if ended else "",
                )
                for case, matter in pairs
                for number, (unit, at, ended, person) in enumerate(case.claims, start=1)
            ]
        )  # fmt: skip

    brought = bring_past(actor=actor, cases=passing(), written=write)
    brought.problems += problems
    return brought


def _need(case: PastNeed, matter: Matter) -> Need:
    wanted = case.wanted
    return Need(
        matter=matter, resource_class=wanted.resource_class, people=wanted.people, units=max(wanted.units, len(case.claims)),
        since=wanted.since, until=wanted.until, weekdays=wanted.weekdays, opens=wanted.opens, closes=wanted.closes,
        minutes_needed=wanted.minutes, told=case.told, unit_id=case.unit_id, headline=case.headline[:80],
        about=case.about[:400], published_on=case.published_on, located=case.located,
    )  # fmt: skip


def bring_projects(*, actor: Actor, cases: Iterable[PastProject]) -> Brought:
    """Bring past projects in, with what they used and how they were rated. Each keeps what the live path asks: a responsible
    unit with an agreement on the day, a need of its own, done before it was confirmed, no seat taken twice."""
    waiting: dict[UUID, PastProject] = {}
    given: dict[UUID, list[int]] = {}
    problems: list[Problem] = []
    agreed, seats = Agreed.read(), Seats.read()

    def passing() -> Iterator[PastMatter]:
        for case in cases:
            trouble = _trouble_with(case, agreed)
            if not trouble:
                given[case.matter.new.key], trouble = seats.taken_for(case, agreed)
            if trouble:
                problems.append(Problem(case.matter.number, trouble))
                continue
            waiting[case.matter.new.key] = case
            yield case.matter

    def write(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        pairs = [(waiting.pop(past.new.key), matter) for past, matter in portion]
        keys = [case.need_key for case, _matter in pairs]
        needs = dict(Matter.objects.filter(key__in=keys, kind=KIND).values_list("key", "pk"))
        copy_rows([_project(case, matter, needs[case.need_key]) for case, matter in pairs])
        copy_rows(
            [
                ProjectUnit(project_id=matter.pk, unit_id=unit, brings=brings)
                for case, matter in pairs
                for unit, brings in case.others
            ]
        )
        copy_rows(
            [
                Booking(
                    resource_id=resource, project_id=matter.pk, seat=seat, starts_at=since, ends_at=until,
                    released_at=matter.closed_at if case.stopped_on else None,
                )
                for case, matter in pairs
                for (resource, since, until), seat in zip(case.uses, given[case.matter.new.key], strict=True)
            ]
        )  # fmt: skip
        copy_rows(
            [
                Rating(
                    project_id=matter.pk, place_code=matter.place_code, slip=number, grade=grade, words=words[:300], at=at
                )
                for case, matter in pairs
                for number, (at, grade, words) in enumerate(case.grades, start=1)
            ]
        )  # fmt: skip

    brought = bring_past(actor=actor, cases=passing(), written=write)
    brought.problems += problems
    return brought


def _trouble_with(case: PastProject, agreed: Agreed) -> str:
    place = case.matter.new.place_code
    if case.matter.new.kind != PROJECT:
        return _("这不是项目。")
    if not agreed.holds(case.unit_id, place, case.agreed_on):
        return _("责任单位那天和这个社区、街道没有生效的共建协议。")
    if case.confirmed_on and not (case.delivered_on and case.delivered_on <= case.confirmed_on):
        return _("确认须在做完以后。")
    if len(case.grades) > (case.served or 0) or any(
        not 1 <= grade <= 5 for _at, grade, _words in case.grades
    ):
        return _("评价不能多于惠及的人数，评分为 1 到 5。")
    if case.grades and case.confirmed_on is None:
        return _("没有确认的项目没有评价。")
    fens = (case.budget_fen, case.cost_fen or 0)
    return "" if all(0 <= fen <= rules.MOST_FEN for fen in fens) else _("金额不对。")


def _project(case: PastProject, matter: Matter, need_id: int) -> Project:
    return Project(
        matter=matter, need_id=need_id, place_code=matter.place_code, unit_id=case.unit_id, hands=case.hands,
        budget_fen=case.budget_fen, budget_from=case.budget_from, starts_on=case.starts_on, ends_on=case.ends_on,
        agreed_on=case.agreed_on, served=case.served, cost_fen=case.cost_fen, delivered_on=case.delivered_on,
        confirmed_on=case.confirmed_on, stopped_on=case.stopped_on, slips=len(case.grades),
    )  # fmt: skip


def bring_responsibilities(*, actor: Actor, cases: Iterable[PastResponsibility]) -> Brought:
    """Bring past responsibilities in, each of a project that is there."""
    waiting: dict[UUID, PastResponsibility] = {}
    given = list(cases)
    keys = {case.project_key for case in given}
    projects = dict(Matter.objects.filter(key__in=keys, kind=PROJECT).values_list("key", "pk"))
    wrong = [
        Problem(case.matter.number, _("没有这项责任所属的项目。"))
        for case in given
        if case.project_key not in projects or case.matter.new.kind != RESPONSIBILITY
    ]
    missing = {problem.row for problem in wrong}

    def passing() -> Iterator[PastMatter]:
        for case in given:
            if case.matter.number not in missing:
                waiting[case.matter.new.key] = case
                yield case.matter

    def write(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        pairs = [(waiting.pop(past.new.key), matter) for past, matter in portion]
        copy_rows(
            [
                Responsibility(
                    matter=matter, project_id=projects[case.project_key], unit_id=case.unit_id, due_on=case.due_on,
                    done_on=case.done_on, kept_on=case.kept_on,
                )
                for case, matter in pairs
            ]
        )  # fmt: skip

    brought = bring_past(actor=actor, cases=passing(), written=write)
    brought.problems += wrong
    return brought

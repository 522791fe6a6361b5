"""Who works which grid of a community: the arrangement as its secretary looks at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Left

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.leaving import in_hand
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import APPOINT_COMMUNITY
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked, named_persons
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import is_code, level_of, within
from doorstep.modules.grids.findings import without_worker
from doorstep.modules.grids.policies import VIEW
from doorstep.modules.grids.services_workers import WORKER, committee_of

FOUND = 20


@dataclass(frozen=True)
class WorkerLine:
    """One worker of the community. `waiting`: open matters in hand for the committee. `later`: not begun yet."""

    appointment: Appointment
    grids: tuple[Grid, ...]
    substitutes: tuple[Appointment, ...]
    waiting: int
    later: bool = False

    @property
    def name(self) -> str:
        return self.appointment.person.name

    @property
    def words(self) -> str:
        return "、".join(grid.name for grid in self.grids)


@dataclass(frozen=True)
class Arrangement:
    """A community's grids without a worker first, then its workers."""

    community: Area
    on: dt.date
    committee: UnitVersion | None
    without: tuple[Grid, ...]
    workers: tuple[WorkerLine, ...]
    total: int
    may_arrange: bool

    def line(self, appointment_id: int) -> WorkerLine:
        """Raises NotVisible for an appointment that is none of these."""
        for line in self.workers:
            if line.appointment.pk == appointment_id:
                return line
        raise NotVisible("")


@dataclass(frozen=True)
class CommunityLine:
    """One community to choose: its grids, its workers in office, its grids without one."""

    code: str
    name: str
    street: str
    grids: int
    workers: int
    without: int


def arrangement(actor: Actor, code: str) -> Arrangement:
    """Raises NotVisible for who does not see it there. Nine queries, however many workers."""
    if not is_code(code) or level_of(code) != "community" or not actor.holds(VIEW, code):
        raise NotVisible("")
    day = clock.today()
    community = Area.objects.filter(code=code, level="community").first()
    if community is None:
        raise NotVisible("")
    grids = {
        grid.code: grid for grid in Grid.objects.in_force(day).filter(community=community).order_by("code")
    }
    without = tuple(without_worker(day).filter(community=community).order_by("code"))
    return Arrangement(
        community=community, on=day, committee=committee_of(code, day), without=without,
        workers=tuple(_lines(actor, code, grids, day)), total=len(grids), may_arrange=actor.holds(APPOINT_COMMUNITY, code),
    )  # fmt: skip


def _lines(actor: Actor, code: str, grids: dict[str, Grid], day: dt.date) -> list[WorkerLine]:
    rows = (
        policy_for(Appointment)
        .visible_to(actor)
        .filter(within("place_code", [code]), post=WORKER)
        .exclude(valid_to__lte=day)
        .select_related("person", "unit")
        .prefetch_related("places")
    )
    held = list(rows.order_by("place_code", "valid_from", "pk"))
    counted = (
        in_hand(sorted({row.person_id for row in held}))
        .order_by()
        .values("handler_id", "holder_id")
        .annotate(how_many=Count("pk"))
    )
    waiting = {(row["handler_id"], row["holder_id"]): row["how_many"] for row in counted} if held else {}
    found = []
    for row in held:
        if row.substitute_for_id is not None:
            continue
        found.append(
            WorkerLine(
                row,
                tuple(grids[place.code] for place in row.places.all() if place.code in grids),
                tuple(other for other in held if other.substitute_for_id == row.pk),
                waiting.get((row.person_id, row.unit_id), 0),
                later=row.valid_from > day,
            )
        )
    return found


def receivers(line: WorkerLine, others: Sequence[WorkerLine]) -> list[tuple[str, str]]:
    """Who may take matters over: others in office in the same unit today, by person."""
    rows = (
        Appointment.objects.filter(in_force(), unit_id=line.appointment.unit_id)
        .exclude(person_id=line.appointment.person_id)
        .filter(substitute_for=None)
        .select_related("person")
    )
    return [
        (str(row.person_id), f"{row.person.name}（{row.get_post_display()}）")
        for row in rows.order_by("post", "pk")
    ]


def people_named(actor: Actor, text: str, place_code: str) -> list[tuple[str, str]]:
    """Persons the actor may see, told apart by their masked number."""
    if not text:
        return []
    rows = named_persons(actor, text).filter(erased_at=None).select_related("key").order_by("pinyin", "pk")
    near: list[Person] = sorted(rows[:FOUND], key=lambda row: not row.place_code.startswith(place_code))
    return [(str(row.pk), f"{row.name} {masked(row, 'phone')}".strip()) for row in near]


def communities_of(actor: Actor, place_code: str = "") -> list[CommunityLine]:
    """The communities of the actor's places, those inside `place_code` alone where one is given. Four queries."""
    day = clock.today()
    mine = within("code", [place for place in actor.places_for(VIEW) if len(place) <= 12])
    areas = Area.objects.filter(mine, within("code", [place_code]), level="community", ended_on=None)
    found = list(areas.order_by("code").select_related("parent"))
    codes = within("community_id", (area.code for area in found))
    grids = _counted(Grid.objects.in_force(day).filter(codes), "community_id")
    without = _counted(without_worker(day).filter(codes), "community_id")
    workers = _counted(
        Appointment.objects.in_force(day)
        .filter(within("place_code", (area.code for area in found)), post=WORKER, substitute_for=None)
        .annotate(community_id=Left("place_code", 12)),
        "community_id",
    )
    return [
        CommunityLine(
            area.code, area.name, area.parent.name if area.parent else "", grids.get(area.code, 0),
            workers.get(area.code, 0), without.get(area.code, 0),
        )
        for area in found
    ]  # fmt: skip


def _counted(rows: QuerySet[Any], by: str) -> dict[str, int]:
    return dict(rows.order_by().values(by).annotate(how_many=Count("pk")).values_list(by, "how_many"))

"""Reading whistles: lawful grounds, whom one may call, the board by stage, a department's own calls."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import all_capabilities
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import HANDLE, at_places, handling_units
from doorstep.kernel.matters.selectors import Count as Counted
from doorstep.kernel.matters.selectors import count_of
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.requests.models import RuleValue, Whistle, WhistleCall
from doorstep.modules.requests.models_whistle import GROUNDS
from doorstep.modules.requests.selectors import upwards
from doorstep.modules.requests.states_whistle import LAW, VIEW

CALLED_KINDS = ("department", "street_office", "property_company", "company", "social_organisation")
GROUND = "whistle.ground."
OVER = "over"  # the stage of those that ended within OVER_DAYS
OVER_DAYS = 30
OWED = Coalesce(
    Case(When(accepted_at=None, objected_at=None, then="answer_by")), "arrive_by"
)  # as WhistleCall.due_at
STAGES = tuple(state.code for state in LAW.states if not state.over)


@dataclass(frozen=True)
class Ground:
    """A lawful ground in force, with the clause it stands on."""

    code: str
    name: str | Promise
    clause: str


def grounds_in_force(on: dt.date | None = None) -> list[Ground]:
    """The dated list as it holds on a day (default today), in the order of the list. One query."""
    clauses = dict(
        RuleValue.objects.in_force(on).filter(key__startswith=GROUND, value=True).values_list("key", "clause")
    )
    return [Ground(code, name, clauses[GROUND + code]) for code, name in GROUNDS if GROUND + code in clauses]


@dataclass(frozen=True)
class CallableUnit:
    """A unit that can be called; `staffed`: somebody is in office there who would see the call."""

    unit_id: int
    kind: str
    name: str
    staffed: bool


def units_to_call(place_code: str) -> list[CallableUnit]:
    """Departments over the place and property companies of its street, departments first, then by name. One query."""
    street = place_code[: LENGTHS["street"]]
    here = Q(kind="department", place_code__in=upwards(place_code))
    here |= Q(kind="property_company") & within("place_code", [street])
    serving = Appointment.objects.in_force().filter(
        unit=OuterRef("unit_id"), post__in=all_capabilities()[HANDLE]
    )
    rows = UnitVersion.objects.in_force().filter(here).annotate(staffed=Exists(serving))
    return [
        CallableUnit(row.unit_id, row.kind, row.name, row.staffed)
        for row in rows.order_by("kind", "pinyin", "unit_id")
    ]


def visible_whistles(actor: Actor, place_code: str = "") -> QuerySet[Matter]:
    """Whistles that exist for the actor, as matters."""
    rows: QuerySet[Matter] = policy_for(Matter).visible_to(actor).filter(kind="whistle")
    return rows.filter(at_places([place_code])) if place_code else rows


@dataclass(frozen=True)
class Called:
    """One running call as a board shows it."""

    unit_id: int
    name: str
    call: WhistleCall


@dataclass(frozen=True)
class OnBoard:
    """One whistle with its running calls, the lead first."""

    whistle: Whistle
    matter: Matter
    calls: tuple[Called, ...]


@dataclass(frozen=True)
class Board:
    """How many whistles stand in each stage, and the first of those shown, the oldest in its stage first."""

    counts: dict[str, int]
    rows: dict[str, list[OnBoard]]


def board(actor: Actor, place_code: str, stages: Sequence[str], most: int) -> Board:
    """At most `most` whistles of each stage asked for. Four queries, however many stages and whistles there are."""
    since = clock.now() - dt.timedelta(days=OVER_DAYS)
    rows = visible_whistles(actor, place_code).filter(Q(is_open=True) | Q(closed_at__gte=since))
    counts: dict[str, int] = defaultdict(int)
    for state, number in rows.order_by().values_list("state").annotate(Count("pk")):
        counts[stage_of(state)] += number
    wanted = [state.code for state in LAW.states if stage_of(state.code) in stages]
    ranked = rows.filter(state__in=wanted).annotate(
        rank=Window(RowNumber(), partition_by=F("state"), order_by=[F("state_since").asc(), F("pk").asc()])
    )
    shown = list(
        ranked.filter(rank__lte=most).defer("text", "sought", "bigrams").order_by("state_since", "pk")
    )
    found: dict[str, list[OnBoard]] = {stage: [] for stage in stages}
    for row in with_calls(shown):
        found[stage_of(row.matter.state)].append(row)
    found[OVER] = sorted(found.get(OVER, []), key=lambda row: row.matter.state_since, reverse=True)
    return Board(dict(counts), found)


def stage_of(state: str) -> str:
    """The stage of the board a state of the law stands in."""
    return OVER if LAW.is_over(state) else state


def with_calls(matters: Iterable[Matter]) -> list[OnBoard]:
    """Matters with their whistles and running calls. Three queries."""
    known = {matter.pk: matter for matter in matters}
    whistles = {row.pk: row for row in Whistle.objects.filter(pk__in=known)}
    calls = list(
        WhistleCall.objects.filter(whistle__in=known, released_at=None).order_by("-lead", "called_at", "pk")
    )
    names = last_names({call.unit_id for call in calls})
    by_whistle: dict[int, list[Called]] = defaultdict(list)
    for call in calls:
        by_whistle[call.whistle_id].append(Called(call.unit_id, names.get(call.unit_id, ""), call))
    return [OnBoard(whistles[pk], matter, tuple(by_whistle[pk])) for pk, matter in known.items()]


def own_calls(actor: Actor, most: int) -> tuple[list[WhistleCall], Counted]:
    """Calls of running whistles to units the actor serves in, what is owed next first; and how many there are."""
    units = handling_units(actor)
    rows = WhistleCall.objects.filter(
        unit__in=units, released_at=None, whistle__matter__is_open=True, graded_at=None
    )
    found = rows.select_related("whistle__matter").order_by(OWED, "pk")
    return list(found[:most]), count_of(rows)


def calls_of(whistle: Whistle) -> list[Called]:
    """Every call of a whistle, released ones last. Two queries."""
    rows = list(
        whistle.calls.select_related("arrived_by").order_by(
            F("released_at").asc(nulls_first=True), "-lead", "called_at", "pk"
        )
    )
    names = last_names({row.unit_id for row in rows})
    return [Called(row.unit_id, names.get(row.unit_id, ""), row) for row in rows]


def sees_both_sides(actor: Actor, matter: Matter) -> bool:
    """Reads what the street said of every department; a department reads what was said of itself."""
    return actor.holds(VIEW, matter.place_code)


def waiting_whistles(actor: Actor, capability: str, states: Sequence[str]) -> QuerySet[Any]:
    """Whistles in these states that wait for whoever holds the capability over their place."""
    return Matter.objects.filter(
        at_places(actor.places_for(capability)), kind="whistle", is_open=True, state__in=states
    ).order_by("state_since", "pk")

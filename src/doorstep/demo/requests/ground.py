"""The district as the stories meet it: who stood where on a day, read from the records in a few queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import NamedTuple

from django.db.models import Q

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.requests.models import EventItem, RoutingRule
from doorstep.modules.requests.rules import most_specific

from .residents import FAMILIES

DISTRICT = "210202"


class Serving(NamedTuple):
    """Somebody in a unit, from a day to another (None: still)."""

    person_id: int
    unit_id: int
    since: dt.date
    until: dt.date | None

    def on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class Spot(NamedTuple):
    place_code: str
    address: str
    longitude: float
    latitude: float


@dataclass
class Ground:
    """All that stories need of one district. Built once for a run; nothing is asked of the database afterwards."""

    today: dt.date
    spots: dict[str, list[Spot]] = field(default_factory=lambda: defaultdict(list))
    units: dict[tuple[str, str], int] = field(default_factory=dict)  # (kind, place) → unit
    names: dict[int, str] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    serving: dict[tuple[str, str], list[Serving]] = field(default_factory=lambda: defaultdict(list))
    residents: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, EventItem] = field(default_factory=dict)
    rules: list[RoutingRule] = field(default_factory=list)
    _routes: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, today: dt.date) -> Ground:
        """As the records stand, in the order of codes and numbers, so that chance finds the same on every machine."""
        ground = cls(today)
        inside = within("place_code", [DISTRICT])
        for row in Building.objects.filter(inside).order_by("place_code", "pk"):
            ground.spots[row.place_code].append(
                Spot(row.place_code, row.address or row.name, row.longitude, row.latitude)
            )
        for unit in UnitVersion.objects.in_force(today).filter(inside).order_by("unit_id"):
            ground.units.setdefault((unit.kind, unit.place_code), unit.unit_id)
            ground.names[unit.unit_id] = unit.name
            if unit.kind == "department":
                ground.departments[unit.name] = unit.unit_id
        posts = (
            "grid_worker", "community_worker", "residents_committee_chair", "street_officer", "district_officer",
            "department_officer", "property_manager",
        )  # fmt: skip
        rows = Appointment.objects.filter(Q(post__in=posts), inside).order_by("pk")
        for held in rows.prefetch_related("places"):
            who = Serving(held.person_id, held.unit_id, held.valid_from, held.valid_to)
            for code in [place.code for place in held.places.all()] or [held.place_code]:
                ground.serving[held.post, code].append(who)
            ground.serving[held.post, str(held.unit_id)].append(who)
        named = Q(name__startswith=FAMILIES[0]) | Q(name__startswith=FAMILIES[1])
        for person_id, code in (
            Person.objects.filter(named, inside).order_by("pk").values_list("pk", "place_code")
        ):
            ground.residents[code].append(person_id)
        ground.items = {item.code: item for item in EventItem.objects.in_force(today) if not item.elsewhere}
        ground.rules = list(RoutingRule.objects.in_force(today).filter(place_code=DISTRICT).order_by("pk"))
        return ground

    def who(self, post: str, where: str, day: dt.date) -> Serving | None:
        """Somebody in that post at a place or unit on a day: the first in office."""
        return next((one for one in self.serving.get((post, where), ()) if one.on(day)), None)

    def all(self, post: str, where: str, day: dt.date) -> list[Serving]:
        return [one for one in self.serving.get((post, where), ()) if one.on(day)]

    @cached_property
    def weighted_grids(self) -> tuple[list[str], list[float]]:
        """Grids with how much is reported there: communities differ, and so do their grids."""
        grids = sorted(self.spots)
        of_community = {code[:12]: Random(f"load {code[:12]}").lognormvariate(0, 0.35) for code in grids}
        return grids, [
            of_community[code[:12]] * Random(f"load {code}").lognormvariate(0, 0.4) for code in grids
        ]

    def route(self, place_code: str, item: EventItem) -> tuple[int, str]:
        """The desk that receives an item first, and why, in the words of the live path."""
        community = place_code[:12]
        if (found := self._routes.get((community, item.code))) is None:
            rule = most_specific(
                self.rules,
                place_code=place_code,
                event_class=item.event_class,
                item=item.code,
                urgency=item.urgency,
            )
            kind = rule.unit_kind if rule else "residents_committee"
            unit = self.units[kind, community if kind == "residents_committee" else community[:9]]
            words = f"{item.name} → {self.names[unit]}：{rule.reason}（规则 {rule.pk}）" if rule else ""
            found = self._routes[community, item.code] = (unit, words)
        return found

    def department_for(self, item: str, others: Sequence[str] = ()) -> int:
        """The department that answers for an item."""
        for start, name in BUSINESS:
            if item.startswith(start) and name not in others:
                return self.departments[name]
        return self.departments["区城市管理局"]


BUSINESS = (
    ("env.road", "区住房和城市建设局"), ("env.manhole", "区住房和城市建设局"), ("env.", "区城市管理局"),
    ("safe.lift", "区市场监督管理局"), ("safe.illegalbuilding", "区城市管理局"), ("safe.building", "区住房和城市建设局"),
    ("safe.facade", "区住房和城市建设局"), ("safe.", "区应急管理局"), ("sec.", "区委政法委"), ("disp.property", "区住房和城市建设局"),
    ("disp.owners", "区住房和城市建设局"), ("disp.consumer", "区市场监督管理局"), ("disp.wages", "区人力资源和社会保障局"),
    ("disp.", "区司法局"), ("live.benefits", "区民政局"), ("live.medical", "区医疗保障局"), ("live.school", "区教育局"),
    ("live.job", "区人力资源和社会保障局"), ("live.meal", "区民政局"), ("live.", "区住房和城市建设局"), ("care.veteran", "区退役军人事务局"),
    ("care.mental", "区卫生健康局"), ("care.", "区民政局"), ("emer.", "区应急管理局"), ("op.service", "区委组织部"),
)  # fmt: skip

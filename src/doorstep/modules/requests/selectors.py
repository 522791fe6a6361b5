"""Reading for intake: the list in force, the numbers of the rules, who receives, what was reported nearby already."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import all_capabilities
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.matters.rules import bigrams_of, sought_of
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.places.positions import METRES_PER_DEGREE, metres_between
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.requests import rules
from doorstep.modules.requests.models import EventItem, Request, RoutingFault, RoutingRule, RuleValue
from doorstep.modules.requests.states import DISPATCH, ITEM_CHANGED, VIEW
from doorstep.modules.requests.suggestion import Model, Suggestion, own_model, suggest

OTHER = "other"
# Who receives first where nobody else is named, from the place up; and the next desk above each.
DESKS = (
    "residents_committee",
    "street_office",
    "street_working_committee",
    "district_government",
    "district_committee",
)
LEVELS_UP: dict[str, tuple[str, ...]] = {
    "residents_committee": ("street_office", "street_working_committee"),
    "street_office": ("district_government", "district_committee"),
    "street_working_committee": ("district_government", "district_committee"),
}
MOST_NEARBY = 5
MOST_COMPARED = 200


def upwards(place_code: str) -> list[str]:
    """The place and every place it lies in, the narrowest first; the nation's empty code last."""
    return [
        place_code[:length] for length in sorted(LENGTHS.values(), reverse=True) if length <= len(place_code)
    ]


def rule_values(on: dt.date | None = None) -> dict[str, Any]:
    """The numbers of the rules on a day (default today). One small query."""
    return dict(_rule_values(on or clock.today()))


_rule_values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "requests_rulevalue"
)
_items = Kept(lambda day: list(EventItem.objects.in_force(day).order_by("pk")), "requests_eventitem")
_routing_rules = Kept(
    lambda day: list(RoutingRule.objects.in_force(day).order_by("pk")), "requests_routingrule"
)


def can_be_reopened(matter: Matter) -> bool:
    """Whether the term in which a closed request can be taken up again still runs."""
    return (
        matter.closed_at is None
        or matter.closed_at + dt.timedelta(days=rule_values()["reopen.days"]) >= clock.now()
    )


def items_at(place_code: str, on: dt.date | None = None) -> Any:
    """The list of items that holds at a place on a day."""
    return EventItem.objects.in_force(on).filter(place_code__in=upwards(place_code))


def item_named(place_code: str, code: str, on: dt.date | None = None) -> EventItem:
    """The item of that code on the list of a day (default today). Raises RuleViolation at the field "item"."""
    found: EventItem | None = items_at(place_code, on).filter(code=code).first()
    if found is None:
        raise RuleViolation(_("事项目录里没有这一项，请重新选择。"), field="item")
    return found


def places_to_move_to(actor: Actor, near: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where the actor may say a request lies: communities to dispatch in, those of the same street with their grids.

    As groups of choices, one a community: (its name, [(code, name), …]). Two queries.
    """
    reach = within("code", actor.places_for(DISPATCH))
    areas = Area.objects.filter(reach, level="community", ended_on=None).order_by("code")
    grids: dict[str, list[tuple[str, str]]] = defaultdict(list)
    street = within("code", [near[: LENGTHS["street"]]])
    for code, name in (
        Grid.objects.in_force().filter(reach & street).order_by("code").values_list("code", "name")
    ):
        grids[code[: LENGTHS["community"]]].append((code, name))
    names = dict(areas.values_list("code", "name"))
    return [
        (names.get(code, ""), [*([(code, names[code])] if code in names else []), *grids[code]])
        for code in sorted({*names, *grids})
    ]


def suggest_items(text: str, place_code: str, most: int = 3) -> list[tuple[EventItem, Suggestion]]:
    """The likeliest items of the list for these words, best first, each with the words that point to it. One small query."""
    known, model = _list_at(place_code, clock.today())
    return [(known[each.code], each) for each in suggest(text, model, most=most)]


def _read_list(place_code: str, day: dt.date) -> tuple[dict[str, EventItem], Model]:
    """The items by code, and their model: the same one for all places with the same list."""
    here = set(upwards(place_code))
    known = {item.code: item for item in _items(day) if item.place_code in here}
    return known, own_model({code: item.words for code, item in known.items()})


_list_at = Kept(_read_list, "requests_eventitem")


@dataclass(frozen=True)
class Route:
    """Where a report goes. `first`: the desk that answers for it at once; `target`: whom the rule names.

    `fault`: why the rule could not be followed; the desk then has it all the same.
    """

    first: UnitVersion | None
    target: UnitVersion | None
    rule: RoutingRule | None
    fault: str
    words: str

    @property
    def is_passed_on(self) -> bool:
        """The rule names a unit that is no desk: it is asked, and the desk answers until it accepts."""
        return self.target is not None and self.target.kind not in DESKS and self.target != self.first


def route_for(place_code: str, item: EventItem | None, urgency: str, on: dt.date | None = None) -> Route:
    """Who receives a report, and why. Two small queries the first time, then none but whether it still is so."""
    return _route(place_code, item, urgency, on or clock.today(), get_language())


def _read_route(
    place_code: str, item: EventItem | None, urgency: str, day: dt.date, _language: str | None
) -> Route:
    event_class, code = (item.event_class, item.code) if item else (OTHER, "")
    rule = rules.most_specific(
        _routing_rules(day), place_code=place_code, event_class=event_class, item=code, urgency=urgency
    )
    kinds = (*DESKS, rule.unit_kind) if rule and rule.unit_kind else DESKS
    units = _units_over(place_code, tuple(kinds), rule.unit_id if rule else None, day)
    first = _nearest([unit for unit in units if unit.kind in DESKS])
    if rule is None:
        return Route(first, None, None, RoutingFault.NO_RULE, _why_not(item, first, _("没有适用的派办规则")))
    if rule.unit_id:
        target = next((unit for unit in units if unit.unit_id == rule.unit_id), None)
    else:
        target = _nearest([unit for unit in units if unit.kind == rule.unit_kind])
    if target is None:
        return Route(
            first, None, rule, RoutingFault.NO_UNIT, _why_not(item, first, _("规则指向的单位不在册"))
        )
    answering = target if target.kind in DESKS or first is None else first
    return Route(answering, target, rule, "", _why(item, target, rule))


# its words are in the reader's language
_route = Kept(_read_route, "requests_eventitem", "requests_routingrule", "organisations_unitversion")


def _read_units(
    place_code: str, kinds: tuple[str, ...], unit_id: int | None, day: dt.date
) -> list[UnitVersion]:
    over = Q(kind__in=kinds, place_code__in=upwards(place_code))
    named = Q(unit_id=unit_id) if unit_id else Q(pk__in=[])
    return list(UnitVersion.objects.in_force(day).filter(over | named).order_by("unit_id"))


_units_over = Kept(_read_units, "organisations_unitversion")


def _nearest(units: Sequence[UnitVersion]) -> UnitVersion | None:
    """The unit of the narrowest place; of the same place the desk named first in DESKS, then the older."""
    order = {kind: number for number, kind in enumerate(DESKS)}
    return min(
        units, key=lambda unit: (-len(unit.place_code), order.get(unit.kind, 0), unit.unit_id), default=None
    )


def _why(item: EventItem | None, target: UnitVersion, rule: RoutingRule) -> str:
    subject = item.name if item else _("事项未定")
    return _("{subject} → {unit}：{reason}（规则 {number}）").format(
        subject=subject, unit=target.name, reason=rule.reason, number=rule.pk
    )


def _why_not(item: EventItem | None, first: UnitVersion | None, reason: str) -> str:
    subject = item.name if item else _("事项未定")
    if first is None:
        return _("{subject}：{reason}，也没有在册的受理单位；已记入派办故障。").format(
            subject=subject, reason=reason
        )
    return _("{subject} → {unit}：{reason}，由就近单位先接；已记入派办故障。").format(
        subject=subject, unit=first.name, reason=reason
    )


@dataclass(frozen=True)
class Renamed:
    """What a request is now, after somebody named its item anew. `unit_id`: to whom the rules lead for that, where it is
    open and another has it."""

    words: str
    unit_id: int | None = None


def request_of(matter: Matter) -> Request | None:
    """The request of a matter with its item, and whether somebody named that anew (`is_renamed`). One query."""
    again = History.objects.filter(matter=OuterRef("pk"), name=ITEM_CHANGED.name)
    rows = Request.objects.filter(pk=matter.pk).select_related("item")
    return rows.annotate(is_renamed=Exists(again)).first()


def renamed(matter: Matter, item: EventItem) -> Renamed:
    """What to say of a request whose item was named anew. Two queries."""
    now = _("事项后来改定为“{item}”").format(item=item.name)
    route = route_for(matter.place_code, item, matter.urgency)
    unit = route.target or route.first
    if not matter.is_open or unit is None or unit.unit_id in (matter.holder_id, matter.asked_id):
        return Renamed(_("{now}。").format(now=now))
    reason = route.rule.reason if route.rule else _("没有适用的派办规则")
    words = _("{now}，按规则应由{unit}接（{reason}）；是否改派由派办人决定。")
    return Renamed(words.format(now=now, unit=unit.name, reason=reason), unit.unit_id)


def desk_above(unit_id: int, place_code: str, on: dt.date | None = None) -> UnitVersion | None:
    """The desk one level above a unit, over the place: one with somebody in office goes before an empty one.

    For a unit that is no desk (a department, a company) the street's. Two queries.
    """
    day = on or clock.today()
    own = UnitVersion.objects.in_force(day).filter(unit_id=unit_id).first()
    if own is None:
        return None
    kinds = LEVELS_UP.get(own.kind)
    if kinds is None:
        kinds = () if own.kind in DESKS else LEVELS_UP["residents_committee"]
    serving = Appointment.objects.in_force(day).filter(
        unit=OuterRef("unit_id"), post__in=all_capabilities()[HANDLE]
    )
    rows = UnitVersion.objects.in_force(day).filter(kind__in=kinds, place_code__in=upwards(place_code))
    found = list(rows.annotate(staffed=Exists(serving)))
    order = {kind: number for number, kind in enumerate(kinds)}
    return min(
        found, key=lambda unit: (not unit.staffed, order[unit.kind], -len(unit.place_code)), default=None
    )


@dataclass(frozen=True)
class Nearby:
    """Something reported already that may be the same. `metres` is None where it is only known to be in the grid.

    `title` is empty where the reader may not read it: then the item's name, the day and the state say enough.
    """

    matter_id: int
    number: str
    item_name: str
    title: str
    state_name: str
    opened_on: dt.date
    metres: int | None
    same_item: bool


def likely_duplicates(
    actor: Actor, *, place_code: str, text: str, item_code: str = "", longitude: float | None = None,
    latitude: float | None = None,
) -> list[Nearby]:  # fmt: skip
    """Open requests of the last days nearby, of the same item or in similar words; the likeliest first.

    Nearby: the same grid, or within some metres of the position; without either nothing is offered. Sealed ones never
    are. Three queries.
    """
    values = rule_values()
    reach, least = values["duplicates.metres"], values["duplicates.likeness"]
    since = clock.now() - dt.timedelta(days=values["duplicates.days"])
    pairs = bigrams_of(sought_of(text))
    has_position = longitude is not None and latitude is not None
    if len(place_code) < LENGTHS["community"] or not (has_position or len(place_code) == LENGTHS["grid"]):
        return []
    rows = Matter.objects.filter(kind="request", is_open=True, opened_at__gte=since).exclude(
        confidentiality=Matter.SEALED
    )
    street = place_code[: LENGTHS["street"]]
    rows = rows.filter(street_code=street) if has_position else rows.filter(place_code=place_code)
    if has_position:
        rows = rows.filter(Q(place_code=place_code) | _box(longitude, latitude, reach))
    rows = rows.filter(
        Q(item=item_code) | Q(bigrams__overlap=pairs) if item_code else Q(bigrams__overlap=pairs)
    )
    names = dict(items_at(place_code).values_list("code", "name"))
    found = []
    for row in rows.order_by("-id")[:MOST_COMPARED]:
        metres = _metres(row, longitude, latitude)
        if row.place_code != place_code and (metres is None or metres > reach):
            continue
        alike = rules.likeness(pairs, row.bigrams)
        same = bool(item_code) and row.item == item_code
        if same or alike >= least:
            found.append((same, alike, -(metres or 0), row.pk, _nearby(actor, row, metres, same, names)))
    return [each[-1] for each in sorted(found, key=lambda each: each[:4], reverse=True)[:MOST_NEARBY]]


def _box(longitude: float | None, latitude: float | None, metres: float) -> Q:
    assert longitude is not None and latitude is not None
    high = metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(latitude)), 0.01)
    return Q(
        longitude__range=(longitude - wide, longitude + wide), latitude__range=(latitude - high, latitude + high)
    )  # fmt: skip


def _metres(row: Matter, longitude: float | None, latitude: float | None) -> float | None:
    if longitude is None or latitude is None or row.longitude is None or row.latitude is None:
        return None
    return metres_between((longitude, latitude), (row.longitude, row.latitude))


def _nearby(actor: Actor, row: Matter, metres: float | None, same: bool, names: dict[str, str]) -> Nearby:
    readable = row.confidentiality == Matter.OPEN or actor.holds(VIEW, row.place_code)
    return Nearby(
        matter_id=row.pk, number=row.number, item_name=names.get(row.item, ""), title=row.title if readable else "",
        state_name=str(row.state_name), opened_on=clock.day_of(row.opened_at),
        metres=None if metres is None else round(metres / 10) * 10, same_item=same,
    )  # fmt: skip


__all__ = [
    "Nearby", "Route", "desk_above", "item_named", "items_at", "likely_duplicates", "route_for", "rule_values",
    "suggest_items", "upwards",
]  # fmt: skip

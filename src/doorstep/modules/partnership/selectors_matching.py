"""What would meet a need: resources ranked with the reason for each, the nearest miss and what it lacks; and for all open
needs of a community at once, who gets what so that the most are met over the fewest metres.

The offer is read once and kept until somebody changes it (`_offered`); one need more costs some arithmetic and a query for
what is shown.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Booking, Need, Resource, ResourceArea
from doorstep.modules.partnership.numbers_lists import FARTHEST, SHOWN, class_names, list_number
from doorstep.modules.partnership.places_lists import above, plane, same_community
from doorstep.modules.partnership.wording_lists import price_words, times_words

if TYPE_CHECKING:
    from doorstep.planning.matching import Instance, Met, Missed
    from doorstep.planning.ranking import Pool, Ranked, Wish

AHEAD = dt.timedelta(days=90)  # how far a need without days is looked ahead
MOST_NEEDS = 200  # at once in one request; a district has a few dozen that wait
LACKING_WORDS = {
    "kind": gettext_lazy("不是这一类"), "area": gettext_lazy("不服务这个社区"), "time": gettext_lazy("时间对不上"),
    "far": gettext_lazy("太远"), "full": gettext_lazy("那段时间已约满"),
}  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """Everything on the list on a day, as the ranking reads it: by place in the pool, the resource's number and capacity."""

    pool: Pool | None
    ids: tuple[int, ...]
    capacity: tuple[int, ...]
    kinds: dict[str, int]


@dataclass(frozen=True)
class Suggestion:
    """A resource for a need: how far where both positions were told, else whether it is of the same community; what it lacks (nothing:
    it fits), and why in words."""

    resource: Resource
    unit: str
    metres: int | None
    beside: bool = False
    lacks: tuple[str, ...] = ()
    free: int = 0

    @property
    def fits(self) -> bool:
        return not self.lacks

    @property
    def price(self) -> str:
        return price_words(self.resource)

    @property
    def times(self) -> str:
        return times_words(self.resource.weekdays, self.resource.opens, self.resource.closes)

    @property
    def reason(self) -> str:
        """Class, distance, time, room: in one line."""
        kind = class_names().get(self.resource.resource_class, self.resource.resource_class)
        parts = [kind]
        if self.metres is not None:
            parts.append(_("距离 %d 米") % self.metres)
        elif self.beside:
            parts.append(_("同一社区"))
        parts.append(self.times)
        if self.lacks:
            parts.append(_("差在：%s") % _("、").join(str(LACKING_WORDS[name]) for name in self.lacks))
        elif self.resource.capacity > 1:
            parts.append(_("同时还可供 %d 处") % self.free)
        return " · ".join(parts)


@dataclass(frozen=True)
class Suggestions:
    """For one need: those that fit, the nearest first; where none does, what comes nearest (`miss`)."""

    fitting: tuple[Suggestion, ...] = ()
    miss: Suggestion | None = None


@dataclass
class Shared:
    """For one of several needs at once: the resource that is best for all together; where another is nearer, who has it and how
    many metres more all would walk; or what comes nearest."""

    need: Need
    got: Suggestion | None = None
    nearer: list[str] = field(default_factory=list)
    miss: Suggestion | None = None


def suggestions_for(need: Need, most: int | None = None) -> Suggestions:
    """Whoever may see the need may see what is offered: the list of resources is published. Four queries at most."""
    from doorstep.planning.ranking import rank

    offered = _offered(clock.today())
    wish = wish_of(need, offered)
    shown = most or list_number(SHOWN)
    if offered.pool is None or wish is None:
        return Suggestions()
    ranked = rank(offered.pool, wish, shown * 2)
    rows = _resources(offered.ids[one.resource] for one in ranked)
    taken = _most_taken(rows, need)
    found = [
        _suggested(
            need, rows[pk], one.metres, _lacks(one.lacks, rows[pk], taken), max(rows[pk].capacity - taken.get(pk, 0), 0)
        )
        for one in ranked
        if (pk := offered.ids[one.resource]) in rows
    ]  # fmt: skip
    fitting = tuple(one for one in found if one.fits)[:shown]
    miss = None if fitting or not found else found[0]
    return Suggestions(fitting, miss)


def _suggested(
    need: Need, row: Resource, metres: float | None, lacks: tuple[str, ...] = (), free: int = 0
) -> Suggestion:
    told = need.located and row.located and metres is not None
    return Suggestion(
        row, row.unit_name, round(metres) if told and metres is not None else None,
        same_community(row.place_code, need.matter.place_code), lacks, free,
    )  # fmt: skip


def _lacks(lacks: Sequence[str], row: Resource, taken: dict[int, int]) -> tuple[str, ...]:
    full = taken.get(row.pk, 0) >= row.capacity
    return (*lacks, "full") if full else tuple(lacks)


def shared_out(actor: Actor, place_code: str) -> list[Shared]:
    """The published needs of a place that wait for a unit, at most MOST_NEEDS, those that wait longest; with what is best for all
    of them together.

    The most needs are met, and of those the fewest metres walked; one capacity is one need. Exact (planning.match).
    """
    from doorstep.planning.matching import Met, explain, match

    rows = (
        policy_for(Need)
        .visible_to(actor)
        .filter(within("matter__place_code", [place_code]), matter__state__in=("published", "claimed"))
    )
    needs = list(rows.select_related("matter").order_by("published_on", "pk")[:MOST_NEEDS])
    offered = _offered(clock.today())
    if not needs or offered.pool is None:
        return [Shared(need) for need in needs]
    instance, misses = _instance(needs, offered)
    matching = match(instance)
    told = [explain(matching, at) for at in range(len(needs))]
    wanted = {one.resource for one in told if isinstance(one, Met)} | {
        miss.resource for miss in misses.values()
    }
    wanted |= {one.nearest for one in told if not isinstance(one, Met) and one.nearest is not None}
    wanted |= {name for one in told if isinstance(one, Met) for name, _who, _more in one.nearer}
    named, by_number = _resources(int(pk) for pk in wanted), {need.pk: need for need in needs}
    return [
        _shared(need, one, misses.get(at), named, by_number)
        for at, (need, one) in enumerate(zip(needs, told, strict=True))
    ]


def _instance(needs: Sequence[Need], offered: Offered) -> tuple[Instance, dict[int, Ranked]]:
    """Who could have what at which distance; and for a need (by its place) that nothing fits, what lacks least."""
    import numpy as np

    from doorstep.planning.matching import Instance, Market
    from doorstep.planning.ranking import all_that_fit, rank

    assert offered.pool is not None
    heads, costs, starts = [], [], [0]
    misses: dict[int, Ranked] = {}
    for at, need in enumerate(needs):
        wish = wish_of(need, offered)
        fits, away = all_that_fit(offered.pool, wish) if wish else (np.zeros(0, np.int64), np.zeros(0))
        heads.append(fits)
        costs.append(np.rint(away * 100).astype(np.int64))
        starts.append(starts[-1] + len(fits))
        if wish and not len(fits):
            nearest = rank(offered.pool, wish, 1)[0]
            misses[at] = replace(nearest, resource=offered.ids[nearest.resource])
    market = Market(
        np.array(starts, np.int64), np.concatenate(heads), np.concatenate(costs),
        np.array(offered.capacity, np.int64), np.ones(len(needs), np.int64),
    )  # fmt: skip
    return Instance([need.pk for need in needs], list(offered.ids), market, None), misses


def _shared(
    need: Need, told: Met | Missed, miss: Ranked | None, named: dict[int, Resource], needs: dict[int, Need]
) -> Shared:
    """What one of them gets, or what comes nearest."""
    from doorstep.planning.matching import Met

    if isinstance(told, Met):
        row = named.get(int(told.resource))
        if row is None:
            return Shared(need)
        got = _suggested(need, row, told.metres, free=row.capacity)
        return Shared(need, got, _nearer(need, told.nearer, named, needs))
    if miss is not None and miss.resource in named:
        return Shared(need, miss=_suggested(need, named[miss.resource], miss.metres, miss.lacks))
    if told.nearest in named:
        row = named[int(told.nearest)]
        return Shared(need, miss=_suggested(need, row, told.metres, ("full",)))
    return Shared(need)


def _nearer(
    need: Need, nearer: Iterable[tuple[Any, tuple[Any, ...], float]], named: dict[int, Resource], needs: dict[int, Need]
) -> list[str]:  # fmt: skip
    """What is nearer and was given to another need, and what changing it would cost; nothing of what has no told position."""
    words = []
    for name, who, more in nearer:
        row, other = named.get(int(name)), needs.get(int(who[0])) if who else None
        if row is None or other is None or not (need.located and row.located and other.located):
            continue
        told = {"name": row.name, "other": other.headline, "metres": round(more)}
        words.append(_("“%(name)s”更近，但给了“%(other)s”；换过来大家一共要多走 %(metres)d 米") % told)
    return words


def wish_of(need: Need, offered: Offered) -> Wish | None:
    """The need as the ranking reads it; None where it has no position."""
    from doorstep.planning.ranking import Wish

    matter = need.matter
    if matter.longitude is None or matter.latitude is None:
        return None
    today = clock.today()
    since = max(need.since or today, today)
    until = need.until or since + AHEAD
    return Wish(
        xy=plane(matter.longitude, matter.latitude), kind=offered.kinds.get(need.resource_class, -1),
        weekdays=need.weekdays & rules.days_between(since, max(since, until)), opens=need.opens, closes=need.closes,
        since=since.toordinal(), until=max(since, until).toordinal(), minutes=need.minutes_needed,
        areas=tuple(int(code) for code in above(matter.place_code)), farthest=float(list_number(FARTHEST)),
    )  # fmt: skip


def _read_offered(day: dt.date) -> Offered:
    """What units with an agreement in force offer, each where it is agreed on."""
    from doorstep.planning.ranking import pool_of

    agreed: dict[int, set[str]] = defaultdict(set)
    for unit_id, place in Agreement.objects.in_force(day).values_list("unit_id", "place_code"):
        agreed[unit_id].add(place)
    rows = list(
        Resource.objects.in_force(day)
        .filter(unit_id__in=agreed)
        .order_by("pk")
        .values_list(
            "pk", "resource_class", "longitude", "latitude", "weekdays", "opens", "closes", "valid_from", "valid_to", "capacity",
        )
    )  # fmt: skip
    if not rows:
        return Offered(None, (), (), {})
    kinds = {code: number for number, code in enumerate(sorted({row[1] for row in rows}))}
    at = {row[0]: place for place, row in enumerate(rows)}
    areas = [
        (at[pk], int(code))
        for pk, unit_id, area in ResourceArea.objects.values_list("resource_id", "resource__unit_id", "code")
        if pk in at
        for code in rules.common(area, agreed[unit_id])
    ]
    pool = pool_of(
        [
            (
                kinds[kind], *plane(east, north), weekdays, opens, closes, since.toordinal(),
                until.toordinal() - 1 if until else dt.date.max.toordinal(),
            )
            for _pk, kind, east, north, weekdays, opens, closes, since, until, _capacity in rows
        ],
        areas,
    )  # fmt: skip
    return Offered(pool, tuple(row[0] for row in rows), tuple(row[9] for row in rows), kinds)


_offered = Kept(_read_offered, "partnership_resource", "partnership_resourcearea", "partnership_agreement")


def _resources(ids: Iterable[int]) -> dict[int, Resource]:
    """By number, with the name of the unit. Two queries."""
    rows = {row.pk: row for row in Resource.objects.filter(pk__in=list(ids))}
    names = last_names({row.unit_id for row in rows.values()})
    for row in rows.values():
        row.unit_name = names.get(row.unit_id, "")
    return rows


def _most_taken(rows: dict[int, Resource], need: Need) -> dict[int, int]:
    """How many seats of each are in use all through the need's days, as far as those are told: by bookings that hold the
    whole of it."""
    if need.since is None or need.until is None:
        return {}
    begins = dt.datetime.combine(need.since, dt.time(), clock.DISTRICT_ZONE)
    ends = dt.datetime.combine(need.until, dt.time(), clock.DISTRICT_ZONE) + rules.DAY
    taken: dict[int, set[int]] = defaultdict(set)
    booked = Booking.objects.filter(resource__in=list(rows), released_at=None)
    if need.since == need.until:  # one day: whatever lies across its hours is in the way
        opens = begins + dt.timedelta(minutes=need.opens)
        closes = begins + dt.timedelta(minutes=need.closes)
        booked = booked.filter(starts_at__lt=closes, ends_at__gt=opens)
    else:
        booked = booked.filter(starts_at__lte=begins, ends_at__gte=ends)
    for resource, seat in booked.values_list("resource_id", "seat"):
        taken[resource].add(seat)
    return {resource: len(seats) for resource, seats in taken.items()}

"""How many full members live in each building: what was counted, and where nobody counted, an estimate out of the branch's count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain.models import BuildingMembers, MemberHousehold
from doorstep.modules.chain.selectors import counts_of


class Home(Protocol):
    """A building as it is asked for: its branch and its households."""

    @property
    def id(self) -> int: ...
    @property
    def branch(self) -> int: ...
    @property
    def households(self) -> int: ...


@dataclass(frozen=True)
class Counted:
    """Full members of one building; estimated: shared out, not counted."""

    full: int
    estimated: bool


def newest_counts(actor: Actor, on: dt.date) -> QuerySet[BuildingMembers]:
    """Each building's last count on or before the day, for who may see it."""
    newer = BuildingMembers.objects.filter(
        building=OuterRef("building"), counted_on__gt=OuterRef("counted_on"), counted_on__lte=on
    )
    rows: QuerySet[BuildingMembers] = policy_for(BuildingMembers).visible_to(actor)
    return rows.filter(~Exists(newer), counted_on__lte=on)


def counts_on(buildings: Sequence[int], on: dt.date) -> dict[int, BuildingMembers]:
    """Building → its last count on or before the day. One statement."""
    rows = BuildingMembers.objects.filter(building__in=buildings, counted_on__lte=on)
    return {
        row.building_id: row for row in rows.order_by("building_id", "-counted_on").distinct("building_id")
    }


def members_of(houses: Sequence[Home], on: dt.date) -> list[Counted]:
    """Full members of each building, in order. Three statements. Raises RuleViolation for a branch of which nothing is known.

    What is not counted is what the branch's last count has beyond its counted buildings, shared out by households, or by
    member households where no households are registered; largest remainders first.
    """
    counted = counts_on([house.id for house in houses], on)
    by_branch: dict[int, list[Home]] = {}
    for house in houses:
        by_branch.setdefault(house.branch, []).append(house)
    known = {branch: count.full for branch, count in counts_of(by_branch, on).items()}
    missing = [house.id for house in houses if house.id not in counted]
    designated = _member_households(missing, on)
    found: dict[int, Counted] = {pk: Counted(row.full, False) for pk, row in counted.items()}
    for branch, homes in by_branch.items():
        open_ones = [house for house in homes if house.id not in counted]
        if branch not in known and len(open_ones) == len(homes):
            raise RuleViolation(
                _("有党支部还没有登记党员人数，楼栋也没有登记，请先登记。"), field="place_code"
            )
        rest = known.get(branch, 0) - sum(found[house.id].full for house in homes if house.id in counted)
        weights = [house.households for house in open_ones]
        if not any(weights):
            weights = [designated.get(house.id, 0) for house in open_ones]
        shares = shared_out(max(0, rest), weights)
        for house, share in zip(open_ones, shares, strict=True):
            found[house.id] = Counted(share, True)
    return [found[house.id] for house in houses]


def _member_households(buildings: Sequence[int], on: dt.date) -> dict[int, int]:
    rows = MemberHousehold.objects.in_force(on).filter(building__in=buildings)
    return dict(
        rows.order_by().values("building").annotate(count=Count("pk")).values_list("building", "count")
    )


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole numbers by weights (all alike where none has any), largest remainders first, of equals the earlier."""
    if not weights:
        return []
    shares = list(weights) if any(weights) else [1] * len(weights)
    whole = sum(shares)
    found = [total * one // whole for one in shares]
    order = sorted(range(len(shares)), key=lambda at: (-(total * shares[at] % whole), at))
    for at in order[: total - sum(found)]:
        found[at] += 1
    return found

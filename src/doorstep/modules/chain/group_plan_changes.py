"""What a plan of building groups changes for whom on its day: the act itself, taken back; once it took effect, as it was told then."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Building
from doorstep.kernel.proposals.rows import as_tried
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.chain.group_plan_layout import put_into_effect
from doorstep.modules.chain.models import GroupPlan, MemberHousehold
from doorstep.modules.chain.redrawing import RedrawnGroups


@dataclass(frozen=True)
class ChangedGroup:
    """A group that begins, ends or goes on with other buildings. other: the group it came from or went into, "" for none."""

    unit: int
    name: str
    gained: int
    lost: int
    other: str
    leader: str


@dataclass(frozen=True)
class PassedOn:
    """Buildings that pass from one group to another; before: "" for buildings without a group."""

    before: str
    after: str
    buildings: list[str]
    households: int


@dataclass(frozen=True)
class GroupPlanChanges:
    """problem: the sentence with which the day would refuse it; then the rest is empty. buildings: that change their group;
    joining: that had none. leaving: post-holders whose appointment ends, with the group. without_leader: names of groups. households: member households that change their group."""

    effective_on: str
    document: str
    problem: str
    begun: list[ChangedGroup]
    ended: list[ChangedGroup]
    changed: list[ChangedGroup]
    moves: list[PassedOn]
    leaving: list[str]
    without_leader: list[str]
    buildings: int
    joining: int
    households: int

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


def changes(plan: GroupPlan) -> dict[str, Any]:
    """What changes for whom on the plan's day; the keys of `GroupPlanChanges`. Nothing stays written.

    A plan not sent yet is tried for today, without a document; groups too small are then let pass, since sending asks for the
    superior's document.
    """
    if plan.outcome is not None:
        return dict(plan.outcome)
    tried = as_tried(plan)
    tried.approval = plan.approval or _("待定")
    try:
        with transaction.atomic():
            found = told_of(put_into_effect(system_actor(gettext_noop("小组方案预览")), tried))
            transaction.set_rollback(True)
    except Refused as refused:
        return _none(tried, str(refused.message)).data
    return found.data


def _none(plan: GroupPlan, problem: str) -> GroupPlanChanges:
    day: dt.date | None = plan.effective_on
    return GroupPlanChanges(
        day.isoformat() if day else "", plan.document, problem, [], [], [], [], [], [], 0, 0, 0
    )


def told_of(done: RedrawnGroups) -> GroupPlanChanges:
    """A redrawing in words; called in its transaction, since new groups have no names outside it. Five statements."""
    names = _names({*done.units, *done.heirs, *(one for one in done.begun.values() if one)})
    houses = {
        row.pk: row
        for row in Building.objects.filter(pk__in=[move.building for move in done.moves]).select_related(
            "compound"
        )
    }
    gained = Counter(move.after for move in done.moves)
    lost = Counter(move.before for move in done.moves if move.before is not None)
    leaders = _leaders(done)

    def told(unit: int, other: int | None = None) -> ChangedGroup:
        return ChangedGroup(
            unit,
            names.get(unit, ""),
            gained[unit],
            lost[unit],
            names.get(other or 0, ""),
            leaders.get(unit, ""),
        )

    passing: dict[tuple[int | None, int], list[Building]] = {}
    for move in done.moves:
        passing.setdefault((move.before, move.after), []).append(houses[move.building])
    moved = MemberHousehold.objects.in_force(done.effective_on).filter(building__in=houses)
    return GroupPlanChanges(
        effective_on=done.effective_on.isoformat(), document=done.document, problem="",
        begun=[told(unit, giver) for unit, giver in sorted(done.begun.items())],
        ended=[told(unit, heir) for unit, heir in sorted(done.heirs.items())],
        changed=[told(unit) for unit in done.changed],
        moves=[
            PassedOn(
                names.get(before or 0, ""), names.get(after, ""), [one.called for one in rows],
                sum(one.households for one in rows),
            )
            for (before, after), rows in sorted(passing.items(), key=lambda one: (one[0][0] is None, one[0]))
        ],
        leaving=_posts(done.leaving), without_leader=[names.get(unit, "") for unit in done.without_leader],
        buildings=sum(lost.values()), joining=len(done.moves) - sum(lost.values()), households=moved.count(),
    )  # fmt: skip


def _names(units: set[int]) -> dict[int, str]:
    """The last name of each."""
    rows = UnitVersion.objects.filter(unit__in=units).order_by("unit_id", "valid_from")
    return dict(rows.values_list("unit_id", "name"))


def _leaders(done: RedrawnGroups) -> dict[int, str]:
    rows = Appointment.objects.in_force(done.effective_on).filter(unit__in=done.units, post="group_leader")
    return dict(rows.values_list("unit_id", "person__name"))


def _posts(appointments: list[int]) -> list[str]:
    rows = Appointment.objects.filter(pk__in=appointments).select_related("person").order_by("pk")
    return [f"{row.get_post_display()} {row.person.name}" for row in rows]

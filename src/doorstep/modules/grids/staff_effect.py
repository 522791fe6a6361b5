"""From a plan of workers to appointments: what is done on its day, and what it would change, tried and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services_rearranging import Rearranged, rearrange
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.proposals.services import Done
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.grids.models import StaffPlan, StandIn
from doorstep.modules.grids.staff_figures import held_by
from doorstep.modules.grids.staff_ground import COMMUNITY, grids_there, workers_there
from doorstep.modules.grids.staff_telling import tell_applied


@dataclass(frozen=True)
class ChangedWorker:
    """An appointment whose grids change: before, after are codes. appointment: of the plan, the day before."""

    appointment: int
    community: str
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class StaffChanges:
    """problem: the sentence with which the day would refuse it; then the rest is empty. matters: open ones handed over."""

    effective_on: str
    document: str
    problem: str
    changed: list[ChangedWorker]
    matters: int
    standing_in: int


def carry_out(actor: Actor, plan: StaffPlan) -> Done:
    """Give everybody the grids of the plan, in the caller's transaction. Raises Refused in words."""
    day = plan.effective_on
    assert day is not None, "a plan that was sent has its day"
    wanted = _wanted(plan)
    done = rearrange(actor=actor, wanted=wanted, effective_on=day, document=plan.document)
    _list_stand_ins(plan, done)
    told = _told(plan, wanted, done)
    changes: dict[str, Any] = {
        "effective_on": [None, day.isoformat()], "document": [None, plan.document],
        "appointments": [None, len(told.changed)], "matters": [None, done.passed],
    }  # fmt: skip
    return Done(asdict(told), changes, lambda: tell_applied(actor, plan, done))


def _wanted(plan: StaffPlan) -> dict[int, list[str]]:
    """By appointment its grids from the day on; what the plan does not speak of (dedicated grids) stays."""
    assert plan.current is not None and plan.effective_on is not None
    _refuse_grids(plan)
    workers = workers_there(plan.place_code, plan.effective_on)
    _refuse_workers(plan, workers)
    held = held_by(plan.current.holders)
    mine = set(plan.grids)
    found = {}
    for pk in plan.workers:
        before = plan.today[str(pk)]
        if before[0][:COMMUNITY] in plan.problems:
            continue
        after = [plan.grids[at] for at in held.get(pk, ())]
        if not after:
            raise RuleViolation(_("还有网格员没有网格，请先重新计算。"))
        found[pk] = sorted({*after, *(code for code in before if code not in mine)})
    return found


def _refuse_grids(plan: StaffPlan) -> None:
    """What changed among the grids since the plan was made."""
    assert plan.effective_on is not None
    there = set(grids_there(plan.place_code, plan.effective_on))
    changed = sorted(code for code in there ^ set(plan.grids) if code[:COMMUNITY] not in plan.problems)
    if changed:
        name = Grid.objects.filter(code=changed[0]).values_list("name", flat=True).first() or changed[0]
        words = (
            _("“%(name)s”是方案做好以后才有的网格，请重新做一个方案。") if changed[0] in there
            else _("“%(name)s”在方案做好以后撤销了，请重新做一个方案。")
        )  # fmt: skip
        raise RuleViolation(words % {"name": name})


def _refuse_workers(plan: StaffPlan, rows: Sequence[Appointment]) -> None:
    """Who came, left or was given other grids since the plan was made; told by their grids, since the sentence is kept."""
    there = {
        str(row.pk): sorted(place.code for place in row.places.all())
        for row in rows
        if row.place_code[:COMMUNITY] not in plan.problems
    }
    before = {key: codes for key, codes in plan.today.items() if codes[0][:COMMUNITY] not in plan.problems}
    changed = sorted(
        codes for key, codes in (before | there).items() if before.get(key) != codes or key not in there
    )
    if changed:
        names = Grid.objects.filter(code__in=changed[0]).order_by("code").values_list("name", flat=True)
        raise RuleViolation(
            _("管“%(grids)s”的网格员在方案做好以后有变动，请重新做一个方案。") % {"grids": "、".join(names)}
        )


def _list_stand_ins(plan: StaffPlan, done: Rearranged) -> None:
    """What is proposed from now on when somebody is on leave."""
    assert plan.current is not None

    def now(pk: int) -> int:
        return done.renewed[pk].pk if pk in done.renewed else pk

    StandIn.objects.bulk_create(
        StandIn(
            plan=plan, place_code=plan.today[key][0][:COMMUNITY], worker_id=now(int(key)), other_id=now(other)
        )
        for key, other in sorted(plan.current.stand_ins.items())
    )


def _told(plan: StaffPlan, wanted: dict[int, list[str]], done: Rearranged) -> StaffChanges:
    assert plan.current is not None and plan.effective_on is not None
    changed = [
        ChangedWorker(pk, plan.today[str(pk)][0][:COMMUNITY], plan.today[str(pk)], wanted[pk])
        for pk in wanted
        if pk in done.renewed
    ]
    changed.sort(key=lambda one: (one.community, one.after))  # by place, never by person
    standing_in = sum(pk not in wanted for pk in done.renewed)
    return StaffChanges(
        plan.effective_on.isoformat(), plan.document, "", changed, done.passed, standing_in
    )  # fmt: skip


def changes_of(plan: StaffPlan) -> dict[str, Any]:
    """What changes for whom on the plan's day, the keys of `StaffChanges`: the act itself, taken back; once it took effect, as it
    was told then. A plan not sent yet is tried for today."""
    if plan.outcome is not None:
        return dict(plan.outcome)
    day = max(plan.effective_on or clock.today(), clock.today())
    tried = StaffPlan(
        pk=plan.pk, place_code=plan.place_code, on=plan.on, grids=plan.grids, workers=plan.workers, today=plan.today,
        problems=plan.problems, current=plan.current, effective_on=day, document=plan.document or _("待定"),
    )  # fmt: skip
    try:
        with transaction.atomic():
            found = carry_out(system_actor(gettext_noop("网格员方案预览")), tried).outcome
            transaction.set_rollback(True)
    except Refused as refused:
        return asdict(StaffChanges(day.isoformat(), plan.document, str(refused.message), [], 0, 0))
    return found


def place_names(plan: StaffPlan) -> dict[str, str]:
    """Of the plan's place, communities and grids, by code. Two statements."""
    areas = {code[:COMMUNITY] for code in plan.grids} | {plan.place_code}
    codes = {*plan.grids, *(code for found in plan.today.values() for code in found)}
    names = dict(Area.objects.filter(code__in=areas).values_list("code", "name"))
    return names | dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))

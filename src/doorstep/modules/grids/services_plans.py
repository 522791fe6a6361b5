"""Plans of grids, from the first question to the job that answers it; moving, pins and undo: services_plan_edits; approval and
the day it takes effect: services_plan_approval. All are called from here."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places.models import Area, standing
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.proposals.rows import clean_title, locked, opened, touched
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan, PlannedGrid, PlanRemark, PlanVersion, RuleValue
from doorstep.modules.grids.plan_staffing import refuse_unstaffable, workers_of
from doorstep.modules.grids.services_plan_approval import PROCEDURE, choose_worker
from doorstep.modules.grids.services_plan_edits import draw_pin, move_buildings, remove_pin, rename_grid, undo

__all__ = [
    "PlanData", "apply_due", "approve_plan", "choose_worker", "create_plan", "draw_pin", "drop_plan", "move_buildings", "remark",
    "remove_pin", "rename_grid", "run_further", "send_back", "send_plan", "stop_run", "take_back", "undo",
]  # fmt: skip

apply_due, approve_plan, drop_plan = PROCEDURE.apply_due, PROCEDURE.approve_plan, PROCEDURE.drop_plan
send_back, send_plan, take_back = PROCEDURE.send_back, PROCEDURE.send_plan, PROCEDURE.take_back
LEVELS = ("county", "street", "community")
MOST_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class PlanData:
    """What somebody asks of a plan. asked: grids by community code; who is not named keeps today's number.

    weights: household, difficulty, building (ordinary households); what is missing is the number in force on `on`. price: what
    a household that changes its grid costs, 0 for a plan that need not look at today. None: the number in force. with_staff: drawn
    around the grid workers in office, who then have the grids of the plan.
    """

    place_code: str
    title: str
    asked: Mapping[str, int] = field(default_factory=dict)
    on: dt.date | None = None
    seconds: int | None = None
    seed: int | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    price: float | None = None
    with_staff: bool = False


@transaction.atomic
def create_plan(*, actor: Actor, data: PlanData) -> GridPlan:
    """Make a plan and ask for its computing. Raises Refused, naming the field, for what cannot be planned."""
    area = _area(actor, data.place_code)
    day = _day(data.on)
    title = clean_title(data.title)
    houses = instances.houses_of(area.code, day)
    if not houses:
        raise RuleViolation(_("这个地方还没有登记楼栋，先登记楼栋才能划分网格。"), field="place_code")
    numbers = _numbers(day)
    plan = GridPlan(
        place_code=area.code, title=title, on=day, asked=_asked(houses, data.asked),
        seconds=_seconds(data.seconds, numbers["plan.seconds"]),
        seed=secrets.randbelow(2**31) if data.seed is None else data.seed % 2**31,
        weights=_weights(data.weights, numbers, day), price=_price(data.price, numbers["plan.price"]),
        with_staff=data.with_staff, buildings=[house.id for house in houses], made_by=actor.account_id, made_at=clock.now(),
    )  # fmt: skip
    ground = instances.ground(houses, plan.asked, plan.weights, plan.price)
    plan.codes = list(ground.codes)
    if plan.with_staff:
        refuse_unstaffable(plan.asked, workers_of(area.code, plan.asked, day), ground.names)
    plan.save()
    PlannedGrid.objects.bulk_create(instances.planned_grids(plan, ground))
    plan.current = PlanVersion.objects.create(
        plan=plan, number=1, kind="today", labels=ground.today, figures=instances.figures_of(ground, ground.today),
        at=clock.now(), account_ref=actor.account_id,
    )  # fmt: skip
    plan.save(update_fields=["current"])
    changes = {
        "title": [None, title], "asked": [None, sum(plan.asked.values())], "buildings": [None, len(houses)],
        "seed": [None, plan.seed],
    }  # fmt: skip
    record(actor, Act("grids.plan_made", plan, plan.place_code, changes))
    _enqueue(plan)
    return plan


def _area(actor: Actor, code: str) -> Area:
    area = Area.objects.filter(standing(), code=code, level__in=LEVELS).first()
    if area is None:
        raise NotVisible(_("没有找到这个地方。"))
    require_place(actor, ADJUST_GRIDS, code)
    return area


def _day(on: dt.date | None) -> dt.date:
    today = clock.today()
    if on is not None and abs((on - today).days) > 366:
        raise RuleViolation(_("数据日期应在今天前后一年以内。"), field="on")
    return on or today


def _numbers(day: dt.date) -> dict[str, int]:
    rows = RuleValue.objects.in_force(day).filter(key__startswith="plan.")
    return dict(rows.values_list("key", "value"))


def _asked(houses: list[instances.House], wanted: Mapping[str, int]) -> dict[str, int]:
    found = instances.grids_today(houses)
    for community, count in wanted.items():
        if community not in found:
            raise RuleViolation(
                _("%(code)s 不是这个范围里有楼栋的社区。") % {"code": community[:20]}, field="asked"
            )
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise RuleViolation(_("每个社区至少要有一个网格，请填写网格数。"), field="asked")
        found[community] = count
    return found


def _seconds(given: int | None, usual: int) -> int:
    seconds = usual if given is None else given
    if not 1 <= seconds <= MOST_SECONDS:
        raise RuleViolation(_("计算时间应在1到600秒之间。"), field="seconds")
    return seconds


def _weights(given: Mapping[str, float], numbers: Mapping[str, int], day: dt.date) -> dict[str, Any]:
    usual = {
        "household": numbers["plan.household"] / 100, "difficulty": numbers["plan.difficulty"] / 100,
        "building": float(numbers["plan.building"]),
    }  # fmt: skip
    for name, value in given.items():
        if name not in usual:
            raise RuleViolation(_("工作量公式只有户数、难度和楼栋三项。"), field="weights")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1000:
            raise RuleViolation(_("工作量公式里的数应在0到1000之间。"), field="weights")
        usual[name] = float(value)
    return {"since": day.isoformat(), **usual}


def _price(given: float | None, usual: int) -> float:
    price = usual / 100 if given is None else float(given)
    if not 0 <= price <= 100:
        raise RuleViolation(_("每户变动网格的代价应在0到100之间。"), field="price")
    return price


@transaction.atomic
def run_further(
    *, actor: Actor, plan_id: int, seconds: int | None = None, lock_version: int | None = None
) -> GridPlan:
    """Compute on from the present version for so many seconds. Raises Conflict while the plan is computed already."""
    plan = opened(GridPlan, actor, plan_id, lock_version)
    plan.seconds = _seconds(seconds, plan.seconds)
    plan.state, plan.share, plan.stop_asked, plan.error = "waiting", 0.0, False, ""
    touched(plan, "seconds", "state", "share", "stop_asked", "error")
    record(actor, Act("grids.plan_run", plan, plan.place_code, {"seconds": [None, plan.seconds]}))
    _enqueue(plan)
    return plan


@transaction.atomic
def stop_run(*, actor: Actor, plan_id: int) -> GridPlan:
    """Ask the computing to end with the best plan so far. Nothing to do where it has ended."""
    plan = locked(GridPlan, actor, plan_id, "make")
    if plan.state in ("waiting", "running") and not plan.stop_asked:
        plan.stop_asked = True
        plan.save(update_fields=["stop_asked"])
        record(actor, Act("grids.plan_stopped", plan, plan.place_code))
    return plan


@transaction.atomic
def remark(*, actor: Actor, plan_id: int, text: str) -> PlanRemark:
    """Say something of a plan one sees."""
    plan = GridPlan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NotVisible(_("没有找到这个方案。"))
    policy_for(GridPlan).require(actor, "remark", plan)
    words = text.strip()
    if not 0 < len(words) <= 300:
        raise RuleViolation(_("请写下意见，不超过300个字。"), field="text")
    row = PlanRemark.objects.create(plan=plan, text=words, at=clock.now(), account_ref=actor.account_id)
    record(actor, Act("grids.plan_remarked", plan, plan.place_code))
    return row


def _enqueue(plan: GridPlan) -> None:
    from doorstep.modules.grids.tasks import run_plan  # the task calls what this module makes

    run_plan.enqueue(plan.pk)

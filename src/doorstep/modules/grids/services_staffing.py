"""Plans of who works which grid: made and computed within the request, moved by hand, pinned, taken back step by step. Approval and
the day they take effect: services_staffing_approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.policies import APPOINT_COMMUNITY
from doorstep.kernel.places.models import Area, Grid, standing
from doorstep.kernel.proposals.rows import (
    clean_title,
    clean_words,
    opened,
    present,
    removed_pin,
    touched,
    version_before,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.grids.models import STAFF_PINS, RuleValue, StaffPin, StaffPlan, StaffVersion
from doorstep.modules.grids.plan_rows import add_version
from doorstep.modules.grids.services_staffing_approval import PROCEDURE
from doorstep.modules.grids.staff_figures import Arranged, arrange, figures_of
from doorstep.modules.grids.staff_ground import (
    Share,
    StaffGround,
    grids_there,
    ground_of,
    holders_of,
    workers_there,
)

__all__ = [
    "KEEPING", "StaffingData", "apply_due_staffing", "approve_staffing", "compute_staffing", "create_staffing", "drop_staffing",
    "move_grid", "pin_grid", "send_back_staffing", "send_staffing", "take_back_staffing", "undo_staffing", "unpin_grid",
]  # fmt: skip

apply_due_staffing, approve_staffing, drop_staffing = (
    PROCEDURE.apply_due,
    PROCEDURE.approve_plan,
    PROCEDURE.drop_plan,
)
send_back_staffing, send_staffing, take_back_staffing = (
    PROCEDURE.send_back,
    PROCEDURE.send_plan,
    PROCEDURE.take_back,
)
LEVELS = ("county", "street", "community")
KEEPING = ("few", "some", "even")  # how much of today is kept
BY_HAND = 10.0  # slack and price of a move by hand: nothing else changes that need not, however heavy somebody becomes


@dataclass(frozen=True, kw_only=True)
class StaffingData:
    """What somebody asks of a plan. keep: "few" changes, "some" (the numbers in force) or "even" as can be."""

    place_code: str
    title: str
    keep: str = "some"


@transaction.atomic
def create_staffing(*, actor: Actor, data: StaffingData) -> StaffPlan:
    """Make a plan of the place's workers and compute it. A community that cannot be planned says why and stays as it is. Raises
    Refused, naming the field, where none can."""
    area = Area.objects.filter(standing(), code=data.place_code, level__in=LEVELS).first()
    if area is None:
        raise NotVisible(_("没有找到这个地方。"))
    require_place(actor, APPOINT_COMMUNITY, area.code)
    title = clean_title(data.title)
    day = clock.today()
    numbers = _numbers()
    slack, price = _keeping(data.keep, numbers)
    codes = {
        row.pk: sorted(place.code for place in row.places.all()) for row in workers_there(area.code, day)
    }
    plan = StaffPlan(
        place_code=area.code, title=title, on=day, slack=slack, price=price, grids=grids_there(area.code, day),
        today={str(pk): found for pk, found in codes.items() if found}, workers=[pk for pk, found in codes.items() if found],
        weights={
            "since": day.isoformat(), "household": numbers["plan.household"] / 100,
            "difficulty": numbers["plan.difficulty"] / 100, "building": float(numbers["plan.building"]),
        },
        made_by=actor.account_id, made_at=clock.now(),
    )  # fmt: skip
    if not plan.grids:
        raise RuleViolation(_("这个地方还没有网格，先划分网格才能安排网格员。"), field="place_code")
    plan.save()
    ground = ground_of(plan)
    today = holders_of(plan.grids, plan.today)
    found = _computed(ground, Arranged(list(today), {}), today, numbers["staffing.seconds"])
    if len(plan.problems) == len(ground.shares):
        raise RuleViolation("".join(dict.fromkeys(plan.problems.values())), field="place_code")
    plan.save(update_fields=["problems"])
    _version(ground, "today", Arranged(list(today), {}), today, actor)
    _version(ground, "computed", found, today, actor)
    changes = {"title": [None, title], "grids": [None, len(plan.grids)], "workers": [None, len(plan.workers)]}
    record(actor, Act("grids.staffing_made", plan, plan.place_code, changes))
    return plan


def _numbers() -> dict[str, int]:
    rows = RuleValue.objects.in_force()
    return dict(rows.values_list("key", "value"))


def _keeping(keep: str, numbers: dict[str, int]) -> tuple[float, float]:
    """Slack and price."""
    if keep not in KEEPING:
        raise RuleViolation(_("请选要保留多少现在的安排。"), field="keep")
    slack, price = numbers["staffing.slack"] / 100, numbers["staffing.price"] / 100
    return {"few": (3 * slack, 10 * price), "some": (slack, price), "even": (0.0, price / 100)}[keep]


def _computed(ground: StaffGround, into: Arranged, today: list[int | None], seconds: int) -> Arranged:
    """Every community by itself, from today; what cannot be planned is noted in the plan and stays as it was."""
    plan = ground.plan
    plan.problems = {}
    for share in ground.shares:
        try:
            arrange(ground, share, today, into, slack=plan.slack, price=plan.price, seconds=float(seconds))
        except RuleViolation as refused:
            plan.problems[share.code] = f"{ground.names.get(share.code, share.code)}：{refused.message}"
    return into


def _version(
    ground: StaffGround, kind: str, found: Arranged, today: list[int | None], actor: Actor
) -> StaffVersion:
    """The next version becomes the plan's present one."""
    row: StaffVersion = add_version(
        ground.plan, kind, actor.account_id, holders=found.holders, stand_ins=found.stand_ins,
        figures=figures_of(ground, found.holders, today),
    )  # fmt: skip
    return row


@transaction.atomic
def compute_staffing(
    *, actor: Actor, plan_id: int, keep: str = "some", lock_version: int | None = None
) -> StaffVersion:
    """Compute the plan again from today, with what is pinned and wished. Raises Refused in words where a community that could be
    planned before cannot any more."""
    plan = opened(StaffPlan, actor, plan_id, lock_version)
    numbers = _numbers()
    plan.slack, plan.price = _keeping(keep, numbers)
    before = dict(plan.problems)
    ground = ground_of(plan)
    today = holders_of(plan.grids, plan.today)
    found = _computed(ground, Arranged(list(today), {}), today, numbers["staffing.seconds"])
    if new := [words for code, words in plan.problems.items() if code not in before]:
        raise RuleViolation(new[0])
    version = _version(ground, "computed", found, today, actor)
    touched(plan, "slack", "price", "problems")
    record(actor, Act("grids.staffing_computed", plan, plan.place_code, {"version": [None, version.number]}))
    return version


@transaction.atomic
def move_grid(
    *, actor: Actor, plan_id: int, grid: str, worker: int, lock_version: int | None = None
) -> StaffVersion:
    """Give a grid (code) to a worker (appointment) of its community; what must change for it changes, and no more. Raises Refused
    in words where that cannot be, Conflict where somebody was quicker."""
    plan = opened(StaffPlan, actor, plan_id, lock_version)
    version = _repaired(actor, ground_of(plan), grid, worker)
    touched(plan)
    changes = {"grid": [None, grid], "appointment": [None, worker], "version": [None, version.number]}
    record(actor, Act("grids.staffing_moved", plan, plan.place_code, changes))
    return version


def _repaired(actor: Actor, ground: StaffGround, grid: str, worker: int) -> StaffVersion:
    plan = ground.plan
    share, at, whose = _found(ground, grid, worker)
    if share.code in plan.problems:
        raise RuleViolation(str(plan.problems[share.code]), field="grid")
    current = present(plan)
    found = Arranged(list(current.holders), dict(current.stand_ins))
    seconds = float(_numbers()["staffing.seconds"])
    arrange(
        ground,
        share,
        current.holders,
        found,
        slack=BY_HAND,
        price=BY_HAND,
        seconds=seconds,
        held=[(at, whose)],
    )
    return _version(ground, "moved", found, holders_of(plan.grids, plan.today), actor)


def _found(ground: StaffGround, grid: str, worker: int) -> tuple[Share, int, int]:
    """The community, the place of the grid and that of the worker. Raises RuleViolation."""
    plan = ground.plan
    if grid not in plan.grids:
        raise RuleViolation(_("方案里没有这个网格。"), field="grid")
    share = ground.share_of(grid[:12])
    if worker not in plan.workers or plan.workers.index(worker) not in share.workers:
        raise RuleViolation(_("请从这个社区的网格员中选择。"), field="worker")
    return share, plan.grids.index(grid), plan.workers.index(worker)


@transaction.atomic
def pin_grid(
    *, actor: Actor, plan_id: int, kind: str, grid: str, worker: int, words: str = "", lock_version: int | None = None
) -> StaffPin:  # fmt: skip
    """Decide beforehand: the grid is this worker's ("hold", and the plan is repaired around it), or the worker would rather have
    it ("wish", looked at when the plan is computed again)."""
    plan = opened(StaffPlan, actor, plan_id, lock_version)
    ground = ground_of(plan)
    _found(ground, grid, worker)
    if kind not in dict(STAFF_PINS):
        raise RuleViolation(_("要求只有两种：定给这个人、愿意管这个网格。"), field="kind")
    why = clean_words(plan, words)
    if (
        plan.pins.filter(kind=kind, grid=grid)
        .filter(**({} if kind == "hold" else {"worker": worker}))
        .exists()
    ):
        raise RuleViolation(_("这个网格已有这样的要求，请先去掉。"), field="grid")
    if kind == "hold" and present(plan).holders[plan.grids.index(grid)] != worker:
        _repaired(actor, ground, grid, worker)
    pin = StaffPin.objects.create(
        plan=plan, kind=kind, grid=grid, worker=worker, words=why, at=clock.now(), account_ref=actor.account_id
    )  # fmt: skip
    touched(plan)
    changes = {"kind": [None, kind], "grid": [None, grid], "appointment": [None, worker]}
    record(actor, Act("grids.staffing_pinned", plan, plan.place_code, changes, words={"reason": why}))
    return pin


@transaction.atomic
def unpin_grid(*, actor: Actor, plan_id: int, pin_id: int, lock_version: int | None = None) -> StaffPlan:
    """Take a pin or a wish away; grids stay where they are until somebody moves them or computes again."""
    plan = opened(StaffPlan, actor, plan_id, lock_version)
    pin: StaffPin = removed_pin(plan, pin_id)
    changes = {"kind": [pin.kind, None], "grid": [pin.grid, None], "appointment": [pin.worker, None]}
    touched(plan)
    record(actor, Act("grids.staffing_unpinned", plan, plan.place_code, changes))
    return plan


@transaction.atomic
def undo_staffing(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> StaffVersion:
    """Back to the version before the present one, as a new version; again goes one further back."""
    plan = opened(StaffPlan, actor, plan_id, lock_version)
    target = version_before(plan)
    if broken := [
        pin for pin in plan.pins.filter(kind="hold") if _holder(plan, target, pin.grid) != pin.worker
    ]:
        raise RuleViolation(
            _("上一版没有做到“%(grid)s”的要求，请先去掉这项要求，再撤销。") % {"grid": _name(broken[0].grid)}
        )
    current = present(plan)
    version: StaffVersion = add_version(
        plan, "undone", actor.account_id, holders=target.holders, stand_ins=target.stand_ins, figures=target.figures,
        back_to=target.number,
    )  # fmt: skip
    touched(plan)
    record(
        actor,
        Act("grids.staffing_undone", plan, plan.place_code, {"version": [current.number, target.number]}),
    )
    return version


def _holder(plan: StaffPlan, version: StaffVersion, grid: str) -> Any:
    return version.holders[plan.grids.index(grid)]


def _name(code: str) -> str:
    return Grid.objects.filter(code=code).values_list("name", flat=True).first() or code

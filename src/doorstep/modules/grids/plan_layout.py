"""From a plan's present version to the grids that the places are asked to draw."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.models import Area, BuildingPlacement, Grid
from doorstep.kernel.places.services_redraw import DrawnGrid, Redrawn, redraw_grids
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.instances import codes_of
from doorstep.modules.grids.models import GridPlan, PlannedGrid, RuleValue

Layout = dict[str, list[DrawnGrid]]


def layout_of(plan: GridPlan) -> Layout:
    """The plan's grids by community. Raises RuleViolation where grids came or went since the plan was made. Four statements."""
    assert plan.current is not None, "a plan has its version of today from the beginning"
    holding: dict[int, list[int]] = defaultdict(list)
    for building, number in zip(plan.buildings, plan.current.labels, strict=True):
        if number is None:
            raise RuleViolation(_("还有楼栋没有分到网格，请先计算方案。"))
        holding[number].append(building)
    rows = list(PlannedGrid.objects.filter(plan=plan).order_by("community", "number"))
    _refuse_others(plan, {row.code for row in rows if row.code})
    _refuse_communities(plan)
    layout: Layout = {}
    for row in rows:
        chosen = plan.with_staff or not row.code
        worker = plan.workers.get(str(row.number)) if chosen else None
        drawn = DrawnGrid(row.code, row.name, tuple(holding.get(row.number, ())), worker)
        layout.setdefault(row.community, []).append(drawn)
    return layout


def _refuse_others(plan: GridPlan, kept: set[str]) -> None:
    """What changed since the plan was made: a new grid would end unseen, a building's other grid be taken back unseen."""
    before = dict(zip(plan.buildings, codes_of(plan), strict=True))
    mine = set(plan.codes)
    open_ones = BuildingPlacement.objects.filter(
        within("grid__code", list(plan.asked)), grid__kind="basic", valid_to__isnull=True
    )
    for building, name, code, grid in open_ones.order_by("building_id").values_list(
        "building_id", "building__name", "grid__code", "grid__name"
    ):
        if code not in mine:
            raise RuleViolation(_("“%(name)s”是方案做好以后才有的网格，请重新做一个方案。") % {"name": grid})
        if before.get(building, code) != code:
            raise RuleViolation(
                _("“%(name)s”在方案做好以后划入了“%(grid)s”，请重新做一个方案。")
                % {"name": name, "grid": grid}
            )
    gone = Grid.objects.filter(code__in=kept | mine, valid_to__isnull=False).order_by("code").first()
    if gone is not None:
        raise RuleViolation(
            _("“%(name)s”自 %(day)s 起撤销，请重新做一个方案。") % {"name": gone.name, "day": gone.valid_to}
        )


def _refuse_communities(plan: GridPlan) -> None:
    ended = Area.objects.filter(code__in=list(plan.asked), ended_on__isnull=False).first()
    if ended is not None:
        raise RuleViolation(_("社区“%s”已撤销，请重新做一个方案。") % ended.name)


def put_into_effect(actor: Actor, plan: GridPlan) -> Redrawn:
    """Draw the plan's grids, inside the caller's transaction. Raises Refused in words."""
    assert plan.effective_on is not None, "a plan that was sent has its day"
    most = RuleValue.objects.in_force(plan.effective_on).filter(key="plan.grids_of_worker")
    return redraw_grids(
        actor=actor, layout=layout_of(plan), effective_on=plan.effective_on, document=plan.document,
        most_grids=int(most.values_list("value", flat=True).first() or 2),
    )  # fmt: skip

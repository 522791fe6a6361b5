"""Figures of grids: those without a worker, forces, visits, legal professionals and what they did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Aggregate, Count, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, Text, declare
from doorstep.modules.grids import findings
from doorstep.modules.grids.models import GridForce, LegalVisit, Professional, Question, Visit

CLAUSE = _("推行“全科网格”，公安、消防、城管等力量下沉网格")
LEGAL = _("“三官一律”进社区：警官、法官、检察官、律师")
Rows = Callable[[Scope], QuerySet[Any]]


def _flow(model: Any, day: str) -> Rows:
    return lambda scope: model.objects.filter(**{f"{day}__gte": scope.since, f"{day}__lte": scope.on})


def _figure(
    key: str, name: Text, unit: Text, kind: Any, clause: Text, rows: Rows, counted: Text, register: str,
    who: Text, aggregate: Aggregate | None = None,
) -> Indicator:  # fmt: skip
    return Indicator(
        key=f"grids.{key}", name=name, unit=unit, kind=kind, chapter="3", clause=clause, rows=rows, counted=counted,
        register=register, who_records=who, aggregate=aggregate or Count("pk"),
    )  # fmt: skip


COMMUNITY = _("社区登记后，这里就有数字。")

declare(
    Indicator(
        key="findings.grids.without_worker", name=_("没有网格员的网格"), unit=_("个"), kind="stock", chapter="findings",
        clause=findings.CLAUSE, rows=lambda scope: findings.without_worker(scope.on), place_field="code",
        counted=_("在册而没有网格员在任的网格"), register="places.grids", computed=True,
    ),
    Indicator(
        key="findings.grids.force_in_ended_grid", name=_("下沉力量所在的网格已撤销"), unit=_("处"), kind="stock",
        chapter="findings", clause=findings.FORCES, rows=lambda scope: findings.ended_with_forces(scope.on),
        counted=_("网格已撤销而仍登记在那里的下沉力量"), register="grids.forces", computed=True,
    ),
    _figure(
        "forces", _("下沉网格的力量"), _("支"), "stock", CLAUSE, lambda scope: GridForce.objects.in_force(scope.on),
        _("在册的公安、消防、城管、物业等下沉力量"), "grids.forces", COMMUNITY,
    ),
    _figure(
        "visits", _("走访"), _("次"), "flow", CLAUSE, _flow(Visit, "visited_on"), _("网格员登记的走访"), "grids.visits",
        _("网格员登记走访后，这里就有数字。"),
    ),
    _figure(
        "professionals", _("三官一律"), _("人次"), "stock", LEGAL, lambda scope: Professional.objects.in_force(scope.on),
        _("在册的警官、法官、检察官、律师，按服务的社区计"), "grids.professionals", COMMUNITY,
    ),
    _figure(
        "legal_visits", _("法律服务活动"), _("次"), "flow", LEGAL, _flow(LegalVisit, "visited_on"),
        _("三官一律到社区开展的活动"), "grids.legal_visits", COMMUNITY,
    ),
    _figure(
        "legal_people", _("法律服务人数"), _("人次"), "flow", LEGAL, _flow(LegalVisit, "visited_on"),
        _("各次法律服务活动的服务人数之和"), "grids.legal_visits", COMMUNITY, Sum("people"),
    ),
    _figure(
        "questions", _("法律咨询"), _("件"), "flow", LEGAL, _flow(Question, "answered_on"), _("已答复的法律咨询"),
        "grids.questions", COMMUNITY,
    ),
)  # fmt: skip

"""Figures of coverage: organisations by what covers them, instructors, property companies, communities assisted and distilled."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Case, Count, FloatField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.models import Assistance, CommunityPage, Profile, Visit
from doorstep.modules.coverage.models_assistance import MOVED_UP
from doorstep.modules.coverage.models_pages import BRAND, EXPERIENCE
from doorstep.modules.coverage.selectors import instructors_on, there, with_state

CLAUSE = _("推动新经济组织、新社会组织、新就业群体党建覆盖提升，入企干部和党建指导员一肩挑")
PROPERTY = _("有党员的物业企业党组织覆盖率 100%")
FOUR_ONES = _("“四个一”帮扶机制：提炼先进社区经验，推动薄弱社区稳步提升")
BRANDS = _("“一社一品”党建品牌")
REGISTERED = _("街道或区里登记新兴领域组织后，这里就有数字。")


def _organisations(scope: Scope) -> QuerySet[Any]:
    return Profile.objects.filter(there(scope.on))


def _in(*states: str) -> Any:
    return lambda scope: with_state(_organisations(scope), scope.on).filter(state__in=states)


def _property(scope: Scope) -> QuerySet[Any]:
    """Property companies that have members on the day."""
    rows = with_state(_organisations(scope), scope.on)
    return rows.filter(unit__kind="property_company", members__gt=0)


def _pages(kind: str) -> Any:
    """Pages of a kind that were public on the day."""

    def rows(scope: Scope) -> QuerySet[Any]:
        shown = CommunityPage.objects.filter(
            kind=kind, published_on__lte=scope.on, state__in=("published", "withdrawn")
        )
        return shown.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=scope.on))

    return rows


def _visits(scope: Scope) -> QuerySet[Any]:
    return Visit.objects.filter(cancelled_at=None, visited_on__gte=scope.since, visited_on__lte=scope.on)


def _moved_up(scope: Scope) -> QuerySet[Any]:
    return Assistance.objects.filter(outcome=MOVED_UP, decided_on__lte=scope.on)


_COVERED = Case(
    When(state__in=(rules.OWN, rules.JOINT), then=Value(100.0)), default=Value(0.0), output_field=FloatField()
)
_NO_GAP = Case(When(state=rules.GAP, then=Value(0.0)), default=Value(100.0), output_field=FloatField())

declare(
    Indicator(
        key="coverage.instructors", name=_("入企干部和党建指导员一肩挑"), unit=_("名"), kind="stock", chapter="1", clause=CLAUSE,
        rows=lambda scope: instructors_on(scope.on), aggregate=Count("person", distinct=True), register="coverage.instructors",
        counted=_("同时担任入企干部和党建指导员的人，每人只算一次"), who_records=_("任命入企干部和党建指导员后，这里就有数字。"), headline=True,
    ),
    Indicator(
        key="coverage.advanced_communities", name=_("提炼经验的先进社区"), unit=_("个"), kind="stock", chapter="1", clause=FOUR_ONES,
        rows=_pages(EXPERIENCE), register="coverage.pages", counted=_("经验已提炼成文并发布的社区"),
        who_records=_("社区经验经审核发布后，这里就有数字。"),
    ),
    Indicator(
        key="coverage.weak_communities", name=_("稳步提升的薄弱社区"), unit=_("个"), kind="stock", chapter="1", clause=FOUR_ONES,
        rows=_moved_up, aggregate=Count("place_code", distinct=True), register="coverage.assistance",
        counted=_("经“四个一”帮扶、认定稳步提升的社区"), who_records=_("街道或区里认定帮扶结果后，这里就有数字。"),
    ),
    Indicator(
        key="coverage.organisations", name=_("新兴领域组织"), unit=_("个"), kind="stock", chapter="1", clause=CLAUSE, rows=_organisations,
        register="coverage.organisations", counted=_("在册的新经济组织、新社会组织和物业企业"), who_records=REGISTERED,
    ),
    Indicator(
        key="coverage.with_organisation", name=_("有党组织覆盖的组织"), unit=_("个"), kind="stock", chapter="1", clause=CLAUSE,
        rows=_in(rules.OWN, rules.JOINT), register="coverage.organisations", counted=_("单独组建或联合组建党组织覆盖的组织"),
        who_records=REGISTERED,
    ),
    Indicator(
        key="coverage.with_instructor", name=_("由入企干部联系的组织"), unit=_("个"), kind="stock", chapter="1", clause=CLAUSE,
        rows=_in(rules.INSTRUCTOR), register="coverage.organisations", counted=_("没有正式党员、由入企干部（党建指导员）联系的组织"),
        who_records=REGISTERED,
    ),
    Indicator(
        key="coverage.gaps", name=_("覆盖空白"), unit=_("个"), kind="stock", chapter="1", clause=CLAUSE, rows=_in(rules.GAP),
        register="coverage.organisations", counted=_("没有党组织覆盖、也没有入企干部联系的组织"), computed=True,
    ),
    Indicator(
        key="coverage.share", name=_("覆盖率"), unit="%", kind="stock", chapter="1", clause=CLAUSE, additive=False,
        rows=lambda scope: with_state(_organisations(scope), scope.on), aggregate=Avg(_NO_GAP), register="coverage.organisations",
        counted=_("有党组织覆盖或者由入企干部联系的组织，占在册组织的百分比"), who_records=REGISTERED,
    ),
    Indicator(
        key="coverage.property_share", name=_("有党员的物业企业党组织覆盖率"), unit="%", kind="stock", chapter="1", clause=PROPERTY,
        additive=False, rows=_property, aggregate=Avg(_COVERED), register="coverage.organisations",
        counted=_("有正式党员的物业企业中，有党组织覆盖的百分比"), who_records=REGISTERED,
    ),
    Indicator(
        key="coverage.property_uncovered", name=_("有党员而没有党组织的物业企业"), unit=_("个"), kind="stock", chapter="1", clause=PROPERTY,
        rows=lambda scope: _property(scope).exclude(state__in=(rules.OWN, rules.JOINT)), register="coverage.organisations",
        counted=_("有正式党员、没有党组织覆盖的物业企业"), computed=True,
    ),
    Indicator(
        key="coverage.visits", name=_("入企走访"), unit=_("次"), kind="flow", chapter="1", clause=CLAUSE, rows=_visits,
        register="coverage.visits", counted=_("入企干部（党建指导员）登记、没有作废的走访"), who_records=_("入企干部登记走访后，这里就有数字。"),
    ),
    Indicator(
        key="coverage.brands", name=_("社区品牌"), unit=_("个"), kind="stock", chapter="1", clause=BRANDS, rows=_pages(BRAND),
        register="coverage.pages", counted=_("已审核发布的社区品牌"), who_records=_("社区品牌经街道审核发布后，这里就有数字。"),
    ),
)  # fmt: skip

"""Figures of the vanguard: posts, areas and projects that somebody holds, members who serve, person-times, difficulties."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.kernel.indicators.moments import Moment
from doorstep.modules.vanguard import findings
from doorstep.modules.vanguard.models import Served, Wish
from doorstep.modules.vanguard.selectors import held_on, in_service, vacant
from doorstep.modules.vanguard.selectors_wishes import solved

CLAUSE = _("党员先锋队：设岗、划片、立项，到有需要的地方去")
REPORTING = _("在职党员到社区报到服务（“双报到”）")
COMMUNITY = _("社区或街道登记后，这里就有数字。")


def _served(scope: Scope) -> QuerySet[Any]:
    return Served.objects.filter(day__gte=scope.since, day__lte=scope.on)


def _solved(scope: Scope) -> QuerySet[Wish]:
    return solved().filter(
        matter__closed_at__gte=Moment(scope.since), matter__closed_at__lt=Moment(scope.on, 1)
    )


declare(
    Indicator(
        key="vanguard.posts", name=_("党员先锋岗"), unit=_("个"), kind="stock", chapter="2", clause=CLAUSE,
        rows=lambda scope: held_on("post", scope.on), counted=_("当天有人在岗的党员先锋岗，空缺的不算"),
        register="vanguard.posts", who_records=COMMUNITY, headline=True,
    ),
    Indicator(
        key="vanguard.responsibility_areas", name=_("党员责任区"), unit=_("个"), kind="stock", chapter="2", clause=CLAUSE,
        rows=lambda scope: held_on("area", scope.on), counted=_("当天有人负责的党员责任区"), register="vanguard.areas",
        who_records=COMMUNITY, headline=True,
    ),
    Indicator(
        key="vanguard.projects", name=_("先锋工程项目"), unit=_("个"), kind="stock", chapter="2", clause=CLAUSE,
        rows=lambda scope: held_on("project", scope.on), counted=_("在期内、有人负责的先锋工程项目"),
        register="vanguard.projects", who_records=COMMUNITY, headline=True,
    ),
    Indicator(
        key="vanguard.members_reporting", name=_("报到服务的在职党员"), unit=_("人"), kind="stock", chapter="2", clause=REPORTING,
        rows=lambda scope: in_service(scope.on), aggregate=Count("person", distinct=True),
        counted=_("到社区报到并且服务过的在职党员，每人只算一次"), register="vanguard.members",
        who_records=_("在职党员报到并参加服务后，这里就有数字。"), headline=True,
    ),
    Indicator(
        key="vanguard.services", name=_("在职党员服务人次"), unit=_("人次"), kind="flow", chapter="2", clause=REPORTING,
        rows=_served, counted=_("报到期间参加已确认的集结班次、志愿服务的到场，加上受助人确认办成的心愿"),
        register="vanguard.served", who_records=_("服务经确认后，这里就有数字。"), headline=True,
    ),
    Indicator(
        key="vanguard.difficulties_solved", name=_("解决的实际困难"), unit=_("件"), kind="flow", chapter="2", clause=REPORTING,
        rows=_solved, place_field="matter__place_code", counted=_("由报到的在职党员认领、受助人确认办成的实际困难，按确认日期计"),
        register="vanguard.wishes", who_records=_("受助人确认后，这里就有数字。"), headline=True,
    ),
    Indicator(
        key="vanguard.vacant_posts", name=_("空缺的党员先锋岗"), unit=_("个"), kind="stock", chapter="2", clause=CLAUSE,
        rows=lambda scope: vacant(scope.on), counted=_("当天没有人在岗的党员先锋岗"), register="vanguard.posts", computed=True,
    ),
    Indicator(
        key="findings.vanguard.vacant_post", name=_("空缺过久的党员先锋岗"), unit=_("个"), kind="stock", chapter="findings",
        clause=findings.HELD, rows=lambda scope: findings.long_vacant(scope.on),
        counted=_("空缺超过规定天数的党员先锋岗"), register="vanguard.posts", computed=True,
    ),
)  # fmt: skip

"""Figures of requests and whistles: each a queryset and an aggregate, for any place and period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    Case,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Extract
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, Text, declare
from doorstep.kernel.indicators.moments import Moment
from doorstep.kernel.matters.models import Deadline, History, Matter
from doorstep.modules.requests.models import CallBack, Request, RuleValue
from doorstep.modules.requests.models_whistle import GROUNDS
from doorstep.modules.requests.selectors_outcomes import OUTCOMES, issued_between
from doorstep.modules.requests.selectors_rates import CLOSING

CLAUSE = _("网格精治：接诉即办、吹哨报到，打通“断头路”")
RESIDENTS = _("居民、网格员和热线上报后，这里就有数字。")
STREET = _("街道工作人员登记后，这里就有数字。")
STALLED_DAYS = 3
NO_TROUBLE = ("opinion", "publicity")

Rows = Callable[[Scope], QuerySet[Any]]


class Percentile(Aggregate):
    """The value below which `fraction` of the rows lie, between two rows by straight line."""

    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Percentile"

    def __init__(self, expression: Any, fraction: float) -> None:
        super().__init__(expression, fraction=fraction, output_field=FloatField())


def _hours(start: str, end: str = "at") -> Any:
    """Hours from `start` to `end`, the step's own time unless said otherwise."""
    return Extract(F(end) - F(start), "epoch", output_field=FloatField()) / Value(3600.0)


def _share(condition: Q) -> Aggregate:
    """Rows that meet the condition, in per cent of all."""
    return Avg(Case(When(condition, then=Value(100.0)), default=Value(0.0)), output_field=FloatField())


def _span(scope: Scope) -> tuple[Moment, Moment]:
    """From the first moment of the period to the first after it."""
    return Moment(scope.since), Moment(scope.on, 1)


def _end(scope: Scope, days_before: int = 0) -> Moment:
    return Moment(scope.on, 1 - days_before)


def _matters(kind: str = "request") -> QuerySet[Any]:
    return Matter.objects.filter(kind=kind)


def _received(scope: Scope) -> QuerySet[Any]:
    begin, end = _span(scope)
    return _matters().filter(opened_at__gte=begin, opened_at__lt=end)


def _open(scope: Scope) -> QuerySet[Any]:
    end = _end(scope)
    return _matters().filter(Q(closed_at__isnull=True) | Q(closed_at__gte=end), opened_at__lt=end)


def _overdue(scope: Scope) -> QuerySet[Any]:
    """Open with a promise that ran out unkept by the end of the day; a paused one is not overdue."""
    end = _end(scope)
    broken = Deadline.objects.filter(
        Q(met_at__isnull=True) | Q(met_at__gte=end), Q(stopped_at__isnull=True) | Q(stopped_at__gte=end),
        matter=OuterRef("pk"), due_at__lt=end, paused_at__isnull=True,
    )  # fmt: skip
    return _open(scope).filter(Exists(broken))


def _requests(scope: Scope) -> QuerySet[Any]:
    begin, end = _span(scope)
    return Request.objects.filter(matter__opened_at__gte=begin, matter__opened_at__lt=end)


def _solved(scope: Scope) -> QuerySet[Any]:
    begin, end = _span(scope)
    rows = _matters().filter(state="closed", closed_at__gte=begin, closed_at__lt=end)
    return rows.exclude(category__in=NO_TROUBLE)


def _steps(*names: str, kind: str = "request") -> Rows:
    def rows(scope: Scope) -> QuerySet[Any]:
        begin, end = _span(scope)
        return History.objects.filter(name__in=names, at__gte=begin, at__lt=end, matter__kind=kind)

    return rows


def _responded(scope: Scope) -> QuerySet[Any]:
    """The first answer to each request: another unit taking it on later is no answer to the reporter."""
    names = ("accept", "on_the_spot")
    earlier = History.objects.filter(matter=OuterRef("matter"), name__in=names, number__lt=OuterRef("number"))
    return _steps(*names)(scope).filter(~Exists(earlier)).annotate(began=F("matter__opened_at"))


def _last_before(*names: str) -> Subquery:
    """The moment of the last of these steps before the row's own."""
    rows = History.objects.filter(matter=OuterRef("matter"), name__in=names, number__lt=OuterRef("number"))
    return Subquery(rows.order_by("-number").values("at")[:1])


def _worked(scope: Scope) -> QuerySet[Any]:
    """Checked requests: from the taking on to the work's last end, pauses and what was done again included."""
    return _steps("verify")(scope).annotate(began=_last_before("accept", "reopen"), ended=F("since"))


def _checked(scope: Scope) -> QuerySet[Any]:
    return _steps("verify")(scope).annotate(began=F("since"))


def _whole(scope: Scope) -> QuerySet[Any]:
    """Closings: from the report, or from the moment a reopening was asked, to the closing."""
    began = Coalesce(_last_before("ask_reopen", "find_undone"), F("matter__opened_at"))
    return _steps(*CLOSING)(scope).annotate(began=began)


def _called_back(scope: Scope) -> QuerySet[Any]:
    begin, end = _span(scope)
    weight = RuleValue.objects.in_force(scope.on).filter(key="rates.basically").values("value")[:1]
    rows = CallBack.objects.filter(valid=True, at__gte=begin, at__lt=end)
    return rows.annotate(
        points=Case(
            When(satisfaction__gte=4, then=Value(100.0)),
            When(satisfaction=3, then=Cast(Subquery(weight), FloatField()) * Value(100.0)),
            default=Value(0.0),
        )
    )


def _whistled(ground: str, outcome: str = "") -> Rows:
    """Whistles of the ground, on the day the street whistled; with an outcome, those that stood so on the last day."""

    def rows(scope: Scope) -> QuerySet[Any]:
        found = issued_between(*_span(scope)).filter(category=ground)
        return found.filter(outcome=outcome) if outcome else found

    return rows


# Who has a matter now: the unit asked, while it has not answered; else the holder.
LEVELS: list[tuple[str, Text, tuple[str, ...]]] = [
    ("community", _("社区"), ("residents_committee", "community_party_organisation")),
    ("street", _("街道"), ("street_office", "street_working_committee")),
    ("department", _("部门和单位"), ("department", "property_company", "company", "social_organisation", "merchant")),
    ("district", _("区级"), ("district_government", "district_committee")),
]  # fmt: skip


def _stalled(kinds: tuple[str, ...]) -> Rows:
    """As the history says it was on the day: the last step until then, and with whom it left the matter."""

    def rows(scope: Scope) -> QuerySet[Any]:
        steps = History.objects.filter(matter=OuterRef("pk"), at__lt=_end(scope)).exclude(source=F("target"))
        last = steps.order_by("-number").values("pk")[:1]
        found = History.objects.filter(
            Q(asked__kind__in=kinds) | Q(asked__isnull=True, holder__kind__in=kinds),
            pk=OuterRef("last_step"), at__lt=_end(scope, STALLED_DAYS),
        ).exclude(target="suspended")  # fmt: skip
        return _open(scope).annotate(last_step=Subquery(last)).filter(Exists(found))

    return rows


def _dwell(kinds: tuple[str, ...]) -> Rows:
    """Steps taken in the period, each with how long the matter lay before it with a unit of that level."""

    def rows(scope: Scope) -> QuerySet[Any]:
        begin, end = _span(scope)
        return History.objects.filter(
            at__gte=begin, at__lt=end, since__isnull=False, matter__kind="request", had__kind__in=kinds
        )

    return rows


def _count(
    key: str, name: Text, unit: Text, kind: Any, rows: Rows, counted: Text, *, register: str = "",
    row_field: str = "pk", place: str = "place_code", who: Text = RESIDENTS, headline: bool = False,
    computed: bool = False, cell: bool = False,
) -> Indicator:  # fmt: skip
    return Indicator(
        key=key, name=name, unit=unit, kind=kind, chapter="3", clause=CLAUSE, rows=rows, counted=counted,
        register=register, row_field=row_field, place_field=place, who_records=who, headline=headline, aggregate=Count("pk"),
        computed=computed, cell=cell,
    )  # fmt: skip


def _measure(
    key: str, name: Text, unit: Text, rows: Rows, aggregate: Aggregate, counted: Text, *,
    place: str = "matter__place_code", register: str = "requests", row_field: str = "matter_id",
) -> Indicator:  # fmt: skip
    return Indicator(
        key=key, name=name, unit=unit, kind="flow", chapter="3", clause=CLAUSE, rows=rows, counted=counted,
        place_field=place, register=register, row_field=row_field, who_records=RESIDENTS, aggregate=aggregate, additive=False,
    )  # fmt: skip


STEPS = {"register": "requests.steps", "row_field": "pk"}
CALLED = {"place": "place_code", "register": "requests.call_backs", "row_field": "pk"}
PIECES, PER_CENT, HOURS, TIMES = _("件"), _("%"), _("小时"), _("次")
# key, name, what is counted, the steps with the moment their stage began, the field of its end
STAGES: list[tuple[str, Text, Text, Rows, str]] = [
    ("respond", _("接办用时"), _("期间首次接办的诉求从上报到接办的小时数"), _responded, "at"),
    ("handle", _("办理用时"), _("期间核实的诉求从接办到最后办完的小时数，含暂停和重做"), _worked, "ended"),
    ("verify", _("核实用时"), _("期间核实的诉求从办完到核实的小时数"), _checked, "at"),
    ("whole", _("全程用时"), _("期间结案的诉求从上报（重办的从要求重办）到结案的小时数"), _whole, "at"),
]
SIZES: list[tuple[str, Text, float]] = [("median", _("中位数"), 0.5), ("p90", _("九成以内"), 0.9)]


def _named(*parts: Text) -> Text:
    """Several words as one, in the reader's language."""
    return format_lazy("{}：" * (len(parts) - 1) + "{}", *parts)


declare(
    _count(
        "requests.received", _("受理诉求"), PIECES, "flow", _received, _("期间上报的诉求"), register="requests",
        headline=True,
    ),
    _count("requests.open", _("未结诉求"), PIECES, "stock", _open, _("当天还没有了结的诉求"), register="requests"),
    _count(
        "requests.overdue", _("超期未结"), PIECES, "stock", _overdue, _("当天已过期限还没有办的诉求"),
        register="requests", computed=True,
    ),
    _count(
        "requests.solved", _("解决居民难题"), PIECES, "flow", _solved, _("期间结案的诉求，不含建议、表扬和咨询"),
        register="requests", headline=True,
    ),
    _count(
        "requests.reopened", _("重办"), TIMES, "flow", _steps("reopen"), _("期间同意重办的次数"),
        place="matter__place_code", register="requests", row_field="matter_id",
    ),
    _measure(
        "requests.on_the_spot", _("当场办结占比"), PER_CENT, _requests, _share(Q(on_the_spot=True)),
        _("期间上报的诉求中当场办结的占比"),
    ),
    *[
        _measure(
            f"requests.{key}_{size}", _named(name, which), HOURS, rows, Percentile(_hours("began", end), fraction), counted,
        )
        for key, name, counted, rows, end in STAGES
        for size, which, fraction in SIZES
    ],
    _measure(
        "requests.response_rate", _("响应率"), PER_CENT, _called_back, _share(Q(contacted=True)),
        _("期间有效回访中承办人联系过报告人的占比"), **CALLED,
    ),
    _measure(
        "requests.resolution_rate", _("解决率"), PER_CENT, _called_back, _share(Q(solved=True)),
        _("期间有效回访中已解决的占比"), **CALLED,
    ),
    _measure(
        "requests.satisfaction_rate", _("满意率"), PER_CENT, _called_back,
        Avg("points", output_field=FloatField()), _("期间有效回访的满意程度，基本满意折算计入"), **CALLED,
    ),
    _count(
        "requests.valid_call_backs", _("有效回访"), TIMES, "flow", _called_back, _("期间的有效回访"),
        register="requests.call_backs", who=STREET,
    ),
    *[
        _measure(
            f"requests.dwell_{key}", _named(_("一步停留中位数"), name), HOURS, _dwell(kinds),
            Percentile(_hours("since"), 0.5), _("期间每办一步之前，诉求在这一级停留的小时数"), **STEPS,
        )
        for key, name, kinds in LEVELS
    ],
    *[
        _count(
            f"requests.stalled_{key}", _named(_("停留超过三天"), name), PIECES, "stock", _stalled(kinds),
            _("当天在这一级停留超过三天没有动静的诉求（中梗阻）"), register="requests", computed=True,
        )
        for key, name, kinds in LEVELS
    ],
    *[
        _count(
            f"whistles.{ground}", _named(_("吹哨"), name), TIMES, "flow", _whistled(ground),
            _("期间街道以此事由吹哨的次数"), register="whistles", who=STREET,
        )
        for ground, name in GROUNDS
    ],
    *[
        _count(
            f"whistles.{ground}.{outcome}", _named(_("吹哨"), name, words), TIMES, "flow", _whistled(ground, outcome),
            _("期间街道以此事由吹哨、截止日是这个结果的次数"), register="whistles", who=STREET, cell=True,
        )
        for ground, name in GROUNDS
        for outcome, words, _states in OUTCOMES
    ],
    *[
        _count(
            f"whistles.{key}", _named(_("吹哨"), name), TIMES, "flow", _steps(step, kind="whistle"), counted,
            place="matter__place_code", who=STREET, register="whistles", row_field="matter_id",
        )
        for key, name, step, counted in (
            ("accepted", _("应哨"), "accept", _("期间牵头部门应哨的次数")),
            ("objected", _("部门有异议"), "object", _("期间牵头部门提出异议的次数")),
            ("escalated", _("已报区里"), "escalate", _("期间街道报区里处理的次数")),
            ("closed", _("已结案"), "close", _("期间评价并结案的次数")),
        )
    ],
)  # fmt: skip

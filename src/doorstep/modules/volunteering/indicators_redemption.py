"""Figures of redemption: programmes, documents volunteers hold, points redeemed, over and still held, slips, what is owed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, Text, declare
from doorstep.kernel.indicators.moments import Moment
from doorstep.kernel.ledger.models import Transfer
from doorstep.modules.volunteering.books import EXPIRE
from doorstep.modules.volunteering.models import Partner, Programme, Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import EXPIRED, HANDED

CLAUSE = _("志愿服务积分兑换：“五福林海”“微光望海”等项目，积分存折、兑换小票")
VOLUNTEERS = "volunteering.volunteers"
SHOP = _("志愿者兑换后，这里就有数字。")
Rows = Callable[[Scope], QuerySet[Any]]


class Median(Aggregate):
    """The middle value."""

    name = "Median"
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


class Hours(Func):
    """Between two moments."""

    template = "(extract(epoch FROM (%(expressions)s)) / 3600)::float"
    arg_joiner = " - "
    output_field = FloatField()


def _between(field: str, **more: Any) -> Rows:
    def rows(scope: Scope) -> QuerySet[Any]:
        span = {f"{field}__gte": Moment(scope.since), f"{field}__lt": Moment(scope.on, 1)}
        return Slip.objects.filter(**span, **more)

    return rows


def _used_or_over(scope: Scope) -> QuerySet[Any]:
    """Slips that came to their end in the period: handed, or past their day."""
    begin, end = Moment(scope.since), Moment(scope.on, 1)
    return Slip.objects.filter(
        Q(state=HANDED, handed_at__gte=begin, handed_at__lt=end)
        | Q(state=EXPIRED, ended_at__gte=begin, ended_at__lt=end)
    )


def _liable(scope: Scope) -> QuerySet[Any]:
    """Slips for which money was promised or owed at the end of the day: neither given back nor paid by then."""
    end = Moment(scope.on, 1)
    return Slip.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=end),
        Q(settlement__isnull=True) | Q(settlement__paid_on__isnull=True) | Q(settlement__paid_on__gt=scope.on),
        made_at__lt=end, fen__gt=0,
    )  # fmt: skip


def _moved(side: str, *conditions: Q, **more: Any) -> Coalesce:
    """Points that went through a volunteer's account on one side, in a subquery of the volunteer's row."""
    rows = Transfer.objects.filter(*conditions, **{side: OuterRef("points_id")}, **more).order_by()
    summed = rows.values(side).annotate(all=Sum("amount")).values("all")
    return Coalesce(Subquery(summed, output_field=IntegerField()), 0)


def _holding(scope: Scope) -> QuerySet[Any]:
    """Volunteers with what they held at the end of the day, by the journal."""
    until = Q(transaction__day__lte=scope.on)
    held = _moved("credit", until) - _moved("debit", until)
    return Volunteer.objects.filter(registered_at__lt=Moment(scope.on, 1)).annotate(held=held)


def _over(scope: Scope) -> QuerySet[Any]:
    """Volunteers points of whom came to an end in the period."""
    when = Q(transaction__day__gte=scope.since) & Q(transaction__day__lte=scope.on)
    gone = _moved("debit", when, transaction__kind=EXPIRE)
    return Volunteer.objects.annotate(gone=gone).filter(gone__gt=0)


def _documents(scope: Scope) -> QuerySet[Any]:
    """Volunteers with how many kinds of document they hold: a passbook each, and slips who ever had one."""
    end = Moment(scope.on, 1)
    had = Exists(Slip.objects.filter(volunteer=OuterRef("pk"), made_at__lt=end))
    kinds = Case(When(had, then=Value(2)), default=Value(1), output_field=IntegerField())
    return Volunteer.objects.filter(registered_at__lt=end).annotate(kinds=kinds)


def _yuan() -> Aggregate:
    exact = DecimalField(max_digits=20, decimal_places=2)
    return Sum(F("fen") * Value(Decimal("0.01"), output_field=exact), output_field=exact)


def _share(condition: Q) -> Aggregate:
    """Rows that meet the condition, in per cent of all."""
    return Avg(Case(When(condition, then=Value(100.0)), default=Value(0.0)), output_field=FloatField())


def _figure(
    key: str, name: Text, unit: Text, kind: Any, rows: Rows, counted: Text, aggregate: Aggregate | None = None,
    register: str = "volunteering.slips", **more: Any,
) -> Indicator:  # fmt: skip
    return Indicator(
        key=key, name=name, unit=unit, kind=kind, chapter="2", clause=CLAUSE, rows=rows, counted=counted,
        aggregate=aggregate or Count("pk"), register=register, who_records=SHOP, **more,
    )  # fmt: skip


declare(
    _figure(
        "points.programmes", _("积分兑换项目"), _("个"), "stock", lambda scope: Programme.objects.in_force(scope.on),
        _("当天在办的兑换项目"), register="volunteering.programmes",
    ),
    _figure(
        "points.documents", _("志愿者手里的凭证"), _("种"), "stock", _documents,
        _("志愿者持有的凭证有几种：人人有积分存折，兑换过的有小票"), Max("kinds"), VOLUNTEERS, additive=False,
    ),
    _figure(
        "points.redeemed", _("兑换的积分"), _("分"), "flow", _between("handed_at", state=HANDED),
        _("期间兑换了的小票的积分之和，作废的不算"), Sum("points"),
    ),
    _figure(
        "points.expired", _("到期的积分"), _("分"), "flow", _over, _("期间到期、从账户划出的积分"), Sum("gone"), VOLUNTEERS,
    ),
    _figure(
        "points.outstanding", _("还没有用的积分"), _("分"), "stock", _holding,
        _("到当天为止志愿者账户里的积分之和，按账本算"), Sum("held"), VOLUNTEERS,
    ),
    _figure(
        "redemption.merchants", _("参与兑换的商户"), _("家"), "stock", lambda scope: Partner.objects.in_force(scope.on),
        _("协议有效的商户，参加几个项目算一家"), Count("merchant", distinct=True), "volunteering.partners", additive=False,
    ),
    _figure(
        "redemption.slips", _("兑换小票"), _("张"), "flow", _between("made_at"), _("期间开的小票"),
    ),
    _figure(
        "redemption.handed", _("兑换的物品和服务"), _("件"), "flow", _between("handed_at", state=HANDED),
        _("期间兑换了的小票，作废的不算"),
    ),
    _figure(
        "redemption.hours", _("从开票到领到"), _("小时"), "flow", _between("handed_at", state=HANDED),
        _("期间兑换的小票，从开票到本人确认的小时数的中位数"),
        Median(Hours(F("handed_at"), F("made_at")), output_field=FloatField()), additive=False,
    ),
    _figure(
        "redemption.used", _("小票用掉的比例"), _("%"), "flow", _used_or_over,
        _("期间用掉和过期的小票里，用掉的占多少"), _share(Q(state=HANDED)), additive=False,
    ),
    _figure(
        "redemption.by_card", _("凭卡兑换的比例"), _("%"), "flow", _between("handed_at", state=HANDED),
        _("期间兑换的小票里，没有手机、凭卡在社区兑换的占多少"), _share(Q(card=True)), additive=False,
    ),
    _figure(
        "redemption.liability", _("兑换资金待付"), _("元"), "stock", _liable,
        _("到当天为止已答应小票、还没有付给商户的钱；每个项目的余额见项目登记"), _yuan(),
    ),
)  # fmt: skip

"""What points are exchanged for: programmes with a fund, items with a stock, merchants, slips, and monthly settlement.

What an item costs in points is one number, what the merchant is paid for it in fen another; nothing ties them. Points,
stock and money stand in three books of the ledger; the rows here say which accounts, and what each slip did.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.ledger.models import Account
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.volunteering.rules_redemption import in_yuan

GOODS, SERVICE = "goods", "service"
ITEM_KINDS = [(GOODS, _("商品")), (SERVICE, _("服务"))]
HELD, OFFERED, HANDED, VOID, EXPIRED = "held", "offered", "handed", "void", "expired"
SLIP_STATES = [
    (HELD, _("待兑换")), (OFFERED, _("待本人确认")), (HANDED, _("已兑换")), (VOID, _("已作废")), (EXPIRED, _("已过期")),
]  # fmt: skip


class Programme(Dated):
    """A redemption programme (五福林海, 微光望海 …) of a unit, with the rules of its slips.

    `slip_days`: how long a slip may be shown. `void_days`: within how many days a handed slip can be taken back.
    """

    place_code = code_field(15, _("地方"))
    name = models.CharField(_("项目名称"), max_length=40)
    about = models.CharField(_("简介"), max_length=400, blank=True)
    organiser = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("主办单位")
    )
    slip_days = models.PositiveSmallIntegerField(_("小票有效天数"), default=14)
    void_days = models.PositiveSmallIntegerField(_("可作废天数"), default=7)
    fund = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")  # fen there to spend
    pledged = models.OneToOneField(
        Account, on_delete=models.PROTECT, related_name="+"
    )  # fen promised to open slips
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("积分兑换项目")
        constraints = [
            period_order("programme_period"),
            ExclusionConstraint(
                name="programme_once", expressions=[("place_code", "="), ("name", "="), (DateRange(), "&&")]
            ),
            models.CheckConstraint(
                condition=Q(slip_days__range=(1, 92)) & Q(void_days__lte=31), name="programme_days"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="programme_place")]

    def __str__(self) -> str:
        return self.name


class Fund(models.Model):
    """Money given to a programme: how much, from where, by which document. The booking is in the ledger."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="funds")
    place_code = code_field(15, _("地方"))
    fen = models.BigIntegerField(_("金额（分）"))
    source = models.CharField(_("资金来源"), max_length=80)
    document = models.CharField(_("文号"), max_length=80)
    day = models.DateField(_("日期"))
    booking = models.BigIntegerField(unique=True, editable=False)

    class Meta:
        verbose_name = _("项目资金")
        constraints = [
            models.CheckConstraint(condition=Q(fen__gt=0), name="fund_positive"),
            models.UniqueConstraint(fields=["programme", "document", "source"], name="fund_once"),
        ]

    @property
    def yuan(self) -> str:
        return in_yuan(self.fen)


class Partner(Dated):
    """A merchant in a programme. `account`: what it is owed in fen, paid out by settlement."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="partners", db_index=False
    )
    merchant = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    place_code = code_field(15, _("地方"))
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    document = models.CharField(_("协议"), max_length=80, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("参与商户")
        constraints = [
            period_order("partner_period"),
            ExclusionConstraint(
                name="partner_once", expressions=[("programme", "="), ("merchant", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="partner_place")]

    def __str__(self) -> str:
        return f"{self.programme} {self.merchant}"


class Item(Dated):
    """Goods or a service. `merchant` None: handed out at the community's desk. `most`: for one person in a quarter.

    `stock`, `reserved`: pieces there, and pieces promised to open slips.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="items", db_index=False)
    merchant = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("商户")
    )
    place_code = code_field(15, _("地方"))
    kind = models.CharField(_("种类"), max_length=10, choices=ITEM_KINDS)
    name = models.CharField(_("名称"), max_length=60)
    about = models.CharField(_("说明"), max_length=300, blank=True)
    points = models.PositiveIntegerField(_("所需积分"))
    fen = models.PositiveIntegerField(_("付给商户（分）"), default=0)
    most = models.PositiveSmallIntegerField(_("每人每季度限兑"), default=1)
    stock = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    reserved = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("兑换物品")
        constraints = [
            period_order("item_period"),
            models.CheckConstraint(condition=Q(points__gt=0), name="item_points"),
            models.CheckConstraint(condition=Q(most__gt=0), name="item_most"),
            models.CheckConstraint(
                condition=Q(merchant__isnull=False) | Q(fen=0), name="item_paid_to_somebody"
            ),
            ExclusionConstraint(
                name="item_once",
                expressions=[("programme", "="), ("name", "="), ("merchant", "="), (DateRange(), "&&")],
            ),
            ExclusionConstraint(  # of the desk: no merchant is equal to no merchant only when said so
                name="item_once_at_desk",
                expressions=[("programme", "="), ("name", "="), (DateRange(), "&&")],
                condition=Q(merchant=None),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "id"], name="item_programme"),
            models.Index(fields=["place_code", "id"], name="item_place"),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """Pieces that came into stock. The booking is in the ledger."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="deliveries")
    place_code = code_field(15, _("地方"))
    pieces = models.PositiveIntegerField(_("数量"))
    day = models.DateField(_("日期"))
    note = models.CharField(_("说明"), max_length=80, blank=True)
    booking = models.BigIntegerField(unique=True, editable=False)

    class Meta:
        verbose_name = _("入库")
        constraints = [models.CheckConstraint(condition=Q(pieces__gt=0), name="delivery_positive")]


class Slip(models.Model):
    """A redemption slip (兑换小票). Made: points, piece and money are held. Handed: the clerk offered it, the volunteer (or,
    at the desk, a second officer) confirmed; all three moved in one transaction. Else they go back whole.

    `number` is printed and typed; `card` says that it was made at a desk for who showed a printed card. Of a merchant's goods
    such a slip goes on paper: one officer issued it, a second vouched for it, and the clerk takes the paper for the word of
    the volunteer.
    """

    number = models.CharField(_("小票编号"), max_length=16, unique=True, db_collation="C")
    key = models.UUIDField(unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="slips", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="slips", db_index=False)
    volunteer = models.ForeignKey(
        "volunteering.Volunteer", on_delete=models.PROTECT, related_name="slips", db_index=False
    )
    merchant = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    place_code = code_field(15, _("地方"))
    points = models.PositiveIntegerField(_("积分"))
    fen = models.PositiveIntegerField(_("付给商户（分）"), default=0)
    state = models.CharField(_("状态"), max_length=10, choices=SLIP_STATES, default=HELD)
    made_at = models.DateTimeField(_("开票时间"))
    expires_at = models.DateTimeField(_("有效期至"))
    offered_at = models.DateTimeField(_("商户确认时间"), null=True)
    offered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    handed_at = models.DateTimeField(_("兑换时间"), null=True)
    handed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    card = models.BooleanField(_("凭卡"), default=False)
    issued_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    vouched_at = models.DateTimeField(_("社区签字时间"), null=True)
    vouched_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(_("作废或过期时间"), null=True)
    ended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    points_held = models.BigIntegerField(editable=False)  # bookings of the ledger
    points_done = models.BigIntegerField(null=True, editable=False)
    settlement = models.ForeignKey("Settlement", on_delete=models.PROTECT, null=True, related_name="slips")
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("兑换小票")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="slip_expires"),
            models.CheckConstraint(
                condition=~Q(state=HANDED)
                | Q(offered_by__isnull=False, handed_at__isnull=False, handed_by__isnull=False)
                & ~Q(offered_by=F("handed_by")),
                name="slip_two_parties",
            ),
            models.CheckConstraint(
                condition=~Q(state=OFFERED) | Q(offered_by__isnull=False), name="slip_offered"
            ),
            models.CheckConstraint(
                condition=Q(vouched_by=None)
                | Q(issued_by__isnull=False, vouched_at__isnull=False) & ~Q(vouched_by=F("issued_by")),
                name="slip_vouched_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VOID, EXPIRED]) | Q(ended_at__isnull=False), name="slip_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["volunteer", "-id"], name="slip_volunteer"),
            models.Index(fields=["merchant", "state", "-handed_at", "-id"], name="slip_merchant"),
            models.Index(fields=["programme", "-id"], name="slip_programme"),
            models.Index(fields=["place_code", "-made_at", "-id"], name="slip_place"),
            models.Index(fields=["item", "volunteer", "made_at"], name="slip_limit"),
            models.Index(
                fields=["programme", "merchant", "handed_at"],
                name="slip_to_settle",
                condition=Q(state=HANDED, settlement__isnull=True, merchant__isnull=False),
            ),
            models.Index(
                fields=["place_code", "id"],
                name="slip_on_paper",
                condition=Q(state=HELD, issued_by__isnull=False),
            ),
            models.Index(fields=["expires_at"], name="slip_open", condition=Q(state__in=[HELD, OFFERED])),
        ]

    def __str__(self) -> str:
        return self.number


class Settlement(models.Model):
    """What a merchant is paid for a month's handed slips of a programme. Paid: the money left its account."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="settlements", db_index=False
    )
    merchant = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    place_code = code_field(15, _("地方"))
    month = models.DateField(_("月份"))  # its first day
    count = models.PositiveIntegerField(_("小票数"))
    fen = models.BigIntegerField(_("金额（分）"))
    made_at = models.DateTimeField(_("结算时间"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    agreed_at = models.DateTimeField(_("商户核对时间"), null=True)
    paid_on = models.DateField(_("付款日期"), null=True)
    document = models.CharField(_("付款凭证"), max_length=80, blank=True)
    booking = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("结算")
        constraints = [
            models.UniqueConstraint(fields=["programme", "merchant", "month"], name="settlement_once"),
            models.CheckConstraint(
                condition=Q(paid_on=None) | Q(booking__isnull=False) | Q(fen=0), name="settlement_paid"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-month"], name="settlement_merchant"),
            models.Index(fields=["place_code", "-month", "-id"], name="settlement_place"),
        ]

    @property
    def yuan(self) -> str:
        return in_yuan(self.fen)

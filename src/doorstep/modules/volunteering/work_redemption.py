"""What waits in redemption: settlements to make, agree and pay, stock running low, offers waiting at the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.modules.volunteering import selectors_programmes as selectors
from doorstep.modules.volunteering.models import Settlement
from doorstep.modules.volunteering.policies_redemption import HAND, RUN, SETTLE, managed_by

Found = tuple[Iterable[WorkItem], int]


def to_settle(actor: Actor, today: dt.date, limit: int) -> Found:
    """Last month's slips of each merchant, not settled yet."""
    if not actor.holds_somewhere(SETTLE):
        return [], 0
    lines = selectors.to_settle(actor)
    items = [
        WorkItem(
            title=_now("%(merchant)s %(month)s 的结算") % {"merchant": line.merchant, "month": f"{line.month:%Y-%m}"},
            place_code="", place_name=line.programme, action=_("做结算"), url=reverse("volunteering:settlements"),
            detail=_now("%(n)d 张，%(yuan)s 元") % {"n": line.count, "yuan": line.yuan},
        )
        for line in lines[:limit]
    ]  # fmt: skip
    return items, len(lines)


def to_pay(actor: Actor, today: dt.date, limit: int) -> Found:
    """Agreed by the merchant, not paid yet."""
    if not actor.holds_somewhere(SETTLE):
        return [], 0
    rows = [(row, name) for row, name in selectors.settlements_open(actor) if row.agreed_at is not None]
    items = [
        WorkItem(
            title=_now("付给%(merchant)s %(month)s") % {"merchant": name, "month": f"{row.month:%Y-%m}"},
            place_code=row.place_code, place_name=row.programme.name, action=_("登记付款"),
            url=reverse("volunteering:pay_settlement", args=[row.pk]), detail=_now("%(yuan)s 元") % {"yuan": row.yuan},
        )
        for row, name in rows[:limit]
    ]  # fmt: skip
    return items, len(rows)


def to_agree(actor: Actor, today: dt.date, limit: int) -> Found:
    """A merchant's own settlements to compare."""
    mine = managed_by(actor)
    if not mine:
        return [], 0
    rows = Settlement.objects.filter(merchant__in=mine, agreed_at=None).select_related("programme")
    items = [
        WorkItem(
            title=_now("核对 %(month)s 的结算") % {"month": f"{row.month:%Y-%m}"}, place_code=row.place_code,
            place_name=row.programme.name, action=_("去核对"), detail=_now("%(yuan)s 元") % {"yuan": row.yuan},
            url=f"{reverse('volunteering:merchant_months')}?unit={row.merchant_id}&month={row.month:%Y-%m}",
        )
        for row in rows.order_by("month", "pk")[:limit]
    ]  # fmt: skip
    return items, rows.count()


def low_stock(actor: Actor, today: dt.date, limit: int) -> Found:
    if not actor.holds_somewhere(RUN):
        return [], 0
    rows, count = selectors.low_items(actor, limit)
    items = [
        WorkItem(
            title=item.name, place_code=item.place_code, place_name=item.programme.name, action=_("登记入库"),
            url=reverse("volunteering:deliver", args=[item.pk]), detail=_now("还剩 %(n)d 件") % {"n": left},
        )
        for item, left in rows
    ]  # fmt: skip
    return items, count


def waiting_offers(actor: Actor, today: dt.date, limit: int) -> Found:
    """Slips made by another officer for who showed a card."""
    if not actor.holds_somewhere(HAND):
        return [], 0
    rows = [row for row in selectors.waiting_at_desk(actor) if row.offered_by_id != actor.person_id]
    items = [
        WorkItem(
            title=row.item.name, place_code=row.place_code, place_name="", action=_("核对并发放"),
            url=reverse("volunteering:hand", args=[row.number]), detail=row.number,
        )
        for row in rows[:limit]
    ]  # fmt: skip
    return items, len(rows)


def _settlements(actor: Actor) -> str:
    return reverse("volunteering:settlements")


declare(
    WorkProvider("volunteering.waiting_offers", _("等您发放的兑换物品"), "confirm", waiting_offers, lambda actor: reverse("volunteering:desk")),
    WorkProvider("volunteering.to_settle", _("要做的商户结算"), "settle", to_settle, _settlements),
    WorkProvider("volunteering.to_agree", _("要核对的结算"), "confirm", to_agree),
    WorkProvider("volunteering.to_pay", _("要付的商户结算"), "settle", to_pay, _settlements),
    WorkProvider("volunteering.low_stock", _("快兑完的物品"), "due", low_stock),
)  # fmt: skip

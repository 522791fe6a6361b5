"""Reading what is exchanged for points: the shop, one's slips, what both sides see of a slip, the merchant's days and months.

Programmes and what they hold at the desk: selectors_programmes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.ledger.selectors import balances, expired, slip_proof
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import ancestors_of
from doorstep.modules.volunteering.cards import paper_code
from doorstep.modules.volunteering.models import Item, Partner, Settlement, Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import EXPIRED, HANDED, HELD, OFFERED, VOID
from doorstep.modules.volunteering.numbers_redemption import redemption_numbers
from doorstep.modules.volunteering.policies_redemption import merchants_of
from doorstep.modules.volunteering.rules_redemption import (
    in_yuan,
    month_after,
    month_of,
    months_after,
    quarter_bounds,
    read_number,
    spaced,
)

PAGE = 50
OPEN = (HELD, OFFERED)


@dataclass(frozen=True)
class Offer:
    """An item as one volunteer finds it. `left`: pieces there; `had`: how many of it this quarter; `lacking`: points."""

    item: Item
    where: str
    near: bool
    left: int
    had: int
    lacking: int
    funded: bool
    low_stock: int

    @property
    def stock(self) -> str:
        if self.left < 1:
            return _("已兑完")
        return _("还剩 %(n)d 件") % {"n": self.left} if self.left < self.low_stock else _("有货")

    @property
    def hindrance(self) -> str:
        """Why it cannot be had now; empty where it can."""
        if self.had >= self.item.most:
            return _("本季度已兑 %(n)d 件，到上限了") % {"n": self.had}
        if self.left < 1:
            return _("已兑完，补货后再来")
        if not self.funded:
            return _("项目资金暂时不够，过些日子再来")
        return _("还差 %(n)d 分") % {"n": self.lacking} if self.lacking > 0 else ""


@dataclass(frozen=True)
class Shop:
    volunteer: Volunteer
    points: int
    offers: tuple[Offer, ...]
    after: int | None  # of the next page


def on_offer() -> Q:
    """Condition of items to be had today: they and their programme hold, and so does the agreement of the merchant."""
    agreed = Partner.objects.filter(
        in_force(), programme=OuterRef("programme"), merchant=OuterRef("merchant")
    )
    return in_force() & in_force(prefix="programme__") & (Q(merchant=None) | Q(Exists(agreed)))


def shop(volunteer: Volunteer, *, after: int = 0, only: int | None = None) -> Shop:
    """What this volunteer may exchange points for, by page; `only`: one item of it. Eight queries."""
    places = [*ancestors_of(volunteer.place_code), volunteer.place_code]
    rows = Item.objects.filter(on_offer(), place_code__in=places, pk__gt=after)
    rows = rows.filter(pk=only) if only else rows
    items = list(rows.select_related("programme").order_by("pk")[: PAGE + 1])
    shown = items[:PAGE]
    wanted = [
        volunteer.points_id,
        *(item.stock_id for item in shown),
        *(item.programme.fund_id for item in shown),
    ]
    held, over = balances(wanted), expired(volunteer.points_id)
    points = held.get(volunteer.points_id, 0) - over
    merchants = versions_of({item.merchant_id for item in shown if item.merchant_id})
    had, low = _had(volunteer, shown), redemption_numbers()["low_stock"]
    offers = [
        _offer(item, volunteer, merchants.get(item.merchant_id or 0), points, held, had.get(item.pk, 0), low)
        for item in shown
    ]
    offers.sort(key=lambda offer: (offer.item.programme_id, not offer.near, offer.item.pk))
    return Shop(volunteer, points, tuple(offers), shown[-1].pk if len(items) > PAGE else None)


def _had(volunteer: Volunteer, items: Sequence[Item]) -> dict[int, int]:
    since, until = (
        dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE) for day in quarter_bounds(clock.today())
    )
    rows = Slip.objects.filter(
        volunteer=volunteer, item__in=items, made_at__gte=since, made_at__lt=until
    ).exclude(state__in=[VOID, EXPIRED])
    return dict(rows.order_by().values_list("item").annotate(n=Count("pk")))


def _offer(
    item: Item, volunteer: Volunteer, merchant: UnitVersion | None, points: int, held: dict[int, int], had: int, low: int
) -> Offer:  # fmt: skip
    return Offer(
        item=item, where=merchant.name if merchant else _("社区居委会"),
        near=merchant is None or merchant.place_code.startswith(volunteer.place_code), left=held.get(item.stock_id, 0),
        had=had, lacking=item.points - points, funded=held.get(item.programme.fund_id, 0) >= item.fen, low_stock=low,
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A slip as both sides see it, names masked. `waits`: an offer that still stands."""

    slip: Slip
    where: str
    holder: str
    clerk: str
    digest: str
    waits: bool
    until: dt.datetime | None  # of the offer

    @property
    def number(self) -> str:
        return spaced(self.slip.number)

    @property
    def state(self) -> str:
        return self.slip.state if self.slip.state != OFFERED or self.waits else HELD

    @property
    def last_day(self) -> dt.date:
        """The last day on which it may be used."""
        return clock.day_of(self.slip.expires_at - dt.timedelta(seconds=1))

    @property
    def is_open(self) -> bool:
        return self.slip.state in OPEN and self.slip.expires_at > clock.now()

    @property
    def says(self) -> str:
        """The state in words for both sides."""
        if self.slip.state in OPEN and not self.is_open:
            return _("已过期，积分会退回")
        return {
            HELD: _("待兑换"), OFFERED: _("商户已确认，等本人确认"), HANDED: _("已兑换"), VOID: _("已作废，积分已退回"),
            EXPIRED: _("已过期，积分已退回"),
        }[self.state]  # fmt: skip


def own_slips(actor: Actor, *, before: int | None = None, most: int = PAGE) -> list[Slip]:
    """One's own slips, the newest first, by page. One query."""
    rows = Slip.objects.filter(volunteer__person=actor.person_id, pk__lt=before or 2**62)
    return list(rows.select_related("item").order_by("-pk")[:most])


def own_slip(actor: Actor, number: str) -> Shown:
    """Raises NotVisible for anybody else's."""
    rows = Slip.objects.filter(number=read_number(number), volunteer__person=actor.person_id)
    return shown_slip(rows.filter(volunteer__person__isnull=False))


def clerks_slip(actor: Actor, number: str) -> Shown:
    """One of the merchant's, or of the desk, by somebody who may offer it. Raises NotVisible for any other."""
    found = shown_slip(policy_for(Slip).visible_to(actor).filter(number=read_number(number)))
    if not policy_for(Slip).can(actor, "offer", found.slip):
        raise NotVisible(_("没有这张小票，或者它不是本店的。"), field="number")
    return found


def shown_slip(rows: QuerySet[Any]) -> Shown:
    slip: Slip | None = rows.select_related("item", "programme", "volunteer__person").first()
    if slip is None:
        raise NotVisible(_("没有这张小票，或者它不是本店的。"), field="number")
    minutes = dt.timedelta(minutes=redemption_numbers()["offer_minutes"])
    until = slip.offered_at + minutes if slip.state == OFFERED and slip.offered_at else None
    clerk = Person.objects.filter(pk=slip.offered_by_id or 0).values_list("name", flat=True).first()
    return Shown(
        slip=slip, where=names_of_merchants([slip.merchant_id]).get(slip.merchant_id or 0, _("社区居委会")),
        holder=MASKS["name"](slip.volunteer.person.name), clerk=MASKS["name"](clerk) if clerk else "",
        digest=digest_of(slip), waits=until is not None and until > clock.now(), until=until,
    )  # fmt: skip


def names_of_merchants(ids: Iterable[int | None]) -> dict[int, str]:
    """Names as they are today; of a merchant that is gone, the last one. One query."""
    rows = UnitVersion.objects.filter(unit_id__in={pk for pk in ids if pk}).order_by("valid_from")
    return dict(rows.values_list("unit_id", "name"))


def proof_of(slip: Slip) -> dict[str, Any] | None:
    """What the slip carries: the booked text of its points, signed. It proves itself without this platform."""
    return slip_proof(slip.points_held)


def digest_of(slip: Slip) -> str:
    """The beginning of the digest of what the slip carries, for eyes that compare."""
    proof = proof_of(slip)
    whole = hashlib.sha256(proof["text"].encode()).hexdigest() if proof else ""
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))


@dataclass(frozen=True)
class Month:
    """A merchant's month in one programme, as it stands."""

    programme_id: int
    programme: str
    month: dt.date
    count: int
    fen: int
    settlement: Settlement | None

    @property
    def yuan(self) -> str:
        return in_yuan(self.fen)


def handed_today(actor: Actor) -> list[Slip]:
    """What was handed at the actor's merchants today, and what waits there, the newest first. One query."""
    began = dt.datetime.combine(clock.today(), dt.time(), clock.DISTRICT_ZONE)
    rows = Slip.objects.filter(merchant__in=merchants_of(actor)).filter(
        Q(state=HANDED, handed_at__gte=began) | Q(state=OFFERED)
    )
    return list(rows.select_related("item").order_by("-offered_at", "-pk")[:PAGE])


def statement(actor: Actor, merchant_id: int, month: dt.date) -> list[Month]:
    """A merchant's own month, programme by programme: settled, or handed and not settled yet. Two queries."""
    if merchant_id not in merchants_of(actor):
        raise NotVisible(_("没有找到这家商户。"))
    settled = {
        row.programme_id: row
        for row in Settlement.objects.filter(merchant=merchant_id, month=month).select_related("programme")
    }
    found = [
        Month(row.programme_id, row.programme.name, month, row.count, row.fen, row)
        for row in settled.values()
    ]
    return found + [
        one for one in unsettled(month, Q(merchant=merchant_id)) if one.programme_id not in settled
    ]


def unsettled(month: dt.date, condition: Q) -> list[Month]:
    """Handed by the month's end and not settled, by programme."""
    return [
        Month(row["programme"], row["programme__name"], month, row["n"], row["all"], None)
        for row in handed_unsettled(month_after(month), condition).order_by("programme")
    ]


def handed_unsettled(until: dt.date, condition: Q) -> Any:
    """Handed before a day and not settled: programme, merchant, count and fen of each pair."""
    ended = dt.datetime.combine(until, dt.time(), clock.DISTRICT_ZONE)
    rows = Slip.objects.filter(
        condition, state=HANDED, settlement=None, merchant__isnull=False, handed_at__lt=ended
    )
    groups = rows.order_by().values("programme", "programme__name", "programme__place_code", "merchant")
    return groups.annotate(n=Count("pk"), all=Sum("fen"))


def last_months(most: int = 12) -> list[dt.date]:
    """The months to choose from: this one and those before."""
    this = month_of(clock.today())
    return [months_after(this, -back) for back in range(most)]


def own_settlement(actor: Actor, pk: int) -> Settlement:
    """One of the reader's merchants. Raises NotVisible."""
    rows = Settlement.objects.filter(pk=pk, merchant__in=merchants_of(actor))
    row = rows.select_related("programme").first()
    if row is None:
        raise NotVisible(_("没有找到这次结算。"))
    return row


def code_on_paper(actor: Actor, slip: Slip) -> str:
    """The code of a slip that two officers stand behind, for who may print it; empty for any other."""
    may = slip.state == HELD and slip.vouched_by_id is not None and policy_for(Slip).can(actor, "vouch", slip)
    return paper_code(slip.number, slip.key) if may else ""


def slip_paper_data(shown: Shown, qr: str, code: str = "") -> dict[str, Any]:
    """For a receipt on a roll: what both sides see of a slip, names masked, as it stands now. `qr`: its code, drawn; `code`:
    what the merchant types where it cannot be scanned."""
    slip = shown.slip
    rows = [
        [_("志愿者"), shown.holder],
        [_("项目"), slip.programme.name],
        [_("开票时间"), _minute(slip.made_at)],
    ]
    if shown.is_open:
        day = {"day": shown.last_day.isoformat()}
        rows.append([_("有效期至"), _("%(day)s（当天还有效）") % day])
    if code:
        rows.append([_("取货码"), f"{code[:4]} {code[4:]}"])
    if slip.handed_at:
        rows.append([_("兑换时间"), _minute(slip.handed_at)])
    if shown.clerk and shown.state != HELD:
        rows.append([_("经办"), shown.clerk])
    return {
        "title": _("积分兑换小票"), "office": shown.where, "number": shown.number, "state": shown.says, "rows": rows,
        "goods": [{"name": slip.item.name, "count": "× 1", "amount": f"{slip.points:,}"}],
        "total": {"label": _("合计积分"), "value": f"{slip.points:,}"}, "qr": qr,
        "note": _("把这张纸交给商户，商户扫码后收下") if code else _("给兑换点扫一下，或者报小票号") if shown.is_open else _("扫码核对"),
        "foot": [[_("防伪摘要"), shown.digest], [_("打印时间"), _minute(clock.now())]],
    }  # fmt: skip


def _minute(moment: dt.datetime) -> str:
    return f"{moment.astimezone(clock.DISTRICT_ZONE):%Y-%m-%d %H:%M}"


def statement_paper_data(settlement: Settlement) -> dict[str, Any]:
    """For a letter: a merchant's month, slip by slip. No names. Two queries."""
    merchant, organiser = settlement.merchant_id, settlement.programme.organiser_id
    names = names_of_merchants([merchant, organiser])
    slips = (
        settlement.slips.filter(handed_at__isnull=False).select_related("item").order_by("handed_at", "pk")
    )
    agreed, paid = settlement.agreed_at, settlement.paid_on
    told = {"day": paid.isoformat() if paid else "", "document": settlement.document}
    return {
        "title": _("积分兑换结算单"), "office": names.get(organiser, ""), "number": f"{settlement.month:%Y-%m}",
        "rows": [
            [_("商户"), names.get(merchant, "")], [_("项目"), settlement.programme.name], [_("月份"), f"{settlement.month:%Y-%m}"],
            [_("小票数"), f"{settlement.count:,}"], [_("金额（元）"), in_yuan(settlement.fen)],
            [_("商户核对"), clock.day_of(agreed).isoformat() if agreed else _("还没有核对")],
            [_("付款"), _("%(day)s，凭证 %(document)s") % told if paid else _("还没有付款")],
        ],
        "columns": [_("小票号"), _("日期"), _("物品"), _("金额（元）")],
        "lines": [
            [spaced(slip.number), clock.day_of(slip.handed_at), slip.item.name, in_yuan(slip.fen)]
            for slip in slips
            if slip.handed_at
        ],
        "total": {"label": _("合计"), "value": in_yuan(settlement.fen)},
        "signatures": [_("商户（盖章）"), _("结算单位（盖章）")],
        "note": _("%(day)s 打印") % {"day": clock.today().isoformat()},
    }  # fmt: skip

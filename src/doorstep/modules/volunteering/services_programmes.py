"""Programmes of redemption and what belongs to them: money in, merchants, items, stock. Kept on pages and by Excel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger.models import Account
from doorstep.kernel.ledger.services import Move, NotEnough, Posting, post, whole_again
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Delivery, Fund, Item, Partner, Programme
from doorstep.modules.volunteering.models_redemption import ITEM_KINDS
from doorstep.modules.volunteering.policies_redemption import RUN
from doorstep.modules.volunteering.slip_books import chart

Kept = Literal["added", "changed", "unchanged"]
MOST_FEN = 10**12  # ten billion yuan: more is a slip of the hand
MOST_PIECES = 10**6
MOST_POINTS = 10**6
GONE = gettext_lazy("没有找到这条记录。")


@dataclass(frozen=True, kw_only=True)
class ProgrammeData:
    """A programme at a place, organised by a unit. `slip_days`: how long a slip holds; `void_days`: within how many days
    after handing it can be taken back."""

    place_code: str
    name: str
    organiser_id: int
    about: str = ""
    slip_days: int = 14
    void_days: int = 7
    valid_from: dt.date
    valid_to: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class ItemData:
    """Goods or a service. `fen`: what the merchant is paid for one; `most`: for one person in a quarter. `place_code`: whose
    volunteers may have it. `merchant_id` None: handed out at the community's desk."""

    name: str
    kind: str
    points: int
    place_code: str
    fen: int = 0
    most: int = 1
    about: str = ""
    merchant_id: int | None = None
    valid_from: dt.date
    valid_to: dt.date | None = None


@transaction.atomic
def create_programme(*, actor: Actor, data: ProgrammeData) -> Programme:
    """A new programme, with its two accounts of money. Raises RuleViolation naming the field."""
    require_place(actor, RUN, data.place_code)
    values = _programme_values(data)
    using = books.book(books.FEN)
    programme = Programme(
        **values, place_code=data.place_code, fund=books.new_pool(using, "fund", data.name),
        pledged=books.new_pool(using, "pledged", data.name),
    )  # fmt: skip
    _written(programme, _("这里已经有同名的项目。"), "name")
    _tell(actor, "volunteering.programme_created", programme, values)
    return programme


@transaction.atomic
def change_programme(*, actor: Actor, programme_id: int, version: int, data: ProgrammeData) -> Kept:
    """Change it; open slips keep what they were made with. Raises Conflict where somebody else did meanwhile."""
    programme = _locked(actor, Programme, programme_id, version)
    return _changed(actor, "volunteering.programme_changed", programme, _programme_values(data))


def _programme_values(data: ProgrammeData) -> dict[str, Any]:
    organiser = UnitVersion.objects.filter(in_force(), unit_id=data.organiser_id).first()
    if organiser is None:
        raise RuleViolation(_("没有这个单位。"), field="organiser")
    _period(data.valid_from, data.valid_to)
    return {
        "name": _words(data.name, "name", 40), "about": _words(data.about, "about", 400, required=False),
        "organiser_id": organiser.unit_id, "slip_days": _whole(data.slip_days, "slip_days", 1, 92),
        "void_days": _whole(data.void_days, "void_days", 0, 31), "valid_from": data.valid_from,
        "valid_to": data.valid_to,
    }  # fmt: skip


@whole_again
def add_fund(
    *, actor: Actor, programme_id: int, fen: int, source: str, document: str, day: dt.date, key: UUID
) -> Fund:
    """Money comes in: from where, by which document. The same key again gives the same row; so does the same document of
    the same source with the same sum."""
    programme = _seen(actor, Programme, programme_id)
    fen = _whole(fen, "fen", 1, MOST_FEN)
    source, document = _words(source, "source", 80), _words(document, "document", 80)
    if day > clock.today():
        raise RuleViolation(_("到账日期不能在今天以后。"), field="day")
    known = Fund.objects.filter(programme=programme, document=document, source=source).first()
    if known is not None:
        if known.fen != fen:
            raise Conflict(_("这份文件的资金已经登记过，金额不同。"), field="document")
        return known
    using = chart()
    posting = Posting(
        book=using.books[books.FEN], key=books.key_of("fund", programme.pk, key), kind=books.FUND, day=day,
        moves=(Move(using.at(books.FEN, books.BUDGET), programme.fund_id, fen),),
        about=f"programme:{programme.pk}", place_code=programme.place_code,
    )  # fmt: skip
    booked = post(actor=actor, posting=posting)
    fund = Fund(
        programme=programme, place_code=programme.place_code, fen=fen, source=source, document=document, day=day,
        booking=booked.id,
    )  # fmt: skip
    _written(fund, _("这笔资金已经登记过。"), "document")
    _tell(actor, "volunteering.fund_added", fund, {"fen": fen, "source": source, "document": document})
    return fund


@transaction.atomic
def keep_partner(
    *, actor: Actor, programme_id: int, merchant_id: int, document: str, valid_from: dt.date,
    valid_to: dt.date | None = None,
) -> tuple[Partner, Kept]:  # fmt: skip
    """A merchant takes part from a day on, by its agreement. A renewed agreement goes on with the same account."""
    programme = _seen(actor, Programme, programme_id)
    merchant = _merchant(merchant_id)
    document = _words(document, "document", 80, required=False)
    _period(valid_from, valid_to)
    rows = Partner.objects.select_for_update(of=("self",)).filter(programme=programme, merchant=merchant)
    known = list(rows.order_by("valid_from"))
    same = next((row for row in known if row.holds_on(valid_from)), None)
    if same is not None:
        values = {"document": document, "valid_to": valid_to}
        return same, _changed(actor, "volunteering.partner_changed", same, values)
    account: Account = (
        known[0].account
        if known
        else books.new_pool(books.book(books.FEN), "owed", programme.name, unit_id=merchant.pk)
    )
    partner = Partner(
        programme=programme, merchant=merchant, place_code=programme.place_code, account=account, document=document,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    _written(partner, _("这段时间里已有它的协议。"), "valid_from")
    _tell(actor, "volunteering.partner_added", partner, {"document": document, "valid_from": valid_from})
    return partner, "added"


@transaction.atomic
def create_item(*, actor: Actor, programme_id: int, data: ItemData) -> Item:
    """A new item, with its two accounts of pieces; none are there until some are delivered."""
    programme = _seen(actor, Programme, programme_id)
    values = _item_values(programme, data)
    using = books.book(books.PIECES)
    item = Item(
        **values, programme=programme, stock=books.new_pool(using, "stock", data.name),
        reserved=books.new_pool(using, "reserved", data.name),
    )  # fmt: skip
    if _item_of(programme, data.name.strip(), data.merchant_id, data.valid_from) is not None:
        raise RuleViolation(_("这个项目里已经有同名的物品。"), field="name")
    _written(item, _("这个项目里已经有同名的物品。"), "name")
    _tell(actor, "volunteering.item_added", item, values)
    return item


@transaction.atomic
def change_item(*, actor: Actor, item_id: int, version: int, data: ItemData) -> Kept:
    """Change it. A slip made before keeps its points and what is paid for it."""
    item = _locked(actor, Item, item_id, version)
    values = _item_values(item.programme, data)
    if item.merchant_id != data.merchant_id and item.slips.exists():
        raise RuleViolation(_("已经有人兑过，不能换商户；请下架后另加一件。"), field="merchant")
    return _changed(actor, "volunteering.item_changed", item, values)


@transaction.atomic
def keep_item(*, actor: Actor, programme_id: int, data: ItemData) -> tuple[Item, Kept]:
    """The item of that name and merchant in the programme, as it is to be: for sheets that are read in."""
    programme = _seen(actor, Programme, programme_id)
    item = _item_of(programme, data.name.strip(), data.merchant_id, data.valid_from)
    if item is None:
        return create_item(actor=actor, programme_id=programme_id, data=data), "added"
    return item, change_item(actor=actor, item_id=item.pk, version=item.lock_version, data=data)


def _item_of(programme: Programme, name: str, merchant_id: int | None, on: dt.date) -> Item | None:
    rows = Item.objects.filter(in_force(on), programme=programme, name=name, merchant_id=merchant_id)
    return rows.first()


def _item_values(programme: Programme, data: ItemData) -> dict[str, Any]:
    if data.kind not in dict(ITEM_KINDS):
        raise RuleViolation(_("“%s”不在可选范围内。") % data.kind, field="kind")
    if not contains(programme.place_code, data.place_code):
        raise RuleViolation(_("这个地方不在项目的范围里。"), field="place_code")
    _period(data.valid_from, data.valid_to)
    fen = _whole(data.fen, "fen", 0, MOST_FEN // 10**5)
    if data.merchant_id is None:
        if fen:
            raise RuleViolation(_("社区发放的物品不付给谁，金额填 0。"), field="fen")
    else:
        partners = Partner.objects.filter(programme=programme, merchant_id=data.merchant_id)
        if not partners.filter(in_force(max(data.valid_from, clock.today()))).exists():
            raise RuleViolation(_("这家商户没有参加这个项目，先登记它的协议。"), field="merchant")
    return {
        "name": _words(data.name, "name", 60), "kind": data.kind, "points": _whole(data.points, "points", 1, MOST_POINTS),
        "fen": fen, "most": _whole(data.most, "most", 1, 1000), "about": _words(data.about, "about", 300, required=False),
        "merchant_id": data.merchant_id, "place_code": data.place_code, "valid_from": data.valid_from,
        "valid_to": data.valid_to,
    }  # fmt: skip


@whole_again
def deliver(*, actor: Actor, item_id: int, pieces: int, day: dt.date, key: UUID, note: str = "") -> Delivery:
    """Pieces come into stock. The same key again gives the same row."""
    item = _seen(actor, Item, item_id)
    pieces, note = _whole(pieces, "pieces", 1, MOST_PIECES), _words(note, "note", 80, required=False)
    if day > clock.today():
        raise RuleViolation(_("入库日期不能在今天以后。"), field="day")
    using = chart()
    posting = Posting(
        book=using.books[books.PIECES], key=books.key_of("delivery", item.pk, key), kind=books.STOCK, day=day,
        moves=(Move(using.at(books.PIECES, books.MADE), item.stock_id, pieces),), about=f"item:{item.pk}",
        place_code=item.place_code,
    )  # fmt: skip
    booked = post(actor=actor, posting=posting)
    if not booked.is_new:
        return Delivery.objects.get(booking=booked.id)
    row = Delivery.objects.create(
        item=item, place_code=item.place_code, pieces=pieces, day=day, note=note, booking=booked.id
    )
    _tell(actor, "volunteering.delivered", row, {"pieces": pieces, "goods": item.name})
    return row


@whole_again
def write_off(*, actor: Actor, item_id: int, pieces: int, reason: str, key: UUID) -> None:
    """Pieces broken, spoilt or lost leave the stock, with a reason; those promised to slips stay."""
    item = _seen(actor, Item, item_id)
    pieces, reason = _whole(pieces, "pieces", 1, MOST_PIECES), _words(reason, "reason", 80)
    using = chart()
    _tell(actor, "volunteering.written_off", item, {"pieces": pieces}, words={"reason": reason})
    posting = Posting(
        book=using.books[books.PIECES], key=books.key_of("write_off", item.pk, key), kind=books.WRITE_OFF,
        moves=(Move(item.stock_id, using.at(books.PIECES, books.LOST), pieces),), about=f"item:{item.pk}",
        place_code=item.place_code,
    )  # fmt: skip
    try:
        post(actor=actor, posting=posting)
    except NotEnough as refusal:
        raise RuleViolation(_("库存没有这么多。"), field="pieces") from refusal


def _seen(actor: Actor, model: Any, pk: int) -> Any:
    """The row, where it exists for the actor and is theirs to keep."""
    row = policy_for(model).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible(GONE)
    policy_for(model).require(actor, "keep", row)
    return row


def _locked(actor: Actor, model: Any, pk: int, version: int) -> Any:
    row = policy_for(model).visible_to(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotVisible(GONE)
    policy_for(model).require(actor, "keep", row)
    if row.lock_version != version:
        raise Conflict(_("别人刚刚改过，请刷新后再改。"))
    return row


def _merchant(merchant_id: int) -> Unit:
    unit = Unit.objects.filter(pk=merchant_id, kind="merchant", ended_on=None).first()
    if unit is None:
        raise RuleViolation(_("没有这家商户，先在单位登记里登记。"), field="merchant")
    return unit


def _changed(actor: Actor, action: str, row: Any, values: dict[str, Any]) -> Kept:
    """Write what differs, and tell of it."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not different:
        return "unchanged"
    told = {name: [_plain(getattr(row, name)), _plain(value)] for name, value in different.items()}
    for name, value in different.items():
        setattr(row, name, value)
    if hasattr(row, "lock_version"):
        row.lock_version += 1
    _written(row, _("和已有的登记重复，或者日期重叠。"), "name")
    record(actor, Act(action, row, row.place_code, told))
    return "changed"


def _written(row: Any, clash: str, field: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RuleViolation(clash, field=field) from error


def _tell(
    actor: Actor, action: str, row: Any, values: dict[str, Any], words: dict[str, str] | None = None
) -> None:
    told = {name: [None, _plain(value)] for name, value in values.items()}
    record(actor, Act(action, row, row.place_code, told, words=words or {}))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _period(first: dt.date, after: dt.date | None) -> None:
    if after is not None and after <= first:
        raise RuleViolation(_("截止日期要在开始日期以后。"), field="valid_to")


def _words(text: str, field: str, longest: int, *, required: bool = True) -> str:
    text = " ".join(text.split())
    if required and not text:
        raise RuleViolation(_("请填写这一项。"), field=field)
    if len(text) > longest:
        raise RuleViolation(_("最多 %(n)d 个字。") % {"n": longest}, field=field)
    return text


def _whole(value: Any, field: str, least: int, most: int) -> int:
    """A whole number in its bounds; a fraction, a yes or a text is none."""
    if type(value) is not int or not least <= value <= most:
        raise RuleViolation(
            _("要填 %(least)d 到 %(most)d 的整数。") % {"least": least, "most": most}, field=field
        )
    return value

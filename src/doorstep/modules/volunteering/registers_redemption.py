"""Registers of redemption: programmes, money, merchants, items, stock, slips, settlements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    AS_IT_IS,
    HAPPENED,
    UNDER_WAY,
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.importing_redemption import import_item, import_partner, import_programme
from doorstep.modules.volunteering.models import (
    Delivery,
    Fund,
    Item,
    Partner,
    Programme,
    Settlement,
    Slip,
)
from doorstep.modules.volunteering.models_redemption import HANDED, ITEM_KINDS, SLIP_STATES
from doorstep.modules.volunteering.policies_redemption import RUN, SETTLE
from doorstep.modules.volunteering.selectors_programmes import money_of
from doorstep.modules.volunteering.selectors_redemption import balances, names_of_merchants

FROM = Column("valid_from", _("起"), kind="date", shown=False)
TO = Column("valid_to", _("止"), kind="date", shown=False)
FROM_IN = ImportColumn(
    "valid_from", _("开始日期"), kind="date", required=True, aliases=("起", "起用日期", "上架日期")
)
TO_IN = ImportColumn(
    "valid_to",
    _("截止日期"),
    kind="date",
    aliases=("止", "下架日期"),
    note=_("不再有效的第一天；长期的留空。"),
)


def _seen(model: Any, *joined: str) -> Callable[[Actor, dt.date], QuerySet[Any]]:
    return lambda actor, on: policy_for(model).visible_to(actor).select_related(*joined)


def _yuan(field: str = "fen") -> Callable[[Any], float]:
    return lambda row: float(getattr(row, field)) / 100


def _words(choices: Sequence[tuple[Any, Any]], field: str) -> Callable[[Any], str]:
    names = dict(choices)
    return lambda row: str(names.get(getattr(row, field), ""))


def _with_merchants(rows: Sequence[Any], on: dt.date) -> None:
    names = names_of_merchants(row.merchant_id for row in rows)
    for row in rows:
        row.merchant_name = names.get(row.merchant_id, "")


MERCHANT = Column("merchant", _("商户"), value=lambda row: row.merchant_name, width=28)
PROGRAMME = Column("programme", _("项目"), value="programme__name", width=20)


def _with_money(rows: Sequence[Any], on: dt.date) -> None:
    money, names = money_of(rows), names_of_merchants(row.organiser_id for row in rows)
    for row in rows:
        row.money, row.organiser_name = money[row.pk], names.get(row.organiser_id, "")


def _programme_links(actor: Actor, row: Any) -> Iterable[Link]:
    yield Link(_("打开"), reverse("volunteering:programme", args=[row.pk]), main=True)


def _programme_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(RUN):
        yield Link(_("新建兑换项目"), reverse("volunteering:new_programme"), main=True)


_PROGRAMMES = Register(
    key="volunteering.programmes", name=_("积分兑换项目"), noun=_("积分兑换项目"), model=Programme, order=("place_code", "id"),
    as_of=True, section=navigation.VOLUNTEERS, prepare=_with_money, links=_programme_links, actions=_programme_actions,
    columns=(
        Column("name", width=20), Column("place_code", kind="place"),
        Column("organiser", _("主办单位"), value=lambda row: row.organiser_name, width=28),
        Column("free", _("可用（元）"), kind="number", value=lambda row: row.money.free / 100),
        Column("pledged_fen", _("已答应小票（元）"), kind="number", value=lambda row: row.money.pledged / 100),
        Column("owed", _("欠商户（元）"), kind="number", value=lambda row: row.money.owed / 100),
        Column("slip_days", kind="number", shown=False), Column("void_days", kind="number", shown=False),
        Column("about", shown=False, width=40), FROM, TO,
    ),
    search=Search(contains=("name",), starts=("place_code",), hint=_("项目名称或代码")),
    note=_("资金是现在的余额；要付的，是已答应小票和欠商户的。"),
    empty=_("街道或社区建了兑换项目后，这里就有记录。"),
    importer=Importer(
        capability=RUN, keys=("place", "name"), row_service=import_programme,
        columns=(
            ImportColumn("place", _("范围"), kind="place", required=True, default_place=True, aliases=("地方",)),
            ImportColumn("name", _("项目名称"), required=True, max_length=40, aliases=("名称", "项目")),
            ImportColumn("organiser", _("主办单位"), required=True, max_length=120, aliases=("单位",)),
            ImportColumn("about", _("简介"), max_length=400),
            ImportColumn("slip_days", _("小票有效天数"), kind="number"),
            ImportColumn("void_days", _("可作废天数"), kind="number"), FROM_IN, TO_IN,
        ),
        examples=({"place": "210202005", "name": "演示兑换项目", "organiser": "演示街道办事处", "valid_from": "2026-01-05"},),
    ),
)  # fmt: skip

_FUNDS = Register(
    key="volunteering.funds", name=_("兑换资金"), noun=_("资金"), model=Fund, order=("-day", "-id"), undated=HAPPENED,
    rows=_seen(Fund, "programme"),
    columns=(
        Column("day", kind="date"), PROGRAMME, Column("yuan", _("金额（元）"), kind="number", value=_yuan()),
        Column("source", width=24), Column("document", width=24), Column("place_code", kind="place", shown=False),
    ),
    filters=(Filter("programme", _("项目"), kind="text", field="programme__name", phrase=_("“{value}”的")),),
    search=Search(contains=("source", "document", "programme__name"), hint=_("来源、文号或项目")),
    empty=_("在项目页面登记资金后，这里就有记录。"),
)  # fmt: skip

_PARTNERS = Register(
    key="volunteering.partners", name=_("兑换商户"), noun=_("参与商户"), model=Partner, order=("place_code", "id"), as_of=True,
    prepare=_with_merchants, section=navigation.VOLUNTEERS,
    columns=(MERCHANT, PROGRAMME, Column("document", width=24), Column("place_code", kind="place"), FROM, TO),
    search=Search(contains=("document", "programme__name"), starts=("place_code",), hint=_("协议、项目或代码")),
    empty=_("在项目页面登记商户后，这里就有记录。"),
    importer=Importer(
        capability=RUN, keys=("place", "programme", "merchant", "valid_from"), row_service=import_partner,
        columns=(
            ImportColumn("place", _("项目所在地"), kind="place", required=True, default_place=True, aliases=("范围",)),
            ImportColumn("programme", _("项目"), required=True, max_length=40, aliases=("项目名称",)),
            ImportColumn("merchant", _("商户"), required=True, max_length=120, aliases=("商户名称",)),
            ImportColumn("document", _("协议"), max_length=80, aliases=("协议编号",)), FROM_IN, TO_IN,
        ),
        examples=(
            {"place": "210202005", "programme": "演示兑换项目", "merchant": "演示商店", "document": "演协〔2026〕1号",
             "valid_from": "2026-01-05"},
        ),
    ),
)  # fmt: skip


def _with_stock(rows: Sequence[Any], on: dt.date) -> None:
    _with_merchants(rows, on)
    held = balances([account for row in rows for account in (row.stock_id, row.reserved_id)])
    for row in rows:
        row.left, row.promised = held.get(row.stock_id, 0), held.get(row.reserved_id, 0)


def _item_links(actor: Actor, row: Any) -> Iterable[Link]:
    if policy_for(Item).can(actor, "keep", row):
        yield Link(_("入库"), reverse("volunteering:deliver", args=[row.pk]), main=True)
        yield Link(_("修改"), reverse("volunteering:change_item", args=[row.pk]))
        yield Link(_("核销库存"), reverse("volunteering:write_off", args=[row.pk]))


_ITEMS = Register(
    key="volunteering.items", name=_("兑换物品"), noun=_("兑换物品"), model=Item, order=("place_code", "id"), as_of=True,
    prepare=_with_stock, links=_item_links, section=navigation.VOLUNTEERS,
    columns=(
        Column("name", width=24), PROGRAMME, Column("kind", value=_words(ITEM_KINDS, "kind"), width=10), MERCHANT,
        Column("points", kind="number"), Column("yuan", _("付给商户（元）"), kind="number", value=_yuan()),
        Column("left", _("库存"), kind="number", value=lambda row: row.left),
        Column("promised", _("已答应"), kind="number", value=lambda row: row.promised),
        Column("most", kind="number", shown=False), Column("place_code", kind="place", shown=False),
        Column("about", shown=False, width=40), FROM, TO,
    ),
    filters=(
        Filter("kind", _("种类"), choices=ITEM_KINDS),
        Filter("programme", _("项目"), kind="text", field="programme__name", phrase=_("“{value}”的")),
    ),
    search=Search(contains=("name", "programme__name"), starts=("place_code",), hint=_("名称、项目或代码")),
    note=_("库存是现在的数。积分是志愿者用的，付给商户的钱是另一个数。"),
    empty=_("在项目页面上架物品后，这里就有记录。"),
    importer=Importer(
        capability=RUN, keys=("place", "programme", "name", "merchant"), row_service=import_item,
        columns=(
            ImportColumn("place", _("项目所在地"), kind="place", required=True, default_place=True, aliases=("范围",)),
            ImportColumn("programme", _("项目"), required=True, max_length=40, aliases=("项目名称",)),
            ImportColumn("name", _("名称"), required=True, max_length=60, aliases=("物品", "物品名称")),
            ImportColumn("kind", _("种类"), kind="choice", choices=ITEM_KINDS, required=True),
            ImportColumn("points", _("所需积分"), kind="number", required=True, aliases=("积分",)),
            ImportColumn("merchant", _("商户"), max_length=120, note=_("社区发放的留空。")),
            ImportColumn("yuan", _("付给商户（元）"), kind="number", decimals=True, note=_("社区发放的留空。")),
            ImportColumn("most", _("每人每季度限兑"), kind="number"), ImportColumn("about", _("说明"), max_length=300),
            ImportColumn("offered_in", _("谁可以兑换"), kind="place", note=_("留空就是项目的整个范围。")), FROM_IN, TO_IN,
        ),
        examples=(
            {"place": "210202005", "programme": "演示兑换项目", "name": "演示香皂", "kind": "商品", "points": "20",
             "valid_from": "2026-01-05"},
        ),
    ),
)  # fmt: skip

_DELIVERIES = Register(
    key="volunteering.deliveries", name=_("物品入库"), noun=_("入库"), model=Delivery, order=("-day", "-id"), undated=HAPPENED,
    rows=_seen(Delivery, "item__programme"),
    columns=(
        Column("day", kind="date"), Column("item", _("物品"), value="item__name", width=24),
        Column("programme", _("项目"), value="item__programme__name", width=20), Column("pieces", kind="number"),
        Column("note", width=28), Column("place_code", kind="place", shown=False),
    ),
    search=Search(contains=("item__name", "note"), hint=_("物品或说明")), empty=_("登记入库后，这里就有记录。"),
)  # fmt: skip


def _slip_links(actor: Actor, row: Any) -> Iterable[Link]:
    yield Link(_("打印 / PDF"), reverse("volunteering:desk_slip_paper", args=[row.number]))
    if row.offered_by_id == actor.person_id:
        return  # somebody else voids it
    if row.state == HANDED and row.settlement_id is None and policy_for(Slip).can(actor, "void", row):
        yield Link(_("作废"), reverse("volunteering:void_slip", args=[row.number]))


def _since(path: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{path}__gte": clock.midnight(day)})


_SLIPS = Register(
    key="volunteering.slips", name=_("兑换小票"), noun=_("兑换小票"), model=Slip, order=("-made_at", "-id"), undated=UNDER_WAY,
    rows=_seen(Slip, "item", "programme", "volunteer__person"), prepare=_with_merchants, links=_slip_links,
    section=navigation.VOLUNTEERS,
    columns=(
        Column("number", width=16), Column("state", value=_words(SLIP_STATES, "state"), width=14),
        Column("item", _("物品"), value="item__name", width=24), Column("points", kind="number"),
        Column("yuan", _("付给商户（元）"), kind="number", value=_yuan(), shown=False), PROGRAMME, MERCHANT,
        Column("volunteer", _("志愿者编号"), value="volunteer__number"),
        Column("holder", _("志愿者"), value="volunteer__person__name", mask=MASKS["name"]),
        Column("made_at", kind="datetime", width=18), Column("handed_at", kind="datetime", width=18),
        Column("expires_at", kind="datetime", shown=False, width=18), Column("card", kind="bool", shown=False),
        Column("ended_at", kind="datetime", shown=False, width=18), Column("reason", shown=False, width=28),
        Column("place_code", kind="place", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), choices=SLIP_STATES),
        Filter("programme", _("项目"), kind="text", field="programme__name", phrase=_("“{value}”的")),
        Filter("since", _("开票于"), kind="date", condition=_since("made_at"), phrase=_("{value} 起开的")),
        Filter("settled", _("已结算"), kind="exists", field="settlement_id", phrase=_("已结算的"), phrase_no=_("未结算的")),
    ),
    search=Search(contains=("item__name",), starts=("number", "volunteer__number"), hint=_("编号、物品或志愿者编号")),
    empty=_("志愿者兑换后，这里就有记录。"),
)  # fmt: skip


def _settlement_links(actor: Actor, row: Any) -> Iterable[Link]:
    if row.paid_on is None and row.agreed_at is not None and policy_for(Settlement).can(actor, "pay", row):
        yield Link(_("登记付款"), reverse("volunteering:pay_settlement", args=[row.pk]), main=True)
    yield Link(_("打印 / PDF"), reverse("volunteering:desk_statement", args=[row.pk]))


def _settlement_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(SETTLE):
        yield Link(_("去结算"), reverse("volunteering:settlements"), main=True)


_SETTLEMENTS = Register(
    key="volunteering.settlements", name=_("商户结算"), noun=_("商户结算"), model=Settlement, order=("-month", "-id"),
    undated=AS_IT_IS, rows=_seen(Settlement, "programme"), prepare=_with_merchants, links=_settlement_links,
    actions=_settlement_actions, section=navigation.VOLUNTEERS,
    columns=(
        Column("month", kind="date"), MERCHANT, PROGRAMME, Column("count", kind="number"),
        Column("yuan", _("金额（元）"), kind="number", value=_yuan()), Column("made_at", kind="datetime", width=18),
        Column("agreed_at", kind="datetime", width=18), Column("paid_on", kind="date"), Column("document", width=24),
        Column("place_code", kind="place", shown=False),
    ),
    filters=(
        Filter("paid", _("已付款"), kind="exists", field="paid_on", phrase=_("已付款的"), phrase_no=_("未付款的")),
        Filter("agreed", _("已核对"), kind="exists", field="agreed_at", phrase=_("商户已核对的"), phrase_no=_("商户未核对的")),
    ),
    search=Search(contains=("document", "programme__name"), hint=_("凭证或项目")),
    empty=_("街道做了结算后，这里就有记录。"),
)  # fmt: skip

declare(_PROGRAMMES, _FUNDS, _PARTNERS, _ITEMS, _DELIVERIES, _SLIPS, _SETTLEMENTS)

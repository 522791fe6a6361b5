"""Registers of money for cultural events: purses with what is left, what came in, what events cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import HAPPENED, Column, Filter, Link, Register, Search, declare
from doorstep.kernel.ledger.selectors import balances
from doorstep.modules.culture import rules
from doorstep.modules.culture.models import Cost, Grant, Purse
from doorstep.modules.culture.policies import FUND, KEEP
from doorstep.modules.culture.register_parts import FROM, TO, adding, ending

_YUAN = Column("fen", _("金额（元）"), value=lambda row: rules.yuan_of(row.fen), kind="number")
_end_purse = ending("purse", FUND)


def _with_balances(rows: Sequence[Any], on: dt.date) -> None:
    left = balances(row.account_id for row in rows)
    for row in rows:
        row.left = left.get(row.account_id, 0)


def _purse_links(actor: Actor, row: Any) -> Iterable[Link]:
    if row.valid_to is None and actor.holds(FUND, row.place_code):
        yield Link(_("拨入"), reverse("culture:grant", args=[row.pk]))
    yield from _end_purse(actor, row)


def _cost_links(actor: Actor, row: Any) -> Iterable[Link]:
    if row.taken_back_at is None and actor.holds(KEEP, row.purse.place_code):
        yield Link(_("冲销"), reverse("culture:take_back", args=[row.pk]))


def _closing(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds(FUND, settings.HOME_PLACE):
        yield Link(_("结账"), reverse("culture:close"))


def _standing(wanted: Any, on: dt.date) -> Q:
    return Q(taken_back_at__isnull=not wanted)


_PURSES = Register(
    key="culture.purses", name=_("活动经费"), noun=_("活动经费"), model=Purse, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, prepare=_with_balances, links=_purse_links, actions=adding("purse", _("设立经费"), FUND),
    columns=(
        Column("place_code", kind="place"), Column("name", width=32),
        Column("left", _("现在结余（元）"), value=lambda row: rules.yuan_of(getattr(row, "left", 0)), kind="number"), FROM, TO,
    ),
    search=Search(contains=("name",), starts=("place_code",), hint=_("经费名称或代码")),
    note=_("结余由账本实时算出；账本每笔都能查，谁也改不了。"), empty=_("街道或区设立经费后，这里就有记录。"),
)  # fmt: skip

_GRANTS = Register(
    key="culture.grants", name=_("经费拨入"), noun=_("经费拨入"), model=Grant, order=("-day", "-id"), undated=HAPPENED,
    section=navigation.VOLUNTEERS, rows=lambda actor, on: policy_for(Grant).visible_to(actor).select_related("purse"),
    annotate=lambda rows, on: rows.select_related("purse"),
    columns=(
        Column("day", kind="date"), Column("place_code", kind="place"), Column("purse", _("经费"), value="purse__name", width=32),
        _YUAN, Column("source", width=24), Column("document", width=24), Column("booking", _("账目号"), kind="number", shown=False),
    ),
    filters=(Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),),
    search=Search(contains=("purse__name", "source", "document"), starts=("place_code",), hint=_("经费、来源或文号")),
    empty=_("经费拨入后，这里就有记录。"),
)  # fmt: skip

_COSTS = Register(
    key="culture.costs", name=_("活动支出"), noun=_("活动支出"), model=Cost, order=("-day", "-id"), undated=HAPPENED,
    section=navigation.VOLUNTEERS, rows=lambda actor, on: policy_for(Cost).visible_to(actor).select_related("purse", "event__activity"),
    annotate=lambda rows, on: rows.select_related("purse", "event__activity"), links=_cost_links,
    actions=_closing,
    columns=(
        Column("day", kind="date"), Column("place_code", kind="place"),
        Column("event", _("活动"), value="event__activity__title", width=32), Column("what", width=24), _YUAN,
        Column("purse", _("经费"), value="purse__name", width=28), Column("voucher", width=20),
        Column("taken_back_at", kind="datetime", width=18), Column("booking", _("账目号"), kind="number", shown=False),
    ),
    filters=(
        Filter("back", _("冲销"), kind="bool", condition=_standing, phrase=_("已冲销的"), phrase_no=_("没有冲销的")),
        Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
    ),
    search=Search(contains=("what", "voucher", "event__activity__title", "purse__name"), starts=("place_code",),
                  hint=_("用途、凭证号、活动或经费")),
    empty=_("在活动的页面上登记支出后，这里就有记录。"),
)  # fmt: skip

declare(_PURSES, _GRANTS, _COSTS)

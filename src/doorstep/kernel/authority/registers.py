"""Accounts and keys for programs, for the system and the security administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account, Token
from doorstep.kernel.authority.policies import ISSUE, MANAGE, SECURE
from doorstep.kernel.authority.scopes import scope_names
from doorstep.kernel.authority.selectors import in_office, owner_units
from doorstep.kernel.declarations.navigation import ADMINISTRATION
from doorstep.kernel.declarations.registers import AS_IT_IS, Column, Filter, Link, Register, Search, declare


def _links(actor: Actor, row: Account) -> Iterable[Link]:
    if actor.holds(SECURE, row.person.place_code if row.person is not None else ""):
        yield Link(_("停用、恢复或重置密码"), reverse("account_security", args=[row.pk]), main=True)


def _actions(actor: Actor, place_code: str) -> Iterable[Link]:
    if actor.holds_somewhere(MANAGE):
        yield Link(_("建立账号"), reverse("account_create"), main=True)


def _second_factor(has: bool, on: dt.date) -> Q:
    return in_office(with_second_factor=has, on=on)


declare(
    Register(
        key="accounts",
        undated=AS_IT_IS,
        name=_("账号"),
        noun=_("账号"),
        model=Account,
        columns=(
            Column("username"),
            Column("name", name=_("姓名"), value="person__name"),
            Column("place", name=_("地方"), value="person__place_code", kind="place"),
            Column("is_active", kind="bool"),
            Column("is_demo", kind="bool", shown=False),
            Column("last_login", name=_("上次登录"), kind="datetime"),
            Column("created_at", kind="datetime", shown=False),
        ),
        order=("id",),
        filters=(
            Filter("is_active", name=_("启用"), kind="bool", phrase=_("启用的"), phrase_no=_("已停用的")),
            Filter(
                "second_factor",
                name=_("在任人员的动态验证码"),
                kind="bool",
                condition=_second_factor,
                phrase=_("已设动态验证码的在任人员"),
                phrase_no=_("没有动态验证码的在任人员"),
            ),
        ),
        search=Search(names=("person__",), starts=("username",), hint=_("姓名、拼音或账号")),
        section=ADMINISTRATION,
        links=_links,
        actions=_actions,
        empty=_("系统管理员在这里为工作人员建立账号。"),
    )
)


def _key_links(actor: Actor, row: Token) -> Iterable[Link]:
    if row.revoked_at is None and policy_for(Token).can(actor, "revoke", row):
        yield Link(_("停用"), reverse("key_security", args=[row.pk]), main=True)


def _key_actions(actor: Actor, place_code: str) -> Iterable[Link]:
    if actor.holds_somewhere(ISSUE):
        yield Link(_("给单位发密钥"), reverse("partner_key_create"), main=True)


def _is_live(live: bool, on: dt.date) -> Q:
    usable = Q(revoked_at=None, expires_on__gte=on)
    return usable if live else ~usable


def _owner(row: Any) -> str:
    return str(row.account) if row.account_id is not None else str(row.owner_unit)


def _prepare_owners(rows: Sequence[Any], on: Any) -> None:
    """Names of the partner units of one page. One query."""
    names = owner_units(rows)
    for row in rows:
        row.owner_unit = names.get(row.unit_id, "")


declare(
    Register(
        key="keys",
        undated=AS_IT_IS,
        name=_("接口密钥"),
        noun=_("接口密钥"),
        model=Token,
        columns=(
            Column("prefix"),
            Column("name"),
            Column("owner", name=_("属于"), value=_owner),
            Column("account", name=_("账号"), value="account__username", shown=False),
            Column("place_code", name=_("地方"), kind="place", shown=False),
            Column("scopes", value=lambda row: "、".join(scope_names(row.scopes))),
            Column("state", name=_("状态"), value=lambda row: str(row.state_name)),
            Column("expires_on"),
            Column("last_used_on"),
            Column("created_at", kind="datetime", shown=False),
        ),
        order=("id",),
        filters=(
            Filter(
                "live",
                name=_("可用"),
                kind="bool",
                condition=_is_live,
                phrase=_("可用的"),
                phrase_no=_("已停用或过期的"),
            ),
            Filter(
                "partner",
                name=_("单位的"),
                kind="exists",
                field="unit",
                phrase=_("单位的"),
                phrase_no=_("个人账号的"),
            ),
        ),
        search=Search(contains=("name",), starts=("prefix",), hint=_("用途或密钥的开头")),
        section=ADMINISTRATION,
        prepare=_prepare_owners,
        links=_key_links,
        actions=_key_actions,
        empty=_("工作人员在“我的账号”里为自己的程序建立密钥；系统管理员在这里给合作单位发密钥。"),
    )
)

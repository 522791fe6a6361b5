"""Accounts, for the system and the security administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.policies import MANAGE, SECURE
from doorstep.kernel.authority.selectors import in_office
from doorstep.kernel.declarations.navigation import ADMINISTRATION
from doorstep.kernel.declarations.registers import Column, Filter, Link, Register, Search, declare


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

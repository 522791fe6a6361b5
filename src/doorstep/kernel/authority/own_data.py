"""What authority knows of a person: posts held, and the account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.authority.models import Account, Token
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare


def _posts(person: Person) -> Iterable[dict[str, Any]]:
    for held in Appointment.objects.filter(person=person).order_by("valid_from", "pk"):
        yield {
            "post": str(POSTS[held.post].name),
            "place_code": held.place_code,
            "valid_from": held.valid_from.isoformat(),
            "valid_to": held.valid_to.isoformat() if held.valid_to else "",
        }


def _account(person: Person) -> Iterable[dict[str, Any]]:
    for account in Account.objects.filter(person=person):
        last = account.last_login
        yield {
            "username": account.username,
            "email": account.email,
            "last_login": last.isoformat() if last else "",
        }


def _tokens(person: Person) -> Iterable[dict[str, Any]]:
    for token in Token.objects.filter(account__person=person).order_by("pk"):
        yield {
            "name": token.name,
            "prefix": token.prefix,
            "expires_on": token.expires_on.isoformat(),
            "last_used_on": token.last_used_on.isoformat() if token.last_used_on else "",
        }


declare(
    Section(
        "posts", _("任职"),
        {"post": _("职务"), "place_code": _("地方代码"), "valid_from": _("起"), "valid_to": _("止")}, _posts,
    ),
    Section("account", _("账号"), {"username": _("账号"), "email": _("邮箱"), "last_login": _("上次登录")}, _account),
    Section(
        "tokens", _("接口密钥"),
        {"name": _("用途"), "prefix": _("开头"), "expires_on": _("有效期至"), "last_used_on": _("最近使用")}, _tokens,
    ),
)  # fmt: skip

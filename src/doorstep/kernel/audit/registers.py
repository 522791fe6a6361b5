"""The audit for its administrator: who did what, when, to which record, from which scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.audit.models import Entry, Seal
from doorstep.kernel.declarations.acts import act_name
from doorstep.kernel.declarations.navigation import ADMINISTRATION
from doorstep.kernel.declarations.registers import Column, Filter, Link, Register, Search, declare
from doorstep.kernel.shared.clock import DISTRICT_ZONE


def _since(day: dt.date, on: dt.date) -> Q:
    return Q(at__gte=dt.datetime.combine(day, dt.time(), DISTRICT_ZONE))


def _target(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:  # a kind of record that this version no longer has
        return label


def _changes(changes: dict[str, Any]) -> str:
    return "；".join(f"{key}：{value}" for key, value in changes.items())


def _prepare(rows: Sequence[Any], on: Any) -> None:
    """Usernames and whether each row is sealed: two queries a page."""
    accounts = {row.account_id for row in rows if row.account_id is not None}
    names = dict(get_user_model().objects.filter(pk__in=accounts).values_list("pk", "username"))
    sealed = set(
        Seal.objects.filter(entry_id__in=[row.pk for row in rows]).values_list("entry_id", flat=True)
    )
    for row in rows:
        row.username = names.get(row.account_id, "")
        row.is_sealed = row.pk in sealed


declare(
    Register(
        key="audit",
        name=_("审计记录"),
        noun=_("审计记录"),
        model=Entry,
        columns=(
            Column("at", kind="datetime"),
            Column("actor_name", width=14),
            Column("username", name=_("账号"), value=lambda row: row.username, width=18),
            Column("action", name=_("操作"), value=lambda row: act_name(row.action)),
            Column("target", name=_("对象类型"), value=lambda row: _target(row.target)),
            Column("target_id", width=12),
            Column("place_code", kind="place"),
            Column("purpose", shown=False, width=24),
            Column("scope", shown=False, width=30),
            Column("changes", name=_("变化"), value=lambda row: _changes(row.changes), shown=False, width=40),
            Column("sealed", name=_("已封存"), value=lambda row: row.is_sealed, kind="bool", width=8),
        ),
        order=("-id",),
        filters=(
            Filter("action", name=_("操作代码"), kind="text", phrase=_("操作代码含“{value}”")),
            Filter("since", name=_("自何日起"), kind="date", condition=_since, phrase=_("{value} 起")),
            Filter(
                "seal",
                name=_("封存"),
                kind="exists",
                field="seal",
                phrase=_("已封存的"),
                phrase_no=_("未封存的"),
            ),
            Filter("target", name=_("对象类型代码"), kind="text", phrase=_("对象类型代码含“{value}”")),
        ),
        actions=lambda actor, place_code: [Link(_("封存状态"), reverse("audit_state"))],
        search=Search(contains=("actor_name",), starts=("target_id",), hint=_("操作人或对象编号")),
        section=ADMINISTRATION,
        note=_("只增不改。每分钟封存一次，封存后的改动、删除和插入都能查出；核验用 doorstep audit verify。"),
        prepare=_prepare,
        history=lambda row: (),
    )
)

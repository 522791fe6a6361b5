"""The audit for its administrator: who did what, when, to which record, from which scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.audit.directory import accounts
from doorstep.kernel.audit.models import Entry, Seal
from doorstep.kernel.audit.reading import lines
from doorstep.kernel.declarations.acts import act_name
from doorstep.kernel.declarations.navigation import ADMINISTRATION
from doorstep.kernel.declarations.registers import HAPPENED, Column, Filter, Link, Register, Search, declare
from doorstep.kernel.shared.clock import DISTRICT_ZONE


def _since(day: dt.date, on: dt.date) -> Q:
    return Q(at__gte=dt.datetime.combine(day, dt.time(), DISTRICT_ZONE))


def _target(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:  # a kind of record that this version no longer has
        return label


def _changes(row: Any) -> str:
    known = {key: value for key, value in row.line.changes.items() if key not in row.line.words}
    return "；".join(f"{key}：{value}" for key, value in known.items())


def _why(row: Any) -> str:
    """The declared purpose, and what was written: a reason, a document."""
    return "；".join(filter(None, [row.purpose, *row.line.words.values()]))


def _acted(text: str) -> Q:
    """Who acted: by name or username, or the platform's own reason."""
    return accounts().matching(text) | Q(system_reason__icontains=text)


def _prepare(rows: Sequence[Any], on: Any) -> None:
    """Who acted, what was written, and whether each row is sealed: four queries a page."""
    names = accounts().usernames({row.account_id for row in rows if row.account_id is not None})
    sealed = set(
        Seal.objects.filter(entry_id__in=[row.pk for row in rows]).values_list("entry_id", flat=True)
    )
    for row, line in zip(rows, lines(rows), strict=True):
        row.line = line
        row.username = names.get(row.account_id, "")
        row.is_sealed = row.pk in sealed


declare(
    Register(
        key="audit",
        undated=HAPPENED,
        name=_("审计记录"),
        noun=_("审计记录"),
        model=Entry,
        columns=(
            Column("at", kind="datetime"),
            Column("who", name=_("操作人"), value=lambda row: row.line.who, width=14),
            Column("username", name=_("账号"), value=lambda row: row.username, width=18),
            Column("action", name=_("操作"), value=lambda row: act_name(row.action)),
            Column("target", name=_("对象类型"), value=lambda row: _target(row.target)),
            Column("target_id", width=12),
            Column("place_code", kind="place"),
            Column("purpose", name=_("用途或理由"), value=_why, shown=False, width=24),
            Column("scope", shown=False, width=30),
            Column("changes", name=_("变化"), value=_changes, shown=False, width=40),
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
        search=Search(starts=("target_id",), also=_acted, hint=_("操作人或对象编号")),
        section=ADMINISTRATION,
        note=_("只增不改。每分钟封存一次，封存后的改动、删除和插入都能查出；核验用 doorstep audit verify。"),
        prepare=_prepare,
        history=lambda row: (),
    )
)

"""Keeping filters of the inbox under names, each account its own.

They change no record and show nobody more than before, so the audit does not tell of them.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.surfaces.desk.models import SavedFilter

MOST = 30  # more than a menu holds
LONGEST = 30


@transaction.atomic
def save_filter(*, actor: Actor, name: str, query: str) -> SavedFilter:
    """Keep the conditions under a name; a name used already now means these. Raises RuleViolation naming the field."""
    account, name = _account(actor), _name(name)
    kept = SavedFilter.objects.select_for_update().filter(account_id=account)
    known = next((row for row in kept if row.name == name), None)
    if known is None and len(kept) >= MOST:
        raise RuleViolation(_("最多保存 %(n)d 个常用筛选。请先删去不用的。") % {"n": MOST}, field="name")
    row, _new = SavedFilter.objects.update_or_create(
        account_id=account, name=name, defaults={"query": query, "saved_at": clock.now()}
    )
    return row


def rename_filter(*, actor: Actor, pk: int, name: str) -> SavedFilter:
    """Raises RuleViolation where the name is another's, NotVisible where the filter is not the account's."""
    name = _name(name)
    try:
        with transaction.atomic():
            row = _own(actor, pk)
            row.name = name
            row.save(update_fields=["name"])
    except IntegrityError:
        raise RuleViolation(
            _("已经有叫“%(name)s”的筛选。请换一个名称。") % {"name": name}, field="name"
        ) from None
    return row


@transaction.atomic
def delete_filter(*, actor: Actor, pk: int) -> str:
    """Gives the name it had."""
    row = _own(actor, pk)
    row.delete()
    return row.name


def saved_filters(actor: Actor) -> list[SavedFilter]:
    """The account's own, by name."""
    return list(SavedFilter.objects.filter(account_id=actor.account_id or 0).order_by("name"))


def _account(actor: Actor) -> int:
    if not actor.account_id:
        raise NotAllowed(_("请先登录，再保存筛选。"))
    return actor.account_id


def _own(actor: Actor, pk: int) -> SavedFilter:
    row = SavedFilter.objects.select_for_update().filter(account_id=actor.account_id or 0, pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这个筛选。"))
    return row


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if not name:
        raise RuleViolation(_("请给这个筛选起个名称。"), field="name")
    if len(name) > LONGEST:
        raise RuleViolation(_("名称最多 %(n)d 个字。") % {"n": LONGEST}, field="name")
    return name

"""What is said and ordered beside the steps: remarks, following, supervision orders."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.hearers import Told
from doorstep.kernel.matters.laws import Part
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import Matter, Participation, Remark, SupervisionOrder
from doorstep.kernel.matters.policies import HANDLE, SUPERVISE
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.standing import held_matter, is_insider, is_reporter, office_in
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation


@transaction.atomic
def remark(*, actor: Actor, matter_id: int, text: str, internal: bool) -> Remark:
    """Say something to everybody in the matter, or (`internal`) among staff. It stays as it was said.

    Raises NotVisible outside, NotAllowed for an internal remark of somebody who is not in office in it.
    """
    matter = held_matter(actor, matter_id)
    insider = is_insider(actor, matter)
    if not insider and not is_reporter(actor, matter):
        raise NotAllowed(_("您不能在这件事里留言。"))
    if internal and not insider:
        raise NotAllowed(_("内部留言只有承办人员可以写。"))
    _refuse_erased(matter)
    row = Remark.objects.create(
        matter=matter, at=clock.now(), account_id=actor.account_id, person_id=actor.person_id, internal=internal,
        unit_id=office_in(actor, matter) if insider else None,
        text=checked_text(text, "remark", 2000, required=True),
    )  # fmt: skip
    record(
        actor,
        Act("matters.remark", matter, matter.place_code, {"remark": [None, row.pk], "internal": internal}),
    )
    parts: tuple[Part, ...] = ("holder", "handler") if internal else ("reporter", "holder", "handler")
    announce(actor, [Told(matter=matter, key="remark", parts=parts, to_followers=not internal)])
    return row


@transaction.atomic
def follow(*, actor: Actor, matter_id: int) -> None:
    """Hear of what happens to a matter one can see. Doing it again changes nothing."""
    matter = held_matter(actor, matter_id)
    if actor.person_id is None:
        raise NotAllowed(_("这个账号没有对应的人员信息。"))
    _row, is_new = Participation.objects.get_or_create(
        matter=matter, person_id=actor.person_id, defaults={"part": Participation.FOLLOWS, "at": clock.now()}
    )
    if is_new:
        record(actor, Act("matters.follow", matter, matter.place_code))


@transaction.atomic
def unfollow(*, actor: Actor, matter_id: int) -> None:
    """Hear no more of it. Of a main matter, too, whose duplicate one reported: so it need not be visible."""
    rows = Participation.objects.filter(
        matter_id=matter_id,
        person_id=actor.person_id or 0,
        part__in=(Participation.FOLLOWS, Participation.NEIGHBOUR),
    )
    row = rows.select_related("matter").first()
    if row is not None:
        row.delete()
        record(actor, Act("matters.unfollow", row.matter, row.matter.place_code))


@transaction.atomic
def supervise(*, actor: Actor, matter_id: int, reason: str, reply_due: dt.datetime) -> SupervisionOrder:
    """Order the unit that holds an open matter to answer by `reply_due`.

    Raises NotAllowed without the capability over the place, RuleViolation for a matter that is over or held by
    nobody, a time that has passed, or a second open order of the same unit.
    """
    matter = held_matter(actor, matter_id)
    unit_id = office_in(actor, matter, SUPERVISE)
    if unit_id is None:
        raise NotAllowed(_("您的岗位不能督办这件事。"))
    if not matter.is_open:
        raise RuleViolation(_("这件事已经办结，不能再督办。"))
    if matter.holder_id is None:
        raise RuleViolation(_("这件事还没有承办单位，请先派办。"))
    now = clock.now()
    if reply_due <= now:
        raise RuleViolation(_("回复期限应晚于现在。"), field="reply_due")
    if SupervisionOrder.objects.filter(matter=matter, unit_id=unit_id, closed_at__isnull=True).exists():
        raise RuleViolation(_("您单位对这件事已有一件未结束的督办。"))
    order = SupervisionOrder.objects.create(
        matter=matter, ordered_at=now, ordered_by_id=actor.person_id, unit_id=unit_id, reply_due=reply_due,
        reason=checked_text(reason, "reason", 500, required=True),
    )  # fmt: skip
    _recorded(actor, "matters.supervise", order, {"reply_due": [None, reply_due.isoformat()]})
    told = Told(
        matter=matter, key="supervised", parts=("handler", "holder"), due_at=reply_due, to_followers=False
    )
    announce(actor, [told])
    return order


@transaction.atomic
def reply_to_supervision(*, actor: Actor, order_id: int, reply: str) -> SupervisionOrder:
    """Answer an open order, for the unit that holds the matter now. Once; a late answer is shown as late."""
    order = _held_order(actor, order_id)
    matter = order.matter
    answers = any(
        HANDLE in grant.capabilities and grant.unit_id == matter.holder_id and grant.covers(matter.place_code)
        for grant in actor.grants
    )
    if not answers and (actor.person_id is None or actor.person_id != matter.handler_id):
        raise NotAllowed(_("督办由承办单位回复。"))
    if order.replied_at is not None or order.closed_at is not None:
        raise RuleViolation(_("这件督办已经回复或结束。"))
    order.reply = checked_text(reply, "reply", 2000, required=True)
    order.replied_at, order.replied_by_id = clock.now(), actor.person_id
    order.replied_unit_id = matter.holder_id
    order.save(update_fields=["reply", "replied_at", "replied_by", "replied_unit"])
    _recorded(actor, "matters.reply_supervision", order, {"late": order.replied_at > order.reply_due})
    _tell_orderer(actor, order)
    return order


@transaction.atomic
def close_supervision(*, actor: Actor, order_id: int, closing: str) -> SupervisionOrder:
    """End an order: who ordered it, or a colleague of the same unit with the same authority."""
    order = _held_order(actor, order_id)
    matter = order.matter
    own = actor.person_id is not None and actor.person_id == order.ordered_by_id
    colleague = any(
        SUPERVISE in grant.capabilities and grant.unit_id == order.unit_id and grant.covers(matter.place_code)
        for grant in actor.grants
    )
    if not own and not colleague:
        raise NotAllowed(_("督办由发出的单位结束。"))
    if order.closed_at is not None:
        raise RuleViolation(_("这件督办已经结束。"))
    order.closing = checked_text(closing, "closing", 500, required=True)
    order.closed_at, order.closed_by_id = clock.now(), actor.person_id
    order.save(update_fields=["closing", "closed_at", "closed_by"])
    _recorded(actor, "matters.close_supervision", order, {"closed": [False, True]})
    announce(
        actor,
        [Told(matter=matter, key="supervision_closed", parts=("handler", "holder"), to_followers=False)],
    )
    return order


def _held_order(actor: Actor, order_id: int) -> SupervisionOrder:
    """Locked, with its matter first, as everywhere. Raises NotVisible to whoever is not in office in the matter."""
    matter_id = SupervisionOrder.objects.filter(pk=order_id).values_list("matter_id", flat=True).first()
    if matter_id is None:
        raise NotVisible(_("没有找到这件督办。"))
    matter = held_matter(actor, matter_id)
    if not is_insider(actor, matter):
        raise NotVisible(_("没有找到这件督办。"))
    order = SupervisionOrder.objects.select_for_update().get(pk=order_id)
    order.matter = matter
    return order


def _tell_orderer(actor: Actor, order: SupervisionOrder) -> None:
    if order.ordered_by_id is not None:
        persons = ((order.ordered_by_id, "orderer"),)
        told = Told(matter=order.matter, key="supervision_reply", persons=persons, to_followers=False)
        announce(actor, [told])


def _recorded(actor: Actor, action: str, order: SupervisionOrder, changes: dict[str, object]) -> None:
    matter = order.matter
    record(actor, Act(action, matter, matter.place_code, {"order": order.pk} | changes))


def _refuse_erased(matter: Matter) -> None:
    if matter.erased_at is not None:
        raise RuleViolation(_("这件事的内容已按期删除，不能再添加。"))

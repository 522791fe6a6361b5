"""Naming another item for an open request: what it is called, who may read it, how urgent it is. Where it goes stays a
person's step, and promises stay as they were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import URGENCIES, Link, Matter
from doorstep.kernel.matters.policies import SEALED
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.modules.requests import selectors
from doorstep.modules.requests.models import EventItem, Request
from doorstep.modules.requests.services_steps import visible_matter
from doorstep.modules.requests.states import DISPATCH, ITEM_CHANGED, SEALED_WITH

SEALING = "requests.sealing"


@transaction.atomic
def change_item(
    *, actor: Actor, matter_id: int, item_code: str, expected_version: int | None = None
) -> Request:
    """Name another item for an open request. The item's confidentiality and urgency hold where they are the stricter and
    the higher; nothing that was sealed for its item becomes more open, and running promises stay as they were made.

    Raises NotAllowed without the right to dispatch there, RuleViolation for an item that is not on the list.
    """
    visible_matter(actor, matter_id)
    (case,) = matters.locked_cases(actor, [matter_id])
    matter = case.matter
    matters.check_version(matter, expected_version)
    if not actor.holds(DISPATCH, matter.place_code):
        raise NotAllowed(_("您的岗位不能改定事项。"))
    if not matter.is_open:
        raise RuleViolation(_("这件事已经了结，不能再改事项。"))
    item = selectors.item_named(matter.place_code, item_code)
    request = Request.objects.select_for_update(of=("self",)).select_related("item").get(pk=matter_id)
    request.matter = matter
    was = request.item
    if was == item:
        return request
    before = (matter.confidentiality, matter.urgency)
    matter.item, matter.category = item.code, item.event_class
    matter.confidentiality = _level(actor, matter, was, item)
    matter.urgency = _last_of(URGENCIES, matter.urgency, item.urgency)
    matter.save(update_fields=["item", "category", "confidentiality", "urgency"])
    request.item, request.item_from = item, Request.CHOSEN
    request.save(update_fields=["item", "item_from"])
    matters.note_cases(actor, [case], ITEM_CHANGED, _told(matter, was, item, *before), clock.now())
    if matter.confidentiality == Matter.SEALED:
        _seal_what_came_of(matter)
    return request


def _seal_what_came_of(matter: Matter) -> None:
    """Whistles raised from it and what was split off tell of the same people."""
    parts = Link.objects.filter(matter=matter, kind=Link.SPLIT, ended_at__isnull=True).values("other")
    rows = Matter.objects.filter(Q(whistle__request_id=matter.pk) | Q(pk__in=parts))
    numbers = list(rows.exclude(confidentiality=Matter.SEALED).values_list("pk", flat=True))
    if not numbers:
        return
    platform = system_actor(SEALING)
    cases = matters.locked_cases(platform, numbers)
    Matter.objects.filter(pk__in=numbers).update(confidentiality=Matter.SEALED)
    said = _("{number} 改定了事项，这一件随之改为当事人可见。").format(number=matter.number)
    matters.note_cases(platform, cases, SEALED_WITH, Inputs(internal=said), clock.now())


def _level(actor: Actor, matter: Matter, was: EventItem | None, item: EventItem) -> str:
    """The strictest of what holds. An undecided request is sealed on suspicion alone: who reads sealed ones may say that
    it is something else, and it is then as open as any whose words nobody meant to publish."""
    stands = [matter.confidentiality, *([was.confidentiality] if was else [])]
    if was is None and actor.holds(SEALED, matter.place_code):
        stands = [Matter.INTERNAL]
    return _last_of(Matter.CONFIDENTIALITY, *stands, item.confidentiality)


def _last_of(order: Sequence[tuple[str, Any]], *codes: str) -> str:
    """Of some codes the one that stands last in the order of the choices."""
    places = [code for code, _name in order]
    return max(codes, key=places.index)


def _told(matter: Matter, was: EventItem | None, item: EventItem, level: str, urgency: str) -> Inputs:
    """What the history keeps: among staff in words, for the audit in codes."""
    names = {"before": was.name if was else _("事项未定"), "after": item.name}
    said = [_("事项由“{before}”改定为“{after}”").format(**names)]
    data = {"item": [was.code if was else None, item.code]}
    for field, before, choices, name in (
        ("confidentiality", level, Matter.CONFIDENTIALITY, _("公开范围由“{before}”改为“{after}”")),
        ("urgency", urgency, URGENCIES, _("紧急程度由“{before}”升为“{after}”")),
    ):
        after = getattr(matter, field)
        if after != before:
            words = dict(choices)
            said.append(name.format(before=words[before], after=words[after]))
            data[field] = [before, after]
    said.append(_("已作出的期限承诺不变"))
    return Inputs(internal=_("；").join(said) + _("。"), data=data)

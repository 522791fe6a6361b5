"""A unit claims a published need in two taps, and may give it back before a project is agreed. The last place goes to one."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import agreed_places, line
from doorstep.modules.partnership.models_lists import Claim, Need, Resource
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.services_needs import follow
from doorstep.modules.partnership.states_needs import KIND
from doorstep.modules.partnership.wording_lists import CLAIMABLE


@transaction.atomic
def claim(
    *, actor: Actor, need_id: int, unit_id: int, resource_id: int | None = None, words: str = ""
) -> Claim:
    """Say that one's unit does it; said twice it is said once.

    Raises NotVisible where the need is not published to the unit, Conflict where others have all its places, RuleViolation for
    a resource that is not the unit's and for a need that the unit itself told.
    """
    need = published_to(actor, need_id, unit_id)
    if need.unit_id == unit_id:
        raise RuleViolation(_("这是贵单位自己提出的需求，由别的单位来做。"))
    own = Claim.objects.filter(need=need, unit_id=unit_id, ended_at=None).first()
    if own is not None:
        return own
    if need.matter.state not in CLAIMABLE:
        raise Conflict(_("这件需求已经有单位在做了。谢谢您的心意，看看附近还需要什么。"))
    taken = set(Claim.objects.filter(need=need, ended_at=None).values_list("slot", flat=True))
    slot = rules.free_seat(taken, need.units)
    if slot is None:
        raise Conflict(_("名额刚刚被别的单位认领了。谢谢您的心意，看看附近还需要什么。"))
    if (
        resource_id is not None
        and not Resource.objects.in_force().filter(pk=resource_id, unit_id=unit_id).exists()
    ):
        raise RuleViolation(_("请从本单位的资源里选。"), field="resource")
    row = Claim.objects.create(
        need=need, unit_id=unit_id, slot=slot, resource_id=resource_id, words=line(words, "words", 300),
        by_id=actor.person_id, at=clock.now(),
    )  # fmt: skip
    record(actor, Act("partnership.claimed", need.matter, need.matter.place_code, {"unit": unit_id}))
    if need.matter.state == "published":
        follow(need.pk, "claim", unit=unit_id)
    return row


@transaction.atomic
def give_back(*, actor: Actor, need_id: int, unit_id: int, reason: str) -> Claim:
    """Take one's claim back; the place is free for others. Raises RuleViolation once a project was agreed."""
    need = published_to(actor, need_id, unit_id)
    row = Claim.objects.filter(need=need, unit_id=unit_id, ended_at=None).first()
    if row is None:
        raise NotVisible(_("贵单位没有认领这件需求。"))
    if need.matter.state not in CLAIMABLE:
        raise RuleViolation(_("已经商定了项目，请在项目里退回并说明情况。"))
    row.ended_at, row.reason = clock.now(), line(reason, "reason", 200, required=True)
    row.save(update_fields=["ended_at", "reason"])
    record(actor, Act("partnership.claim_given_back", need.matter, need.matter.place_code, {"unit": unit_id}))
    if not Claim.objects.filter(need=need, ended_at=None).exists():
        follow(need.pk, "unclaim", unit=unit_id)
    return row


def published_to(actor: Actor, need_id: int, unit_id: int) -> Need:
    """A need published where the unit has an agreement, its matter locked. Raises NotVisible."""
    if unit_id not in acting_units(actor):
        raise NotVisible(_("没有找到这个单位。"))
    matter = Matter.objects.select_for_update().filter(pk=need_id, kind=KIND).first()
    need = Need.objects.filter(pk=need_id, published_on__isnull=False).first() if matter else None
    if matter is None or need is None or not rules.covered(matter.place_code, agreed_places(unit_id)):
        raise NotVisible(_("没有找到这件需求。"))
    need.matter = matter
    return need

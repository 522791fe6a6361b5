"""Who sees programmes, items and slips, who keeps them, who offers goods, who settles.

Programmes, their items, partners, deliveries and money are seen and kept by those who serve at their place. A slip is
seen by who serves where its volunteer lives, by the merchant's own people, and by its volunteer. What a merchant is owed
is settled and paid by street and district; the merchant's manager agrees.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.modules.volunteering.models import (
    Delivery,
    Fund,
    Item,
    Partner,
    Programme,
    Settlement,
    Slip,
)
from doorstep.modules.volunteering.policies import _KEEPING, _LEADING, VIEW

RUN = declare("volunteering.run_programmes", posts=(*_LEADING, *_KEEPING))
HAND = declare("volunteering.hand", posts=(*_LEADING, *_KEEPING))  # at the community's desk
OFFER = declare("volunteering.offer", posts=("merchant_manager", "merchant_clerk"))
AGREE = declare("volunteering.agree_settlement", posts=("merchant_manager",))
SETTLE = declare("volunteering.settle", posts=_LEADING)


def merchants_of(actor: Actor) -> frozenset[int]:
    """The merchants somebody works for."""
    return frozenset(grant.unit_id for grant in actor.grants if OFFER in grant.capabilities)


def managed_by(actor: Actor) -> frozenset[int]:
    """The merchants somebody answers for."""
    return frozenset(grant.unit_id for grant in actor.grants if AGREE in grant.capabilities)


class _Kept(Policy):
    view = VIEW
    actions = {"keep": RUN}


@register_policy
class ProgrammePolicy(_Kept):
    model = Programme


@register_policy
class FundPolicy(_Kept):
    model = Fund


@register_policy
class ItemPolicy(_Kept):
    model = Item


@register_policy
class DeliveryPolicy(_Kept):
    model = Delivery


@register_policy
class PartnerPolicy(_Kept):
    model = Partner

    def participation(self, actor: Actor) -> Q | None:
        return Q(merchant__in=merchants_of(actor))


@register_policy
class SlipPolicy(Policy):
    model = Slip
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(merchant__in=merchants_of(actor)) | Q(volunteer__person=actor.person_id)

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "offer":  # the merchant's own people; what has no merchant, the community's desk
            if obj.merchant_id is not None:
                return obj.merchant_id in merchants_of(actor)
            return actor.holds(HAND, obj.place_code)
        if action == "void":
            return obj.merchant_id in merchants_of(actor) or actor.holds(HAND, obj.place_code)
        if action == "own":
            return actor.person_id is not None and obj.volunteer.person_id == actor.person_id
        if action == "vouch":  # the desk's second officer, for a slip that goes on paper
            return obj.issued_by_id is not None and actor.holds(HAND, obj.place_code)
        if action == "give_back":  # a slip made for a card, at the desk that made it
            return obj.card and actor.holds(HAND, obj.place_code)
        if action == "hand":
            return obj.merchant_id is None and actor.holds(HAND, obj.place_code)
        return super().can(actor, action, obj)


@register_policy
class SettlementPolicy(Policy):
    model = Settlement
    view = VIEW
    actions = {"pay": SETTLE}

    def participation(self, actor: Actor) -> Q | None:
        return Q(merchant__in=merchants_of(actor))

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "agree":
            return obj.merchant_id in managed_by(actor)
        return super().can(actor, action, obj)

"""Who sees and keeps what: those who serve at the place, and the people of a unit what is theirs.

A liaison acts for the unit and for nothing else; its post opens no place to it. A department's officers act for their department.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import CharField, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership.models import (
    Agreement,
    Consultation,
    Deed,
    Gathering,
    Institution,
    Nomination,
    Pairing,
    PlanItem,
    Resolution,
    Topic,
)
from doorstep.modules.partnership.models_meetings import Held
from doorstep.modules.partnership.states import VIEW as NOMINATIONS

_LEADING = ("district_officer", "street_officer")
_KEEPING = ("community_secretary", "community_deputy_secretary")
_COMMITTEE = ("community_committee_member", "part_time_commissioner")
_SERVING = ("residents_committee_chair", "community_worker")

VIEW = declare("partnership.view", posts=(*_LEADING, *_KEEPING, *_COMMITTEE, *_SERVING))
# Agreements, meetings, topics, pairings of one's place.
KEEP = declare("partnership.keep", posts=(*_LEADING, *_KEEPING))
# What a department did in a community is for the community to confirm, not for who paired the two.
CONFIRM = declare("partnership.confirm_deed", posts=_KEEPING)
# To act for one's own unit: bring topics, recommend, handle what it took on, offer and claim.
ACT = declare("partnership.act_for_unit", posts=("unit_liaison", "department_officer"))
SET_PAIRS = declare("partnership.set_pairs", posts=("district_officer",))
declare(HANDLE, posts=("unit_liaison",))


def acting_units(actor: Actor) -> list[int]:
    """Units that the actor may act for: a liaison's own, a department officer's own."""
    return sorted({grant.unit_id for grant in actor.grants if ACT in grant.capabilities})


class _Kept(Policy):
    view = VIEW
    actions = {"keep": KEEP}


class _OfUnit(_Kept):
    """Seen at its place, and by who acts for the unit that it is about."""

    unit_path = "unit_id"

    def participation(self, actor: Actor) -> Q | None:
        units = acting_units(actor)
        return Q(**{f"{self.unit_path}__in": units}) if units else None


@register_policy
class AgreementPolicy(_OfUnit):
    model = Agreement


@register_policy
class NominationPolicy(_OfUnit):
    """Seen where its matter is, and by the person it is about."""

    model = Nomination
    view = NOMINATIONS

    def participation(self, actor: Actor) -> Q | None:
        own = Q(unit_id__in=acting_units(actor))
        return own | Q(person_id=actor.person_id) if actor.person_id is not None else own


def _day_of(path: str) -> TruncDate:
    return TruncDate(ExpressionWrapper(OuterRef(path), DateTimeField()), tzinfo=DISTRICT_ZONE)


class _OfMeeting(_Kept):
    """Seen at its place, and by who acts for a unit that was a partner there at some time between `told` and `held`."""

    told: ClassVar[str]
    held: ClassVar[str]

    def participation(self, actor: Actor) -> Q | None:
        units = acting_units(actor)
        if not units:
            return None
        told, held = _day_of(self.told), _day_of(self.held)
        # an agreement that ends on the very day was ended in its course: whoever had been told that morning was a partner
        rows = Agreement.objects.alias(at=ExpressionWrapper(OuterRef("place_code"), CharField())).filter(
            unit_id__in=units, at__startswith=F("place_code"), valid_from__lte=held, valid_to__gte=told
        )
        return Q(Exists(rows))


@register_policy
class ConsultationPolicy(_OfMeeting):
    model = Consultation
    told, held = "called_at", "starts_at"


@register_policy
class TopicPolicy(_OfUnit):
    model = Topic


@register_policy
class ResolutionPolicy(_OfUnit):
    model = Resolution


@register_policy
class GatheringPolicy(_OfMeeting):
    model = Gathering
    told = held = "activity__made_at"


@register_policy
class HeldPolicy(_Kept):
    model = Held


class _OfPairing(_Kept):
    unit_path = "pairing__department_id"

    def participation(self, actor: Actor) -> Q | None:
        units = acting_units(actor)
        return Q(**{f"{self.unit_path}__in": units}) if units else None


@register_policy
class PairingPolicy(_OfPairing):
    model = Pairing
    unit_path = "department_id"
    actions = {"keep": KEEP, "set": SET_PAIRS}


@register_policy
class PlanItemPolicy(_OfPairing):
    model = PlanItem


@register_policy
class DeedPolicy(_OfPairing):
    model = Deed
    actions = {"keep": KEEP, "confirm": CONFIRM}


@register_policy
class InstitutionPolicy(Policy):
    """The three institutions are published."""

    model = Institution
    view = VIEW

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return Institution.objects.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view"

"""Who sees and keeps what: those who serve at the place, and the people of a unit what is theirs.

A liaison acts for the unit and for nothing else; its post opens no place to it. A department's officers act for their department.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.matters.policies import HANDLE
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

_LEADING = ("district_officer", "street_officer")
_KEEPING = ("community_secretary", "community_deputy_secretary")
_COMMITTEE = ("community_committee_member", "part_time_commissioner")
_SERVING = ("residents_committee_chair", "community_worker")

VIEW = declare("partnership.view", posts=(*_LEADING, *_KEEPING, *_COMMITTEE, *_SERVING))
# Agreements, meetings, topics, pairings of one's place.
KEEP = declare("partnership.keep", posts=(*_LEADING, *_KEEPING))
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
    """Also seen by the person it is about."""

    model = Nomination

    def participation(self, actor: Actor) -> Q | None:
        own = Q(unit_id__in=acting_units(actor))
        return own | Q(person_id=actor.person_id) if actor.person_id is not None else own


class _OfMeeting(_Kept):
    """Seen at its place, and by who acts for a unit with an agreement there in force or past."""

    def participation(self, actor: Actor) -> Q | None:
        units = acting_units(actor)
        if not units:
            return None
        return Q(place_code__in=Agreement.objects.filter(unit_id__in=units).values("place_code"))


@register_policy
class ConsultationPolicy(_OfMeeting):
    model = Consultation


@register_policy
class TopicPolicy(_OfUnit):
    model = Topic


@register_policy
class ResolutionPolicy(_OfUnit):
    model = Resolution


@register_policy
class GatheringPolicy(_OfMeeting):
    model = Gathering


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


@register_policy
class InstitutionPolicy(Policy):
    """The three institutions are published."""

    model = Institution
    view = VIEW

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return Institution.objects.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view"

"""Who sees what is owed and what was kept, who keeps minutes, sets rules, and excuses.

A unit's own people see what it owes and keep its minutes; who looks after the place sees all there. Rules are public to staff:
what is asked of everybody may be read by everybody who works here.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.obligations.models import (
    Exemption,
    Minutes,
    Occurrence,
    Proof,
    Rule,
    UnitCalendar,
)
from doorstep.kernel.obligations.states import DECIDE

_LEADING = ("district_officer", "street_officer")
_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip
_OWN = ("community_committee_member", "branch_secretary", "branch_committee_member", "group_leader")

VIEW = declare("obligations.view", posts=(*_LEADING, *_COMMUNITY))
OWN = declare("obligations.own", posts=(*_LEADING, *_COMMUNITY, *_OWN))
RECORD = declare("obligations.record", posts=_COMMUNITY)
SET_RULES = declare("obligations.set_rules", posts=("district_officer",))
EXEMPT = declare("obligations.exempt", posts=_LEADING)


def own_units(actor: Actor) -> list[int]:
    """Units that the actor serves in, whose meetings they keep."""
    return sorted({grant.unit_id for grant in actor.grants if OWN in grant.capabilities})


def sees_owed(actor: Actor, unit_id: int, place_code: str) -> bool:
    """Whether what the unit owes exists for the actor: they serve in it, or look after the place it stands at."""
    return unit_id in own_units(actor) or actor.holds(VIEW, place_code)


class _OfUnit(Policy):
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        units = own_units(actor)
        return Q(unit_id__in=units) if units else None

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "record":
            return obj.unit_id in own_units(actor) or actor.holds(RECORD, obj.place_code)
        if action == "exempt":
            return actor.holds(EXEMPT, obj.place_code)
        return super().can(actor, action, obj)


@register_policy
class OccurrencePolicy(_OfUnit):
    model = Occurrence


@register_policy
class ProofPolicy(_OfUnit):
    model = Proof


@register_policy
class MinutesPolicy(_OfUnit):
    model = Minutes


@register_policy
class ExemptionPolicy(_OfUnit):
    model = Exemption


@register_policy
class UnitCalendarPolicy(_OfUnit):
    model = UnitCalendar


class _ForStaff(Policy):
    view = SET_RULES

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        rows = self.model._default_manager.all()
        return rows if actor.is_system or actor.holds_somewhere(OWN) else rows.none()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view":
            return actor.is_system or actor.holds_somewhere(OWN)
        return action == "set" and actor.holds(SET_RULES, getattr(obj, "place_code", ""))


@register_policy
class RulePolicy(_ForStaff):
    model = Rule


__all__ = ["DECIDE", "EXEMPT", "OWN", "RECORD", "SET_RULES", "VIEW", "own_units", "sees_owed"]

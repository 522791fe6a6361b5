"""Who sees and keeps what of coverage.

Who looks after a place sees all there. An instructor sees the organisations they hold the enterprise cadre's post in, what is
counted there, and their own visits; and nothing of the place around. Organisations are registered and covered by street and
district; their people are counted by the community too. A community writes its page, the street approves it. Published pages are
everybody's.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, policy_for, register_policy
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import by_part
from doorstep.modules.coverage import states, states_findings
from doorstep.modules.coverage.models import (
    Assistance,
    AssistanceEvent,
    AssistanceLine,
    AssistancePart,
    CommunityPage,
    CoordinationMember,
    Covering,
    Finding,
    Gap,
    HeadCount,
    Measure,
    Profile,
    Visit,
)

CADRE, INSTRUCTOR = "enterprise_cadre", "party_building_instructor"
_COMMUNITY = ("community_secretary", "community_deputy_secretary")

VIEW = declare("coverage.view", posts=(*states.OFFICES, *states.COMMUNITY))
KEEP = declare("coverage.keep", posts=states.OFFICES)
COUNT = declare("coverage.count", posts=(*states.OFFICES, *states.COMMUNITY))
VISIT = declare("coverage.visit", posts=(CADRE,))
WRITE = declare("coverage.write", posts=(*states.OFFICES, *_COMMUNITY))
APPROVE = declare("coverage.approve", posts=states.OFFICES)
ASSIST = declare("coverage.assist", posts=states.OFFICES)
RECORD_DAYS = declare("coverage.record_days", posts=(*states.OFFICES, *_COMMUNITY))
SET_PARTS = declare("coverage.set_parts", posts=("district_officer",))


def charge(actor: Actor) -> list[int]:
    """Units in which the actor holds the enterprise cadre's post."""
    return sorted({grant.unit_id for grant in actor.grants if grant.post == CADRE})


class _Here(Policy):
    view = VIEW


@register_policy
class ProfilePolicy(_Here):
    model = Profile
    actions = {"keep": KEEP, "count": COUNT}

    def participation(self, actor: Actor) -> Q | None:
        units = charge(actor)
        return Q(unit_id__in=units) if units else None


class _OfOrganisation(_Here):
    def participation(self, actor: Actor) -> Q | None:
        units = charge(actor)
        return Q(organisation__unit_id__in=units) if units else None


@register_policy
class HeadCountPolicy(_OfOrganisation):
    model = HeadCount
    actions = {"count": COUNT}


@register_policy
class CoveringPolicy(_OfOrganisation):
    model = Covering
    actions = {"keep": KEEP}


@register_policy
class VisitPolicy(_Here):
    """An instructor's own visits, wherever they were; cancelled by who made it, or who keeps the organisations there."""

    model = Visit

    def participation(self, actor: Actor) -> Q | None:
        return Q(instructor_id=actor.person_id) if actor.person_id is not None else None

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "cancel":
            own = actor.person_id is not None and obj.instructor_id == actor.person_id
            return own or actor.holds(KEEP, obj.place_code)
        return super().can(actor, action, obj)


@register_policy
class GapPolicy(Policy):
    model = Gap
    view = states.VIEW_GAPS
    actions = {"plan": states.PLAN}


@register_policy
class FindingPolicy(Policy):
    """Seen by whoever sees the matter."""

    model = Finding
    view = states_findings.VIEW_FINDINGS
    place_field = "matter__place_code"

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return Finding.objects.filter(matter__in=policy_for(Matter).visible_to(actor))

    def participation(self, actor: Actor) -> Q | None:
        return Q(matter__in=Matter.objects.filter(by_part(actor)))


@register_policy
class CommunityPagePolicy(_Here):
    model = CommunityPage
    actions = {"write": WRITE, "approve": APPROVE}


@register_policy
class AssistancePolicy(_Here):
    model = Assistance
    actions = {"assist": ASSIST, "record": RECORD_DAYS}


@register_policy
class AssistanceLinePolicy(_Here):
    model = AssistanceLine
    place_field = "assistance__place_code"


@register_policy
class AssistanceEventPolicy(_Here):
    model = AssistanceEvent
    actions = {"record": RECORD_DAYS}


@register_policy
class MeasurePolicy(_Here):
    model = Measure
    place_field = "assistance__place_code"


@register_policy
class CoordinationMemberPolicy(_Here):
    model = CoordinationMember
    actions = {"keep": KEEP}


@register_policy
class AssistancePartPolicy(Policy):
    """What a plan must have is read by everybody who serves in the district."""

    model = AssistancePart
    view = VIEW
    actions = {"set": SET_PARTS}

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        rows = AssistancePart.objects.all()
        return rows if actor.is_system or actor.holds_somewhere(VIEW) else rows.none()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view":
            return actor.is_system or actor.holds_somewhere(VIEW)
        return super().can(actor, action, obj)

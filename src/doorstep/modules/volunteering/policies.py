"""Who keeps volunteers, teams and their records at a place; who approves, reviews and publishes.

A volunteer sees what is kept of themselves; a team's own people see its members; what holds for everybody (kinds of service
and their rates, brands, published statements) is public. Policies of redemption: policies_redemption.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, policy_for, register_policy
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.policies import own_units
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.volunteering.models import (
    Appeal,
    Approval,
    Brand,
    Credit,
    Force,
    Membership,
    Oddity,
    ServiceKind,
    Statement,
    Team,
    Volunteer,
)

_LEADING = ("district_officer", "street_officer")
_KEEPING = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip
_ANSWERING = ("community_secretary", "community_deputy_secretary", "residents_committee_chair")

VIEW = declare("volunteering.view", posts=(*_LEADING, *_KEEPING, "community_committee_member", "grid_worker"))
KEEP = declare("volunteering.keep", posts=(*_LEADING, *_KEEPING))
APPROVE = declare("volunteering.approve", posts=(*_LEADING, *_KEEPING))
REVIEW = declare("volunteering.review", posts=(*_LEADING, *_ANSWERING))
SET_RATES = declare("volunteering.set_rates", posts=("district_officer",))
PUBLISH = declare("volunteering.publish", posts=(*_LEADING, "community_secretary"))
LEAD = declare("volunteering.lead", posts=("team_leader",))


def led_teams(actor: Actor) -> list[int]:
    """Units of the teams the actor leads."""
    return sorted({grant.unit_id for grant in actor.grants if LEAD in grant.capabilities})


def in_led_teams(actor: Actor, prefix: str = "") -> Q:
    """Condition on volunteers: members today of a team the actor leads."""
    members = Membership.objects.filter(in_force(), team__in=led_teams(actor)).values("volunteer")
    return Q(**{f"{prefix}__in" if prefix else "pk__in": members})


class _Public(Policy):
    """Published: everybody may read it."""

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return self.model._default_manager.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or super().can(actor, action, obj)


@register_policy
class ServiceKindPolicy(_Public):
    model = ServiceKind
    actions = {"keep": SET_RATES}


@register_policy
class BrandPolicy(_Public):
    model = Brand
    actions = {"keep": KEEP}


@register_policy
class StatementPolicy(_Public):
    model = Statement
    actions = {"publish": PUBLISH}


@register_policy
class ForcePolicy(Policy):
    model = Force
    view = VIEW
    actions = {"keep": KEEP}


@register_policy
class TeamPolicy(Policy):
    """A team's profile goes with its unit; its leader keeps it, or who keeps volunteers where it stands."""

    model = Team

    def participation(self, actor: Actor) -> Q | None:
        return Q(unit_id__in=own_units(actor)) if actor.grants else None

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return Team.objects.filter(unit__in=policy_for(Unit).visible_to(actor))

    def place_of(self, obj: Team) -> str:
        return policy_for(Unit).place_of(obj.unit)

    def can(self, actor: Actor, action: str, obj: Team) -> bool:
        if action == "view":
            return policy_for(Unit).can(actor, "view", obj.unit)
        return action == "keep" and keeps_team(actor, obj.unit)


def keeps_team(actor: Actor, unit: Unit) -> bool:
    return unit.pk in led_teams(actor) or actor.holds(KEEP, policy_for(Unit).place_of(unit))


@register_policy
class VolunteerPolicy(Policy):
    model = Volunteer
    view = VIEW
    actions = {"keep": KEEP}

    def participation(self, actor: Actor) -> Q | None:
        own = Q(person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
        return own | in_led_teams(actor) if led_teams(actor) else own


@register_policy
class MembershipPolicy(Policy):
    model = Membership
    view = VIEW
    actions = {"keep": KEEP}

    def participation(self, actor: Actor) -> Q | None:
        own = Q(volunteer__person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
        return own | Q(team__in=led_teams(actor))


@register_policy
class ApprovalPolicy(Policy):
    model = Approval
    view = VIEW


@register_policy
class CreditPolicy(Policy):
    model = Credit
    view = VIEW
    actions = {"review": REVIEW}

    def participation(self, actor: Actor) -> Q | None:
        return Q(volunteer__person_id=actor.person_id) if actor.person_id is not None else None


@register_policy
class OddityPolicy(Policy):
    model = Oddity
    view = REVIEW
    actions = {"decide": REVIEW}


@register_policy
class AppealPolicy(Policy):
    model = Appeal
    view = KEEP
    actions = {"answer": REVIEW}

    def participation(self, actor: Actor) -> Q | None:
        return Q(volunteer__person_id=actor.person_id) if actor.person_id is not None else None

"""Who sees the chain, who adjusts it, who keeps its counts and households.

Branches are adjusted by street and district; what lies inside a branch (groups, households) by the community too.
Units and appointments themselves are under their own policies in the kernel.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.organisations.kept_kinds import declare_kept
from doorstep.kernel.organisations.policies import adjust_capability
from doorstep.kernel.organisations.reach import Coverage, declare_coverage
from doorstep.modules.chain.models import (
    BranchGrid,
    BuildingMembers,
    GroupPlan,
    GroupPlanPin,
    GroupPlanVersion,
    MemberHousehold,
)

VIEW = declare(
    "chain.view",
    posts=[
        "district_officer", "street_officer", "community_secretary", "community_deputy_secretary",
        "community_committee_member", "residents_committee_chair", "community_worker", "branch_secretary",
        "branch_committee_member", "group_leader", "grid_worker",
    ],
)  # fmt: skip
ADJUST = declare("chain.adjust", posts=["district_officer", "street_officer"])
KEEP = declare(
    "chain.keep",
    posts=["district_officer", "street_officer", "community_secretary", "community_deputy_secretary"],
)
COUNT = declare(
    "chain.count",
    posts=[
        "district_officer", "street_officer", "community_secretary", "community_deputy_secretary",
        "branch_secretary",
    ],
)  # fmt: skip


def may_adjust(actor: Actor, kind: str, place_code: str) -> bool:
    """May the actor make or adjust a branch or group there? It takes the chain's and the organisations' capability."""
    capability = ADJUST if kind == "grid_party_branch" else KEEP
    return actor.holds(capability, place_code) and actor.holds(adjust_capability(kind), place_code)


# A branch's people answer for the grids it covers, on each day for those of that day.
declare_coverage(
    Coverage("grid_party_branch", rows=BranchGrid.objects.all, unit="branch_id", code="grid__code")
)

declare_kept(("grid_party_branch", "building_party_group"), "chain:choose")


@register_policy
class MemberHouseholdPolicy(Policy):
    """Seen at its place, and by the person whose household it is."""

    model = MemberHousehold
    view = VIEW
    actions = {"revoke": KEEP}

    def participation(self, actor: Actor) -> Q | None:
        return Q(person_id=actor.person_id) if actor.person_id is not None else None


@register_policy
class BuildingMembersPolicy(Policy):
    """Counts are for who serves in the whole community; the community and the street keep them."""

    model = BuildingMembers
    view = VIEW
    actions = {"keep": KEEP}


@register_policy
class GroupPlanPolicy(Policy):
    """Seen by who serves over its whole community. Made, moved, sent and approved by who may adjust building groups there; the
    second person is asked for by the services."""

    model = GroupPlan
    view = VIEW
    actions = {"make": KEEP, "approve": KEEP}

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if not super().can(actor, action, obj):
            return False
        return action == "view" or may_adjust(actor, "building_party_group", self.place_of(obj))


@register_policy
class GroupPlanVersionPolicy(Policy):
    """Seen with its plan."""

    model = GroupPlanVersion
    place_field = "plan__place_code"
    view = VIEW


@register_policy
class GroupPlanPinPolicy(Policy):
    """Seen with its plan."""

    model = GroupPlanPin
    place_field = "plan__place_code"
    view = VIEW

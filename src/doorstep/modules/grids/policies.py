"""Who sees what is kept of grids, who enters it, who keeps the lists.

Everything is seen by those who serve at its place. The lists of forces and of legal professionals are kept by the
community, the supervision line by the street, what grid work is by the district. A visit is written by who works the
grid; its words are for those who serve there.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.organisations.policies import APPOINT_COMMUNITY
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.grids.models import (
    CompoundDifficulty,
    GridForce,
    GridPlan,
    GridWork,
    LegalVisit,
    PlannedGrid,
    PlanPin,
    PlanRemark,
    PlanVersion,
    Professional,
    Question,
    RosterSlot,
    StaffPin,
    StaffPlan,
    StaffVersion,
    StandIn,
    SupervisionLine,
    Visit,
)

_LEADING = ("district_officer", "street_officer")
_KEEPING = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = declare("grids.view", posts=(*_LEADING, *_KEEPING, "community_committee_member", "grid_worker"))
KEEP = declare("grids.keep", posts=(*_LEADING, *_KEEPING))
VISIT = declare("grids.visit", posts=(*_KEEPING, "grid_worker"))
SET_LINES = declare("grids.set_lines", posts=_LEADING)
LIST_WORK = declare("grids.list_work", posts=("district_officer",))


def works_a_grid(actor: Actor) -> bool:
    """A grid worker or who stands in; wider posts answer for communities."""
    return any(len(place) == LENGTHS["grid"] for place in actor.places_for(VISIT))


class _Kept(Policy):
    view = VIEW
    actions = {"keep": KEEP}


@register_policy
class GridForcePolicy(_Kept):
    model = GridForce


@register_policy
class ProfessionalPolicy(_Kept):
    model = Professional


@register_policy
class RosterSlotPolicy(_Kept):
    model = RosterSlot


@register_policy
class LegalVisitPolicy(_Kept):
    model = LegalVisit


@register_policy
class QuestionPolicy(_Kept):
    model = Question


@register_policy
class SupervisionLinePolicy(Policy):
    """The line is posted on every grid's page; as a record it is seen where it holds."""

    model = SupervisionLine
    view = VIEW
    actions = {"keep": SET_LINES}


@register_policy
class VisitPolicy(Policy):
    model = Visit
    view = VIEW
    actions = {"correct": VISIT}


@register_policy
class GridWorkPolicy(Policy):
    """The list of grid work is published."""

    model = GridWork
    actions = {"keep": LIST_WORK}

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return GridWork.objects.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or super().can(actor, action, obj)


@register_policy
class CompoundDifficultyPolicy(_Kept):
    model = CompoundDifficulty


OPEN_TO_BELOW = ("sent", "approved", "applied", "refused")


def _once_sent(actor: Actor) -> Q | None:
    """Plans of wider places, once sent, for who keeps the lists of a community inside."""
    inside = [place for place in actor.places_for(KEEP) if len(place) <= LENGTHS["community"]]
    above = {place[:length] for place in inside for length in (6, 9) if len(place) > length}
    return Q(place_code__in=above, state__in=OPEN_TO_BELOW) if above else None


@register_policy
class GridPlanPolicy(Policy):
    """Seen by who serves over its whole place; once sent, by the communities inside it too, who may remark on it.

    Made, moved, sent and approved by who adjusts grids over the whole place; the second person is asked for by the services.
    """

    model = GridPlan
    view = VIEW
    actions = {"make": ADJUST_GRIDS, "approve": ADJUST_GRIDS, "remark": VIEW}

    def participation(self, actor: Actor) -> Q | None:
        return _once_sent(actor)

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if super().can(actor, action, obj):
            return True
        return action == "remark" and self._participates(actor, obj)


class _OfPlan(Policy):
    """Seen with its plan."""

    place_field = "plan__place_code"
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(plan__in=GridPlanPolicy().visible_to(actor))


@register_policy
class PlanVersionPolicy(_OfPlan):
    model = PlanVersion


@register_policy
class PlanPinPolicy(_OfPlan):
    model = PlanPin


@register_policy
class PlannedGridPolicy(_OfPlan):
    model = PlannedGrid


@register_policy
class PlanRemarkPolicy(_OfPlan):
    model = PlanRemark


@register_policy
class StaffPlanPolicy(Policy):
    """Seen by who keeps its whole place; once sent, by the communities inside it too. Made, sent and approved by who appoints grid
    workers over the whole place; the second person is asked for by the services."""

    model = StaffPlan
    view = KEEP
    actions = {"make": APPOINT_COMMUNITY, "approve": APPOINT_COMMUNITY}

    def participation(self, actor: Actor) -> Q | None:
        return _once_sent(actor)


class _OfStaffPlan(Policy):
    """Seen with its plan."""

    place_field = "plan__place_code"
    view = KEEP

    def participation(self, actor: Actor) -> Q | None:
        return Q(plan__in=StaffPlanPolicy().visible_to(actor))


@register_policy
class StaffVersionPolicy(_OfStaffPlan):
    model = StaffVersion


@register_policy
class StaffPinPolicy(_OfStaffPlan):
    model = StaffPin


@register_policy
class StandInPolicy(_Kept):
    """The list is read where somebody arranges leave."""

    model = StandIn

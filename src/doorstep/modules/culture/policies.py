"""Who sees what is kept of cultural events, who keeps it, who gives money for them.

Everything is seen by those who serve at its place, and an event's own by its organiser's people. The names of series are
published. Money comes into a purse by street or district; what it is spent on is entered by who keeps events at the
purse's place. What people said is looked at by who keeps events there, not by the organiser alone.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.activities.policies import may_organise, organising_units
from doorstep.modules.culture.models import Cost, Event, Feedback, Grant, Picture, Purse, Series

_LEADING = ("district_officer", "street_officer")
_KEEPING = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = declare("culture.view", posts=(*_LEADING, *_KEEPING, "community_committee_member", "grid_worker"))
KEEP = declare("culture.keep", posts=(*_LEADING, *_KEEPING))
FUND = declare("culture.fund", posts=_LEADING)


class _Kept(Policy):
    view = VIEW
    actions = {"keep": KEEP}


@register_policy
class SeriesPolicy(_Kept):
    """The names of series are published."""

    model = Series

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return Series.objects.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or super().can(actor, action, obj)


@register_policy
class EventPolicy(_Kept):
    model = Event

    def participation(self, actor: Actor) -> Q | None:
        return Q(activity__organiser__in=organising_units(actor))


@register_policy
class PursePolicy(_Kept):
    model = Purse
    actions = {"keep": KEEP, "fund": FUND}


@register_policy
class GrantPolicy(_Kept):
    model = Grant


@register_policy
class CostPolicy(_Kept):
    model = Cost


@register_policy
class PicturePolicy(_Kept):
    """The organiser's people add pictures and take them down; so does who keeps events there."""

    model = Picture

    def participation(self, actor: Actor) -> Q | None:
        return Q(session__activity__organiser__in=organising_units(actor))

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "keep" and may_organise(actor, obj.session.activity.organiser_id, obj.place_code):
            return True
        return super().can(actor, action, obj)


@register_policy
class FeedbackPolicy(_Kept):
    model = Feedback

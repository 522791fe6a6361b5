"""Who sees requests: as their matters. What may be reported is public; who it goes to is known to all who serve."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, policy_for, register_policy
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.policies import SEALED, by_part
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.requests import states, states_whistle
from doorstep.modules.requests.models import (
    CallBack,
    EventItem,
    Rating,
    Request,
    RoutingFault,
    RoutingRule,
    Sample,
    SpotCheck,
    Whistle,
    WhistleCall,
)

VIEW = states.VIEW
KEEP_LISTS = declare("requests.keep_lists", posts=("district_officer",))
KEEP_ROUTES = declare("requests.keep_routes", posts=("district_officer", "street_officer"))
BRING_HOTLINE = declare(
    "requests.bring_hotline", posts=("district_officer", "hotline_officer", "street_officer")
)
SAMPLE = declare("requests.sample", posts=("district_officer", "street_officer"))


class _OfMatter(Policy):
    """Rows of a matter, at `path` from the row: seen by whoever sees the matter."""

    path = "matter"

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        seen = policy_for(Matter).visible_to(actor)
        return self.model._default_manager.filter(**{f"{self.path}__in": seen})

    def participation(self, actor: Actor) -> Q | None:
        return Q(**{f"{self.path}__in": Matter.objects.filter(by_part(actor))})

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view":
            return self.visible_to(actor).filter(pk=obj.pk).exists()
        return super().can(actor, action, obj)


@register_policy
class RequestPolicy(_OfMatter):
    model = Request
    view = states.VIEW
    place_field = "matter__place_code"


@register_policy
class StepPolicy(_OfMatter):
    model = History
    view = states.VIEW
    place_field = "matter__place_code"


@register_policy
class WhistlePolicy(_OfMatter):
    model = Whistle
    view = states_whistle.VIEW
    place_field = "matter__place_code"


@register_policy
class WhistleCallPolicy(_OfMatter):
    model = WhistleCall
    view = states_whistle.VIEW
    place_field = "whistle__matter__place_code"
    path = "whistle__matter"


@register_policy
class RatingPolicy(_OfMatter):
    model = Rating
    view = states.VIEW
    place_field = "request__matter__place_code"
    path = "request__matter"


class _Inside(Policy):
    """Seen in office over its place alone: a reporter is not shown what was noted at a call-back."""

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view":
            return self.visible_to(actor).filter(pk=obj.pk).exists()
        return super().can(actor, action, obj)


class _OfRequest(_Inside):
    """Of a sealed request only who may see what is sealed."""

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        sealed = within(self.place_field, actor.places_for(SEALED))
        return super().visible_to(actor).filter(~Q(request__matter__confidentiality=Matter.SEALED) | sealed)


@register_policy
class CallBackPolicy(_OfRequest):
    model = CallBack
    view = states.VIEW


@register_policy
class SpotCheckPolicy(_OfRequest):
    model = SpotCheck
    view = states.VIEW


@register_policy
class SamplePolicy(_OfRequest):
    model = Sample
    view = states.VIEW
    actions = {"draw": SAMPLE}


@register_policy
class RoutingFaultPolicy(_Inside):
    model = RoutingFault
    view = KEEP_ROUTES
    actions = {"settle": KEEP_ROUTES}


class _Public(Policy):
    """A list that anybody may read; only its keepers change it."""

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return self.model._default_manager.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or super().can(actor, action, obj)


@register_policy
class EventItemPolicy(_Public):
    """What grids do is published (as the list of grid work must be)."""

    model = EventItem
    actions = {"keep": KEEP_LISTS}


@register_policy
class RoutingRulePolicy(_Public):
    """Where reports go is no secret: each one says it."""

    model = RoutingRule
    actions = {"keep": KEEP_ROUTES}

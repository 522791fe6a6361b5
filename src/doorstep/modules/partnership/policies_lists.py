"""Who sees the four lists: needs, projects and responsibilities as their matters; what units offer is published; words of who
was served are read in office and by the unit that did it, without a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import Policy, policy_for, register_policy
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import by_part
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.partnership import states_needs, states_projects
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import (
    Booking,
    Claim,
    Listed,
    Need,
    Project,
    Rating,
    Resource,
    ResourceArea,
    ResourceClass,
    Responsibility,
)
from doorstep.modules.partnership.policies import ACT, KEEP, VIEW, acting_units

OFFER = ACT  # a liaison offers and claims for the unit


class _OfMatter(Policy):
    """Rows of a matter: seen by whoever sees the matter."""

    path = "matter"
    place_field = "matter__place_code"

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
class NeedPolicy(_OfMatter):
    model = Need
    view = states_needs.VIEW
    actions = {"screen": states_needs.SCREEN}


@register_policy
class ProjectPolicy(_OfMatter):
    model = Project
    view = states_projects.VIEW
    place_field = "place_code"
    actions = {"manage": states_projects.MANAGE, "confirm": states_projects.CONFIRM}


@register_policy
class ResponsibilityPolicy(_OfMatter):
    model = Responsibility
    view = states_projects.VIEW
    actions = {"manage": states_projects.MANAGE, "confirm": states_projects.CONFIRM}


class _OfUnit(Policy):
    """Seen in office over its place, and by who acts for the unit."""

    view = VIEW
    unit_path = "unit_id"

    def participation(self, actor: Actor) -> Q | None:
        return Q(**{f"{self.unit_path}__in": acting_units(actor)})


@register_policy
class ClaimPolicy(_OfUnit):
    model = Claim
    place_field = "need__matter__place_code"


@register_policy
class BookingPolicy(_OfUnit):
    model = Booking
    place_field = "project__place_code"
    unit_path = "resource__unit_id"


def offered_in(places: Sequence[str]) -> Q:
    """Condition on resources: standing in one of these places, or serving one of them, a part of it or what it lies in."""
    serving = ResourceArea.objects.filter(
        within("code", places) | Q(code__in={code for place in places for code in ancestors_of(place)})
    )
    return within("place_code", places) | Q(pk__in=serving.values("resource_id"))


@register_policy
class ResourcePolicy(_OfUnit):
    """What units offer is known in office where its unit stands and where it serves; it is kept by who acts for the unit, and in
    office where the unit stands or has an agreement in force."""

    model = Resource

    def participation(self, actor: Actor) -> Q | None:
        return Q(unit_id__in=acting_units(actor)) | offered_in(actor.places_for(VIEW))

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view":
            return self.visible_to(actor).filter(pk=obj.pk).exists()
        if action != "keep":
            return False
        if obj.unit_id in acting_units(actor) or actor.holds(KEEP, obj.place_code):
            return True
        partners = Agreement.objects.in_force().filter(within("place_code", actor.places_for(KEEP)))
        return partners.filter(unit_id=obj.unit_id).exists()


@register_policy
class ResourceAreaPolicy(_OfUnit):
    """Where a resource serves is known in office there."""

    model = ResourceArea
    place_field = "code"
    unit_path = "resource__unit_id"


@register_policy
class RatingPolicy(_OfUnit):
    model = Rating
    unit_path = "project__unit_id"


@register_policy
class ListedPolicy(Policy):
    """The lists together, in office over the place."""

    model = Listed
    view = VIEW


@register_policy
class ResourceClassPolicy(Policy):
    """The classes are published."""

    model = ResourceClass
    view = VIEW

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return ResourceClass.objects.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or super().can(actor, action, obj)

"""Who sees which matters: over the places of a post, or by a part in the matter itself. Outside it does not exist."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.shared.place_codes import within

_DESK = (
    "district_officer", "street_officer", "community_secretary", "community_deputy_secretary",
    "residents_committee_chair", "community_worker",
)  # fmt: skip

# To take a matter on for one's unit. Departments, property companies and grid workers hold it for what they were given.
HANDLE = declare("matters.handle", posts=(*_DESK, "grid_worker", "department_officer", "property_manager"))
SEALED = declare("matters.see_sealed", posts=("district_officer", "street_officer", "community_secretary"))
SUPERVISE = declare("matters.supervise", posts=("district_officer", "street_officer"))
BRING_PAST = declare("matters.bring_past", posts=("district_officer", "street_officer"))
SET_TERMS = declare("matters.set_terms", posts=("district_officer",))


def by_part(actor: Actor) -> Q:
    """Matters in which the actor has a part: told of it, handles it, or serves in a unit that holds it, was asked or called."""
    condition = Q(pk__in=[])
    if actor.person_id is not None:
        condition |= Q(reporter_id=actor.person_id) | Q(teller_id=actor.person_id)
        condition |= Q(handler_id=actor.person_id)
    units = handling_units(actor)
    if units:
        called = Participation.objects.filter(unit_id__in=units).values("matter_id")
        condition |= (Q(holder_id__in=units) | Q(asked_id__in=units)) & _covered(actor) | Q(pk__in=called)
    return condition


def handling_units(actor: Actor) -> list[int]:
    return sorted({grant.unit_id for grant in actor.grants if HANDLE in grant.capabilities})


def _covered(actor: Actor) -> Q:
    """A grid worker's unit is the residents' committee; what it holds in another grid is not theirs to see."""
    return within("place_code", actor.places_for(HANDLE))


@register_policy
class MatterPolicy(Policy):
    model = Matter

    def in_scope(self, actor: Actor) -> Q:
        """Matters over the places of the actor's posts; sealed ones only with the capability for them."""
        condition = Q(pk__in=[])
        for law in all_laws():
            condition |= Q(kind=law.kind) & within("place_code", actor.places_for(law.view))
        sealed = within("place_code", actor.places_for(SEALED))
        return condition & (~Q(confidentiality=Matter.SEALED) | sealed)

    def visible_to(self, actor: Actor) -> Any:
        if actor.is_system:
            return Matter.objects.all()
        if actor.is_anonymous:
            return Matter.objects.none()
        return Matter.objects.filter(self.in_scope(actor) | by_part(actor))

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" and self.visible_to(actor).filter(pk=obj.pk).exists()

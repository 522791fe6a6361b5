"""Who sees which matters: over the places of a post, or by a part in the matter itself. Outside it does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.matters.models_deadlines import CalendarDay, TimeLimit
from doorstep.kernel.matters.models_retention import RetentionTerm
from doorstep.kernel.shared.place_codes import LENGTHS, minimal, within

_DESK = (
    "district_officer", "street_officer", "community_secretary", "community_deputy_secretary",
    "residents_committee_chair", "community_worker",
)  # fmt: skip

# To take a matter on for one's unit. Departments, property companies and grid workers hold it for what they were given.
HANDLE = declare("matters.handle", posts=(*_DESK, "grid_worker", "department_officer", "property_manager"))
SEALED = declare("matters.see_sealed", posts=("district_officer", "street_officer", "community_secretary"))
SUPERVISE = declare("matters.supervise", posts=("district_officer", "street_officer"))
BRING_PAST = declare("matters.bring_past", posts=("district_officer", "street_officer"))
EXTEND = declare("matters.extend", posts=_DESK)
SET_TERMS = declare("matters.set_terms", posts=("district_officer",))


def at_places(codes: Iterable[str]) -> Q:
    """Matters in the subtrees of `codes`. A street or a community is one value of its own column, so that the index
    that starts with it gives their pages in order."""
    condition = Q(pk__in=[])
    for code in minimal(codes):
        if len(code) == LENGTHS["street"]:
            condition |= Q(street_code=code)
        elif len(code) == LENGTHS["community"]:
            condition |= Q(community_code=code)
        else:
            condition |= within("place_code", [code])
    return condition


def in_scope(actor: Actor) -> Q:
    """Matters over the places of the actor's posts; sealed ones only with the capability for them."""
    condition = Q(pk__in=[])
    for law in all_laws():
        condition |= Q(kind=law.kind) & at_places(actor.places_for(law.view))
    sealed = at_places(actor.places_for(SEALED))
    return condition & (~Q(confidentiality=Matter.SEALED) | sealed)


def handling_units(actor: Actor) -> list[int]:
    return sorted({grant.unit_id for grant in actor.grants if HANDLE in grant.capabilities})


def held_by_units(actor: Actor, field: str) -> Q:
    """Matters whose `field` is a unit the actor serves in, over the places of that very post: a grid worker's unit is
    the residents' committee, and what it holds in another grid is not theirs."""
    condition = Q(pk__in=[])
    for grant in actor.grants:
        if HANDLE in grant.capabilities:
            condition |= Q(**{field: grant.unit_id}) & at_places(grant.places)
    return condition


class _AnyOf(Func):
    """`pk = ANY (ARRAY(…))`, which an index takes among alternatives, as it does not take `pk IN (SELECT …)`; that in turn
    is hashed where rows are read one after another, and the array is not. So the two stand together."""

    template, arg_joiner = "(%(expressions)s))", " = ANY ("
    output_field = BooleanField()


def called(actor: Actor) -> Q:
    """Matters to which a unit the actor serves in was called."""
    units = handling_units(actor)
    if not units:
        return Q(pk__in=[])
    calls = Participation.objects.filter(unit_id__in=units).values("matter_id")
    return Q(pk__in=calls) & Q(_AnyOf(F("pk"), ArraySubquery(calls)))


def by_part(actor: Actor) -> Q:
    """Matters in which the actor has a part: told of it, handles it, or serves in a unit that holds it, was asked or
    called."""
    condition = held_by_units(actor, "holder_id") | held_by_units(actor, "asked_id") | called(actor)
    if actor.person_id is not None:
        condition |= Q(reporter_id=actor.person_id) | Q(teller_id=actor.person_id)
        condition |= Q(handler_id=actor.person_id)
    return condition


def in_reach(actor: Actor) -> Q:
    """What an officer's lists show: what is in scope, and what the units served in hold, were asked to take or were
    called to. What one reported oneself is a list of its own.

    A unit's own are asked for beside the places only where the post does not read them there: lists of streets and
    communities are read in the order of their index, and what is sealed is not spread by them.
    """
    return in_scope(actor) | _beyond(actor) | called(actor)


def _beyond(actor: Actor) -> Q:
    """Matters of kinds the post does not read over its places, where its unit holds them or was asked."""
    condition = Q(pk__in=[])
    for grant in actor.grants:
        kinds = [law.kind for law in all_laws() if law.view not in grant.capabilities]
        if HANDLE in grant.capabilities and kinds:
            units = Q(holder_id=grant.unit_id) | Q(asked_id=grant.unit_id)
            condition |= Q(kind__in=kinds) & units & within("place_code", grant.places)
    return condition


@register_policy
class MatterPolicy(Policy):
    model = Matter

    def visible_to(self, actor: Actor) -> Any:
        if actor.is_system:
            return Matter.objects.all()
        if actor.is_anonymous:
            return Matter.objects.none()
        return Matter.objects.filter(in_scope(actor) | by_part(actor))

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" and self.visible_to(actor).filter(pk=obj.pk).exists()


class _Public(Policy):
    """What anybody may know: the promises of the district, and the calendar they are counted on. Each matter shows
    its own; the registers are for who keeps them."""

    view = SET_TERMS

    def visible_to(self, actor: Actor) -> Any:
        return self.model._default_manager.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or (action == "set" and actor.holds_somewhere(SET_TERMS))


@register_policy
class TimeLimitPolicy(_Public):
    model = TimeLimit


@register_policy
class CalendarDayPolicy(_Public):
    model = CalendarDay


@register_policy
class RetentionTermPolicy(_Public):
    model = RetentionTerm

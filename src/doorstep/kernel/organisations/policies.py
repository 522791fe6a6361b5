"""Who sees units and appointments, and who may adjust and appoint.

Three steps of appointing, so that nobody appoints an equal or a superior: the district appoints officers, a street
(or the district) the posts of its communities, a community secretary the people who work under the committee.
Administration posts are given by the security administrator alone. A department, a property company, a merchant or
a volunteer team sees itself: its people hold no capability here, only participation.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS, POSTS
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace, Unit, UnitLineage, UnitVersion
from doorstep.kernel.organisations.reach import covering
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within

VIEW = declare(
    "organisations.view",
    posts=[
        "district_officer", "street_officer", "community_secretary", "community_deputy_secretary",
        "community_committee_member", "residents_committee_chair", "community_worker", "branch_secretary",
        "grid_worker",
    ],
)  # fmt: skip
ADJUST = declare("organisations.adjust", posts=["district_officer", "street_officer"])
ADJUST_COMMUNITY = declare(
    "organisations.adjust_community", posts=["district_officer", "street_officer", "community_secretary"]
)
APPOINT_ADMINISTRATORS = declare("organisations.appoint_administrators", posts=["security_administrator"])
APPOINT_OFFICERS = declare("organisations.appoint_officers", posts=["district_officer"])
APPOINT = declare("organisations.appoint", posts=["district_officer", "street_officer"])
APPOINT_COMMUNITY = declare(
    "organisations.appoint_community", posts=["district_officer", "street_officer", "community_secretary"]
)

COMMUNITY_KINDS = frozenset(
    {
        "building_party_group", "owners_committee", "self_governance_committee", "merchant", "volunteer_team",
        "social_organisation",
    }
)  # fmt: skip
COMMUNITY_POSTS = frozenset(
    {
        "group_leader", "branch_committee_member", "community_worker", "grid_worker", "property_manager",
        "merchant_manager", "merchant_clerk", "team_leader", "unit_liaison",
    }
)  # fmt: skip
OFFICER_POSTS = frozenset({"district_officer", "department_officer", "hotline_officer", "street_officer"})


def adjust_capability(kind: str) -> str:
    """What it takes to found, change or end a unit of this kind at its place."""
    return ADJUST_COMMUNITY if kind in COMMUNITY_KINDS else ADJUST


def appoint_capability(post: str) -> str:
    """What it takes to appoint to this post, or to end such an appointment, at the unit's place."""
    if post in ADMINISTRATION_POSTS:
        return APPOINT_ADMINISTRATORS
    if post in OFFICER_POSTS:
        return APPOINT_OFFICERS
    return APPOINT_COMMUNITY if post in COMMUNITY_POSTS else APPOINT


def own_units(actor: Actor) -> list[int]:
    return sorted({grant.unit_id for grant in actor.grants})


@register_policy
class UnitPolicy(Policy):
    """A unit is seen where it stands or ever stood, so that a street keeps the history of a unit that moved away,
    and in every place it covers today."""

    model = Unit
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(pk__in=own_units(actor)) if actor.grants else None

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        stood = UnitVersion.objects.filter(within("place_code", actor.places_for(VIEW)), unit=OuterRef("pk"))
        condition = Q(Exists(stood)) | covering(actor.places_for(VIEW))
        own = self.participation(actor)
        return Unit.objects.filter(condition | own if own is not None else condition)

    def place_of(self, obj: Unit) -> str:
        """Where the unit stands today; before its founding where it will, after its end where it last stood."""
        versions = list(obj.versions.order_by("valid_from"))
        begun = [version for version in versions if version.valid_from <= clock.today()]
        return (begun[-1] if begun else versions[0]).place_code

    def can(self, actor: Actor, action: str, obj: Unit) -> bool:
        if action == "view":
            return actor.is_system or self.visible_to(actor).filter(pk=obj.pk).exists()
        return action == "adjust" and actor.holds(adjust_capability(obj.kind), self.place_of(obj))


class _ThroughUnit(Policy):
    """Rows of a unit: seen at their place, and by the people of the unit."""

    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(unit_id__in=own_units(actor)) if actor.grants else None


@register_policy
class UnitVersionPolicy(_ThroughUnit):
    model = UnitVersion

    def can(self, actor: Actor, action: str, obj: UnitVersion) -> bool:
        if action == "adjust":
            return actor.holds(adjust_capability(obj.kind), obj.place_code)
        if action == "office":  # its telephone, hours and address: no approval, so the community's own affair
            return actor.holds(ADJUST_COMMUNITY, obj.place_code)
        return super().can(actor, action, obj)


@register_policy
class UnitLineagePolicy(_ThroughUnit):
    model = UnitLineage

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return UnitLineage.objects.filter(unit__in=UnitPolicy().visible_to(actor))

    def place_of(self, obj: UnitLineage) -> str:
        return UnitPolicy().place_of(obj.unit)


@register_policy
class AppointmentPolicy(_ThroughUnit):
    """An appointment is seen at any of its places, by the people of its unit, and by the person appointed."""

    model = Appointment

    def participation(self, actor: Actor) -> Q | None:
        own = Q(person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
        return own | Q(unit_id__in=own_units(actor))

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        codes = actor.places_for(VIEW)
        condition = within("place_code", codes)
        if "" not in codes:
            places = AppointmentPlace.objects.filter(within("code", codes), appointment=OuterRef("pk"))
            condition |= Q(Exists(places))
        own = None if actor.is_anonymous else self.participation(actor)
        return Appointment.objects.filter(condition | own if own is not None else condition)

    def can(self, actor: Actor, action: str, obj: Appointment) -> bool:
        if action == "view":
            return actor.is_system or self.visible_to(actor).filter(pk=obj.pk).exists()
        if action != "appoint":
            return False
        capability = appoint_capability(obj.post)
        return all(actor.holds(capability, code) for code in self._reach(obj))

    def _reach(self, obj: Appointment) -> list[str]:
        """The appointment's own places where its post carries them, else where its unit stands."""
        own = [place.code for place in obj.places.all()] if POSTS[obj.post].carries_places else []
        return own or [obj.place_code]


@register_policy
class AppointmentPlacePolicy(Policy):
    """A place of an appointment, seen where it lies."""

    model = AppointmentPlace
    place_field = "code"
    view = VIEW

"""Who sees activities and who may organise them.

A unit's own people organise what the unit announces, wherever in the district it takes place; who keeps activities at a
place may act on all of them there. What is public is read by everybody through its own selectors; the rows of who signed
up and who came are for the organiser, for those who keep activities there, and for the person.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.activities.models import Activity, Attendance, Correction, OwnCalendar, Session, SignUp
from doorstep.kernel.shared.place_codes import LENGTHS

_LEADING = ("district_officer", "street_officer")
_KEEPING = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = declare("activities.view", posts=(*_LEADING, *_KEEPING, "community_committee_member", "grid_worker"))
KEEP = declare("activities.keep", posts=(*_LEADING, *_KEEPING))
ORGANISE = declare("activities.organise", posts=(*_LEADING, *_KEEPING, "grid_worker", "team_leader"))

_DISTRICT = LENGTHS["county"]


def organising_units(actor: Actor) -> list[int]:
    """Units in whose name the actor may announce."""
    return sorted({grant.unit_id for grant in actor.grants if ORGANISE in grant.capabilities})


def may_organise(actor: Actor, unit_id: int, place_code: str) -> bool:
    """For the unit's own people: anywhere in the unit's district. For who keeps activities at the place: any unit's."""
    if actor.holds(KEEP, place_code):
        return True
    return any(
        ORGANISE in grant.capabilities
        and grant.unit_id == unit_id
        and any(place_code.startswith(place[:_DISTRICT]) for place in grant.places)
        for grant in actor.grants
    )


def _of_own_units(actor: Actor, organiser: str) -> Q:
    return Q(**{f"{organiser}__in": organising_units(actor)})


@register_policy
class ActivityPolicy(Policy):
    model = Activity
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return _of_own_units(actor, "organiser")

    def can(self, actor: Actor, action: str, obj: Activity) -> bool:
        if action == "organise":
            return may_organise(actor, obj.organiser_id, obj.place_code)
        if action == "keep":
            return actor.holds(KEEP, obj.place_code)
        return super().can(actor, action, obj)


@register_policy
class SessionPolicy(Policy):
    model = Session
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return _of_own_units(actor, "activity__organiser")

    def can(self, actor: Actor, action: str, obj: Session) -> bool:
        if action == "organise":
            return may_organise(actor, obj.activity.organiser_id, obj.place_code)
        if action == "keep":
            return actor.holds(KEEP, obj.place_code)
        return super().can(actor, action, obj)


class _OfPerson(Policy):
    place_field = "session__place_code"
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        own = _of_own_units(actor, "session__activity__organiser")
        return own | Q(person_id=actor.person_id) if actor.person_id is not None else own


@register_policy
class SignUpPolicy(_OfPerson):
    model = SignUp


@register_policy
class AttendancePolicy(_OfPerson):
    model = Attendance


@register_policy
class CorrectionPolicy(Policy):
    model = Correction
    place_field = "attendance__session__place_code"
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        own: Any = _of_own_units(actor, "attendance__session__activity__organiser")
        return own | Q(attendance__person_id=actor.person_id) if actor.person_id is not None else own


@register_policy
class OwnCalendarPolicy(Policy):
    """One's own, and nobody else's: the secret in its address is all that opens it."""

    model = OwnCalendar
    place_field = "person__place_code"

    def participation(self, actor: Actor) -> Q | None:
        return Q(person_id=actor.person_id) if actor.person_id is not None else None

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return OwnCalendar.objects.filter(person_id=actor.person_id or 0)

    def can(self, actor: Actor, action: str, obj: OwnCalendar) -> bool:
        return actor.person_id is not None and obj.person_id == actor.person_id

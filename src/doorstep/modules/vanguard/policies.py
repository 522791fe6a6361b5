"""Who sees the vanguard's posts, members and wishes at a place, who keeps them, who calls up, and what an employer may read.

A member sees what is theirs; a call-up is there for everybody in office beneath it; an employer's people read what was told
them of a member for as long as that member agrees.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.activities.policies import organising_units
from doorstep.kernel.people.models import Consent
from doorstep.kernel.people.purposes import Purpose, declare_consent
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import ancestors_of
from doorstep.modules.vanguard import states
from doorstep.modules.vanguard.models import (
    Area,
    AreaPlace,
    Called,
    Callup,
    Feedback,
    HandOver,
    Holding,
    Member,
    Position,
    Post,
    Project,
    ProjectActivity,
    SeatOffer,
    Served,
    Wish,
)

_LEADING = ("district_officer", "street_officer")
_SECRETARIES = ("community_secretary", "community_deputy_secretary")
_COMMUNITY = (*_SECRETARIES, "residents_committee_chair", "community_worker")

VIEW = declare("vanguard.view", posts=(*_LEADING, *_COMMUNITY, "community_committee_member", "grid_worker"))
KEEP = declare("vanguard.keep", posts=(*_LEADING, *_SECRETARIES))
CALL = declare("vanguard.call", posts=_LEADING)
RECEIVE = declare("vanguard.receive", posts=_COMMUNITY)
TELL_EMPLOYERS = declare("vanguard.tell_employers", posts=(*_LEADING, *_SECRETARIES))
# To answer for one's own unit what a call-up asks of it.
ANSWER = declare(
    "vanguard.answer_call",
    posts=(
        *_LEADING, *_SECRETARIES, "residents_committee_chair", "branch_secretary", "department_officer", "property_manager",
        "unit_liaison",
    ),
)  # fmt: skip
READ_FEEDBACK = declare(
    "vanguard.read_feedback",
    posts=("department_officer", "property_manager", "merchant_manager", "unit_liaison"),
)

EMPLOYER_FEEDBACK = "employer_feedback"
declare_consent(
    Purpose(
        EMPLOYER_FEEDBACK,
        _("每年把我在社区服务的次数反馈给工作单位"),
        _("单独同意（个人信息保护法第二十三条）"),
    )
)


def employing_units(actor: Actor) -> list[int]:
    """Units for which the actor reads what was told to them as employers."""
    return sorted({grant.unit_id for grant in actor.grants if READ_FEEDBACK in grant.capabilities})


def answers_for_some(actor: Actor) -> bool:
    """Is there a unit for which the actor answers call-ups?"""
    return any(ANSWER in grant.capabilities for grant in actor.grants)


def called_of(actor: Actor) -> Q:
    """Condition on calls: of a unit the actor answers for, or of a vanguard post the actor holds today."""
    of_unit = Q(unit__in=sorted({grant.unit_id for grant in actor.grants if ANSWER in grant.capabilities}))
    if actor.person_id is None:
        return of_unit
    holding = Holding.objects.filter(in_force(), post=OuterRef("post"), person_id=actor.person_id)
    return of_unit | Q(Exists(holding))


def still_agreed(person: str) -> Exists:
    """Condition: the person at this path agrees, today, that the employer is told."""
    return Exists(Consent.objects.filter(in_force(), person_id=OuterRef(person), purpose=EMPLOYER_FEEDBACK))


class _Kept(Policy):
    view = VIEW
    actions = {"keep": KEEP}


@register_policy
class PostPolicy(_Kept):
    model = Post


@register_policy
class AreaPolicy(_Kept):
    model = Area


@register_policy
class AreaPlacePolicy(_Kept):
    model = AreaPlace
    place_field = "area__place_code"


@register_policy
class ProjectPolicy(_Kept):
    model = Project


@register_policy
class ProjectActivityPolicy(_Kept):
    model = ProjectActivity


@register_policy
class HoldingPolicy(_Kept):
    model = Holding

    def participation(self, actor: Actor) -> Q | None:
        return Q(person_id=actor.person_id) if actor.person_id is not None else None


@register_policy
class CallupPolicy(Policy):
    """There for who looks after its place, and for everybody in office beneath it."""

    model = Callup
    view = VIEW
    actions = {"call": CALL}

    def participation(self, actor: Actor) -> Q | None:
        above = {code for place in actor.places_for(VIEW) for code in ancestors_of(place)}
        return Q(place_code__in=above) if above else None


@register_policy
class CalledPolicy(Policy):
    """Seen and answered by the people of the unit, by who holds the post, and by who calls up."""

    model = Called
    place_field = "callup__place_code"
    view = VIEW
    actions = {"call": CALL}

    def participation(self, actor: Actor) -> Q | None:
        return called_of(actor)

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "answer":
            own = not actor.is_anonymous and Called.objects.filter(called_of(actor), pk=obj.pk).exists()
            return own or actor.holds(CALL, self.place_of(obj))
        return super().can(actor, action, obj)


@register_policy
class PositionPolicy(Policy):
    model = Position
    view = VIEW
    actions = {"call": CALL}

    def participation(self, actor: Actor) -> Q | None:
        return Q(activity__organiser__in=organising_units(actor))


@register_policy
class SeatOfferPolicy(Policy):
    model = SeatOffer
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        own = actor.person_id
        return Q(person_id=own) | Q(taken_by_id=own) if own is not None else None


@register_policy
class HandOverPolicy(Policy):
    model = HandOver
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(by_id=actor.person_id) if actor.person_id is not None else None


@register_policy
class MemberPolicy(Policy):
    model = Member
    view = VIEW
    actions = {"receive": RECEIVE, "tell": TELL_EMPLOYERS}

    def participation(self, actor: Actor) -> Q | None:
        return Q(person_id=actor.person_id) if actor.person_id is not None else None


@register_policy
class WishPolicy(Policy):
    """As its matter: over the places of a post, or by a part in it."""

    model = Wish
    place_field = "matter__place_code"
    view = states.VIEW
    actions = {"publish": states.PUBLISH, "confirm": states.CONFIRM}

    def participation(self, actor: Actor) -> Q | None:
        own = actor.person_id
        if own is None:
            return None
        return Q(matter__reporter_id=own) | Q(matter__teller_id=own) | Q(matter__handler_id=own)


@register_policy
class ServedPolicy(Policy):
    model = Served
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(person_id=actor.person_id) if actor.person_id is not None else None


@register_policy
class FeedbackPolicy(Policy):
    model = Feedback
    view = TELL_EMPLOYERS

    def participation(self, actor: Actor) -> Q | None:
        own = Q(member__person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
        units = employing_units(actor)
        return own | Q(Q(employer__in=units), still_agreed("member__person_id")) if units else own

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view":
            return bool(self.visible_to(actor).filter(pk=obj.pk).exists())
        return super().can(actor, action, obj)

"""Who sees persons: staff over their places, and everybody their own."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.people.models import Consent, Person, PersonKey

_COMMUNITY = (
    "community_secretary",
    "community_deputy_secretary",
    "residents_committee_chair",
    "community_worker",
)

_REACHING = ("street_officer", "hotline_officer", *_COMMUNITY, "grid_worker")  # who call people

VIEW = declare("people.view", posts=("district_officer", *_REACHING))
REGISTER = declare("people.register", posts=("district_officer", *_REACHING))
REVEAL = declare("people.reveal", posts=_REACHING)
CONSENT = declare("people.consent", posts=(*_COMMUNITY, "grid_worker"))
ERASE = declare("people.erase", posts=("street_officer", "community_secretary"))


@register_policy
class PersonPolicy(Policy):
    model = Person
    view = VIEW
    actions = {"correct": REGISTER, "reveal": REVEAL, "consent": CONSENT, "erase": ERASE}

    def participation(self, actor: Actor) -> Q | None:
        return Q(pk=actor.person_id) if actor.person_id else None

    def is_own(self, actor: Actor, person: Any) -> bool:
        return actor.person_id is not None and actor.person_id == person.pk


@register_policy
class ConsentPolicy(Policy):
    model = Consent
    view = VIEW
    place_field = "person__place_code"

    def participation(self, actor: Actor) -> Q | None:
        return Q(person_id=actor.person_id) if actor.person_id else None


@register_policy
class PersonKeyPolicy(Policy):
    """Keys are nobody's to see."""

    model = PersonKey
    place_field = "person__place_code"

"""How somebody stands to a matter: acting in office in it, or told of it as its reporter; and holding it for a change."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.matters.policies import HANDLE, SEALED, handling_units
from doorstep.kernel.shared.errors import NotVisible


def is_insider(actor: Actor, matter: Matter) -> bool:
    """Acts in office in this matter, and so reads what is said among staff. Its reporter does not, nor a follower."""
    if actor.is_system:
        return True
    place, units = matter.place_code, set(handling_units(actor))
    if actor.holds(law_of(matter.kind).view, place):
        return (
            matter.confidentiality != Matter.SEALED or actor.holds(SEALED, place) or _has_part(actor, matter)
        )
    if _has_part(actor, matter):
        return True
    called = Participation.objects.filter(matter=matter, unit_id__in=units)
    return bool(units) and called.exists()


def _has_part(actor: Actor, matter: Matter) -> bool:
    if actor.person_id is not None and actor.person_id == matter.handler_id:
        return True
    return any(
        HANDLE in grant.capabilities
        and grant.unit_id in (matter.holder_id, matter.asked_id)
        and grant.covers(matter.place_code)
        for grant in actor.grants
    )


def is_reporter(actor: Actor, matter: Matter) -> bool:
    """Told of it, or told of it for somebody."""
    return actor.person_id is not None and actor.person_id in (matter.reporter_id, matter.teller_id)


def office_in(actor: Actor, matter: Matter, capability: str = "") -> int | None:
    """The unit for which the actor acts here: the holder where they serve in it, else one that reaches this place."""
    reaching = [
        grant.unit_id
        for grant in actor.grants
        if grant.covers(matter.place_code) and (not capability or capability in grant.capabilities)
    ]
    if matter.holder_id in reaching:
        return matter.holder_id
    called = [grant.unit_id for grant in actor.grants if not capability]
    return next(iter([*reaching, *called]), None)


def seen_matter(actor: Actor, matter_id: int) -> Matter:
    """Raises NotVisible where it does not exist for the actor."""
    found: Matter | None = policy_for(Matter).visible_to(actor).filter(pk=matter_id).first()
    if found is None:
        raise NotVisible(_("没有找到这件事。"))
    return found


def held_matter(actor: Actor, matter_id: int) -> Matter:
    """The same, locked to the end of the transaction."""
    seen = policy_for(Matter).visible_to(actor).filter(pk=matter_id).values("pk")
    found = Matter.objects.select_for_update().filter(pk__in=seen).first()
    if found is None:
        raise NotVisible(_("没有找到这件事。"))
    return found

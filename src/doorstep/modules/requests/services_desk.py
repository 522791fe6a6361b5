"""What is reported by telephone or at a counter, taken down by who answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.services_links import merge_into
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.modules.requests.callers import caller_of
from doorstep.modules.requests.places import where_is
from doorstep.modules.requests.policies import BRING_HOTLINE
from doorstep.modules.requests.services import Report, Reported, report
from doorstep.modules.requests.states import OPEN

HOTLINE, COUNTER = "hotline", "counter"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody said at the other end, as it was taken down. same_as: an open request that is the same; the new
    one is kept and follows it. shown: numbers of nearby requests that were looked at."""

    source: str
    text: str
    place_code: str
    address: str = ""
    item_code: str = ""
    urgency: str = ""
    name: str = ""
    phone: str = ""
    anonymous: bool = False
    hotline_number: str = ""
    same_as: int | None = None
    shown: tuple[int, ...] = ()
    key: uuid.UUID = field(default_factory=uuid.uuid4)


def sources_of(actor: Actor, place_code: str = "") -> list[str]:
    """From where the actor takes reports down: who deals with the hotline for a place, and every office a counter."""
    found = [HOTLINE] if _holds(actor, BRING_HOTLINE, place_code) else []
    return [*found, COUNTER] if _holds(actor, OPEN, place_code) else found


def _holds(actor: Actor, capability: str, place_code: str) -> bool:
    return actor.holds(capability, place_code) if place_code else actor.holds_somewhere(capability)


@transaction.atomic
def take_down(*, actor: Actor, told: Told) -> Reported:
    """One report, once for its key or ticket, with who told it; and where it is the same as another, joined to that.

    Raises RuleViolation naming the field, NotAllowed for a source that is not the actor's, or what merging raises.
    """
    where = where_is(place_code=told.place_code, address=told.address)
    if told.source not in sources_of(actor, where.code):
        raise NotAllowed(_("您不能在这里登记这个来源的诉求。"))
    if told.source == COUNTER and told.hotline_number:
        raise RuleViolation(_("窗口登记的没有热线工单号。"), field="hotline_number")
    reporter, for_whom = caller_of(
        actor, name=told.name, phone=told.phone, anonymous=told.anonymous, place_code=where.code,
        ticket=told.hotline_number.strip(),
    )  # fmt: skip
    taken = report(
        actor=actor,
        new=Report(
            source=told.source, text=told.text, item_code=told.item_code, urgency=told.urgency,
            place_code=where.code, address=told.address, reporter_id=reporter, for_whom=for_whom,
            anonymous=told.anonymous, hotline_number=told.hotline_number, key=told.key,
            not_the_same=tuple(number for number in told.shown if number != told.same_as),
        ),
    )  # fmt: skip
    if taken.is_new and told.same_as is not None:
        reason = _("登记时认定是同一件事")
        taken.request.matter = merge_into(
            actor=actor, matter_id=taken.matter.pk, main_id=told.same_as, reason=reason
        )
    return taken

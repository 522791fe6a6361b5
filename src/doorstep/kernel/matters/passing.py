"""Open matters go along when a place passes to somebody else: declared to organisations, and called where grids are drawn anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.matters.leaving import in_hand
from doorstep.kernel.matters.services import locked_cases, take_steps
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.leaving import Leaving, Passing, declare
from doorstep.kernel.shared.place_codes import within

AT_ONCE = 500


def hand_on(actor: Actor, passings: Sequence[Passing], why: str) -> int:
    """Hand over what somebody has in hand for the unit in these places. The caller appoints the receiver over them in the same
    transaction, so who receives is not asked for here; who may hand over is the law's to say. Returns how many."""
    condition = Q(pk__in=[])
    for one in passings:
        condition |= Q(handler_id=one.from_id, holder_id=one.unit_id) & within("place_code", one.codes)
    receivers = {
        (one.from_id, one.unit_id, code): one.to_id for one in passings for code in one.codes
    }  # a worker's places are grids, the smallest there are
    # locked before it is read: what somebody is just finishing is no longer in hand when the lock is had
    rows = in_hand([one.from_id for one in passings]).filter(condition).order_by("pk")
    found = rows.select_for_update(of=("self",)).values_list("pk", "handler_id", "holder_id", "place_code")
    to = {
        pk: receivers[handler, holder, place]
        for pk, handler, holder, place in (found if passings else ())
        if (handler, holder, place) in receivers
    }
    return hand_all(actor, to, why)


def hand_all(actor: Actor, to: Mapping[int, int], why: str) -> int:
    """Hand over each matter (id) to its person, in the order of receivers; a few statements for each. The rows are locked."""
    by_receiver: dict[int, list[int]] = {}
    for matter_id, person_id in to.items():
        by_receiver.setdefault(person_id, []).append(matter_id)
    for person_id, ids in sorted(by_receiver.items()):
        for at in range(0, len(ids), AT_ONCE):
            cases = locked_cases(PLATFORM, ids[at : at + AT_ONCE])
            take_steps(actor, cases, "hand_over", Inputs(person_id=person_id, internal=why))
    return len(to)


PLATFORM = system_actor("hand over")

declare(Leaving("matters.passing", passing=hand_on))

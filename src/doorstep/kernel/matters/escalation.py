"""Who hears of a breach: the level above who holds the matter, from the grid to the community, the street, the district."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.hearers import Told
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.steps import Case
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared.place_codes import LENGTHS

COMMUNITY, STREET, TOP = 1, 2, 3  # levels that a breach is told to
PLACES = {COMMUNITY: "community", STREET: "street", TOP: "county"}
POSTS = {
    COMMUNITY: ("community_secretary", "residents_committee_chair"),
    STREET: ("street_officer",),
    TOP: ("district_officer",),
}
ABOVE = "above"  # their part in a notice


def first_level(matters: Sequence[Matter]) -> dict[int, int]:
    """By matter, the first level above who holds it. One query.

    What a community or a grid holds goes to the community first, what a street, a department or the district holds to
    the district.
    """
    stands = versions_of({matter.holder_id for matter in matters if matter.holder_id is not None})
    return {
        matter.pk: COMMUNITY
        if matter.holder_id is None or matter.holder_id not in stands
        or len(stands[matter.holder_id].place_code) >= LENGTHS["community"]
        else TOP
        for matter in matters
    }  # fmt: skip


def tell_escalation(actor: Actor, cases: Sequence[Case]) -> None:
    """Tell post-holders of each matter's level of escalation, and who holds and handles it."""
    matters = [case.matter for case in cases]
    above = _above(matters)
    announce(
        actor,
        [
            Told(
                matter=matter, key="overdue", parts=("handler", "holder", "asked"), due_at=matter.due_at,
                persons=tuple((person_id, ABOVE) for person_id in above.get(_reach(matter), ())),
            )
            for matter in matters
        ],
    )  # fmt: skip


def tell_reminder(actor: Actor, coming: Sequence[Deadline]) -> None:
    """Remind who handles each matter, or where nobody does yet who holds it, of what falls due; and who was asked."""
    announce(
        actor,
        [
            Told(
                matter=row.matter, key="remind", parts=("handler" if row.matter.handler_id else "holder", "asked"),
                due_at=row.due_at, to_followers=False,
            )
            for row in coming
        ],
    )  # fmt: skip


def _reach(matter: Matter) -> tuple[int, str]:
    """The level a matter has climbed to, and the place of that level."""
    return matter.escalation, matter.place_code[: LENGTHS[PLACES[matter.escalation]]]


def _above(matters: Sequence[Matter]) -> dict[tuple[int, str], set[int]]:
    """Persons in office at each level and place, substitutes too. One query for each level there is."""
    wanted: dict[int, set[str]] = defaultdict(set)
    for matter in matters:
        level, code = _reach(matter)
        wanted[level].add(code)
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for level, codes in wanted.items():
        held = Appointment.objects.in_force().filter(post__in=POSTS[level])
        held = held.filter(Q(place_code__in=codes) | Q(places__code__in=codes))
        for person_id, stands, own in held.values_list("person_id", "place_code", "places__code"):
            for code in codes & {stands, own}:
                found[level, code].add(person_id)
    return found

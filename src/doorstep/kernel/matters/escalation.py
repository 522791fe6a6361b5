"""Who hears of a breach: the level above who holds the matter, from the grid to the community, the street, the district."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.steps import Case
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared.place_codes import LENGTHS

COMMUNITY, STREET, TOP = 1, 2, 3  # levels that a breach is told to


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


def tell_reminder(actor: Actor, coming: Sequence[Sequence[Deadline]]) -> None:
    """Remind who handles each matter, or where nobody does yet who holds it, of what falls due."""

"""Who hears of a step: rows of the outbox, written with the step. Sending them: tasks."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.matters.steps import Case


def tell(actor: Actor, steps: Sequence[tuple[Case, Transition | None]]) -> None:
    """Queue notices to the parts each step names."""

"""What must be settled before an appointment or a unit ends, and what goes along when a place passes from one to another.

Packages that stand on organisations declare what waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.shared.errors import RuleViolation


@dataclass(frozen=True)
class Passing:
    """Places that pass from one person of a unit to another, who is appointed over them in the same transaction."""

    unit_id: int
    from_id: int
    to_id: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Leaving:
    """What one package asks, in the transaction that ends something.

    appointments: the appointments that end, the day, and the places kept (where somebody's places change and these
        remain theirs). unit: the unit that ends. Each gives the refusal, in the user's words, or None. passing: hands over
        what waits for somebody in places that pass to another, saying why, and how many it were.
    """

    key: str
    appointments: Callable[[Sequence[Appointment], dt.date, Sequence[str]], RuleViolation | None] = (
        lambda rows, on, kept: None
    )
    unit: Callable[[Unit], RuleViolation | None] = lambda unit: None
    passing: Callable[[Actor, Sequence[Passing], str], int] = lambda actor, passings, why: 0


_declared: dict[str, Leaving] = {}


def declare(leaving: Leaving) -> None:
    if leaving.key in _declared:
        raise RuntimeError(f"what {leaving.key} asks before an appointment ends is declared twice")
    _declared[leaving.key] = leaving


def require_settled(rows: Sequence[Appointment], on: dt.date, kept: Sequence[str] = ()) -> None:
    """Raises RuleViolation while something waits for the holders of these appointments that would stay undone."""
    for _key, leaving in sorted(_declared.items()):
        if rows and (refusal := leaving.appointments(rows, on, kept)):
            raise refusal


def require_unit_settled(unit: Unit) -> None:
    for _key, leaving in sorted(_declared.items()):
        if refusal := leaving.unit(unit):
            raise refusal


def pass_on(actor: Actor, passings: Sequence[Passing], why: str) -> int:
    """Hand over what waits in these places to who has them from now on; returns how much. `why`: in words, for the record."""
    return sum(leaving.passing(actor, passings, why) for _key, leaving in sorted(_declared.items()))

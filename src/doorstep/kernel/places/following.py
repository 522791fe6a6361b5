"""What hangs on grids and follows when they are drawn anew: whoever keeps such records registers here, and is called in the
transaction that does it.

Packages cannot be called by the places, which know none of them; each calls `follows_redrawing` when it starts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor


@dataclass(frozen=True)
class Move:
    """A building that changes its grid; before: "" where it had none."""

    building_id: int
    households: int
    before: str
    after: str


@dataclass(frozen=True)
class Redrawing:
    """What was done to the grids of some communities from a day on; grids by code.

    changed: grids that go on with other buildings. heirs: of an ended grid, who took its buildings, most households first.
    givers: of a new grid, whose buildings it has, most households first. workers: by grid, new or not, the appointment that somebody
    chose; most_grids: more than so many a grid worker does not get by following.
    """

    communities: tuple[str, ...]
    effective_on: dt.date
    document: str
    changed: tuple[str, ...]
    begun: tuple[str, ...]
    ended: tuple[str, ...]
    moves: tuple[Move, ...]
    heirs: dict[str, tuple[str, ...]]
    givers: dict[str, tuple[str, ...]]
    workers: dict[str, int] = field(default_factory=dict)
    most_grids: int = 2


@dataclass(frozen=True)
class Followed:
    """One record that followed. kind: "appointment", "branch", "unit", "households" or "matters"; name: in words; before,
    after: codes of places. person_id: whom an appointment concerns. count: records told of together."""

    kind: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    person_id: int | None = None
    count: int = 1


@dataclass(frozen=True)
class Follower:
    """prepare: locks what may be concerned, before any place is locked. follow: writes, and says what followed."""

    name: str
    order: int
    follow: Callable[[Actor, Redrawing], Sequence[Followed]]
    prepare: Callable[[Sequence[str], dt.date], None] = lambda communities, day: None


_followers: dict[str, Follower] = {}


def follows_redrawing(follower: Follower) -> None:
    """Registered once, by name; called in order."""
    if _followers.setdefault(follower.name, follower) is not follower:
        raise RuntimeError(f"{follower.name} follows twice")


def followers() -> list[Follower]:
    return sorted(_followers.values(), key=lambda one: (one.order, one.name))

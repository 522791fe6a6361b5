"""Kinds of activity. A module declares what its people gather for; the kernel keeps the times, the places and who came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor

Text = str | Promise


@dataclass(frozen=True)
class Category:
    """A class of a kind that may be announced; risky work needs insurance first."""

    code: str
    name: Text
    needs_insurance: bool = False


@dataclass(frozen=True)
class Kind:
    """`category_name`: the words of a category of this kind. `page`: a session's own public address, by its number.

    offered: categories that whoever organises may announce at a place, today; None where the module has a form of its own.
    settled: what was made of a confirmed session stands (it was approved), so it is not sent back any more; such a kind also
    has its sessions confirmed by somebody who was not there.
    corrected: called in the transaction in which an attendance of a confirmed session was put right, with what was done,
    so that what was made of it follows (hours, points). Raises Refused where it cannot.
    admits: who may sign up for what is not public, besides those who see it in office; asked in the session's lock.
    left: called in the transaction in which people (by number) went out of a session or were taken out of it, so that what
    hangs on their places ends too; not where a seat is handed on.
    """

    code: str
    name: Text
    category_name: Callable[[str], Text] = str
    page: Callable[[int], str] | None = None
    offered: Callable[[str], Sequence[Category]] | None = None
    settled: Callable[[int], bool] | None = None
    corrected: Callable[[Actor, Any], None] | None = None
    admits: Callable[[Actor, Any], bool] | None = None
    left: Callable[[Actor, Any, Sequence[int]], None] | None = None


_kinds: dict[str, Kind] = {}


def declare(kind: Kind) -> None:
    """Make a kind known. Raises RuntimeError for a code used twice."""
    if kind.code in _kinds:
        raise RuntimeError(f"kind of activity {kind.code} is declared twice")
    _kinds[kind.code] = kind


def kind_of(code: str) -> Kind:
    """Raises KeyError for a kind that no module declared."""
    return _kinds[code]


def note_left(actor: Actor, session: Any, person_ids: Sequence[int]) -> None:
    """Let the session's kind know that these people have no place in it any more."""
    found = _kinds.get(session.kind)
    if found is not None and found.left is not None and person_ids:
        found.left(actor, session, person_ids)


def is_kind(code: str) -> bool:
    return code in _kinds


def all_kinds() -> list[Kind]:
    return [_kinds[code] for code in sorted(_kinds)]


def name_of(kind: str, category: str) -> str:
    """The category in its kind's words, else the kind's name; empty for a kind that no module declares."""
    found = _kinds.get(kind)
    if found is None:
        return ""
    return str(found.category_name(category) if category else found.name)

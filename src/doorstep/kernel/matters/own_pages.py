"""Where somebody deals with a matter that is shown to them outside the desk: a unit's own pages, say. Kinds declare it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from doorstep.kernel.access.actors import Actor

# from the reader and numbers of matters of a kind: the pages of those that have one for this reader
Finding = Callable[[Actor, Sequence[int]], Mapping[int, str]]
_findings: dict[str, Finding] = {}


def declare_own_pages(kind: str, finding: Finding) -> None:
    """Raises ValueError for a kind that has one already."""
    if kind in _findings:
        raise ValueError(f"{kind}: declared twice")
    _findings[kind] = finding


def own_pages(actor: Actor, matters: Mapping[int, str]) -> dict[int, str]:
    """Of matters by their kind: the reader's own page, where there is one. At most one question for each kind."""
    found: dict[int, str] = {}
    for kind in sorted({*matters.values()} & _findings.keys()):
        found.update(_findings[kind](actor, [pk for pk, its in matters.items() if its == kind]))
    return found

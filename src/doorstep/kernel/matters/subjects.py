"""What persons are told of that is no matter: each package declares in its `subjects.py` what it tells of, and the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from doorstep.kernel.matters.models_messages import Notice


@dataclass(frozen=True)
class Subject:
    """One sort of thing, such as a session of an activity. Its notices hold codes alone; words are made when read.

    code: what `Notice.about` holds. lines: by notice, one sentence in the language in force; given all of a page at once,
    so that it asks in a few statements. It may be sent outside, so it names no other person and quotes nobody.
    url: the page to go on to, "" where there is none; asks the database nothing.
    purpose: the consent a message outside needs; "" is that given by choosing messages.
    """

    code: str
    lines: Callable[[list[Notice]], Mapping[int, str]]
    url: Callable[[Notice], str]
    purpose: str = ""


_subjects: dict[str, Subject] = {}


def declare_subject(subject: Subject) -> None:
    if _subjects.setdefault(subject.code, subject) is not subject:
        raise RuntimeError(f"subject {subject.code} is declared twice")


def subject_of(code: str) -> Subject | None:
    """None: no package of this installation tells of such things (any more)."""
    return _subjects.get(code)


def unknown_among(codes: Sequence[str]) -> set[str]:
    return set(codes) - set(_subjects)

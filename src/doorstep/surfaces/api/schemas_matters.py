"""Shapes of matters, as they are answered and as they are sent."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints


def _storable(text: str) -> str:
    """JSON can name halves of characters, which no database takes. Raises ValueError."""
    text.encode()
    return text


Words = Annotated[str, AfterValidator(_storable)]
PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,15}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}[0-9]{1,15}$")]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Box = Literal["all", "mine", "unit", "asked", "place", "overdue", "told"]


class Coded(Schema):
    code: str
    name: str


class MatterLine(Schema):
    """One matter in a list. `due_at`: the nearest running promise; `provisional`: counted without the official calendar."""

    number: str
    kind: str
    title: str
    state: Coded
    open: bool
    place: Coded
    item: str
    category: str
    urgency: str
    holder: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    due_at: dt.datetime | None
    provisional: bool


class MattersOut(Schema):
    """One page. `after` leads to the next; empty on the last. `more`: `total` is the most that is counted."""

    matters: list[MatterLine]
    total: int
    more: bool
    after: str


class PromiseOut(Schema):
    name: str
    when: str
    state: str
    words: str
    provisional: bool


class EntryOut(Schema):
    """One line of what happened. `internal` is empty for who is not in office in the matter."""

    at: dt.datetime
    who: str
    unit: str
    words: str
    note: str
    internal: str
    files: int


class MatterOut(MatterLine):
    """One matter whole. `version`: send it with a step, so that a step on an old state is refused."""

    version: int
    text: str
    address: str
    longitude: float | None
    latitude: float | None
    source: str
    confidentiality: str
    asked: str
    next_step: str
    promises: list[PromiseOut]
    history: list[EntryOut]


class Choice(Schema):
    id: int
    name: str


class InputOut(Schema):
    """What a step asks for. `choices` where it is one of a list."""

    name: str
    zh: str
    en: str
    required: bool
    choices: list[Choice] | None = None


class StepOut(Schema):
    name: str
    words: str
    clause: str
    inputs: list[InputOut]


class StepsOut(Schema):
    number: str
    version: int
    state: Coded
    steps: list[StepOut]


class StepIn(Schema):
    """What is given with a step: those of its inputs. `version`: as it was read; left out, the present one."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    note: Words = ""
    internal: Words = ""
    unit_id: Id | None = None
    person_id: Id | None = None
    until: dt.date | None = None


class ReportIn(Schema):
    """A report. Where it is: a building, else a place (made finer by a position), else a position, else an address that
    names one building. Positions are WGS-84."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    title: Words = ""
    item: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{0,40}$")] = ""
    place_code: PlaceCode = ""
    building_id: Id | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    address: Words = ""
    urgency: Literal["", "normal", "urgent", "emergency"] = ""
    for_whom: Words = ""
    anonymous: bool = False


class ReportedOut(Schema):
    """`new` is false where the same report had been taken in before: sending again is harmless."""

    number: str
    new: bool
    warnings: list[str]
    matter: MatterLine

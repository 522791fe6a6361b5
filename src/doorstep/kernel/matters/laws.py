"""The law of a kind of matter: its states and the one table of what may happen, to whom, on what ground.

A module declares its law in `states.py`. Everything that happens to a matter of that kind is a row of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import act_name, name_acts

Text = str | Promise

# Who may act without holding a capability over the place: by their part in this very matter.
#   reporter: told of it. holder: in office in the unit that is responsible now, over this place. asked: in office in the
#   unit that was asked to take it over and has not answered. handler: the person it was given to. handled: did the work
#   on it once, whoever handles it now. called: in office in a unit called to it. platform: the platform itself, at its time.
Part = Literal["reporter", "holder", "asked", "handler", "handled", "called", "platform"]

RESPOND, RESOLVE = "respond", "resolve"  # the two promises to a reporter; a law may name others
# What runs while they pause: somebody else looks at the work; the work goes on.
CHECK, RESUME = "check", "resume"
# Called units are there; what a reporter asks once more is answered.
ARRIVE, ANSWER = "arrive", "answer"
# What is promised, where a law has no words of its own for it.
PROMISES: dict[str, Text] = {
    RESPOND: _("首次答复"), RESOLVE: _("办结"), CHECK: _("核实"), RESUME: _("暂停后继续办理"), ARRIVE: _("到场"),
    ANSWER: _("答复是否重办"),
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """A state: its word, whether the matter is over in it, and what the reporter is told happens next."""

    code: str
    name: Text
    over: bool = False
    next_step: Text = ""


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    by: capability over the matter's place that allows it; parts: parts in the matter that allow it as well.
    never_by: parts that rule it out, whatever else is held (who verifies has not handled).
    requires: inputs that must be given. takes: inputs that may be given.
    starts, meets, stops, pauses, resumes: promises (clocks) that the step touches. Where `until` is required, the day
    given is the end of what it starts, and the term is the longest that may be given. ends: of what it starts, those
    that end at the moment given as `end`; without one they last as long as the term says.
    asks: `unit_id` is asked to take the matter over; until it does, who held it stays responsible. takes_over: done by
    the asked unit, it answers for the matter from then on; done by the holder, nobody is asked any longer. refuses: the
    asked unit is asked no longer. makes_handler: whoever does the step is the handler from then on. frees_handler:
    nobody is any longer. does_the_work: whoever takes the step has handled the matter for good.
    target "": the step leaves the state as it is.
    at_most: how often each unit may take it in the life of one matter (0: any number). tells: whom a notice goes to.
    links: the step joins or parts two matters; only `services_links` takes it, which writes the link with it.
    offered: to people without office or part, whom the module lets (somebody who serves); only `services_offered` takes it.
    """

    name: str
    words: Text
    sources: tuple[str, ...]
    target: str
    clause: Text
    by: str = ""
    parts: tuple[Part, ...] = ()
    never_by: tuple[Part, ...] = ()
    requires: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    asks: bool = False
    takes_over: bool = False
    refuses: bool = False
    makes_handler: bool = False
    frees_handler: bool = False
    does_the_work: bool = False
    at_most: int = 0
    tells: tuple[Part, ...] = ()
    links: bool = False
    offered: bool = False
    danger: bool = False


@dataclass(frozen=True)
class Law:
    """All that can happen to one kind of matter. `first`: the state it is opened in; `opening`: clocks that start then.

    view: capability that shows matters of this kind over a place; opens: capability to open one in office (a resident
    needs none where `residents_open`, nor does somebody unknown where `strangers_open`). promises: its own words for clocks.
    """

    kind: str
    name: Text
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    first: str
    view: str
    opens: str
    prefix: str
    opening: tuple[str, ...] = ()
    promises: Mapping[str, Text] = field(default_factory=dict, compare=False)
    residents_open: bool = False
    strangers_open: bool = False

    def __post_init__(self) -> None:
        for fault in faults_of(self):
            raise ValueError(f"law {self.kind}: {fault}")

    @cached_property
    def by_code(self) -> dict[str, State]:
        return {state.code: state for state in self.states}

    @cached_property
    def by_name(self) -> dict[str, Transition]:
        return {row.name: row for row in self.transitions}

    @cached_property
    def works(self) -> frozenset[str]:
        """Names of the steps that do the work."""
        return frozenset(row.name for row in self.transitions if row.does_the_work)

    def from_state(self, state: str) -> list[Transition]:
        """What the table allows from a state, in its order."""
        return [row for row in self.transitions if state in row.sources]

    def is_over(self, state: str) -> bool:
        return self.by_code[state].over


def faults_of(law: Law) -> Iterable[str]:
    """What is wrong with a table: unknown states, names twice, states nobody reaches, a state without a way out."""
    known = {state.code for state in law.states}
    names = [row.name for row in law.transitions]
    yield from (f"{name} stands twice" for name in set(names) if names.count(name) > 1)
    for row in law.transitions:
        yield from (
            f"{row.name} names the unknown state {code}"
            for code in {*row.sources, row.target or law.first} - known
        )
        if not (row.by or row.parts or row.offered):
            yield f"{row.name} is nobody's"
        if not str(row.clause):
            yield f"{row.name} cites no rule"
    reached, waiting = {law.first}, [law.first]
    while waiting:
        state = waiting.pop()
        new = {row.target for row in law.transitions if state in row.sources} - reached - {""}
        reached |= new
        waiting += new
    yield from (f"nothing leads to {code}" for code in sorted(known - reached))
    open_ends = {state.code for state in law.states if not state.over}
    left = {code for row in law.transitions if row.target for code in row.sources}
    yield from (f"nothing leads out of {code}" for code in sorted(open_ends - left))


_laws: dict[str, Law] = {}


def declare(law: Law) -> Law:
    if law.kind in _laws:
        raise RuntimeError(f"matters of kind {law.kind} have two laws")
    if any(law.prefix == other.prefix for other in _laws.values()):
        raise RuntimeError(f"two laws number their matters {law.prefix}")
    _laws[law.kind] = law
    name_acts(
        {f"{law.kind}.{row.name}": row.words for row in law.transitions} | {f"{law.kind}.open": _("登记")}
    )
    return law


_notes: dict[str, Transition] = {}


def declare_note(row: Transition) -> Transition:
    """A line that any kind's history may have and that changes no state: an extension, a term settled.

    A row of the table without sources and target; `services.note_cases` writes it.
    """
    if row.sources or row.target:
        raise ValueError(f"note {row.name}: a note comes from no state and leads to none")
    if row.name in _notes or not str(row.clause):
        raise ValueError(f"note {row.name} stands twice or cites no rule")
    _notes[row.name] = row
    name_acts({row.name: row.words})
    return row


def note_names() -> list[str]:
    return sorted(_notes)


def note_of(name: str) -> Transition | None:
    """The declared note of this name."""
    return _notes.get(name)


def step_words(kind: str, name: str) -> Text:
    """The words of a line of the history, for a timeline: a step of the kind's law, a note, or the opening."""
    return act_name(f"{kind}.{name}")


def promise_words(kind: str, clock: str) -> Text:
    """What a clock of this kind of matter promises, in the words of its law."""
    law = _laws.get(kind)
    return (law.promises.get(clock) if law else None) or PROMISES[clock]


def law_of(kind: str) -> Law:
    try:
        return _laws[kind]
    except KeyError:
        raise RuntimeError(f"no module declares the law of matters of kind {kind!r}") from None


def all_laws() -> list[Law]:
    return [_laws[kind] for kind in sorted(_laws)]

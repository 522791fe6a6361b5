"""What a grid worker's phone shows: the boxes by deadline, and one matter with whom to call and what can be done now."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.forms import Select
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.forms import StepForm, extension_form, form_for
from doorstep.kernel.matters.laws import Transition, all_laws, law_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.notes import EXTENSION_ASKED
from doorstep.kernel.matters.selectors_timeline import Timeline, timeline_of
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.matters.services_deadlines import may_ask_extension
from doorstep.kernel.matters.standing import is_insider
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.places.models import Building, Grid
from doorstep.kernel.shared.place_codes import within
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.requests.models import Request
from doorstep.modules.requests.selectors import desk_above
from doorstep.modules.requests.states import ON_THE_SPOT

PAGE = 30
BOXES: dict[str, Any] = {
    "mine": gettext_lazy("交我办的"), "asked": gettext_lazy("等接办"), "place": gettext_lazy("本网格未结"),
}  # fmt: skip
# Steps that are taken with more than words: on the desk.
_NOT_HERE = {"dispatch", "ask_reopen", "withdraw", "escalate", "reassign", "decide"}
_TYPED = {"note", "internal", "person_id", "until"}
ACCEPT_AND_HANDLE = "accept_handle"
# What is put into the box beforehand; the worker changes it or leaves it.
DEFAULT_WORDS = {
    "handle": gettext_lazy("已到现场处理好。"), "on_the_spot": gettext_lazy("已当场处理好。"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One matter in a list: what, where, and the time left in words."""

    matter: Matter
    where: str
    holder: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class Tab:
    key: str
    name: str
    count: str
    chosen: bool


@dataclass(frozen=True)
class Today:
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    chosen: str
    after: str


def rows_of(actor: Actor, key: str) -> Any:
    """Open matters of a box. asked: my unit was asked to take them over, or received them and nobody has begun."""
    if key != "asked":
        return selectors.box(actor, key)  # type: ignore[arg-type]  # a key of BOXES
    fresh = Q(pk__in=[])
    for law in all_laws():
        fresh |= Q(kind=law.kind, state=law.first)
    received = selectors.box(actor, "unit").filter(fresh, handler__isnull=True)
    return selectors.box(actor, "asked") | received


def today(actor: Actor, chosen: str, after: str) -> Today:
    """A page of a box; without a choice the first that has something. At most nine queries."""
    counts = {key: selectors.count_of(rows_of(actor, key)) for key in BOXES}
    key = chosen or next((key for key in BOXES if counts[key].number), "mine")
    rows = rows_of(actor, key).select_related("handler").defer("text", "sought", "bigrams")
    page = selectors.page_by_deadline(rows, PAGE + 1, selectors.after_cursor(after))
    more, page = len(page) > PAGE, page[:PAGE]
    tabs = tuple(Tab(box, str(name), str(counts[box]), box == key) for box, name in BOXES.items())
    return Today(tabs, tuple(_lines(page)), key, selectors.cursor_of(page[-1]) if more else "")


def _lines(matters: Sequence[Matter]) -> Iterable[Line]:
    places = full_names_of({matter.place_code for matter in matters})
    units = versions_of(unit for matter in matters for unit in (matter.holder_id, matter.asked_id) if unit)
    for matter in matters:
        holder = units.get(matter.asked_id or matter.holder_id or 0)
        kind, words = clock_words(matter)
        where = matter.address or places.get(matter.place_code, "")
        yield Line(matter, where, holder.name if holder else "", kind, words)


@dataclass(frozen=True)
class Block:
    """A step as the page offers it. `key`: new with every page, so that one press is one action."""

    name: str
    words: str
    clause: str
    form: StepForm
    danger: bool = False
    key: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Desk:
    """An office on duty: never a person's own phone."""

    name: str
    phone: str
    hours: str


@dataclass(frozen=True)
class MatterPage:
    """`main`: the one step that ends it here; `after`: what could be done once a step was taken, for a phone that has
    taken it without network. `reporter`: whether they can be asked for a purpose, or why not."""

    matter: Matter
    where: str
    clock: str
    clock_words: str
    timeline: Timeline
    desks: tuple[Desk, ...]
    main: Block | None
    steps: tuple[Block, ...]
    after: dict[str, tuple[Block, ...]] = field(default_factory=dict)
    can_reveal: bool = False
    reporter_words: str = ""
    for_whom: str = ""
    latitude: str = ""
    longitude: str = ""


def matter_page(actor: Actor, number: str, bound: StepForm | None = None, tried: str = "") -> MatterPage:
    """One matter whole. Raises NotVisible where it does not exist for the actor."""
    matter = selectors.visible_matter(actor, number)
    insider = is_insider(actor, matter)
    rows = offered(actor, matter)
    blocks = [_block(matter, name, row, bound if name == tried else None) for name, row in rows]
    kind, words = clock_words(matter)
    if may_ask_extension(actor, matter):
        blocks.append(_extension_block(matter, bound if tried == EXTENSION_ASKED.name else None))
    main = next((block for block in blocks if _ends(block.name)), None)
    can_reveal, reporter_words = _reporter(actor, matter, insider)
    request = Request.objects.filter(pk=matter.pk).first()
    return MatterPage(
        matter=matter, where=full_names_of({matter.place_code}).get(matter.place_code, ""), clock=kind,
        clock_words=words, timeline=timeline_of(actor, matter), desks=tuple(_desks(matter)), main=main,
        steps=tuple(block for block in blocks if block is not main), after=_after(actor, matter, rows),
        can_reveal=can_reveal, reporter_words=reporter_words,
        for_whom=request.for_whom if request and insider else "", latitude=_degrees(matter.latitude),
        longitude=_degrees(matter.longitude),
    )  # fmt: skip


def _degrees(value: float | None) -> str:
    """As an address needs it, whatever the language writes."""
    return "" if value is None else f"{value:.6f}"


def offered(actor: Actor, matter: Matter) -> list[tuple[str, Transition]]:
    """(name, row of the law) of what can be done from a phone now; what ends it stands first, then accepting."""
    rows = [(row.name, row) for row in next_steps(actor, matter) if _is_for_phones(row)]
    names = {name for name, _row in rows}
    handle = law_of(matter.kind).by_name.get("handle")
    if "accept" in names and "on_the_spot" not in names and handle is not None and _follows_accept(matter):
        rows.append((ACCEPT_AND_HANDLE, handle))
    order = ("handle", "on_the_spot", ACCEPT_AND_HANDLE, "accept", "raise")
    return sorted(rows, key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))


def _follows_accept(matter: Matter) -> bool:
    law = law_of(matter.kind)
    return law.by_name["accept"].target in law.by_name["handle"].sources


def _is_for_phones(row: Transition) -> bool:
    if row.name == "raise":
        return True
    return row.name not in _NOT_HERE and not row.links and set(row.requires) <= _TYPED


def _ends(name: str) -> bool:
    return name in ("handle", "on_the_spot", ACCEPT_AND_HANDLE)


def _block(matter: Matter, name: str, row: Transition, bound: StepForm | None = None) -> Block:
    form = bound or step_form(matter, name, row)
    words = _("接办并办完") if name == ACCEPT_AND_HANDLE else str(row.words)
    return Block(name=name, words=words, clause=str(row.clause), form=form, danger=row.danger)


def _extension_block(matter: Matter, bound: StepForm | None) -> Block:
    """More time is no step of the law: it is asked for, and somebody else grants it."""
    row, form = EXTENSION_ASKED, bound or for_thumbs(extension_form(matter), EXTENSION_ASKED.name)
    return Block(name=row.name, words=str(row.words), clause=str(row.clause), form=form)


def step_form(matter: Matter, name: str, row: Transition, data: Any = None) -> StepForm:
    """The form of a step for a thumb: the words are there already; whom a raised matter goes to the rules know."""
    form = form_for(matter, row, data)
    form.fields.pop("unit_id", None)
    if row.name in DEFAULT_WORDS and "note" in form.fields:
        form.initial["note"] = DEFAULT_WORDS[row.name]
    return for_thumbs(form, name)


def for_thumbs(form: StepForm, name: str) -> StepForm:
    form.auto_id = f"id_{name}_%s"
    for each in form.fields.values():
        is_choice = isinstance(each.widget, Select)
        each.widget.attrs["class"] = "form-select" if is_choice else "form-control"
    return form


def _after(actor: Actor, matter: Matter, rows: list[tuple[str, Transition]]) -> dict[str, tuple[Block, ...]]:
    """What this actor could do after accepting or resuming: the law asked of a copy, nothing written."""
    found = {}
    for name, row in rows:
        if name not in ("accept", "resume"):
            continue
        ahead = copy.copy(matter)
        ahead.state = row.target
        if row.takes_over and ahead.asked_id is not None:
            ahead.holder_id, ahead.asked_id = ahead.asked_id, None
        if row.makes_handler:
            ahead.handler_id = actor.person_id
        steps = {step.name: step for step in next_steps(actor, ahead)}
        found[name] = tuple(_block(ahead, each, steps[each]) for each in ("handle", "raise") if each in steps)
    return found


def _desks(matter: Matter) -> Iterable[Desk]:
    """Whom to call in office: who has it, who was asked, and the desk above."""
    units = versions_of(unit for unit in (matter.holder_id, matter.asked_id) if unit)
    above = desk_above(matter.holder_id, matter.place_code) if matter.holder_id else None
    known = set()
    for version in [*units.values(), *([above] if above else [])]:
        if version.unit_id not in known:
            known.add(version.unit_id)
            yield Desk(version.name, version.phone, version.hours)


def _reporter(actor: Actor, matter: Matter, insider: bool) -> tuple[bool, str]:
    """Whether the reporter's phone may be asked for, and what is said where not."""
    if not insider or matter.erased_at is not None:
        return False, ""
    person = reporter_of(matter)
    if person is None:
        return False, _("没有留下报告人。")
    if person.pk == actor.person_id:
        return False, _("是您自己报的。")
    if not persons_for(actor).filter(pk=person.pk, erased_at__isnull=True).exists():
        return False, _("报告人不在您的网格登记，要联系请找上面的办公电话。")
    if not policy_for(Person).can(actor, "reveal", person):
        return False, ""
    return True, ""


def reporter_of(matter: Matter) -> Person | None:
    """Who is asked about it: who reported it."""
    return matter.reporter


@dataclass(frozen=True)
class Where:
    """A grid of the worker, with its buildings."""

    code: str
    name: str
    buildings: tuple[tuple[int, str], ...]


def my_grids(actor: Actor) -> list[Where]:
    """Grids in which the actor may record what was settled on the spot, with their buildings. Three queries."""
    places = actor.places_for(ON_THE_SPOT)
    grids = list(Grid.objects.in_force().filter(within("code", places)).order_by("code"))
    names = full_names_of({grid.code for grid in grids})
    found: dict[str, list[tuple[int, str]]] = {grid.code: [] for grid in grids}
    rows = Building.objects.filter(place_code__in=found).order_by("pinyin", "pk")
    for pk, code, name in rows.values_list("pk", "place_code", "name"):
        found[code].append((pk, name))
    return [Where(grid.code, names.get(grid.code, grid.name), tuple(found[grid.code])) for grid in grids]

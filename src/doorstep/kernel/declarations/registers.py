"""A register is declared, not programmed: list, search, filters, detail, history, Excel out and in come from one object.

How to declare one: docs/registers.md. Rendered by `kernel/web`; found in each package's `registers.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared.dated import Dated, in_force
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.place_codes import within

Text = str | Promise
Kind = Literal["text", "number", "date", "datetime", "bool", "place"]


@dataclass(frozen=True)
class Column:
    """One column of the list, the detail page, the export and the print.

    value: a path over forward relations ("unit__name"; the engine joins them), or a function of the row, which
        must not query: prepare what it needs in the register's `rows` or `prepare`. Default: the key itself.
    name: heading; default the field's verbose name.
    kind: "place" holds a code and shows the place's name (the export has both); it decides alignment and Excel type.
    shown: in the list before the reader chooses columns. Columns that are not shown are in the detail page.
    mask: for personal values; what leaves the platform is what it returns (never the value itself).
    """

    key: str
    name: Text = ""
    value: str | Callable[[Any], Any] = ""
    kind: Kind = "text"
    shown: bool = True
    mask: Callable[[Any], str] | None = None
    width: int = 16  # Excel characters

    @property
    def path(self) -> str:
        """The path over relations; empty for a function."""
        return (self.value or self.key) if isinstance(self.value, str) else ""


@dataclass(frozen=True)
class Filter:
    """One filter. Active filters read as a sentence: 人民路街道 · 2026-11-22 在册 · 没有组长的楼栋党小组.

    kind:
      "choice": one of `choices`; "text": characters anywhere in it; "date": rows whose `field` is that day or later
      ("since"); "place": subtree of a code; "bool": the field itself is true or false; "exists": `field` is not null.
    field: lookup path; default the key. condition: instead of `field`, from (value, on) to a condition; the value
        is a str, a date, or True/False.
    phrase: how it reads when active, with {value}; for bool and exists the phrase when true, `phrase_no` when false.
    choices: (code, words) pairs or a function giving them (called per request; one query at most).
    """

    key: str
    name: Text
    kind: Literal["choice", "text", "date", "place", "bool", "exists"] = "choice"
    field: str = ""
    condition: Callable[[Any, dt.date], Q] | None = None
    choices: Sequence[tuple[str, Text]] | Callable[[], Sequence[tuple[str, Text]]] = ()
    phrase: Text = "{value}"
    phrase_no: Text = ""


@dataclass(frozen=True)
class Search:
    """What the search box looks at.

    names: relation prefixes of `Named` models ("" the row's own, "unit__"); by characters, pinyin and initials.
    contains: text fields searched anywhere. starts: codes and numbers searched from their start.
    also: any other condition on the text. elsewhere: the address where such a text is looked for instead ("" for most),
    so that it stands in none itself. told: the text as sentences, files and the audit repeat it; default itself.
    """

    names: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    hint: Text = ""
    also: Callable[[str], Q] | None = None
    elsewhere: Callable[[str], str] | None = None
    told: Callable[[str], str] = str

    def condition(self, text: str) -> Q:
        found = Q(pk__in=[])
        for prefix in self.names:
            found |= matches(text, prefix)
        for path in self.contains:
            found |= Q(**{f"{path}__icontains": text})
        for path in self.starts:
            found |= Q(**{f"{path}__startswith": text})
        return found | self.also(text) if self.also else found


@dataclass(frozen=True)
class Link:
    """A button or link offered to the reader: a verb and where it leads."""

    name: Text
    url: str
    main: bool = False


@dataclass(frozen=True)
class ImportRow:
    """One read row: its number in the sheet, and parsed values by column key (None where empty)."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, in the user's words. `column` is an import column's key; "" for the whole row."""

    row: int
    message: Text
    column: str = ""


@dataclass(frozen=True)
class ImportColumn:
    """One column to be read.

    kind: text → str; number → int (Decimal when `decimals`); date → date; bool → bool (是/否); choice → the code
        (words or code accepted); place → the code (a code, or the name of one place within the reader's scope).
    parse: from the cell's text to a value, instead of the kind's own; raises ValueError with the user's words.
    check: on the parsed value; raises ValueError with the user's words.
    aliases: headings that offices use for it, so that their own sheets map by themselves.
    default_place: a place column that takes the register page's place where the sheet has none.
    level: for a place, the level it must have ("community", "grid", …); "" for any.
    personal: a number of a person: what we make of the file (first rows kept, report of problems) hides it.
    """

    key: str
    name: Text
    kind: Literal["text", "number", "date", "bool", "choice", "place"] = "text"
    required: bool = False
    choices: Sequence[tuple[str, Text]] = ()
    aliases: tuple[str, ...] = ()
    note: Text = ""
    parse: Callable[[str], Any] | None = None
    check: Callable[[Any], None] | None = None
    max_length: int = 200
    decimals: bool = False
    default_place: bool = False
    level: str = ""
    personal: bool = False


Outcome = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True)
class Noted:
    """A row that went in, with what somebody should look at; `column` as in Problem."""

    outcome: Outcome
    warning: Text
    column: str = ""


def noted(outcome: Outcome, warning: Text, column: str = "") -> Outcome | Noted:
    """The outcome, with the warning where there is one."""
    return Noted(outcome, warning, column) if warning else outcome


@dataclass(frozen=True)
class Written:
    """What a bulk service made of its rows: by row number what became of each, what is wrong with the others, and what
    somebody should look at in those that went in."""

    outcomes: Mapping[int, Outcome]
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()


@dataclass(frozen=True)
class Importer:
    """Excel or CSV in, through services alone.

    keys: columns that name a record; two rows of a file with the same key are an error.
    row_service: (actor, row) → outcome, or Noted where a warning goes with it; finds the record by its key and is idempotent: a row applied twice is
        "unchanged", and then nothing is written, no history either. It raises Refused (`field` = a column's key) and
        has then written nothing.
    bulk_service: instead, (actor, rows) → Written, for hundreds of rows at once; rows without problem are written,
        with an outcome each, idempotently too. Called with at most 500 rows.
    The dry run calls the same service and rolls back, so it finds every rule.
    """

    capability: str
    columns: tuple[ImportColumn, ...]
    keys: tuple[str, ...]
    examples: tuple[Mapping[str, str], ...]
    row_service: Callable[[Actor, ImportRow], Outcome | Noted] | None = None
    bulk_service: Callable[[Actor, Sequence[ImportRow]], Written] | None = None
    note: Text = ""

    def column(self, key: str) -> ImportColumn:
        return next(column for column in self.columns if column.key == key)


# Why a register has no as-of date, for the foot of its page.
HAPPENED = _("每一行是某一天发生的事，所以不分“截至”哪天。")
UNDER_WAY = _("这里是办理到现在的情形，所以不分“截至”哪天；以前到了哪一步，见每件事的经过。")
AS_IT_IS = _("这里只有现在的情形，所以不分“截至”哪天；以前的变动见每一行的变更记录。")


@dataclass(frozen=True)
class Register:
    """One register.

    noun: what a row is, for sentences ("楼栋党小组").
    rows: (actor, on) → rows that exist for this actor on this day, starting from `policy.visible_to(actor)`.
        Default: exactly those, in force on the day where the model is Dated. The engine narrows by place, filters,
        orders, joins the columns' relations.
    annotate: (rows, on) → rows with the columns' subqueries; the engine calls it on whatever rows it shows, those of a
        figure included, which `rows` does not see.
    personal: (rows, actor) → rows with what this reader may see of persons, where that is less than the rows themselves;
        the engine calls it wherever it shows or searches rows.
    place_field: the place code by which it is narrowed; default the policy's. inside: (places) → condition on the rows that
        belong there, where that is more than one code.
    order: columns of key-paging, ending with a unique one; none nullable; all ascending or all with "-"; give it a
        composite index, its first usually the place code.
    as_of: the page has an as-of date. Otherwise rows are those of today, and `undated` says to the reader why.
    section: where the side navigation lists it; "" for nowhere.
    detail: address of the record's own page, instead of the generic one. panel: a template shown above the generic
        fields, given `row`, `actor`, `on`.
    prepare: (rows of one page, on) → nothing; attaches what the columns' functions need, set-based.
    history: records whose audit tells the row's history; default the row itself.
    links: (actor, row) → buttons of the panel; actions: (actor, place) → buttons above the list.
    export: capability to export; default the policy's view.
    """

    key: str
    name: Text
    noun: Text
    model: type[Model]
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    rows: Callable[[Actor, dt.date], QuerySet[Any]] | None = None
    annotate: Callable[[QuerySet[Any], dt.date], QuerySet[Any]] | None = None
    personal: Callable[[QuerySet[Any], Actor], QuerySet[Any]] | None = None
    place_field: str = ""
    inside: Callable[[Sequence[str]], Q] | None = None
    filters: tuple[Filter, ...] = ()
    search: Search = field(default_factory=Search)
    as_of: bool = False
    undated: Text = ""
    section: Text = ""
    note: Text = ""
    detail: Callable[[Any], str] | None = None
    panel: str = ""
    prepare: Callable[[Sequence[Any], dt.date], None] | None = None
    history: Callable[[Any], Iterable[Model]] | None = None
    links: Callable[[Actor, Any], Iterable[Link]] | None = None
    actions: Callable[[Actor, str], Iterable[Link]] | None = None
    export: str = ""
    importer: Importer | None = None
    empty: Text = ""  # who would make the first rows

    def visible(self, actor: Actor, on: dt.date, place_code: str = "") -> QuerySet[Any]:
        """The rows that exist for `actor` on that day inside `place_code`; the one gate of every page and export."""
        if self.rows is not None:
            rows = self.rows(actor, on)
        else:
            rows = policy_for(self.model).visible_to(actor)
            if issubclass(self.model, Dated):
                rows = rows.filter(in_force(on))
        rows = self.annotated(rows, on, actor)
        return rows.filter(self.belongs_to([place_code])) if place_code else rows

    def belongs_to(self, places: Sequence[str]) -> Q:
        """Condition on the rows of these places."""
        return self.inside(places) if self.inside is not None else within(self.place, places)

    def annotated(self, rows: QuerySet[Any], on: dt.date, actor: Actor) -> QuerySet[Any]:
        """`rows` with what the columns read besides fields."""
        rows = self.annotate(rows, on) if self.annotate is not None else rows
        return self.personal(rows, actor) if self.personal is not None else rows

    @property
    def place(self) -> str:
        """Path of the place code of a row."""
        return self.place_field or policy_for(self.model).place_field

    @property
    def export_capability(self) -> str:
        return self.export or policy_for(self.model).view

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


RESERVED = frozenset({"place", "on", "q", "after", "before", "columns"})  # of the page's address
_registers: dict[str, Register] = {}


def declare(*registers: Register) -> None:
    """Make registers known. Raises RuntimeError for a key used twice or a shape that cannot be paged."""
    for register in registers:
        if register.key in _registers:
            raise RuntimeError(f"register {register.key} is declared twice")
        if not register.order or len({name.startswith("-") for name in register.order}) != 1:
            raise RuntimeError(f"register {register.key}: order columns must all go one way")
        if RESERVED.intersection(rule.key for rule in register.filters):
            raise RuntimeError(f"register {register.key}: a filter's key is one of {sorted(RESERVED)}")
        importer = register.importer
        if importer and (importer.row_service is None) == (importer.bulk_service is None):
            raise RuntimeError(f"register {register.key}: exactly one of row_service and bulk_service")
        _registers[register.key] = register


def register(key: str) -> Register:
    """The register of that key. Raises KeyError."""
    return _registers[key]


def all_registers() -> list[Register]:
    return [_registers[key] for key in sorted(_registers)]

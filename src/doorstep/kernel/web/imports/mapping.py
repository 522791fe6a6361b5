"""Which column of a sheet is which: our own template, an office's own sheet once mapped, or by the headings' words."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportColumn, Importer
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import level_of
from doorstep.kernel.web.models import ColumnMapping

_DECORATION = re.compile(r"[\s*:：＊]|[(（](必填|选填|可不填)[)）]")


def plain(heading: str) -> str:
    """A heading without spaces, stars and "(必填)", for comparison."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", heading)).casefold()


def words_of(column: ImportColumn) -> set[str]:
    return {plain(text) for text in (column.key, str(column.name), *column.aliases)}


def preferred(column: ImportColumn) -> list[set[str]]:
    """Sets of words that name the column, the better set first: of a place our own export has the code beside the
    name, and a code cannot be mistaken."""
    words = words_of(column)
    if column.kind != "place":
        return [words]
    words = words | {plain(_("地方"))}
    return [{plain(code_heading(word)) for word in words}, words]


def header_row(importer: Importer, head: Sequence[Sequence[str]], *, whole: bool = False) -> int:
    """The row (from 1) whose cells name the most columns; where none does, the first that is not blank: the person
    says. `whole`: the file has no more rows than `head`; its last is no row of headings for a chance word in it."""
    known = set().union(*(words_of(column) for column in importer.columns))
    scores = [len({plain(text) for text in row} & known) for row in head]
    filled = [number for number, row in enumerate(head, start=1) if any(row)]
    if not filled:
        return 1
    best = scores.index(max(scores)) + 1
    is_chance = whole and best == filled[-1] and best != filled[0] and scores[best - 1] == 1
    return filled[0] if scores[best - 1] == 0 or is_chance else best


def guess(importer: Importer, headings: Sequence[str]) -> dict[str, int]:
    """Columns recognised by their words. A heading that stands twice maps nothing: the person decides."""
    plains = [plain(text) for text in headings]
    often = Counter(plains)
    found: dict[str, int] = {}
    for column in importer.columns:
        for words in preferred(column):
            places = [
                index for index, text in enumerate(plains) if text and text in words and often[text] == 1
            ]
            if places and places[0] not in found.values():
                found[column.key] = places[0]
                break
    return found


def repeated(headings: Sequence[str]) -> list[str]:
    """Headings that stand more than once."""
    often = Counter(text.strip() for text in headings if text.strip())
    return [text for text, count in often.items() if count > 1]


def all_understood(headings: Sequence[str], found: dict[str, int]) -> bool:
    """Every heading has its column, those apart that our own report of problems adds."""
    ours = {plain(text) for text in report_headings()}
    used = set(found.values())
    return all(index in used or not text or plain(text) in ours for index, text in enumerate(headings))


def report_headings() -> tuple[str, str]:
    """What the workbook of rows with problems adds to an office's own headings."""
    return _("原来的行号"), _("问题")


def code_heading(name: str) -> str:
    """The heading, in an export, of the codes of the places named in the column beside it."""
    return _("{name}（代码）").format(name=name)


def default_place(column: ImportColumn, place_code: str) -> str:
    """The page's place where it can stand for an empty cell of this column; else ""."""
    fits = column.default_place and place_code and column.level in ("", level_of(place_code))
    return place_code if fits else ""


def missing(importer: Importer, mapping: dict[str, int], *, place_code: str = "") -> list[ImportColumn]:
    """Required columns that the mapping leaves without a source."""
    return [
        column
        for column in importer.columns
        if column.required and column.key not in mapping and not default_place(column, place_code)
    ]


def signature(headings: Sequence[str]) -> str:
    """The same headings in the same order give the same signature."""
    texts = [plain(text) for text in headings]
    while texts and not texts[-1]:
        texts.pop()
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


def remembered(actor: Actor, register: str, headings: Sequence[str]) -> dict[str, int] | None:
    """How this account, or somebody of its units, mapped the same headings before."""
    units = [grant.unit_id for grant in actor.grants]
    known = ColumnMapping.objects.filter(register=register, signature=signature(headings))
    found = (
        known.filter(account_id=actor.account_id or 0).first()
        or known.filter(unit_id__in=units).order_by("-used_at").first()
    )
    return dict(found.columns) if found else None


def remember(actor: Actor, register: str, headings: Sequence[str], columns: dict[str, int]) -> None:
    """Keep the mapping for the next file with the same headings."""
    values: dict[str, Any] = {
        "columns": columns, "used_at": clock.now(), "unit_id": actor.grants[0].unit_id if actor.grants else None,
    }  # fmt: skip
    ColumnMapping.objects.update_or_create(
        account_id=actor.account_id or 0, register=register, signature=signature(headings), defaults=values
    )

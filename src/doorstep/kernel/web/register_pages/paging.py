"""Key-paging: a page begins after the last row of the one before, so page 10,000 costs what page 1 does."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import Http404

PAGE_SIZE = 50
COUNTED = 1000  # beyond it a total says "more than"


@dataclass(frozen=True)
class PageOfRows:
    """Rows of one page with the keys of its neighbours ("" where there is none)."""

    rows: list[Any]
    after: str
    before: str
    total: int | None  # None: more than COUNTED

    @property
    def more_than(self) -> int:
        return COUNTED


def page_of(
    rows: QuerySet[Any], order: Sequence[str], *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> PageOfRows:
    """At most `size` rows after or before a key. Two queries; one where the first page holds everything.

    Raises Http404 for a key that is none of ours.
    """
    descending = order[0].startswith("-")
    names = [name.removeprefix("-") for name in order]
    key = after or before
    backwards = bool(before and not after)
    narrowed = rows
    if key:
        compare = TupleLessThan if descending != backwards else TupleGreaterThan
        narrowed = rows.filter(compare(Tuple(*[F(name) for name in names]), _decoded(key, len(names))))
    falling = descending != backwards
    ordered = narrowed.order_by(*[f"-{name}" if falling else name for name in names])
    try:
        found = list(ordered[: size + 1])
    except (ValidationError, ValueError, TypeError):
        raise Http404 from None
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(found), more) if backwards else (more, bool(key))
    return PageOfRows(
        rows=found,
        after=_encoded(found[-1], names) if has_next and found else "",
        before=_encoded(found[0], names) if has_previous and found else "",
        total=len(found) if not key and not more else counted(rows),
    )


def pages_of(rows: QuerySet[Any], order: Sequence[str], first: int, size: int) -> Iterator[list[Any]]:
    """All rows in their order, `first` of them and then `size` at a time, each page a query of its own that begins
    after the last row of the one before. What is written meanwhile may be among them; no row comes twice."""
    falling = order[0].startswith("-")
    names = [name.removeprefix("-") for name in order]
    compare = TupleLessThan if falling else TupleGreaterThan
    ordered, page, wanted = rows.order_by(*order), None, first
    while page is None or len(page) == wanted:
        if page:
            last = [_value_at(page[-1], name) for name in names]
            ordered = rows.filter(compare(Tuple(*[F(name) for name in names]), last)).order_by(*order)
            wanted = size
        page = list(ordered[:wanted])
        if page:
            yield page


def counted(rows: QuerySet[Any]) -> int | None:
    """The exact number up to COUNTED, None beyond."""
    number = rows.order_by()[: COUNTED + 1].values("pk").count()
    return number if number <= COUNTED else None


def _encoded(row: Any, names: Sequence[str]) -> str:
    values = [_value_at(row, name) for name in names]
    text = json.dumps(values, cls=DjangoJSONEncoder, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value_at(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _decoded(key: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
    except (ValueError, binascii.Error, UnicodeError):
        raise Http404 from None
    if (
        not isinstance(values, list)
        or len(values) != length
        or any(not isinstance(value, str | int | float) for value in values)
    ):
        raise Http404
    return values

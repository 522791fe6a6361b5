"""A finding is a break found in the records: computed live, with its clause, place and the page that mends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Finding:
    """One kind of break.

    rows: records at fault on a day, for every place; narrowed by `place_field`. Each row is the record itself.
    subject: what is at fault, in words, for one row. since: since when, for one row (None if unknown).
    mend: address of the page that mends it, for one row.
    """

    key: str
    name: Text
    clause: Text
    rows: Callable[[dt.date], QuerySet[Any]]
    subject: Callable[[Any], str]
    mend: Callable[[Any], str]
    since: Callable[[Any], dt.date | None] = lambda row: None
    place_field: str = "place_code"
    coarse_field: str = ""  # as an indicator's
    severity: str = "warning"  # or "serious"


_findings: dict[str, Finding] = {}
_pages: list[str] = []


def declare(*findings: Finding) -> None:
    for finding in findings:
        if finding.key in _findings:
            raise RuntimeError(f"finding {finding.key} is declared twice")
        _findings[finding.key] = finding


def all_findings() -> list[Finding]:
    return [_findings[key] for key in sorted(_findings)]


def finding(key: str) -> Finding:
    return _findings[key]


def list_at(page: str) -> None:
    """The one page that lists breaks, by its name: it takes ?kind=, ?place= and ?on=."""
    _pages[:] = [page]


def address_of(key: str, place_code: str, on: dt.date) -> str:
    """Where the breaks of a kind are listed; "" where no page does."""
    if not _pages:
        return ""
    return f"{reverse(_pages[0])}?{urlencode({'place': place_code, 'on': on.isoformat(), 'kind': key})}"

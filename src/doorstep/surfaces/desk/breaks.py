"""Breaks by kind: how many there are in a place on a day, and where they are listed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.db.models import Count

from doorstep.kernel.declarations.findings import Finding, address_of, all_findings
from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.selectors import Measurement, measure
from doorstep.kernel.shared.kept import steady


@dataclass(frozen=True)
class KindOfBreak:
    finding: Finding
    count: int
    url: str

    @property
    def is_serious(self) -> bool:
        return self.finding.severity == "serious"


def kinds_of_break(place_code: str, on: dt.date) -> list[KindOfBreak]:
    """Kinds found in a place, serious ones and many first. One statement, whatever is declared, and what a finding asks on
    the way."""
    scope = Scope(place_code, on, on)
    counted = [Measurement(_counted(finding), scope) for finding in all_findings()]
    with steady():
        measure(counted)
    kinds = [
        KindOfBreak(finding, int(item.value), _address(finding, place_code, on))
        for finding, item in zip(all_findings(), counted, strict=True)
        if item.value
    ]
    return sorted(kinds, key=lambda kind: (not kind.is_serious, -kind.count))


@cache
def _counted(finding: Finding) -> Indicator:
    """A finding as a figure: each record at fault once."""
    return Indicator(
        key=finding.key, name=finding.name, unit="", kind="stock", chapter="", clause=finding.clause,
        rows=lambda scope: finding.rows(scope.on), aggregate=Count("pk", distinct=True),
        place_field=finding.place_field, coarse_field=finding.coarse_field,
    )  # fmt: skip


def _address(finding: Finding, place_code: str, on: dt.date) -> str:
    """The page of breaks; where it is not served, the rows of the figure that counts them."""
    if listed := address_of(finding.key, place_code, on):
        return listed
    key = f"findings.{finding.key}"
    known = any(item.key == key for item in all_indicators())
    return rows_address(key, Scope(place_code, on, on)) if known else ""

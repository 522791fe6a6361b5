"""Breaks by kind: how many there are in some places on a day, and where they are listed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Value

from doorstep.kernel.declarations.findings import Finding, address_of, all_findings
from doorstep.kernel.declarations.indicators import Scope, all_indicators
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.shared.place_codes import within


@dataclass(frozen=True)
class KindOfBreak:
    finding: Finding
    count: int
    url: str

    @property
    def is_serious(self) -> bool:
        return self.finding.severity == "serious"


def kinds_of_break(places: Sequence[str], on: dt.date) -> list[KindOfBreak]:
    """Kinds found in any of the places, serious ones and many first. One statement, whatever is declared."""
    findings = all_findings()
    if not findings or not places:
        return []
    counted = [
        finding.rows(on)
        .filter(within(finding.place_field, places))
        .order_by()
        .annotate(finding_number=Value(number))
        .values("finding_number")
        .annotate(finding_rows=Count("pk", distinct=True))
        .values_list("finding_number", "finding_rows")
        for number, finding in enumerate(findings)
    ]
    union = counted[0].union(*counted[1:], all=True) if len(counted) > 1 else counted[0]
    kinds = [
        KindOfBreak(findings[number], count, _address(findings[number], places[0], on))
        for number, count in union
        if count
    ]
    return sorted(kinds, key=lambda kind: (not kind.is_serious, -kind.count))


def _address(finding: Finding, place_code: str, on: dt.date) -> str:
    """The page of breaks; where it is not served, the rows of the figure that counts them."""
    if listed := address_of(finding.key, place_code, on):
        return listed
    key = f"findings.{finding.key}"
    known = any(item.key == key for item in all_indicators())
    return rows_address(key, Scope(place_code, on, on)) if known else ""

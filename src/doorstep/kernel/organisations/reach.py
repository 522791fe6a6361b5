"""Over which places an appointment reaches on a day: the one answer that authority is made from.

The appointment's own places where its post carries them; what the unit covers on the day where its kind covers places
of its own (a module declares which); else where the unit stands on the day. Nothing is stored twice, so a change of
coverage is a change of authority, on its effective day, by the same row.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import minimal, within


@dataclass(frozen=True)
class Coverage:
    """Units of `kind` cover places: dated rows, with the paths to the unit's id and to the place code."""

    kind: str
    rows: Callable[[], QuerySet[Any]]
    unit: str
    code: str


_coverage: dict[str, Coverage] = {}


def declare_coverage(coverage: Coverage) -> None:
    """Units of this kind reach over what they cover. Declared once, by the package that keeps the rows."""
    if coverage.kind in _coverage:
        raise RuntimeError(f"{coverage.kind} has two coverages")
    _coverage[coverage.kind] = coverage


def follows_coverage(kind: str, post: str) -> bool:
    """Does this post of such a unit reach over the unit's coverage, and over nothing else?"""
    return kind in _coverage and not POSTS[post].carries_places


def places_of(appointments: Iterable[Appointment], on: dt.date) -> dict[int, tuple[str, ...]]:
    """Appointment id → its places on the day, by the fewest codes; () where its unit covers nothing then.

    Wants `unit` and `places` fetched with the appointments; one query more, and one for each kind that covers.
    """
    rows = list(appointments)
    stands = dict(
        UnitVersion.objects.filter(in_force(on), unit_id__in={row.unit_id for row in rows}).values_list(
            "unit_id", "place_code"
        )
    ) if rows else {}  # fmt: skip
    covered = _covered({row.unit_id: row.unit.kind for row in rows}, on)
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        if follows_coverage(row.unit.kind, row.post):
            codes = covered[row.unit_id]
        else:
            own = [place.code for place in row.places.all()]
            codes = own or [stands.get(row.unit_id, row.place_code)]
        found[row.pk] = tuple(minimal(codes))
    return found


def _covered(kinds: dict[int, str], on: dt.date) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for kind, coverage in _coverage.items():
        units = [unit for unit, own in kinds.items() if own == kind]
        if units:
            rows = coverage.rows().filter(in_force(on), **{f"{coverage.unit}__in": units})
            for unit, code in rows.values_list(coverage.unit, coverage.code):
                found[unit].append(code)
    return found


def covering(codes: Iterable[str], on: dt.date | None = None) -> Q:
    """Condition on units: covers a place in these subtrees on the day (default today)."""
    wanted = list(codes)
    condition = Q(pk__in=[])
    for coverage in _coverage.values():
        rows = coverage.rows().filter(in_force(on), within(coverage.code, wanted))
        condition |= Q(pk__in=rows.values(coverage.unit))
    return condition

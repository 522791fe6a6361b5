"""What anybody may know of a grid (it must be posted): name, scope, worker, office, supervision, and what grid work is.

These readers take no actor: they give offices and the names of those who serve, never private numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from shapely.geometry import mapping, shape

from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import Holder, holders_at
from doorstep.kernel.places.models import Area, BuildingPlacement, Grid, GridLineage, Outline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.grids.models import FORCE_KINDS, GridForce, GridWork, SupervisionLine

SIMPLER = 0.00002  # degrees: about two metres
SHOWN_PLACES = 40


@dataclass(frozen=True)
class Worker:
    """Who works the grid and, while on leave, who stands in and until which day (its last)."""

    name: str
    stands_in: str = ""
    until: dt.date | None = None


@dataclass(frozen=True)
class GridPage:
    """Everything the page of one grid shows on a day. `ended` grids have `followers` alone."""

    grid: Grid
    community: Area
    on: dt.date
    ended: bool
    followers: tuple[Grid, ...] = ()
    workers: tuple[Worker, ...] = ()
    office: UnitVersion | None = None
    line: SupervisionLine | None = None
    forces: tuple[GridForce, ...] = ()
    works: tuple[GridWork, ...] = ()
    not_works: tuple[GridWork, ...] = ()
    scope: tuple[tuple[str, str], ...] = ()
    more_scope: int = 0
    has_outline: bool = False
    report_url: str = ""


def grid_page(code: str, on: dt.date | None = None) -> GridPage | None:
    """The page of a grid of the home district; None for a code that is no grid, or one not begun. Eight queries."""
    day = on or clock.today()
    home = within("code", [settings.HOME_PLACE])
    grid: Grid | None = Grid.objects.filter(home, code=code).select_related("community").first()
    if grid is None or grid.valid_from > day:
        return None
    if not grid.holds_on(day):
        return GridPage(grid, grid.community, day, True, followers=tuple(_followers(grid, day)))
    works = works_of(code, day)
    scope = _scope(grid, day)
    return GridPage(
        grid=grid, community=grid.community, on=day, ended=False, workers=tuple(_worker(h) for h in workers_of(code, day)),
        office=office_of(code[:12], day), line=line_of(code, day), forces=tuple(_forces(code, day)),
        works=tuple(row for row in works if row.is_grid_work), not_works=tuple(row for row in works if not row.is_grid_work),
        scope=tuple(scope[:SHOWN_PLACES]), more_scope=max(len(scope) - SHOWN_PLACES, 0),
        has_outline=Outline.objects.in_force(day).filter(place_code=code).exists(), report_url=report_url(code),
    )  # fmt: skip


def workers_of(code: str, on: dt.date) -> list[Holder]:
    return holders_at(code, "grid_worker", on)


def _worker(holder: Holder) -> Worker:
    if not holder.substitutes:
        return Worker(holder.name)
    acting = holder.acting
    last = acting.valid_to - dt.timedelta(days=1) if acting.valid_to else None
    return Worker(holder.name, acting.person.name, last)


def office_of(community: str, on: dt.date) -> UnitVersion | None:
    """The residents' committee, else the community's Party organisation."""
    kinds = ("residents_committee", "community_party_organisation")
    rows = UnitVersion.objects.filter(in_force(on), place_code=community, kind__in=kinds)
    found = sorted(rows, key=lambda row: (not row.phone, kinds.index(row.kind), row.pk))
    return found[0] if found else None


def line_of(code: str, on: dt.date) -> SupervisionLine | None:
    """The supervision line of the nearest place that has one."""
    rows = SupervisionLine.objects.in_force(on).filter(place_code__in=[*ancestors_of(code), code])
    return max(rows, key=lambda row: len(row.place_code), default=None)


def works_of(code: str, on: dt.date) -> list[GridWork]:
    """The list of grid work that holds at a place: of a line on two levels, the nearer one."""
    rows = GridWork.objects.in_force(on).filter(place_code__in=[*ancestors_of(code), code])
    nearest: dict[str, GridWork] = {}
    for row in sorted(rows, key=lambda row: len(row.place_code)):
        nearest[row.code] = row
    return sorted(nearest.values(), key=lambda row: row.pk)


def _forces(code: str, on: dt.date) -> list[GridForce]:
    order = [kind for kind, _name in FORCE_KINDS]
    rows = GridForce.objects.in_force(on).filter(place_code=code)
    return sorted(rows, key=lambda row: (order.index(row.kind), row.pk))


def _scope(grid: Grid, on: dt.date) -> list[tuple[str, str]]:
    """(compound or address, its buildings) in the grid on the day, in words."""
    rows = BuildingPlacement.objects.in_force(on).filter(grid=grid).select_related("building__compound")
    found: dict[str, list[str]] = {}
    for row in rows.order_by("building__compound__pinyin", "building__pinyin", "building_id"):
        building = row.building
        where = building.compound.name if building.compound else building.address
        found.setdefault(where, []).append(building.name)
    return [(where, "、".join(names)) for where, names in found.items()]


def _followers(grid: Grid, on: dt.date) -> list[Grid]:
    """The grids in force that came from an ended one, however many adjustments lie between."""
    found: dict[int, Grid] = {}
    seen, asked = {grid.pk}, [grid.pk]
    while asked:
        rows = GridLineage.objects.filter(before__in=asked, effective_on__lte=on).select_related("after")
        later = [row.after for row in rows if row.after_id not in seen]
        seen |= {each.pk for each in later}
        found |= {each.pk: each for each in later if each.holds_on(on)}
        asked = [each.pk for each in later if not each.holds_on(on)]
    return sorted(found.values(), key=lambda each: each.code)


def report_url(code: str) -> str:
    """Where a resident reports something in this grid; "" while no surface serves it."""
    try:
        return f"{reverse('doorway:report')}?place={code}"
    except NoReverseMatch:
        return ""


def outlines_around(code: str, on: dt.date | None = None) -> dict[str, Any]:
    """GeoJSON of a grid (with a value, so that it is coloured) and of the other grids of its community. One query more
    than the names."""
    day = on or clock.today()
    outlines = Outline.objects.in_force(day).filter(within("place_code", [code[:12]]))
    names = dict(Grid.objects.in_force(day).filter(community_id=code[:12]).values_list("code", "name"))
    rows = [row for row in outlines.order_by("place_code") if row.place_code in names]
    return {
        "type": "FeatureCollection",
        "features": [_feature(row, names[row.place_code], code) for row in rows],
    }


def _feature(row: Outline, name: str, code: str) -> dict[str, Any]:
    own = row.place_code == code
    drawn = shapely.simplify(shape(row.geometry), SIMPLER, preserve_topology=True)
    return {
        "type": "Feature",
        "id": row.place_code,
        "geometry": mapping(drawn),
        "properties": {
            "code": row.place_code, "name": name, "value": 1 if own else None, "value_text": "",
            "href": "" if own else reverse("grids:grid", args=[row.place_code]), "illustrative": row.illustrative,
        },
    }  # fmt: skip


def community_in_home(code: str) -> Area | None:
    inside = within("code", [settings.HOME_PLACE])
    return Area.objects.filter(inside, code=code, level="community", ended_on=None).first()


def grids_in(community: str, on: dt.date) -> Sequence[Grid]:
    rows: QuerySet[Grid] = Grid.objects.in_force(on).filter(community_id=community)
    return list(rows.order_by("code"))

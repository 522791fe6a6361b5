"""Reading places: pages of a subtree, places by name, outlines for a map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Length
from shapely.geometry import mapping, shape

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.places.geometry import centre_of
from doorstep.kernel.places.models import Area, Grid, Outline
from doorstep.kernel.places.policies import VIEW
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import LENGTHS, after_subtree, level_below, level_of, minimal, within

LONGEST_PAGE = 200
MOST_FOUND = 50
AREA_COLUMNS = ("code", "name", "level", "parent_id", "edition")
# Degrees by which outlines are simplified on a map of that level: a pixel or less of a map filled by the place.
SIMPLER = {"province": 0.01, "city": 0.005, "county": 0.002, "street": 0.0002, "community": 0.00005}


@dataclass(frozen=True)
class FoundPlace:
    """An area or a grid, with the name of the place it lies in."""

    code: str
    name: str
    where: str = ""

    @property
    def level(self) -> str:
        return level_of(self.code)


SUBTREE_PAGE = """
SELECT code, name, level, parent_id, edition FROM places_area
WHERE code > %s AND code < %s AND ended_on IS NULL AND (%s = '' OR level = %s)
ORDER BY code LIMIT %s
"""


def subtree_page(code: str, *, after: str = "", limit: int = 50, level: str = "") -> list[dict[str, Any]]:
    """Areas below `code` in the order of codes, from behind the code `after`; of one `level` where it is given.

    A page costs the same however deep in the list it is: the range of codes is read from the key. One query, in SQL:
    to put a queryset together takes several times as long as the database needs for the page.
    """
    with connection.cursor() as cursor:
        bounds = max(after, code), after_subtree(code)
        cursor.execute(SUBTREE_PAGE, [*bounds, level, level, min(limit, LONGEST_PAGE)])
        return [dict(zip(AREA_COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def find_places(
    actor: Actor, text: str, limit: int = 10, inside: Iterable[str] | None = None
) -> list[FoundPlace]:
    """Areas and grids found by characters, pinyin, initials or the start of the code; grids where the actor sees them.

    Only in the subtrees `inside` where they are given. Otherwise in the actor's own places and the home district
    first, then everywhere; there one or two characters are looked for at the start of names only, since no index
    finds two characters inside two thirds of a million names. At most four queries.
    """
    text, limit = text.strip()[:40], min(limit, MOST_FOUND)
    if not text:
        return []
    near = within("code", [*_own(actor), settings.HOME_PLACE] if inside is None else inside)
    areas = Area.objects.filter(ended_on=None).exclude(code="")
    by_text = Q(code__startswith=text) if is_digits(text) else matches(text)
    found = _first(areas.filter(near & by_text), limit)
    if len(found) < limit and actor.holds_somewhere(VIEW):
        grids = policy_for(Grid).visible_to(actor).filter(near, in_force(), by_text)
        found += _first(grids, limit - len(found))
    if len(found) < limit and inside is None:
        found += _first(areas.filter(_indexed(text)).exclude(near), limit - len(found))
    uppers = {code[: _upper_length(code)] for code, _name in found}
    names = dict(Area.objects.filter(code__in=uppers).exclude(code="").values_list("code", "name"))
    return [FoundPlace(code, name, names.get(code[: _upper_length(code)], "")) for code, name in found]


def _indexed(text: str) -> Q:
    """What can be looked for in the whole country without reading it all."""
    if is_digits(text):
        return Q(code__startswith=text)
    if text.isascii():
        key = text.lower().replace(" ", "")
        return Q(pinyin__startswith=key) | Q(initials__startswith=key)
    return Q(name__contains=text) if len(text) > 2 else Q(name__startswith=text)


def _own(actor: Actor) -> list[str]:
    return minimal(place for grant in actor.grants for place in grant.places)


def _first(rows: Any, limit: int) -> list[tuple[str, str]]:
    return list(rows.order_by("code").values_list("code", "name")[:limit])


def _upper_length(code: str) -> int:
    return max((length for length in LENGTHS.values() if length < len(code)), default=0)


def outlines_below(actor: Actor, code: str, on: dt.date | None = None) -> dict[str, Any]:
    """GeoJSON FeatureCollection of the places one level below `code` that have an outline on the day.

    Each feature has code, name, `illustrative`, `repaired` and the point for its label; outlines are simplified to what
    a map of the whole place can show. Grids only where the actor sees them. One query.
    """
    day = on or clock.today()
    below = level_below(code)
    if below is None:
        return {"type": "FeatureCollection", "features": []}
    own = OuterRef("place_code")
    names = Coalesce(
        Subquery(Area.objects.filter(code=own).values("name")[:1]),
        Subquery(Grid.objects.filter(code=own).values("name")[:1]),
        Value(""),
    )
    rows = (
        policy_for(Outline)
        .visible_to(actor)
        .filter(in_force(day), within("place_code", [code]))
        .annotate(length=Length("place_code"), name=names)
        .filter(length=LENGTHS[below])
        .order_by("place_code")
    )
    return {"type": "FeatureCollection", "features": [_feature(row, code) for row in rows]}


def _feature(row: Any, above: str) -> dict[str, Any]:
    drawn = shape(row.geometry)
    simple = shapely.simplify(drawn, SIMPLER.get(level_of(above), 0.02), preserve_topology=True)
    longitude, latitude = centre_of(simple)
    return {
        "type": "Feature",
        "id": row.place_code,
        "geometry": mapping(simple),
        "properties": {
            "code": row.place_code,
            "name": row.name,
            "illustrative": row.illustrative,
            "repaired": row.repaired,
            "label": [round(longitude, 6), round(latitude, 6)],
        },
    }

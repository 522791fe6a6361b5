"""An outline of a responsibility area, drawn on the map: closed, not crossing itself, inside the place it is set up in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import shape

from doorstep.kernel.places.geometry import area_of, check_outline, metres_per_degree
from doorstep.kernel.places.models import Outline
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import RuleViolation

MOST_CORNERS = 200
EDGE_METRES = 30  # a hand along a boundary is no truer than this
HECTARE = 10_000


def checked_outline(place_code: str, corners: Sequence[tuple[float, float]], on: dt.date) -> dict[str, Any]:
    """The polygon around these corners (longitude, latitude; WGS-84 degrees) as GeoJSON. Raises RuleViolation at "outline": fewer
    than three or too many corners, a line that crosses itself, a place without a boundary on the day, or beyond it."""
    ring = list(corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners)
    if len(set(ring)) < 3:
        raise RuleViolation(_("画的范围至少要三个点。"), field="outline")
    if len(ring) > MOST_CORNERS:
        raise RuleViolation(
            _("画的范围有 %(n)d 个点，最多 %(most)d 个。请少点几个拐角。") % {"n": len(ring), "most": MOST_CORNERS},
            field="outline",
        )  # fmt: skip
    given = {"type": "Polygon", "coordinates": [[list(corner) for corner in (*ring, ring[0])]]}
    checked = check_outline(given, what="outline")
    if checked.repaired or checked.geometry["type"] != "Polygon":
        raise RuleViolation(_("画的线自己交叉了。请沿着边走一圈，不要交叉，再画一次。"), field="outline")
    boundary = Outline.objects.filter(in_force(on), place_code=place_code).first()
    if boundary is None:
        raise RuleViolation(
            _("这个地方还没有边界，没法核对画的范围。请改选网格、小区楼院或楼栋。"), field="outline"
        )
    _check_inside(checked.shape, shape(boundary.geometry))
    return checked.geometry


def _check_inside(drawn: Any, boundary: Any) -> None:
    widened = boundary.buffer(EDGE_METRES / metres_per_degree(boundary.centroid.y)[0])
    if widened.covers(drawn):
        return
    share = 100 * area_of(shapely.difference(drawn, widened)) / area_of(drawn)
    raise RuleViolation(
        _("画的范围有 %(share).0f%% 在这个地方以外，请把点移到界线里面。") % {"share": max(share, 1)},
        field="outline",
    )


def size_in_words(outline: dict[str, Any]) -> str:
    """How large a drawn area is, as it is listed."""
    return _("图上画的范围（约 %(size).1f 公顷）") % {"size": area_of(shape(outline)) / HECTARE}

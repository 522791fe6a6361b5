"""Responsibility areas on the map: for each part of a place how many areas lie in it that somebody answers for, and the outlines
of those that were drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.urls import reverse
from django.utils.translation import gettext as _
from shapely.geometry import mapping, shape

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.places.geometry import area_of
from doorstep.kernel.places.models import Area as PlaceArea
from doorstep.kernel.places.models import Grid, Outline
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.vanguard.models import Area, AreaPlace
from doorstep.modules.vanguard.selectors import is_held

SIMPLER = 0.00002  # degrees: some two metres
LEAST_METRES = 100  # square metres: less is a hand that slipped over the line
NEXT = {6: 9, 9: 12, 12: 15}  # digits of what a place is shown by


@dataclass(frozen=True)
class Part:
    """A street, community or grid with the areas in it."""

    code: str
    name: str
    areas: int

    @property
    def href(self) -> str:
        """The page of a street or community; for a grid the list of areas of its community."""
        if len(self.code) == 15:
            return reverse("web:register", args=["vanguard.areas"]) + f"?place={self.code[:12]}"
        return reverse("vanguard:areas") + f"?place={self.code}"


def parts_of(actor: Actor, place_code: str) -> Sequence[Part]:
    """Streets of a district, communities of a street, grids of a community: those without an area too. Five queries at most.

    An area is counted in each part that one of its places lies in, or its outline reaches into; a building or compound lies where
    it stands today.
    """
    digits = NEXT[len(place_code)]
    if digits == 15:
        rows = Grid.objects.in_force().filter(community_id=place_code).order_by("code")
        names = dict(rows.values_list("code", "name"))
    else:
        level = "street" if digits == 9 else "community"
        areas = PlaceArea.objects.filter(within("code", [place_code]), level=level, ended_on=None)
        names = dict(areas.order_by("code").values_list("code", "name"))
    counted = _counts(actor, place_code, digits, list(names))
    return [Part(code, name, counted[code]) for code, name in names.items()]


def _counts(actor: Actor, place_code: str, digits: int, codes: list[str]) -> Counter[str]:
    seen = policy_for(Area).visible_to(actor).filter(in_force(), is_held("area"))
    near = seen.filter(within("place_code", [place_code[:6]]))
    parts = AreaPlace.objects.filter(area__in=near)
    pairs = _drawn_in(near.filter(outline__isnull=False), place_code, digits, codes)
    for area, code, compound, building in parts.values_list(
        "area_id", "code", "compound__place_code", "building__place_code"
    ):
        lies = code or compound or building or ""
        if lies.startswith(place_code) and len(lies) >= digits:
            pairs.add((area, lies[:digits]))
        elif place_code.startswith(lies) or lies.startswith(place_code):
            pairs |= {(area, one) for one in codes if one.startswith(lies)}
    return Counter(code for _pk, code in pairs)


def _drawn_in(areas: Any, place_code: str, digits: int, codes: list[str]) -> set[tuple[int, str]]:
    """Drawn areas by the parts they lie in: the part they were set up in, or one below that the outline reaches into."""
    pairs: set[tuple[int, str]] = set()
    wider: list[tuple[int, Any]] = []
    for pk, code, outline in areas.values_list("pk", "place_code", "outline"):
        if len(code) >= digits and code.startswith(place_code):
            pairs.add((pk, code[:digits]))
        elif code.startswith(place_code) or place_code.startswith(code):
            wider.append((pk, shape(outline)))
    if wider:
        shapes = {
            row.place_code: shape(row.geometry) for row in Outline.objects.filter(in_force(), place_code__in=codes)
        }  # fmt: skip
        pairs |= {
            (pk, code)
            for pk, drawn in wider
            for code, part in shapes.items()
            if area_of(shapely.intersection(drawn, part)) > LEAST_METRES
        }
    return pairs


def drawn_areas(actor: Actor, place_code: str, most: int = 200) -> list[Area]:
    """Areas of the place that were drawn and are in force, whether or not somebody answers for them. One query."""
    rows = (
        policy_for(Area)
        .visible_to(actor)
        .filter(in_force(), within("place_code", [place_code]), outline__isnull=False)
    )
    return list(rows.order_by("place_code", "pk")[:most])


def feature_collection(actor: Actor, place_code: str) -> dict[str, Any]:
    """The same parts with their outlines, as GeoJSON; over them, as lines, what was drawn in a community."""
    parts = {part.code: part for part in parts_of(actor, place_code)}
    rows = Outline.objects.filter(in_force(), place_code__in=parts).order_by("place_code")
    features = [_feature(row, parts[row.place_code]) for row in rows]
    if len(place_code) == LENGTHS["community"]:
        features += [_line(row) for row in drawn_areas(actor, place_code)]
    return {"type": "FeatureCollection", "features": features}


def _line(row: Area) -> dict[str, Any]:
    return {
        "type": "Feature", "id": f"area-{row.pk}", "geometry": row.outline,
        "properties": {"name": row.name, "value_text": "", "line": str(_("图上画的责任区"))},
    }  # fmt: skip


def _feature(row: Outline, part: Part) -> dict[str, Any]:
    drawn = shapely.simplify(shape(row.geometry), SIMPLER, preserve_topology=True)
    return {
        "type": "Feature", "id": part.code, "geometry": mapping(drawn),
        "properties": {
            "code": part.code, "name": part.name, "value": part.areas or None, "value_text": str(part.areas), "href": part.href,
            "illustrative": row.illustrative,
        },
    }  # fmt: skip

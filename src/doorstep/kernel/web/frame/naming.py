"""Names of places by code, for breadcrumbs, switchers and suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.places.selectors import find_places
from doorstep.kernel.shared.place_codes import LENGTHS, LEVEL_NAMES, ancestors_of, level_of, minimal


@dataclass(frozen=True)
class NamedPlace:
    """A place with its name; `href` is its page, empty where it is not the reader's."""

    code: str
    name: str
    href: str = ""

    @property
    def level_name(self) -> str:
        return str(LEVEL_NAMES[level_of(self.code)])


def place_page(code: str) -> str:
    """Address of a place's page, "" where none is served."""
    try:
        return reverse("desk:cockpit", args=[code])
    except NoReverseMatch:
        return ""


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Names of areas and grids; codes nobody gave out are missing. One query, two with grids among them."""
    wanted = set(codes)
    grids = {code for code in wanted if len(code) == LENGTHS["grid"]}
    names = dict(Area.objects.filter(code__in=wanted - grids).values_list("code", "name"))
    if grids:
        names |= dict(Grid.objects.filter(code__in=grids).values_list("code", "name"))
    return names


def full_names_of(codes: set[str]) -> dict[str, str]:
    """As `names_of`, with as many queries, a grid's name with its community's before it."""
    grids = {code for code in codes if len(code) == LENGTHS["grid"]}
    names = names_of(codes - grids)
    if grids:
        rows = Grid.objects.filter(code__in=grids).values_list("code", "name", "community__name")
        names |= {code: f"{community} · {name}" for code, name, community in rows}
    return names


def own_places(actor: Actor) -> list[str]:
    """Subtrees over which the actor holds anything at all, by the fewest codes."""
    if actor.is_system:
        return [settings.HOME_PLACE]
    return minimal(place for grant in actor.grants for place in grant.places)


def trail_codes(code: str) -> list[str]:
    """Codes from the district down to `code`; above the district where one stands higher."""
    start = min(len(code), LENGTHS["county"])
    return [step for step in [*ancestors_of(code), code] if len(step) >= start]


def suggestions(actor: Actor, text: str, limit: int = 10) -> list[NamedPlace]:
    """Areas and grids found by characters, pinyin, initials or code: among the actor's own, else in the home district."""
    found = find_places(actor, text, limit, inside=own_places(actor) or [settings.HOME_PLACE])
    return [
        NamedPlace(
            place.code,
            f"{place.name} · {place.where}"
            if place.level in ("community", "grid") and place.where
            else place.name,
            place_page(place.code) if actor.is_staff else "",
        )
        for place in found
    ]

"""Who sees which places and who may change them.

Divisions are public knowledge, and so are their outlines. Grids, buildings, compounds and venues as records are seen
by those who serve there; what a resident needs of them (an address, an office) has a public selector of its own.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.places.models import (
    Area,
    AreaImport,
    Building,
    BuildingPlacement,
    Compound,
    Grid,
    GridLineage,
    Outline,
    Venue,
)
from doorstep.kernel.shared.place_codes import LENGTHS, within

_LEADING = ("district_officer", "street_officer")
_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "community_committee_member",
    "residents_committee_chair", "community_worker",
)  # fmt: skip
_DOOR = ("branch_secretary", "branch_committee_member", "group_leader", "grid_worker", "property_manager")

VIEW = declare("places.view", posts=(*_LEADING, *_COMMUNITY, *_DOOR))
ADJUST_GRIDS = declare("places.adjust_grids", posts=_LEADING)
DRAW_OUTLINES = declare("places.draw_outlines", posts=("district_officer",))
KEEP_BUILDINGS = declare(
    "places.keep_buildings",
    posts=(*_LEADING, "community_secretary", "residents_committee_chair", "community_worker"),
)
KEEP_VENUES = declare(
    "places.keep_venues",
    posts=(*_LEADING, "community_secretary", "residents_committee_chair", "community_worker"),
)
# The national list comes by command, under the platform's own name: no post replaces the divisions of a country.
IMPORT_AREAS = declare("places.import_areas", posts=())


@register_policy
class AreaPolicy(Policy):
    """Divisions are public; only the import changes them."""

    model = Area
    place_field = "code"
    view = VIEW  # for exports; seeing needs no capability
    actions = {"import": IMPORT_AREAS}

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return Area.objects.all()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" or super().can(actor, action, obj)


@register_policy
class AreaImportPolicy(Policy):
    """Seen by those who may import."""

    model = AreaImport

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        return AreaImport.objects.all() if actor.holds(IMPORT_AREAS, "") else AreaImport.objects.none()

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        return action == "view" and actor.holds(IMPORT_AREAS, "")


@register_policy
class GridPolicy(Policy):
    model = Grid
    place_field = "code"
    view = VIEW
    actions = {"adjust": ADJUST_GRIDS, "draw": DRAW_OUTLINES}


@register_policy
class GridLineagePolicy(Policy):
    model = GridLineage
    place_field = "before__code"
    view = VIEW


@register_policy
class CompoundPolicy(Policy):
    model = Compound
    view = VIEW
    actions = {"edit": KEEP_BUILDINGS}


@register_policy
class BuildingPolicy(Policy):
    model = Building
    view = VIEW
    actions = {"edit": KEEP_BUILDINGS}


@register_policy
class BuildingPlacementPolicy(Policy):
    model = BuildingPlacement
    place_field = "grid__code"
    view = VIEW


@register_policy
class VenuePolicy(Policy):
    model = Venue
    view = VIEW
    actions = {"edit": KEEP_VENUES}


@register_policy
class OutlinePolicy(Policy):
    """Outlines of divisions are public; a grid's is seen by those who see the grid."""

    model = Outline
    view = VIEW
    actions = {"draw": DRAW_OUTLINES}

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        rows = Outline.objects.annotate(code_length=Length("place_code"))
        return rows.filter(
            Q(code_length__lt=LENGTHS["grid"]) | within("place_code", actor.places_for(self.view))
        )

    def can(self, actor: Actor, action: str, obj: Any) -> bool:
        if action == "view" and len(obj.place_code) < LENGTHS["grid"]:
            return True
        return super().can(actor, action, obj)

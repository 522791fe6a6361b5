"""One row of an office's sheet becomes a building, a grid or a venue, by the same services as a form."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.places import rules, services
from doorstep.kernel.places.inputs import NewBuilding, NewCompound, NewGrid, NewVenue
from doorstep.kernel.places.models import Building, Compound, Grid, Venue
from doorstep.kernel.places.policies import ADJUST_GRIDS, KEEP_VENUES
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, within

_COLUMNS = {"position": "longitude", "place_code": "place", "grid": "place"}


@transaction.atomic
def import_building(actor: Actor, row: ImportRow) -> Outcome:
    """Add the building of one row, or correct the one of that name in that compound (or at that address).

    A row applied twice is "unchanged". A building known in another grid is not moved by a sheet: that needs a day and
    a document. Raises Refused at a column.
    """
    place = row["place"]
    community = place[: LENGTHS["community"]]
    compound = _compound(actor, community, row["compound"])
    name, address, households = row["name"].strip(), (row["address"] or "").strip(), row["households"] or 0
    known = Building.objects.filter(within("place_code", [community]), name=name, compound=compound)
    if compound is None:
        known = known.filter(address=address)
    building = policy_for(Building).visible_to(actor).filter(pk__in=known.values("pk")).first()
    if building is None:
        return _added(actor, row, place, compound)
    if len(place) == LENGTHS["grid"] and building.place_code != place:
        raise RuleViolation(
            _("这栋楼在网格 %(code)s，要调整归属请在网格调整中办理。") % {"code": building.place_code},
            field="place",
        )
    before = building.lock_version
    after = services.edit_building(
        actor=actor, building_id=building.pk, lock_version=before, name=name,
        address=address or building.address, households=households or building.households,
    )  # fmt: skip
    return "unchanged" if after.lock_version == before else "changed"


def _added(actor: Actor, row: ImportRow, place: str, compound: Compound | None) -> Outcome:
    if row["longitude"] is None or row["latitude"] is None:
        raise RuleViolation(_("新楼栋要有经度和纬度。"), field="longitude")
    new = NewBuilding(
        place, row["name"], float(row["longitude"]), float(row["latitude"]), row["address"] or "",
        compound.pk if compound else None, households=row["households"] or 0,
    )  # fmt: skip
    try:
        services.add_building(actor=actor, building=new, valid_from=clock.today())
    except Refused as refusal:
        column = _COLUMNS.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=column, clause=refusal.clause) from refusal
    return "added"


def _compound(actor: Actor, community: str, name: str | None) -> Compound | None:
    if not name or not name.strip():
        return None
    known = Compound.objects.filter(within("place_code", [community]), name=name.strip()).first()
    return known or services.add_compound(actor=actor, compound=NewCompound(community, name))


@transaction.atomic
def import_grid(actor: Actor, row: ImportRow) -> Outcome:
    """Establish the grid of one row; one of that name in force in the community already is "unchanged".

    The serial is the community's next. Raises Refused at a column.
    """
    new = NewGrid(row["community"], row["name"], row["kind"] or "basic")
    require_place(actor, ADJUST_GRIDS, new.community)
    name = rules.clean_name(new.name)
    standing = (
        Grid.objects.in_force(row["effective_on"]).filter(community_id=new.community, name=name).first()
    )
    if standing is not None:
        if standing.kind != new.kind:
            raise RuleViolation(_("这个网格已设立，种类不同。"), field="kind")
        return "unchanged"
    services.establish_grid(
        actor=actor, grid=new, effective_on=row["effective_on"], document=row["document"] or ""
    )
    return "added"


@transaction.atomic
def import_venue(actor: Actor, row: ImportRow) -> Outcome:
    """Add the venue of one row, or correct the open one of that name at that place; an empty cell corrects nothing.

    A row applied twice is "unchanged". Raises Refused at a column.
    """
    require_place(actor, KEEP_VENUES, row["place"])
    name = rules.clean_name(row["name"])
    known = Venue.objects.in_force(row["opened_on"]).filter(place_code=row["place"], name=name).first()
    if known is not None:
        after = services.edit_venue(
            actor=actor, venue_id=known.pk, kind=row["kind"], address=row["address"] or known.address,
            phone=row["phone"] or known.phone, hours=row["hours"] or known.hours,
        )  # fmt: skip
        return "unchanged" if after.lock_version == known.lock_version else "changed"
    new = NewVenue(
        row["place"], name, row["kind"], (row["address"] or "").strip(), phone=row["phone"] or "",
        hours=row["hours"] or "",
    )  # fmt: skip
    try:
        services.add_venue(actor=actor, venue=new, valid_from=row["opened_on"])
    except Refused as refusal:
        column = {"valid_from": "opened_on", "place_code": "place"}.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=column, clause=refusal.clause) from refusal
    return "added"

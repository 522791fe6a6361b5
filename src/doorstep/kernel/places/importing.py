"""One row of an office's sheet becomes a building, a grid or a venue, by the same services as a form."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.declarations.registers import ImportRow, Noted, Outcome, noted
from doorstep.kernel.places import rules, services
from doorstep.kernel.places.inputs import NewBuilding, NewCompound, NewGrid, NewVenue
from doorstep.kernel.places.models import Building, Compound, Grid, Venue
from doorstep.kernel.places.policies import ADJUST_GRIDS, KEEP_BUILDINGS, KEEP_VENUES
from doorstep.kernel.places.services_bulk import lock_community
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, within

_COLUMNS = {"position": "longitude", "place_code": "place", "grid": "place", "effective_on": "place"}


@transaction.atomic
def import_building(actor: Actor, row: ImportRow) -> Outcome | Noted:
    """Add the building of one row, or correct the one of that name in that compound (or at that address).

    A building without a grid is placed in the one the sheet names, from today on; one in another grid is not moved by a
    sheet: that is done on its page. A row applied twice is "unchanged". Raises Refused at a column.
    """
    building = _known(actor, row)
    if building is None:
        lock_community(row["place"])  # whoever adds it at this moment goes first, and is then seen
        building = _known(actor, row)
    return _added(actor, row) if building is None else _corrected(actor, row, building)


def _known(actor: Actor, row: ImportRow) -> Building | None:
    """The building of that name in that compound of the community, or at that address where it has none."""
    inside = within("place_code", [row["place"][: LENGTHS["community"]]])
    rows = policy_for(Building).visible_to(actor).filter(inside, name=row["name"].strip())
    if compound := (row["compound"] or "").strip():
        return rows.filter(compound__name=compound).first()
    return rows.filter(compound=None, address=(row["address"] or "").strip()).first()


def _corrected(actor: Actor, row: ImportRow, building: Building) -> Outcome | Noted:
    placed = _placed(actor, row["place"], building)
    before = building.lock_version
    position = None
    if row["longitude"] is not None and row["latitude"] is not None:
        position = float(row["longitude"]), float(row["latitude"])
    try:
        saved = services.edit_building(
            actor=actor, building_id=building.pk, lock_version=before, name=row["name"],
            address=(row["address"] or "").strip() or building.address,
            households=row["households"] or building.households, position=position,
        )  # fmt: skip
    except Refused as refusal:
        raise _at_column(refusal) from refusal
    changed = placed or saved.building.lock_version != before
    return noted("changed" if changed else "unchanged", saved.warning, "longitude")


def _placed(actor: Actor, place: str, building: Building) -> bool:
    """Put a building that never had a grid into the one the sheet names."""
    if len(place) < LENGTHS["grid"] or building.place_code == place:
        return False
    if building.placements.exists():
        raise RuleViolation(
            _("这栋楼已在网格 %(code)s，表格不改归属；要改划，请在它的页面“划入网格”中办理。")
            % {"code": building.place_code},
            field="place",
        )
    try:
        services.place_building(
            actor=actor, building_id=building.pk, grid_code=place, effective_on=clock.today()
        )
    except Refused as refusal:
        raise _at_column(refusal) from refusal
    return True


def _added(actor: Actor, row: ImportRow) -> Outcome | Noted:
    compound = _compound(actor, row["place"][: LENGTHS["community"]], row["compound"])
    if row["longitude"] is None or row["latitude"] is None:
        raise RuleViolation(_("新楼栋要有经度和纬度。"), field="longitude")
    new = NewBuilding(
        row["place"], row["name"], float(row["longitude"]), float(row["latitude"]), row["address"] or "",
        compound.pk if compound else None, households=row["households"] or 0,
    )  # fmt: skip
    try:
        saved = services.add_building(actor=actor, building=new, valid_from=clock.today())
    except Refused as refusal:
        raise _at_column(refusal) from refusal
    return noted("added", saved.warning, "longitude")


def _at_column(refusal: Refused) -> Refused:
    """The same refusal, at the column of the sheet it is about."""
    column = _COLUMNS.get(refusal.field, refusal.field)
    return type(refusal)(refusal.message, field=column, clause=refusal.clause)


def _compound(actor: Actor, community: str, name: str | None) -> Compound | None:
    """The compound of that name in the community, made where there is none. The community is locked by the caller."""
    if not name or not name.strip():
        return None
    known = Compound.objects.filter(within("place_code", [community]), name=name.strip()).first()
    return known or services.add_compound(actor=actor, compound=NewCompound(community, name))


@transaction.atomic
def import_compound(actor: Actor, row: ImportRow) -> Outcome:
    """Add the compound of one row; one of that name in the community already is "unchanged". Raises Refused at a column."""
    require_place(actor, KEEP_BUILDINGS, row["place"])
    name, community = rules.clean_name(row["name"]), row["place"][: LENGTHS["community"]]
    lock_community(community)
    known = Compound.objects.filter(within("place_code", [community]), name=name).first()
    if known is None:
        try:
            services.add_compound(actor=actor, compound=NewCompound(row["place"], name))
        except Refused as refusal:
            raise _at_column(refusal) from refusal
        return "added"
    if len(row["place"]) == LENGTHS["grid"] and known.place_code != row["place"]:
        raise RuleViolation(
            _("这个社区已有名为“%(name)s”的小区楼院，登记在 %(code)s。")
            % {"name": name, "code": known.place_code},
            field="place",
        )
    return "unchanged"


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

"""Many places in one transaction, by the rules of one: lock, authorise, check, write by set, audit each.

The functions of `services` for a single record call these with one. Either everything goes in or nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.places import geometry, rules
from doorstep.kernel.places.inputs import NewArea, NewBuilding, NewCompound, NewGrid, NewVenue
from doorstep.kernel.places.location import home_outline
from doorstep.kernel.places.models import (
    Area,
    Building,
    BuildingPlacement,
    Compound,
    Grid,
    GridLineage,
    Venue,
)
from doorstep.kernel.places.policies import ADJUST_GRIDS, IMPORT_AREAS, KEEP_BUILDINGS, KEEP_VENUES
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import LENGTHS, is_code, level_of, parent_of

BATCH = 1000


@transaction.atomic
def add_areas(*, actor: Actor, areas: Iterable[NewArea], edition: int) -> list[Area]:
    """Add divisions that are missing and rename those that differ, parents before children in any order.

    For a district's own list; the national list comes through `area_import`. Raises RuleViolation for a code of
    impossible length or without its parent.
    """
    require_place(actor, IMPORT_AREAS, "")
    wanted = {area.code: area for area in sorted(areas, key=lambda area: len(area.code))}
    parents = {code: _parent_or_refuse(code) for code in wanted}
    present = Area.objects.in_bulk([*wanted, *filter(None, parents.values())])
    rows, acts = [], []
    for code, area in wanted.items():
        parent = parents[code]
        if parent and parent not in present and parent not in wanted:
            raise RuleViolation(
                _("代码 %(code)s 的上级 %(parent)s 不存在。") % {"code": code, "parent": parent}, field="code"
            )
        keys = name_keys(rules.clean_name(area.name))
        row = Area(code=code, parent_id=parent, level=level_of(code), edition=edition, **keys)
        before = present[code].name if code in present else None
        rows.append(row)
        if before != row.name:
            acts.append(Act("places.area_added", row, code, {"name": [before, row.name]}))
    Area.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["code"],
        update_fields=["name", "pinyin", "initials", "edition"],
    )  # fmt: skip
    record_many(actor, acts)
    return rows


def _parent_or_refuse(code: str) -> str | None:
    if not is_code(code) or level_of(code) == "grid":
        raise RuleViolation(_("代码 %(code)s 不是行政区划代码。") % {"code": code}, field="code")
    return parent_of(code)


@transaction.atomic
def establish_grids(
    *, actor: Actor, grids: Sequence[NewGrid], effective_on: dt.date, document: str
) -> list[Grid]:
    """Establish grids in their communities, in the order given. Serials are never reused.

    Raises RuleViolation for a community that does not exist or has ended, a serial once used, an impossible day, a
    missing document; NotVisible or NotAllowed without `places.adjust_grids` there.
    """
    communities = lock_communities(actor, [grid.community for grid in grids])
    rules.check_day(effective_on, clock.today())
    document = rules.clean_document(document)
    serials = _serials(grids)
    rows = [
        Grid(
            code=f"{new.community}{serial:03d}", community=communities[new.community], kind=new.kind,
            document=document, valid_from=effective_on, **name_keys(rules.clean_name(new.name)),
        )
        for new, serial in zip(grids, serials, strict=True)
    ]  # fmt: skip
    _refuse_same_names(rows, effective_on)
    Grid.objects.bulk_create(rows, batch_size=BATCH)
    record_many(actor, [Act("places.grid_established", row, row.code, _established(row)) for row in rows])
    return rows


def _established(row: Grid) -> dict[str, Any]:
    return {
        "code": [None, row.code],
        "name": [None, row.name],
        "valid_from": [None, row.valid_from.isoformat()],
        "document": [None, row.document],
    }


def lock_communities(actor: Actor, codes: Iterable[str]) -> dict[str, Area]:
    """The communities, locked in code order: whoever gives out serials or moves grids there waits for the other."""
    wanted = sorted(set(codes))
    for code in wanted:
        require_place(actor, ADJUST_GRIDS, code)
    found = {
        area.code: area
        for area in Area.objects.select_for_update(no_key=True)
        .filter(code__in=wanted, level="community", ended_on__isnull=True)
        .order_by("code")
    }
    for code in wanted:
        if code not in found:
            raise RuleViolation(
                _("没有代码为 %(code)s 的社区，或它已撤销。") % {"code": code},
                field="community",
                clause=rules.ONE_COMMUNITY,
            )
    return found


def lock_community(place_code: str) -> None:
    """Whoever looks for a record there and makes it where there is none waits for the others who do."""
    code = place_code[: LENGTHS["community"]]
    list(Area.objects.select_for_update(no_key=True).filter(code=code).values_list("pk"))


def _serials(grids: Sequence[NewGrid]) -> list[int]:
    used: dict[str, list[int]] = defaultdict(list)
    codes = {grid.community for grid in grids}
    for community, code in Grid.objects.filter(community_id__in=codes).values_list("community_id", "code"):
        used[community].append(int(code[LENGTHS["community"] :]))
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, grid in enumerate(grids):
        if grid.kind not in rules.SERIALS:
            raise RuleViolation(_("网格只有基础网格和专属网格两种。"), field="kind")
        groups[grid.community, grid.kind].append(index)
    serials = [0] * len(grids)
    for (community, kind), indexes in groups.items():
        given = rules.next_serials(kind, used[community], [grids[index].serial for index in indexes])
        for index, serial in zip(indexes, given, strict=True):
            serials[index] = serial
    return serials


def _refuse_same_names(rows: Sequence[Grid], on: dt.date) -> None:
    """Two grids in force in one community with one name would be told apart by nobody."""
    counted = Counter((row.community_id, row.name) for row in rows)
    same = next((key for key, count in counted.items() if count > 1), None)
    if same is None:
        communities = {row.community_id for row in rows}
        existing = Grid.objects.filter(community_id__in=communities).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=on)
        )
        same = next((key for key in existing.values_list("community_id", "name") if key in counted), None)
    if same is not None:
        raise RuleViolation(_("这个社区已有名为“%(name)s”的网格。") % {"name": same[1]}, field="name")


@transaction.atomic
def add_compounds(*, actor: Actor, compounds: Iterable[NewCompound]) -> list[Compound]:
    """Add compounds, each in a community or a grid."""
    rows = []
    for new in compounds:
        require_place(actor, KEEP_BUILDINGS, new.place_code)
        rows.append(Compound(place_code=new.place_code, **name_keys(rules.clean_name(new.name))))
    check_places_exist([row.place_code for row in rows])
    Compound.objects.bulk_create(rows, batch_size=BATCH)
    record_many(
        actor,
        [Act("places.compound_added", row, row.place_code, {"name": [None, row.name]}) for row in rows],
    )
    return rows


@transaction.atomic
def add_buildings(*, actor: Actor, buildings: Sequence[NewBuilding], valid_from: dt.date) -> list[Building]:
    """Add buildings in the order given, each placed in its grid from `valid_from` on.

    A position outside the district is kept, with the warning in the audit. Raises RuleViolation for an impossible
    position, a grid not in force, a second building of the same name in one compound.
    """
    rules.check_day(valid_from, clock.today(), field="valid_from")
    for place in {new.place_code for new in buildings}:
        require_place(actor, KEEP_BUILDINGS, place)
    check_places_exist([new.place_code for new in buildings])
    grids = grids_in_force({new.place_code for new in buildings if is_grid(new.place_code)}, valid_from)
    compounds = _compounds_of(buildings)
    home = home_outline()
    rows, acts = [], []
    for new in buildings:
        note = geometry.position_warning(new.longitude, new.latitude, home)
        row = _building(new, compounds)
        rows.append(row)
        acts.append({"name": [None, row.name], **({"position": [None, note]} if note else {})})
    refuse_same_buildings(rows)
    Building.objects.bulk_create(rows, batch_size=BATCH)
    BuildingPlacement.objects.bulk_create(
        [
            BuildingPlacement(building=row, grid=grids[row.place_code], valid_from=valid_from)
            for row in rows
            if is_grid(row.place_code)
        ],
        batch_size=BATCH,
    )
    record_many(
        actor,
        [
            Act("places.building_added", row, row.place_code, changes)
            for row, changes in zip(rows, acts, strict=True)
        ],
    )
    return rows


def _building(new: NewBuilding, compounds: dict[int, Compound]) -> Building:
    outline = None
    if new.outline is not None:
        outline = geometry.check_outline(new.outline).geometry
    rules.check_building(new.address, new.households)
    return Building(
        place_code=new.place_code, compound=compounds.get(new.compound_id or 0), address=new.address.strip(),
        longitude=new.longitude, latitude=new.latitude, outline=outline, households=new.households,
        **name_keys(rules.clean_name(new.name)),
    )  # fmt: skip


def _compounds_of(buildings: Iterable[NewBuilding]) -> dict[int, Compound]:
    wanted = {new.compound_id for new in buildings if new.compound_id is not None}
    # locked, so that two who add a building of one name wait for each other
    locked = Compound.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    found = {compound.pk: compound for compound in locked}
    community = LENGTHS["community"]
    for new in buildings:
        if new.compound_id is None:
            continue
        compound = found.get(new.compound_id)
        if compound is None or compound.place_code[:community] != new.place_code[:community]:
            raise RuleViolation(_("这个社区没有所选的小区楼院。"), field="compound")
    return found


def refuse_same_buildings(rows: Sequence[Building]) -> None:
    """Two buildings of one name in one compound would be told apart by nobody."""
    counted = Counter((row.compound_id, row.name) for row in rows if row.compound_id is not None)
    known = Building.objects.filter(compound_id__in={compound for compound, _name in counted})
    for key in [
        *(key for key, count in counted.items() if count > 1),
        *(key for key in known.values_list("compound_id", "name") if key in counted),
    ]:
        raise RuleViolation(_("这个小区楼院已有名为“%(name)s”的楼栋。") % {"name": key[1]}, field="name")


@transaction.atomic
def add_venues(*, actor: Actor, venues: Iterable[NewVenue], valid_from: dt.date) -> list[Venue]:
    """Add venues, open from `valid_from` on. Raises RuleViolation as for buildings."""
    rules.check_day(valid_from, clock.today(), field="valid_from")
    rows = []
    for new in venues:
        require_place(actor, KEEP_VENUES, new.place_code)
        if new.kind not in rules.VENUE_KINDS:
            raise RuleViolation(_("没有“%(kind)s”这种场所。") % {"kind": new.kind[:30]}, field="kind")
        if (new.longitude is None) != (new.latitude is None):
            raise RuleViolation(_("经度和纬度要么都填，要么都不填。"), field="longitude")
        if new.longitude is not None and new.latitude is not None:
            geometry.check_inside_country(new.longitude, new.latitude)
        rows.append(
            Venue(
                place_code=new.place_code, kind=new.kind, address=new.address, longitude=new.longitude,
                latitude=new.latitude, phone=new.phone, hours=new.hours, valid_from=valid_from,
                **name_keys(rules.clean_name(new.name)),
            )
        )  # fmt: skip
    check_places_exist([row.place_code for row in rows])
    Venue.objects.bulk_create(rows, batch_size=BATCH)
    record_many(
        actor, [Act("places.venue_added", row, row.place_code, {"name": [None, row.name]}) for row in rows]
    )
    return rows


@transaction.atomic
def place_buildings(
    *, actor: Actor, building_ids: Iterable[int], grid_code: str, effective_on: dt.date
) -> list[Building]:
    """Put buildings into a grid from `effective_on` on; the placement they had ends that day.

    The first grid of a building is given by whoever keeps buildings there; from grid to grid they go by whoever adjusts
    grids. Raises RuleViolation for a building of another community, a grid not in force that day, or a day before the
    building's present placement began.
    """
    rules.check_day(effective_on, clock.today())
    require_place(actor, KEEP_BUILDINGS, grid_code)
    grid = grids_in_force([grid_code], effective_on)[grid_code]
    wanted = set(building_ids)
    rows = list(Building.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    if len(rows) != len(wanted):
        raise RuleViolation(_("有楼栋不存在，请重新选择。"), field="buildings")
    if BuildingPlacement.objects.filter(building__in=rows).exists():
        require_place(actor, ADJUST_GRIDS, grid_code)
    for row in rows:
        if row.place_code[: LENGTHS["community"]] != grid_code[: LENGTHS["community"]]:
            raise RuleViolation(
                _("“%(name)s”在另一个社区，不能划入这个网格。") % {"name": row.name},
                field="buildings",
                clause=rules.ONE_COMMUNITY,
            )
    shift_buildings(actor, {row.pk: grid for row in rows}, effective_on)
    return list(Building.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def shift_buildings(actor: Actor, target: dict[int, Grid], effective_on: dt.date) -> None:
    """Write the new placements of buildings already locked and checked. Those in their target already stay."""
    open_placements = {
        placement.building_id: placement
        for placement in BuildingPlacement.objects.select_for_update()
        .filter(building_id__in=target, valid_to__isnull=True)
        .order_by("building_id")
    }
    ended, made, retargeted, acts = [], [], [], []
    buildings = Building.objects.defer("outline").in_bulk(target)
    for pk, grid in target.items():
        placement = open_placements.get(pk)
        before = buildings[pk].place_code
        if placement is not None:
            if placement.grid_id == grid.pk:
                continue
            if placement.valid_from > effective_on:
                raise RuleViolation(
                    _("“%(name)s”%(day)s才划入现在的网格，生效日期不能早于那天。")
                    % {"name": buildings[pk].name, "day": placement.valid_from},
                    field="effective_on",
                )
            if placement.valid_from == effective_on:
                placement.grid = grid
                retargeted.append(placement)
            else:
                ended.append(placement.pk)
        if placement is None or placement.valid_from < effective_on:
            made.append(BuildingPlacement(building_id=pk, grid=grid, valid_from=effective_on))
        changes = {"grid": [before, grid.code], "effective_on": [None, effective_on.isoformat()]}
        acts.append(Act("places.building_moved", buildings[pk], grid.code, changes))
    BuildingPlacement.objects.filter(pk__in=ended).update(valid_to=effective_on)
    BuildingPlacement.objects.bulk_update(retargeted, ["grid"], batch_size=BATCH)
    BuildingPlacement.objects.bulk_create(made, batch_size=BATCH)
    _follow_placements(target)
    record_many(actor, acts)


@transaction.atomic
def bring_up_to_date(*, actor: Actor) -> int:
    """Set `place_code` to the grid of today: of buildings by their placement, of compounds and venues whose grid was
    merged (its successor) or split (the community, until somebody says which). Returns how many rows changed.

    The scheduler does it daily, for adjustments that take effect on that day.
    """
    return _follow_placements(None) + follow_lineage(actor)


def _follow_placements(building_ids: Iterable[int] | None) -> int:
    placed = BuildingPlacement.objects.in_force()
    if building_ids is not None:
        placed = placed.filter(building_id__in=building_ids)
    late = list(placed.exclude(building__place_code=F("grid__code")).values_list("building_id", flat=True))
    grid_of_today = BuildingPlacement.objects.in_force().filter(building=OuterRef("pk")).values("grid__code")
    return Building.objects.filter(pk__in=late).update(place_code=Subquery(grid_of_today[:1]))


def follow_lineage(actor: Actor) -> int:
    """Compounds and venues of grids that have ended follow them; returns how many."""
    ended = Grid.objects.filter(valid_to__lte=clock.today())
    successors: dict[str, set[str]] = defaultdict(set)
    steps = GridLineage.objects.filter(before__in=ended)
    for before, after in steps.values_list("before__code", "after__code"):
        successors[before].add(after)
    moved, acts = 0, []
    for model in (Compound, Venue):
        stranded = list(model.objects.filter(place_code__in=list(successors)))
        for row in stranded:
            before, row.place_code = row.place_code, _place_after(row.place_code, successors)
            changes = {"place_code": [before, row.place_code]}
            acts.append(Act(f"places.{model._meta.model_name}_moved", row, row.place_code, changes))
        moved += model.objects.bulk_update(stranded, ["place_code"], batch_size=BATCH)
    record_many(actor, acts)
    return moved


def _place_after(code: str, successors: dict[str, set[str]]) -> str:
    while following := successors.get(code):
        if len(following) > 1:
            return code[: LENGTHS["community"]]
        (code,) = following
    return code


def is_grid(code: str) -> bool:
    return len(code) == LENGTHS["grid"]


def check_places_exist(codes: Iterable[str]) -> None:
    """Each code is a community or grid that exists. Raises RuleViolation naming the first that is none."""
    wanted = set(codes)
    grids = {code for code in wanted if is_grid(code)}
    found = set(
        Area.objects.filter(code__in=wanted - grids, level="community").values_list("code", flat=True)
    )
    found |= set(Grid.objects.filter(code__in=grids).values_list("code", flat=True))
    missing = sorted(wanted - found)
    if missing:
        raise RuleViolation(
            _("没有代码为 %(code)s 的社区或网格。") % {"code": missing[0]}, field="place_code"
        )


def grids_in_force(codes: Iterable[str], on: dt.date) -> dict[str, Grid]:
    """The grids by code, locked against ending. Raises RuleViolation for one not in force from `on` without end."""
    wanted = set(codes)
    rows = Grid.objects.select_for_update(no_key=True).filter(code__in=wanted).order_by("code")
    found = {grid.code: grid for grid in rows}
    for code in sorted(wanted):
        grid = found.get(code)
        if grid is None or grid.valid_from > on:
            raise RuleViolation(
                _("网格 %(code)s 在 %(day)s 还不存在。") % {"code": code, "day": on}, field="grid"
            )
        if grid.valid_to is not None:
            raise RuleViolation(
                _("网格 %(code)s 自 %(day)s 起撤销。") % {"code": code, "day": grid.valid_to}, field="grid"
            )
    return found

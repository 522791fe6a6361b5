"""One place at a time: grids established, renamed, split, merged; buildings added and placed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places import geometry, rules
from doorstep.kernel.places.inputs import NewBuilding, NewCompound, NewGrid, NewOutline, NewVenue, Part
from doorstep.kernel.places.location import home_outline
from doorstep.kernel.places.models import (
    Building,
    BuildingPlacement,
    Compound,
    Grid,
    GridLineage,
    Outline,
    Venue,
)
from doorstep.kernel.places.services_bulk import (
    add_buildings,
    add_compounds,
    add_venues,
    establish_grids,
    follow_lineage,
    lock_communities,
    place_buildings,
    refuse_same_buildings,
    shift_buildings,
)
from doorstep.kernel.places.services_outlines import end_outlines, lay_outlines
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.names import name_keys


def establish_grid(*, actor: Actor, grid: NewGrid, effective_on: dt.date, document: str) -> Grid:
    """Establish one grid; see `establish_grids`."""
    return establish_grids(actor=actor, grids=[grid], effective_on=effective_on, document=document)[0]


@transaction.atomic
def rename_grid(*, actor: Actor, grid_id: int, name: str, lock_version: int) -> Grid:
    """Give a grid another name. Raises Conflict when it changed since the caller read `lock_version`."""
    grid = _locked_grid(actor, grid_id, "adjust")
    _refuse_stale(grid, lock_version)
    name = rules.clean_name(name)
    if name == grid.name:
        return grid
    others = Grid.objects.in_force().filter(community_id=grid.community_id, name=name).exclude(pk=grid.pk)
    if others.exists():
        raise RuleViolation(_("这个社区已有名为“%(name)s”的网格。") % {"name": name}, field="name")
    changes = {"name": [grid.name, name]}
    _set(grid, **name_keys(name))
    record(actor, Act("places.grid_renamed", grid, grid.code, changes))
    return grid


@transaction.atomic
def split_grid(
    *, actor: Actor, grid_id: int, parts: Sequence[Part], effective_on: dt.date, document: str,
    lock_versions: Mapping[int, int] | None = None,
) -> list[Grid]:  # fmt: skip
    """Split a grid in force into two or more new ones on `effective_on`; the old one ends that day.

    Every building of the old grid must be given to exactly one part. A part without an outline gets, where the old
    grid has one, an illustrative one around its buildings. Raises RuleViolation otherwise, and Conflict when the grid
    was split, merged or renamed meanwhile (`lock_versions`: what the caller read, by id).
    """
    document = rules.clean_document(document)
    old = _grid_to_end(actor, [grid_id], effective_on, lock_versions)[0]
    if len(parts) < 2:
        raise RuleViolation(_("拆分后至少要有两个网格。"), field="parts")
    assigned = _assigned(old, parts)
    drawn = _outlines_of_parts(old, parts, effective_on)
    made = _successors(actor, old.community_id, parts, effective_on, document, [old])
    _move(
        actor,
        {pk: made[index] for pk, index in assigned.items()},
        [old],
        effective_on,
    )
    outlines = [
        NewOutline(grid.code, outline, document, illustrative=part.outline is None)
        for grid, part, outline in zip(made, parts, drawn, strict=True)
        if outline is not None
    ]
    lay_outlines(actor, outlines, effective_on)
    _record_lineage(actor, [old], made, "split", effective_on, document)
    return made


@transaction.atomic
def merge_grids(
    *, actor: Actor, grid_ids: Sequence[int], name: str, effective_on: dt.date, document: str,
    lock_versions: Mapping[int, int] | None = None,
) -> Grid:  # fmt: skip
    """Merge two or more grids of one community into a new one; its outline is drawn around theirs.

    Raises RuleViolation for grids of several communities, Conflict when one of them changed meanwhile.
    """
    document = rules.clean_document(document)
    if len(set(grid_ids)) < 2:
        raise RuleViolation(_("合并至少要选两个网格。"), field="grids")
    olds = _grid_to_end(actor, grid_ids, effective_on, lock_versions)
    if len({old.community_id for old in olds}) > 1:
        raise RuleViolation(
            _("这些网格不在同一个社区，不能合并。"), field="grids", clause=rules.ONE_COMMUNITY
        )
    outlines = list(Outline.objects.in_force(effective_on).filter(place_code__in=[old.code for old in olds]))
    made = _successors(
        actor, olds[0].community_id, [Part(name, kind=olds[0].kind)], effective_on, document, olds
    )[0]
    _move(actor, {pk: made for pk in _buildings_in(olds)}, olds, effective_on)
    if len(outlines) == len(olds):
        whole = geometry.joined([outline.geometry for outline in outlines])
        illustrative = any(outline.illustrative for outline in outlines)
        lay_outlines(actor, [NewOutline(made.code, whole, document, illustrative)], effective_on)
    _record_lineage(actor, olds, [made], "merged", effective_on, document)
    return made


def _grid_to_end(
    actor: Actor, grid_ids: Sequence[int], effective_on: dt.date, lock_versions: Mapping[int, int] | None
) -> list[Grid]:
    """The grids, authorised and locked (communities first, then grids, each in code order), fit to end that day."""
    rules.check_day(effective_on, clock.today())
    seen = list(Grid.objects.filter(pk__in=grid_ids))
    if len(seen) != len(set(grid_ids)):
        raise NotVisible(_("没有找到这个网格。"))
    for grid in seen:
        policy_for(Grid).require(actor, "adjust", grid)
    lock_communities(actor, [grid.community_id for grid in seen])
    locked = list(Grid.objects.select_for_update(no_key=True).filter(pk__in=grid_ids).order_by("code"))
    refuse_changed(locked, lock_versions or {})
    for grid in locked:
        if grid.valid_from >= effective_on:
            raise RuleViolation(
                _("“%(name)s”自 %(day)s 起设立，生效日期要晚于那天。")
                % {"name": grid.name, "day": grid.valid_from},
                field="effective_on",
            )
    return locked


def refuse_changed(grids: Sequence[Grid], lock_versions: Mapping[int, int]) -> None:
    """Raise Conflict, saying who did what, for a grid that has an end or is no longer as it was read (by id)."""
    for grid in grids:
        if grid.valid_to is not None:
            raise Conflict(_what_became_of(grid))
        if grid.pk in lock_versions:
            _refuse_stale(grid, lock_versions[grid.pk])


def _what_became_of(grid: Grid) -> str:
    """Who ended the grid, when, and what it became: for the officer who came second."""
    steps = list(GridLineage.objects.filter(before=grid).select_related("after").order_by("after__code"))
    who = Entry.objects.filter(target=Grid._meta.label_lower, target_id=str(grid.pk)).order_by("-id").first()
    if not steps:
        return _("“%(name)s”已自 %(day)s 起撤销。") % {"name": grid.name, "day": grid.valid_to}
    return _(
        "“%(name)s”已由%(who)s办理%(kind)s，自 %(day)s 起成为%(after)s（%(document)s）。请重新打开查看。"
    ) % {
        "name": grid.name,
        "who": (line(who).who if who else "") or _("他人"),
        "kind": steps[0].get_kind_display(),
        "day": steps[0].effective_on,
        "after": "、".join(step.after.name for step in steps),
        "document": steps[0].document,
    }


def _buildings_in(grids: Sequence[Grid]) -> list[int]:
    """Buildings of the grids, now or from a day to come."""
    placed = BuildingPlacement.objects.filter(grid__in=grids, valid_to__isnull=True)
    return sorted(placed.values_list("building_id", flat=True))


def _assigned(old: Grid, parts: Sequence[Part]) -> dict[int, int]:
    """Building → index of its part; every building of the grid exactly once."""
    assigned: dict[int, int] = {}
    for index, part in enumerate(parts):
        for pk in part.building_ids:
            if pk in assigned:
                raise RuleViolation(_("有楼栋同时分给了两个网格。"), field="parts")
            assigned[pk] = index
    present = set(_buildings_in([old]))
    if present - set(assigned):
        raise RuleViolation(
            _("还有 %(count)d 栋楼没有分到新网格。") % {"count": len(present - set(assigned))}, field="parts"
        )
    if set(assigned) - present:
        raise RuleViolation(_("有楼栋不在这个网格里。"), field="parts")
    return assigned


def _outlines_of_parts(old: Grid, parts: Sequence[Part], on: dt.date) -> list[Any]:
    """Each part's own outline, else the share of the old grid's outline that lies nearest its buildings, else None."""
    whole = Outline.objects.in_force(on).filter(place_code=old.code).first()
    if whole is None or any(part.outline is not None for part in parts):
        return [part.outline for part in parts]
    wanted = [pk for part in parts for pk in part.building_ids]
    found = {row.pk: (row.longitude, row.latitude) for row in Building.objects.filter(pk__in=wanted)}
    return geometry.shared_out(
        whole.geometry, [[found[pk] for pk in part.building_ids if pk in found] for part in parts]
    )


def _successors(
    actor: Actor,
    community: str,
    parts: Sequence[Part],
    effective_on: dt.date,
    document: str,
    ending: Sequence[Grid],
) -> list[Grid]:
    # the old ones end first, so that a successor may keep the name of one of them
    for old in ending:
        _set(old, valid_to=effective_on)
    new = [NewGrid(community, part.name, part.kind) for part in parts]
    return establish_grids(actor=actor, grids=new, effective_on=effective_on, document=document)


def _move(actor: Actor, target: dict[int, Grid], olds: Sequence[Grid], effective_on: dt.date) -> None:
    locked = Building.objects.select_for_update(no_key=True).filter(pk__in=target).order_by("pk")
    list(locked.values_list("pk", flat=True))
    shift_buildings(actor, target, effective_on)
    end_outlines([old.code for old in olds], effective_on)


def _record_lineage(
    actor: Actor, olds: Sequence[Grid], made: Sequence[Grid], kind: str, effective_on: dt.date, document: str
) -> None:
    GridLineage.objects.bulk_create(
        GridLineage(before=old, after=new, kind=kind, effective_on=effective_on, document=document)
        for old in olds
        for new in made
    )
    for old in olds:
        changes: dict[str, Any] = {
            "valid_to": [None, effective_on.isoformat()],
            "became": [None, [new.code for new in made]],
            "document": [None, document],
        }
        record(actor, Act(f"places.grid_{kind}", old, old.code, changes))
    follow_lineage(actor)


def _locked_grid(actor: Actor, grid_id: int, action: str) -> Grid:
    """The grid, authorised and locked behind its community, so that names given there at once are seen."""
    seen = Grid.objects.filter(pk=grid_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这个网格。"))
    policy_for(Grid).require(actor, action, seen)
    lock_communities(actor, [seen.community_id])
    grid = Grid.objects.select_for_update(no_key=True).get(pk=grid_id)
    if grid.valid_to is not None:
        raise Conflict(_what_became_of(grid))
    return grid


def _set(row: Any, **values: Any) -> None:
    """Write these columns and count the version up."""
    row.lock_version += 1
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "lock_version"])


def _refuse_stale(row: Any, lock_version: int) -> None:
    if row.lock_version == lock_version:
        return
    last = Entry.objects.filter(target=row._meta.label_lower, target_id=str(row.pk)).order_by("-id").first()
    raise Conflict(
        _("%(who)s在 %(at)s 改过“%(name)s”。请看过最新内容再改。")
        % {
            "who": (line(last).who if last else "") or _("他人"),
            "at": last.at.astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M") if last else "",
            "name": row.name,
        }
    )


@dataclass(frozen=True)
class SavedBuilding:
    """The building, and what to tell about its position (empty when nothing)."""

    building: Building
    warning: str = ""


def add_building(*, actor: Actor, building: NewBuilding, valid_from: dt.date) -> SavedBuilding:
    """Add one building; see `add_buildings`. A position outside the district is a warning."""
    row = add_buildings(actor=actor, buildings=[building], valid_from=valid_from)[0]
    return SavedBuilding(row, geometry.position_warning(row.longitude, row.latitude, home_outline()))


def place_building(*, actor: Actor, building_id: int, grid_code: str, effective_on: dt.date) -> Building:
    """Put one building into a grid; see `place_buildings`."""
    moved = place_buildings(
        actor=actor, building_ids=[building_id], grid_code=grid_code, effective_on=effective_on
    )
    return moved[0]


@transaction.atomic
def edit_building(
    *, actor: Actor, building_id: int, lock_version: int, name: str, address: str, households: int,
    position: tuple[float, float] | None = None,
) -> SavedBuilding:  # fmt: skip
    """Correct a building's name, address, number of households and position (WGS-84 longitude and latitude; None leaves
    it). A position outside the district is a warning. Raises Conflict when the building changed meanwhile."""
    row = Building.objects.select_for_update(no_key=True).filter(pk=building_id).first()
    if row is None:
        raise NotVisible(_("没有找到这栋楼。"))
    policy_for(Building).require(actor, "edit", row)
    _refuse_stale(row, lock_version)
    longitude, latitude = position or (row.longitude, row.latitude)
    wanted = {
        "name": rules.clean_name(name), "address": address.strip(), "households": households,
        "longitude": longitude, "latitude": latitude,
    }  # fmt: skip
    changes = {key: [getattr(row, key), value] for key, value in wanted.items() if getattr(row, key) != value}
    if not changes:
        return SavedBuilding(row)
    rules.check_building(address, households)
    warning = ""
    if {"longitude", "latitude"} & set(changes):
        warning = geometry.position_warning(longitude, latitude, home_outline())
        row.outline = geometry.kept_around(row.outline, longitude, latitude)
        changes |= {"position": [None, warning]} if warning else {}
    if "name" in changes and row.compound_id is not None:
        Compound.objects.select_for_update(no_key=True).get(pk=row.compound_id)
        refuse_same_buildings([Building(compound_id=row.compound_id, name=str(wanted["name"]))])
    _set(
        row, address=wanted["address"], households=households, longitude=longitude, latitude=latitude,
        outline=row.outline, **name_keys(str(wanted["name"])),
    )  # fmt: skip
    record(actor, Act("places.building_edited", row, row.place_code, changes))
    return SavedBuilding(row, warning)


def add_compound(*, actor: Actor, compound: NewCompound) -> Compound:
    """Add one compound; see `add_compounds`."""
    return add_compounds(actor=actor, compounds=[compound])[0]


def add_venue(*, actor: Actor, venue: NewVenue, valid_from: dt.date) -> Venue:
    """Add one venue; see `add_venues`."""
    return add_venues(actor=actor, venues=[venue], valid_from=valid_from)[0]


@transaction.atomic
def edit_venue(*, actor: Actor, venue_id: int, kind: str, address: str, phone: str, hours: str) -> Venue:
    """Correct what people need to know of a venue. With nothing to correct nothing is written."""
    row = Venue.objects.select_for_update(no_key=True).filter(pk=venue_id).first()
    if row is None:
        raise NotVisible(_("没有找到这个场所。"))
    policy_for(Venue).require(actor, "edit", row)
    if kind not in rules.VENUE_KINDS:
        raise RuleViolation(_("没有“%(kind)s”这种场所。") % {"kind": kind[:30]}, field="kind")
    wanted = {"kind": kind, "address": address.strip(), "phone": phone.strip(), "hours": hours.strip()}
    changes = {key: [getattr(row, key), value] for key, value in wanted.items() if getattr(row, key) != value}
    if changes:
        _set(row, **{key: wanted[key] for key in changes})
        record(actor, Act("places.venue_edited", row, row.place_code, changes))
    return row


@transaction.atomic
def close_venue(*, actor: Actor, venue_id: int, on: dt.date) -> Venue:
    """A venue closes on `on`. Raises RuleViolation for a day not after its opening."""
    row = Venue.objects.select_for_update(no_key=True).filter(pk=venue_id).first()
    if row is None:
        raise NotVisible(_("没有找到这个场所。"))
    policy_for(Venue).require(actor, "edit", row)
    rules.check_day(on, clock.today(), field="on")
    if row.valid_to is not None:
        raise Conflict(_("这个场所已自 %(day)s 起关闭。") % {"day": row.valid_to})
    if on <= row.valid_from:
        raise RuleViolation(_("关闭日期要晚于开放日期 %(day)s。") % {"day": row.valid_from}, field="on")
    _set(row, valid_to=on)
    record(actor, Act("places.venue_closed", row, row.place_code, {"valid_to": [None, on.isoformat()]}))
    return row

"""The grids of whole communities drawn anew from a day on, by a document: one act, one transaction.

Grids that go on keep code and name; their buildings shift. An ended grid is merged into those that took its buildings, a new
one is split from those that gave. What hangs on grids follows by `following`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from shapely.geometry import mapping

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.places import geometry, rules
from doorstep.kernel.places.following import Followed, Move, Redrawing, followers
from doorstep.kernel.places.inputs import NewGrid, NewOutline
from doorstep.kernel.places.models import Building, BuildingPlacement, Compound, Grid, GridLineage, Outline
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.places.services_bulk import (
    establish_grids,
    follow_lineage,
    lock_communities,
    shift_buildings,
)
from doorstep.kernel.places.services_outlines import end_outlines, lay_outlines
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, within

BATCH = 1000
NAMED = 3  # buildings named in a refusal
READ = (
    "place_code",
    "compound_id",
    "longitude",
    "latitude",
    "households",
)  # of a building; its outline alone is larger


@dataclass(frozen=True)
class DrawnGrid:
    """A grid as it is to be: `code` of a grid that goes on, or "" with the name of a new one. worker: the appointment of who
    is to work it, None for who works it now, or worked most of a new one."""

    code: str
    name: str
    building_ids: tuple[int, ...]
    worker: int | None = None


@dataclass(frozen=True)
class Redrawn:
    """What was done, the codes of the grids in the order given by community, and what followed."""

    redrawing: Redrawing
    codes: dict[str, list[str]]
    followed: tuple[Followed, ...]


@transaction.atomic
def redraw_grids(
    *, actor: Actor, layout: Mapping[str, Sequence[DrawnGrid]], effective_on: dt.date, document: str, most_grids: int = 2,
    lock_versions: Mapping[str, int] | None = None,
) -> Redrawn:  # fmt: skip
    """Draw the basic grids of these communities anew. `layout`: by community, all its grids that are to have buildings.

    Every building of a community, but those of dedicated grids, must lie in exactly one grid. Grids without buildings stay as
    they are. Raises NotVisible or NotAllowed without `places.adjust_grids`, RuleViolation naming community and buildings,
    Conflict where a grid changed since it was read (`lock_versions`, by code).
    """
    document = rules.clean_document(document)
    rules.check_day(effective_on, clock.today())
    for community in layout:
        require_place(actor, ADJUST_GRIDS, community)
    for follower in followers():
        follower.prepare(sorted(layout), effective_on)
    lock_communities(actor, layout)
    drawing = _Drawing(actor, layout, effective_on, document, lock_versions or {})
    redrawing = drawing.carry_out(most_grids)
    followed = [one for follower in followers() for one in follower.follow(actor, redrawing)]
    return Redrawn(redrawing, drawing.codes, tuple(followed))


def preview_redrawing(
    *, actor: Actor, layout: Mapping[str, Sequence[DrawnGrid]], effective_on: dt.date, document: str, most_grids: int = 2,
) -> Redrawn:  # fmt: skip
    """What `redraw_grids` would do, with the same refusals; nothing stays."""
    with transaction.atomic():
        found = redraw_grids(
            actor=actor, layout=layout, effective_on=effective_on, document=document, most_grids=most_grids
        )
        transaction.set_rollback(True)
    return found


@dataclass
class _Drawing:
    """One redrawing at work: the rows, locked, and what becomes of them."""

    actor: Actor
    layout: Mapping[str, Sequence[DrawnGrid]]
    day: dt.date
    document: str
    lock_versions: Mapping[str, int]
    grids: dict[str, Grid] = field(default_factory=dict)  # basic ones without an end, by code
    buildings: dict[int, Building] = field(default_factory=dict)
    placed: dict[int, Grid] = field(default_factory=dict)  # open placements
    present: dict[str, set[int]] = field(default_factory=dict)  # buildings by community
    codes: dict[str, list[str]] = field(default_factory=dict)

    def carry_out(self, most_grids: int) -> Redrawing:
        self._read()
        for community, drawn in self.layout.items():
            self._check(community, drawn)
        ended = self._end()
        begun = self._establish()
        target = {
            building: self.grids[code]
            for community, drawn in self.layout.items()
            for code, one in zip(self.codes[community], drawn, strict=True)
            for building in one.building_ids
        }
        moves = self._moves(target)
        changed = self._changed(moves, {grid.code for grid in [*ended, *begun]})
        shift_buildings(self.actor, {move.building_id: self.grids[move.after] for move in moves}, self.day)
        self._lay_outlines(ended, changed, begun, target)
        heirs = _shares(moves, by_before=True, wanted={grid.code for grid in ended})
        givers = _shares(moves, by_before=False, wanted={grid.code for grid in begun})
        self._record(ended, changed, heirs, givers)
        if self.day <= clock.today():
            self._compounds_follow({grid.code for grid in [*ended, *changed]}, target)
        follow_lineage(self.actor)
        return Redrawing(
            communities=tuple(sorted(self.layout)), effective_on=self.day, document=self.document,
            changed=tuple(grid.code for grid in changed), begun=tuple(grid.code for grid in begun),
            ended=tuple(grid.code for grid in ended), moves=tuple(moves), heirs=heirs, givers=givers,
            workers=self._workers(), most_grids=most_grids,
        )  # fmt: skip

    def _read(self) -> None:
        """Grids in the order of codes, then buildings in the order of ids, locked."""
        rows = Grid.objects.select_for_update(no_key=True).filter(community_id__in=list(self.layout))
        open_ones = [grid for grid in rows.order_by("code") if grid.valid_to is None]
        self.grids = {grid.code: grid for grid in open_ones if grid.kind == "basic"}
        for code, version in self.lock_versions.items():
            if code in self.grids and self.grids[code].lock_version != version:
                raise Conflict(_("“%(name)s”刚刚有人调整过，请重新查看。") % {"name": self.grids[code].name})
        dedicated = {grid.pk for grid in open_ones if grid.kind != "basic"}
        there = Building.objects.filter(within("place_code", self.layout))
        inside = list(there.values_list("pk", flat=True))
        locked = Building.objects.select_for_update(no_key=True).filter(pk__in=inside).order_by("pk")
        self.buildings = {row.pk: row for row in locked.only(*READ)}
        rows_open = BuildingPlacement.objects.filter(building_id__in=inside, valid_to__isnull=True)
        homes = dict(rows_open.values_list("building_id", "grid_id"))
        by_pk = Grid.objects.in_bulk(set(homes.values())) | {grid.pk: grid for grid in open_ones}
        for building, grid_pk in homes.items():
            if grid_pk in dedicated:
                self.buildings.pop(building, None)
            else:
                self.placed[building] = by_pk[grid_pk]
        self.present = {code: set() for code in self.layout}
        for pk, building_row in self.buildings.items():
            self.present[building_row.place_code[: LENGTHS["community"]]].add(pk)

    def _check(self, community: str, drawn: Sequence[DrawnGrid]) -> None:
        """Every building of the community in exactly one grid, each grid with buildings, each code one that goes on."""
        given = [pk for one in drawn for pk in one.building_ids]
        twice = [pk for pk, count in Counter(given).items() if count > 1]
        present = self.present[community]
        if twice:
            raise RuleViolation(_("楼栋%s同时分给了两个网格。") % self._named(twice), field="buildings")
        if missing := present - set(given):
            raise RuleViolation(_("楼栋%s还没有分到网格。") % self._named(missing), field="buildings")
        if foreign := set(given) - present:
            raise RuleViolation(
                _("楼栋%s不在这个社区，或在专属网格里。") % self._named(foreign), field="buildings",
                clause=rules.ONE_COMMUNITY,
            )  # fmt: skip
        codes = [one.code for one in drawn if one.code]
        for one in drawn:
            if not one.building_ids:
                raise RuleViolation(
                    _("“%s”里一栋楼也没有，请至少划给它一栋。") % (one.name or one.code), field="grids"
                )
            if one.code:
                self._check_goes_on(community, one.code)
        if len(codes) > len(set(codes)):
            raise RuleViolation(_("同一个网格在方案里出现了两次。"), field="grids")

    def _check_goes_on(self, community: str, code: str) -> None:
        grid = self.grids.get(code)
        if grid is None or grid.community_id != community:
            raise RuleViolation(_("网格 %s 已经撤销，或不在这个社区，请重新做方案。") % code, field="grids")
        if grid.valid_from > self.day:
            raise RuleViolation(
                _("“%(name)s”自 %(day)s 起才设立，生效日期不能早于那天。")
                % {"name": grid.name, "day": grid.valid_from},
                field="effective_on",
            )

    def _named(self, ids: Iterable[int]) -> str:
        some = sorted(ids)
        names = dict(Building.objects.filter(pk__in=some[:NAMED]).values_list("pk", "name"))
        told = "、".join(f"“{names.get(pk, pk)}”" for pk in some[:NAMED])
        return f"{told}等{len(some)}栋" if len(some) > NAMED else told

    def _end(self) -> list[Grid]:
        """The grids that hold buildings and are not among those drawn end on the day."""
        kept = {one.code for drawn in self.layout.values() for one in drawn}
        holding = {grid.code for grid in self.placed.values()}
        ended = [grid for code, grid in self.grids.items() if code in holding and code not in kept]
        for grid in ended:
            if grid.valid_from >= self.day:
                raise RuleViolation(
                    _("“%(name)s”自 %(day)s 起设立，生效日期要晚于那天。")
                    % {"name": grid.name, "day": grid.valid_from},
                    field="effective_on",
                )
            grid.valid_to = self.day
            grid.lock_version += 1
        rows = Grid.objects.filter(pk__in=[grid.pk for grid in ended])
        rows.update(valid_to=self.day, lock_version=F("lock_version") + 1)
        return ended

    def _establish(self) -> list[Grid]:
        """The new grids, by the next serials; fills `codes`."""
        new = [
            NewGrid(community, one.name)
            for community, drawn in self.layout.items()
            for one in drawn
            if not one.code
        ]
        made = establish_grids(
            actor=self.actor, grids=new, effective_on=self.day, document=self.document
        ) if new else []  # fmt: skip
        self.grids |= {grid.code: grid for grid in made}
        following = iter(made)
        for community, drawn in self.layout.items():
            self.codes[community] = [one.code or next(following).code for one in drawn]
        return made

    def _moves(self, target: Mapping[int, Grid]) -> list[Move]:
        moves = []
        for pk in sorted(target):
            before = self.placed.get(pk)
            if before is None or before.code != target[pk].code:
                moves.append(
                    Move(pk, self.buildings[pk].households, before.code if before else "", target[pk].code)
                )
        return moves

    def _changed(self, moves: Sequence[Move], others: set[str]) -> list[Grid]:
        """Grids that go on with other buildings than before; their versions move on."""
        codes = {code for move in moves for code in (move.before, move.after)} - others - {""}
        rows = [self.grids[code] for code in sorted(codes)]
        for grid in rows:
            grid.lock_version += 1
        Grid.objects.filter(pk__in=[grid.pk for grid in rows]).update(lock_version=F("lock_version") + 1)
        return rows

    def _lay_outlines(
        self, ended: Sequence[Grid], changed: Sequence[Grid], begun: Sequence[Grid], target: Mapping[int, Grid]
    ) -> None:  # fmt: skip
        """What the concerned grids covered together is shared out anew, by the nearest building; illustrative. By community."""
        new: list[NewOutline] = []
        without: list[str] = [grid.code for grid in ended]
        rows = Outline.objects.in_force(self.day).filter(place_code__in=[g.code for g in [*ended, *changed]])
        known = dict(rows.values_list("place_code", "geometry"))
        sites: dict[str, list[tuple[float, float]]] = {}
        for pk, grid in target.items():
            row = self.buildings[pk]
            sites.setdefault(grid.code, []).append((row.longitude, row.latitude))
        for community in self.layout:
            olds = [
                known[g.code] for g in [*ended, *changed] if g.community_id == community and g.code in known
            ]
            owners = [grid for grid in [*changed, *begun] if grid.community_id == community]
            if not olds or not owners:
                continue
            shares = geometry.shares_of(
                geometry.union_of(olds), [sites.get(grid.code, []) for grid in owners]
            )
            for grid, share in zip(owners, shares, strict=True):
                if share is not None and geometry.area_of(share) > 1:
                    new.append(NewOutline(grid.code, mapping(share), self.document, illustrative=True))
                else:
                    without.append(grid.code)
        end_outlines(without, self.day)
        lay_outlines(self.actor, new, self.day)

    def _compounds_follow(self, concerned: set[str], target: Mapping[int, Grid]) -> None:
        """A compound that lay in one of these grids lies where all its buildings do, else in the community."""
        rows = list(
            Compound.objects.select_for_update(no_key=True).filter(place_code__in=concerned).order_by("pk")
        )
        homes: dict[int, set[str]] = {row.pk: set() for row in rows}
        for pk, grid in target.items():
            compound = self.buildings[pk].compound_id
            if compound in homes:
                homes[compound].add(grid.code)
        moved, acts = [], []
        for row in rows:
            found = homes[row.pk] or {row.place_code}
            place = next(iter(found)) if len(found) == 1 else row.place_code[: LENGTHS["community"]]
            if place != row.place_code:
                acts.append(Act("places.compound_moved", row, place, {"place_code": [row.place_code, place]}))
                row.place_code = place
                moved.append(row)
        Compound.objects.bulk_update(moved, ["place_code"], batch_size=BATCH)
        record_many(self.actor, acts)

    def _record(
        self, ended: Sequence[Grid], changed: Sequence[Grid], heirs: Mapping[str, Sequence[str]],
        givers: Mapping[str, Sequence[str]],
    ) -> None:  # fmt: skip
        steps = {(before, after): "merged" for before, taken in heirs.items() for after in taken}
        steps |= {(before, after): "split" for after, gave in givers.items() for before in gave}
        GridLineage.objects.bulk_create(
            [
                GridLineage(
                    before=self.grids[before], after=self.grids[after], kind=kind, effective_on=self.day,
                    document=self.document,
                )
                for (before, after), kind in sorted(steps.items())
            ],
            batch_size=BATCH,
        )  # fmt: skip
        acts = []
        for grid in ended:
            changes: dict[str, Any] = {
                "valid_to": [None, self.day.isoformat()], "became": [None, list(heirs.get(grid.code, ()))],
                "document": [None, self.document],
            }  # fmt: skip
            acts.append(Act("places.grid_merged", grid, grid.code, changes))
        for grid in changed:
            changes = {
                "effective_on": [None, self.day.isoformat()], "lock_version": [grid.lock_version - 1, grid.lock_version],
                "document": [None, self.document],
            }  # fmt: skip
            acts.append(Act("places.grid_redrawn", grid, grid.code, changes))
        record_many(self.actor, acts)

    def _workers(self) -> dict[str, int]:
        return {
            code: one.worker
            for community, drawn in self.layout.items()
            for code, one in zip(self.codes[community], drawn, strict=True)
            if one.worker is not None
        }


def _shares(moves: Sequence[Move], *, by_before: bool, wanted: set[str]) -> dict[str, tuple[str, ...]]:
    """By ended grid who took of it, or by new grid who gave to it: most households first, then most buildings, then by code."""
    weight: dict[str, Counter[str]] = {code: Counter() for code in sorted(wanted)}
    for move in moves:
        own, other = (move.before, move.after) if by_before else (move.after, move.before)
        if own in weight and other:
            weight[own][other] += move.households * 10_000 + 1
    return {
        code: tuple(sorted(found, key=lambda other, found=found: (-found[other], other)))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for code, found in weight.items()
    }

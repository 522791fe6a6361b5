"""Grids with all that hangs on them, on the day of an adjustment, and how the picture before and after differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.following import Followed
from doorstep.kernel.places.models import BuildingPlacement, Grid, Outline
from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import MemberHousehold
from doorstep.modules.chain.selectors import BRANCH, GROUP
from doorstep.modules.chain.snapshots import Change, Picture, differences


@dataclass
class GridPicture:
    """Some grids, their buildings, the units about them, and the appointments over them (substitutes after holders)."""

    grids: dict[str, str]
    grid_versions: dict[int, int]
    units: Picture
    buildings: dict[str, list[str]]
    households: dict[str, int]
    workers: dict[tuple[int, str, int], tuple[str, str]]
    served: set[str]  # codes that have a grid worker
    outlined: int


@dataclass(frozen=True)
class GridOutcome:
    """What an adjustment of grids does: every change, a summary, what remains to be looked at, the new grids' codes,
    and the versions of units and grids it was judged on."""

    community: str
    made: list[str]
    changes: list[Change]
    affected: list[str]
    notes: list[str]
    versions: dict[int, int]
    grid_versions: dict[int, int]


def grid_picture(grids: Sequence[Grid], units: Picture, appointments: Iterable[Appointment]) -> GridPicture:
    """The grids as they are (or will be) on the day of `units`."""
    day = units.on
    placed = BuildingPlacement.objects.in_force(day).filter(grid__in=grids).select_related("building", "grid")
    buildings: dict[str, list[str]] = {grid.code: [] for grid in grids}
    grid_of: dict[int, str] = {}
    for row in placed.order_by("building__pinyin", "building_id"):
        buildings[row.grid.code].append(row.building.name)
        grid_of[row.building_id] = row.grid.code
    households = dict.fromkeys(buildings, 0)
    held = MemberHousehold.objects.in_force(day).filter(building_id__in=grid_of)
    for building in held.values_list("building_id", flat=True):
        households[grid_of[building]] += 1
    codes = [grid.code for grid in grids]
    kept = list(appointments)
    workers = [row for row in kept if row.post == "grid_worker"]
    return GridPicture(
        grids={grid.code: grid.name for grid in grids},
        grid_versions={grid.pk: grid.lock_version for grid in grids}, units=units, buildings=buildings,
        households=households, workers=_workers(kept),
        served={place.code for row in workers for place in row.places.all()},
        outlined=Outline.objects.in_force(day).filter(place_code__in=codes).count(),
    )  # fmt: skip


def _workers(kept: Sequence[Appointment]) -> dict[tuple[int, str, int], tuple[str, str]]:
    """(person, post, unit) → (words, names of the places); the adjustment gives a new row, so ids tell nothing."""
    found: dict[tuple[int, str, int], tuple[str, str]] = {}
    codes = {place.code for row in kept for place in row.places.all()}
    names = dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))
    for row in kept:
        own = sorted(place.code for place in row.places.all())
        words = f"{row.get_post_display()} {row.person.name}"
        if row.substitute_for_id is not None:
            words = _("{words}（临时代理）").format(words=words)
        found[row.person_id, row.post, row.unit_id] = (
            words,
            "、".join(names.get(code, code) for code in own),
        )
    return found


def outcome(before: GridPicture, after: GridPicture, followed: Sequence[Followed] = ()) -> GridOutcome:
    """What changes for whom, from the picture before to the one after, and which matters followed."""
    return GridOutcome(
        community=next(iter(before.grids))[:12], made=list(after.grids),
        changes=[*_grid_changes(before, after), *differences(before.units, after.units), *_worker_changes(before, after),
            *_matter_changes(followed, before.grids | after.grids),
        ],
        affected=_summary(before, after), notes=[*_notes(after), *_note_of_matters(before)],
        versions={pk: unit.version_number for pk, unit in before.units.units.items()},
        grid_versions=before.grid_versions,
    )  # fmt: skip


def _grid_changes(before: GridPicture, after: GridPicture) -> Iterable[Change]:
    for code, name in before.grids.items():
        yield Change(_("网格 {name}").format(name=name), _contents(before, code), _("自这一天起撤销"))
    for code, name in after.grids.items():
        words = _("设立，代码 {code}；{contents}").format(code=code, contents=_contents(after, code))
        yield Change(_("网格 {name}").format(name=name), "", words)


def _contents(shown: GridPicture, code: str) -> str:
    buildings, households = shown.buildings[code], shown.households[code]
    words = (
        _("{n}栋楼（{names}）").format(n=len(buildings), names="、".join(buildings))
        if buildings
        else _("没有楼栋")
    )
    return _("{words}，{n}户党员中心户").format(words=words, n=households) if households else words


def _worker_changes(before: GridPicture, after: GridPicture) -> Iterable[Change]:
    for key, (words, places) in before.workers.items():
        now = after.workers.get(key, ("", ""))[1]
        if now != places:
            yield Change(words, places, now)


def _matter_changes(followed: Sequence[Followed], names: dict[str, str]) -> Iterable[Change]:
    for one in followed:
        places = ["、".join(names.get(code, code) for code in codes) for codes in (one.before, one.after)]
        yield Change(_("{what} {n} 件").format(what=one.name, n=one.count), *places)


def _note_of_matters(before: GridPicture) -> Iterable[str]:
    if before.units.on > clock.today():
        yield _("没有办结的事到生效那天随楼栋移交给负责那里的网格员。")


def _summary(before: GridPicture, after: GridPicture) -> list[str]:
    kinds = [unit.kind for unit in before.units.units.values() if unit.alive]
    lines = [
        (len(before.grids), _("{n}个网格撤销")), (len(after.grids), _("{n}个网格设立")),
        (kinds.count(BRANCH), _("{n}个党支部改为覆盖新网格")), (kinds.count(GROUP), _("{n}个党小组的所在网格改变")),
        (sum(len(found) for found in before.buildings.values()), _("{n}栋楼划入新网格")),
        (sum(before.households.values()), _("{n}户党员中心户随楼划入新网格")),
        (len(before.workers), _("{n}项任职改为新网格")),
    ]  # fmt: skip
    return [words.format(n=number) for number, words in lines if number]


def _notes(after: GridPicture) -> Iterable[str]:
    for code, name in after.grids.items():
        if code not in after.served:
            yield _("网格“{name}”还没有网格员。").format(name=name)
    covering = [unit for unit in after.units.units.values() if unit.alive and unit.kind == BRANCH]
    if not any(unit.grids for unit in covering):
        yield _("原网格没有党支部覆盖，新网格也没有，会列入断点。")
    if len(after.grids) == 1 and len([unit for unit in covering if unit.grids]) > 1:
        yield _("新网格由几个党支部覆盖，需要时在“调整网格”里再定。")
    if after.outlined:
        yield _("新网格的边界由楼栋位置或原边界推出，在地图上注明“示意”。")
    else:
        yield _("新网格没有边界，地图上不显示；需要时再划定。")

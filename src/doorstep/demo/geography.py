"""The illustrative geography of a demo district: streets, communities, grids, compounds and buildings in an outline.

No outline of streets or communities is published, so all lines inside the district's own outline are made up. They
are the same on every machine: a lot for each building, cut into connected pieces of exact sizes, streets first, then
communities, then grids. Positions are in degrees with six decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from doorstep.kernel.shared.numerals import numeral

from .division import Tree, clusters, cut_in_two, divide, leaves
from .footprints import place, shape_of
from .mesh import Mesh, mesh_over, without_scraps
from .patterns import Pattern, Sides

LOTS_TO_A_GRID = (7, 11)
SMOOTHING = 60.0  # metres
FEWEST_BUILDINGS = 4  # in a grid
GRIDS_TO_A_COMPOUND = 2
LOOSE = 0.2  # share of would-be compounds whose buildings stand by themselves along a road


@dataclass(frozen=True)
class Outlined:
    """A place with its outline; `parent` is the code of the place it lies in."""

    code: str
    name: str
    parent: str
    outline: BaseGeometry


@dataclass(frozen=True)
class GridPlace(Outlined):
    """A grid; `beside` holds the codes of the grids of the same community that share a side with it."""

    beside: frozenset[str]


@dataclass(frozen=True)
class CompoundPlace:
    """Neighbouring buildings under one name, on one or more whole grids of a community."""

    number: int
    name: str
    community: str
    grids: tuple[str, ...]
    outline: BaseGeometry


@dataclass(frozen=True)
class BuildingPlace:
    """A building; `compound` is a compound's number or None, `beside` the numbers of neighbouring buildings."""

    number: int
    name: str
    address: str
    grid: str
    compound: int | None
    storeys: int
    households: int
    point: Point
    outline: Polygon
    beside: tuple[int, ...]


@dataclass(frozen=True)
class Geography:
    """A whole district, each list in the order of codes or numbers."""

    district: Outlined
    streets: list[Outlined]
    communities: list[Outlined]
    grids: list[GridPlace]
    compounds: list[CompoundPlace]
    buildings: list[BuildingPlace]


@dataclass
class _GridCut:
    """A grid while it is being made: its lots, and the cluster of grids in which it was cut."""

    code: str
    lots: tuple[int, ...]
    cluster: int


def draw(pattern: Pattern) -> Geography:
    """The geography of a pattern; takes a few seconds for six thousand buildings."""
    random = Random(f"doorstep {pattern.code}")
    islands = sorted(shapely.get_parts(pattern.outline).tolist(), key=lambda part: -part.area)
    land = islands.pop(0)
    grids_of = _numbers_of_grids(pattern, random)
    sizes = {
        community.code: [_between(random, *LOTS_TO_A_GRID) for _ in range(grids_of[community.code])]
        for community in pattern.communities
    }
    count = sum(sum(found) for found in sizes.values())
    mesh = mesh_over(land, count, pattern.density, f"lots {pattern.code}")
    cuts = _cut_all(pattern, mesh, sizes)
    outlines = _grid_outlines(mesh, cuts, islands)
    grids = _grids(cuts, outlines)
    communities = _merged(pattern.communities, grids, 9)
    streets = _merged(pattern.streets, communities, 6)
    district = Outlined(
        pattern.code, pattern.name, pattern.code[:4], shapely.union_all([s.outline for s in streets])
    )
    names = {community.code: community.name.removesuffix("社区") for community in pattern.communities}
    compounds = _compounds(cuts, grids, names, random)
    buildings = _buildings(pattern, mesh, cuts, outlines, compounds, names)
    return Geography(district, streets, communities, grids, compounds, buildings)


def _between(random: Random, lowest: int, highest: int) -> int:
    return lowest + int(random.random() * (highest - lowest + 1))


def _numbers_of_grids(pattern: Pattern, random: Random) -> dict[str, int]:
    """How many grids each community gets: within the pattern's limits and adding up to its total."""
    lowest, highest = pattern.grids_each
    codes = [community.code for community in pattern.communities]
    found = {code: _between(random, lowest + 1, highest - 1) for code in codes}
    while sum(found.values()) != pattern.grids:
        step = 1 if sum(found.values()) < pattern.grids else -1
        code = codes[int(random.random() * len(codes))]
        if lowest <= found[code] + step <= highest:
            found[code] += step
    return found


def _cut_all(pattern: Pattern, mesh: Mesh, sizes: dict[str, list[int]]) -> list[_GridCut]:
    """Streets by where they lie, then communities, then grids; codes run from north-west to south-east."""
    cuts: list[_GridCut] = []
    lots_of = _cut_streets(pattern, mesh, sizes, pattern.sides, list(range(len(mesh.lots))))
    for street in pattern.streets:
        totals = [sum(sizes[community.code]) for community in street.communities]
        pieces = leaves(divide(mesh.neighbours, lots_of[street.code], totals))
        for community, piece in zip(street.communities, pieces, strict=True):
            tree = divide(mesh.neighbours, piece.lots, sizes[community.code])
            cuts.extend(_numbered(community.code, tree, mesh))
    return sorted(cuts, key=lambda cut: cut.code)


def _cut_streets(
    pattern: Pattern, mesh: Mesh, sizes: dict[str, list[int]], sides: str | Sides, lots: list[int]
) -> dict[str, list[int]]:
    if isinstance(sides, str):
        return {sides: lots}
    ends = mesh.nearest(*sides.here, lots), mesh.nearest(*sides.there, lots)
    within = _streets_in(sides.first)
    wanted = sum(sum(found) for code, found in sizes.items() if code[:9] in within)
    first, second = cut_in_two(mesh.neighbours, lots, wanted, ends)
    return _cut_streets(pattern, mesh, sizes, sides.first, first) | _cut_streets(
        pattern, mesh, sizes, sides.second, second
    )


def _streets_in(sides: str | Sides) -> set[str]:
    return {sides} if isinstance(sides, str) else _streets_in(sides.first) | _streets_in(sides.second)


def _numbered(community: str, tree: Tree, mesh: Mesh) -> list[_GridCut]:
    """Give the grids of a community their serials, from the north-west to the south-east."""
    found = [
        (piece, number)
        for number, cluster in enumerate(clusters(tree, GRIDS_TO_A_COMPOUND))
        for piece in cluster
    ]
    found.sort(key=lambda entry: _reading_order(mesh, entry[0].lots))
    return [
        _GridCut(f"{community}{serial:03d}", piece.lots, cluster)
        for serial, (piece, cluster) in enumerate(found, start=1)
    ]


def _reading_order(mesh: Mesh, lots: tuple[int, ...]) -> int:
    east, north = mesh.middles[list(lots)].mean(axis=0)
    return round(east - 2 * north)


def _grid_outlines(mesh: Mesh, cuts: list[_GridCut], islands: list[Polygon]) -> np.ndarray:
    """Outlines in degrees: lots merged, inner lines smoothed together; each island joins its nearest grid."""
    merged = np.array([shapely.coverage_union_all(mesh.lots[list(cut.lots)]) for cut in cuts])
    smooth = without_scraps(shapely.coverage_simplify(merged, SMOOTHING, simplify_boundary=False))
    outlines = mesh.plane.degrees(smooth)
    tree = shapely.STRtree(outlines)
    joined: dict[int, list[BaseGeometry]] = {}
    for island in islands:
        rounded = shapely.transform(island, lambda at: np.round(at, 6))
        joined.setdefault(int(tree.nearest(rounded)), []).append(rounded)
    for index, parts in joined.items():
        outlines[index] = shapely.union_all([outlines[index], *parts])
    return outlines


def _grids(cuts: list[_GridCut], outlines: np.ndarray) -> list[GridPlace]:
    tree = shapely.STRtree(outlines)
    here, there = tree.query(outlines, predicate="touches")
    shared = shapely.length(shapely.intersection(outlines[here], outlines[there]))
    beside: list[set[str]] = [set() for _ in cuts]
    for a, b, length in zip(here.tolist(), there.tolist(), shared.tolist(), strict=True):
        if length > 0.0002 and cuts[a].code[:12] == cuts[b].code[:12]:
            beside[a].add(cuts[b].code)
    return [
        GridPlace(
            cut.code, f"第{numeral(int(cut.code[12:]))}网格", cut.code[:12], outline, frozenset(neighbours)
        )
        for cut, outline, neighbours in zip(cuts, outlines, beside, strict=True)
    ]


def _merged(places: list | tuple, parts: list, parent_length: int) -> list[Outlined]:
    """Outlines of places as the union of their parts."""
    inside: dict[str, list[BaseGeometry]] = {}
    for part in parts:
        inside.setdefault(part.parent, []).append(part.outline)
    found = []
    for named in sorted(places, key=lambda place: place.code):
        outline = shapely.union_all(inside[named.code])
        found.append(Outlined(named.code, named.name, named.code[:parent_length], outline))
    return found


def _compounds(
    cuts: list[_GridCut], grids: list[GridPlace], names: dict[str, str], random: Random
) -> list[CompoundPlace]:
    members: dict[tuple[str, int], list[int]] = {}
    for index, cut in enumerate(cuts):
        members.setdefault((cut.code[:12], cut.cluster), []).append(index)
    found: list[CompoundPlace] = []
    counted: dict[str, int] = {}
    for (community, _), inside in members.items():
        if random.random() < LOOSE:
            continue
        counted[community] = counted.get(community, 0) + 1
        outline = shapely.union_all([grids[index].outline for index in inside])
        name = f"{names[community]}示例{numeral(counted[community])}小区"
        codes = tuple(grids[index].code for index in inside)
        found.append(CompoundPlace(len(found) + 1, name, community, codes, outline))
    return found


def _buildings(
    pattern: Pattern,
    mesh: Mesh,
    cuts: list[_GridCut],
    outlines: np.ndarray,
    compounds: list[CompoundPlace],
    names: dict[str, str],
) -> list[BuildingPlace]:
    rooms, grid_of, lot_of = _rooms(pattern, mesh, cuts, outlines)
    random = Random(f"buildings {pattern.code}")
    turns = {community: random.random() * 60 - 30 for community in names}
    shapes = [shape_of(random, turns[cuts[grid].code[:12]]) for grid in grid_of]
    flat = place(rooms, shapes)
    outlines_found = mesh.plane.degrees(flat)
    points = mesh.plane.degrees(shapely.centroid(flat))
    compound_of = {code: compound for compound in compounds for code in compound.grids}
    order = _building_order(cuts, grid_of, flat, compound_of)
    number_of = {lot_of[index]: number for number, index in enumerate(order, start=1)}
    counted: dict[tuple[str, int | str], int] = {}
    roads: dict[str, list[int | str]] = {}
    found = []
    for number, index in enumerate(order, start=1):
        cut = cuts[grid_of[index]]
        compound = compound_of.get(cut.code)
        road_key: int | str = compound.number if compound else cut.code
        road = _road(roads.setdefault(cut.code[:12], []), road_key)
        counted[cut.code[:12], road_key] = at = counted.get((cut.code[:12], road_key), 0) + 1
        address = f"{names[cut.code[:12]]}社区示例{numeral(road)}路{at}号"
        name = f"{compound.name}{at}号楼" if compound else f"示例{numeral(road)}路{at}号楼"
        found.append(
            BuildingPlace(
                number=number,
                name=name,
                address=address,
                grid=cut.code,
                compound=compound.number if compound else None,
                storeys=shapes[index].storeys,
                households=shapes[index].households,
                point=points[index],
                outline=outlines_found[index],
                beside=_beside(mesh.neighbours, lot_of[index], number_of),
            )
        )
    return found


def _road(roads: list[int | str], key: int | str) -> int:
    if key not in roads:
        roads.append(key)
    return roads.index(key) + 1


def _beside(neighbours: list[dict[int, int]], lot: int, number_of: dict[int, int]) -> tuple[int, ...]:
    return tuple(sorted(number_of[other] for other in neighbours[lot] if other in number_of))


def _rooms(
    pattern: Pattern, mesh: Mesh, cuts: list[_GridCut], outlines: np.ndarray
) -> tuple[np.ndarray, list[int], list[int]]:
    """Where buildings may stand: lots within their grid; the emptiest lots stay hillside, park or square."""
    grid_of_lot = {lot: grid for grid, cut in enumerate(cuts) for lot in cut.lots}
    lots = sorted(grid_of_lot)
    grids = [grid_of_lot[lot] for lot in lots]
    rooms = shapely.intersection(mesh.lots[lots], mesh.plane.flat(outlines)[grids])
    rooms = np.array([max(shapely.get_parts(room), key=lambda part: part.area) for room in rooms])
    inner = shapely.area(shapely.buffer(rooms, -9.0))
    random = Random(f"hills {pattern.code}")
    wildness = shapely.area(rooms) * np.array([0.4 + random.random() for _ in lots])
    wildness[inner < 60.0] = np.inf
    left = {grid: len(cut.lots) for grid, cut in enumerate(cuts)}
    empty: set[int] = set()
    for index in np.argsort(-wildness, kind="stable").tolist():
        if len(lots) - len(empty) == pattern.buildings:
            break
        if left[grids[index]] > FEWEST_BUILDINGS:
            left[grids[index]] -= 1
            empty.add(index)
    kept = [index for index in range(len(lots)) if index not in empty]
    return rooms[kept], [grids[index] for index in kept], [lots[index] for index in kept]


def _building_order(
    cuts: list[_GridCut], grid_of: list[int], flat: np.ndarray, compound_of: dict[str, CompoundPlace]
) -> list[int]:
    """Community by community, compound by compound, from the north-west to the south-east."""
    at = shapely.get_coordinates(shapely.centroid(flat))

    def key(index: int) -> tuple[str, str, int, int]:
        code = cuts[grid_of[index]].code
        compound = compound_of.get(code)
        east, north = at[index]
        return code[:12], min(compound.grids) if compound else code, round(east - 2 * north), index

    return sorted(range(len(grid_of)), key=key)

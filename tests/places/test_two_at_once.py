"""Two officers at the same grid at the same moment, on connections of their own: one wins, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from django.db import connection, transaction

from doorstep.kernel.places import services
from doorstep.kernel.places.inputs import NewBuilding, NewGrid, Part
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid, GridLineage
from doorstep.kernel.places.services_bulk import add_buildings, establish_grids
from doorstep.kernel.shared.errors import Conflict, Refused
from tests.accounts import on_record
from tests.places.conftest import COMMUNITY, DAY, LOADING, actor_of, make_areas

FOUNDED = date(2025, 1, 1)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; what each returned or was refused with."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait(10)
        try:
            outcomes[index] = act()
        except Refused as refusal:
            outcomes[index] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def district(*names: str) -> tuple[list[Grid], list[Building]]:
    make_areas()
    grids = establish_grids(
        actor=LOADING,
        grids=[NewGrid(COMMUNITY, name) for name in names],
        effective_on=FOUNDED,
        document="演示",
    )
    new = [NewBuilding(grid.code, f"{grid.name}{n}号楼", 121.65, 38.91) for grid in grids for n in (1, 2)]
    return grids, add_buildings(actor=LOADING, buildings=new, valid_from=FOUNDED)


def split_as(name: str, grid: Grid, buildings: list[Building]) -> Callable[[], list[Grid]]:
    one, two = buildings
    actor = on_record(actor_of("district_officer", "210202", name=name))
    return lambda: services.split_grid(
        actor=actor,
        grid_id=grid.pk,
        parts=[Part(f"{name}东", (one.pk,)), Part(f"{name}西", (two.pk,))],
        effective_on=DAY,
        document=f"{name}〔2026〕1号",
    )


def test_two_splits_of_one_grid(fresh_database: str, clock_fixed: date) -> None:
    (grid,), buildings = district("一")
    outcomes = at_once(split_as("演示甲一", grid, buildings), split_as("演示乙一", grid, buildings))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    made = [outcome for outcome in outcomes if isinstance(outcome, list)]
    assert len(refusals) == len(made) == 1, outcomes
    winner = made[0][0].name[:4]
    assert f"已由{winner}办理拆分" in str(refusals[0]) and f"{winner}〔2026〕1号" in str(refusals[0])
    assert GridLineage.objects.count() == 2 and Grid.objects.in_force(DAY).count() == 2
    assert BuildingPlacement.objects.in_force(DAY).count() == 2


def test_split_and_merge_of_one_grid(fresh_database: str, clock_fixed: date) -> None:
    (one, two), buildings = district("一", "二")

    def merge() -> Grid:
        return services.merge_grids(
            actor=LOADING, grid_ids=[two.pk, one.pk], name="合", effective_on=DAY, document="演示"
        )

    outcomes = at_once(merge, split_as("演示甲一", one, buildings[:2]))
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1, outcomes
    assert BuildingPlacement.objects.in_force(DAY).count() == 4
    placed = BuildingPlacement.objects.in_force(DAY).select_related("building", "grid")
    assert all(row.grid.holds_on(DAY) and row.building.place_code == row.grid.code for row in placed)


def test_serials_given_out_at_once_are_different(fresh_database: str, clock_fixed: date) -> None:
    make_areas()
    acts = [
        lambda name=name: services.establish_grid(
            actor=LOADING, grid=NewGrid(COMMUNITY, name), effective_on=DAY, document="演示"
        )
        for name in "一二三四"
    ]
    codes = sorted(grid.code for grid in at_once(*acts) if isinstance(grid, Grid))
    assert codes == [f"{COMMUNITY}{serial:03d}" for serial in (1, 2, 3, 4)]


def test_building_is_not_put_into_a_grid_that_is_being_split(fresh_database: str, clock_fixed: date) -> None:
    (grid,), buildings = district("一")

    def build() -> list[Building]:
        new = [NewBuilding(grid.code, "3号楼", 121.65, 38.91)]
        return add_buildings(actor=LOADING, buildings=new, valid_from=DAY)

    outcomes = at_once(build, split_as("演示甲一", grid, buildings))
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1, outcomes
    ended = BuildingPlacement.objects.in_force(DAY).filter(grid__valid_to__lte=DAY)
    assert not ended.exists()


def test_a_grid_cannot_be_left_half_split(fresh_database: str, clock_fixed: date) -> None:
    (grid,), buildings = district("一")
    try:
        with transaction.atomic():
            split_as("演示甲一", grid, buildings)()
            raise RuntimeError
    except RuntimeError:
        pass
    grid.refresh_from_db()
    assert grid.valid_to is None and Grid.objects.count() == 1 and not GridLineage.objects.exists()

"""Grids and workers from the JSON form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import (
    FARTHEST,
    Floats,
    Name,
    Row,
    form_of,
    loaded,
    names_of,
    pairs,
    real,
    rows,
    shown,
)
from doorstep.planning.staff.instance import Instance

MOST = 20_000
MOST_WITH_HOMES = 5_000  # every worker's way to every territory: 200 MB
HEAVIEST = 1e9


def read(path: Path | str) -> Instance:
    """The instance in a JSON file. Refused when it is too large, no JSON, or cannot be staffed."""
    return of(loaded(path))


def of(form: Any) -> Instance:
    """The instance in the form of docs/planning.md."""
    form = form_of(form)
    grids = rows(form, "grids", MOST)
    names = names_of(grids, "grids")
    workers, home = workers_of(form)
    enough(len(workers), len(grids))
    return Instance(
        grids=list(names),
        load=np.array([real(row, "load", f"网格{row['id']}", least=0, most=HEAVIEST) for row in grids]),
        xy=np.array(
            [
                [
                    real(row, axis, f"网格{row['id']}", least=-FARTHEST, most=FARTHEST, default=0)
                    for axis in "xy"
                ]
                for row in grids
            ]
        ),
        edges=pairs(form, "adjacent", names, "网格", 20 * MOST),
        workers=workers,
        home=home,
    )


def workers_of(form: Row) -> tuple[list[Name], Floats]:
    """Names and homes of `workers`: a list of objects, or a number of workers without names (1, 2, …)."""
    given = form.get("workers")
    if isinstance(given, int) and not isinstance(given, bool):
        if not 1 <= given <= MOST:
            raise Refused(f"workers应是1到{MOST}名专职网格员，现在是{given}，请改正。")
        return list(range(1, given + 1)), np.full((given, 2), np.nan)
    if given == []:
        raise Refused("workers里一名专职网格员也没有，请先登记网格员。")
    if not isinstance(given, list):
        raise Refused(f"workers应是网格员的列表或人数，现在是{shown(given)}，请改正。")
    listed = rows(form, "workers", MOST)
    names = list(names_of(listed, "workers"))
    home = np.full((len(listed), 2), np.nan)
    for at, row in enumerate(listed):
        if ("x" in row) != ("y" in row):
            raise Refused(f"网格员{row['id']}的住处x和y要么都写要么都不写，请改正。")
        if "x" in row:
            home[at] = [
                real(row, axis, f"网格员{row['id']}", least=-FARTHEST, most=FARTHEST) for axis in "xy"
            ]
    if len(listed) > MOST_WITH_HOMES and not np.isnan(home).all():
        raise Refused(f"写了住处的网格员一次最多{MOST_WITH_HOMES}名，现在有{len(listed)}名，请按街道拆开。")
    return names, home


def enough(workers: int, grids: int) -> None:
    """Refused when somebody would have no grid, or a grid nobody."""
    if workers > grids:
        raise Refused(
            f"有{workers}名网格员，只有{grids}个网格，每人至少一个网格做不到；请减少人数或增设网格。"
        )
    if 2 * workers < grids:
        raise Refused(
            f"{grids}个网格每人至多两个，至少要{-(-grids // 2)}名网格员，现在只有{workers}名；请增员或合并网格。"
        )

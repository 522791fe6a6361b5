"""Buildings, branches and what is asked of the groups, from the JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import (
    Ints,
    Name,
    Row,
    form_of,
    is_name,
    loaded,
    names_of,
    pairs,
    rows,
    shown,
    whole,
)
from doorstep.planning.groups.instance import Instance
from doorstep.planning.groups.pinning import pins_of

MOST = 400_000
MOST_MEMBERS = 100_000  # in a building


def read(path: Path | str) -> Instance:
    """The instance in a JSON file. Refused when it is too large, no JSON, or not in the form."""
    return of(loaded(path))


def of(form: Any) -> Instance:
    """The instance in the form of docs/planning.md."""
    form = form_of(form)
    buildings = rows(form, "buildings", MOST)
    names = names_of(buildings, "buildings")
    branches: dict[Name, int] = {}
    for row in buildings:
        if not is_name(row.get("branch")):
            raise Refused(
                f"楼栋{row['id']}的branch应是所属支部的编号，现在是{shown(row.get('branch'))}，请改正。"
            )
        branches.setdefault(row["branch"], len(branches))
    minimum = whole(form, "minimum", "最外层", least=1, most=MOST_MEMBERS, default=3)
    short = form.get("short", False)
    if not isinstance(short, bool):
        raise Refused(f"short应是true或false，现在是{shown(short)}，请改正。")
    branch = np.array([branches[row["branch"]] for row in buildings], dtype=np.int64)
    return Instance(
        buildings=list(names),
        branches=list(branches),
        members=np.array(
            [whole(row, "members", f"楼栋{row['id']}", most=MOST_MEMBERS) for row in buildings],
            dtype=np.int64,
        ),
        branch=branch,
        edges=pairs(form, "adjacent", names, "楼栋", 20 * MOST),
        wanted=_wanted(form.get("branches"), branches),
        minimum=minimum,
        size=whole(form, "size", "最外层", least=minimum, default=2 * minimum),
        short=short,
        pins=pins_of(form.get("pins"), names, branch),
    )


def _wanted(found: Any, branches: Mapping[Name, int]) -> Ints:
    wanted = np.zeros(len(branches), dtype=np.int64)
    if found is None:
        return wanted
    asked: Sequence[Row] = rows({"branches": found}, "branches", MOST)
    for name, at in names_of(asked, "branches").items():
        if name not in branches:
            raise Refused(f"branches里的支部{name}没有楼栋，请补登楼栋或删去。")
        wanted[branches[name]] = whole(asked[at], "groups", f"支部{name}", default=0)
    return wanted

"""Posts, areas and projects: exactly as many as were published are held; some posts are vacant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

import shapely

from doorstep.demo.names import document
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.vanguard.drawing import checked_outline
from doorstep.modules.vanguard.services_past import PastKept

from .ground import Ground
from .words import POSTS, PROJECTS

MARGIN = 0.00015  # degrees: a dozen metres around the outermost buildings
POSTS_HELD, AREAS, PROJECTS_IN_ALL, VACANT = 1521, 813, 121, 22


def kept(ground: Ground, today: dt.date) -> list[PastKept]:
    """All of them, the same on every load of the day."""
    return [*_posts(ground, today), *_areas(ground, today), *_projects(ground, today)]


def _days(key: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """Set up, and held since."""
    random = Random(key)
    began = today - dt.timedelta(days=random.randrange(420, 1000))
    return began, today - dt.timedelta(days=random.randrange(40, 420))


def _posts(ground: Ground, today: dt.date) -> Iterator[PastKept]:
    for number in range(POSTS_HELD + VACANT):
        community = ground.communities[number % len(ground.communities)]
        round_ = number // len(ground.communities)
        kind, name, duty = POSTS[round_ % len(POSTS)]
        grids = ground.grids[community]
        grid = grids[round_ // len(POSTS) * 3 % len(grids)]
        began, since = _days(f"post {number}", today)
        people = ground.leading[community] or ground.staff[community]
        yield PastKept(
            what="post", place_code=community, name=f"{ground.grid_names[grid]}{name}", unit_id=ground.party[community],
            valid_from=began, held_from=since, document=document("先", since, number % 90 + 1),
            holder_id=people[round_ % len(people)] if number < POSTS_HELD else None, more={"kind": kind, "duty": duty},
        )  # fmt: skip


def _drawn(corners: list[tuple[float, float]], place: str, on: dt.date) -> dict[str, Any] | None:
    """A line around a compound's buildings, as a hand would draw it; None where that is none, or beyond the community."""
    hull = shapely.MultiPoint(corners).convex_hull.buffer(MARGIN, quad_segs=1)
    try:
        ring = [(corner[0], corner[1]) for corner in hull.exterior.coords]
        return checked_outline(place, ring, on) if len(corners) > 2 else None
    except RuleViolation:
        return None


def _areas(ground: Ground, today: dt.date) -> Iterator[PastKept]:
    """One for each grid, then one for each of so many compounds, drawn around its buildings where these lie apart."""
    grids = [code for community in ground.communities for code in ground.grids[community]]
    compounds = [compound for community in ground.communities for compound in ground.compounds[community]]
    for number in range(AREAS):
        compound = None if number < len(grids) else compounds[number - len(grids)]
        place = grids[number][:12] if compound is None else compound.place_code[:12]
        name = ground.grid_names[grids[number]] if compound is None else compound.name
        began, since = _days(f"area {number}", today)
        people = ground.leading[place] or ground.staff[place]
        outline = _drawn(ground.corners[compound.pk], place, began) if compound else None
        yield PastKept(
            what="area", place_code=place, name=f"{name}党员责任区", unit_id=ground.party[place], valid_from=began,
            held_from=since, document=document("责", since, number % 90 + 1), holder_id=people[number % len(people)],
            codes=(grids[number],) if compound is None else (), compound_id=compound.pk if compound and outline is None else None,
            more={"duty": "走楼入户，有事先到", "outline": outline},
        )  # fmt: skip


def _projects(ground: Ground, today: dt.date) -> Iterator[PastKept]:
    for number in range(PROJECTS_IN_ALL):
        community = ground.communities[number % len(ground.communities)]
        name, aim = PROJECTS[number // len(ground.communities) + (number % 2) * 2]
        began, since = _days(f"project {number}", today)
        people = ground.staff[community]
        yield PastKept(
            what="project", place_code=community, name=f"{ground.names[community]}“{name}”", unit_id=ground.party[community],
            valid_from=began, held_from=since, document=document("项", since, number % 90 + 1),
            holder_id=people[number % len(people)], more={"aim": aim},
        )  # fmt: skip

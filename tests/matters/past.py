"""Past cases of an office, plainly made up."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep, key_of
from doorstep.kernel.matters.steps import Inputs
from tests.matters.world import World
from tests.organisations.world import GRID

MARCH = dt.datetime(2025, 3, 3, 2, tzinfo=dt.UTC)  # a Monday, ten in the morning in the district


def past_step(world: World, name: str, who: str, hours: float, **inputs: object) -> PastStep:
    """A step of somebody of the cast in office, so many hours after MARCH."""
    unit = world[who].grants[0].unit_id if world[who].grants else None
    return PastStep(
        name=name, at=MARCH + dt.timedelta(hours=hours), person_id=world.people[who].pk, unit_id=unit,
        inputs=Inputs(**inputs),  # type: ignore[arg-type]  # by their names
    )  # fmt: skip


def usual_steps(world: World) -> tuple[PastStep, ...]:
    return (
        past_step(world, "accept", "worker", 3, note="我来看看"),
        past_step(world, "suspend", "worker", 26, note="等配件", until=dt.date(2025, 3, 10)),
        past_step(world, "resume", "worker", 98),
        past_step(world, "handle", "worker", 100, note="换了灯泡"),
        past_step(world, "verify", "community", 122, note="现场看过，灯亮了"),
    )


def past(
    world: World, number: int = 1, steps: tuple[PastStep, ...] | None = None, **more: object
) -> PastMatter:
    values: dict = {
        "kind": "request", "place_code": GRID, "title": f"演示旧事项{number}", "text": "三单元二楼的灯坏了两天",
        "source": "hotline", "reporter_id": world.people["resident"].pk, "holder_id": world.committee.pk,
        "key": key_of("演示热线", f"2025-{number}"),
    }  # fmt: skip
    own = {key: more.pop(key) for key in ("at", "person_id", "unit_id", "called", "main_key") if key in more}
    return PastMatter(
        number=number, new=NewMatter(**(values | more)), steps=usual_steps(world) if steps is None else steps,
        **({"at": MARCH} | own),
    )  # fmt: skip

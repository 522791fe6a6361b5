"""The plans' community of four grids in a row, with three workers: the first has the first grid, the second the next two, the
third the last; the first grid is twice as heavy as each of the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.modules.grids import services_staffing
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.services_staffing import StaffingData
from tests.grids.plans import world as plans
from tests.grids.plans.world import ONE, STREET, TODAY
from tests.grids.world import World

__all__ = ["FOURTH", "ONE", "STREET", "TODAY", "Ground", "build", "holders", "made", "working"]

FIRST, SECOND, THIRD, FOURTH = (f"{ONE}{number:03}" for number in (1, 2, 3, 4))


@dataclass
class Ground:
    """workers: appointments by a short name."""

    plans: plans.Ground
    workers: dict[str, Appointment] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.plans.world

    def actor(self, role: str) -> Actor:
        return self.world.actor(role)


def build() -> Ground:
    ground = Ground(plans.build())
    ground.workers["a"] = ground.world.posts["worker"]
    ground.workers["b"] = ground.world.worker(SECOND, THIRD, name="演示乙")
    ground.workers["c"] = ground.world.worker(FOURTH, name="演示丙")
    return ground


def made(ground: Ground, role: str = "street", **values: str) -> StaffPlan:
    data = StaffingData(**{"place_code": ONE, "title": "演示安排", **values})
    plan = services_staffing.create_staffing(actor=ground.actor(role), data=data)
    plan.refresh_from_db()
    return plan


def holders(ground: Ground, plan: StaffPlan) -> str:
    """Who has each grid, by short names."""
    assert plan.current is not None
    names = {row.pk: name for name, row in ground.workers.items()}
    return "".join("-" if one is None else names[one] for one in plan.current.holders)


def working(on=TODAY) -> dict[str, list[int]]:
    """Persons by grid of the first community."""
    found: dict[str, list[int]] = {}
    rows = Appointment.objects.in_force(on).filter(post="grid_worker", substitute_for=None)
    for code, person in rows.values_list("places__code", "person_id").order_by("person_id"):
        if code.startswith(ONE):
            found.setdefault(code, []).append(person)
    return found

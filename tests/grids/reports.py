"""A matter in somebody's hand, by the way a report takes."""

from __future__ import annotations

import uuid

from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.modules.requests import services as requests
from tests.grids.world import FIRST, World


def in_hand_of(world: World, role: str = "worker", code: str = FIRST) -> Matter:
    """A report in a grid, accepted by that member of the cast."""
    new = requests.Report(
        source="phone", text="楼道灯不亮好几天了", place_code=code, item_code="env.lamp", key=uuid.uuid4()
    )
    matter = requests.report(actor=world.actor("resident"), new=new).matter
    return matters.apply_transition(
        actor=world.actor(role), matter_id=matter.pk, name="accept", inputs=Inputs()
    )

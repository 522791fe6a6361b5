"""A matter in somebody's hand, by the way a report takes."""

from __future__ import annotations

import uuid
from typing import Any

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Appointment
from doorstep.modules.requests import services as requests
from tests.grids.world import FIRST, SYSTEM, World


def in_hand_of(world: World, role: str = "worker", code: str = FIRST) -> Matter:
    """A report in a grid, accepted by that member of the cast."""
    new = requests.Report(
        source="phone", text="楼道灯不亮好几天了", place_code=code, item_code="env.lamp", key=uuid.uuid4()
    )
    matter = requests.report(actor=world.actor("resident"), new=new).matter
    return matters.apply_transition(
        actor=world.actor(role), matter_id=matter.pk, name="accept", inputs=Inputs()
    )


def in_hand(world: World, name: str, code: str, ground: Any) -> Matter:
    """A report in a grid, accepted by one of the workers of a plan's ground."""
    new = requests.Report(
        source="phone", text="楼道灯不亮好几天了", place_code=code, item_code="env.lamp", key=uuid.uuid4()
    )
    matter = requests.report(actor=world.actor("resident"), new=new).matter
    return matters.apply_transition(
        actor=worker_actor(ground.workers[name]), matter_id=matter.pk, name="accept", inputs=Inputs()
    )


def worker_actor(row: Appointment) -> Actor:
    """A grid worker as one who has signed in."""
    account = Account.objects.filter(person_id=row.person_id).first() or create_account(
        actor=SYSTEM, person=row.person, username=f"worker{row.pk}"
    )
    return actor_for(account)

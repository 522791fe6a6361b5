"""The cast and a report of a resident in the first grid, for tests of the desk's pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.test import Client

from doorstep.kernel.matters.models import Matter
from doorstep.modules.requests.services import Report, report
from tests.authority import cast
from tests.matters.world import set_limits
from tests.sign_in import client_of

GRID, SECOND_GRID = cast.COMMUNITY + "001", cast.COMMUNITY + "002"
ROLES = (
    "grid_worker", "community_secretary", "street_officer", "district_officer", "department_officer", "outsider",
    "outside_officer", "resident",
)  # fmt: skip
Members = dict[str, cast.Member]


def build() -> Members:
    cast.make_places()
    set_limits()
    return {role: cast.make_member(role) for role in ROLES}


def reported(members: Members, text: str = "三单元楼道灯不亮", by: str = "resident", **more: Any) -> Matter:
    values: dict[str, Any] = {"source": "phone", "text": text, "place_code": GRID, "item_code": "env.lamp"}
    return report(actor=members[by].actor, new=Report(key=uuid.uuid4(), **(values | more))).matter


def client(members: Members, role: str) -> Client:
    return client_of(members[role].account)


def page(at: Client, address: str, status: int = 200) -> str:
    answer = at.get(address)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def unit(members: Members, role: str) -> int:
    return members[role].actor.grants[0].unit_id

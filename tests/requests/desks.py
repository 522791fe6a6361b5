"""Requests with real accounts, for pages: reported by a resident, handled by a grid worker, verified by the community."""

from __future__ import annotations

import uuid
from typing import Any

from django.test import Client

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.modules.requests import services
from doorstep.modules.requests.services_taking import take
from tests.authority import cast
from tests.authority.cast import Member
from tests.sign_in import client_of

GRID = cast.COMMUNITY + "001"
ROLES = (
    "resident", "grid_worker", "community_secretary", "street_officer", "hotline_officer", "district_officer",
    "department_officer", "outsider", "outside_officer",
)  # fmt: skip


class Offices:
    """The members by role, each with one client."""

    def __init__(self) -> None:
        cast.make_places()
        self.members: dict[str, Member] = {role: cast.make_member(role) for role in ROLES}
        self._clients: dict[str, Client] = {}

    def __getitem__(self, role: str) -> Any:
        return self.members[role].actor

    def client(self, role: str) -> Client:
        if role not in self._clients:
            self._clients[role] = client_of(self.members[role].account)
        return self._clients[role]

    def reported(self, by: str = "resident", **more: Any) -> Matter:
        values: dict[str, Any] = {
            "source": "phone", "text": "楼道灯不亮好几天了", "place_code": GRID, "item_code": "env.lamp",
            "key": uuid.uuid4(), "reporter_id": self.members["resident"].person.pk,
        }  # fmt: skip
        return services.report(actor=self[by], new=services.Report(**(values | more))).matter

    def step(self, who: str, matter: Matter, name: str, **inputs: Any) -> Matter:
        return take(actor=self[who], matter_id=matter.pk, name=name, inputs=Inputs(**inputs))

    def closed(self, **more: Any) -> Matter:
        matter = self.reported(**more)
        self.step("grid_worker", matter, "accept")
        self.step("grid_worker", matter, "handle", note="换好了")
        return self.step("community_secretary", matter, "verify", note="看过了，灯亮了")

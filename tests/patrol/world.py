"""The cast with a second worker of the same grid, and matters reported there."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from django.test import Client

from doorstep.kernel.authority.services import create_account
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.people.services import register_person
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared.names import name_keys
from doorstep.modules.requests.services import Report, report
from tests.authority import cast
from tests.matters.world import set_limits
from tests.sign_in import client_of

GRID, SECOND_GRID = cast.COMMUNITY + "001", cast.COMMUNITY + "002"
ROLES = (
    "grid_worker", "community_secretary", "street_officer", "department_officer", "outsider", "resident",
    "property_manager",
)  # fmt: skip
Members = dict[str, cast.Member]


def build() -> Members:
    cast.make_places()
    set_limits()
    members = {role: cast.make_member(role) for role in ROLES}
    members["colleague"] = worker("colleague", GRID)
    members["neighbour"] = worker("neighbour", SECOND_GRID)
    reporter = register_person(actor=cast.SYSTEM, name="演示报告人", place_code=GRID, phone="13800000002")
    account = create_account(actor=cast.SYSTEM, person=reporter, username="reporter", password=None)
    members["reporter"] = cast.Member(reporter, account)
    Building.objects.create(
        **name_keys("1号楼"), place_code=GRID, address="演示街1号", longitude=121.646, latitude=38.920
    )
    return members


def worker(name: str, grid: str) -> cast.Member:
    person = register_person(actor=cast.SYSTEM, name=f"演示{name}", place_code=cast.COMMUNITY)
    appoint(
        actor=cast.SYSTEM, person_id=person.pk, unit_id=cast._unit("residents_committee", cast.COMMUNITY).pk,
        post="grid_worker", valid_from=cast.SINCE, places=(grid,), document="演示任〔2025〕2号",
    )  # fmt: skip
    return cast.Member(person, create_account(actor=cast.SYSTEM, person=person, username=name, password=None))


def reported(members: Members, text: str = "楼道灯不亮", by: str = "reporter", **more: Any) -> Matter:
    """A report in the first grid. It lies with the residents' committee, and nobody has begun."""
    values: dict[str, Any] = {"source": "phone", "text": text, "place_code": GRID, "item_code": "env.lamp"}
    new = Report(key=uuid.uuid4(), **(values | more))
    return report(actor=members[by].actor, new=new).matter


def client(members: Members, role: str) -> Client:
    return client_of(members[role].account)


def page(at: Client, address: str, status: int = 200) -> str:
    answer = at.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def sender(at: Client) -> str:
    found: str = at.get("/session/").json()["sender"]
    return found


def action(name: str, matter: Matter | None = None, **more: Any) -> dict[str, Any]:
    """As the phone writes it. `fields` as the form of the step names them."""
    fields = more.pop("fields", {})
    if matter is not None and name != "remark":
        fields = {f"{name.removeprefix('accept_')}-version": str(matter.version)} | fields
    number = matter.number if matter else ""
    return {"key": str(uuid.uuid4()), "name": name, "number": number, "fields": fields} | more


def send(at: Client, given: dict[str, Any], status: int = 200) -> dict[str, Any]:
    body = {"sender": sender(at)} | given
    answer = at.post("/patrol/send/", json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def state(matter: Matter) -> str:
    return Matter.objects.get(pk=matter.pk).state


def forms(markup: str) -> list[str]:
    """Names of the steps a page offers, in its order; those behind a step not yet taken left out."""
    shown = markup.partition("<div data-after=")[0]
    return re.findall(r'data-action="(\w+)"', shown)

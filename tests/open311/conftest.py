"""The world of requests, and a partner's program with a key: form-encoded, no cookies, no session."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from doorstep.kernel.authority.services_tokens import make_token
from doorstep.kernel.shared import clock
from doorstep.surfaces.open311.answers import ONE_OF
from tests.authority.cast import SYSTEM
from tests.requests import world as making
from tests.requests.world import INSIDE, World, add_unit

LAMP = {"service_code": "env.lamp", "description": "楼道灯不亮好几天了", "long": INSIDE[0], "lat": INSIDE[1]}


@dataclass
class Program:
    """A program of a partner's; `api_key` goes with every report."""

    api_key: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/open311/{path}", query)  # type: ignore[return-value]  # a test client's answer

    def read(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def report(self, form: str = "json", sender_key: str = "", **more: Any) -> HttpResponse:
        values = {"api_key": self.api_key, **LAMP, **more}
        headers = {"Idempotency-Key": sender_key} if sender_key else {}
        return self.client.post(  # type: ignore[return-value]  # a test client's answer
            f"/open311/v2/requests.{form}",
            {name: value for name, value in values.items() if value is not None},
            headers=headers,
        )

    def reported(self, **more: Any) -> dict[str, Any]:
        answer = self.report(**more)
        assert answer.status_code == 201, answer.content.decode()
        found: dict[str, Any] = json.loads(answer.content)[0]
        return found


def fault(answer: HttpResponse) -> str:
    """The words of a refusal in the specification's shape; its code is the status."""
    (error,) = json.loads(answer.content)
    assert set(error) == {"code", "description"} and error["code"] == answer.status_code
    words: str = error["description"]
    return words


def as_data(element: ElementTree.Element) -> Any:
    """What the XML tells: lists as lists, the rest as words."""
    if element.tag in ONE_OF and all(child.tag == ONE_OF[element.tag] for child in element):
        return [as_data(child) for child in element]
    if len(element):
        return {child.tag: as_data(child) for child in element}
    return element.text or ""


def as_words(value: Any) -> Any:
    """The JSON's data in the words that XML has for it."""
    if isinstance(value, dict):
        return {name: as_words(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_words(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@pytest.fixture
def world(db: None, clock_fixed: dt.date) -> World:
    cache.clear()
    return making.build()


@pytest.fixture
def partner(world: World) -> Callable[..., Program]:
    """A unit's program, with a key for reports unless others are named."""

    def program(name: str = "演示应用公司", scopes: tuple[str, ...] = ("open311.report",)) -> Program:
        made = make_token(
            actor=SYSTEM, name="应用", scopes=list(scopes), expires_on=clock.today() + dt.timedelta(30),
            unit_id=add_unit("company", name).pk,
        )  # fmt: skip
        return Program(made.secret)

    return program


@pytest.fixture
def app(partner: Callable[..., Program]) -> Program:
    return partner()

"""The cast with keys, on the few places of the authority tests."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from doorstep.kernel.authority.scopes import all_scopes
from doorstep.kernel.authority.services_tokens import Made, make_token
from doorstep.kernel.shared import clock
from tests.authority.cast import COMMUNITY, Member

GRID = COMMUNITY + "001"
LAMP = {"text": "楼道灯不亮好几天了", "item": "env.lamp", "place_code": GRID}


def key_of(member: Member, *scopes: str, days: int = 30) -> Made:
    """A key of the member's, with all scopes where none is named."""
    chosen: Iterable[str] = scopes or [scope.code for scope in all_scopes()]
    return make_token(
        actor=member.actor,
        name="演示程序",
        scopes=list(chosen),
        expires_on=clock.today() + dt.timedelta(days),
    )


class Program:
    """A program with a key: no cookies, no session."""

    def __init__(self, secret: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, *, language: str = "", **query: Any) -> HttpResponse:
        headers = self.headers | ({"Accept-Language": language} if language else {})
        return self.client.get(path, query, headers=headers)  # type: ignore[return-value]  # a test client's answer

    def post(self, path: str, body: Any = None, key: str = "") -> HttpResponse:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        data = body if isinstance(body, bytes) else json.dumps(body or {})
        return self.client.post(path, data, content_type="application/json", headers=headers)  # type: ignore[return-value]  # as above

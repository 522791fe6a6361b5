"""Both interfaces against their own descriptions: Schemathesis asks what the documents allow, and what they do not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from doorstep.surfaces.open311 import description
from tests.api.keys import Program, key_of
from tests.authority.cast import make_member
from tests.open311.conftest import Program as Partner
from tests.requests.world import COMMUNITY, DISTRICT, GRID, World, closed, reported

EXAMPLES = 6  # for each operation, each of what is allowed and of what is not
Known = dict[str, Any]


@pytest.fixture
def told(world: World, settings: Any) -> Iterator[str]:
    """Number of a request that can be read; nobody counts how often it is asked."""
    settings.API_CALLS_A_MINUTE = settings.API_REPORTS_A_MINUTE = 10**9
    settings.DEMO = True  # the cast signs in without a second factor
    closed(world)
    yield reported(world).matter.number
    cache.clear()


@contextlib.contextmanager
def connection_kept() -> Iterator[None]:
    """The connection of the test's transaction stays open between requests."""
    hearing = (request_started, request_finished)
    for signal in hearing:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in hearing:
            signal.connect(close_old_connections)


@connection_kept()
def ask_everything(path: str, known: Known, headers: dict[str, str] | None = None) -> dict[str, set[int]]:
    """Every operation of the document, asked and held against it: what was answered by operation.

    `known`: what exists, by the name of the parameter (or by operation and name), for what is asked as the document
    allows.
    """
    schema = schemathesis.openapi.from_wsgi(path, get_wsgi_application())
    answered: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        answered[operation.label] = set()
        for mode in GenerationMode:
            _ask(operation, mode, known, headers or {}, answered[operation.label])
    return answered


def _ask(
    operation: Any, mode: GenerationMode, known: Known, headers: dict[str, str], answered: set[int]
) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            _fill(case, known)
        answer = case.call(headers=headers)
        # a document cannot say that one day comes after another, or that a place exists: such may be refused
        case.validate_response(answer, excluded_checks=[positive_data_acceptance], headers=headers)
        answered.add(answer.status_code)

    asked()


def _fill(case: Any, known: Known) -> None:
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            own = known.get(case.operation.label, {})
            part.update({name: value for name, value in (known | own).items() if name in part})


def test_open311_keeps_to_its_description(told: str, app: Partner) -> None:
    known = {
        "jurisdiction_id": DISTRICT, "code": "env.lamp", "number": told, "token": told, "service_code": "env.lamp",
        "api_key": app.api_key, "address_id": GRID, "lat": 38.92, "long": 121.646,
    }  # fmt: skip
    answered = ask_everything("/open311/openapi.json", known)
    assert len(answered) == 14
    for label, statuses in answered.items():
        assert statuses & {200, 201}, f"{label} was never asked well: {statuses}"


def test_the_api_keeps_to_its_description(told: str) -> None:
    program = Program(key_of(make_member("district_officer", is_demo=True)).secret)
    known = {
        "place": COMMUNITY, "place_code": GRID, "code": COMMUNITY, "number": told, "item": "env.lamp", "name": "reject",
        "note": "不在这里受理", "on": "2026-06-15", "since": "2026-01-01", "after": "", "only": "", "version": 1,
        "building_id": None, "longitude": 121.646, "latitude": 38.92, "address": "", "title": "", "text": "灯坏了",
        "for_whom": "", "GET /api/registers/{key}": {"key": "units"},
        "GET /api/figures/{key}/rows": {"key": program.get("/api/figures", place=COMMUNITY).json()[0]["key"]},
        "GET /api/findings/{key}": {"key": program.get("/api/findings", place=COMMUNITY).json()[0]["key"]},
    }  # fmt: skip
    answered = ask_everything("/api/openapi.json", known, program.headers)
    assert len(answered) >= 13
    for label, statuses in answered.items():
        assert statuses & {200, 201}, f"{label} was never asked well: {statuses}"


def test_an_answer_beside_the_description_would_be_found(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(description.REQUEST["properties"], "status", {"const": "done"})
    with pytest.raises(FailureGroup):
        ask_everything("/open311/openapi.json", {"jurisdiction_id": DISTRICT})

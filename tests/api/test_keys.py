"""What a key opens: the addresses of its scopes, as its owner, as often as is reasonable; refusals in one shape."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from doorstep.kernel.authority.scopes import all_scopes
from doorstep.kernel.authority.services_tokens import make_token, revoke_token
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.surfaces.api.access import Key
from doorstep.surfaces.api.api import api
from tests.api.keys import LAMP, Program, key_of
from tests.authority.cast import (
    COMMUNITY,
    DISTRICT,
    NEXT_COMMUNITY,
    SINCE,
    STREET,
    SYSTEM,
    Member,
    make_member,
    make_places,
)


@pytest.fixture
def cast(db: None, clock_fixed: dt.date, settings: Any) -> Iterator[dict[str, Member]]:
    settings.DEMO = True  # the cast signs in without a second factor
    cache.clear()
    with clock.fixed(clock_fixed):
        make_places()
        roles = (
            "street_officer",
            "community_secretary",
            "grid_worker",
            "outside_officer",
            "resident",
            "merchant",
        )
        yield {role: make_member(role, is_demo=True) for role in roles}


def operations() -> list[tuple[str, str, str]]:
    """Every address of the API with the scope that opens it."""
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                scopes = {each.scope for each in operation.auth_callbacks if isinstance(each, Key)}
                assert len(scopes) == 1, f"{path} asks for no scope"
                found.append((operation.methods[0], f"/api{prefix}{path}".rstrip("/"), scopes.pop()))
    return found


def test_every_address_has_a_declared_scope_and_writing_is_by_key_alone():
    declared = {scope.code for scope in all_scopes()}
    assert len(operations()) >= 13
    for method, path, scope in operations():
        assert scope in declared, path
        assert scope.endswith(".read") is (method == "GET"), path


@pytest.mark.parametrize("scope", sorted({each[2] for each in operations()}))
def test_a_key_opens_the_addresses_of_its_scopes_alone(cast, scope):
    program = Program(key_of(cast["street_officer"], scope).secret)
    filled = {"code": COMMUNITY, "key": "units", "number": "QS0000001", "name": "accept"}
    for method, path, needed in operations():
        address = re.sub(r"{(\w+)}", lambda part: filled[part[1]], path)
        answer = program.get(address, place=COMMUNITY) if method == "GET" else program.post(address, LAMP)
        if needed == scope:
            assert answer.status_code != 403, address
        else:
            assert answer.status_code == 403 and answer.json()["error"]["code"] == "scope", address


def test_the_same_rows_as_for_the_owner_and_nothing_next_door(cast):
    ours = Program(key_of(cast["street_officer"]).secret)
    theirs = Program(key_of(cast["outside_officer"]).secret)
    assert [each["code"] for each in ours.get("/api/places").json()] == [STREET]
    assert ours.get("/api/registers/units").json()["total"] == 4
    for path, query in [
        (f"/api/places/{STREET}", {}), ("/api/figures", {"place": STREET}), ("/api/registers/units", {"place": STREET}),
        ("/api/findings", {"place": STREET}),
    ]:  # fmt: skip
        assert ours.get(path, **query).status_code == 200, path
        refused = theirs.get(path, **query)
        assert refused.status_code == 404 and refused.json()["error"]["code"] == "not_found", path
    assert ours.get(f"/api/places/{NEXT_COMMUNITY}").status_code == 404


def test_what_a_session_shows_is_not_mixed_with_what_a_key_shows(cast):
    """A browser's session beside a key: the key decides."""
    program = Program(key_of(cast["outside_officer"]).secret)
    program.client.force_login(
        cast["street_officer"].account, backend="doorstep.kernel.authority.backends.AccountBackend"
    )
    assert program.get("/api/registers/units", place=STREET).status_code == 404
    bad = Program("dk_nothing")
    bad.client.cookies = program.client.cookies
    assert bad.get("/api/places").status_code == 401


def test_unknown_stopped_and_ended_keys_are_told_to_sign_in(cast, clock_fixed):
    made = key_of(cast["resident"])
    program = Program(made.secret)
    assert program.get("/api/matters").status_code == 200
    revoke_token(actor=cast["resident"].actor, token_id=made.token.pk)
    for answer in (
        program.get("/api/matters"),
        Program("dk_x").get("/api/matters"),
        Program("\x00").get("/api/matters"),
    ):
        assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "sign_in" and "密钥" in answer.json()["error"]["message"]
    late = Program(key_of(cast["resident"], days=1).secret)
    with clock.fixed(clock_fixed + dt.timedelta(2)):
        assert late.get("/api/matters").status_code == 401


def test_a_partners_key_opens_nothing_here(cast):
    from doorstep.kernel.organisations.services import found_unit

    unit = found_unit(
        actor=SYSTEM,
        kind="company",
        name="演示应用公司",
        place_code=DISTRICT,
        founded_on=SINCE,
        document="文",
    )
    made = make_token(
        actor=make_member("system_administrator").actor, name="应用", scopes=["open311.report"],
        expires_on=clock.today(), unit_id=unit.pk,
    )  # fmt: skip
    program = Program(made.secret)
    for method, path, _scope in operations():
        answer = program.get(path) if method == "GET" else program.post(path, LAMP)
        assert answer.status_code == 403, path


def test_more_than_so_many_calls_a_minute_are_refused_for_that_key_alone(cast, settings):
    settings.API_CALLS_A_MINUTE = 5
    program, other = (Program(key_of(cast["resident"]).secret) for _ in range(2))
    answers = [program.get("/api/matters") for _ in range(7)]
    assert [answer.status_code for answer in answers].count(429) >= 1
    last = answers[-1]
    assert (
        last.status_code == 429
        and last["Retry-After"] == "60"
        and "一分钟" in last.json()["error"]["message"]
    )
    assert other.get("/api/matters").status_code == 200


def test_more_than_so_many_reports_a_minute_are_refused_in_words(cast, settings):
    settings.API_REPORTS_A_MINUTE = 3
    programs = [Program(key_of(cast["resident"]).secret) for _ in range(2)]
    answers = [
        programs[number % 2].post("/api/matters", LAMP) for number in range(7)
    ]  # of one account, by two keys
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and refused[0]["Retry-After"] == "60"
    assert "最多 3 件" in refused[0].json()["error"]["message"]
    assert Matter.objects.count() == 7 - len(refused) <= 6  # a minute may begin meanwhile
    assert Program(key_of(cast["street_officer"]).secret).post("/api/matters", LAMP).status_code == 201


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "text", "请给出情况"), ({**LAMP, "longitude": "x"}, "longitude", "须是数"),
        ({**LAMP, "latitude": 91}, "latitude", "太大"), ({**LAMP, "nothing": 1}, "nothing", "没有这一项"),
        ({**LAMP, "text": "长" * 20_000}, "text", "5000"), ({**LAMP, "item": "no.such"}, "item", "事项目录"),
        ({**LAMP, "place_code": "210202999999"}, "place_code", "没有找到这个地方"), ({"text": "灯坏了"}, "place_code", "在哪里"),
        ({**LAMP, "text": " \x00 "}, "text", "请填写"), (b"{", "body", "JSON"), ('{"text": "灯"}'.encode("gbk"), "body", "UTF-8"),
        (b'{"text": "\\ud800", "place_code": "210202005011001"}', "text", "文字"), ({**LAMP, "for_whom": "长" * 61}, "for_whom", "60"),
        ({**LAMP, "longitude": 121.6}, "position", "位置不完整"), ([], "text", "请给出"), ({**LAMP, "building_id": 2**63}, "building_id", "太大"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_in_both_languages(cast, body, field, words):
    answer = Program(key_of(cast["community_secretary"]).secret).post("/api/matters", body)
    error = answer.json()["error"]
    assert answer.status_code in (400, 422), answer.content
    assert error["field"]["name"] == field and words in error["message"], error
    assert {"name", "zh", "en"} == set(error["field"])


def test_the_sentence_is_in_the_language_asked_for(cast):
    program = Program(key_of(cast["resident"]).secret)
    english = program.get("/api/matters", language="en-GB,en;q=0.9", limit="x")
    assert english["Content-Language"].startswith("zh") or english.json()["error"]["message"].isascii()
    assert english.json()["error"]["message"].isascii()
    assert english.json()["error"]["field"]["zh"] == "每页件数"
    chinese = program.get("/api/matters", limit="x").json()["error"]
    assert "须是整数" in chinese["message"] and chinese["field"]["en"].isascii()


def test_answers_are_kept_by_nobody(cast):
    program = Program(key_of(cast["resident"]).secret)
    for answer in (
        program.get("/api/matters"),
        program.get("/api/places/9"),
        Program("x").get("/api/matters"),
    ):
        assert "no-store" in answer["Cache-Control"]

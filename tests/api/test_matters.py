"""Matters by key: listed, read, reported once, taken on, by everybody of the cast in and out of scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.shared import clock
from tests.api.keys import LAMP, Program, key_of
from tests.authority.cast import CAST, Member, make_member, make_places


@pytest.fixture
def cast(db: None, clock_fixed: dt.date, settings: Any) -> Iterator[dict[str, Member]]:
    settings.DEMO = True  # the cast signs in without a second factor
    cache.clear()
    with clock.fixed(clock_fixed):
        make_places()
        yield {role: make_member(role, is_demo=True) for role in ("resident", *CAST)}


@pytest.fixture
def by(cast: dict[str, Member]) -> Any:
    made: dict[str, Program] = {}

    def program(role: str) -> Program:
        if role not in made:
            made[role] = Program(key_of(cast[role]).secret)
        return made[role]

    return program


def reported(program: Program, key: str = "", **more: Any) -> str:
    answer = program.post("/api/matters", {**LAMP, **more}, key=key)
    assert answer.status_code == 201, answer.content
    number: str = answer.json()["number"]
    return number


def test_a_report_is_the_residents_own_and_sending_it_again_is_the_same(by, cast):
    number = reported(by("resident"), key="phone-7")
    again = by("resident").post("/api/matters", LAMP, key="phone-7")
    assert again.status_code == 200 and again.json()["number"] == number and not again.json()["new"]
    matter = Matter.objects.get()
    assert (matter.number, matter.reporter_id, matter.source) == (
        number,
        cast["resident"].person.pk,
        "api",
    )
    assert (
        reported(by("merchant"), key="phone-7") != number
    )  # another's key of the same name is another report
    entry = Entry.objects.filter(action="request.open").order_by("pk")[0]
    assert f"key {key_prefix(by('resident'))}" in entry.scope


def key_prefix(program: Program) -> str:
    return program.headers["Authorization"].removeprefix("Bearer ")[:9]


def test_a_resident_reads_what_is_for_a_reporter(by):
    number = reported(by("resident"), address="3号楼2单元")
    told = by("resident").get(f"/api/matters/{number}").json()
    assert told["text"] == LAMP["text"] and told["state"] == {"code": "reported", "name": "已上报"}
    assert told["address"] == "3号楼2单元" and told["next_step"] == "等待接办" and len(told["promises"]) == 2
    assert [entry["who"] for entry in told["history"]] == ["您"]
    assert [each["number"] for each in by("resident").get("/api/matters", box="told").json()["matters"]] == [
        number
    ]
    assert by("resident").get("/api/matters").json()["matters"] == []  # no office, no places


def test_from_report_to_answer_by_programs(by):
    number = reported(by("resident"))
    path = f"/api/matters/{number}"
    offered = by("grid_worker").get(f"{path}/steps").json()
    names = {each["name"]: each for each in offered["steps"]}
    assert "accept" in names and names["on_the_spot"]["inputs"][1]["en"].isascii()
    assert (
        by("grid_worker")
        .post(f"{path}/steps/accept", {"version": offered["version"]})
        .json()["state"]["code"]
        == "in_progress"
    )
    stale = by("community_secretary").post(
        f"{path}/steps/dispatch", {"version": offered["version"], "unit_id": 1}
    )
    assert stale.status_code in (409, 422)
    missing = by("grid_worker").post(f"{path}/steps/handle")
    assert missing.status_code == 422 and missing.json()["error"]["field"]["name"] == "note"
    assert by("grid_worker").post(f"{path}/steps/handle", {"note": "换了灯泡"}).status_code == 200
    own = by("grid_worker").post(f"{path}/steps/verify", {"note": "看过"})
    assert own.status_code == 403 and own.json()["error"]["code"] == "not_allowed"
    done = by("community_secretary").post(f"{path}/steps/verify", {"note": "看过了，亮了"})
    assert done.json()["state"]["code"] == "closed" and not done.json()["open"]
    twice = by("community_secretary").post(f"{path}/steps/verify", {"note": "看过了"})
    assert twice.status_code == 422 and "已结案" in twice.json()["error"]["message"]
    assert [row.name for row in History.objects.order_by("number")] == ["open", "accept", "handle", "verify"]


def test_a_step_on_an_old_state_is_refused(by):
    number = reported(by("resident"))
    path = f"/api/matters/{number}"
    version = by("grid_worker").get(path).json()["version"]
    by("grid_worker").post(f"{path}/steps/accept")
    answer = by("grid_worker").post(f"{path}/steps/handle", {"note": "好了", "version": version})
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "changed_meanwhile"


@pytest.mark.parametrize(
    "given",
    [{"unit_id": 999_999}, {"unit_id": 2**62}, {"note": "\x00"}, {"person_id": 1}, {"data": {"x": 1}}, {}],
)
def test_a_unit_that_cannot_be_asked_is_refused(by, given):
    number = reported(by("resident"))
    answer = by("community_secretary").post(f"/api/matters/{number}/steps/dispatch", given)
    assert answer.status_code == 422 and answer.json()["error"]["field"], answer.content
    assert Matter.objects.get().state == "reported"


def test_a_worker_passes_on_to_the_desk_above_without_naming_it(by):
    number = reported(by("resident"))
    answer = by("grid_worker").post(f"/api/matters/{number}/steps/raise", {"internal": "网格解决不了"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"]["code"] == "dispatched"


@pytest.mark.parametrize("role", ["resident", *CAST])
def test_who_sees_a_matter_and_who_does_not(by, cast, role):
    number = reported(by("grid_worker"))
    sees = role in (
        "grid_worker",
        "community_secretary",
        "street_officer",
        "district_officer",
        "hotline_officer",
    )
    for path in (f"/api/matters/{number}", f"/api/matters/{number}/steps"):
        answer = by(role).get(path)
        assert answer.status_code == (200 if sees else 404), (role, answer.content)
    listed = by(role).get("/api/matters").json()
    assert [row["number"] for row in listed["matters"]] == ([number] if sees else [])
    if not sees:
        for name in ("accept", "reject", "no_such"):
            refused = by(role).post(f"/api/matters/{number}/steps/{name}", {"note": "x"})
            assert refused.status_code == 404 and refused.json()["error"]["message"] == "没有找到。"
        assert History.objects.count() == 1


def test_a_department_finds_what_it_holds_past_its_time_and_what_it_closed(by, cast):
    number = reported(by("resident"))
    path, unit = f"/api/matters/{number}", cast["department_officer"].actor.grants[0].unit_id
    matter = Matter.objects.get()

    def taken(role: str, step: str, **given: Any) -> None:
        matter.refresh_from_db()
        answer = by(role).post(f"{path}/steps/{step}", {"version": matter.version} | given)
        assert answer.status_code == 200, answer.content

    def listed(box: str) -> list[str]:
        return [
            row["number"] for row in by("department_officer").get("/api/matters", box=box).json()["matters"]
        ]

    taken("community_secretary", "dispatch", unit_id=unit)
    taken("department_officer", "accept")
    Matter.objects.update(due_at=clock.now() - dt.timedelta(days=1))
    assert [listed(box) for box in ("overdue", "place", "all")] == [[number]] * 3
    taken("department_officer", "handle", note="换好了")
    taken("community_secretary", "verify", note="看过了")
    assert [listed(box) for box in ("overdue", "place", "all")] == [[], [], [number]]


def test_a_sealed_matter_is_sealed_here_too(by):
    number = reported(by("resident"), item="disp.family", text="两口子天天吵架")
    assert by("community_secretary").get(f"/api/matters/{number}").status_code == 200
    assert by("outside_officer").get(f"/api/matters/{number}").status_code == 404
    rows = by("grid_worker").get("/api/matters").json()["matters"]
    assert all(row["number"] != number for row in rows)


def test_pages_by_key_show_each_matter_once_and_cost_the_same(by):
    numbers = [reported(by("grid_worker"), text=f"第{number}盏灯不亮") for number in range(7)]
    for box in ("all", "place", "unit"):
        seen, after, costs = [], "", set()
        by("street_officer"), by("community_secretary")
        while True:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = (
                    by("street_officer" if box != "unit" else "community_secretary")
                    .get("/api/matters", box=box, limit=3, after=after)
                    .json()
                )
            costs.add(len(queries))
            seen += [row["number"] for row in answer["matters"]]
            after = answer["after"]
            if not after:
                break
        assert answer["total"] == len(seen) and not answer["more"]
        if box != "unit":
            assert sorted(seen) == sorted(numbers)
        assert max(costs) <= 14, costs


def test_searched_in_the_same_scope(by):
    number = reported(by("grid_worker"), text="井盖丢了很危险", item="env.manhole")
    reported(by("grid_worker"))
    assert [
        row["number"] for row in by("street_officer").get("/api/matters", q="井盖").json()["matters"]
    ] == [number]
    assert by("outside_officer").get("/api/matters", q="井盖").json()["matters"] == []
    single = by("street_officer").get("/api/matters", q="井")
    assert single.status_code == 422 and single.json()["error"]["field"]["name"] == "q"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/matters?box=nothing", 422), ("/api/matters?place=21020", 404), ("/api/matters?limit=0", 422),
        ("/api/matters?limit=101", 422), ("/api/matters/QS9999999", 404), ("/api/matters/9999999", 422),
        ("/api/matters/%00", 422), ("/api/matters?after=_", 200), ("/api/matters?after=nan_1", 200),
        ("/api/matters?after=9e99_1", 200), ("/api/matters?q=%00", 200), ("/api/matters/QS0000001/steps/x", 405),
        ("/api/matters?after=_99999999999999999999999", 200),
    ],
)  # fmt: skip
def test_addresses_that_mean_nothing(by, path, status):
    answer = by("street_officer").get(path)
    assert answer.status_code == status, answer.content


def test_an_anonymous_report_keeps_nobody(by, cast):
    reported(by("resident"), anonymous=True)
    matter = Matter.objects.get()
    assert matter.reporter_id is None and matter.teller_id is None
    entry = Entry.objects.get(action="request.open")
    assert entry.account_id is None and entry.scope == ""

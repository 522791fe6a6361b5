"""One step for several matters: offered where all offer it, shown before it is done, refused singly."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.services import Inputs, apply_transition
from doorstep.kernel.matters.services_each import apply_to_each
from doorstep.kernel.shared.errors import Conflict
from doorstep.surfaces.desk.bulk import read_rows
from tests.desk.matter_world import SECOND_GRID, build, client, page, reported, unit

pytestmark = pytest.mark.django_db
TOGETHER = "/desk/together/"


@pytest.fixture
def members(db, clock_fixed):
    return build()


@pytest.fixture
def matters(members) -> list[Matter]:
    return [reported(members, text, place_code=place) for text, place in (
        ("三单元楼道灯不亮", SECOND_GRID), ("下水道堵了", SECOND_GRID), ("垃圾没有清运", SECOND_GRID[:-3] + "001"),
    )]  # fmt: skip


@pytest.fixture
def street(members):
    return client(members, "street_officer")


def rows(matters) -> list[str]:
    return [f"{row.pk}:{row.version}" for row in matters]


def dispatch(at, matters, unit_id: int, **more: str):
    fields = {
        "step": "dispatch",
        "dispatch-version": 0,
        "dispatch-unit_id": unit_id,
        "dispatch-note": "请今天去看",
    }
    return at.post(TOGETHER, {"row": rows(matters)} | fields | more)


def state_of(matter: Matter) -> str:
    return Matter.objects.get(pk=matter.pk).state


def test_from_ticks_to_a_preview_to_the_result(members, matters, street) -> None:
    department = unit(members, "department_officer")
    assert f'value="{matters[0].pk}:1"' in page(street, "/desk/matters/?box=place")
    chosen = street.post(TOGETHER, {"row": rows(matters), "query": "box=place"}).content.decode()
    assert "选了 3 件" in chosen and "派办" in chosen and f'value="{department}"' in chosen
    preview = dispatch(street, matters, department).content.decode()
    assert "其中 3 件可以办" in preview and "请今天去看" in preview and "接办前仍由" in preview
    assert {state_of(row) for row in matters} == {"reported"}, "a preview does nothing"
    result = dispatch(street, matters, department, sure="yes").content.decode()
    assert "办成 3 件，没有办成 0 件" in result
    assert {state_of(row) for row in matters} == {"dispatched"}
    assert set(Matter.objects.values_list("asked_id", flat=True)) == {department}
    told = History.objects.filter(name="dispatch")
    assert set(told.values_list("note", flat=True)) == {"请今天去看"} and told.count() == 3
    assert Entry.objects.filter(action="request.dispatch").count() == 3


def test_one_that_changed_meanwhile_is_refused_and_the_rest_go_through(members, matters, street) -> None:
    department = unit(members, "department_officer")
    stale = rows(matters)
    apply_transition(actor=members["grid_worker"].actor, matter_id=matters[2].pk, name="accept")
    fields = {"row": stale, "step": "dispatch", "dispatch-version": 0, "dispatch-unit_id": department}
    preview = street.post(TOGETHER, fields).content.decode()
    assert "其中 2 件可以办" in preview and "您勾选以后有人办过" in preview and "接办" in preview
    result = street.post(TOGETHER, fields | {"sure": "yes"}).content.decode()
    assert "办成 2 件，没有办成 1 件" in result and "您看到的是旧内容" in result
    assert [state_of(row) for row in matters] == ["dispatched", "dispatched", "in_progress"]
    again = street.post(TOGETHER, fields | {"sure": "yes"}).content.decode()
    assert "办成 0 件，没有办成 3 件" in again and History.objects.filter(name="dispatch").count() == 2


def test_a_step_that_some_do_not_offer_is_named_with_those(members, matters, street) -> None:
    for name in ("accept", "handle"):
        apply_transition(
            actor=members["grid_worker"].actor, matter_id=matters[2].pk, name=name, inputs=Inputs(note="好了")
        )
    now = list(Matter.objects.order_by("pk"))
    shown = street.post(TOGETHER, {"row": rows(now)}).content.decode()
    assert "有的事现在不能走" in shown and now[2].number in shown
    assert 'name="dispatch-unit_id"' not in shown
    answer = dispatch(street, now, unit(members, "department_officer"), sure="yes").content.decode()
    assert "办成 2 件，没有办成 1 件" in answer and state_of(now[2]) == "handled"


def test_several_are_handed_to_one_worker(members, matters) -> None:
    secretary = client(members, "community_secretary")
    worker = members["grid_worker"].person
    fields = {
        "row": rows(matters),
        "step": "hand_over",
        "hand_over-version": 0,
        "hand_over-person_id": worker.pk,
    }
    assert f"由{worker.name}办理" in secretary.post(TOGETHER, fields).content.decode()
    result = secretary.post(TOGETHER, fields | {"sure": "yes"}).content.decode()
    assert "办成 3 件" in result and set(Matter.objects.values_list("handler_id", flat=True)) == {worker.pk}
    fresh = {"row": rows(Matter.objects.all())}
    again = secretary.post(TOGETHER, fields | fresh).content.decode()
    assert "其中 0 件可以办" in again and "本来就由这个人办理" in again and "确定移交" not in again


def test_nothing_outside_ones_sight_is_chosen(members, matters) -> None:
    department = unit(members, "department_officer")
    other = client(members, "outside_officer")
    answer = dispatch(other, matters, department, sure="yes")
    assert answer.status_code == 302 and {state_of(row) for row in matters} == {"reported"}
    assert client(members, "resident").get(TOGETHER).status_code == 404


def test_a_unit_that_is_no_choice_is_refused(members, matters, street) -> None:
    answer = dispatch(street, matters, unit(members, "outsider"), sure="yes")
    assert answer.status_code == 422 and {state_of(row) for row in matters} == {"reported"}
    assert "承办单位" in answer.content.decode()


def test_rows_of_an_address_are_numbers_or_nothing() -> None:
    assert read_rows(["12:3,15:1", "²:1", "x", "9" * 30 + ":1", "7:"]) == {12: 3, 15: 1}
    assert len(read_rows([f"{number}:1" for number in range(200)])) == 50


def test_choosing_costs_the_same_for_few_and_many(members, matters, street) -> None:
    asked = []
    page(street, "/desk/matters/")
    for chosen in (matters[:1], matters):
        with CaptureQueriesContext(connection) as queries:
            street.post(TOGETHER, {"row": rows(chosen)})
        asked.append(len(queries))
    assert asked[0] == asked[1], asked


def test_each_refusal_stands_for_its_matter(members, matters) -> None:
    """The kernel's part: what is refused leaves no trace, what is taken has its history."""
    actor = members["street_officer"].actor
    versions = {row.pk: row.version for row in matters}
    apply_transition(actor=members["grid_worker"].actor, matter_id=matters[2].pk, name="accept")
    inputs = Inputs(unit_id=unit(members, "department_officer"))
    said = apply_to_each(actor=actor, versions=versions, name="dispatch", inputs=inputs)
    assert isinstance(said[matters[2].pk], Conflict) and "旧内容" in str(said[matters[2].pk].message)
    assert [said[matters[at].pk] for at in (0, 1)] == [None, None]
    assert [state_of(row) for row in matters] == ["dispatched", "dispatched", "in_progress"]
    assert History.objects.filter(matter=matters[2]).count() == 2

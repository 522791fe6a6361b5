"""The overdue board: by place and level, numbers that are those of their rows, orders where allowed, nobody ranked."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.matters.models import Matter, SupervisionOrder
from doorstep.kernel.matters.services import Inputs, apply_transition
from doorstep.kernel.matters.services_remarks import supervise
from doorstep.kernel.shared import clock
from tests.authority import cast
from tests.desk.matter_world import GRID, SECOND_GRID, build, client, page, reported, unit
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db
BOARD = "/desk/overdue/"


@pytest.fixture
def members(db, clock_fixed):
    return build()


def late(matter: Matter, days: float) -> Matter:
    Matter.objects.filter(pk=matter.pk).update(due_at=clock.now() - dt.timedelta(days=days))
    return Matter.objects.get(pk=matter.pk)


@pytest.fixture
def rows(members) -> dict[str, Matter]:
    """One with the grid's worker, one with the community, one a department was asked to take, one of a street, one in time."""
    grid = reported(members, "三单元楼道灯不亮")
    apply_transition(actor=members["grid_worker"].actor, matter_id=grid.pk, name="accept")
    community = reported(members, "下水道堵了", place_code=SECOND_GRID)
    department = reported(members, "路面塌了", place_code=SECOND_GRID)
    apply_transition(
        actor=members["street_officer"].actor, matter_id=department.pk, name="dispatch",
        inputs=Inputs(unit_id=unit(members, "department_officer")),
    )  # fmt: skip
    street = reported(members, "整条街的树枝挡灯", by="street_officer", place_code=cast.STREET)
    reported(members, "还没有到期")
    return {
        "grid": late(grid, 0.2), "community": late(community, 2), "department": late(department, 5), "street": late(street, 20),
    }  # fmt: skip


def numbers_and_rows(at, text: str) -> dict[str, tuple[int, int]]:
    """Each link with a number, and how many matters its address lists."""
    found = {}
    for address, number in re.findall(
        r'href="(/desk/matters/\?[^"]+)"[^>]*>(?:<span[^>]*>)?([\d,]+)<', unescape(text)
    ):
        listed = page(at, address)
        found[address] = (
            int(number.replace(",", "")),
            len(set(re.findall(r"/desk/matters/(QS\d+)/\"", listed))),
        )
    return found


@pytest.mark.parametrize("place", [cast.DISTRICT, cast.STREET, cast.COMMUNITY, SECOND_GRID])
def test_every_number_opens_exactly_its_rows(members, rows, place) -> None:
    at = client(members, "district_officer")
    found = numbers_and_rows(at, page(at, f"{BOARD}?place={place}"))
    assert len(found) >= 4
    assert {address: number for address, (number, _rows) in found.items()} == {
        address: listed for address, (_number, listed) in found.items()
    }


def test_levels_are_those_of_who_has_it_now(members, rows) -> None:
    at = client(members, "street_officer")
    context = at.get(BOARD).context["board"]
    whole = dict(zip(map(str, context.levels), (cell.number for cell in context.whole.cells), strict=True))
    assert whole == {"网格": 1, "社区": 1, "街道": 1, "部门和单位": 1, "区级": 0}
    assert [(part.name, part.total.number) for part in context.parts] == [
        ("演示community" + cast.COMMUNITY, 3), ("没有说到更细的地方", 1),
    ]  # fmt: skip
    assert [cell.number for _words, cell in context.ages] == [1, 1, 1, 1]
    assert context.whole.past == "超期 20 天"


def test_the_longest_past_stands_first_with_its_level_and_holder(members, rows) -> None:
    shown = page(client(members, "street_officer"), BOARD)
    order = [shown.index(rows[key].number) for key in ("street", "department", "community", "grid")]
    assert order == sorted(order)
    assert "超期 5 天" in shown and "在部门和单位" in shown


def test_an_order_is_the_main_act_where_one_may_give_it(members, rows) -> None:
    street = client(members, "street_officer")
    order_form = f"/desk/matters/{rows['community'].number}/act/supervise/"
    assert order_form in page(street, BOARD)
    assert order_form not in page(client(members, "community_secretary"), BOARD)
    supervise(
        actor=members["street_officer"].actor, matter_id=rows["community"].pk, reason="请说明",
        reply_due=clock.now() + dt.timedelta(days=1),
    )  # fmt: skip
    shown = page(street, BOARD)
    assert order_form not in shown and "已督办" in shown
    assert SupervisionOrder.objects.count() == 1


def test_outside_ones_places_there_is_no_board(members, rows) -> None:
    other = client(members, "outside_officer")
    assert other.get(BOARD, {"place": cast.STREET}).status_code == 404
    assert rows["grid"].number not in page(other, BOARD)
    for role in ("department_officer", "resident"):
        assert client(members, role).get(BOARD).status_code == 404
    assert client(members, "district_officer").get(BOARD, {"place": "abc"}).status_code == 404


def test_what_is_sealed_is_in_no_number(members, rows) -> None:
    hotline = client_of(cast.make_member("hotline_officer").account)
    assert hotline.get(BOARD).context["board"].whole.total.number == 4
    Matter.objects.filter(pk=rows["grid"].pk).update(confidentiality=Matter.SEALED)
    assert rows["grid"].number not in page(hotline, BOARD)
    assert hotline.get(BOARD).context["board"].whole.total.number == 3


def test_the_board_costs_the_same_whatever_there_is(members, rows) -> None:
    at = client(members, "street_officer")
    page(at, BOARD)
    asked = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(at, BOARD)
        asked.append(len(queries))
        for number in range(5):
            late(reported(members, f"又一件 {number}", place_code=GRID), 3)
    assert asked == [13, 13], asked


def test_the_inbox_leads_to_the_board_only_who_has_one(members) -> None:
    for role, offered in (("street_officer", True), ("department_officer", False)):
        at = client(members, role)
        assert ('href="/desk/overdue/' in page(at, "/desk/matters/")) is offered
        assert at.get("/desk/overdue/").status_code == (200 if offered else 404)

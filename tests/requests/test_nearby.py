"""What was reported nearby already is offered before sending: the same item or similar words, near and recent."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.shared import clock
from doorstep.modules.requests.selectors import likely_duplicates
from tests.requests import world as making
from tests.requests.world import COMMUNITY, GRID, INSIDE, SECOND_GRID, STREET, closed, reported

HERE = {"longitude": INSIDE[0], "latitude": INSIDE[1]}


def metres_north(metres):
    return {"longitude": INSIDE[0], "latitude": INSIDE[1] + metres / 111_195}


def found(world, who="resident", place=GRID, text="楼道灯不亮好几天了", item="", **where):
    actor = world[who] if who else ANONYMOUS
    return likely_duplicates(actor, place_code=place, text=text, item_code=item, **where)


def test_the_same_item_in_the_same_grid(world):
    first = reported(world, text="三楼没有灯")
    (near,) = found(world, text="黑得看不见", item="env.lamp")
    assert (near.matter_id, near.same_item, near.metres) == (first.matter.pk, True, None)
    assert (
        near.item_name == "路灯楼道灯不亮" and near.title == ""
    )  # the words of another resident stay theirs
    assert found(world, who="community", text="黑得看不见", item="env.lamp")[0].title == "三楼没有灯"
    assert found(world, who="", text="黑得看不见", item="env.lamp")[0].title == ""


def test_similar_words_and_others(world):
    reported(world, item_code="env.garbage")
    assert len(found(world, text="楼道灯好几天不亮了")) == 1
    assert found(world, text="下水道堵了往外冒", item="env.sewer") == []


def test_near_means_the_grid_or_some_metres(world):
    reported(world, place_code=SECOND_GRID, **metres_north(120))
    assert [near.metres for near in found(world, item="env.lamp", **HERE)] == [120]
    assert found(world, item="env.lamp", **metres_north(-60)) == []  # 180 m away
    east = metres_north(-10) | {"longitude": INSIDE[0] + 130 / 86_500}
    assert (
        found(world, item="env.lamp", **east) == []
    )  # 130 m north and as much east: within the square, not the circle
    assert found(world, item="env.lamp") == []  # another grid, no position
    assert found(world, place=COMMUNITY, item="env.lamp") == []
    assert found(world, place=STREET, item="env.lamp", **HERE) == []


def test_the_closest_and_likest_first(world):
    far, near = reported(world, **metres_north(100)), reported(world, **metres_north(10))
    other = reported(world, text="楼道灯不亮", item_code="env.garbage", **metres_north(5))
    order = [each.matter_id for each in found(world, item="env.lamp", **HERE)]
    assert order == [near.matter.pk, far.matter.pk, other.matter.pk]


def test_old_closed_and_sealed_ones_are_not_offered(world):
    reported(world)
    closed(world)
    reported(world, item_code="disp.violence", text="楼道灯不亮好几天了")
    assert len(found(world, item="env.lamp")) == 1
    with clock.fixed(making.TODAY + dt.timedelta(days=15)):
        assert found(world, item="env.lamp") == []


@pytest.mark.parametrize("where", [{}, HERE])
def test_it_costs_three_queries(world, where):
    for _ in range(6):
        reported(world, **where)
    with CaptureQueriesContext(connection) as asked:
        assert len(found(world, item="env.lamp", **where)) == 5
    assert len(asked) == 3

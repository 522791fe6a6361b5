"""The page of a grid as anybody sees it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Grid, GridLineage, Outline
from doorstep.kernel.shared.names import name_keys
from doorstep.modules.grids import selectors, services_lists
from doorstep.modules.grids.services_lists import NewForce
from tests.grids.world import FIRST, ONE, SECOND, STREET, SYSTEM, THIRD, TODAY, World

SQUARE = [[121.6, 38.9], [121.601, 38.9], [121.601, 38.901], [121.6, 38.901], [121.6, 38.9]]


def outline(code: str) -> None:
    Outline.objects.create(
        place_code=code, geometry={"type": "Polygon", "coordinates": [SQUARE]}, west=121.6, south=38.9, east=121.601,
        north=38.901, illustrative=True, source="示意", valid_from=dt.date(2020, 1, 1),
    )  # fmt: skip


def page(code: str) -> str:
    answer = Client().get(f"/grids/{code}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_name_worker_office_and_list_of_work_are_posted(world: World) -> None:
    text = page(FIRST)
    for words in ("第1网格", "演示worker", "0411-80000001", "周一至周五", "演示街1号"):
        assert words in text, words
    assert "还没有登记监督电话" in text
    assert "行政执法、处罚" in text and "采集网格内" in text


def test_private_numbers_never_stand_there(world: World) -> None:
    holder = register_people(actor=SYSTEM, people=[NewPerson("演示有号", ONE, "13800000009")])[0]
    organisations.appoint(
        actor=SYSTEM, person_id=holder.pk, post="grid_worker", unit_id=world.committees[ONE].pk,
        valid_from=dt.date(2025, 1, 1), places=(SECOND,),
    )  # fmt: skip
    text = page(SECOND)
    assert "演示有号" in text and "13800000009" not in text


def test_who_stands_in_is_named_until_the_last_day(world: World) -> None:
    organisations.appoint_substitute(
        actor=SYSTEM, appointment_id=world.posts["worker"].pk, person_id=world.people["deputy"].pk,
        valid_from=TODAY, valid_to=TODAY + dt.timedelta(days=7),
    )  # fmt: skip
    text = page(FIRST)
    assert "演示deputy" in text and "演示worker休假，由其代理至 2026-06-21" in text


def test_the_nearest_supervision_line_holds(world: World) -> None:
    services_lists.set_line(
        actor=world.actor("district"),
        place_code="210202",
        name="演示区监督",
        phone="0411-80000010",
        valid_from=TODAY,
    )
    assert "0411-80000010" in page(FIRST)
    services_lists.set_line(
        actor=world.actor("street"),
        place_code=STREET,
        name="演示街道监督",
        phone="0411-80000011",
        valid_from=TODAY,
    )
    assert "0411-80000011" in page(FIRST) and "0411-80000010" not in page(FIRST)


def test_forces_are_told_with_their_office_and_named_only_where_that_is_public(world: World) -> None:
    services_lists.attach_forces(
        actor=world.actor("secretary"),
        forces=[
            NewForce(place_code=FIRST, kind="police", unit="演示派出所", name="演示警甲", post="社区民警",
                     phone="0411-80000020", valid_from=TODAY),
            NewForce(place_code=FIRST, kind="health", unit="演示卫生站", name="演示医乙", name_public=True,
                     valid_from=TODAY),
        ],
    )  # fmt: skip
    text = page(FIRST)
    assert "演示派出所" in text and "社区民警" in text and "0411-80000020" in text
    assert "演示警甲" not in text and "演示医乙" in text


def test_a_grid_without_a_worker_says_so_and_whom_to_call(world: World) -> None:
    text = page(SECOND)
    assert "网格员暂缺" in text and "0411-80000001" in text


@pytest.mark.parametrize(
    "path", ["/grids/210202005011999/", "/grids/000000000000000/", "/grids/2102020050110/", "/grids/１/", "/grids/abc/",
             "/grids/210202005011999/map.geojson", "/grids/in/210202005999/", "/grids/in/210202005/"],
)  # fmt: skip
def test_a_code_that_is_no_grid_is_not_found(world: World, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_grid_not_begun_and_one_of_another_district_are_not_found(world: World) -> None:
    Grid.objects.create(
        code=ONE + "004", community_id=ONE, valid_from=TODAY + dt.timedelta(days=1), **name_keys("明天的网格")
    )
    assert Client().get(f"/grids/{ONE}004/").status_code == 404
    assert selectors.grid_page("210299001001001") is None


def test_an_ended_grid_says_which_grids_followed_through_all_adjustments(world: World) -> None:
    gone, between, now = (Grid.objects.get(code=code) for code in (SECOND, THIRD, FIRST))
    for before, after, day in ((gone, between, dt.date(2025, 1, 1)), (between, now, dt.date(2025, 6, 1))):
        before.valid_to = day
        before.save()
        GridLineage.objects.create(
            before=before, after=after, kind="merged", effective_on=day, document="演批〔2025〕9号"
        )
    answer = Client().get(f"/grids/{SECOND}/")
    assert answer.status_code == 410
    text = answer.content.decode()
    assert f"/grids/{FIRST}/" in text and f'href="/grids/{THIRD}/"' not in text and "2025-01-01" in text


def test_the_map_has_the_grid_coloured_and_its_neighbours_to_open(world: World) -> None:
    for code in (FIRST, SECOND):
        outline(code)
    found = Client().get(f"/grids/{FIRST}/map.geojson").json()["features"]
    assert [(each["id"], each["properties"]["value"], each["properties"]["href"]) for each in found] == [
        (FIRST, 1, ""), (SECOND, None, f"/grids/{SECOND}/"),
    ]  # fmt: skip
    assert all(each["properties"]["illustrative"] for each in found)
    assert "示意边界" in page(FIRST) and Client().get(f"/grids/{THIRD}/map.geojson").status_code == 404


def test_a_community_lists_its_grids(world: World) -> None:
    text = Client().get(f"/grids/in/{ONE}/").content.decode()
    assert text.index("第1网格") < text.index("第2网格") < text.index("第3网格")


def test_the_page_costs_a_fixed_number_of_queries(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest's own type
    with django_assert_num_queries(8):
        selectors.grid_page(FIRST, TODAY)

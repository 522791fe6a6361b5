"""What is suggested for a need, why, and what comes nearest; who gets what when several need the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module

import pytest
from django.apps import apps

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models_lists import Need, Resource
from doorstep.modules.partnership.selectors_lists import needed_near
from doorstep.modules.partnership.selectors_matching import shared_out, suggestions_for
from doorstep.modules.partnership.services_resources import ResourceData, change_resource
from doorstep.modules.requests.services import Report, report
from tests.partnership.lists_world import DAY, FIRST, ONE, TODAY, TWO, Lists, build_lists, use, wish

HERE = (121.6, 38.9)


@pytest.fixture(autouse=True)
def today() -> Iterator[object]:
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def at_metres(north: float) -> dict[str, float]:
    return {"longitude": HERE[0], "latitude": HERE[1] + north / 111_320}


def names(need: Need) -> list[str]:
    return [one.resource.name for one in suggestions_for(need).fitting]


def missed(need: Need) -> tuple[str, ...]:
    found = suggestions_for(need)
    assert not found.fitting and found.miss is not None
    return found.miss.lacks


def test_those_that_fit_the_nearest_first_with_the_reason(lists: Lists) -> None:
    lists.offer(name="远的", **at_metres(900))
    lists.offer(name="近的", price="market", fen=30000, **at_metres(100))
    lists.offer(name="讲师", resource_class="skill", **at_metres(10))
    need = lists.published(**at_metres(0))
    assert names(need) == ["近的", "远的"]
    first = suggestions_for(need).fitting[0]
    assert (first.metres, first.unit, first.price) == (100, "演示单位partner", "市场价 300 元")
    assert first.reason == "场地设施 · 距离 100 米 · 每天 9:00–18:00"
    assert Building.objects.filter(place_code=FIRST).exists()


def test_a_distance_is_told_from_positions_alone(lists: Lists) -> None:
    """Where only a community is known, being of the same one is all that is said: never metres, and never none of them."""
    lists.partner("wide", place=ONE[:9], agreed=ONE)
    lists.offer(name="没有位置的")
    lists.offer("wide", name="别处的")
    known = lists.offer(name="有位置的", **at_metres(100))
    need = lists.published()
    reasons = {one.resource.name: one.reason for one in suggestions_for(need).fitting}
    assert {name: reason.split(" · ")[1] for name, reason in reasons.items()} == {
        "没有位置的": "同一社区", "有位置的": "同一社区", "别处的": "每天 9:00–18:00",
    }  # fmt: skip
    assert not any("米" in reason for reason in reasons.values())
    shared = shared_out(lists.actor("secretary"), ONE)
    assert shared[0].got is not None and shared[0].got.metres is None and shared[0].nearer == []
    unit = lists.partners["partner"].pk
    (near,) = needed_near(lists.actor("partner"), unit)
    assert (near.metres, near.beside) == (None, True)
    (away,) = needed_near(lists.actor("wide"), lists.partners["wide"].pk)
    assert (away.metres, away.beside) == (None, False)
    lists.published(**at_metres(40))
    found = {one.need.located: one.metres for one in needed_near(lists.actor("partner"), unit)}
    assert found == {True: 60, False: None}
    data = ResourceData(unit_id=unit, resource_class="space", name="有位置的", capacity=2)
    changed = change_resource(
        actor=lists.actor("partner"), resource_id=known.pk, data=data, expected_version=1
    )
    assert changed.located and changed.latitude == known.latitude  # what was told stays


def test_a_need_of_a_request_stands_where_the_request_does(lists: Lists) -> None:
    secretary = lists.actor("secretary")
    home = Building.objects.filter(place_code=FIRST).order_by("pk")[0]
    new = Report(source="hotline", text="楼前想有个下棋的地方", building_id=home.pk, anonymous=True)
    request = report(actor=secretary, new=new).matter
    need = lists.tell(by="secretary", told="request", origin=request.number)
    assert need.located and (need.matter.longitude, need.matter.source) == (request.longitude, "hotline")
    own = lists.tell(by="partner", told="unit", unit_id=lists.partners["partner"].pk)
    Matter.objects.filter(pk=need.pk).update(source="street")  # as both were recorded once
    Matter.objects.filter(pk=own.pk).update(source="phone")
    import_module("doorstep.modules.partnership.migrations.0006_majority_and_sources").say_where_from(
        apps, None
    )
    sources = dict(Matter.objects.filter(kind="need").values_list("pk", "source"))
    assert sources == {need.pk: "hotline", own.pk: "unit"}


@pytest.mark.parametrize(
    ("offered", "wanted", "lacks"),
    [
        ({"resource_class": "skill"}, {}, ("kind",)),
        (at_metres(3500), {}, ("far",)),
        ({"weekdays": 0b1100000}, {"weekdays": 0b0011111}, ("time",)),
        ({"opens": 540, "closes": 600}, {"opens": 570, "closes": 720, "minutes": 60}, ("time",)),
        ({"resource_class": "skill", **at_metres(3500)}, {}, ("kind", "far")),
    ],
)
def test_the_nearest_miss_says_what_it_lacks(lists: Lists, offered: dict, wanted: dict, lacks: tuple) -> None:
    lists.offer(**offered)
    need = lists.tell(wish=wanted)
    assert missed(need) == lacks


def test_what_does_not_serve_the_community_or_is_not_offered_any_more(lists: Lists) -> None:
    lists.partner("far", place=TWO, agreed=TWO)
    lists.offer("far", **at_metres(50))
    need = lists.published()
    assert missed(need) == ("area",)
    own = lists.offer(**at_metres(60))
    assert names(need) == ["演示会议室"]  # what is kept is read anew
    Resource.objects.filter(pk=own.pk).update(valid_from=TODAY - DAY, valid_to=TODAY)
    assert missed(need) == ("area",)


def test_what_is_full_then_is_said_to_be(lists: Lists) -> None:
    room = lists.offer(**at_metres(10))
    lists.agreed(lists.published(), uses=[use(room, TODAY, 9, 11)])
    need = lists.tell(wish={"since": TODAY, "until": TODAY, "opens": 540, "closes": 660})
    assert missed(need) == ("full",)
    after = lists.tell(wish={"since": TODAY, "until": TODAY, "opens": 660, "closes": 720})
    assert names(after) == ["演示会议室"]


def test_nothing_offered_nothing_said(lists: Lists) -> None:
    found = suggestions_for(lists.published())
    assert found.fitting == () and found.miss is None
    assert [one.got for one in shared_out(lists.actor("secretary"), FIRST[:12])] == [None]


def test_several_at_once_are_best_for_all(lists: Lists) -> None:
    """The first need is nearer to the only room of one time; the other has no other."""
    lists.offer(name="早上的", opens=480, closes=720, **at_metres(100))
    lists.offer(name="整天的", opens=480, closes=1080, **at_metres(50))
    one = lists.tell(**at_metres(0))
    two = lists.tell(wish={"opens": 780, "closes": 1080}, **at_metres(0))
    three = lists.tell(wanted=wish(resource_class="health"))
    lists.screen(one)
    lists.screen(two, wanted=wish(opens=780, closes=1080))
    lists.screen(three, wanted=wish(resource_class="health"))
    shared = shared_out(lists.actor("secretary"), FIRST[:12])
    got = {row.need.pk: row.got.resource.name if row.got else "" for row in shared}
    assert got == {one.pk: "早上的", two.pk: "整天的", three.pk: ""}
    by_need = {row.need.pk: row for row in shared}
    assert "更近" in by_need[one.pk].nearer[0]
    miss = by_need[three.pk].miss
    assert miss is not None and miss.lacks == ("kind",)
    assert shared_out(lists.actor("outsider"), FIRST[:12]) == []


def test_queries_do_not_grow_with_what_is_offered(
    lists: Lists, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for number in range(30):
        lists.offer(name=f"会议室{number}", **at_metres(100 + number))
    need = lists.published()
    suggestions_for(need)
    with django_assert_max_num_queries(6):
        assert len(suggestions_for(need).fitting) == 12

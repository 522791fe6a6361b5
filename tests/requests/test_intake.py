"""Reports come in whole or not at all: place, item, route, promises; once; from everybody who may."""

import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Deadline, History, Matter, Notice
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.launch import databases
from doorstep.modules.requests import services
from doorstep.modules.requests.models import Request
from doorstep.modules.requests.services import Report, on_the_spot, report
from tests.requests import world as making
from tests.requests.world import COMMUNITY, GRID, INSIDE, OUTSIDE, SECOND_GRID, STREET, reported


def test_a_resident_reports_a_lamp(world):
    taken = reported(world)
    matter = Matter.objects.get(pk=taken.matter.pk)
    assert taken.is_new and taken.warnings == ()
    assert (matter.item, matter.category, matter.place_code) == ("env.lamp", "environment", GRID)
    assert (matter.reporter_id, matter.holder_id) == (world.people["resident"].pk, world.committee.pk)
    assert matter.title == "楼道灯不亮好几天了"
    assert set(Deadline.objects.filter(matter=matter).values_list("clock", flat=True)) == {
        "respond",
        "resolve",
    }
    assert "路灯楼道灯不亮 → 演示居委会：就近受理" in taken.request.routing
    assert taken.request.routed_to_id == world.committee.pk


def test_sent_again_it_is_the_same(world):
    key = uuid.uuid4()
    first, again = reported(world, key=key), reported(world, key=key)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.request == first.request and Request.objects.count() == 1


def test_a_guessed_key_shows_nothing(world):
    key = uuid.uuid4()
    reported(world, key=key)
    for who in ("neighbour", "outsider"):
        with pytest.raises(RuleViolation, match="编号已被使用"):
            reported(world, by=who, key=key)


def test_an_anonymous_report_leaves_no_trace(world):
    taken = reported(world, anonymous=True)
    matter = taken.matter
    assert (matter.reporter_id, matter.teller_id, taken.request.anonymous) == (None, None, True)
    assert History.objects.get(matter=matter).account_id is None
    assert Entry.objects.get(target_id=str(matter.pk), target="matters.matter").account_id is None
    assert "不能主动告诉您进展" in str(services.ANONYMOUS_COSTS)


def test_a_stranger_may_report_and_is_nobody(world):
    new = Report(source="phone", text="路灯坏了", place_code=GRID)
    taken = report(actor=ANONYMOUS, new=new)
    assert taken.is_new and taken.matter.reporter_id is None and taken.request.anonymous
    again = report(actor=ANONYMOUS, new=new)  # the phone sends twice
    assert again.request == taken.request and not again.is_new
    with pytest.raises(RuleViolation, match="编号已被使用"):
        reported(world, by="neighbour", key=new.key)


def test_for_somebody_without_a_phone(world):
    by_neighbour = reported(world, by="neighbour", for_whom="对门老人")
    assert by_neighbour.matter.reporter_id == world.people["neighbour"].pk
    assert by_neighbour.request.for_whom == "对门老人"
    resident = world.people["resident"].pk
    by_office = reported(world, by="community", reporter_id=resident, source="counter")
    assert (by_office.matter.reporter_id, by_office.matter.teller_id) == (
        resident,
        world.people["community"].pk,
    )
    with pytest.raises(RuleViolation, match="只能为自己上报"):
        reported(world, by="neighbour", reporter_id=resident)
    with pytest.raises(NotVisible):
        reported(world, by="community", reporter_id=making.person("演示远方", "210202006011").pk)


def test_staff_elsewhere_are_residents_here(world):
    taken = reported(world, by="outsider")
    assert taken.matter.reporter_id == world.people["outsider"].pk


def test_the_place_by_building_pin_grid_and_words(world):
    building = making.Building.objects.get()
    assert reported(world, place_code="", building_id=building.pk).matter.place_code == GRID
    pinned = reported(world, place_code="", longitude=INSIDE[0], latitude=INSIDE[1]).matter
    assert (pinned.place_code, pinned.longitude) == (GRID, INSIDE[0])
    finer = reported(world, place_code=COMMUNITY, longitude=INSIDE[0], latitude=INSIDE[1]).matter
    assert finer.place_code == GRID
    assert reported(world, place_code="", address="演示街1号").matter.place_code == GRID


def test_a_position_outside_the_district(world):
    with pytest.raises(RuleViolation, match="不在本区范围内") as refused:
        reported(world, place_code="", longitude=OUTSIDE[0], latitude=OUTSIDE[1])
    assert refused.value.field == "position" and not Matter.objects.exists()
    taken = reported(world, longitude=OUTSIDE[0], latitude=OUTSIDE[1])
    assert taken.matter.longitude is None and "没有采用" in taken.warnings[0]


def test_a_pin_in_another_grid_is_told(world):
    taken = reported(world, place_code=SECOND_GRID, longitude=INSIDE[0], latitude=INSIDE[1])
    assert taken.matter.place_code == SECOND_GRID and "不在所选的地方里" in taken.warnings[0]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"place_code": ""}, "place_code"), ({"place_code": "210202005099"}, "place_code"),
        ({"place_code": "2102"}, "place_code"), ({"place_code": "", "address": "没有的路9号"}, "address"),
        ({"place_code": "", "building_id": 9999}, "building_id"), ({"longitude": 121.6}, "position"),
    ],
)  # fmt: skip
def test_no_place_no_report(world, place, field):
    with pytest.raises(RuleViolation) as refused:
        reported(world, **place)
    assert refused.value.field == field and not Matter.objects.exists()


def test_too_many_words_are_refused_in_words(world):
    with pytest.raises(RuleViolation, match="最多 5000 字，现在是 20000 字") as refused:
        reported(world, text="灯" * 20000)
    assert refused.value.field == "text" and not Matter.objects.exists()


@pytest.mark.parametrize(
    "text", ["😀🔥楼道灯坏了👍🏽", "<script>alert(1)</script><b>灯坏了</b>", "'; DROP TABLE x; --"]
)
def test_emoji_and_markup_stay_text(world, text):
    assert Matter.objects.get(pk=reported(world, text=text).matter.pk).text == text


@pytest.mark.parametrize("source", ["platform", "unit", "gossip"])
def test_a_request_comes_from_somebody_by_one_of_its_ways(world, source):
    """The platform and units open matters of other kinds."""
    with pytest.raises(RuleViolation, match="来源") as refused:
        reported(world, source=source)
    assert refused.value.field == "source" and not Request.objects.exists()


def test_nothing_said_is_refused(world):
    with pytest.raises(RuleViolation, match="请填写"):
        reported(world, text="  \n")


def test_the_item_is_judged_from_the_words(world):
    taken = reported(world, item_code="", text="楼道里有很浓的煤气味，快来人看看")
    assert (taken.matter.item, taken.request.item_from) == ("safe.gas", "suggested")
    assert taken.matter.urgency == "emergency" and taken.matter.holder_id == world.street.pk
    unsure = reported(world, item_code="", text="有点事想说")
    assert (unsure.matter.item, unsure.matter.category, unsure.request.item_from) == ("", "other", "unknown")


def test_what_is_not_taken_here_is_sent_on(world):
    with pytest.raises(RuleViolation, match="请立即拨打 110、119 或 120") as refused:
        reported(world, item_code="away.alarm")
    assert refused.value.field == "item"
    with pytest.raises(RuleViolation, match="事项目录里没有"):
        reported(world, item_code="no.such")


def test_urgency_is_the_items_unless_staff_say_otherwise(world):
    assert reported(world, urgency="emergency").matter.urgency == "normal"
    assert reported(world, by="community", urgency="urgent").matter.urgency == "urgent"
    with pytest.raises(RuleViolation, match="紧急程度"):
        reported(world, by="community", urgency="very")


def test_sealed_items_are_sealed(world):
    matter = reported(world, item_code="disp.violence", text="隔壁又在打人").matter
    assert matter.confidentiality == "sealed"


def test_a_hotline_ticket_comes_once(world):
    ticket = {"source": "hotline", "hotline_number": "DL20260615-001"}
    first, again = reported(world, by="street", **ticket), reported(world, by="street", **ticket)
    assert first.is_new and not again.is_new and again.request == first.request


def test_settled_on_the_spot(world):
    new = Report(source="worker", text="楼道杂物已清走", place_code=GRID, item_code="env.corridor")
    taken = on_the_spot(actor=world["worker"], new=new, note="和住户一起清走了")
    assert taken.matter.state == "closed" and taken.request.on_the_spot
    again = on_the_spot(actor=world["worker"], new=new, note="和住户一起清走了")
    assert not again.is_new and Matter.objects.count() == 1
    with pytest.raises(NotAllowed):
        on_the_spot(actor=world["resident"], new=replace(new, key=uuid.uuid4()), note="我修好了")
    assert Matter.objects.count() == 1  # refused whole: the report is not left behind


def test_intake_costs_few_queries(world, django_assert_max_num_queries):
    reported(world)
    with django_assert_max_num_queries(10):  # with the two of the test's own savepoint
        reported(world)
    with django_assert_max_num_queries(10):
        reported(world, item_code="")


def test_it_is_written_whole_or_not_at_all(fresh_database, today):
    world = making.build()
    had = Entry.objects.count()
    with databases.connect("owner", fresh_database) as owner:  # the last of its rows is refused
        owner.execute("ALTER TABLE requests_request ADD CONSTRAINT refused CHECK (matter_id IS NULL)")
    with pytest.raises(IntegrityError):
        reported(world)
    assert not Matter.objects.exists() and not History.objects.exists() and not Request.objects.exists()
    assert not Notice.objects.exists() and Entry.objects.count() == had
    with databases.connect("owner", fresh_database) as owner:
        owner.execute("ALTER TABLE requests_request DROP CONSTRAINT refused")
    with making.clock.fixed(making.TODAY):
        assert reported(world).is_new


def test_two_at_once_with_the_same_key_are_one(fresh_database, today):
    import threading

    world = making.build()
    key, results = uuid.uuid4(), []

    def send():
        with making.clock.fixed(making.TODAY):
            results.append(reported(world, key=key))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken.is_new for taken in results) == [False, False, False, True]
    assert Matter.objects.count() == Request.objects.count() == 1


def test_a_report_where_nobody_serves_is_taken_by_the_street(world):
    matter = reported(world, place_code=STREET).matter
    assert matter.holder_id == world.street.pk

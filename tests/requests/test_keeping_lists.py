"""Pages on which the lists are kept: ending an item or a rule, settling a fault; finding a request by its words."""

import datetime as dt

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Matter
from doorstep.modules.requests.models import EventItem, RoutingFault, RoutingRule
from doorstep.modules.requests.selectors import items_at, route_for
from tests.desk.matter_world import build, client, page, reported
from tests.requests.world import GRID

DAY = dt.date(2026, 7, 1)


@pytest.fixture
def members(db, clock_fixed):
    return build()


def test_an_item_is_ended_from_its_page(members):
    item = EventItem.objects.get(code="env.lamp")
    district = client(members, "district_officer")
    address = f"/desk/lists/item/{item.pk}/end/"
    assert address in page(district, f"/desk/r/requests.items/record/{item.pk}/")
    assert "事项目录里不再有它" in page(district, address)
    refused = district.post(address, {"ended_on": "2019-13-40"})
    assert refused.status_code == 422 and "日期不对" in refused.content.decode()
    refused = district.post(address, {"ended_on": "1999-01-01"})
    assert refused.status_code == 422 and "终止日期不对" in refused.content.decode()
    assert district.post(address, {"ended_on": DAY.isoformat()}).status_code == 302
    assert not items_at(GRID, DAY).filter(code="env.lamp").exists()
    assert items_at(GRID, DAY - dt.timedelta(days=1)).filter(code="env.lamp").exists()
    other = EventItem.objects.exclude(pk=item.pk).first()
    street = client(members, "street_officer")
    assert street.post(f"/desk/lists/item/{other.pk}/end/", {"ended_on": DAY.isoformat()}).status_code == 403
    assert street.get("/desk/lists/nothing/1/end/").status_code == 404


def test_a_fault_is_closed_once_the_rule_is_there(members):
    rule = RoutingRule.objects.filter(item="", event_class="").first()
    RoutingRule.objects.update(valid_to=dt.date(2026, 6, 1))
    reported(members)
    fault = RoutingFault.objects.get()
    street = client(members, "street_officer")
    address = f"/desk/faults/{fault.pk}/settle/"
    assert address in page(street, f"/desk/r/requests.faults/record/{fault.pk}/")
    assert "去补派办规则" in page(street, address)
    assert street.post(address).status_code == 422 and RoutingFault.objects.get().settled_at is None
    RoutingRule.objects.filter(pk=rule.pk).update(valid_to=None)
    assert "现在同样的诉求会派到" in page(street, address)
    assert street.post(address).status_code == 302 and RoutingFault.objects.get().settled_at is not None
    assert "已经处理过" in page(street, address)
    assert client(members, "grid_worker").get(address).status_code == 404


def test_the_register_finds_words_of_the_report(members):
    matter = reported(members, text="井盖翘起来绊人", item_code="env.manhole")
    other = reported(members, text="路灯不亮")
    street = client(members, "street_officer")
    for words in ("绊人", "翘起来", matter.number):
        found = page(street, f"/desk/r/requests/?q={words}")
        assert matter.number in found and other.number not in found, words
    assert matter.number not in page(street, "/desk/r/requests/?q=绊")
    assert Matter.objects.count() == 2


def item_fields(**more):
    return {
        "place": "210202", "name": "电动滑板车乱停", "code": "env.scooters", "event_class": "environment", "valid_from": "2026-06-20",
        "clause": "演办〔2026〕7号", "words": "滑板车、共享滑板 乱停", "urgency": "normal", "confidentiality": "internal",
        "is_grid_work": "on", "elsewhere": "",
    } | more  # fmt: skip


def route_fields(members, **more):
    unit = members["department_officer"].actor.grants[0].unit_id
    return {
        "place": "210202005", "item": "env.lamp", "event_class": "", "urgency": "", "unit": f"unit:{unit}",
        "reason": "路灯由它养护", "valid_from": "2026-06-20",
    } | more  # fmt: skip


def alert(answer):
    assert answer.status_code == 422
    return answer.content.decode().split('role="alert"')[1].split("</div>")[0]


def test_an_item_is_added_from_a_day_on(members):
    district, address = client(members, "district_officer"), "/desk/lists/item/new/"
    assert address in page(district, "/desk/r/requests.items/") and "相关词" in page(district, address)
    assert district.post(address, item_fields()).status_code == 302
    row = EventItem.objects.get(code="env.scooters")
    assert (row.valid_from, row.words) == (dt.date(2026, 6, 20), ["滑板车", "共享滑板", "乱停"])
    assert not items_at(GRID, dt.date(2026, 6, 19)).filter(code="env.scooters").exists()
    assert Entry.objects.filter(action="requests.list_item", target_id=str(row.pk)).count() == 1


def test_what_stands_is_named_and_replaced_only_when_asked(members):
    district, address = client(members, "district_officer"), "/desk/lists/item/new/"
    fields = item_fields(code="env.lamp")
    before = EventItem.objects.get(code="env.lamp")
    said = alert(district.post(address, fields))
    assert f"已有“{before}”" in said and f'<a href="/desk/r/requests.items/record/{before.pk}/' in said
    assert "换掉它" in district.post(address, fields).content.decode()
    assert EventItem.objects.get(code="env.lamp").valid_to is None
    assert district.post(address, fields | {"replaces": "on"}).status_code == 302
    before.refresh_from_db()
    assert before.valid_to == dt.date(2026, 6, 20) and EventItem.objects.filter(code="env.lamp").count() == 2
    earlier = alert(
        district.post(address, item_fields(code="env.lamp", valid_from="2026-06-10", name="另一个"))
    )
    assert "“电动滑板车乱停”已定于 2026-06-20 起生效" in earlier


def test_a_rule_is_added_by_the_street_and_followed(members):
    street, address = client(members, "street_officer"), "/desk/lists/route/new/"
    assert f"{address}?place=210202005" in page(street, "/desk/r/requests.routes/?place=210202005")
    assert "就近的这一类单位" in page(street, f"{address}?place=210202005")
    fields = route_fields(members)
    assert street.post(address, fields).status_code == 302
    rule = RoutingRule.objects.get(place_code="210202005", item="env.lamp")
    lamp = EventItem.objects.get(code="env.lamp")
    assert route_for(GRID, lamp, "normal", DAY).rule == rule
    assert route_for(GRID, lamp, "normal", dt.date(2026, 6, 19)).rule != rule
    assert street.post(address, fields).status_code == 302  # the same again changes nothing
    assert "已有“路灯由它养护”" in alert(street.post(address, fields | {"unit": "kind:street_office"}))
    assert RoutingRule.objects.filter(place_code="210202005", item="env.lamp").count() == 1


@pytest.mark.parametrize(
    ("what", "more", "said"),
    [
        ("item", {"code": "乱停"}, "代码只用小写字母"),
        ("item", {"name": ""}, "请填写事项名称"),
        ("item", {"clause": " "}, "请写明依据"),
        ("item", {"words": "字" * 13}, "每个相关词最多 12 个字"),
        ("item", {"place": "210203"}, "适用地方"),
        ("item", {"valid_from": "明天"}, "日期不对"),
        ("route", {"unit": ""}, "请选派给谁"),
        ("route", {"unit": "unit:999999"}, "派给"),
        ("route", {"reason": ""}, "报告人会看到"),
        ("route", {"event_class": "environment"}, "按事项派的不再选类别"),
        ("route", {"item": "env.nothing"}, "事项"),
    ],
)
def test_bad_input_is_named_at_its_field(members, what, more, said):
    fields = item_fields(**more) if what == "item" else route_fields(members, **more)
    before = EventItem.objects.count() + RoutingRule.objects.count()
    assert said in alert(client(members, "district_officer").post(f"/desk/lists/{what}/new/", fields))
    assert EventItem.objects.count() + RoutingRule.objects.count() == before


def test_lists_are_added_to_by_those_who_keep_them(members):
    street = client(members, "street_officer")
    assert street.get("/desk/lists/item/new/").status_code == 404
    assert street.post("/desk/lists/item/new/", item_fields()).status_code == 404
    assert "适用地方" in alert(
        street.post("/desk/lists/route/new/", route_fields(members, place="210202006"))
    )
    worker = client(members, "grid_worker")
    assert worker.get("/desk/lists/route/new/").status_code == 404
    assert street.get("/desk/lists/nothing/new/").status_code == 404
    assert "/desk/lists/item/new/" not in page(street, "/desk/r/requests.items/")

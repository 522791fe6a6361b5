"""Pages on which the lists are kept: ending an item or a rule, settling a fault; finding a request by its words."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models import Matter
from doorstep.modules.requests.models import EventItem, RoutingFault, RoutingRule
from doorstep.modules.requests.selectors import items_at
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

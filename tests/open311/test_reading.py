"""What anybody reads: services from the list, requests without words, names or positions; both forms tell the same."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.modules.requests.models import EventItem, RuleValue
from doorstep.surfaces.open311.answers import TYPES
from doorstep.surfaces.open311.description import REQUEST, document
from doorstep.surfaces.open311.urls import urlpatterns
from tests.open311.conftest import Program, as_data, as_words, fault
from tests.requests.world import COMMUNITY, GRID, INSIDE, SISTER, closed, reported, step

SECRET = "住在三单元的演示张三天天扔垃圾"


def listed(app: Program, **query: Any) -> list[str]:
    return [each["service_request_id"] for each in app.read("v2/requests.json", **query)]


def opened(matter: Matter, days_ago: float) -> Matter:
    """As if it had been reported so many days ago."""
    Matter.objects.filter(pk=matter.pk).update(opened_at=clock.now() - dt.timedelta(days_ago))
    return matter


def test_discovery_leads_to_what_is_served(app):
    told = app.read("discovery.json")
    (endpoint,) = told["endpoints"]
    assert endpoint["formats"] == ["application/json", "text/xml"] and "系统管理员" in told["key_service"]
    address = endpoint["url"].removeprefix("http://testserver/open311/")
    assert app.get(f"{address}/services.json").status_code == 200


def test_services_are_the_items_taken_today(app):
    services = {each["service_code"]: each for each in app.read("v2/services.json")}
    assert set(services) == set(EventItem.objects.filter(elsewhere="").values_list("code", flat=True))
    lamp = services["env.lamp"]
    assert (lamp["service_name"], lamp["group"], lamp["type"]) == ("路灯楼道灯不亮", "环境与设施", "realtime")
    assert "路灯" in lamp["keywords"].split(",") and "办理情况公开" in lamp["description"]
    for code in ("disp.family", "disp.neighbour", "care.elder", "op.service", "live.benefits", "other.other"):
        assert "不公开" in services[code]["description"], code
    EventItem.objects.filter(code="env.lamp").update(valid_to=clock.today())
    assert app.get("v2/services/env.lamp.json").status_code == 404
    assert "env.lamp" not in {each["service_code"] for each in app.read("v2/services.json")}


def test_a_definition_has_what_may_be_said_and_every_value_of_it(app):
    told = app.read("v2/services/env.lamp.json")
    attributes = {each["code"]: each for each in told["attributes"]}
    assert told["service_code"] == "env.lamp" and list(attributes) == ["where", "urgency", "anonymous"]
    assert [value["key"] for value in attributes["urgency"]["values"]] == ["normal", "urgent", "emergency"]
    assert all(each["variable"] and not each["required"] for each in told["attributes"])


def test_a_request_tells_no_words_no_name_no_position(app, world):
    matter = reported(
        world,
        text=SECRET,
        address="演示街1号3单元",
        for_whom="演示李四",
        longitude=INSIDE[0],
        latitude=INSIDE[1],
    ).matter
    answer = app.get("v2/requests.json")
    (told,) = json.loads(answer.content)
    assert (
        told["service_request_id"] == matter.number
        and told["description"] == told["service_name"] == "路灯楼道灯不亮"
    )
    assert told["status"] == "open" and told["status_notes"] == "已上报：等待接办"
    assert told["address_id"] == COMMUNITY and told["agency_responsible"] == "演示居委会"
    assert (
        told["lat"] is None
        and told["long"] is None
        and told["expected_datetime"] > told["requested_datetime"]
    )
    for words in (SECRET[:6], "3单元", "李四", GRID, "121.6", "演示resident"):
        assert words not in answer.content.decode(), words
    assert set(told) == set(REQUEST["properties"])


def test_words_are_told_where_the_item_is_open(app, world):
    EventItem.objects.filter(code="env.lamp").update(confidentiality="open")
    reported(world, text="中心广场的路灯不亮。联系我 13900001111")
    (told,) = app.read("v2/requests.json")
    assert told["description"] == "中心广场的路灯不亮"


@pytest.mark.parametrize(
    "item",
    ["disp.family", "disp.neighbour", "care.elder", "care.mental", "sec.rental", "op.service", "live.benefits",
     "emer.lost", "pub.policy", "other.other", ""],
)  # fmt: skip
def test_what_concerns_persons_is_not_listed(app, world, item):
    matter = reported(world, text="捡到一样东西" if item else "嗯嗯嗯嗯", item_code=item).matter
    assert listed(app) == [] and listed(app, service_request_id=matter.number) == []
    for path in (f"v2/requests/{matter.number}.json", f"v2/tokens/{matter.number}.json"):
        hidden, absent = app.get(path), app.get(path.replace(matter.number, "QS9999999"))
        assert hidden.status_code == absent.status_code == 404
        assert fault(hidden).replace(matter.number, "QS9999999") == fault(absent)


def test_what_was_sealed_or_taken_back_goes_from_the_list(app, world):
    matter = reported(world).matter
    assert listed(app) == [matter.number]
    Matter.objects.filter(pk=matter.pk).update(confidentiality=Matter.SEALED)
    assert listed(app) == []
    other = reported(world).matter
    step(world, "resident", other, "withdraw")
    assert listed(app) == [] and app.get(f"v2/requests/{other.number}.json").status_code == 404


def test_the_district_sets_the_classes(app, world):
    reported(world)
    assert len(listed(app)) == 1
    RuleValue.objects.filter(key="public.classes").update(value=["safety"])
    assert listed(app) == [] and "不公开" in app.read("v2/services.json")[0]["description"]
    RuleValue.objects.filter(key="public.classes").delete()
    assert listed(app) == []


def test_closed_and_open(app, world):
    done, waiting = closed(world), reported(world).matter
    assert listed(app, status="closed") == [done.number] and listed(app, status="open") == [waiting.number]
    assert listed(app, status="open,closed") == listed(app) == [waiting.number, done.number]
    told = app.read(f"v2/requests/{done.number}.json")[0]
    assert (
        told["status"] == "closed" and told["status_notes"] == "已结案" and told["expected_datetime"] is None
    )
    assert "看过了" not in json.dumps(told, ensure_ascii=False)


def test_by_service_and_by_number(app, world):
    lamp, hole = reported(world).matter, reported(world, item_code="env.manhole", text="井盖没了").matter
    assert listed(app, service_code="env.manhole") == [hole.number]
    assert listed(app, service_code="env.manhole, env.lamp") == [hole.number, lamp.number]
    assert listed(app, service_code="no.such") == []
    opened(lamp, 400)
    assert listed(app) == [hole.number]
    assert set(listed(app, service_request_id=f"{lamp.number},{hole.number},QS9999999,x", status="closed")) == {
        lamp.number, hole.number,
    }  # fmt: skip
    assert app.read(f"v2/tokens/{lamp.number}.json") == [
        {"service_request_id": lamp.number, "token": lamp.number}
    ]


def test_by_days(app, world):
    recent, older, oldest = (opened(reported(world).matter, days).number for days in (1, 80, 120))
    now = clock.now()

    def ago(days: float) -> str:
        return (now - dt.timedelta(days)).isoformat()

    assert listed(app) == [recent, older]
    assert listed(app, start_date=ago(150)) == [older, oldest]
    assert listed(app, end_date=ago(100)) == [oldest]
    assert listed(app, start_date=ago(81), end_date=ago(2)) == [older]
    day = (now - dt.timedelta(80)).astimezone(clock.DISTRICT_ZONE).date().isoformat()
    assert listed(app, start_date=day, end_date=f"{day}T23:59:59 0800") == [older]


def test_pages(app, world):
    numbers = [reported(world).matter.number for _ in range(5)][::-1]
    assert listed(app, page_size=2) == numbers[:2] and listed(app, page_size=2, page=3) == numbers[4:]
    assert listed(app, page_size=2, page=4) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("start_date=yesterday", "start_date"), ("end_date=2026-02-30", "end_date"), ("start_date=0001-01-01T00:00:00Z", "start_date"),
        ("end_date=9999-12-31T23:59:59-14:00", "end_date"), ("start_date=2026-01-01&end_date=2026-06-01", "90"),
        ("start_date=2026-06-02&end_date=2026-06-01", "end_date"), ("status=done", "status"), ("status=open,done", "status"),
        ("service_code=%00", "service_code"), ("service_code=" + "x" * 41, "service_code"), ("page=0", "page"), ("page=x", "page"),
        ("page_size=1001", "page_size"), ("page=%C2%B2", "page"), ("service_request_id=" + "x," * 1001, "service_request_id"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named_in_both_languages(app, query, words):
    answer = app.get(f"v2/requests.json?{query}")
    assert answer.status_code == 400 and words in fault(answer), answer.content.decode()
    assert any(letter.isascii() and letter.isalpha() for letter in fault(answer).replace(words, ""))
    xml = app.get(f"v2/requests.xml?{query}")
    assert xml.status_code == 400 and ElementTree.fromstring(xml.content)[0].findtext("description") == fault(
        answer
    )


@pytest.mark.parametrize(
    "path",
    ["v2/services/no.such.json", "v2/services/%00.json", "v2/requests/%00.json", "v2/requests/QS0000000.json",
     "v2/requests/QS99999999999999999999.json", "v2/requests/QS999999999999999.json", "v2/requests/WH0000001.json",
     "v2/tokens/x.json", "v2/services.json?jurisdiction_id=chicago.gov", "discovery.json?jurisdiction_id=%00"],
)  # fmt: skip
def test_what_is_not_there(app, path):
    answer = app.get(path)
    assert answer.status_code == 404 and fault(answer)


def test_the_jurisdiction_may_be_named(app):
    assert app.read("v2/services.json", jurisdiction_id="210202")


def test_every_address_is_in_the_description():
    routes = {f"/open311/{each.pattern}" for each in urlpatterns if each.name != "openapi"}
    written = {
        re.sub(r"<str:(\w+)>", r"{\1}", route).replace("<form:form>", form) for route in routes for form in TYPES
    }  # fmt: skip
    assert written == set(document()["paths"])


def test_a_session_shows_no_more_than_nobody_sees(app, world):
    reported(world)
    sealed = reported(world, item_code="disp.family", text="两口子天天吵架").matter
    before = app.read("v2/requests.json")
    account = Account.objects.create(username="community", person=world.people["community"])
    app.client.force_login(account, backend="doorstep.kernel.authority.backends.AccountBackend")
    assert app.read("v2/requests.json") == before and len(before) == 1
    assert app.get(f"v2/requests/{sealed.number}.json").status_code == 404


def test_other_methods_are_refused_with_those_there_are(app):
    answer = app.client.delete("/open311/v2/requests.json")
    assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD, POST" and "DELETE" in fault(answer)
    assert app.client.head("/open311/v2/services.json").status_code == 200


@pytest.mark.parametrize(
    "path", ["discovery", "v2/services", "v2/services/env.lamp", "v2/requests", "requests/", "tokens/"]
)
def test_both_forms_tell_the_same(app, world, path):
    EventItem.objects.filter(code="env.lamp").update(confidentiality="open")
    matter = reported(world, title='灯 <坏了> & "不亮" ]]>\u0001\ufffe\r1', text="x").matter
    reported(world, place_code=SISTER, item_code="env.road", text="路面塌了")
    Matter.objects.filter(pk=matter.pk).update(title='灯 <坏了> & "不亮" ]]>\u0001\ufffe\r1')
    path = f"v2/{path}{matter.number}" if path.endswith("/") else path
    data, answer = app.read(f"{path}.json"), app.get(f"{path}.xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert as_data(ElementTree.fromstring(answer.content)) == as_words(data)
    if path == "v2/requests":
        assert data[1]["description"] == '灯 <坏了> & "不亮" ]]>\n1'


def test_a_page_costs_the_same_whatever_its_length(app, world):
    costs = []
    for _ in range(2):
        for _ in range(3):
            reported(world, place_code=SISTER)
            closed(world)
        with CaptureQueriesContext(connection) as queries:
            app.read("v2/requests.json")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 7, (
        costs
    )  # the classes, the rows, four for names and promises, the reader's count

"""Reports by partners' programs: taken in once, told in words, never with contact data."""

from __future__ import annotations

import datetime as dt
import json
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services_tokens import make_token
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.modules.requests.follow_codes import matter_of
from tests.authority.cast import SYSTEM
from tests.open311.conftest import LAMP, Program, fault
from tests.requests.world import COMMUNITY, GRID, OUTSIDE, add_unit, reported


def test_a_report_reaches_the_grid_and_names_nobody(app):
    taken = app.reported()
    matter = Matter.objects.get()
    assert taken["service_request_id"] == matter.number and taken["account_id"] == ""
    assert (matter.source, matter.item, matter.place_code, matter.text) == (
        "open311", "env.lamp", GRID, LAMP["description"],
    )  # fmt: skip
    assert matter.reporter_id is None and matter.teller_id is None and matter.request.anonymous
    entry = Entry.objects.filter(action="request.open").get()
    assert entry.account_id is None and entry.scope == f"key {app.api_key[:9]}"


def test_the_reporter_can_follow_with_the_code_of_the_notice(app):
    notice = app.reported()["service_notice"]
    code = next(word for word in notice.split() if word.startswith("QS"))
    assert matter_of(code) == Matter.objects.get()


def test_xml_tells_the_number_too(app):
    answer = app.report("xml")
    assert answer.status_code == 201 and answer["Content-Type"] == "text/xml; charset=utf-8"
    (request,) = ElementTree.fromstring(answer.content)
    assert request.tag == "request" and request.findtext("service_request_id") == Matter.objects.get().number


def test_contact_data_and_pictures_are_not_kept_and_it_is_said(app):
    told = app.reported(
        email="somebody@example.org", phone="13900001111", first_name="演示名字", last_name="演示姓",
        media_url="https://example.org/picture.jpg",
    )  # fmt: skip
    assert "没有保存" in told["service_notice"] and "照片没有收下" in told["service_notice"]
    matter = Matter.objects.get()
    kept = json.dumps(
        [str(value) for value in matter.__dict__.values()]
        + [str(v) for v in matter.request.__dict__.values()]
    )
    kept += "".join(str(entry.__dict__) for entry in Entry.objects.all())
    for value in ("somebody@", "13900001111", "演示名字", "演示姓", "picture.jpg"):
        assert value not in kept
    assert "没有保存" not in app.reported()["service_notice"]


def test_a_picture_sent_along_is_not_taken(app):
    told = app.reported(media=SimpleUploadedFile("a.jpg", b"x", "image/jpeg"))
    assert "照片没有收下" in told["service_notice"] and not Matter.objects.get().attachments.exists()


def test_sent_again_it_is_the_same_report_for_this_sender_alone(app, partner):
    number = app.reported(sender_key="7")["service_request_id"]
    again = app.report(sender_key="7")
    assert again.status_code == 200 and json.loads(again.content)[0]["service_request_id"] == number
    assert "先前已经收到" in json.loads(again.content)[0]["service_notice"]
    other = partner("演示另一家公司")
    assert other.reported(sender_key="7")["service_request_id"] != number
    app.reported(), app.reported()  # without a key of the sender's own each is a report
    assert Matter.objects.count() == 4


def test_a_new_access_key_of_the_same_unit_is_the_same_sender(world):
    unit = add_unit("company", "演示应用公司")
    old, new = (
        Program(
            make_token(
                actor=SYSTEM,
                name="应用",
                scopes=["open311.report"],
                expires_on=clock.today(),
                unit_id=unit.pk,
            ).secret
        )
        for _ in range(2)
    )
    number = old.reported(sender_key="7")["service_request_id"]
    assert json.loads(new.report(sender_key="7").content)[0]["service_request_id"] == number


def test_somebodys_own_key_reports_as_oneself(world):
    resident = world.people["resident"]
    account = Account.objects.create(username="resident", person=resident)
    made = make_token(
        actor=actor_for(account),
        name="程序",
        scopes=["open311.report"],
        expires_on=clock.today() + dt.timedelta(9),
    )
    app = Program(made.secret)
    app.reported()
    assert Matter.objects.get().reporter_id == resident.pk
    told = app.reported(**{"attribute[anonymous]": "yes"})
    hidden = Matter.objects.order_by("-pk")[0]
    assert hidden.reporter_id is None and hidden.request.anonymous and "查询码" in told["service_notice"]
    assert Entry.objects.filter(action="request.open").order_by("-pk")[0].scope == ""


@pytest.mark.parametrize(
    ("given", "place", "address"),
    [
        ({}, GRID, ""),
        ({"address_string": "演示街1号", "lat": None, "long": None}, GRID, "演示街1号"),
        ({"address_id": COMMUNITY, "lat": None, "long": None, "address_string": "东门"}, COMMUNITY, "东门"),
        ({"address_id": GRID}, GRID, ""),
        ({"attribute[where]": "3单元5层"}, GRID, "3单元5层"),
        ({"address_string": "演示街1号", "attribute[where]": "3单元", "lat": None, "long": None}, GRID, "演示街1号 3单元"),
    ],
)  # fmt: skip
def test_where_it_is(app, given, place, address):
    app.reported(**given)
    matter = Matter.objects.get()
    assert (matter.place_code, matter.address) == (place, address)


def test_a_building_by_its_number(app, world):
    from doorstep.kernel.places.models import Building

    building = Building.objects.get()
    app.reported(address_id=building.pk, lat=None, long=None)
    matter = Matter.objects.get()
    assert (matter.place_code, matter.address, matter.longitude) == (
        GRID,
        building.address,
        building.longitude,
    )


def test_a_position_outside_the_district_is_refused_or_not_used(app):
    refused = app.report(long=OUTSIDE[0], lat=OUTSIDE[1])
    assert refused.status_code == 400 and "不在本区范围内" in fault(refused) and "lat, long" in fault(refused)
    assert not Matter.objects.exists()
    told = app.reported(long=OUTSIDE[0], lat=OUTSIDE[1], address_id=COMMUNITY)
    assert "没有采用" in told["service_notice"] and Matter.objects.get().longitude is None


def test_without_words_the_items_name_stands(app):
    app.reported(description=None)
    assert Matter.objects.get().title == "路灯楼道灯不亮"


def test_urgency_is_the_items_own_for_everybody_but_staff(app):
    app.reported(**{"attribute[urgency]": "emergency"})
    assert Matter.objects.get().urgency == "normal"


def test_what_is_sealed_is_said_to_be_unlisted(app):
    told = app.reported(service_code="disp.family", description="两口子天天吵架")
    assert "这类事不公开" in told["service_notice"]
    assert Matter.objects.get().confidentiality == "sealed"
    assert app.get(f"v2/requests/{told['service_request_id']}.json").status_code == 404


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"api_key": None}, 403, "api_key"), ({"api_key": "dk_unknown"}, 403, "不存在"), ({"api_key": "\x00"}, 403, "不存在"),
        ({"service_code": None}, 400, "service_code"), ({"service_code": " "}, 400, "service_code"),
        ({"service_code": "no.such"}, 404, "no.such"), ({"service_code": "\x00"}, 404, "没有找到服务"),
        ({"service_code": "away.court"}, 404, "away.court"), ({"jurisdiction_id": "chicago.gov"}, 404, "210202"),
        ({"lat": "north"}, 400, "lat"), ({"lat": None}, 400, "lat"), ({"lat": 91}, 400, "lat"), ({"long": "nan"}, 400, "long"),
        ({"lat": None, "long": None}, 400, "在哪里"), ({"lat": None, "long": None, "address_string": "没有的路9号"}, 400, "address_string"),
        ({"lat": None, "long": None, "address_id": "210202999999"}, 400, "没有找到这个地方"), ({"address_id": "²"}, 400, "address_id"),
        ({"address_id": "99999999"}, 400, "address_id"), ({"description": "长" * 5001}, 400, "5000"),
        ({"attribute[urgency]": "very"}, 400, "attribute[urgency]"), ({"attribute[colour]": "red"}, 400, "attribute[colour]"),
        ({"address_string": "长" * 121}, 400, "120"), ({"sender_key": "x" * 201}, 400, "Idempotency-Key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written(app, given, status, words):
    answer = app.report(**given)
    assert answer.status_code == status and words in fault(answer), answer.content.decode()
    assert any(letter.isascii() and letter.isalpha() for letter in fault(answer))
    assert not Matter.objects.exists()


def test_a_refusal_in_xml(app):
    answer = app.report("xml", service_code=None)
    root = ElementTree.fromstring(answer.content)
    assert answer.status_code == 400 and root.tag == "errors" and root[0].findtext("code") == "400"
    assert "请给出 service_code" in (root[0].findtext("description") or "")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"service_code": "env.lamp"}'), ("multipart/form-data", b"x"), ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("application/x-www-form-urlencoded; charset=gbk", b"a=b"), ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2000))),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 6_000_000),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_in_words(app, content_type, body):
    answer = app.client.post("/open311/v2/requests.json", body, content_type=content_type)
    assert answer.status_code in (400, 403) and fault(answer)
    assert not Matter.objects.exists()


def test_a_key_without_the_scope_and_an_ended_one_are_refused(app, world):
    account = Account.objects.create(username="resident", person=world.people["resident"])
    made = make_token(
        actor=actor_for(account), name="程序", scopes=["matters.report"], expires_on=clock.today()
    )
    answer = Program(made.secret).report()
    assert answer.status_code == 403 and "没有开放上报的权限" in fault(answer)
    with clock.fixed(clock.today() + dt.timedelta(31)):
        assert app.report().status_code == 403


def test_too_often_is_said_with_when_to_come_again(app, partner, settings):
    settings.API_CALLS_A_MINUTE = 3
    # a minute may end amid the tries: of eight, one of the two has more than three
    answers = [app.report(service_code="no.such") for _ in range(8)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused["Retry-After"] == "60" and "过一分钟" in fault(refused) and "minute" in fault(refused)
    assert partner("演示另一家公司").report(service_code="no.such").status_code == 404
    readers = [app.get("v2/services.json").status_code for _ in range(8)]
    assert readers[0] == 200 and 429 in readers


def test_somebodys_own_keys_share_one_limit_of_reports(world, settings):
    settings.API_REPORTS_A_MINUTE = 3
    actor = actor_for(Account.objects.create(username="resident", person=world.people["resident"]))
    keys = [
        make_token(actor=actor, name="程序", scopes=["open311.report"], expires_on=clock.today()).secret
        for _ in range(8)
    ]
    assert 429 in [Program(key).report(service_code="no.such").status_code for key in keys]


def test_a_browsers_session_stands_for_nobody(app, world):
    account = Account.objects.create(username="worker", person=world.people["worker"])
    app.client.force_login(account, backend="doorstep.kernel.authority.backends.AccountBackend")
    assert app.report(api_key=None).status_code == 403
    reported(world)
    app.reported()
    assert Matter.objects.order_by("-pk")[0].teller_id is None

"""Reporting on the phone: where, what, once; in words when it cannot be taken, and nothing is lost then."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Attachment, History, Matter
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.places.models import Building
from doorstep.kernel.web.frame.installing import sender_of
from doorstep.modules.requests.follow_codes import code_of
from doorstep.modules.requests.models import Request
from doorstep.surfaces.doorway import pace
from tests.matters.uploads import photo
from tests.requests import world as making
from tests.requests.world import COMMUNITY, GRID, INSIDE, OUTSIDE
from tests.sign_in import client_of

JSON = {"accept": "application/json"}


@pytest.fixture
def world(db, clock_fixed):
    with making.clock.fixed(clock_fixed):
        yield making.build()


@pytest.fixture
def resident(world) -> Client:
    return signed_in(world, "resident")


def signed_in(world, role: str) -> Client:
    account = Account.objects.create(username=role, person=world.people[role])
    client = Client()
    client.force_login(account, backend="doorstep.kernel.authority.backends.AccountBackend")
    return client


def fields(**more):
    return {"text": "楼道灯不亮好几天了", "place": GRID, "key": str(uuid.uuid4()), "seen": "1"} | more


def upload(name: str = "灯.jpg", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or photo())


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return html.unescape(answer.content.decode())


def only() -> Request:
    return Request.objects.select_related("matter").get()


def test_a_resident_reports_and_is_told_by_when(resident, world):
    answer = resident.post("/report/", fields(), follow=True)
    text = text_of(answer)
    matter = only().matter
    assert (
        matter.reporter == world.people["resident"] and matter.place_code == GRID and matter.source == "phone"
    )
    assert matter.number in text and "回应您" in text and "办完并答复您" in text
    assert "跟进码" not in text


def test_my_own_building_needs_no_choosing(resident, world):
    building = Building.objects.get()
    resident.post(f"/door/{building.pk}/keep/")
    form = text_of(resident.get("/report/"))
    assert "1号楼" in form and f'name="building" value="{building.pk}"' in form
    resident.post("/report/", fields(place="", building=building.pk))
    assert only().matter.address == "演示街1号" and only().matter.place_code == GRID


def test_the_same_report_twice_is_one(resident, world):
    sent = fields()
    first, again = (resident.post("/report/", sent, headers=JSON).json() for _time in range(2))
    assert first["number"] == again["number"] and Matter.objects.count() == 1


def test_somebody_unknown_reports_gets_a_code_once_and_leaves_no_trace(client, world):
    text = text_of(client.post("/report/", fields(), follow=True))
    request = only()
    assert request.anonymous and request.matter.reporter is None and request.matter.teller is None
    assert code_of(request.matter) in text and "匿名上报" in text
    assert "接手" in text and "您。" not in text.split("<h1>")[1].split("跟进码")[0]
    assert History.objects.get(matter=request.matter).account_id is None
    assert code_of(request.matter) not in text_of(client.get("/report/sent/", follow=True))


def test_a_resident_may_stay_unknown(resident, world):
    resident.post("/report/", fields(anonymous="1"))
    assert only().anonymous and only().matter.reporter is None


def test_what_staying_unknown_costs_is_said_before_sending(client, resident, world):
    for phone in (client, resident):
        assert "您不能评价、补充或要求重办" in text_of(phone.get("/report/"))


def test_a_neighbour_reports_for_somebody_and_is_answered(resident, world):
    resident.post("/report/", fields(behalf="1", for_whom="二楼王奶奶"))
    assert only().for_whom == "二楼王奶奶" and only().matter.reporter == world.people["resident"]


def test_a_worker_reports_for_somebody_and_stands_as_the_teller(world):
    organisations.appoint(
        actor=system_actor("test"), person_id=world.people["worker"].pk, post="grid_worker",
        unit_id=world.committee.pk, valid_from=making.TODAY, places=(GRID,),
    )  # fmt: skip
    worker = client_of(Account.objects.create(username="worker", person=world.people["worker"]))
    worker.post("/report/", fields(behalf="1", for_whom="二楼王奶奶"))
    assert only().matter.reporter is None and only().matter.teller == world.people["worker"]


def test_without_a_place_it_is_refused_with_the_words_kept(resident, world):
    text = text_of(resident.post("/report/", fields(place="")), 422)
    assert "请告诉我们在哪里" in text and "楼道灯不亮好几天了</textarea>" in text
    assert not Matter.objects.exists()


def test_a_pin_inside_and_outside_the_district(resident, world):
    inside = fields(place="", longitude=INSIDE[0], latitude=INSIDE[1], datum="wgs-84")
    resident.post("/report/", inside)
    assert only().matter.place_code == GRID and only().matter.longitude == pytest.approx(INSIDE[0])
    outside = {"longitude": OUTSIDE[0], "latitude": OUTSIDE[1], "datum": "wgs-84"}
    told = text_of(resident.post("/report/place/", outside, headers={"hx-request": "true"}))
    assert "看来不在本区" in told
    assert "不在本区范围内" in text_of(resident.post("/report/", fields(place="") | outside), 422)
    text = text_of(resident.post("/report/", fields(place=COMMUNITY) | outside, follow=True))
    assert "没有采用" in text and Matter.objects.count() == 2


def test_twenty_thousand_characters_are_refused_in_words_and_nothing_is_lost(resident, world):
    long = "灯" * 20_000
    text = text_of(resident.post("/report/", fields(text=long)), 422)
    assert "最多 5000 字，现在是 20000 字" in text and long in text
    told = resident.post("/report/", fields(text=long), headers=JSON)
    assert told.status_code == 422 and told.json()["field"] == "text"


@pytest.mark.parametrize(
    "said",
    [
        "😀灯坏了🔦👨‍👩‍👧",
        "<script>alert(1)</script> 灯坏了",
        "{{ 7*7 }} {% url %} 灯坏了",
        "灯\x00坏\u202e了",
    ],
)
def test_emoji_and_mark_up_stay_what_they_are(resident, world, said):
    page = resident.post("/report/", fields(text=said), follow=True).content.decode()
    assert only().matter.text == said.replace("\x00", "").replace("\u202e", "")
    shown = re.sub(r"QS\d+|told/\d+|\d+月\d+日|\d+:\d\d", "", page.split("<main")[1].split("</main>")[0])
    assert (
        "<script>alert" not in page and "49" not in shown
    )  # but in the number, its address, the day or the time of the report


def test_whom_to_call_comes_before_sending(client, world):
    asked = fields(text="三楼着火了，有人晕倒")
    del asked["seen"]
    text = text_of(client.post("/report/", asked))
    assert 'href="tel:119"' in text and 'href="tel:120"' in text and not Matter.objects.exists()
    assert 'name="seen" value="1"' in text
    client.post("/report/", asked | {"seen": "1"})
    assert Matter.objects.count() == 1


def test_what_a_neighbour_reported_already_is_offered_before_sending(resident, world):
    first = making.reported(world, "neighbour")
    asked = fields(text="楼道灯不亮")
    del asked["seen"]
    text = text_of(resident.post("/report/", asked))
    assert "邻居可能已经上报" in text and "不是同一件，照样发出" in text and Matter.objects.count() == 1
    assert first.matter.text not in text.replace(asked["text"] + "</textarea>", "")
    shown = re.search(r'name="shown" value="([\d,]+)"', text)
    assert shown and shown[1] == str(first.matter.pk)
    resident.post("/report/", asked | {"seen": "1", "shown": shown[1]})
    assert Request.objects.exclude(pk=first.matter.pk).get().not_the_same == [first.matter.pk]


def test_items_are_suggested_while_writing(client, world):
    text = text_of(client.post("/report/hints/", {"text": "井盖坏了", "place": GRID}))
    assert "井盖缺失破损" in text and 'value="env.manhole"' in text
    assert "说的是这个吗" not in text_of(client.post("/report/hints/", {"text": "", "place": GRID}))


def test_a_place_is_found_by_words_and_the_words_of_the_report_stay(client, world):
    sent = fields(place="", find="1号楼", pick="find")
    text = text_of(client.post("/report/place/", sent))
    building = Building.objects.get()
    assert f'value="b{building.pk}"' in text and "楼道灯不亮好几天了</textarea>" in text
    text = text_of(client.post("/report/place/", sent | {"pick": f"b{building.pk}"}))
    assert f'name="building" value="{building.pk}"' in text
    text = text_of(client.post("/report/place/", sent | {"pick": f"p{COMMUNITY}"}))
    assert f'value="p{GRID}"' in text
    assert 'name="place" value=""' in text_of(client.post("/report/place/", sent | {"pick": "p110101"}))


def test_a_picture_is_kept_and_a_bad_one_does_not_cost_the_report(client, resident, world):
    resident.post("/report/", fields(picture=upload()))
    assert Attachment.objects.get().matter == only().matter
    told = client.post(
        "/report/", fields(picture=upload("不是照片.svg", b"<svg onload=alert(1)>")), headers=JSON
    )
    assert told.status_code == 200 and "照片没有收下" in told.json()["warnings"][-1]
    assert Matter.objects.count() == 2 and Attachment.objects.count() == 1


def test_an_unknown_reporters_picture_names_nobody(resident, world):
    resident.post("/report/", fields(anonymous="1", picture=upload()))
    row = Attachment.objects.get()
    assert row.account_id is None and row.person_id is None


def test_who_was_signed_out_meanwhile_does_not_report_as_nobody(client, world):
    told = client.post("/report/", fields(sender=sender_of(7)), headers=JSON)
    assert told.status_code == 409 and "重新登录" in told.json()["message"]
    assert not Matter.objects.exists()


def test_too_many_reports_are_slowed_in_words_with_the_words_kept(resident, world):
    answers = [resident.post("/report/", fields(text=f"第{number}件：路灯不亮")) for number in range(500)]
    limit = pace.REPORTS_PER_MINUTE
    assert limit <= Matter.objects.count() <= 2 * limit  # a minute may begin meanwhile
    refused = text_of(answers[-1], 429)
    assert f"最多 {limit} 件" in refused and "第499件：路灯不亮</textarea>" in refused
    assert answers[-1]["Retry-After"] == "60"


def test_the_kept_form_is_nobodys(resident, world):
    building = Building.objects.get()
    resident.post(f"/door/{building.pk}/keep/")
    text = text_of(resident.get("/report/kept/?language=zh-hans"))
    assert "1号楼" not in text and 'name="building" value=""' in text

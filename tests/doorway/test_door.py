"""Find my organisation: from a building to the five cards, without signing in and without scripts."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import give_consent
from doorstep.kernel.places.models import Building
from doorstep.kernel.places.positions import to_gcj02
from doorstep.surfaces.doorway import pace
from tests.chain import world as district
from tests.doorway.conftest import PHONE

WECHAT = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.49"


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def cards(client: Client, building: Building) -> list[str]:
    text = text_of(client.get(f"/door/{building.pk}/"))
    return text.split('<ol class="chain">')[1].split("</ol>")[0].split("<li>")[1:]


def test_five_cards_with_office_numbers_only(client, world, whole):
    world.household(whole)
    household, group, branch, worker, community = cards(client, whole)
    for card, role, name in [
        (group, "楼栋党小组组长", "演示group_leader"), (branch, "网格党支部书记", "演示branch_secretary"),
        (worker, "专职网格员", "演示grid_worker"), (community, "社区党组织书记", "演示community_secretary"),
    ]:  # fmt: skip
        assert role in card and name in card and "0411-800000" in card
    assert "0411-8000009" in worker
    assert "周一至周五" in community
    assert "本人没有同意公开姓名" in household
    assert PHONE not in text_of(client.get(f"/door/{whole.pk}/"))


def test_a_households_name_shows_only_with_consent(client, world, whole):
    shown, hidden = world.household(whole), world.household(whole)
    give_consent(actor=district.SYSTEM, person=shown.person, purpose="show_household_name", given_by="书面")
    household = cards(client, whole)[0]
    assert shown.person.name in household and hidden.person.name not in household
    assert "另有 1 户未公开姓名" in household


def test_missing_links_are_said_with_whom_to_call(client, world):
    building = world.buildings[district.ONE + "002"][0]
    household, group, branch, worker, community = cards(client, building)
    assert "本楼还没有党员中心户" in household
    assert "这栋楼还没有编入楼栋党小组" in group
    assert "这里还没有网格党支部" in branch
    assert "网格员暂缺" in worker
    assert "书记暂缺" in community
    for card in (household, group, branch, worker, community):
        assert "有事请打给演示社区1党委" in card and 'href="tel:0411-8000000"' in card


def test_a_substitute_is_said_to_be_one(client, world, whole):
    holder = Appointment.objects.get(post="branch_secretary")
    organisations.appoint_substitute(
        actor=district.SYSTEM, appointment_id=holder.pk, person_id=district.person("演示代理").pk,
        valid_from=district.TODAY, valid_to=district.TODAY.replace(month=9),
    )  # fmt: skip
    assert "演示代理" in cards(client, whole)[2] and "临时代理" in cards(client, whole)[2]


@pytest.mark.parametrize("text", ["一号", "yihaolou", "yhl", "演示街1号 一号楼"])
def test_a_building_is_found_by_characters_pinyin_initials_and_address(client, whole, text):
    assert f'href="/door/{whole.pk}/"' in text_of(client.get("/door/", {"q": text}))


def test_nothing_found_says_what_to_try(client, world):
    text = text_of(client.get("/door/", {"q": "没有这样的楼"}))
    assert "没有找到" in text and "按街道找" in text


@pytest.mark.parametrize("text", ["\x00", "%", "_", "'", "\\", "楼" * 500, "a " * 200, "😀", "\u202e楼"])
def test_odd_searches_are_answered(client, world, text):
    assert client.get("/door/", {"q": text}).status_code == 200


def test_a_community_is_found_by_its_name(client, world):
    assert f'href="/door/in/{district.ONE}/"' in text_of(client.get("/door/", {"q": "演示一社区"}))


def test_by_street_community_building_without_scripts(client, world):
    street, building = district.ONE[:9], world.buildings[district.ONE + "001"][0]
    assert f'href="/door/in/{street}/"' in text_of(client.get("/door/"))
    assert f'href="/door/in/{district.ONE}/"' in text_of(client.get(f"/door/in/{street}/"))
    assert f'href="/door/{building.pk}/"' in text_of(client.get(f"/door/in/{district.ONE}/"))


@pytest.mark.parametrize(
    "path",
    [
        "/door/in/310101/",
        "/door/in/2102029990/",
        "/door/in/abc/",
        "/door/in/%00/",
        "/door/in/２１０２０２００５/",
        "/door/999999999/",
        "/door/99999999999999999999999/",
    ],
)
def test_what_is_not_in_the_district_does_not_exist(client, world, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("datum", "shift"), [("wgs-84", False), ("gcj-02", True)])
def test_by_position_in_either_system(client, world, datum, shift):
    building = world.buildings[district.ONE + "001"][2]
    longitude, latitude = building.longitude, building.latitude
    if shift:
        longitude, latitude = to_gcj02(longitude, latitude)
    sent = {"longitude": longitude, "latitude": latitude, "datum": datum}
    text = text_of(client.post("/door/near/", sent))
    first = text.split('href="/door/')[2]
    assert first.startswith(f"{building.pk}/") and "约 0 米" in first


def test_wechats_browser_is_known_to_shift(client, world):
    assert 'value="gcj-02"' in text_of(client.get("/door/", headers={"user-agent": WECHAT}))
    assert 'value="wgs-84"' in text_of(client.get("/door/"))


def test_far_from_the_district_is_said_and_nonsense_refused(client, world):
    far = {"longitude": 116.4, "latitude": 39.9, "datum": "wgs-84"}
    text = text_of(client.post("/door/near/", far))
    assert "您的位置看来不在本区" in text and "没有登记的楼栋" in text
    assert client.post("/door/near/", far | {"latitude": "x"}).status_code == 400
    for nonsense in [1000, "nan", "inf", "", "1e999"]:
        assert client.post("/door/near/", far | {"longitude": nonsense}).status_code == 400


def test_my_door_is_kept_in_this_browser_and_forgotten(client, whole):
    assert "告诉我您住哪栋楼" in text_of(client.get("/"))
    kept = client.post(f"/door/{whole.pk}/keep/", follow=True)
    assert "有事说一声" in text_of(kept) and 'href="tel:0411-8000000"' in text_of(kept)
    assert "演示一社区" in text_of(kept)
    assert client.cookies["my_door"]["httponly"]
    assert "告诉我您住哪栋楼" in text_of(client.post("/door/forget/", follow=True))
    client.cookies["my_door"] = f"{whole.pk}:forged"
    assert "告诉我您住哪栋楼" in text_of(client.get("/"))


def test_what_does_not_exist_yet_says_so(client, whole):
    client.post(f"/door/{whole.pk}/keep/")
    assert "登录后在这里看进展" in text_of(client.get("/mine/"))
    assert "您还不是志愿者" in text_of(client.get("/mine/"))
    nearby = text_of(client.get("/nearby/"))
    assert "社区还没有登记场所" in nearby and "0411-8000000" in nearby


def test_asking_too_often_is_slowed_in_words(client, world, monkeypatch):
    monkeypatch.setattr(pace, "REQUESTS_PER_MINUTE", 3)
    answers = [client.get("/door/") for _time in range(8)]
    assert answers[0].status_code == 200 and answers[-1].status_code == 429
    assert "请过一分钟再试" in answers[-1].content.decode()


def test_nothing_personal_is_logged(client, world, whole, caplog):
    caplog.set_level(logging.DEBUG)
    client.get("/door/", {"q": "演示街77号"})
    client.post("/door/near/", {"longitude": 121.6012345, "latitude": 38.9, "datum": "wgs-84"})
    client.get(f"/door/{whole.pk}/")
    told = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "77号" not in told and "121.6012" not in told and "演示group" not in told


def test_few_queries(client, world, whole, django_assert_max_num_queries):
    world.household(whole)
    client.post(f"/door/{whole.pk}/keep/")
    for path, most in [
        ("/", 5),
        (f"/door/{whole.pk}/", 17),
        ("/door/?q=楼", 10),
        (f"/door/in/{district.ONE}/", 11),
    ]:
        with django_assert_max_num_queries(most):
            client.get(path)


def test_an_erased_household_is_nobody(client, world, whole):
    household = world.household(whole)
    give_consent(
        actor=district.SYSTEM, person=household.person, purpose="show_household_name", given_by="书面"
    )
    Person.objects.filter(pk=household.person_id).update(erased_at="2026-01-01T00:00:00Z")
    assert household.person.name not in cards(client, whole)[0]

"""Pages of the vanguard: who finds what, what a form refuses stands at its field, and what a withdrawn consent takes away."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.activities.models import JOINED, Session, SignUp
from doorstep.modules.vanguard import services
from doorstep.modules.vanguard.models import Area, Callup, Feedback, Holding, Member, Post, Project, Wish
from doorstep.modules.vanguard.selectors import unit_names
from doorstep.modules.vanguard.selectors_map import parts_of
from doorstep.modules.vanguard.services import NewKept, Places
from tests.grids.world import BEGAN, DISTRICT, FIRST, ONE, SECOND, STREET, TODAY, World
from tests.sign_in import client_of
from tests.vanguard.world import (
    callup,
    party,
    position,
    reported,
    served_wish,
    sessions_of,
)


@pytest.fixture
def desk(world: World) -> Client:
    return client_of(world.accounts["secretary"])


@pytest.fixture
def phone(world: World) -> Client:
    return client_of(world.accounts["member"])


def test_reporting_in_on_the_phone(world: World, phone: Client, desk: Client) -> None:
    assert "登录后报到" in Client().get("/member/").content.decode()
    page = phone.get("/member/").content.decode()
    assert "报到不用审批" in page
    sent = {"place_code": ONE, "employer_name": "", "skills": ["law"]}
    refused = phone.post("/member/", sent)
    assert refused.status_code == 422 and "工作单位" in refused.content.decode()
    assert phone.post("/member/", sent | {"employer_name": "演示研究所"}).status_code == 302
    assert "等社区收到" in phone.get("/member/").content.decode()
    row = Member.objects.get()
    assert "收到报到" in desk.get(f"/desk/vanguard/members/{row.pk}/receive/").content.decode()
    assert desk.post(f"/desk/vanguard/members/{row.pk}/receive/").status_code == 302
    changed = {"place_code": ONE, "employer_name": "演示大学", "version": "1"}
    assert phone.post("/member/change/", changed).status_code == 302
    assert phone.post("/member/change/", changed | {"employer_name": "别的"}).status_code == 422
    unit = world.units["department", DISTRICT]
    name = unit_names([unit.pk])[unit.pk]
    assert f'<option value="{name}">' in phone.get("/member/change/").content.decode(), (
        "suggested as one writes"
    )
    assert phone.post("/member/change/", changed | {"employer_name": name, "version": "2"}).status_code == 302
    row.refresh_from_db()
    assert (row.employer_id, row.employer_name) == (unit.pk, ""), "a name of the district's is its unit"
    assert phone.post("/member/leave/").status_code == 302
    for page in ("/member/wishes/", "/member/wishes/1/", "/member/shifts/", "/member/change/"):
        assert "先报到" in phone.get(page, follow=True).content.decode()


def test_from_the_board_to_the_word_of_who_was_helped(world: World, phone: Client, desk: Client) -> None:
    reported(world)
    sent = {
        "key": str(uuid.uuid4()), "category": "wish", "title": "想要一个放大镜", "place_code": ONE, "helped": "三号楼独居老人",
        "text": "看药品说明", "address": "三号楼 101",
    }  # fmt: skip
    assert desk.post("/desk/vanguard/wishes/new/", sent | {"helped": ""}).status_code == 422
    assert desk.post("/desk/vanguard/wishes/new/", sent).status_code == 302
    row = Wish.objects.get()
    page = phone.get(f"/member/wishes/{row.pk}/").content.decode()
    assert "我来办" in page and "101" not in page and "药品" not in page
    assert "想要一个放大镜" in phone.get("/member/wishes/").content.decode()
    assert phone.post(f"/member/wishes/{row.pk}/", {"do": "claim"}).status_code == 302
    assert "三号楼 101" in phone.get(f"/member/wishes/{row.pk}/").content.decode()
    assert phone.post(f"/member/wishes/{row.pk}/", {"do": "serve", "words": ""}).status_code == 422
    assert phone.post(f"/member/wishes/{row.pk}/", {"do": "serve", "words": "送去了"}).status_code == 302
    path = f"/desk/vanguard/wishes/{row.pk}/"
    assert "问过本人" in desk.get(path).content.decode()
    answer = {"do": "answer", "answer-done": "yes", "answer-asked_how": "visit", "answer-words": ""}
    assert desk.post(path, answer).status_code == 422
    assert desk.post(path, answer | {"answer-words": "看得清了"}).status_code == 302
    assert "受助人已确认" in phone.get(f"/member/wishes/{row.pk}/").content.decode()
    assert "已办成 1 件" in desk.get("/desk/vanguard/wishes/").content.decode()


def test_a_resident_says_it_and_has_the_last_word(world: World, desk: Client) -> None:
    reported(world)
    resident = client_of(world.accounts["resident"])
    sent = {"key": str(uuid.uuid4()), "category": "difficulty", "title": "门锁坏了", "place_code": ONE}
    assert resident.post("/wishes/new/", sent | {"title": ""}).status_code == 422
    answer = resident.post("/wishes/new/", sent)
    row = Wish.objects.get()
    assert answer["Location"] == f"/wishes/{row.pk}/"
    assert desk.post(f"/desk/vanguard/wishes/{row.pk}/", {"do": "publish"}).status_code == 302
    member = client_of(world.accounts["member"])
    member.post(f"/member/wishes/{row.pk}/", {"do": "claim"})
    member.post(f"/member/wishes/{row.pk}/", {"do": "serve", "words": "换了锁"})
    assert member.get(f"/wishes/{row.pk}/").status_code == 404
    assert "等本人在手机上确认" in desk.get(f"/desk/vanguard/wishes/{row.pk}/").content.decode()
    assert resident.post(f"/wishes/{row.pk}/", {"do": "not_yet", "words": ""}).status_code == 422
    assert resident.post(f"/wishes/{row.pk}/", {"do": "confirm"}).status_code == 302
    assert Wish.objects.get().matter.state == "closed"


def test_a_shift_on_the_phone(world: World, phone: Client) -> None:
    for role in ("member", "other"):
        reported(world, role)
    first, _second = sessions_of(position(world, callup(world)))
    path, other = f"/member/shifts/{first.pk}/", client_of(world.accounts["other"])
    assert "起点服务岗" in phone.get("/member/shifts/").content.decode()
    phone.post(path, {"do": "join"})
    phone.post(path, {"do": "offer"})
    page = other.get(path).content.decode()
    assert "有人请人接替，我来接" in page
    offer = page.split('name="offer" value="')[1].split('"')[0]
    assert other.post(path, {"do": "take", "offer": offer}).status_code == 302
    assert SignUp.objects.get(session=first, state=JOINED).person_id == world.people["other"].pk
    assert client_of(world.accounts["far"]).get(path).status_code == 404
    assert phone.post(path, {"do": "take", "offer": "²"}).status_code == 404


def test_a_call_up_at_the_desk(world: World) -> None:
    street, first = client_of(world.accounts["street"]), TODAY.isoformat()
    unit = world.units["street_office", STREET].pk
    sent = {
        "key": str(uuid.uuid4()), "name": "演示马拉松", "place_code": STREET, "unit": unit, "starts_on": first, "ends_on": first,
    }  # fmt: skip
    assert street.post("/desk/vanguard/callups/new/", sent | {"ends_on": "2026-06-01"}).status_code == 422
    assert street.post("/desk/vanguard/callups/new/", sent).status_code == 302
    row = Callup.objects.get()
    board = f"/desk/vanguard/callups/{row.pk}/"
    assert "还没有岗位" in street.get(board).content.decode()
    name = unit_names([party(ONE, world)])[party(ONE, world)]
    called = {"unit": name, "post": "", "people": "6"}
    assert f'<option value="{name}">' in street.get(board).content.decode()
    assert street.post(board, called).status_code == 302
    refused = street.post(board, called | {"unit": "没有的单位"})
    assert refused.status_code == 422 and "没有叫“没有的单位”的" in refused.content.decode()
    assert street.post(board, called | {"unit": ""}).status_code == 422
    given = {
        "key": str(uuid.uuid4()), "title": "起点", "place_code": ONE, "where": "广场", "first_day": first, "last_day": first,
        "begins": "13:00", "hours": "2", "number": "3", "capacity": "2",
    }  # fmt: skip
    assert street.post(board + "position/", given | {"hours": "0"}).status_code == 422
    assert street.post(board + "position/", given).status_code == 302
    assert Session.objects.count() == 3
    page = street.get(board).content.decode()
    assert "还缺 6 人次" in page and "缺 2" in page and "共请 6 人" in page
    assert "起点" in street.get(board + "roster/").content.decode()
    shift = Session.objects.order_by("starts_at")[0]
    reported(world)
    found = street.get(f"/desk/vanguard/callups/shifts/{shift.pk}/?q=演示党员member").content.decode()
    assert "演示党员member" in found
    put = {"q": "演示党员member", "person": str(world.people["member"].pk)}
    assert street.post(f"/desk/vanguard/callups/shifts/{shift.pk}/", put).status_code == 302
    assert "缺 1" in street.get(board).content.decode()
    secretary, outsider = client_of(world.accounts["secretary"]), client_of(world.accounts["outsider"])
    assert secretary.get(board).status_code == 200 and secretary.post(board, called).status_code == 403
    assert outsider.get(board).status_code == 404
    assert street.post(board + "end/", {"words": "大风"}).status_code == 302
    assert set(Session.objects.values_list("state", flat=True)) == {"cancelled"}


def test_setting_up_giving_and_ending_at_the_desk(world: World, desk: Client) -> None:
    unit = str(party(ONE, world))
    common = {"place_code": ONE, "unit": unit, "valid_from": BEGAN.isoformat()}
    more: dict[str, dict[str, Any]] = {
        "post": {"name": "演示岗", "kind": "care"}, "area": {"name": "演示区", "places": [f"code-{FIRST}", f"code-{SECOND}"]},
        "project": {"name": "演示目", "aim": "装扶手"},
    }  # fmt: skip
    for what, given in more.items():
        path = f"/desk/vanguard/new/{what}/?place={ONE}"
        assert desk.get(path).status_code == 200
        assert desk.post(path, common | given | {"name": ""}).status_code == 422
        assert desk.post(path, common | given).status_code == 302
        assert desk.post(path, common | given).status_code == 422  # there is one already
    row = Post.objects.get()
    who = str(world.people["member"].pk)
    give = f"/desk/vanguard/give/post/{row.pk}/"
    assert "现在空缺" in desk.get(give).content.decode()
    sent = {"q": "演示党员member", "person": who, "unit": unit, "valid_from": TODAY.isoformat()}
    assert desk.post(give, sent | {"person": "0"}).status_code == 422
    assert desk.post(give, sent).status_code == 302
    holding = Holding.objects.get()
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    let_go = f"/desk/vanguard/holdings/{holding.pk}/end/"
    assert desk.post(let_go, {"ended_on": TODAY.isoformat(), "words": "调走"}).status_code == 422
    assert desk.post(let_go, {"ended_on": tomorrow, "words": "调走"}).status_code == 302
    assert desk.post(f"/desk/vanguard/end/post/{row.pk}/", {"ended_on": tomorrow}).status_code == 302
    assert desk.get("/desk/vanguard/end/unit/1/").status_code == 404
    assert "装扶手" in desk.get(f"/desk/vanguard/projects/{Project.objects.get().pk}/").content.decode()
    outsider = client_of(world.accounts["outsider"])
    assert outsider.get(give).status_code == 404


def test_the_map_counts_what_somebody_answers_for(world: World, desk: Client) -> None:
    new = NewKept(place_code=ONE, name="演示责任区", unit_id=party(ONE, world), valid_from=BEGAN)
    row = services.set_up_area(
        actor=world.actor("secretary"),
        new=new,
        places=Places(codes=[FIRST], buildings=[world.buildings[SECOND].pk]),
    )
    actor = world.actor("district")
    assert sum(part.areas for part in parts_of(actor, ONE)) == 0
    services.give(
        actor=world.actor("secretary"), what="area", pk=row.pk, person_id=world.people["member"].pk,
        unit_id=party(ONE, world), valid_from=TODAY,
    )  # fmt: skip
    assert {part.code: part.areas for part in parts_of(actor, ONE)}[FIRST] == 1
    assert [part.areas for part in parts_of(actor, STREET)] == [1]
    assert "还没有" in desk.get("/desk/vanguard/areas/").content.decode()
    assert desk.get(f"/desk/vanguard/areas/{ONE}/map.geojson").status_code == 200
    assert desk.get(f"/desk/vanguard/areas/{STREET}/map.geojson").status_code == 404
    assert Area.objects.count() == 1


def test_the_employers_page_and_paper_are_gone_with_the_consent(
    world: World, phone: Client, desk: Client
) -> None:
    row = reported(world)
    done = served_wish(world)
    desk.post(
        f"/desk/vanguard/wishes/{done.pk}/",
        {"do": "answer", "answer-done": "yes", "answer-asked_how": "call", "answer-words": "好了"},
    )
    assert "没有要反馈的" in desk.get("/desk/vanguard/feedback/").content.decode()
    phone.post("/member/consent/", {"agrees": "yes"})
    assert "演示党员member" in desk.get("/desk/vanguard/feedback/").content.decode()
    sent = {"year": str(TODAY.year), "member": [str(row.pk)]}
    assert desk.post("/desk/vanguard/feedback/", sent).status_code == 302
    told = Feedback.objects.get()
    department = client_of(world.accounts["department"])
    pages = ("/desk/vanguard/told/", f"/desk/vanguard/feedback/{told.pk}/")
    paper = f"/desk/vanguard/feedback/{told.pk}/paper.pdf"
    assert all("演示党员member" in department.get(page).content.decode() for page in pages)
    assert department.get(paper).content.startswith(b"%PDF")
    assert phone.get(paper).status_code == 200
    phone.post("/member/consent/", {"agrees": "no"})
    assert "演示党员member" not in department.get(pages[0]).content.decode()
    assert [department.get(page).status_code for page in (pages[1], paper)] == [404, 404]
    assert desk.get(paper).status_code == 404 and phone.get(paper).status_code == 200
    assert client_of(world.accounts["property"]).get(pages[1]).status_code == 404
    assert desk.get("/desk/vanguard/feedback/?year=1999").status_code == 404

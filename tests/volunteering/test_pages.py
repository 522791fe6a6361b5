"""Pages of a volunteer's phone and of the desk, as they are used; and how many statements the long ones take."""

from __future__ import annotations

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.kernel.activities.services_attendance import correct
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.models import Approval, Oddity, Statement, Volunteer
from doorstep.modules.volunteering.models_review import FINE, TAKEN_BACK, UPHELD
from doorstep.modules.volunteering.services_approval import approve_session
from doorstep.modules.volunteering.services_cards import holder_of
from doorstep.modules.volunteering.services_review import find_oddities
from tests.sign_in import client_of
from tests.volunteering.world import (
    DISTRICT,
    ONE,
    TODAY,
    TWO,
    announced,
    approved,
    confirmed,
    credit_of,
    held,
    there,
    volunteers,
    with_account,
)


@pytest.fixture(autouse=True)
def home(settings):
    settings.HOME_PLACE, settings.DEMO = DISTRICT, True


def client(world, role) -> Client:
    return client_of(world.accounts[role])


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_becoming_a_volunteer_on_a_phone(world):
    assert "登录后成为志愿者" in text(Client().get("/volunteer/"))
    phone = client(world, "resident")
    assert "成为志愿者" in text(phone.get("/volunteer/"))
    refused = phone.post("/volunteer/", {"place_code": ONE, "born_in": "2025"})
    assert refused.status_code == 422 and "须年满" in refused.content.decode()
    answer = phone.post(
        "/volunteer/",
        {"place_code": ONE, "born_in": "1960", "skills": ["hairdressing"], "times": []},
        follow=True,
    )
    own = Volunteer.objects.get()
    assert own.number in text(answer) and own.skills == ["hairdressing"]
    changed = phone.post(
        "/volunteer/change/", {"place_code": ONE, "skills": ["law"], "version": own.lock_version}
    )
    assert changed.status_code == 302 and Volunteer.objects.get().skills == ["law"]
    assert "都还在" in text(phone.post("/volunteer/leave/", follow=True))
    assert own.number in text(phone.post("/volunteer/back/", follow=True))
    assert client(world, "leader").get("/volunteer/change/").status_code == 404


def test_services_near_by_time_and_skill(world):
    saturday = dt.date(2026, 6, 20)
    announced(world, day=saturday, start=9)
    announced(world, day=dt.date(2026, 6, 17), start=19, skill="law")
    every = text(Client().get("/volunteer/find/", {"place": ONE}))
    assert every.count('href="/on/') == 2
    assert (
        text(Client().get("/volunteer/find/", {"place": ONE, "time": "weekend_morning"})).count('href="/on/')
        == 1
    )
    assert text(Client().get("/volunteer/find/", {"place": ONE, "skill": "law"})).count('href="/on/') == 1
    nothing = text(Client().get("/volunteer/find/", {"place": ONE, "skill": "arts"}))
    assert "看大一点的范围" in nothing and f"?place={ONE[:9]}" in nothing


def test_finding_takes_as_many_statements_for_many(world):
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            text(Client().get("/volunteer/find/", {"place": ONE}))
        return len(seen)

    announced(world, day=TODAY + dt.timedelta(days=1))
    statements()
    few = statements()
    for number in range(2, 12):
        announced(world, day=TODAY + dt.timedelta(days=number))
    assert statements() == few <= 14


def test_joining_a_team_on_a_phone(world):
    (row,) = volunteers(1)
    with_account(world, "one", row.person)
    phone = client(world, "one")
    assert "加入" in text(phone.get("/volunteer/teams/"))
    assert "我在队里" in text(
        phone.post(f"/volunteer/teams/{world.team.pk}/join/", {"place": ONE}, follow=True)
    )
    assert "已退出" in text(
        phone.post(f"/volunteer/teams/{world.team.pk}/leave/", {"place": ONE}, follow=True)
    )


def test_the_passbook_says_why_and_goes_on_by_page(world):
    (row,) = volunteers(1)
    with_account(world, "one", row.person)
    phone = client(world, "one")
    assert "还没有记录" in text(phone.get("/mine/passbook/"))
    for number in range(31):
        approved(
            world, [row.person_id], day=TODAY - dt.timedelta(days=1 + number), hours=5 if number == 30 else 1
        )
    page = text(phone.get("/mine/passbook/"))
    assert page.count("服务计入") == 30 and "每小时 10 分" in page and "最近到期" in page
    assert "到场 300 分钟，计入 240 分钟" in page and "单次封顶" in page
    further = re.search(r"before=(\d+)", page)
    assert further and text(phone.get(f"/mine/passbook/?before={further[1]}")).count("服务计入") == 1
    assert "+60 分钟" in text(phone.get("/mine/passbook/?book=minutes&before=31"))
    with CaptureQueriesContext(connection) as seen:
        phone.get("/mine/passbook/")
    assert len(seen) <= 16


def test_the_record_is_no_certificate(world):
    (row,) = volunteers(1)
    with_account(world, "one", row.person)
    approved(world, [row.person_id])
    page = text(client(world, "one").get("/mine/record/"))
    assert "志愿服务记录" in page and "以全国志愿服务信息系统的记录为准" in page and row.person.name in page
    assert "演示volunteer_team" in page and "证明" not in page and "证书" not in page


def test_no_page_speaks_of_a_certificate():
    from pathlib import Path

    import doorstep.modules.volunteering as module

    for path in Path(module.__path__[0]).glob("templates/**/*.html"):
        assert "证书" not in path.read_text() and "证明" not in path.read_text(), path.name


def test_an_appeal_from_the_passbook_to_its_answer(world):
    (row,) = volunteers(1)
    with_account(world, "one", row.person)
    made = approved(world, [row.person_id], times=(9, 10))
    session = made.approval.session_id
    phone = client(world, "one")
    assert f"/mine/appeal/{session}/" in text(phone.get("/mine/passbook/"))
    assert phone.post(f"/mine/appeal/{session}/", {"text": ""}).status_code == 422
    assert "申诉在办" in text(phone.post(f"/mine/appeal/{session}/", {"text": "十一点才走"}, follow=True))
    assert client(world, "resident").get(f"/mine/appeal/{session}/").status_code == 404
    desk = client(world, "deputy")
    assert "对服务记录的申诉" in text(desk.get("/desk/"))
    url = re.search(r'href="(/desk/volunteering/appeals/\d+/)"', text(desk.get("/desk/")))
    assert url and "十一点才走" in text(desk.get(url[1]))
    given = {"outcome": UPHELD, "in_at": "2026-06-12T09:00", "out_at": "2026-06-12T11:00", "answer": "核对过"}
    refused = client(world, "secretary").post(url[1], given)
    assert refused.status_code == 422 and "请另一位来答复" in refused.content.decode()
    assert "已答复" in text(desk.post(url[1], given, follow=True))
    assert held(row) == (20, 120) and "核对过" in text(phone.get("/mine/passbook/"))
    assert client(world, "leader").get(url[1]).status_code == 404


def test_a_service_struck_before_it_was_approved_is_appealed_from_the_passbook(world):
    one, other = volunteers(2)
    with_account(world, "one", one.person)
    session = confirmed(world, [one.person_id, other.person_id])
    correct(
        actor=world.actor("deputy"), attendance_id=there(session.pk, one).pk, reason="没有来", struck=True
    )
    phone, page = client(world, "one"), f"/mine/appeal/{session.pk}/"
    assert phone.get(page).status_code == 404  # nobody has approved it yet
    session.refresh_from_db()
    approve_session(
        actor=world.actor("secretary"), session_id=session.pk, expected_version=session.lock_version
    )
    assert held(one) == (0, 0) and page in text(phone.get("/mine/passbook/"))
    assert "没有计入" in text(phone.get(page))
    assert "申诉在办" in text(phone.post(page, {"text": "我去了"}, follow=True))
    assert client(world, "resident").get(page).status_code == 404


def test_one_tap_and_several_at_the_desk(world):
    rows = volunteers(2)
    sessions = [confirmed(world, [row.person_id for row in rows], start=start) for start in (8, 11, 14)]
    own = confirmed(world, [rows[0].person_id], start=17, by="secretary")
    desk = client(world, "secretary")
    page = text(desk.get("/desk/volunteering/approve/"))
    assert page.count('name="one"') == 3 and "您自己确认的 1 场" in page and "其中志愿者 2 人" in page
    first = sessions[0]
    done = text(
        desk.post("/desk/volunteering/approve/", {"one": f"{first.pk}:{first.lock_version}"}, follow=True)
    )
    assert "已审核 1 场：2 人次计入，共 4 小时、40 分" in done
    chosen = [f"{row.pk}:{row.lock_version}" for row in (sessions[1], own)]
    mixed = text(desk.post("/desk/volunteering/approve/", {"session": chosen}, follow=True))
    assert "已审核 1 场" in mixed and "自己确认的不能自己审核" in mixed
    assert Approval.objects.count() == 2
    assert client(world, "leader").get("/desk/volunteering/approve/").status_code == 404
    assert f"approve/#session-{sessions[2].pk}" in text(desk.get("/desk/"))


def test_the_queue_takes_as_many_statements_for_many(world):
    desk = client(world, "secretary")

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            text(desk.get("/desk/volunteering/approve/"))
        return len(seen)

    rows = [row.person_id for row in volunteers(2)]
    confirmed(world, rows)
    statements()
    few = statements()
    for number in range(4, 12):
        confirmed(world, rows, day=TODAY - dt.timedelta(days=number))
    assert statements() == few <= 24


def test_names_of_an_oddity_are_masked_and_whole_for_a_purpose(world):
    rows = volunteers(5)
    session = confirmed(world, [row.person_id for row in rows], how="card")
    find_oddities()
    url = f"/desk/volunteering/oddities/{Oddity.objects.get(session=session).pk}/"
    names = [row.person.name for row in rows]
    desk = client(world, "deputy")
    page = text(desk.get(url))
    assert not [name for name in names if name in page] and MASKS["name"](names[0]) in page
    refused = desk.post(url, {"do": "names", "purpose": "curiosity"})
    assert refused.status_code == 422 and "须先选择用途" in refused.content.decode()
    answer = desk.post(url, {"do": "names", "purpose": "supervision"})
    assert all(name in text(answer) for name in names) and "no-store" in answer["Cache-Control"]
    looks = Entry.objects.filter(action="people.reveal", purpose="supervision")
    assert set(looks.values_list("person_ref", flat=True)) == {row.person_id for row in rows}
    assert not [name for name in names if name in text(desk.get(url))]
    assert Oddity.objects.get(session=session).decision == "waiting"


def test_looking_at_an_oddity(world):
    rows = volunteers(5)
    made = approved(world, [row.person_id for row in rows], how="card")
    find_oddities()
    odd = Oddity.objects.get()
    desk = client(world, "deputy")
    page = text(desk.get(f"/desk/volunteering/oddities/{odd.pk}/"))
    assert "5 人到离场时间完全一致" in page and MASKS["name"](rows[0].person.name) in page
    assert "待核实的服务记录" in text(desk.get(reverse("web:register", args=["volunteering.oddities"])))
    assert (
        desk.post(f"/desk/volunteering/oddities/{odd.pk}/", {"decision": FINE, "note": ""}).status_code == 422
    )
    given = {"decision": TAKEN_BACK, "note": "没有到场"}
    assert "已记下" in text(desk.post(f"/desk/volunteering/oddities/{odd.pk}/", given, follow=True))
    assert credit_of(rows[0], made.approval.session_id) is None
    assert "没有到场" in text(desk.get(f"/desk/volunteering/oddities/{odd.pk}/"))
    assert client(world, "outsider").get(f"/desk/volunteering/oddities/{odd.pk}/").status_code == 404


def test_a_statement_is_read_without_signing_in(world):
    (row,) = volunteers(1)
    approved(world, [row.person_id], day=dt.date(2026, 5, 20))
    with clock.fixed(dt.date(2026, 7, 2)):
        desk = client(world, "secretary")
        assert "2026 年第 2 季度" in text(desk.get("/desk/volunteering/publish/"))
        posted = desk.post(
            "/desk/volunteering/publish/", {"place_code": ONE, "quarter": "2026-04-01"}, follow=True
        )
        assert "任何人都能看到" in text(posted)
        again = desk.post("/desk/volunteering/publish/", {"place_code": ONE, "quarter": "2026-04-01"})
        assert again.status_code == 422
    number = Statement.objects.get().pk
    assert f"/points/{number}/" in text(Client().get("/points/"))
    page = text(Client().get(f"/points/{number}/"))
    assert "演示一社区" in page and "发放积分" in page
    assert Client().get("/points/999999/").status_code == 404


def test_a_card_is_shown_once(world):
    (row,) = volunteers(1)
    desk = client(world, "worker")
    url = f"/desk/volunteering/volunteers/{row.pk}/card/"
    assert "发卡" in text(desk.get(url))
    page = desk.post(url)
    shown = re.search(r"((?:[A-Z2-7]{4} ){3}[A-Z2-7]{4})", text(page))
    assert shown and holder_of(shown[1]) == row and "<svg" in page.content.decode()
    assert "no-store" in page["Cache-Control"] and shown[1] not in text(desk.get(url))
    assert "已挂失" in text(desk.post(url, {"act": "stop"}, follow=True)) and holder_of(shown[1]) is None
    assert client(world, "outsider").get(url).status_code == 404
    assert client(world, "leader").get(url).status_code == 404


def test_the_sheet_for_the_national_system(world):
    (row,) = volunteers(1)
    approved(world, [row.person_id])
    desk = client(world, "secretary")
    assert "导出服务记录" in text(desk.get("/desk/volunteering/credits/sheet/"))
    given = {"place_code": ONE, "since": "2026-06-01", "until": "2026-06-15", "purpose": ""}
    answer = desk.post("/desk/volunteering/credits/sheet/", given)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    heads, values = list(book.active.values)
    assert heads[0] == "姓名" and values[1] == row.number and values[6] == "2.0" and "*" in values[0]
    assert client(world, "leader").get("/desk/volunteering/credits/sheet/").status_code == 404


def test_lists_are_kept_by_form(world):
    desk = client(world, "secretary")
    new = {
        "place_code": ONE, "name": "演示新队", "federation": world.federation.pk, "founded_on": "2026-06-01", "phone": "",
        "skills": ["arts"], "about": "", "brand": "", "is_open": "on",
    }  # fmt: skip
    assert "演示新队" in text(desk.post("/desk/volunteering/new/team/", new, follow=True))
    brand = {"place_code": ONE, "name": "演示品牌", "story": "", "valid_from": "2026-06-15"}
    assert "演示品牌" in text(desk.post("/desk/volunteering/new/brand/", brand, follow=True))
    force = {
        "place_code": ONE, "federation": world.federation.pk, "name": "演示义诊队", "field": "medicine", "unit_name": "",
        "phone": "", "valid_from": "2026-06-15",
    }  # fmt: skip
    assert "演示义诊队" in text(desk.post("/desk/volunteering/new/force/", force, follow=True))
    assert desk.get("/desk/volunteering/new/kind/").status_code == 404
    kind = {
        "place_code": DISTRICT, "code": "demo", "name": "演示服务类", "points_per_hour": "5", "clause": "演",
        "valid_from": "2026-06-15",
    }  # fmt: skip
    page = client(world, "district").post("/desk/volunteering/new/kind/", kind, follow=True)
    assert "演示服务类" in text(page)


def test_an_office_registers_somebody_without_a_phone(world):
    desk = client(world, "worker")
    person = world.people["resident"]
    found = text(desk.get("/desk/volunteering/new/volunteer/", {"q": person.name}))
    assert f'value="{person.pk}"' in found
    given = {"person": person.pk, "place_code": ONE, "born_in": "1950", "q": person.name}
    assert "可以发志愿者卡" in text(desk.post("/desk/volunteering/new/volunteer/", given, follow=True))
    row = Volunteer.objects.get(person=person)
    page = desk.post(
        f"/desk/volunteering/volunteers/{row.pk}/", {"place_code": ONE, "skills": ["law"], "version": 1}
    )
    assert page.status_code == 302 and Volunteer.objects.get(pk=row.pk).skills == ["law"]


def test_the_page_of_a_team_for_its_leader_and_its_office(world):
    (row,), (stranger,) = volunteers(1), volunteers(1, TWO)
    leader, office = client(world, "leader"), client(world, "worker")
    url = f"/desk/volunteering/teams/{world.team.pk}/"
    assert "还没有队员" in text(leader.get(url))
    assert 'value="add"' not in text(leader.get(url)) and 'value="add"' in text(office.get(url))
    assert leader.post(url, {"act": "add", "number": row.number}).status_code == 403
    assert office.post(url, {"act": "add", "number": stranger.number}).status_code == 422
    assert "已加入队伍" in text(office.post(url, {"act": "add", "number": row.number}, follow=True))
    page = text(leader.get(url))
    assert row.number in page and row.person.name not in page and "演" + "*" in page
    assert office.post(url, {"act": "add", "number": "1"}).status_code == 422
    assert "已保存" in text(
        leader.post(url, {"act": "profile", "about": "周六理发", "skills": ["arts"]}, follow=True)
    )
    assert row.person.name in text(client(world, "secretary").get(url))
    assert "已移出" in text(leader.post(url, {"act": "remove", "volunteer": row.pk}, follow=True))
    assert client(world, "outsider").get(url).status_code == 404


def test_what_waits_for_a_leader(world):
    announced(world, day=TODAY - dt.timedelta(days=1), start=9)
    page = text(client(world, "leader").get("/desk/"))
    assert "确认到场" in page and "/organise/" in page

"""The pages of what is on and of organising, as residents, minors, guardians, organisers and strangers use them."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.activities import codes
from doorstep.kernel.activities.models import Activity, Attendance, SignUp
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.services_cards import give_card
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.activities.world import NOW, ONE, SYSTEM, World
from tests.sign_in import client_of

BEGIN = NOW + dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def one(world: World) -> Client:
    world.resident("甲")
    return client_of(world.accounts["甲"])


@pytest.fixture
def leader(world: World) -> Client:
    return client_of(world.accounts["leader"])


def test_anybody_reads_what_is_on_and_is_led_to_sign_in(world: World) -> None:
    session = world.session(capacity=3, phone="0411-80000001")
    listed = Client().get(f"/on/?place={ONE}")
    assert "清理楼道" in text_of(listed) and "还有 3 个名额" in text_of(listed)
    page = text_of(Client().get(f"/on/{session.pk}/"))
    assert "登录后报名" in page and "0411-80000001" in page
    away = Client().post(f"/on/{session.pk}/join/")
    assert away.status_code == 302 and "/sign-in/phone/" in away["Location"]
    assert Client().get("/on/999999/").status_code == 404


def test_what_is_not_public_exists_for_the_organiser_alone(world: World, one: Client, leader: Client) -> None:
    session = world.session(is_public=False)
    assert one.get(f"/on/{session.pk}/").status_code == 404
    assert leader.get(f"/on/{session.pk}/").status_code == 200
    assert "清理楼道" not in text_of(Client().get(f"/on/?place={ONE}"))


def test_an_empty_fortnight_says_what_to_do(world: World) -> None:
    world.session(at=NOW + dt.timedelta(days=20))
    page = text_of(Client().get(f"/on/?place={ONE}"))
    assert "这两周还没有公开的活动" in page
    assert "清理楼道" in text_of(Client().get(f"/on/?place={ONE}&from=2026-06-29"))
    for odd in ("from=x", "from=9999-12-31", "place=abc", "kind=none", "from=2026-02-30"):
        assert Client().get(f"/on/?{odd}").status_code == 200


def test_join_come_go_leave(world: World, one: Client) -> None:
    session = world.session()
    assert "报名好了" in text_of(one.post(f"/on/{session.pk}/join/", follow=True))
    assert "清理楼道" in text_of(one.get("/mine/activities/"))
    with clock.fixed(BEGIN + 5 * dt.timedelta(seconds=1)):
        code = codes.scanned_code(session.pk, clock.now())
        assert code in one.get(f"/on/{session.pk}/here/?code={code}").content.decode()
        wrong = one.post(f"/on/{session.pk}/here/", {"code": "000000", "do": "in"})
        assert wrong.status_code == 422 and "每 30 秒换一次" in text_of(wrong)
        assert "已登记到场" in text_of(
            one.post(f"/on/{session.pk}/here/", {"code": code, "do": "in"}, follow=True)
        )
    with clock.fixed(BEGIN + HOUR):
        code = codes.typed_code(session.pk, clock.now())
        assert "一共 59 分钟" in text_of(
            one.post(f"/on/{session.pk}/here/", {"code": code, "do": "out"}, follow=True)
        )
    assert Attendance.objects.get().how_out == "code"


def test_leaving_needs_no_reason(world: World, one: Client) -> None:
    session = world.session()
    one.post(f"/on/{session.pk}/join/")
    assert "已退出" in text_of(one.post(f"/on/{session.pk}/leave/", follow=True))
    assert SignUp.objects.get().state == "withdrawn"


def test_a_code_is_not_guessed(world: World, one: Client) -> None:
    session = world.session()
    with clock.fixed(BEGIN):
        answers = [
            one.post(f"/on/{session.pk}/here/", {"code": f"{n:06}", "do": "in"}).status_code
            for n in range(12)
        ]
    assert answers == [422] * 10 + [429] * 2


def test_a_minor_passes_the_link_to_a_guardian(world: World, one: Client) -> None:
    session = world.session(least_age=6)
    asked = one.post(f"/on/{session.pk}/join/", {})
    assert asked.status_code == 422 and "出生年份" in text_of(asked)
    page = one.post(f"/on/{session.pk}/join/", {"born_in": "2012"}, follow=True).content.decode()
    link = re.search(r"/on/agree/[^<\s\"]+/", page)
    assert link is not None
    world.resident("家长")
    guardian = client_of(world.accounts["家长"])
    assert "演示甲" in text_of(guardian.get(link[0]))
    assert one.post(link[0]).status_code == 422  # oneself is no guardian
    assert "您已同意" in text_of(guardian.post(link[0], follow=True))
    assert SignUp.objects.get().state == "joined"
    assert guardian.get("/on/agree/forged:token/").status_code == 404


def announced(**more) -> dict[str, str]:
    given = {
        "token": str(uuid.uuid4()), "category": "gathering:clean", "title": "清理院子", "place_code": ONE, "where": "1号院",
        "starts_at": "2026-06-20T09:00", "ends_at": "2026-06-20T11:00", "repeats": "2", "is_public": "on", "by_sign_up": "on",
    }  # fmt: skip
    return given | more


def test_a_leader_announces_on_the_phone(world: World, leader: Client) -> None:
    assert leader.get("/organise/new/").status_code == 200
    given = announced(organiser=str(world.team.pk))
    page = leader.post("/organise/new/", given, follow=True)
    assert "已发布" in text_of(page)
    assert [row.day.isoformat() for row in Activity.objects.get().sessions.order_by("number")] == [
        "2026-06-20",
        "2026-06-27",
    ]
    leader.post("/organise/new/", given)
    assert Activity.objects.count() == 1
    assert "清理院子" in text_of(leader.get("/organise/"))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ends_at": "2026-06-20T08:00"}, "结束时间须在开始之后"), ({"starts_at": "2026-06-01T09:00", "ends_at": "2026-06-01T10:00"}, "已经过去"),
        ({"starts_at": "明天"}, "开始"), ({"title": " "}, "名称"), ({"category": "gathering:none"}, "类别"),
        ({"organiser": "999999"}, "组织单位"), ({"place_code": "210202006001"}, "地方"), ({"capacity": "-1"}, "名额"),
        ({"repeats": "99"}, "连办几周"), ({"starts_at": "9999-12-31T09:00", "ends_at": "9999-12-31T10:00"}, "年份不对"), ({"least_age": "20", "most_age": "10"}, "最高年龄"),
    ],
)  # fmt: skip
def test_a_faulty_form_comes_back_with_what_was_written(world: World, leader: Client, more, field) -> None:
    answer = leader.post(
        "/organise/new/", announced(organiser=str(world.team.pk)) | {"where": "1号院门口"} | more
    )
    assert answer.status_code == 422 and field in text_of(answer) and "1号院门口" in answer.content.decode()
    assert not Activity.objects.exists()


def test_risky_work_asks_for_its_insurance_first(world: World, leader: Client) -> None:
    leader.post("/organise/new/", announced(organiser=str(world.team.pk), category="gathering:roof"))
    session = Activity.objects.get().sessions.order_by("number")[0]
    assert "先办保险" in text_of(leader.get(f"/organise/{session.pk}/"))
    assert "保险已登记" in text_of(
        leader.post(f"/organise/{session.pk}/do/insure/", {"insurance": "演示保单"}, follow=True)
    )


def test_tick_and_confirm(world: World, one: Client, leader: Client) -> None:
    session = world.session()
    one.post(f"/on/{session.pk}/join/")
    person = str(world.people["甲"].pk)
    with clock.fixed(BEGIN + 3 * HOUR):
        nobody = leader.post(f"/organise/{session.pk}/do/tick/", {"in_at": "2026-06-16T09:00"})
        assert nobody.status_code == 422
        foreign = leader.post(
            f"/organise/{session.pk}/do/tick/",
            {"person": str(world.people["outsider"].pk), "in_at": "2026-06-16T09:00"},
        )
        assert foreign.status_code == 422 and "没有这个人" in text_of(foreign)
        leader.post(f"/organise/{session.pk}/do/tick/", {"person": person, "in_at": "2026-06-16T09:00"})
        stale = leader.post(
            f"/organise/{session.pk}/do/confirm/", {"version": "1", "close_at": "2026-06-16T11:00"}
        )
        assert stale.status_code == 422 and "名单刚有变化" in text_of(stale)
        early = leader.post(f"/organise/{session.pk}/do/confirm/", {"version": "2"})
        assert early.status_code == 422 and "没有登记离场" in text_of(early)
        done = leader.post(
            f"/organise/{session.pk}/do/confirm/",
            {"version": "2", "close_at": "2026-06-16T11:00"},
            follow=True,
        )
        assert "已确认" in text_of(done)
        assert leader.post(f"/organise/{session.pk}/do/confirm/", {"version": "3"}).status_code == 422
        deputy = client_of(world.accounts["deputy"])
        came = Attendance.objects.get()
        own = leader.post(f"/organise/{session.pk}/correct/{came.pk}/", {"struck": "on", "reason": "没来"})
        assert own.status_code in (403, 422)
        assert "已更正" in text_of(
            deputy.post(
                f"/organise/{session.pk}/correct/{came.pk}/", {"struck": "on", "reason": "没来"}, follow=True
            )
        )


def test_the_screen_shows_a_code_that_works(world: World, one: Client, leader: Client) -> None:
    session = world.session()
    with clock.fixed(BEGIN):
        page = leader.get(f"/organise/{session.pk}/code/").content.decode()
        part = leader.get(f"/organise/{session.pk}/code/", headers={"HX-Request": "true"}).content.decode()
        digits = re.search(r'code-typed">(\d{3} \d{3})<', page)
        assert digits and digits[1] in part and "<svg" in part and "<html" not in part
        assert "已登记到场" in text_of(
            one.post(f"/on/{session.pk}/here/", {"code": digits[1], "do": "in"}, follow=True)
        )


def test_a_confirmation_is_sent_back_from_the_page(world: World, leader: Client) -> None:
    session = world.session()
    with clock.fixed(BEGIN + 3 * HOUR):
        leader.post(f"/organise/{session.pk}/do/confirm/", {"version": "1", "head_count": "5"})
        deputy = client_of(world.accounts["deputy"])
        assert "退回组织者" in text_of(deputy.get(f"/organise/{session.pk}/"))
        assert "退回组织者" not in text_of(leader.get(f"/organise/{session.pk}/"))
        given = {"reason": "人数不对", "version": "2"}
        assert "已退回" in text_of(deputy.post(f"/organise/{session.pk}/do/return/", given, follow=True))
    session.refresh_from_db()
    assert session.state == "announced"


def test_numbers_counted_up_tell_no_names(world: World, leader: Client) -> None:
    session, stranger = world.session(), world.resident("生人")
    (own,) = register_volunteers(
        actor=SYSTEM, volunteers=[NewVolunteer(person_id=stranger.person_id, place_code=ONE)]
    )
    with clock.fixed(BEGIN + HOUR):
        answer = leader.post(f"/organise/{session.pk}/do/card/", {"number": own.number})
    assert answer.status_code == 422 and "演示生人" not in text_of(answer) and not Attendance.objects.exists()


def test_a_private_session_is_joined_before_its_screen(world: World, one: Client) -> None:
    session = world.session(is_public=False)
    with clock.fixed(BEGIN):
        code = codes.scanned_code(session.pk, clock.now())
        assert one.get(f"/on/{session.pk}/here/").status_code == 404
        assert one.get(f"/on/{session.pk}/here/?code={code}").status_code == 200
        done = one.post(f"/on/{session.pk}/here/", {"code": code, "do": "in"}, follow=True)
        assert done.status_code == 200 and Attendance.objects.count() == 1


def test_strangers_find_nothing_to_organise(world: World, one: Client) -> None:
    session = world.session()
    outsider = client_of(world.accounts["outsider"])
    for client in (one, outsider):
        for path in (f"/organise/{session.pk}/", f"/organise/{session.pk}/code/"):
            assert client.get(path).status_code == 404
        assert (
            client.post(f"/organise/{session.pk}/do/cancel/", {"reason": "x", "version": "1"}).status_code
            == 404
        )
    assert one.get("/organise/").status_code == 404
    assert Client().get("/organise/").status_code == 302


def test_moving_and_calling_off(world: World, leader: Client) -> None:
    session = world.session()
    moved = {"version": "1", "starts_at": "2026-06-17T09:00", "ends_at": "2026-06-17T10:00", "capacity": "5"}
    assert "已改" in text_of(leader.post(f"/organise/{session.pk}/do/move/", moved, follow=True))
    stale = leader.post(f"/organise/{session.pk}/do/move/", moved)
    assert stale.status_code == 422 and "刷新" in text_of(stale)
    off = leader.post(f"/organise/{session.pk}/do/cancel/", {"reason": "下大雨", "version": "2"}, follow=True)
    assert "已取消" in text_of(off)
    assert "下大雨" in text_of(Client().get(f"/on/{session.pk}/"))
    assert leader.post(f"/organise/{session.pk}/do/dance/").status_code == 404


def test_lists_do_not_ask_more_for_more_rows(world: World, leader: Client) -> None:
    def asked(path: str, client: Client) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    session = world.session()
    before = (
        asked(f"/on/?place={ONE}", Client()),
        asked("/organise/", leader),
        asked(f"/organise/{session.pk}/", leader),
    )
    for number in range(6):
        other = world.session(title=f"第{number}场", at=BEGIN + number * 3 * HOUR)
        person = world.resident(f"人{number}")
        for row in (session, other) if number else (session,):
            SignUp.objects.create(
                session=row,
                person_id=person.person_id,
                state="waiting",
                at=NOW,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
            )
    after = (
        asked(f"/on/?place={ONE}", Client()),
        asked("/organise/", leader),
        asked(f"/organise/{session.pk}/", leader),
    )
    assert after == before


def volunteer_of(world: World, name: str, **more):
    world.resident(name)
    new = NewVolunteer(person_id=world.people[name].pk, place_code=ONE, **more)
    return register_volunteers(actor=SYSTEM, volunteers=[new])[0]


def test_the_organiser_signs_up_who_has_no_phone(world: World, leader: Client) -> None:
    session = world.session()
    url = f"/organise/{session.pk}/do/sign_up/"
    assert "给没有手机的人报名" in text_of(leader.get(f"/organise/{session.pk}/"))
    card = give_card(actor=SYSTEM, volunteer_id=volunteer_of(world, "甲").pk)
    assert "已报名" in text_of(leader.post(url, {"who": card.groups}, follow=True))
    assert SignUp.objects.get(session=session).person_id == card.volunteer.person_id
    stranger = volunteer_of(world, "乙")  # neither of the team nor known to the leader
    refused = leader.post(url, {"who": stranger.number})
    assert refused.status_code == 422 and "没有找到这个人" in text_of(refused)
    secretary = client_of(world.accounts["secretary"])
    assert "已报名" in text_of(secretary.post(url, {"who": stranger.number}, follow=True))
    assert leader.post(url, {"who": ""}).status_code == 422
    for role in ("outsider", "甲"):
        assert client_of(world.accounts[role]).post(url, {"who": card.code}).status_code == 404
    with clock.fixed(BEGIN + HOUR):
        assert "给没有手机的人报名" not in text_of(leader.get(f"/organise/{session.pk}/"))
        assert leader.post(url, {"who": card.code}).status_code in (302, 422)
    assert SignUp.objects.filter(session=session).count() == 2


def test_a_minor_signed_up_by_the_organiser_with_the_guardians_paper(world: World, leader: Client) -> None:
    session = world.session()
    url = f"/organise/{session.pk}/do/sign_up/"
    one, two = (
        give_card(actor=SYSTEM, volunteer_id=volunteer_of(world, name, born_in=2011).pk)
        for name in ("甲", "乙")
    )
    assert "还差监护人同意" in text_of(leader.post(url, {"who": one.code}, follow=True))
    assert "已报名" in text_of(leader.post(url, {"who": two.code, "paper_seen": "on"}, follow=True))
    rows = {row.person_id: row for row in SignUp.objects.filter(session=session)}
    assert rows[one.volunteer.person_id].state == "asking"
    seen = rows[two.volunteer.person_id]
    assert seen.state == "joined" and seen.paper_seen_by_id == world.actor("leader").person_id

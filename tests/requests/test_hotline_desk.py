"""The hotline desk as the cast's hotline officer uses it: tickets out in the hotline's own columns, a call taken down;
and a counter as a community secretary does."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from typing import Any

import openpyxl
import pytest
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Deadline, Matter
from doorstep.kernel.matters.services import Inputs, apply_transition
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.kernel.web.models import Export
from doorstep.modules.requests.models import Request
from doorstep.modules.requests.services_desk import Told, sources_of, take_down
from doorstep.modules.requests.services_feedback import call_back
from tests.authority import cast
from tests.desk.matter_world import GRID, build, page, reported
from tests.desk.matter_world import client as client_for
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db
SHEET, TAKE = "/desk/hotline/sheet.xlsx", "/desk/take/"
PHONE = "13800000042"


@pytest.fixture
def members(db, clock_fixed):
    return build() | {"hotline": cast.make_member("hotline_officer")}


@pytest.fixture
def hotline(members) -> Client:
    return client_of(members["hotline"].account)


def told(members, **more: Any) -> Matter:
    values: dict[str, Any] = {
        "source": "hotline", "text": "三单元二楼的楼道灯不亮", "place_code": GRID, "item_code": "env.lamp", "name": "演示来电甲",
        "phone": PHONE, "hotline_number": "DL20260615000001",
    }  # fmt: skip
    return take_down(actor=members["hotline"].actor, told=Told(**(values | more))).matter


def finished(members, matter: Matter) -> Matter:
    for name, role in (
        ("accept", "grid_worker"),
        ("handle", "grid_worker"),
        ("verify", "community_secretary"),
    ):
        apply_transition(
            actor=members[role].actor, matter_id=matter.pk, name=name, inputs=Inputs(note=f"{name}：换了灯泡")
        )
    return Matter.objects.get(pk=matter.pk)


def sheet(at: Client, **more: str) -> list[dict[str, Any]]:
    answer = at.post(SHEET, {"which": "closed", "since": "2026-06-01", "until": "2026-06-15"} | more)
    assert answer.status_code == 200, answer.content.decode()
    rows = (
        openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        .worksheets[0]
        .iter_rows(values_only=True)
    )
    titles = next(rows)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_answers_go_back_in_the_hotlines_own_columns(members, hotline) -> None:
    matter = finished(members, told(members))
    told(members, hotline_number="DL20260615000002", text="还没有办的")
    reported(members, "不是热线来的")
    call_back(
        actor=members["hotline"].actor,
        matter_id=matter.pk,
        valid=True,
        contacted=True,
        solved=True,
        satisfaction=4,
    )
    (row,) = sheet(hotline)
    assert row == {
        "工单号": "DL20260615000001", "来电人": "演****", "联系电话": "138****0042", "匿名": "否", "事项": row["事项"],
        "标题": matter.title, "诉求内容": "三单元二楼的楼道灯不亮", "社区": row["社区"], "地址": None, "紧急程度": "一般",
        "收到时间": dt.datetime(2026, 6, 15, 12, 0), "平台编号": matter.number, "承办单位": row["承办单位"], "办理状态": "已结案",
        "答复内容": "verify：换了灯泡", "办结时间": dt.datetime(2026, 6, 15, 12, 0), "回访时间": dt.datetime(2026, 6, 15, 12, 0),
        "回访情况": "有效", "是否解决": "已解决", "满意程度": "满意",
    }  # fmt: skip
    assert "灯" in row["事项"] and row["社区"].startswith("演示community") and row["承办单位"]


def test_which_tickets_and_of_which_days(members, hotline) -> None:
    finished(members, told(members))
    told(members, hotline_number="DL2", text="还没有办的")
    numbers = {
        key: {row["工单号"] for row in sheet(hotline, which=key)} for key in ("closed", "open", "every")
    }
    assert numbers == {"closed": {"DL20260615000001"}, "open": {"DL2"}, "every": {"DL20260615000001", "DL2"}}
    assert sheet(hotline, until="2026-06-14") == []
    unanswered = sheet(hotline, which="open")[0]
    assert (
        unanswered["答复内容"] is None and unanswered["办结时间"] is None and unanswered["回访情况"] is None
    )


def test_the_columns_are_theirs_in_whatever_language_one_reads(members, hotline) -> None:
    finished(members, told(members))
    hotline.cookies["django_language"] = "en"
    assert "Hotline desk" in page(hotline, "/desk/hotline/")
    assert sheet(hotline)[0]["办理状态"] == "已结案"


def test_callers_are_whole_only_for_a_purpose_and_each_look_is_kept(members, hotline) -> None:
    finished(members, told(members))
    finished(members, told(members, hotline_number="DL2", phone="", name="演示只留姓名"))
    finished(members, told(members, hotline_number="DL3", anonymous=True))
    assert {row["联系电话"] for row in sheet(hotline)} == {"138****0042", None}
    assert not Entry.objects.filter(action="people.reveal").exists()
    rows = sheet(hotline, purpose="contact")
    assert [(row["来电人"], row["联系电话"], row["匿名"]) for row in rows] == [
        ("演示来电甲", PHONE, "否"), ("演示只留姓名", None, "否"), (None, None, "是"),
    ]  # fmt: skip
    caller = Person.objects.get(name="演示来电甲")
    look = Entry.objects.get(action="people.reveal")
    assert (look.person_ref, look.purpose, look.account_id) == (
        caller.pk,
        "contact",
        members["hotline"].account.pk,
    )
    assert PHONE not in str(look.changes)
    made = Export.objects.order_by("-pk").first()
    assert (
        made is not None
        and (made.register, made.rows) == ("requests.hotline", 3)
        and "联系本人" in made.sentence
    )


def test_who_may_not_look_gets_no_whole_number(members) -> None:
    finished(members, told(members))
    district = client_for(members, "district_officer")  # brings tickets in, calls nobody
    assert sheet(district)[0]["联系电话"] == "138****0042"
    answer = district.post(
        SHEET, {"which": "closed", "since": "2026-06-01", "until": "2026-06-15", "purpose": "contact"}
    )
    assert answer.status_code == 422 and PHONE not in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"since": "昨天"}, "请填两天的日期"), ({"until": "2030-01-01"}, "到今天之间"), ({"since": "2026-06-15", "until": "2026-06-01"}, "先后相接"),
        ({"which": "x"}, "请选哪些工单"), ({"purpose": "x"}, "不在允许的范围"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_said(members, hotline, wrong, said) -> None:
    asked = {"which": "closed", "since": "2026-06-01", "until": "2026-06-15"} | wrong
    answer = hotline.post(SHEET, asked)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Export.objects.exists()


def test_others_tickets_are_not_there(members) -> None:
    finished(members, told(members))
    assert sheet(client_for(members, "outside_officer")) == []
    for role in ("community_secretary", "grid_worker", "department_officer", "resident"):
        assert client_for(members, role).post(SHEET, {}).status_code == 404


def test_the_desk_counts_what_waits(members, hotline) -> None:
    told(members)
    late = told(members, hotline_number="DL2")
    passed = clock.now() - dt.timedelta(days=1)
    Matter.objects.filter(pk=late.pk).update(due_at=passed)
    Deadline.objects.filter(matter=late).update(due_at=passed)
    context = hotline.get("/desk/hotline/").context
    assert context["waiting"] == {"open": 2, "late": 1}
    assert late.number in page(hotline, "/desk/r/requests/?source=hotline&open=yes&overdue=yes")


# Taking down


def filled(**more: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()), "source": "hotline", "text": "三单元二楼的楼道灯不亮", "place": GRID, "item": "", "urgency": "",
        "name": "演示来电乙", "phone": PHONE, "address": "演示街1号", "do": "send", "hotline_number": "DL9",
    } | more  # fmt: skip


def test_an_officer_takes_a_call_down(members, hotline) -> None:
    answer = hotline.post(TAKE, filled(), follow=True)
    request = Request.objects.get(hotline_number="DL9")
    matter = request.matter
    assert answer.redirect_chain[-1][0] == f"/desk/matters/{matter.number}/"
    assert "请告诉对方" in answer.content.decode()
    assert (matter.source, matter.item, matter.reporter.name) == ("hotline", "env.lamp", "演示来电乙")
    assert request.item_from == Request.SUGGESTED and matter.address == "演示街1号"
    again = hotline.post(TAKE, filled(), follow=True)
    assert "没有重复登记" in again.content.decode() and Request.objects.count() == 1


def test_a_secretary_takes_down_who_comes_to_the_counter(members) -> None:
    at = client_for(members, "community_secretary")
    form = page(at, TAKE)
    assert 'name="hotline_number"' not in form and 'value="counter"' in form
    assert f'data-picker-code="{cast.COMMUNITY}"' in form, "the own community stands there"
    answer = at.post(
        TAKE,
        filled(source="counter", item="", other="env.sewer", text="下水道堵了", hotline_number=""),
        follow=True,
    )
    matter = Matter.objects.get()
    assert (matter.source, matter.item) == (
        "counter",
        "env.sewer",
    ) and matter.number in answer.content.decode()


def test_items_and_what_is_nearby_are_offered_while_one_writes(members, hotline) -> None:
    there = reported(members, "三单元二楼楼道灯坏了不亮")
    part = hotline.post(f"{TAKE}hints/", filled()).content.decode()
    assert "env.lamp" in part and there.number in part and "照样登记，派办人会并到一起" in part
    assert 'name="same_as"' not in part, "the hotline joins nothing"
    secretary = client_for(members, "community_secretary")
    part = secretary.post(f"{TAKE}hints/", filled(source="counter")).content.decode()
    assert 'name="same_as"' in part and f'value="{there.pk}"' in part


def test_the_same_is_joined_and_both_are_kept(members) -> None:
    there = reported(members, "三单元二楼楼道灯坏了不亮")
    secretary = client_for(members, "community_secretary")
    answer = secretary.post(TAKE, filled(source="counter", hotline_number="", same_as=there.pk), follow=True)
    assert "并入同一件事" in answer.content.decode()
    new = Matter.objects.exclude(pk=there.pk).get()
    assert (new.state, new.main_id) == ("merged", there.pk) and new.reporter.name == "演示来电乙"


def test_something_else_nearby_is_remembered_as_such(members, hotline) -> None:
    there = reported(members, "三单元二楼楼道灯坏了不亮")
    hotline.post(TAKE, filled())
    assert Request.objects.get(hotline_number="DL9").not_the_same == [there.pk]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, "请写下对方说的事"), ({"place": ""}, "请选在哪个社区或者网格"), ({"place": "没有的地方"}, "没有叫"),
        ({"place": "210202"}, "请选街道以内的地方"), ({"phone": "123"}, "电话"), ({"other": "no.such"}, "事项"), ({"item": "no.such"}, "像是哪一项"), ({"source": "phone"}, "怎么来的"),
        ({"name": "", "hotline_number": ""}, "怎么称呼"), ({"key": "x"}, "key"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_what_was_typed_stays(members, hotline, wrong, said) -> None:
    answer = hotline.post(TAKE, filled(**wrong))
    text = answer.content.decode()
    assert answer.status_code == 422 and said in text and not Matter.objects.exists()
    assert wrong.get("text") == "" or "三单元二楼的楼道灯不亮" in text


def test_looking_first_writes_nothing(members, hotline) -> None:
    answer = hotline.post(TAKE, filled(do="look"))
    assert (
        answer.status_code == 200 and not Matter.objects.exists() and "像是哪一项" in answer.content.decode()
    )


def test_who_takes_down_from_where(members) -> None:
    assert sources_of(members["hotline"].actor) == ["hotline", "counter"]
    assert sources_of(members["community_secretary"].actor) == ["counter"]
    assert sources_of(members["department_officer"].actor) == []
    assert client_for(members, "department_officer").get(TAKE).status_code == 404
    with pytest.raises(NotAllowed):
        take_down(
            actor=members["community_secretary"].actor,
            told=Told(source="hotline", text="灯", place_code=GRID, hotline_number="DL5"),
        )
    with pytest.raises(RuleViolation) as refused:
        take_down(
            actor=members["community_secretary"].actor,
            told=Told(source="counter", text="灯", place_code=GRID, hotline_number="DL5"),
        )
    assert refused.value.field == "hotline_number"


def test_nobody_takes_down_for_another_place(members) -> None:
    at = client_for(members, "outsider")
    answer = at.post(TAKE, filled(source="counter", hotline_number=""))
    assert (
        answer.status_code == 422
        and "不在您的范围内" in answer.content.decode()
        and not Matter.objects.exists()
    )

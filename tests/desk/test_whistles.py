"""Whistles on the desk: from the street's page to the department's and back, objection, refusals, scope, cost."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.modules.requests.models import RuleValue, Whistle, WhistleCall
from doorstep.modules.requests.services import Report, report
from tests.authority.cast import COMMUNITY, STREET, Member, make_member, make_places
from tests.sign_in import client_of

DISTRICT = "210202"
TODAY = dt.date(2026, 6, 15)
NEW = "/desk/whistles/new/"
MOST_QUERIES = 22
ROLES = (
    "community_secretary", "street_officer", "district_officer", "department_officer", "outside_officer", "resident",
    "property_manager", "system_administrator",
)  # fmt: skip


@pytest.fixture
def today():
    with clock.fixed(TODAY) as day:
        yield day


class Members(dict[str, Member]):
    """The cast by role; each signs in once."""

    @functools.cached_property
    def clients(self) -> dict[str, Client]:
        return {}


@pytest.fixture
def members(db, today) -> Members:
    make_places()
    return Members({role: make_member(role) for role in ROLES})


def at(members: Members, role: str) -> Client:
    if role not in members.clients:
        members.clients[role] = client_of(members[role].account)
    return members.clients[role]


def unit_of(members: Members, role: str) -> int:
    return members[role].actor.grants[0].unit_id


def given(members: Members, **more: Any) -> dict[str, Any]:
    return {
        "key": "0f0e7c1e-5a1c-4b0e-9d8e-0a1b2c3d4e5f", "title": "夜间占道烧烤", "text": "屡劝不改，请城管联合处置",
        "ground": "joint_enforcement", "unit_id": unit_of(members, "department_officer"),
        "others": [unit_of(members, "property_manager")], "arrive_by": "2026-06-16T09:00", "urgency": "normal",
    } | more  # fmt: skip


def whistled(members: Members, **more: Any) -> Matter:
    answer = at(members, "street_officer").post(f"{NEW}?place={COMMUNITY}", given(members, **more))
    assert answer.status_code == 302, answer.content.decode()
    return Matter.objects.get(kind="whistle")


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def took(client: Client, matter: Matter, name: str, **fields: Any) -> Any:
    matter.refresh_from_db()
    data = {f"{name}-version": matter.version} | {f"{name}-{key}": value for key, value in fields.items()}
    return client.post(f"/desk/matters/{matter.number}/{name}/", data)


def acted(client: Client, matter: Matter, name: str, unit: int, **fields: Any) -> Any:
    return client.post(f"/desk/whistles/{matter.number}/{name}/", {"unit": unit} | fields)


def test_the_whole_whistle_through_the_pages(members):
    matter = whistled(members)
    address = f"/desk/matters/{matter.number}/"
    street, department, helping = (
        at(members, role) for role in ("street_officer", "department_officer", "property_manager")
    )
    lead, other = unit_of(members, "department_officer"), unit_of(members, "property_manager")
    assert matter.state == "issued" and WhistleCall.objects.filter(whistle=matter.pk).count() == 2
    assert "现在叫到我们的" in page(department, "/desk/whistles/")
    assert took(department, matter, "accept", note="马上到").status_code == 302
    assert acted(helping, matter, "join", other).status_code == 302
    assert took(department, matter, "arrive").status_code == 302
    assert acted(helping, matter, "arrive", other).status_code == 302
    assert took(department, matter, "plan", internal="当晚联合清理").status_code == 302
    assert "当晚联合清理" in page(street, address)
    assert took(department, matter, "handle", note="已清理").status_code == 302
    assert took(street, matter, "verify", note="现场看过").status_code == 302
    shown = took(street, matter, "close").content.decode()
    assert "还有 2 个部门没有评价" in shown
    assert "请填写说明" in acted(street, matter, "grade", other, value=1).content.decode()
    assert acted(street, matter, "grade", lead, value=3).status_code == 302
    assert acted(street, matter, "grade", other, value=1, words="来得晚").status_code == 302
    assert took(street, matter, "close").status_code == 302
    assert Matter.objects.get(pk=matter.pk).state == "closed"
    assert "来得晚" in page(helping, address)
    assert "来得晚" not in page(department, address)  # what was said of others is the street's and theirs
    assert "1 · 0 · 0" in page(street, "/desk/whistles/record/")


def test_what_became_of_whistles_leads_from_a_number_to_its_rows(members):
    matter = whistled(members)
    street = at(members, "street_officer")
    shown = page(street, f"/desk/whistles/record/?place={STREET}")
    address = re.search(r'href="(/desk/figures/whistles.joint_enforcement.waiting[^"]*)"', shown)
    assert address and "需要联合执法" in shown
    answer = street.get(address[1].replace("&amp;", "&"), follow=True)
    assert answer.status_code == 200 and matter.number in answer.content.decode()
    earlier = page(street, f"/desk/whistles/record/?place={STREET}&since=2026-05-01&on=2026-05-31")
    assert "这段时间没有吹哨" in earlier and "whistles.joint" not in earlier
    assert "按事由和结果" not in page(at(members, "department_officer"), "/desk/whistles/record/")


def test_objection_then_the_district_decides(members):
    matter = whistled(members)
    street, department = at(members, "street_officer"), at(members, "department_officer")
    assert "异议理由" in took(department, matter, "object", internal="").content.decode()
    assert took(department, matter, "object", internal="不在职责清单").status_code == 302
    assert "不在职责清单" in page(street, f"/desk/matters/{matter.number}/")
    assert took(street, matter, "escalate", internal="部门不应哨").status_code == 302
    district = at(members, "district_officer")
    assert "已报区里" in page(district, "/desk/whistles/?stage=escalated")
    lead = unit_of(members, "department_officer")
    assert took(district, matter, "decide", unit_id=lead, internal="清单第五项").status_code == 302
    assert took(department, matter, "accept").status_code == 302
    assert WhistleCall.objects.filter(whistle=matter.pk, unit=lead).count() == 2


def test_a_community_proposes_and_the_street_calls_or_declines(members):
    secretary, street = at(members, "community_secretary"), at(members, "street_officer")
    shown = page(secretary, NEW)
    assert "报街道研判" in shown and "牵头单位" not in shown
    fields = given(members)
    assert secretary.post(NEW, fields).status_code == 302
    matter = Matter.objects.get(kind="whistle")
    assert matter.state == "proposed" and "拟吹哨" in page(street, "/desk/whistles/")
    lead = unit_of(members, "department_officer")
    assert "请选" in took(street, matter, "issue").content.decode() or matter.state == "proposed"
    answer = took(street, matter, "issue", unit_id=lead, others=[lead, unit_of(members, "property_manager")])
    assert answer.status_code == 302
    assert sorted(WhistleCall.objects.values_list("lead", flat=True)) == [False, True]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ground": "boredom"}, "法定事由"),
        ({"title": ""}, "什么事"),
        ({"arrive_by": "2026-06-14T09:00"}, "到场时限须在现在以后"),
        ({"arrive_by": "明天"}, "到场时限"),
        ({"unit_id": ""}, "牵头单位"),
        ({"unit_id": "999999"}, "牵头单位"),
        ({"others": ["999999"]}, "协办单位"),
        ({"text": "字" * 2001}, "情况"),
    ],
)
def test_bad_input_is_named(members, fields, said):
    answer = at(members, "street_officer").post(f"{NEW}?place={COMMUNITY}", given(members, **fields))
    assert answer.status_code == 422
    alert = answer.content.decode().split('role="alert"')[1].split("</div>")[0]
    assert said in alert
    assert not Whistle.objects.exists()


def test_a_ground_that_ended_is_not_offered(members):
    RuleValue.objects.filter(key="whistle.ground.joint_enforcement").update(valid_to=TODAY)
    street = at(members, "street_officer")
    assert "联合执法" not in page(street, f"{NEW}?place={COMMUNITY}")
    assert street.post(f"{NEW}?place={COMMUNITY}", given(members)).status_code == 422


def test_the_place_is_ones_own_or_named_as_wrong(members):
    street = at(members, "street_officer")
    for place in ("210202006", "不存在的地方"):
        assert "在您的范围内" in page(street, f"{NEW}?place={place}") or "不在您的范围内" in page(
            street, f"{NEW}?place={place}"
        )
        assert street.post(f"{NEW}?place={place}", given(members)).status_code == 422
    assert not Whistle.objects.exists()


def test_sent_twice_it_is_one(members):
    whistled(members)
    whistled(members)
    assert Whistle.objects.count() == 1 and WhistleCall.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "board", "matter_page", "new", "record"),
    [
        ("street_officer", 200, 200, 200, 200), ("community_secretary", 200, 200, 200, 200),
        ("district_officer", 200, 200, 404, 200), ("department_officer", 200, 200, 404, 200),
        ("property_manager", 200, 200, 404, 200), ("outside_officer", 200, 404, 200, 200),
        ("resident", 404, 404, 404, 404), ("system_administrator", 404, 404, 404, 404),
    ],
)  # fmt: skip
def test_each_role_in_and_out_of_scope(members, role, board, matter_page, new, record):
    matter = whistled(members)
    client = at(members, role)
    answer = client.get("/desk/whistles/")
    assert answer.status_code == board
    seen = matter.number in answer.content.decode()
    assert seen == (board == 200 and matter_page == 200)
    assert client.get(f"/desk/matters/{matter.number}/").status_code == matter_page
    assert client.get(NEW).status_code == new
    assert client.get("/desk/whistles/record/").status_code == record
    if matter_page == 404:
        for name in ("join", "excuse", "arrive", "grade", "release", "call"):
            assert acted(client, matter, name, 1).status_code == 404
    if role != "street_officer":
        lead = unit_of(members, "department_officer")
        acted(client, matter, "release", unit_of(members, "property_manager"))
        acted(client, matter, "grade", lead, value=3)
        assert not WhistleCall.objects.exclude(released_at=None, graded_at=None).exists()


def test_another_place_in_the_address_does_not_widen_the_scope(members):
    whistled(members)
    outside = at(members, "outside_officer")
    assert "夜间占道烧烤" not in page(outside, f"/desk/whistles/?place={STREET}")
    assert outside.get(f"/desk/whistles/record/?place={STREET}").status_code == 404
    assert outside.get("/desk/whistles/?stage=nothing").status_code == 404
    assert outside.get("/desk/whistles/?place=abc").status_code == 404


def test_a_request_leads_to_a_whistle(members):
    resident = members["resident"].actor
    made = report(
        actor=resident, new=Report(source="phone", text="门口每晚占道烧烤，油烟很大", place_code=COMMUNITY)
    ).matter
    street = at(members, "street_officer")
    assert f"{NEW}?from={made.number}" in page(street, f"/desk/matters/{made.number}/")
    assert made.text in page(street, f"{NEW}?from={made.number}")
    assert street.post(f"{NEW}?from={made.number}", given(members)).status_code == 302
    whistle = Whistle.objects.get()
    assert whistle.request_id == made.pk and whistle.matter.place_code == COMMUNITY
    assert made.number in page(street, f"/desk/matters/{whistle.matter.number}/")
    assert f"{whistle.matter.number} · 已吹哨" in page(street, f"/desk/matters/{made.number}/")
    assert f"{NEW}?from=" not in page(at(members, "district_officer"), f"/desk/matters/{made.number}/")
    assert at(members, "outside_officer").get(f"{NEW}?from={made.number}").status_code == 404


def test_a_sealed_request_leads_to_a_sealed_whistle_without_its_words(members):
    said = "邻居家夜里打孩子，哭声很大"
    new = Report(source="phone", text=said, place_code=COMMUNITY, item_code="disp.family")
    made = report(actor=members["resident"].actor, new=new).matter
    assert made.confidentiality == Matter.SEALED
    street, address = at(members, "street_officer"), f"{NEW}?from={made.number}"
    shown = page(street, address)
    assert said not in shown.partition('class="whistle-form"')[2] and "当事人可见" in shown
    assert street.post(address, given(members)).status_code == 302
    whistle = Matter.objects.get(kind="whistle")
    assert whistle.confidentiality == Matter.SEALED and said not in whistle.text
    assert "夜间占道烧烤" in page(at(members, "department_officer"), f"/desk/matters/{whistle.number}/")


@pytest.mark.parametrize("unit", ["²", "１", "-1", "9" * 30, "x"])
def test_no_unit_is_not_found(members, unit):
    matter = whistled(members)
    assert acted(at(members, "department_officer"), matter, "join", unit).status_code == 404


def test_calling_more_and_releasing(members):
    matter = whistled(members, others=[])
    street, other = at(members, "street_officer"), unit_of(members, "property_manager")
    answer = acted(street, matter, "call", 0)
    assert answer.status_code == 422 and "再叫哪些单位" in answer.content.decode()
    assert acted(street, matter, "call", 0, unit_ids=[other]).status_code == 302
    assert acted(street, matter, "release", other).status_code == 302
    assert WhistleCall.objects.get(unit=other).released_at is not None
    lead = unit_of(members, "department_officer")
    assert "牵头部门不能解除" in acted(street, matter, "release", lead).content.decode()


def test_a_board_costs_the_same_with_many_whistles(members, django_assert_max_num_queries):
    from uuid import uuid4

    whistled(members)
    street, department = at(members, "street_officer"), at(members, "department_officer")
    with django_assert_max_num_queries(MOST_QUERIES):
        page(street, "/desk/whistles/")
    for _number in range(12):
        street.post(f"{NEW}?place={COMMUNITY}", given(members, key=str(uuid4())))
    assert Whistle.objects.count() == 13
    with django_assert_max_num_queries(MOST_QUERIES):
        assert "还有 5 件" in page(street, "/desk/whistles/")
    with django_assert_max_num_queries(MOST_QUERIES):
        page(department, "/desk/whistles/")

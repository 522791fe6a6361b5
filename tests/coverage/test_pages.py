"""Pages of coverage: who finds what, a gap closed from its page, a visit recorded on a phone, nothing beyond one's places."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from doorstep.modules.coverage import services_gaps
from doorstep.modules.coverage.models import CommunityPage, Covering, Finding, Gap, Profile, Visit
from tests.coverage.test_communities import FOUR, session
from tests.coverage.world import ONE, STREET, World, committee, establish, instructor, new, registered
from tests.sign_in import client_of


def desk(world: World, role: str = "street") -> Client:
    return client_of(world.accounts[role])


def test_a_gap_is_closed_from_its_page(world: World) -> None:
    row = registered(world, full=4)
    services_gaps.find_gaps()
    street, gap = desk(world), Gap.objects.get()
    place = street.get(f"/desk/coverage/places/{STREET}/").content.decode()
    assert "定办法" in place and "演示科技公司" in place
    assert f"/desk/coverage/places/{ONE}/" in place, "by the communities of the street"
    page = street.get(f"/desk/coverage/organisations/{row.pk}/").content.decode()
    assert "单独组建" in page and "覆盖空白" in page
    answer = street.post(
        f"/desk/coverage/gaps/{gap.pk}/plan/",
        {"plan": "own", "planned_for": "2026-08-31", "words": "联系负责人", "version": gap.matter.version},
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    stale = street.post(
        f"/desk/coverage/gaps/{gap.pk}/plan/",
        {"plan": "joint", "planned_for": "2026-08-31", "words": "又改", "version": gap.matter.version},
    )
    assert stale.status_code == 422 and "旧内容" in stale.content.decode()
    sent = {"name": "演示党支部", "founded_on": "2026-06-01", "document": ""}
    refused = street.post(f"/desk/coverage/organisations/{row.pk}/cover/", sent)
    assert refused.status_code == 422 and not Covering.objects.exists()
    assert (
        street.post(
            f"/desk/coverage/organisations/{row.pk}/cover/", sent | {"document": "演批〔2026〕9号"}
        ).status_code
        == 302
    )
    assert Gap.objects.get().matter.state == "covered"
    page = street.get(f"/desk/coverage/organisations/{row.pk}/").content.decode()
    assert "演示党支部" in page and "终止覆盖" in page
    ended = street.post(
        f"/desk/coverage/coverings/{Covering.objects.get().pk}/end/",
        {"ended_on": "2026-06-15", "document": "文"},
    )
    assert ended.status_code == 302, ended.content.decode()[:1500]


def test_registering_counting_correcting(world: World) -> None:
    street, given = desk(world), new()
    sent: dict[str, Any] = {
        "credit_code": given.credit_code, "name": given.name, "kind": "company", "trade": "law", "founded_on": "2022-05-09",
        "address": "演示路9号", "longitude": "121.62", "latitude": "38.92",
    }  # fmt: skip
    away = street.post("/desk/coverage/organisations/new/", sent | {"longitude": "121.95"})
    assert away.status_code == 422 and "不在本区" in away.content.decode()
    assert street.post("/desk/coverage/organisations/new/", sent).status_code == 302
    row = Profile.objects.get()
    base = f"/desk/coverage/organisations/{row.pk}/"
    counted = {"counted_on": "2026-06-01", "staff": "20", "full": "2", "probationary": "1"}
    assert desk(world, "secretary").post(base + "count/", counted).status_code == 302
    early = street.post(base + "count/", counted | {"counted_on": "2026-05-01"})
    assert early.status_code == 422 and "不能再登记更早的" in early.content.decode()
    changed = {"name": "改名公司", "trade": "law", "address": "演示路9号", "version": "1"}
    assert street.post(base + "correct/", changed).status_code == 302
    assert "改名公司" in street.get(base).content.decode()


def test_the_studio_suggests_and_a_joint_branch_is_founded(world: World) -> None:
    rows = [registered(world, full=1) for _ in range(3)]
    street = desk(world)
    page = street.get(f"/desk/coverage/places/{STREET}/joint/").content.decode()
    assert "建议 1 组" in page and "同属软件和信息服务" in page
    address = "/desk/coverage/joint/new/?" + "&".join(f"o={row.pk}" for row in rows)
    assert street.get(address).status_code == 200
    sent = {"name": "联合党支部", "founded_on": "2026-06-15", "document": "演批〔2026〕9号"}
    assert street.post(address, sent).status_code == 302
    assert Covering.objects.filter(form="joint").count() == 3
    assert "没有可以联合组建的组织" in street.get(f"/desk/coverage/places/{STREET}/joint/").content.decode()
    far = [registered(world, full=2, longitude=rows[0].longitude + 0.005) for _ in range(2)]
    establish(world, *far, form="joint", name="远处联合党支部")
    late = registered(world, full=1)
    services_gaps.find_gaps()
    page = street.get(f"/desk/coverage/organisations/{late.pk}/join/").content.decode()
    near, other = (
        page.index("联合党支部（约 0 米，现有 3 个单位）"),
        page.index("远处联合党支部（约 430 米，现有 2 个单位）"),
    )
    assert near < other, "the nearest first"
    plan = street.get(f"/desk/coverage/gaps/{Gap.objects.get(organisation=late).pk}/plan/").content.decode()
    assert "加入联合党支部" in plan and "选派入企干部" not in plan, (
        "one with members is not covered by being in touch"
    )
    for bad in ("?o=1", "?o=x&o=y", "", "?" + "&".join("o=1" for _ in range(9)), f"?o={rows[0].pk}&o=999999"):
        assert street.get("/desk/coverage/joint/new/" + bad).status_code == 404


def test_the_map_has_points_with_words(world: World) -> None:
    row = registered(world, full=4)
    found = json.loads(desk(world).get(f"/desk/coverage/places/{STREET}/map.geojson").content)
    points = [one for one in found["features"] if one["geometry"]["type"] == "Point"]
    assert [(one["properties"]["id"], one["properties"]["mark"], one["properties"]["value_text"]) for one in points] == [
        (row.pk, 4, "覆盖空白"),
    ]  # fmt: skip
    assert len(found["features"]) > 1, "over the outlines of the communities"


def test_a_visit_on_a_phone(world: World) -> None:
    row = registered(world, full=0)
    instructor(world, row)
    phone = desk(world, "instructor")
    assert "演示科技公司" in phone.get("/visits/").content.decode()
    address = f"/visits/new/?unit={row.unit_id}"
    sent = {
        "topics": ["business"],
        "found": "",
        "finding": "帮忙协调停车",
        "visited_on": "2026-06-15",
        "key": str(uuid.uuid4()),
    }
    empty = phone.post(address, sent | {"topics": []})
    assert empty.status_code == 422 and "至少一项" in empty.content.decode()
    assert phone.post(address, sent).status_code == 302 and phone.post(address, sent).status_code == 302
    visit = Visit.objects.get()
    assert "帮忙协调停车" in phone.get("/visits/").content.decode()
    assert phone.post(f"/desk/coverage/visits/{visit.pk}/cancel/", {"reason": "记错"}).status_code == 302
    other = registered(world, full=0)
    assert phone.get(f"/visits/new/?unit={other.unit_id}").status_code == 404
    assert phone.get("/visits/new/").status_code == 404
    assert phone.get(f"/desk/coverage/places/{ONE}/").status_code == 404
    assert phone.get(f"/desk/coverage/organisations/{row.pk}/").status_code == 200
    assert phone.get(f"/desk/coverage/organisations/{other.pk}/").status_code == 404


def test_a_page_from_writing_to_the_public(world: World) -> None:
    secretary, street, anybody = desk(world, "secretary"), desk(world), Client()
    sent = {
        "place_code": ONE, "name": "邻里议事厅", "problem": "停车难<b>", "way": "议事", "effect": "有序", "since_day": "2025-01-01",
        "indicators": ["grids.grids"],
    }  # fmt: skip
    assert secretary.post("/desk/coverage/pages/new/brand/", sent).status_code == 302
    page = CommunityPage.objects.get()
    base = f"/desk/coverage/pages/{page.pk}/"
    assert anybody.get(f"/brands/{page.pk}/").status_code == 404
    assert secretary.post(base + "do/approve/", {"version": "1"}).status_code == 403
    assert secretary.post(base + "do/submit/", {"version": "1"}).status_code == 302
    assert (
        "审核并发布" in street.get(base).content.decode()
        and "审核并发布" not in secretary.get(base).content.decode()
    )
    assert street.post(base + "do/approve/", {"version": "2"}).status_code == 302
    shown = anybody.get(f"/brands/{page.pk}/").content.decode()
    assert "邻里议事厅" in shown and "停车难&lt;b&gt;" in shown and "社区网格" in shown
    assert "邻里议事厅" in anybody.get("/brands/").content.decode()
    assert street.post(base + "say/withdraw/", {"reason": "过时", "version": "3"}).status_code == 302
    assert anybody.get(f"/brands/{page.pk}/").status_code == 404
    assert "过时" in secretary.get(base).content.decode()
    assert desk(world, "outsider").get(base).status_code == 404


def test_assistance_and_the_mechanism(world: World) -> None:
    street = desk(world)
    sent = {
        "place_code": ONE, "starts_on": "2026-01-05", "ends_on": "2026-12-31", "goal": "补短板", "document": "演组〔2026〕1号",
        "indicators": ["grids.grids"], **{f"part_{code}": words for code, words in FOUR.items()},
    }  # fmt: skip
    missing = street.post("/desk/coverage/assistance/new/", sent | {"part_plan": ""})
    assert missing.status_code == 422 and "一个帮扶方案" in missing.content.decode()
    answer = street.post("/desk/coverage/assistance/new/", sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    base = answer["Location"]
    day = {
        "kind": "site_visit",
        "day": "2026-06-01",
        "who": "街道",
        "seen": "堆物",
        "findings": "清楼道\n修路灯",
        "key": str(uuid.uuid4()),
    }
    assert street.post(base + "day/", day).status_code == 302
    shown = street.get(base).content.decode()
    assert "清楼道" in shown and "修路灯" in shown and "帮扶前" in shown
    assert street.post(base + "decide/", {"outcome": "moved_up", "reason": "补齐"}).status_code == 302
    unit, meeting = committee(), session(committee().pk)
    mechanism = f"/desk/coverage/coordination/{unit.pk}/"
    department = world.units["department", "210202"].pk
    joined = street.post(
        mechanism + "member/", {"unit": department, "role": "member", "valid_from": "2026-06-15"}
    )
    assert joined.status_code == 302, joined.content.decode()[:1500]
    refer = f"/desk/coverage/sessions/{meeting.pk}/refer/"
    key = street.get(refer).context["form"].initial["key"]
    sent = {"title": "设停车位", "text": "空地", "holder": department, "place_code": ONE, "key": key}
    for _press in range(2):
        assert street.post(refer, sent).status_code == 302
    assert Finding.objects.filter(session=meeting).count() == 1, "one press sent twice refers once"
    assert "设停车位" in street.get(mechanism).content.decode()
    for role in ("outsider", "resident", "property"):
        other = desk(world, role)
        assert {other.get(path).status_code for path in (mechanism, base, refer)} == {404}


@pytest.mark.parametrize("role", ["outsider", "resident", "department", "property"])
def test_nothing_of_another_place_exists(world: World, role: str) -> None:
    row = registered(world, full=4)
    services_gaps.find_gaps()
    client = desk(world, role)
    for path in (
        f"places/{ONE}/", f"places/{STREET}/", f"places/{ONE}/joint/", f"places/{ONE}/map.geojson", f"organisations/{row.pk}/",
        f"organisations/{row.pk}/count/", f"organisations/{row.pk}/cover/", f"organisations/{row.pk}/correct/", f"gaps/{Gap.objects.get().pk}/plan/",
        "places/abc/", "places//", "organisations/999999/",
    ):  # fmt: skip
        assert client.get(f"/desk/coverage/{path}").status_code == 404, path
        assert client.post(f"/desk/coverage/{path}").status_code in (404, 405), path
    for key in (
        "organisations",
        "counts",
        "coverings",
        "gaps",
        "visits",
        "findings",
        "pages",
        "assistance",
        "members",
    ):
        answer = client.get(f"/desk/r/coverage.{key}/export.csv?place={ONE}")
        assert answer.status_code == 404, key

"""Pages of plans of building groups and of counts: who sees and does what, what is said of bad input, how many statements."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.matters.models_messages import Notice
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.models import BuildingMembers, GroupPlan
from doorstep.modules.chain.subjects import _lines
from tests.chain.group_plans.test_effect import LATER, PAPER, approved, ending_one, sent
from tests.chain.group_plans.world import ONE, Ground, fresh
from tests.chain.world import TODAY
from tests.sign_in import client_of

LIST = "/desk/chain/group-plans/"


def client(ground: Ground, role: str) -> Client:
    if role not in ground.clients:
        ground.clients[role] = client_of(ground.accounts[role])
    return ground.clients[role]


def page(plan: GroupPlan, rest: str = "") -> str:
    return f"{reverse('chain:group_plan', args=[plan.pk])}{rest}"


def test_who_sees_a_plan(ground: Ground) -> None:
    plan = ground.made()
    for role, status in (
        ("street", 200), ("district", 200), ("secretary", 200), ("deputy", 200), ("branch", 404), ("neighbour", 404),
    ):  # fmt: skip
        for address in (page(plan), page(plan, "changes/")):
            assert client(ground, role).get(address).status_code == status, (role, address)
    shown = client(ground, "deputy").get(page(plan)).content.decode()
    assert "动手调整" not in shown and "按下面的要求" not in shown
    assert client(ground, "deputy").post(page(plan, "undo/")).status_code == 403
    assert client(ground, "neighbour").post(page(plan, "undo/")).status_code == 404
    assert client(ground, "secretary").post(page(plan, "nonsense/")).status_code == 404


def test_a_new_plan_begins_with_the_numbers_in_force(ground: Ground) -> None:
    secretary = client(ground, "secretary")
    assert secretary.get(reverse("chain:choose_group_plan")).headers["Location"] == reverse(
        "chain:new_group_plan", args=[ONE]
    )
    address = reverse("chain:new_group_plan", args=[ONE])
    form = secretary.get(address).context["form"]
    assert (form["minimum"].value(), form["size"].value(), form["short"].value()) == (3, 8, True)
    given = {"title": "演示", "branch": "", "minimum": 3, "size": 8, "short": "on"}
    for wrong, words in (
        ({"title": " "}, "必填"), ({"minimum": 2}, "大于或等于"), ({"size": 2}, "大于或等于"), ({"branch": "987"}, "选择"),
        ({f"asked_{ground.left.pk}": 40}, "最多只能有"), ({f"asked_{ground.left.pk}": "x"}, "整数"),
    ):  # fmt: skip
        answer = secretary.post(address, given | wrong)
        assert answer.status_code == 422 and words in answer.content.decode(), wrong
    assert not GroupPlan.objects.exists()
    assert secretary.post(address, given | {f"asked_{ground.left.pk}": 3}).status_code == 302
    plan = GroupPlan.objects.get()
    assert (plan.asked, plan.short, plan.state) == ({str(ground.left.pk): 3}, True, "ready")
    for role in ("deputy", "branch", "neighbour"):
        assert client(ground, role).get(address).status_code == 404
    assert (
        client(ground, "street").get(reverse("chain:new_group_plan", args=["210202005012"])).status_code
        == 200
    )


def test_what_is_refused_stands_on_the_page_and_nothing_is_written(ground: Ground) -> None:
    plan = ending_one(ground)
    secretary, first = client(ground, "secretary"), plan.buildings[0]
    for what, given, status, words in (
        ("move", {"number": 1}, 422, "请先在图上点选"),
        ("move", {"buildings": [first]}, 422, "请选要划到哪个小组"),
        ("move", {"buildings": [987654], "number": 1}, 422, "不在这个方案里"),
        ("move", {"buildings": [first], "number": "x"}, 422, "没有这个小组"),
        ("move", {"buildings": [first], "number": "new", "lock_version": 99}, 409, "改过这个方案"),
        ("compute", {"minimum": 1, "size": 8}, 422, "大于或等于"),
        ("compute", {"minimum": 3, "size": 8, "lock_version": 99}, 409, "改过这个方案"),
        ("rename", {"number": 0, "name": " "}, 422, "必填"),
        ("send", {"effective_on": "2020-01-01", "document": PAPER}, 422, "不能早于今天"),
        ("send", {"effective_on": TODAY.isoformat(), "document": ""}, 422, "必填"),
        ("approve", {}, 409, "不在审批中"),
    ):
        answer = secretary.post(page(plan, f"{what}/"), given)
        assert (answer.status_code, words in answer.content.decode()) == (status, True), (what, given)
    assert fresh(plan).lock_version == plan.lock_version


def test_by_forms_alone_from_moving_to_approval(ground: Ground) -> None:
    ground.count([2] * 6 + [3] * 12)
    plan = ground.made(asked={ground.left.pk: 2})
    secretary = client(ground, "secretary")
    border, target = plan.buildings[2], plan.current.labels[3]
    assert secretary.post(page(plan, "move/"), {"buildings": [border], "number": target}).status_code == 302
    assert secretary.post(page(plan, "undo/")).status_code == 302
    assert fresh(plan).current.labels == plan.current.labels
    assert secretary.post(page(plan, "rename/"), {"number": 0, "name": "春天党小组"}).status_code == 302
    why = secretary.get(page(plan, "?group=0")).content.decode()
    assert "春天党小组：为什么这样分" in why and "最多能分3个组" in why
    assert secretary.post(page(plan, "compute/"), {"minimum": 3, "size": 6, "short": "on"}).status_code == 302
    given = {"effective_on": LATER.isoformat(), "document": PAPER}
    assert secretary.post(page(plan, "send/"), given).status_code == 302
    assert secretary.post(page(plan, "approve/")).status_code == 403
    assert "送审的人不能自己批准" in secretary.get(page(plan, "changes/")).content.decode()
    assert client(ground, "deputy").post(page(plan, "approve/")).status_code == 403
    street = client(ground, "street")
    assert street.post(page(plan, "send_back/"), {"reason": ""}).status_code == 422
    assert street.post(page(plan, "approve/")).status_code == 302
    assert fresh(plan).state == "approved"
    assert secretary.post(page(plan, "take_back/")).status_code == 302
    assert secretary.post(page(plan, "drop/")).status_code == 302
    assert fresh(plan).state == "dropped" and secretary.get(page(plan)).status_code == 200
    assert plan.title not in secretary.get(LIST).content.decode()


def test_what_waits_for_whom(ground: Ground) -> None:
    def waiting(role: str) -> set[str]:
        found = {
            provider.key: provider.items(ground.actor(role), TODAY, 5)[1]
            for provider in all_providers()
            if provider.key.startswith("chain.group_plans")
        }
        return {key.removeprefix("chain.group_plans_") for key, count in found.items() if count}

    plan = sent(ground, ending_one(ground))
    assert {role: waiting(role) for role in ("secretary", "deputy", "street", "neighbour")} == {
        "secretary": set(), "deputy": set(), "street": {"waiting"}, "neighbour": set(),
    }  # fmt: skip
    plans.send_back(actor=ground.actor("street"), plan_id=plan.pk, reason="再看看")
    assert waiting("secretary") == {"back"} and waiting("street") == set()


def test_notices_are_sentences(ground: Ground) -> None:
    approved(ground, ending_one(ground), TODAY)
    words = set(_lines(list(Notice.objects.filter(about="chain.group_plan"))).values())
    assert len(words) == 3 and all("2026-06-15" in one and PAPER in one for one in words)


def test_counting_a_branchs_buildings(ground: Ground) -> None:
    secretary = client(ground, "secretary")
    address = reverse("chain:building_members", args=[ground.left.pk])
    first, second = (one.pk for one in ground.buildings[:2])
    assert "没有登记过" in secretary.get(address).content.decode()
    for given, words in (
        ({"counted_on": TODAY.isoformat()}, "请至少填一栋楼"),
        ({"counted_on": (TODAY + dt.timedelta(1)).isoformat(), f"full_{first}": 3}, "不能晚于今天"),
        ({"counted_on": "1948-01-01", f"full_{first}": 3}, "日期早于"),
        ({"counted_on": TODAY.isoformat(), f"full_{first}": -1}, "大于或等于"),
    ):
        answer = secretary.post(address, given)
        assert answer.status_code == 422 and words in answer.content.decode(), given
    assert not BuildingMembers.objects.exists()
    given = {"counted_on": TODAY.isoformat(), f"full_{first}": 3, f"full_{second}": 0}
    assert secretary.post(address, given).status_code == 302
    assert dict(BuildingMembers.objects.values_list("building_id", "full")) == {first: 3, second: 0}
    assert "上次 3 人" in secretary.get(address).content.decode()
    assert (
        "6 栋楼，2 栋登记过" in secretary.get(reverse("chain:branches_to_count", args=[ONE])).content.decode()
    )
    assert client(ground, "neighbour").get(address).status_code == 404
    assert client(ground, "branch").post(address, given).status_code in (403, 404)


def test_the_register_shows_the_newest_count_of_each_day(ground: Ground) -> None:
    ground.count([4, 1], on=TODAY - dt.timedelta(days=30))
    ground.count([5])
    secretary, address = client(ground, "secretary"), reverse("web:register", args=["chain.building_members"])
    name = ground.buildings[0].name

    def shown(on: dt.date) -> dict[str, int]:
        rows = secretary.get(f"{address}?on={on.isoformat()}").content.decode()
        return {"new": rows.count(name), "old": rows.count(ground.buildings[1].name)}

    assert shown(TODAY)["new"] >= 1 and shown(TODAY - dt.timedelta(days=40)) == {"new": 0, "old": 0}
    rows = register("chain.building_members").visible(ground.actor("secretary"), TODAY)
    assert sorted(rows.values_list("full", flat=True)) == [1, 5]
    assert not register("chain.building_members").visible(ground.actor("branch"), TODAY).exists()


def test_a_row_of_an_offices_sheet(ground: Ground) -> None:
    importer = register("chain.building_members").importer
    assert importer is not None and importer.row_service is not None
    values = {"community": ONE, "building": ground.buildings[0].name, "full": 4, "counted_on": TODAY}
    actor = ground.actor("secretary")
    assert importer.row_service(actor, ImportRow(1, values)) == "added"
    assert importer.row_service(actor, ImportRow(1, values)) == "unchanged"
    assert importer.row_service(actor, ImportRow(1, values | {"full": 6})) == "changed"
    with pytest.raises(Exception, match="没有找到楼栋"):
        importer.row_service(actor, ImportRow(1, values | {"building": "九十号楼"}))


def test_pages_take_a_fixed_number_of_statements(ground: Ground) -> None:
    plan, secretary = ending_one(ground), client(ground, "secretary")
    for address, most in (
        (page(plan), 40),
        (LIST, 34),
        (page(plan, "changes/"), 119),
    ):  # a group that ends asks each module that may keep it
        secretary.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert secretary.get(address).status_code == 200
        assert len(asked) <= most, (address, len(asked))
    with CaptureQueriesContext(connection) as asked:
        approved(ground, plan, TODAY)
    assert len(asked) <= 190, len(asked)
    assert plans.apply_due(actor=system_actor("tests")) == 0

"""Pages of plans: who sees and does what, what is said of bad input, and how many statements they take."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.modules.grids import services_plan_approval, services_plans, views_plans
from doorstep.modules.grids.models import GridPlan
from tests.grids.plans.test_making import computed
from tests.grids.plans.world import ONE, STREET, TODAY, Ground
from tests.sign_in import client_of

LIST = "/desk/grids/plans/"


def client(ground: Ground, role: str) -> Client:
    return client_of(ground.world.accounts[role])


def page(plan: GridPlan, rest: str = "") -> str:
    return f"{reverse('grids:plan', args=[plan.pk])}{rest}"


def send(ground: Ground, plan: GridPlan) -> GridPlan:
    return services_plans.send_plan(
        actor=ground.actor("street"), plan_id=plan.pk, effective_on=TODAY + dt.timedelta(days=3), document="演网〔2026〕9号"
    )  # fmt: skip


def test_who_sees_a_plan(ground: Ground) -> None:
    plan = computed(ground)
    for role, status in (("street", 200), ("district", 200), ("secretary", 200), ("outsider", 404)):
        assert client(ground, role).get(page(plan)).status_code == status, role


def test_a_community_reads_and_remarks_but_changes_nothing(ground: Ground) -> None:
    plan = send(ground, computed(ground))
    secretary = client(ground, "secretary")
    shown = secretary.get(page(plan)).content.decode()
    assert "动手调整" not in shown and "收回" not in shown and "写意见" in shown
    assert secretary.post(page(plan, "take_back/")).status_code == 403
    assert secretary.post(page(plan, "approve/")).status_code == 403
    assert secretary.post(page(plan, "remark/"), {"text": "十号楼和十一号楼共用一个门"}).status_code == 302
    assert "十号楼和十一号楼共用一个门" in client(ground, "street").get(page(plan)).content.decode()


def test_a_new_plan_begins_with_todays_numbers(ground: Ground) -> None:
    street = client(ground, "street")
    address = reverse("grids:new_plan", args=[ONE])
    form = street.get(address).context["form"]
    assert form[f"asked_{ONE}"].value() == 4
    sent = {f"asked_{ONE}": 5, "title": "演示", "household": 1, "difficulty": 1, "building": 2, "price": "1", "seconds": "10"}  # fmt: skip
    for wrong, words in (
        ({f"asked_{ONE}": 0}, "大于或等于"),
        ({"title": " "}, "必填"),
        ({"seconds": "7"}, "选择"),
        ({f"asked_{ONE}": 40}, "栋"),
    ):
        answer = street.post(address, sent | wrong)
        assert answer.status_code == 422 and words in answer.content.decode(), wrong
    assert not GridPlan.objects.exists()
    assert street.post(address, sent).status_code == 302
    plan = GridPlan.objects.get()
    assert (plan.asked, plan.seconds, plan.state) == ({ONE: 5}, 10, "waiting")
    assert client(ground, "secretary").get(address).status_code == 404


def test_what_is_refused_stands_on_the_page_and_nothing_is_written(ground: Ground) -> None:
    plan = computed(ground)
    street = client(ground, "street")
    first = plan.buildings[0]
    for what, sent, status, words in (
        ("move", {"number": 1}, 422, "请先在图上点选"),
        ("move", {"buildings": [first]}, 422, "请选要划到哪个网格"),
        ("move", {"buildings": [987654], "number": 1}, 422, "不在这个方案里"),
        ("pin", {"buildings": [first], "kind": "together"}, 422, "请选两栋以上的楼"),
        ("move", {"buildings": [first], "number": 1, "lock_version": 1}, 409, "改过这个方案"),
        ("send", {"effective_on": "2020-01-01", "document": "演网〔2026〕9号"}, 422, "不能早于今天"),
        ("remark", {"text": ""}, 422, "请写下意见"),
    ):
        answer = street.post(page(plan, f"{what}/"), sent)
        assert answer.status_code == status and words in answer.content.decode(), (what, sent)
    after = GridPlan.objects.get(pk=plan.pk)
    assert (after.lock_version, after.state) == (plan.lock_version, "ready")
    assert street.get(page(plan, "move/")).status_code == 405
    assert street.post(page(plan, "explode/")).status_code == 404


def test_sent_approved_by_a_second_person_and_taken_back(ground: Ground) -> None:
    plan = send(ground, computed(ground))
    street, second = client(ground, "street"), client(ground, "street2")
    assert "批准或者退回" not in street.get(page(plan, "changes/")).content.decode()
    assert street.post(page(plan, "approve/")).status_code in (403, 422)
    assert "批准或者退回" in second.get(page(plan, "changes/")).content.decode()
    answer = second.post(page(plan, "send_back/"), {"reason": ""})
    assert answer.status_code == 422 and "请写明退回的原因" in answer.content.decode()
    assert second.post(page(plan, "approve/")).status_code == 302
    assert street.post(page(plan, "take_back/")).status_code == 302
    assert GridPlan.objects.get(pk=plan.pk).state == "ready"


def test_what_a_large_plan_changes_is_asked_for_by_the_page(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = computed(ground)
    street = client(ground, "street")
    assert "哪些楼换网格" in street.get(page(plan, "changes/")).content.decode()
    monkeypatch.setattr(services_plan_approval, "LARGE", 3)
    at_once = street.get(page(plan, "changes/")).content.decode()
    assert 'hx-get="?whole=1"' in at_once and 'href="?whole=1"' in at_once and "哪些楼换网格" not in at_once
    whole = street.get(page(plan, "changes/?whole=1")).content.decode()
    assert (
        "哪些楼换网格" in whole
        and 'id="plan-changes"' in whole
        and "hx-get" not in whole.split("plan-changes")[1]
    )
    refused = street.post(page(plan, "send/"), {"effective_on": "2020-01-01", "document": "演网〔2026〕9号"})
    assert refused.status_code == 422 and "哪些楼换网格" in refused.content.decode()


def test_side_by_side(ground: Ground) -> None:
    one, other = computed(ground), computed(ground, asked={ONE: 5})
    street = client(ground, "street")
    shown = street.get(f"{LIST}compare/?plan={one.pk}&plan={other.pk}")
    assert shown.status_code == 200 and "各方案的指标" in shown.content.decode()
    for asked in (f"?plan={one.pk}", "?plan=a&plan=b", ""):
        assert street.get(f"{LIST}compare/{asked}").status_code == 302
    assert client(ground, "outsider").get(f"{LIST}compare/?plan={one.pk}&plan={other.pk}").status_code == 404


def test_the_list_by_place_and_state(ground: Ground) -> None:
    small = computed(ground)
    whole = services_plans.create_plan(
        actor=ground.actor("street"), data=services_plans.PlanData(place_code=STREET, title="演示街道")
    )
    street = client(ground, "street")

    def shown(query: str) -> list[int]:
        return [line.plan.pk for line in street.get(f"{LIST}?{query}").context["lines"]]

    assert shown("") == [whole.pk, small.pk]
    assert shown(f"place={ONE}") == shown("place=演示一社区") == [whole.pk, small.pk], (
        "the street's concerns it too"
    )
    assert shown("state=computing") == [whole.pk] and shown("state=ready") == [small.pk]
    assert shown(f"place={ONE}&state=sent") == []
    page = street.get(LIST).content.decode()
    assert "演示一社区" in page and "涉及的地方" in page
    empty = street.get(f"{LIST}?state=sent").content.decode()
    assert "没有符合条件的方案" in empty and "看全部方案" in empty
    wrong = street.get(f"{LIST}?place=哪里").content.decode()
    assert "没有叫“哪里”的地方" in wrong and "演示街道" in wrong
    assert "没有代码为" in street.get(f"{LIST}?place=210202006001").content.decode()


def test_the_list_is_paged_by_key_both_ways(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_plans, "PAGE", 2)
    made = [
        services_plans.create_plan(
            actor=ground.actor("street"),
            data=services_plans.PlanData(place_code=STREET, title=f"演示{number}"),
        ).pk
        for number in range(5)
    ]
    street = client(ground, "street")
    query, seen = f"?place={STREET}", []
    while query:
        answer = street.get(LIST + query)
        seen.append([line.plan.pk for line in answer.context["lines"]])
        query, back = answer.context["older"], answer.context["newer"]
    assert seen == [made[:2:-1], made[2:0:-1], made[:1]]
    answer = street.get(LIST + back)
    assert [line.plan.pk for line in answer.context["lines"]] == seen[1]
    answer = street.get(LIST + answer.context["newer"])
    assert [line.plan.pk for line in answer.context["lines"]] == seen[0] and not answer.context["newer"]


def test_the_list_takes_as_many_statements_for_many(ground: Ground) -> None:
    street = client(ground, "street")
    computed(ground)
    street.get(LIST)
    with CaptureQueriesContext(connection) as few:
        street.get(LIST)
    for _each in range(3):
        services_plans.create_plan(
            actor=ground.actor("street"), data=services_plans.PlanData(place_code=STREET, title="演示")
        )
    with CaptureQueriesContext(connection) as many:
        street.get(LIST)
    assert len(many) == len(few)


def test_the_studio_takes_as_many_statements_for_more_buildings_and_pins(ground: Ground) -> None:
    plan = computed(ground)
    street = client(ground, "street")
    street.get(page(plan))
    with CaptureQueriesContext(connection) as few:
        street.get(page(plan))
    services_plans.draw_pin(
        actor=ground.actor("street"), plan_id=plan.pk, kind="inside", buildings=plan.buildings[:3],
        number=plan.current.labels[0],
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        street.get(page(plan))
    assert len(many) == len(few)


@pytest.mark.parametrize("rest", ["", "changes/", "progress/"])
def test_no_address_of_a_plan_exists_for_others(ground: Ground, rest: str) -> None:
    assert client(ground, "outsider").get(page(computed(ground), rest)).status_code == 404

"""Pages of plans of workers: who sees and does what, what is said of bad input, how many statements they take."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.shared import clock
from doorstep.modules.grids import services_staffing
from doorstep.modules.grids.models import StaffPlan
from tests.grids.staffing.test_effect import LATER, approved, persons, sent
from tests.grids.staffing.world import FOURTH, ONE, THIRD, TODAY, Ground, made
from tests.sign_in import client_of

LIST = "/desk/grids/staffing/"


def client(ground: Ground, role: str) -> Client:
    return client_of(ground.world.accounts[role])


def page(plan: StaffPlan, rest: str = "") -> str:
    return f"{reverse('grids:staffing', args=[plan.pk])}{rest}"


def test_who_sees_a_plan(ground: Ground) -> None:
    plan = made(ground)
    for role, status in (
        ("street", 200), ("district", 200), ("secretary", 200), ("deputy", 200), ("worker", 404), ("outsider", 404),
        ("department", 404), ("resident", 404),
    ):  # fmt: skip
        browser = client(ground, role)
        assert [browser.get(page(plan, rest)).status_code for rest in ("", "changes/")] == [status] * 2, role


def test_made_moved_undone_sent_and_approved_by_their_pages(ground: Ground) -> None:
    street = client(ground, "street")
    assert "还没有网格员方案" in street.get(LIST).content.decode()
    address = reverse("grids:new_staffing", args=[ONE])
    assert "演示一社区" in street.get(address).content.decode()
    for wrong, words in (({"title": " "}, "必填"), ({"keep": "x"}, "选择")):
        answer = street.post(address, {"title": "演示安排", "keep": "some"} | wrong)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert street.post(address, {"title": "演示安排", "keep": "some"}).status_code == 302
    plan = StaffPlan.objects.get()
    shown = street.get(page(plan)).content.decode()
    assert "演示乙" in shown and "照现在的网格，不可能更均匀" in shown
    give = {"grid": THIRD, "worker": ground.workers["c"].pk}
    assert street.post(page(plan, "move/"), give).status_code == 302
    assert "1 个" in street.get(page(plan)).content.decode()
    assert street.post(page(plan, "undo/"), {}).status_code == 302
    data = json.loads(json.dumps(street.get(page(plan)).context["map"]))
    number = next(at for at, name in data["grids"] if name == "演示丙")
    assert street.post(page(plan, "drag/"), {"grid": THIRD, "number": number}).status_code == 302
    pin = give | {"kind": "hold", "words": "会说朝鲜语"}
    assert street.post(page(plan, "pin/"), pin).status_code == 302
    assert "会说朝鲜语" in street.get(page(plan)).content.decode()
    assert (
        "演示丙：为什么这样安排"
        in street.get(f"{page(plan)}?worker={ground.workers['c'].pk}").content.decode()
    )
    assert street.post(page(plan, "compute/"), {"keep": "few"}).status_code == 302
    send = {"effective_on": LATER.isoformat(), "document": "演任〔2026〕9号"}
    assert street.post(page(plan, "send/"), send).status_code == 302
    assert "批准或者退回" not in street.get(page(plan, "changes/")).content.decode()
    second = client(ground, "secretary")
    assert "批准或者退回" in second.get(page(plan, "changes/")).content.decode()
    assert second.post(page(plan, "approve/"), {}).status_code == 302
    assert street.post(page(plan, "take_back/"), {}).status_code == 302
    assert StaffPlan.objects.get().state == "ready"


def test_what_is_refused_stands_on_the_page_and_nothing_is_written(ground: Ground) -> None:
    plan = made(ground)
    street = client(ground, "street")
    other = 987654
    for what, data, status, words in (
        ("move", {"worker": ground.workers["c"].pk}, 422, "请先在图上点选"),
        ("move", {"grid": THIRD}, 422, "请选交给哪位网格员"),
        ("move", {"grid": f"{ONE}099", "worker": ground.workers["c"].pk}, 422, "方案里没有这个网格"),
        ("move", {"grid": THIRD, "worker": other}, 422, "请从这个社区的网格员中选择"),
        ("drag", {"grid": THIRD, "number": 77}, 422, "请从这个社区的网格员中选择"),
        ("move", {"grid": THIRD, "worker": ground.workers["c"].pk, "lock_version": 9}, 409, "改过这个方案"),
        ("send", {"effective_on": LATER.isoformat(), "document": "演任〔2026〕9号"}, 422, "一样"),
        ("approve", {}, 409, "不在审批中"),
    ):
        answer = street.post(page(plan, f"{what}/"), data)
        assert answer.status_code == status and words in answer.content.decode(), (what, data)
    after = StaffPlan.objects.get()
    assert (after.lock_version, after.state) == (plan.lock_version, "ready")
    assert street.get(page(plan, "move/")).status_code == 405
    assert street.post(page(plan, "explode/")).status_code == 404


def test_the_deputy_reads_and_changes_nothing(ground: Ground) -> None:
    plan = made(ground)
    deputy = client(ground, "deputy")
    shown = deputy.get(page(plan)).content.decode()
    assert "动手调整" not in shown and "重新算" not in shown
    assert (
        deputy.post(page(plan, "move/"), {"grid": THIRD, "worker": ground.workers["c"].pk}).status_code == 403
    )
    assert deputy.get(reverse("grids:new_staffing", args=[ONE])).status_code == 404


def test_a_place_that_cannot_be_planned_is_told_on_the_page(ground: Ground) -> None:
    from doorstep.kernel.organisations.models import Appointment

    for row in ground.workers.values():
        Appointment.objects.filter(pk=row.pk).update(valid_to=TODAY)
    answer = client(ground, "street").post(
        reverse("grids:new_staffing", args=[ONE]), {"title": "演示", "keep": "some"}
    )
    assert answer.status_code == 422 and "现在只有0名" in answer.content.decode()


def test_the_leave_page_proposes_who_stands_in_by_the_plan(ground: Ground) -> None:
    approved(ground, LATER)
    with clock.fixed(LATER):
        services_staffing.apply_due_staffing(actor=system_actor("tests"))
        from doorstep.kernel.organisations.models import Appointment

        now = Appointment.objects.in_force().get(person_id=persons(ground)["c"], post="grid_worker")
        address = reverse("grids:leave", args=[ONE, now.pk])
        secretary = client(ground, "secretary")
        answer = secretary.get(address)
        assert "网格员方案定的是" in answer.content.decode()
        proposed = answer.context["form"]["person"].value()
        data = {
            "person": proposed,
            "valid_from": LATER.isoformat(),
            "valid_to": (LATER + dt.timedelta(days=3)).isoformat(),
        }
        assert secretary.post(address, data).status_code == 302
        assert Appointment.objects.filter(substitute_for=now, person_id=int(proposed)).exists()


def test_the_list_and_the_studio_take_as_many_statements_for_more(ground: Ground) -> None:
    plan = made(ground)
    street = client(ground, "street")
    for address in (LIST, page(plan)):
        street.get(address)
        with CaptureQueriesContext(connection) as few:
            street.get(address)
        services_staffing.pin_grid(
            actor=ground.actor("street"), plan_id=plan.pk, kind="wish", grid=THIRD if address == LIST else FOURTH,
            worker=ground.workers["b"].pk,
        )  # fmt: skip
        made(ground)
        with CaptureQueriesContext(connection) as many:
            street.get(address)
        assert len(many) == len(few), address


def test_what_changes_takes_as_many_statements_for_more_matters(ground: Ground) -> None:
    from tests.grids.reports import in_hand

    in_hand(ground.world, "b", THIRD, ground)
    plan = sent(ground, LATER)
    street = client(ground, "street")
    with CaptureQueriesContext(connection) as few:
        street.get(page(plan, "changes/"))
    for _ in range(4):
        in_hand(ground.world, "b", THIRD, ground)
    with CaptureQueriesContext(connection) as many:
        street.get(page(plan, "changes/"))
    assert len(many) - len(few) <= 2


@pytest.mark.parametrize("rest", ["", "changes/"])
def test_no_address_of_a_plan_exists_for_others(ground: Ground, rest: str) -> None:
    assert client(ground, "outsider").get(page(made(ground), rest)).status_code == 404

"""From the doorstep to closed and back, through pages alone: a resident's phone, a grid worker's phone, a desk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_desk_journey import state, step
from tests.browser.test_resident_journey import keep_a_door
from tests.browsers import LiveServer
from tests.patrol.phones import expect_all_sent, expect_waiting, ready_for_offline, steps_of

SAID = "一单元门口的路灯罩碎了"
WHOLE = ["open", "accept", "handle", "verify", "ask_reopen", "reopen", "handle", "verify"]


@pytest.fixture(autouse=True)
def same_day(clock_fixed: object) -> None:
    """The test's own look at the database is of the server's day."""


def handled(phone: Page, *, is_new: bool, note: str, offline: bool) -> None:
    """The worker takes it on and does it; without a network both wait on the phone and go out once it is back."""
    phone.goto("/patrol/")
    if offline:
        ready_for_offline(phone)
        phone.context.set_offline(True)
    said = phone.locator("[data-local]" if offline else "#patrol")
    phone.get_by_role("link", name=re.compile(SAID)).first.tap()
    if is_new:
        phone.locator("summary", has_text="接办").tap()
        phone.get_by_role("button", name="接办").tap()
        expect(said).to_contain_text("等待发出" if offline else "已接办")
    phone.get_by_label("给报告人的说明").locator("visible=true").fill(note)
    phone.get_by_role("button", name="办完").locator("visible=true").tap()
    if offline:
        expect_waiting(phone, 2 if is_new else 1)
        phone.context.set_offline(False)
    else:
        expect(phone.get_by_text("已办完")).to_be_visible()
    expect_all_sent(phone)


@pytest.mark.parametrize("offline", [False, True], ids=["online", "worker offline"])
def test_from_the_doorstep_to_closed_and_back(
    page_for: Callable[..., Page], fresh_live_server: LiveServer, offline: bool
) -> None:
    server = fresh_live_server
    resident = page_for("resident", device="phone", server=server)
    keep_a_door(resident, server)
    resident.get_by_role("link", name="有事说一声").tap()
    resident.get_by_label("什么事").fill(SAID)
    resident.get_by_role("button", name="发出").tap()
    resident.get_by_role("link", name="看这件事").tap()
    expect(resident.get_by_text("等待接办")).to_be_visible()
    told = resident.url
    number = re.search(r"QS\d+", resident.content())
    assert number is not None

    worker = page_for("worker", device="phone", server=server)
    handled(worker, is_new=True, note="换了新灯罩", offline=offline)

    secretary = page_for("secretary", server=server, path="/desk/")
    # it waits for two things: for its item, which the words alone did not decide, and to be checked
    for group in ("group-decide", "group-confirm"):
        expect(
            secretary.locator(f"[aria-labelledby={group}]").get_by_role("link", name=re.compile(SAID))
        ).to_have_count(2)
    secretary.locator("[aria-labelledby=group-confirm]").get_by_role(
        "link", name=re.compile(SAID)
    ).first.click()
    state(secretary, "已办，待核实")
    address = secretary.url
    expect(secretary.get_by_text("边界为示意")).to_be_visible()
    step(secretary, "verify", note="看过了，已换好")
    state(secretary, "已结案")

    resident.goto(told)
    expect(resident.get_by_text("看过了，已换好")).to_be_visible()
    resident.get_by_text("没有解决", exact=True).tap()
    resident.get_by_text("不满意", exact=True).tap()
    resident.get_by_label("想说的话").fill("晚上还是不亮")
    resident.get_by_role("button", name="评价").tap()
    expect(resident.get_by_text("已转为要求重办")).to_be_visible()

    secretary.goto(address)
    step(secretary, "reopen", note="今晚再修")
    state(secretary, "办理中")
    handled(worker, is_new=False, note="换了灯泡", offline=offline)
    secretary.goto(address)
    step(secretary, "verify", note="晚上去看，亮了")
    resident.goto(told)
    expect(resident.get_by_text("晚上去看，亮了")).to_be_visible()
    assert steps_of(server, number[0]) == WHOLE

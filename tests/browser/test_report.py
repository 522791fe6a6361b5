"""A report from a phone in Chromium: taps counted, with a network and without one, and never twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Matter
from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer

COMMUNITY = "/door/in/210202005011/"


class Taps:
    """Counts what a thumb does: a tap on something, and a tap into the words before typing them."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def tap(self, locator) -> None:
        locator.tap()
        self.number += 1


def keep_a_door(page: Page) -> None:
    page.goto(COMMUNITY)
    page.locator("main .phone-lines a").first.click()
    page.get_by_role("button", name="我住这里").click()
    page.wait_for_url("/")


def reports(server: LiveServer, text: str) -> int:
    with server.connected():
        return Matter.objects.filter(text=text).count()


def expect_kept(page: Page) -> None:
    """The form is through with it: what was written waits in this phone and the form is free for the next.

    The list alone shows it a moment earlier, while the form itself may still send it.
    """
    expect(page.locator("[data-letter]")).to_contain_text("等着发出")
    expect(page.locator("[data-says]")).to_contain_text("已存在这部手机里")
    expect(page.get_by_label("什么事")).to_have_value("")


def test_a_broken_lamp_in_three_taps(page_for, fresh_live_server: LiveServer) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    keep_a_door(page)
    taps = Taps(page)
    taps.tap(page.get_by_role("link", name="有事说一声"))
    taps.tap(page.get_by_label("什么事"))
    page.keyboard.insert_text("三单元门口的灯杆今晚不亮")
    expect(page.get_by_text("路灯楼道灯不亮")).to_be_visible()
    taps.tap(page.get_by_role("button", name="发出"))
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    expect(page.locator(".promise").first).to_contain_text("回应您")
    assert taps.number <= 4
    assert reports(fresh_live_server, "三单元门口的灯杆今晚不亮") == 1


def test_without_a_network_it_is_sent_later_once(page_for, fresh_live_server: LiveServer) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    keep_a_door(page)
    page.goto("/report/")
    said = "二单元井盖翘起来了"
    page.context.set_offline(True)
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    assert reports(fresh_live_server, said) == 0
    page.context.set_offline(False)
    expect(page.locator("[data-letter]")).to_contain_text("已发出", timeout=15_000)
    expect(page.locator("[data-letter]")).to_contain_text("回应您")
    assert reports(fresh_live_server, said) == 1
    page.reload()
    page.get_by_role("button", name="知道了").tap()
    expect(page.locator("[data-letter]")).to_have_count(0)
    assert reports(fresh_live_server, said) == 1


def test_an_answer_that_was_lost_does_not_make_two_of_one(page_for, fresh_live_server: LiveServer) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    keep_a_door(page)
    page.goto("/report/")
    # the first post reaches the server, its answer reaches nobody (a service worker's requests pass by Playwright's routes)
    page.evaluate(
        """() => {
            const real = window.fetch;
            window.lost = 0;
            window.fetch = async (address, options) => {
                const answer = await real(address, options);
                if (options?.method !== "POST" || window.lost) return answer;
                window.lost = answer.status;
                throw new TypeError("the network went away");
            };
        }"""
    )
    said = "楼前垃圾桶满了三天"
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    assert page.evaluate("window.lost") == 200 and reports(fresh_live_server, said) == 1
    page.reload()
    expect(page.locator("[data-letter]")).to_contain_text("已发出", timeout=15_000)
    assert reports(fresh_live_server, said) == 1


A_PAGE_IN_BETWEEN = """() => {
    const real = window.fetch;
    window.between = 0;
    window.fetch = async (address, options) => {
        if (options?.method !== "POST") return real(address, options);
        window.between += 1;
        return new Response("<h1>Welcome</h1>", { status: 200, headers: { "Content-Type": "text/html" } });
    };
}"""


def test_a_page_of_the_carrier_is_no_receipt(page_for, fresh_live_server: LiveServer) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    keep_a_door(page)
    page.goto("/report/")
    page.evaluate(A_PAGE_IN_BETWEEN)
    said = "一单元门禁坏了进不去"
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    assert page.evaluate("window.between") >= 1 and reports(fresh_live_server, said) == 0
    page.reload()
    expect(page.locator("[data-letter]")).to_contain_text("已发出", timeout=15_000)
    assert reports(fresh_live_server, said) == 1


@pytest.mark.parametrize("username", ["resident", "worker"])
def test_a_sign_in_to_be_finished_loses_no_words(
    page_for, fresh_live_server: LiveServer, username: str
) -> None:
    """A password due for a resident; for staff also the second factor."""
    page = page_for(username, device="phone", server=fresh_live_server)
    keep_a_door(page)
    page.goto("/report/")
    due = {"is_demo": False, "must_change_password": username == "resident"}
    with fresh_live_server.connected():
        Account.objects.filter(username=username).update(**due)
    said = "楼道堆了旧家具挡着走道"
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    expect(page.locator("[data-says]")).to_contain_text("密码" if username == "resident" else "动态验证码")
    assert reports(fresh_live_server, said) == 0
    with fresh_live_server.connected():
        Account.objects.filter(username=username).update(is_demo=True, must_change_password=False)
    page.reload()
    expect(page.locator("[data-letter]")).to_contain_text("已发出", timeout=15_000)
    assert reports(fresh_live_server, said) == 1


def test_the_page_itself_opens_without_a_network(page_for, fresh_live_server: LiveServer) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    keep_a_door(page)
    page.goto("/report/")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    kept = "caches.match('/report/kept/?language=zh-hans').then(Boolean)"
    assert page.evaluate(kept)
    page.context.set_offline(True)
    page.goto("/")
    expect(page.locator("[data-kept-says]")).to_be_visible()
    expect(page.locator("[data-where-words]")).to_contain_text("东日社区")
    said = "小区东门道闸坏了抬不起来"
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    page.context.set_offline(False)
    expect(page.locator("[data-letter]")).to_contain_text("已发出", timeout=25_000)
    with fresh_live_server.connected():
        assert Matter.objects.get(text=said).reporter is not None


def test_somebody_unknown_follows_a_code_and_needs_no_script(
    browser, live_server_on_demo: LiveServer
) -> None:
    context = browser.new_context(
        base_url=live_server_on_demo.url, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/report/")
    page.get_by_label("什么事").fill("街心花园的长椅断了一根木条")
    page.get_by_label("小区、街路门牌、楼栋或社区").fill("东日社区")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name=re.compile("东日社区")).first.click()
    expect(page.get_by_label("什么事")).to_have_value("街心花园的长椅断了一根木条")
    page.get_by_role("button", name="发出").click()
    expect(page.locator(".follow-code")).to_contain_text("QS")
    context.close()


def test_whom_to_call_is_said_while_writing(phone: Page) -> None:
    phone.goto("/report/")
    phone.get_by_label("什么事").press_sequentially("楼上着火")
    expect(phone.get_by_role("link", name="119")).to_have_attribute("href", "tel:119")
    phone.get_by_label("什么事").fill("楼上漏水")
    expect(phone.get_by_role("link", name="119")).to_have_count(0)


def test_the_count_and_a_text_too_long(phone: Page) -> None:
    phone.goto("/report/")
    phone.get_by_label("什么事").fill("灯" * 5001)
    expect(phone.locator("[data-count]")).to_contain_text("已写 5001 字")
    phone.get_by_role("button", name="发出").tap()
    expect(phone.locator("[data-says]")).to_contain_text("最多 5000 字")
    expect(phone.get_by_label("什么事")).to_have_value("灯" * 5001)


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("large", [False, True])
def test_the_page_fits_and_axe_is_content(browser, live_server_on_demo, width: int, large: bool) -> None:
    context = browser.new_context(base_url=live_server_on_demo.url, viewport={"width": width, "height": 740})
    if large:
        context.add_cookies([{"name": "large_type", "value": "1", "url": live_server_on_demo.url}])
    page = context.new_page()
    page.goto("/report/")
    page.get_by_label("什么事").fill("三楼着火了，井盖也坏了")
    page.get_by_label("小区、街路门牌、楼栋或社区").fill("东日社区")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name=re.compile("东日社区")).first.click()
    page.wait_for_load_state("networkidle")
    assert not overflow(page)
    assert not troubles(page)
    context.close()

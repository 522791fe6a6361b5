"""The grid worker's phone in Chromium: online, offline and back, conflicts, signing out; each action exactly once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from doorstep.kernel.matters.models import Attachment
from doorstep.modules.requests.models import Request
from tests.browsers import LiveServer
from tests.matters.uploads import photo
from tests.patrol.phones import (
    colleague_accepts,
    expect_all_sent,
    expect_waiting,
    matters_titled,
    on_the_queue,
    ready_for_offline,
    report_in_grid,
    steps_of,
)

PageFor = Callable[..., Page]


@pytest.fixture
def phone(page_for: PageFor, fresh_live_server: LiveServer) -> Page:
    return page_for("worker", device="phone", server=fresh_live_server)


def test_two_taps_close_a_matter_online(phone: Page, fresh_live_server: LiveServer) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto("/patrol/")
    phone.get_by_role("link", name=re.compile("三单元灯不亮")).tap()
    phone.get_by_role("button", name="当场办结").first.tap()
    phone.wait_for_url("**/patrol/")
    expect(phone.locator("#patrol")).to_contain_text("已当场办结")
    assert steps_of(fresh_live_server, number) == ["open", "on_the_spot"]


def test_accept_then_handle_online(phone: Page, fresh_live_server: LiveServer) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto(f"/patrol/m/{number}/")
    phone.locator("summary", has_text="接办").tap()
    phone.get_by_role("button", name="接办").tap()
    expect(phone.locator("#patrol")).to_contain_text("已接办")
    phone.get_by_label("给报告人的说明").first.fill("换了灯泡")
    phone.get_by_role("button", name="办完").tap()
    expect(phone.locator("#patrol")).to_contain_text("已办完")
    assert steps_of(fresh_live_server, number) == ["open", "accept", "handle"]
    expect_waiting(phone, 0)


def test_a_round_without_network_is_sent_once_when_it_is_back(
    phone: Page, fresh_live_server: LiveServer
) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto("/patrol/")
    ready_for_offline(phone)
    phone.context.set_offline(True)

    phone.get_by_role("link", name=re.compile("三单元灯不亮")).tap()  # never opened before
    expect(phone.locator("#patrol")).to_contain_text("没有网络")
    phone.locator("summary", has_text="接办").tap()
    phone.get_by_role("button", name="接办").tap()
    expect(phone.locator("[data-local]")).to_contain_text("等待发出")
    phone.get_by_label("给报告人的说明").locator("visible=true").fill("换了灯泡")
    phone.get_by_role("button", name="办完").locator("visible=true").tap()
    expect_waiting(phone, 2)

    phone.get_by_role("link", name="记一件").first.tap()
    phone.get_by_label("什么事").fill("楼道堆了纸箱")
    phone.get_by_role("button", name="当场办好了").tap()
    expect(phone.locator("#patrol")).to_contain_text("已存在手机里")
    expect(phone.get_by_label("什么事")).to_have_value("")
    phone.reload()
    expect_waiting(phone, 3)
    phone.goto("/patrol/")
    expect(phone.locator("[data-pending]").first).to_contain_text("等待发出")
    assert steps_of(fresh_live_server, number) == ["open"] and not matters_titled(fresh_live_server, "纸箱")

    phone.context.set_offline(False)
    expect_waiting(phone, 0)
    assert steps_of(fresh_live_server, number) == ["open", "accept", "handle"]
    found = matters_titled(fresh_live_server, "纸箱")
    assert [matter.state for matter in found] == ["closed"]
    phone.goto("/patrol/phone/")
    expect(phone.locator("[data-queue]")).to_contain_text("刚刚发出的")
    assert on_the_queue(phone) == []


def test_a_record_for_a_neighbour_with_a_picture_waits_and_is_sent_once(
    phone: Page, fresh_live_server: LiveServer
) -> None:
    phone.goto("/patrol/")
    ready_for_offline(phone)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="记一件").first.tap()
    phone.get_by_label("什么事").fill("楼道堆了纸箱")
    phone.get_by_text("替谁报、加照片").tap()
    phone.get_by_label("替谁报").fill("王奶奶，住二单元")
    phone.get_by_label("照片").set_input_files(
        {"name": "纸箱.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    phone.get_by_role("button", name="还要别人办").tap()
    expect(phone.locator("#patrol")).to_contain_text("已存在手机里")
    expect(phone.get_by_label("照片")).to_have_value("")
    phone.reload()  # what waits is in the store, the picture too
    expect_waiting(phone, 1)
    phone.context.set_offline(False)
    expect_all_sent(phone)
    (found,) = matters_titled(fresh_live_server, "纸箱")
    with fresh_live_server.connected():
        assert Request.objects.get(pk=found.pk).for_whom == "王奶奶，住二单元"
        assert Attachment.objects.filter(matter=found).count() == 1


OLD_BROWSER = "for (const name of ['serviceWorker', 'locks', 'storage']) delete Navigator.prototype[name];"


@pytest.mark.parametrize("is_old", [False, True])
def test_an_answer_that_was_lost_does_not_repeat_the_action(
    phone: Page, fresh_live_server: LiveServer, is_old: bool
) -> None:
    """Sent again by the page, or before it by the service worker where there is one."""
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    if is_old:
        phone.add_init_script(OLD_BROWSER)
    phone.goto(f"/patrol/m/{number}/")
    lost = []

    def lose(route: Route) -> None:
        route.fetch()  # the server does it
        lost.append(route.request.url)
        route.abort()

    phone.route("**/patrol/send/", lose, times=1)
    with phone.expect_event("requestfailed", lambda request: request.url.endswith("/patrol/send/")):
        phone.get_by_role("button", name="当场办结").first.tap()
    if is_old:
        expect(phone.locator("[data-local]")).to_contain_text("等待发出")
        phone.get_by_role("button", name="现在发").tap()
    expect_all_sent(phone)
    assert len(lost) == 1
    assert steps_of(fresh_live_server, number) == ["open", "on_the_spot"]


def test_without_a_service_worker_everything_is_done_but_reading_offline(
    phone: Page, fresh_live_server: LiveServer
) -> None:
    """As in WeChat's browser: what was done on an open page waits, and goes when the network is back."""
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.add_init_script(OLD_BROWSER)
    phone.goto(f"/patrol/m/{number}/")
    assert not phone.evaluate("'serviceWorker' in navigator")
    phone.context.set_offline(True)
    phone.locator("summary", has_text="接办").tap()
    phone.get_by_role("button", name="接办").tap()
    phone.get_by_role("button", name="办完").locator("visible=true").tap()
    expect_waiting(phone, 2)
    phone.context.set_offline(False)
    expect_waiting(phone, 0)
    assert steps_of(fresh_live_server, number) == ["open", "accept", "handle"]


def test_without_scripts_every_step_can_be_taken(
    browser: Browser, phone: Page, fresh_live_server: LiveServer
) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    context = browser.new_context(
        base_url=fresh_live_server.url, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]  # cookies as they were read
    page = context.new_page()
    page.goto(f"/patrol/m/{number}/")
    page.locator("summary", has_text="接办").click()
    page.get_by_role("button", name="接办").click()
    page.get_by_role("button", name="办完").click()
    expect(page.get_by_text("已办完")).to_be_visible()
    page.goto("/patrol/new/")
    page.get_by_label("什么事").fill("楼道堆了纸箱")
    page.get_by_role("button", name="还要别人办").click()
    expect(page.get_by_text("已记下")).to_be_visible()
    assert steps_of(fresh_live_server, number) == ["open", "accept", "handle"]
    context.close()


def test_somebody_was_faster(phone: Page, fresh_live_server: LiveServer) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto("/patrol/")
    ready_for_offline(phone)
    phone.context.set_offline(True)
    phone.goto(f"/patrol/m/{number}/")
    phone.locator("summary", has_text="接办").tap()
    phone.get_by_role("button", name="接办").tap()
    expect_waiting(phone, 1)
    phone.get_by_label("给报告人的说明").locator("visible=true").fill("灯座也坏了")
    phone.get_by_role("button", name="办完").locator("visible=true").tap()
    expect_waiting(phone, 2)
    name = colleague_accepts(fresh_live_server, number)
    phone.context.set_offline(False)

    local = phone.locator("[data-local]")
    expect(local).to_contain_text(name)
    expect(local).to_contain_text("已接办")
    expect(local).to_contain_text("灯座也坏了")  # the words are not lost
    expect(local).to_contain_text("前一步没有办成")
    expect(phone.locator("#patrol")).to_contain_text("2 件没有办成")
    local.get_by_role("button", name="作为内部留言发出").tap()
    expect_waiting(phone, 1)
    drop = local.get_by_role("button", name="不要了")
    drop.tap()
    expect_waiting(phone, 1)  # asked once more
    local.get_by_role("button", name="确定不要").tap()
    expect_waiting(phone, 0)
    assert steps_of(fresh_live_server, number) == ["open", "accept"]
    phone.reload()
    expect(phone.locator(".timeline-list")).to_contain_text("灯座也坏了")


def test_a_session_that_ran_out_keeps_the_queue(phone: Page, fresh_live_server: LiveServer) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto(f"/patrol/m/{number}/")
    session = next(each for each in phone.context.cookies() if each["name"] == "sessionid")
    phone.context.clear_cookies(name="sessionid")
    phone.get_by_role("button", name="当场办结").first.tap()
    expect(phone.locator("#patrol")).to_contain_text("登录过期了。1 件还在手机里")
    expect(phone.get_by_role("link", name="去登录")).to_be_visible()
    phone.context.add_cookies([session])  # type: ignore[list-item]  # a cookie as it was read
    phone.goto("/patrol/")
    expect_all_sent(phone)
    assert steps_of(fresh_live_server, number) == ["open", "on_the_spot"]


def test_signing_out_warns_and_clears_the_phone(phone: Page, fresh_live_server: LiveServer) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto(f"/patrol/m/{number}/")
    colleague_accepts(fresh_live_server, number)
    phone.get_by_role("button", name="当场办结").first.tap()
    expect_waiting(phone, 1)  # it cannot be done, and nobody has decided what becomes of the words
    phone.goto("/patrol/phone/")
    phone.once("dialog", lambda dialog: dialog.dismiss())
    with phone.expect_event("dialog") as asked:
        phone.get_by_role("button", name="退出登录").tap()
    assert "还有 1 件没有发出" in asked.value.message
    expect_waiting(phone, 1)
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.get_by_role("button", name="退出登录").tap()
    phone.wait_for_url(lambda address: "/patrol/" not in address)
    assert on_the_queue(phone) == []
    assert (
        phone.evaluate("caches.open('patrol-pages').then((kept) => kept.keys()).then((keys) => keys.length)")
        == 0
    )


def test_another_account_sees_and_sends_nothing_of_the_first(
    phone: Page, fresh_live_server: LiveServer, page_for: PageFor
) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.goto("/patrol/")
    ready_for_offline(phone)
    phone.context.set_offline(True)
    phone.goto(f"/patrol/m/{number}/")
    phone.get_by_role("button", name="当场办结").first.tap()
    expect_waiting(phone, 1)
    other = page_for("secretary", device="phone", server=fresh_live_server)
    cookies = [each for each in other.context.cookies() if each["name"] == "sessionid"]
    phone.context.add_cookies(cookies)  # type: ignore[arg-type]  # cookies as they were read
    phone.context.set_offline(False)
    phone.goto("/patrol/phone/")
    expect_waiting(phone, 0)
    expect(phone.locator("[data-queue]")).to_contain_text("另一个账号没发出的 1 件")
    assert "三单元" not in phone.content()
    assert steps_of(fresh_live_server, number) == ["open"]


def test_a_full_phone_says_so_and_sends_at_once_where_it_can(
    phone: Page, fresh_live_server: LiveServer
) -> None:
    number = report_in_grid(fresh_live_server, "三单元灯不亮")
    phone.add_init_script(
        "IDBObjectStore.prototype.add = function () { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    phone.goto(f"/patrol/m/{number}/")
    phone.route("**/session/", lambda route: route.abort())
    phone.get_by_label("给报告人的说明").first.fill("换了灯泡")
    phone.get_by_role("button", name="当场办结").first.tap()
    expect(phone.locator("#patrol")).to_contain_text("手机存储满了")
    expect(phone.get_by_label("给报告人的说明").first).to_have_value("换了灯泡")
    phone.unroute("**/session/")
    phone.get_by_role("button", name="当场办结").first.tap()
    phone.wait_for_url("**/patrol/")
    assert steps_of(fresh_live_server, number) == ["open", "on_the_spot"]


def test_a_position_is_attached_only_when_asked_for(phone: Page, fresh_live_server: LiveServer) -> None:
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": 121.6455, "latitude": 38.9155})
    for text, tapped in (("楼道堆了纸箱", False), ("门口堆了沙子", True)):
        phone.goto("/patrol/new/")
        phone.get_by_label("什么事").fill(text)
        if tapped:
            phone.get_by_role("button", name="附上我现在的位置").tap()
            expect(phone.get_by_text("已附上这一次的位置")).to_be_visible()
        phone.get_by_role("button", name="当场办好了").tap()
        phone.wait_for_url("**/patrol/")
    assert matters_titled(fresh_live_server, "纸箱")[0].longitude is None
    assert matters_titled(fresh_live_server, "沙子")[0].longitude is not None

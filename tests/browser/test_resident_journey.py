"""A resident's whole way on the phone: signing in by a code, reporting, following, rating, asking to reopen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.places.models import Building
from doorstep.kernel.places.positions import to_gcj02
from tests.browser.axe import overflow, troubles
from tests.browser.test_report import expect_kept, reports
from tests.browsers import DEVICES, LiveServer

WECHAT = (
    "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0 Mobile "
    "Safari/537.36 MicroMessenger/8.0.49"
)


GRID = "210202005011001"  # of the worker of the cast


@pytest.fixture(autouse=True)
def same_day(clock_fixed) -> None:
    """The test's own steps are of the server's day."""


def keep_a_door(page: Page, server: LiveServer) -> None:
    with server.connected():
        building = Building.objects.filter(place_code=GRID).order_by("pk").first()
        assert building
    page.goto(f"/door/{building.pk}/")
    page.get_by_role("button", name="我住这里").click()
    page.wait_for_url("/")


def at_work(server: LiveServer, username: str, matter_text: str, name: str, **inputs) -> None:
    """Somebody of the office takes a step, as their pages would."""
    with server.connected():
        actor = actor_for(Account.objects.get(username=username))
        matter = Matter.objects.get(text=matter_text)
        apply_transition(actor=actor, matter_id=matter.pk, name=name, inputs=Inputs(**inputs))


def last_code() -> str:
    lines = Path(settings.SMS_FILE).read_text("utf-8").splitlines()
    found = re.search(r"\d{6}", json.loads(lines[-1])["text"])
    assert found
    return found[0]


@pytest.fixture
def nobody(browser: Browser, fresh_live_server: LiveServer) -> Iterator[Page]:
    context = browser.new_context(base_url=fresh_live_server.url, **DEVICES["phone"])
    yield context.new_page()
    context.close()


def test_from_the_first_code_to_asking_to_reopen(nobody: Page, fresh_live_server: LiveServer) -> None:
    page, said = nobody, "一单元门口的路灯罩碎了"
    keep_a_door(page, fresh_live_server)
    page.get_by_role("link", name="有事说一声").tap()
    page.get_by_label("什么事").fill(said)
    page.get_by_role("link", name="用手机号登录后再报").tap()
    page.get_by_label("手机号").fill("13900000077")
    page.get_by_role("button", name="发验证码").tap()
    expect(page.get_by_label("六位数字")).to_be_visible()
    page.get_by_label("六位数字").fill(last_code())
    page.get_by_role("button", name="登录").tap()
    page.get_by_label("姓名").fill("演示新来的")
    page.get_by_label(re.compile("同意用手机号登录")).check()
    page.get_by_role("button", name="同意并登录").tap()
    page.wait_for_url("/report/")
    expect(page.get_by_label("什么事")).to_have_value(said)  # what was begun is still there
    page.get_by_role("button", name="发出").tap()
    page.get_by_role("link", name="看这件事").tap()
    expect(page.get_by_text("等待接办")).to_be_visible()

    at_work(fresh_live_server, "worker", said, "accept", note="下午去看")
    page.reload()
    expect(page.get_by_text("下午去看")).to_be_visible()
    page.get_by_text("留言", exact=True).first.tap()
    page.get_by_label("说给承办人").fill("碎玻璃还在地上")
    page.get_by_role("button", name="发出").tap()
    expect(page.get_by_text("碎玻璃还在地上")).to_be_visible()
    at_work(fresh_live_server, "worker", said, "handle", note="换了新灯罩")
    at_work(fresh_live_server, "secretary", said, "verify", note="看过了，已换好")
    page.reload()
    expect(page.get_by_text("看过了，已换好")).to_be_visible()
    page.get_by_text("没有解决", exact=True).tap()
    page.get_by_text("不满意", exact=True).tap()
    page.get_by_label("想说的话").fill("晚上还是不亮")
    page.get_by_role("button", name="评价").tap()
    expect(page.get_by_text("已转为要求重办")).to_be_visible()
    expect(page.get_by_text("将答复是否重办")).to_be_visible()
    at_work(fresh_live_server, "secretary", said, "reopen", note="今晚再修")
    page.goto("/mine/")
    page.get_by_role("link", name=re.compile(said)).tap()
    expect(page.get_by_text("今晚再修")).to_be_visible()
    page.goto("/notices/")
    expect(page.get_by_role("link", name=said).first).to_be_visible()


def test_somebody_unknown_follows_by_the_code(nobody: Page, fresh_live_server: LiveServer) -> None:
    page, said = nobody, "花坛的围栏倒了一截"
    keep_a_door(page, fresh_live_server)
    page.goto("/report/")
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    code = page.locator(".follow-code").inner_text()
    at_work(fresh_live_server, "worker", said, "accept", note="明天扶正")
    page.goto("/mine/")
    page.get_by_role("link", name=re.compile("用跟进码查进展")).tap()
    page.get_by_label("匿名上报时给的跟进码").fill(code.lower())
    page.get_by_role("button", name="查").tap()
    expect(page.get_by_text("明天扶正")).to_be_visible()


def test_a_neighbour_follows_instead_of_reporting_again(
    nobody: Page, page_for, fresh_live_server: LiveServer
) -> None:
    keep_a_door(nobody, fresh_live_server)
    nobody.goto("/report/")
    nobody.get_by_label("什么事").fill("楼道灯不亮好几天了")
    nobody.get_by_role("button", name="发出").tap()
    expect(nobody.locator(".follow-code")).to_be_visible()
    page = page_for("resident", device="phone", server=fresh_live_server)
    keep_a_door(page, fresh_live_server)
    page.goto("/report/")
    page.get_by_label("什么事").press_sequentially("楼道灯不亮")
    expect(page.get_by_text("邻居可能已经上报")).to_be_visible()
    page.get_by_role("button", name="关注它").tap()
    expect(page.get_by_role("heading", name="我关注的")).to_be_visible()
    page.goto("/report/")
    expect(page.get_by_label("什么事")).to_have_value("")
    with fresh_live_server.connected():
        assert Matter.objects.filter(title__contains="楼道灯").count() == 1


def wechat(browser: Browser, server: LiveServer, **more) -> BrowserContext:
    """As in WeChat: its own name, and no service worker."""
    return browser.new_context(
        base_url=server.url, user_agent=WECHAT, service_workers="block", permissions=["geolocation"],
        **(DEVICES["phone"] | more),
    )  # fmt: skip


def test_in_wechat_by_position_and_without_a_network(browser: Browser, fresh_live_server: LiveServer) -> None:
    with fresh_live_server.connected():
        building = Building.objects.filter(place_code__startswith="210202005011").first()
        assert building
    longitude, latitude = to_gcj02(building.longitude, building.latitude)
    context = wechat(browser, fresh_live_server, geolocation={"longitude": longitude, "latitude": latitude})
    page, said = context.new_page(), "地砖翘起来绊脚"
    page.goto("/report/")
    page.get_by_role("button", name="用我现在的位置").tap()
    expect(page.locator("[data-where-words]")).to_contain_text("东日社区")
    page.get_by_label("什么事").fill(said)
    context.set_offline(True)
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    context.set_offline(False)
    expect(page.locator("[data-letter]")).to_contain_text("已发出", timeout=25_000)
    expect(page.locator("[data-letter]")).to_contain_text("QS")
    with fresh_live_server.connected():
        matter = Matter.objects.get(text=said)
        assert matter.place_code == building.place_code
        assert abs(matter.longitude - building.longitude) < 1e-5
    context.close()


def test_a_position_outside_the_district_is_warned_of(browser: Browser, live_server_on_demo) -> None:
    context = wechat(browser, live_server_on_demo, geolocation={"longitude": 116.4, "latitude": 39.9})
    page = context.new_page()
    page.goto("/report/")
    page.get_by_role("button", name="用我现在的位置").tap()
    expect(page.get_by_text("看来不在本区")).to_be_visible()
    context.close()


def test_a_place_is_marked_on_the_map(page_for, live_server_on_demo: LiveServer) -> None:
    page = page_for("resident", device="phone")
    keep_a_door(page, live_server_on_demo)
    page.goto("/report/")
    page.get_by_text("换个地方").tap()
    page.get_by_role("button", name="在地图上标").tap()
    expect(page.locator(".pin-map.leaflet-container")).to_be_visible()
    expect(page.get_by_text("示意边界")).to_be_visible()
    page.locator("[data-pin-map]").tap(position={"x": 140, "y": 150})
    expect(page.locator("[data-where-words]")).to_contain_text("地图上标的位置")
    assert page.locator("input[name=longitude]").input_value().startswith("121.")
    assert page.locator("input[name=building]").input_value() == ""


def test_what_the_server_refuses_offline_can_be_mended(page_for, fresh_live_server: LiveServer) -> None:
    """Written without a network and without a place anybody knows: it comes back with the reason, and is not lost."""
    page = page_for("resident", device="phone", server=fresh_live_server)
    page.goto("/report/")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.context.set_offline(True)
    page.goto("/report/")
    page.get_by_label("什么事").fill("健身器材松了")
    page.get_by_text("更多：").tap()
    page.get_by_label("具体位置").fill("河边那个小广场")
    page.get_by_role("button", name="发出").tap()
    expect_kept(page)
    page.context.set_offline(False)
    expect(page.locator("[data-letter]")).to_contain_text("没有发成", timeout=25_000)
    page.get_by_role("button", name="改一改再发").tap()
    page.wait_for_url("/report/")
    expect(page.get_by_label("什么事")).to_have_value("健身器材松了")
    assert reports(fresh_live_server, "健身器材松了") == 0


def test_in_english_with_a_kept_page_in_english(page_for, fresh_live_server: LiveServer) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    page.goto("/")
    page.get_by_role("button", name="English").tap()
    expect(page.get_by_role("button", name="中文")).to_be_visible()
    page.goto("/report/")
    expect(page.get_by_label("What is it about")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.wait_for_timeout(500)
    page.reload(wait_until="networkidle")
    page.wait_for_function("navigator.serviceWorker.controller !== null")  # a busy machine takes its time
    page.context.set_offline(True)
    page.goto("/report/")
    expect(page.locator("[data-kept-says]")).to_contain_text("There is no network now")


@pytest.mark.parametrize("large", [False, True])
def test_every_page_fits_and_axe_is_content(page_for, fresh_live_server: LiveServer, large: bool) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    if large:
        page.context.add_cookies([{"name": "large_type", "value": "1", "url": fresh_live_server.url}])
    keep_a_door(page, fresh_live_server)
    page.goto("/report/")
    said = "很长很长的一件事：" + "楼前的下水道井盖翘起来了" * 8
    page.get_by_label("什么事").fill(said)
    page.get_by_role("button", name="发出").tap()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    assert not overflow(page) and not troubles(page)
    page.get_by_role("link", name="看这件事").tap()
    page.wait_for_url("**/mine/told/**", wait_until="networkidle")
    assert not overflow(page) and not troubles(page)
    for step in ({"name": "accept", "note": "去看"}, {"name": "handle", "note": "换好了"}):
        at_work(fresh_live_server, "worker", said, **step)
    at_work(fresh_live_server, "secretary", said, "verify", note="看过了")
    paths = [
        page.url,
        "/",
        "/mine/",
        "/mine/told/",
        "/follow/",
        "/account/",
        "/account/erase/",
        "/notices/",
        "/report/kept/",
    ]
    for path in paths:
        page.goto(path, wait_until="networkidle")
        assert not overflow(page), path
        assert not troubles(page), path
    page.context.clear_cookies(name="sessionid")
    for path in ("/sign-in/phone/", "/report/", "/mine/"):
        page.goto(path, wait_until="networkidle")
        assert not overflow(page) and not troubles(page), path

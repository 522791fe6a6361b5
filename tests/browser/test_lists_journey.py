"""A need raised at a forum becomes a project, is delivered, confirmed and rated: by a secretary at a desk, a partner unit on a phone,
and who was served by a slip."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.obligations.services_minutes import NewMinutes, record_minutes
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Project, Rating
from doorstep.modules.partnership.services import NewAgreement, sign_agreement
from doorstep.modules.partnership.services_ratings import code_of
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, DEVICES, LiveServer

COMMUNITY = "210202005011"
DAY = dt.timedelta(days=1)


def prepared() -> str:
    """A forum of which minutes are kept, and the partner unit's agreement; gives the unit's name."""
    system = system_actor("tests")
    partner = actor_for(Account.objects.get(username="partner"))
    unit = next(grant.unit_id for grant in partner.grants if grant.post == "unit_liaison")
    if not Agreement.objects.in_force().filter(unit_id=unit, place_code=COMMUNITY).exists():
        new = NewAgreement(
            unit_id=unit, place_code=COMMUNITY, valid_from=DEMO_DAY - 30 * DAY, valid_to=DEMO_DAY + 300 * DAY, about="共建共享",
            document="演共建〔2026〕1号",
        )  # fmt: skip
        sign_agreement(actor=system, new=new)
    party = UnitVersion.objects.in_force().get(kind="community_party_organisation", place_code=COMMUNITY)
    nine = dt.datetime.combine(DEMO_DAY - 2 * DAY, dt.time(9), clock.DISTRICT_ZONE)
    forum = NewMinutes(
        kind="joint_meeting", unit_id=party.unit_id, starts_at=nine, ends_at=nine + dt.timedelta(hours=1), where="党群服务中心",
        entitled=12, present=10, agenda="居民提出缺少排练场地",
    )  # fmt: skip
    record_minutes(actor=system, new=forum)
    return UnitVersion.objects.in_force().get(unit=unit).name


def sound(page: Page, name: str) -> None:
    """Nothing serious for axe, nothing wider than the window."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert troubles(page) == [], name
    assert overflow(page) <= 0, name


def test_from_a_forum_to_a_rating(
    page_for: Callable[..., Page], browser: Browser, fresh_live_server: LiveServer
) -> None:
    with fresh_live_server.connected(), clock.fixed(DEMO_DAY):
        unit = prepared()
    desk = page_for("secretary", server=fresh_live_server, path="/desk/partnership/lists/")
    sound(desk, "board-empty")
    desk.get_by_role("link", name="登记需求").first.click()
    desk.locator("#id_told").select_option("forum")
    desk.locator("#id_meeting").select_option(index=1)
    desk.locator("#id_title").fill("合唱队没有排练的地方")
    desk.locator("#id_text").fill("联席会议上居民提出，二十多位老人。")
    desk.locator("#id_resource_class").select_option("space")
    sound(desk, "tell")
    desk.get_by_role("button", name="登记", exact=True).click()
    expect(desk.get_by_role("heading", name="合唱队没有排练的地方")).to_be_visible()
    desk.get_by_role("link", name="审核", exact=True).click()
    desk.locator("#id_headline").fill("居民合唱队需要排练场地")
    desk.locator("#id_about").fill("二十多人，每周一次。")
    sound(desk, "screen")
    desk.get_by_role("button", name="审核通过并发布").click()
    expect(desk.get_by_role("heading", name="居民合唱队需要排练场地")).to_be_visible()
    sound(desk, "need")

    phone = page_for("partner", "phone", server=fresh_live_server, path="/partner/needs/")
    sound(phone, "near")
    phone.get_by_role("link", name=re.compile("居民合唱队需要排练场地")).tap()
    expect(phone.get_by_role("button", name="我们来做")).to_be_visible()
    sound(phone, "needed")
    phone.get_by_role("button", name="我们来做").tap()
    expect(phone.get_by_text("贵单位已认领")).to_be_visible()
    phone.goto("/partner/resources/new/")
    phone.locator("#id_name").fill("二楼会议室")
    sound(phone, "offer")
    phone.get_by_role("button", name="列入清单").tap()
    expect(phone.get_by_text("二楼会议室")).to_be_visible()
    sound(phone, "unit")

    desk.reload()
    desk.get_by_role("link", name="商定项目", exact=True).click()
    desk.locator("#id_title").fill("合唱队排练场地")
    desk.locator("#id_resource").select_option(index=1)
    desk.locator("#id_use_day").fill(DEMO_DAY.isoformat())
    desk.locator("#id_use_starts").fill("09:00")
    desk.locator("#id_use_ends").fill("11:00")
    desk.get_by_label("第 1 行：谁来做").select_option(label=unit)
    desk.get_by_label("第 1 行：做什么").fill("开门和关灯")
    desk.get_by_label("第 1 行：什么时候做完").fill((DEMO_DAY + 5 * DAY).isoformat())
    sound(desk, "agree")
    desk.set_viewport_size({"width": 360, "height": 740})
    sound(desk, "agree-narrow")
    room = desk.get_by_label("第 1 行：做什么").bounding_box()
    assert room is not None and room["width"] > 200, "wide enough to read what is written"
    desk.set_viewport_size({"width": 1440, "height": 900})
    desk.get_by_role("button", name="立项").click()
    expect(desk.get_by_role("heading", name="合唱队排练场地")).to_be_visible()
    sound(desk, "project")

    phone.goto("/partner/lists/")
    phone.get_by_role("link", name=re.compile("合唱队排练场地")).first.tap()
    phone.get_by_role("link", name="开始实施", exact=True).tap()
    phone.get_by_role("button", name="开始", exact=True).tap()
    expect(phone.get_by_role("link", name="报告做完").first).to_be_visible()
    sound(phone, "unit-project")
    phone.get_by_role("link", name="报告做完").first.tap()
    phone.locator("form[data-once]").evaluate("form => (form.noValidate = true)")
    phone.get_by_role("button", name="报告做完").tap()
    expect(phone.get_by_role("alert")).to_contain_text("做了什么")
    sound(phone, "deliver-refused")
    phone.locator("#id_note").fill("提供会议室四次，专人开门。")
    phone.locator("#id_served").fill("26")
    phone.get_by_role("button", name="报告做完").tap()
    expect(phone.get_by_text("等社区确认").first).to_be_visible()

    desk.goto("/desk/")
    expect(desk.locator("main")).to_contain_text("没有确认的不算数")
    desk.goto("/desk/partnership/lists/?stage=confirm")
    desk.get_by_role("link", name="居民合唱队需要排练场地").click()
    desk.get_by_role("link", name="看项目", exact=True).click()
    desk.get_by_role("link", name="确认", exact=True).click()
    desk.locator("#id_note").fill("到场看过，排练正常。")
    desk.get_by_role("button", name="确认办成").click()
    desk.get_by_role("link", name="发评价条", exact=True).click()
    desk.locator("#id_more").fill("4")
    desk.get_by_role("button", name="生成").click()
    expect(desk.locator(".rating-slips li")).to_have_count(4)
    sound(desk, "slips")

    with fresh_live_server.connected():
        project = Project.objects.select_related("matter").get()
        path = f"/rate/{project.pk}/1/{code_of(project.pk, 1, project.matter.key)}/"
    anybody = browser.new_context(base_url=fresh_live_server.url, **DEVICES["phone"]).new_page()
    anybody.goto(path)
    sound(anybody, "rate")
    anybody.get_by_text("5 很满意").tap()
    anybody.get_by_label("想说的话").fill("有地方唱歌了")
    anybody.get_by_role("button", name="评价", exact=True).tap()
    expect(anybody.get_by_text("这张评价条已经评过")).to_be_visible()
    with fresh_live_server.connected():
        assert Rating.objects.get().grade == 5
        assert Project.objects.get().need.matter.state == "rated"

    desk.goto(f"/desk/partnership/projects/{project.pk}/")
    expect(desk.locator("main")).to_contain_text("有地方唱歌了")
    sound(desk, "project-rated")
    desk.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "/desk/partnership/lists/",
        f"/desk/partnership/projects/{project.pk}/",
        f"/desk/partnership/needs/{project.need_id}/",
    ):
        desk.goto(path)
        sound(desk, "narrow" + path.replace("/", "-"))
    phone.goto("/partner/lists/")
    phone.get_by_role("link", name=re.compile("二楼会议室")).first.tap()
    expect(phone.get_by_role("region", name="使用情况")).to_contain_text("合唱队排练场地")
    sound(phone, "unit-resource")
    phone.goto("/partner/needs/")
    phone.get_by_role("link", name="说说我们的需求").tap()
    expect(phone.locator("#id_title")).to_be_visible()
    sound(phone, "unit-tell")
    phone.locator("#id_title").fill("员工想就近学急救")
    phone.locator("#id_resource_class").select_option("health")
    phone.get_by_role("button", name="提出").tap()
    expect(phone.get_by_role("heading", name="员工想就近学急救")).to_be_visible()
    sound(phone, "unit-told")
    phone.goto("/partner/year/")
    expect(phone.locator("main")).to_contain_text("社区确认 1 个")
    sound(phone, "unit-year")
    resident = page_for("resident", "phone", server=fresh_live_server, path="/needs/")
    sound(resident, "told-empty")
    resident.get_by_role("link", name="说说您的需求").tap()
    resident.locator("#id_title").fill("想学用手机")
    sound(resident, "tell-phone")
    resident.get_by_role("button", name="提出").tap()
    expect(resident.get_by_role("heading", name="想学用手机")).to_be_visible()
    sound(resident, "follow")

"""What a meeting resolved is taken on and done by a partner unit on a phone, and confirmed by the community at its desk; the joint
committee, a unit and a pairing as they are met at a desk and on a phone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from doorstep.demo.partners.cast_life import play
from doorstep.modules.partnership.models import Agreement, Consultation, Nomination, Pairing, Resolution
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, LiveServer

COMMUNITY = "210202005011"


def sound(page: Page, name: str) -> None:
    """Nothing serious for axe, nothing wider than the window, at a desk and on a small phone."""
    size = page.viewport_size
    assert size is not None
    assert troubles(page) == [], name
    for width in dict.fromkeys((size["width"], 360)):
        page.set_viewport_size({"width": width, "height": 740})
        if folder := os.environ.get("LOOK"):
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
        assert overflow(page) <= 0, (name, width)
    page.set_viewport_size(size)


def test_from_a_resolution_to_its_confirmation(
    page_for: Callable[..., Page], fresh_live_server: LiveServer
) -> None:
    with fresh_live_server.connected():
        assert play(DEMO_DAY) == 2
    partner = page_for("partner", "phone", server=fresh_live_server)
    partner.goto("/partner/")
    sound(partner, "own")
    partner.get_by_role("link", name=re.compile("公司车位")).click()
    sound(partner, "own_resolution")
    partner.get_by_role("link", name="已办理").click()
    partner.get_by_role("button", name="已办理").click()
    expect(partner).to_have_url(re.compile("/handle/"))  # asked how it was done before anything is sent
    partner.get_by_label("怎么办的").fill("二十个车位晚七点开放，门卫登记")
    sound(partner, "own_handle")
    partner.get_by_role("button", name="已办理").click()
    expect(partner.get_by_text("已办理，待确认")).to_be_visible()
    secretary = page_for("secretary", server=fresh_live_server)
    secretary.goto(f"/desk/partnership/committee/{COMMUNITY}/")
    sound(secretary, "committee")
    secretary.get_by_role("link", name=re.compile("公司车位")).click()
    secretary.locator("summary", has_text="确认办结").click()
    secretary.get_by_role("button", name="确定确认办结").click()
    expect(secretary.get_by_text("已确认").first).to_be_visible()
    with fresh_live_server.connected():
        assert Resolution.objects.get(matter__title__startswith="公司车位").matter.state == "kept"


def test_the_desks_pages_are_sound(page_for: Callable[..., Page], fresh_live_server: LiveServer) -> None:
    with fresh_live_server.connected():
        assert play(DEMO_DAY) == 2
        unit, pairing = Agreement.objects.order_by("pk")[0].unit_id, Pairing.objects.get()
        met, coming = Consultation.objects.order_by("starts_at")
        waiting = Nomination.objects.order_by("pk")[0].pk
    pages = {
        "place": f"at/{COMMUNITY}/", "unit": f"units/{unit}/", "pairing": f"pairings/{pairing.pk}/",
        "nomination": f"commissioners/{waiting}/", "met": f"meetings/{met.pk}/", "resolve": f"meetings/{met.pk}/resolve/",
        "coming": f"meetings/{coming.pk}/", "sign": f"agreements/new/?place={COMMUNITY}&q=示例",
        "call": f"meetings/new/?place={COMMUNITY}", "minutes": f"meetings/{coming.pk}/minutes/",
    }  # fmt: skip
    page = page_for("secretary", server=fresh_live_server)
    for name, path in pages.items():
        page.goto(f"/desk/partnership/{path}")
        sound(page, name)
    page.goto(f"/desk/partnership/{pages['resolve']}")
    page.locator("#id_title").fill("每月免费理发一次")
    page.locator("#id_votes_for").fill("1")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没有通过，不能登记为决议").first).to_be_visible()
    page.locator("#id_votes_for").fill("5")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("赞成 5 · 反对 0 · 弃权 0")).to_be_visible()

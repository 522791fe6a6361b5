"""Signing in, one's own account, and the administrators' pages, in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import overflow, troubles

PAGES = [
    ("resident", "/account/"), ("auditor", "/desk/r/audit/"), ("auditor", "/desk/audit/"),
    ("secadmin", "/desk/r/accounts/"), ("secadmin", "/desk/accounts/2/"), ("sysadmin", "/desk/accounts/new/?q=yanshi"),
    ("secretary", "/desk/r/people/"), ("secretary", "/desk/people/new/"),
]  # fmt: skip


def sound(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert troubles(page) == []
    for width in (768, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert overflow(page) <= 0, f"at {width} px"


@pytest.mark.parametrize(("username", "path"), PAGES)
def test_pages_are_sound(page_for: Callable[..., Page], username: str, path: str) -> None:
    sound(page_for(username, path=path))


@pytest.mark.parametrize("path", ["/sign-in/", "/demo/"])
def test_pages_of_strangers_are_sound(phone: Page, path: str) -> None:
    phone.goto(path)
    sound(phone)


def test_one_click_signs_in_and_out(desktop: Page) -> None:
    desktop.goto("/sign-in/")
    desktop.get_by_role("link", name="用演示人员一键登录").click()
    desktop.locator("li", has_text="人民路街道").get_by_role("button", name="登录").first.click()
    desktop.wait_for_url("**/desk/")
    desktop.get_by_role("button", name="演示").first.click()
    expect(desktop.get_by_role("link", name="我的账号")).to_be_visible()
    desktop.get_by_role("button", name="退出登录").click()
    desktop.goto("/desk/")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("登录")


def test_a_person_is_looked_at_for_a_purpose(page_for: Callable[..., Page]) -> None:
    page = page_for("secretary", path="/desk/r/people/")
    page.locator("table tbody a").first.click()
    page.get_by_role("link", name="查看、更正、同意").click()
    page.wait_for_url("**/desk/people/*/")
    sound(page)
    page.get_by_label("为什么看").select_option("visit")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_text("本次查看已记入审计")).to_be_visible()

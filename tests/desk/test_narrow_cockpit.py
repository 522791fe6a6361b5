"""The cockpit on the narrowest phones, in large type: nothing is wider than the window."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from doorstep.kernel.web.frame.views import LARGE_TYPE_COOKIE
from tests.browsers import LiveServer


def test_the_cockpit_in_large_type_fits_360_pixels(
    page_for: Callable[..., Page], live_server_on_demo: LiveServer
) -> None:
    page = page_for("district", device="phone")
    page.context.add_cookies([{"name": LARGE_TYPE_COOKIE, "value": "1", "url": live_server_on_demo.url}])
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/desk/cockpit/210202/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

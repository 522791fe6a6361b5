"""Scanning a code with Chromium's made-up camera, which shows what the test draws; and what is said where there is none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image
from playwright.sync_api import BrowserType, Locator, Page, expect

from doorstep.launch import catalogue

SLIP = "DH-20260615"
ADDRESS = f"https://example.org/s/{SLIP}"
Opened = Callable[..., Page]


def picture_of(text: str, turned: float = 0) -> Image.Image:
    """A grey wall with a code on it; without text the wall alone."""
    wall = Image.new("L", (640, 480), 150)
    if text:
        drawn = io.BytesIO()
        segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
        code = Image.open(drawn).convert("L").rotate(turned, expand=True, fillcolor=150)
        code.thumbnail((320, 320))
        wall.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
    return wall


def film_of(picture: Image.Image, file: Path) -> Path:
    """What Chromium's camera plays over and over: one frame, its light in the range of video, without colour."""
    light = picture.point(lambda value: 16 + value * 219 // 255).tobytes()
    colour = bytes([128]) * (picture.width * picture.height // 2)
    head = f"YUV4MPEG2 W{picture.width} H{picture.height} F10:1 Ip A1:1 C420\n".encode()
    file.write_bytes(head + b"FRAME\n" + light + colour)
    return file


@pytest.fixture
def opened(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    gallery: str,
    tmp_path: Path,
) -> Iterator[Opened]:
    """A phone at an address, whose camera shows a picture; allowed to use it or not."""
    with ExitStack() as stack:

        def at(
            path: str,
            shows: Image.Image | None = None,
            allowed: bool = True,
            before: str = "",
            language: str = "zh-hans",
        ) -> Page:
            arguments = [*browser_type_launch_args["args"], "--use-fake-device-for-media-stream"]
            if shows is not None:
                film = film_of(shows, tmp_path / "film.y4m")
                arguments.append(f"--use-file-for-fake-video-capture={film}")
            browser = browser_type.launch(**browser_type_launch_args | {"args": arguments})
            stack.callback(browser.close)
            context = browser.new_context(
                viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True,
                permissions=["camera"] if allowed else [],
            )  # fmt: skip
            context.add_cookies([{"name": "django_language", "value": language, "url": gallery}])
            context.set_default_timeout(20_000)
            page = context.new_page()
            page.on("pageerror", lambda error: pytest.fail(str(error)))
            if before:
                page.add_init_script(before)
            page.goto(gallery + path)
            return page

        yield at


def says(page: Page) -> Locator:
    return page.locator("[data-scan-says]")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).tap()


@pytest.mark.parametrize(("text", "turned", "of"), [(SLIP, 0, ""), (ADDRESS, 30, "/s/(DH-%5B0-9%5D%2B)$")])
def test_a_code_seen_by_the_camera_goes_in_and_is_sent(
    opened: Opened, text: str, turned: float, of: str
) -> None:
    page = opened(f"/scan?of={of}", shows=picture_of(text, turned))
    press(page, "扫一扫")
    expect(page.locator("#slip")).to_have_text(SLIP, timeout=20_000)


def test_a_code_that_is_not_asked_for_is_told_and_the_camera_goes_on_until_closed(opened: Opened) -> None:
    page = opened("/scan", shows=picture_of("WIFI:S:net;;"))
    press(page, "扫一扫")
    expect(says(page)).to_contain_text("这个码不是这里要的", timeout=20_000)
    live = "document.querySelector('video').srcObject?.getTracks()[0].readyState ?? 'none'"
    assert page.evaluate(live) == "live" and page.locator("#number-input").input_value() == ""
    press(page, "不扫了")
    expect(page.locator("video")).to_be_hidden()
    assert page.evaluate(live) == "none"
    page.get_by_label("小票号").fill("DH-7")
    press(page, "核对")
    expect(page.locator("#slip")).to_have_text("DH-7")


def test_a_refused_camera_is_said_and_the_number_can_be_typed(opened: Opened) -> None:
    refusing = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NAME'); }"
    for name, words in [
        ("NotAllowedError", "没有得到使用相机的许可"),
        ("NotFoundError", "没有找到相机"),
        ("AbortError", "打不开"),
    ]:
        page = opened("/scan", before=refusing.replace("NAME", name))
        press(page, "扫一扫")
        expect(says(page)).to_contain_text(words)
        expect(page.locator("#number-input")).to_be_focused()


def test_where_there_is_no_camera_for_pages_a_picture_will_do(opened: Opened, tmp_path: Path) -> None:
    page = opened("/scan", before="delete Navigator.prototype.mediaDevices")
    expect(page.get_by_role("button", name="扫一扫")).to_be_hidden()
    for picture, size in [(picture_of(""), (640, 480)), (picture_of(SLIP, 12), (3000, 2250))]:
        picture.resize(size).save(tmp_path / "picture.jpg")
        page.get_by_label("选一张有二维码的图片").set_input_files(tmp_path / "picture.jpg")
        if size[0] == 640:
            expect(says(page)).to_contain_text("没有认出二维码")
    expect(page.locator("#slip")).to_have_text(SLIP)


def test_in_english_too(opened: Opened) -> None:
    catalogue.compile_catalogue()
    page = opened("/scan", language="en", before="delete Navigator.prototype.mediaDevices")
    part = page.locator("[data-scan]").evaluate("(box) => box.outerHTML")
    assert "Choose a picture with a QR code" in part and not re.search(r"[\u4e00-\u9fff]", part)


def test_what_is_no_picture_is_told(opened: Opened, tmp_path: Path) -> None:
    page = opened("/scan")
    (tmp_path / "picture.jpg").write_bytes(b"no picture")
    page.get_by_label("选一张有二维码的图片").set_input_files(tmp_path / "picture.jpg")
    expect(says(page)).to_contain_text("没有认出二维码")


OF_BROWSER = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { DETECT }
}"""


@pytest.mark.parametrize(
    ("detect", "shows", "fetched"),
    [(f'return [{{ rawValue: "{SLIP}" }}]', "", False), ('throw new Error("no service")', SLIP, True)],
)
def test_the_browsers_own_reader_comes_first_and_ours_where_it_fails(
    opened: Opened, detect: str, shows: str, fetched: bool
) -> None:
    page = opened("/scan", shows=picture_of(shows), before=OF_BROWSER.replace("DETECT", detect))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    press(page, "扫一扫")
    expect(page.locator("#slip")).to_have_text(SLIP, timeout=20_000)
    assert any("/decode." in address for address in asked) == fetched


def test_other_pages_may_not_use_the_camera(opened: Opened) -> None:
    page = opened("/phone", shows=picture_of(SLIP))
    ask = "navigator.mediaDevices.getUserMedia({video: true}).then(() => 'given', (error) => error.name)"
    assert page.evaluate(ask) == "NotAllowedError"
    assert opened("/scan", shows=picture_of(SLIP)).evaluate(ask) == "given"


def test_without_scripts_there_is_a_field_and_nothing_that_does_not_work(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    gallery: str,
) -> None:
    browser = browser_type.launch(**browser_type_launch_args)
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{gallery}/scan")
    expect(page.locator("form", has=page.get_by_label("小票号")).get_by_role("button")).to_have_text(["核对"])
    page.get_by_label("小票号").fill("DH-7")
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#slip")).to_have_text("DH-7")
    browser.close()

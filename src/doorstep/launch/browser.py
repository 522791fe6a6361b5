"""A Chromium and a Chinese font for the browser tests: found, installed, or asked for with the line to type."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ["chromium", "fonts-noto-cjk"]
ARGUMENTS = [
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def arguments() -> list[str]:
    """How to start it: without what reaches out to the network; as root Chromium needs its sandbox off."""
    return ARGUMENTS + (["--no-sandbox"] if os.geteuid() == 0 else [])


def find_chromium() -> str | None:
    """CHROMIUM, one on the PATH, or the one Playwright installed."""
    given = os.environ.get("CHROMIUM")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _of_playwright()


def has_chinese_font() -> bool:
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
        return bool(listed.stdout.strip())
    folders = [Path("/usr/share/fonts"), Path.home() / ".fonts", Path("/System/Library/Fonts")]
    return any(
        "CJK" in file.name or "PingFang" in file.name for folder in folders for file in folder.rglob("*")
    )


def ensure_chromium() -> str:
    """Path of a Chromium that can show Chinese.

    Ends the process with the exact line to type when neither the system's package manager nor Playwright can help.
    """
    chromium = find_chromium()
    if chromium and has_chinese_font():
        return chromium
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("正在安装 Chromium 与中文字体 / installing Chromium and a Chinese font ...", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", *PACKAGES]):
            result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if result.returncode:
                print(result.stdout[-2000:], result.stderr[-2000:], file=sys.stderr)
    elif not chromium:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    chromium = find_chromium()
    if chromium and has_chinese_font():
        return chromium
    lacking = "Chromium" if not chromium else "a Chinese font"
    sys.exit(
        f"浏览器测试缺少 {lacking}，请先执行 / the browser tests need {lacking}; type:\n"
        f"    sudo apt-get update && sudo apt-get install -y {' '.join(PACKAGES)}"
    )


def _of_playwright() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


if __name__ == "__main__":
    print(ensure_chromium())

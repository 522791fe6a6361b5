"""A Chromium and a Chinese font for the browser tests: found, installed, or asked for with the line to type."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

CHROMIUM, FONT = "Chromium", "a Chinese font"


@dataclass(frozen=True)
class Manager:
    """A package manager: what refreshes its lists, what installs, and its names for what we need."""

    program: str
    refresh: list[str]
    install: list[str]
    packages: dict[str, str]
    wants_root: bool = True


MANAGERS = (
    Manager(
        "apt-get", ["apt-get", "update"], ["apt-get", "install", "-y"],
        {CHROMIUM: "chromium", FONT: "fonts-noto-cjk"},
    ),
    Manager(
        "dnf", [], ["dnf", "install", "-y"],
        {CHROMIUM: "chromium", FONT: "google-noto-sans-cjk-ttc-fonts"},
    ),
    Manager("apk", [], ["apk", "add"], {CHROMIUM: "chromium", FONT: "font-noto-cjk"}),
    Manager(
        "pacman", [], ["pacman", "-Sy", "--noconfirm"], {CHROMIUM: "chromium", FONT: "noto-fonts-cjk"}
    ),
    Manager(
        "zypper", [], ["zypper", "--non-interactive", "install"],
        {CHROMIUM: "chromium", FONT: "google-noto-sans-sc-fonts"},
    ),
    Manager(
        "brew", [], ["brew", "install", "--cask"],
        {CHROMIUM: "chromium", FONT: "font-noto-sans-cjk-sc"}, wants_root=False,
    ),
)  # fmt: skip


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

    As root the system's package manager installs what is lacking, for anybody else and where that was not enough
    Playwright does. Ends the process with the exact line to type when neither could help.
    """
    manager = next((each for each in MANAGERS if shutil.which(each.program)), None)
    if manager and os.geteuid() == 0 and (lacking := _lacking()):
        _say("正在安装 Chromium 与中文字体", "installing Chromium and a Chinese font")
        _attempt(manager.refresh)
        for what in lacking:  # apart, so that one that is not to be had keeps nothing else away
            _attempt([*manager.install, manager.packages[what]])
    if CHROMIUM in _lacking():
        _say("正在用 Playwright 安装 Chromium", "installing Chromium by Playwright")
        playwright = [sys.executable, "-m", "playwright"]
        if os.geteuid() == 0:
            _attempt([*playwright, "install-deps", "chromium"])
        _attempt([*playwright, "install", "chromium"])
    if lacking := _lacking():
        sys.exit(
            f"浏览器测试缺少 {'、'.join(lacking)}，请先执行 / the browser tests need {' and '.join(lacking)}; type:\n"
            f"    {_line_to_type(manager, lacking)}"
        )
    chromium = find_chromium()
    assert chromium
    return chromium


def _lacking() -> list[str]:
    found = {CHROMIUM: find_chromium(), FONT: has_chinese_font()}
    return [what for what, there in found.items() if not there]


def _line_to_type(manager: Manager | None, lacking: list[str]) -> str:
    if manager is None:
        return f"{sys.executable} -m playwright install chromium" + (
            "    （字体 / font: Noto Sans CJK → ~/.fonts）" if FONT in lacking else ""
        )
    sudo = [] if os.geteuid() == 0 or not manager.wants_root else ["sudo"]
    commands = [manager.refresh, [*manager.install, *(manager.packages[what] for what in lacking)]]
    return " && ".join(" ".join([*sudo, *command]) for command in commands if command)


def _attempt(command: list[str]) -> None:
    """Run it; what it says is shown only when it fails."""
    if not command:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        print(result.stdout[-2000:], result.stderr[-2000:], file=sys.stderr)


def _say(chinese: str, english: str) -> None:
    print(f"{chinese} / {english} ...", file=sys.stderr, flush=True)


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

"""How a Chromium and a Chinese font are found or installed: each branch, with programs that note how they were called."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from doorstep.launch.locations import PROJECT

ASK = """
import os, sys
os.geteuid = lambda: {user}
from doorstep.launch.browser import ensure_chromium
print(ensure_chromium())
"""
STAND_IN = """#!/bin/sh
echo "{name} $*" >> {calls}
{does}
"""
PLAYWRIGHT = """
import sys
from pathlib import Path
with open({calls!r}, "a") as file:
    print("playwright", *sys.argv[1:], file=file)
if {gives!r} and sys.argv[1] == "install":
    Path({gives!r}).touch()
"""
OF_PLAYWRIGHT = """
from contextlib import contextmanager
from types import SimpleNamespace

@contextmanager
def sync_playwright():
    yield SimpleNamespace(chromium=SimpleNamespace(executable_path={path!r}))
"""


@dataclass
class Machine:
    """A machine with nothing but the programs a test puts on it."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "bin"

    @property
    def calls(self) -> Path:
        return self.folder / "calls"

    def put(self, name: str, does: str = "exit 0") -> None:
        program = self.programs / name
        program.write_text(STAND_IN.format(name=name, calls=self.calls, does=does))
        program.chmod(0o755)

    def put_font(self) -> str:
        """The words of a shell that install a font."""
        return f"touch {self.folder}/font"

    def put_playwright(self, gives: bool) -> None:
        package = self.folder / "packages" / "playwright"
        package.mkdir(parents=True)
        browser = str(self.folder / "playwright-chromium")
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(
            PLAYWRIGHT.format(calls=str(self.calls), gives=browser if gives else "")
        )
        (package / "sync_api.py").write_text(OF_PLAYWRIGHT.format(path=browser))

    def ask(self, *, root: bool) -> subprocess.CompletedProcess[str]:
        paths = [self.folder / "packages", PROJECT / "src", PROJECT]
        environment = {
            "PATH": f"{self.programs}:{self.folder}/usr", "PYTHONPATH": os.pathsep.join(map(str, paths)),
        }  # fmt: skip
        command = [sys.executable, "-c", ASK.format(user=0 if root else 1000)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Without Chromium and without a font; `fc-list` says what is there."""
    one = Machine(tmp_path)
    one.programs.mkdir()
    (tmp_path / "usr").mkdir()
    for tool in ("touch", "ln", "test"):
        (tmp_path / "usr" / tool).symlink_to(f"/usr/bin/{tool}")
    one.put("fc-list", f"test -e {tmp_path}/font && echo NotoSansCJK")
    return one


def without_listing(calls: list[str]) -> list[str]:
    return [call for call in calls if not call.startswith("fc-list")]


def test_what_is_there_is_taken(machine):
    machine.put("chromium")
    (machine.folder / "font").touch()
    result = machine.ask(root=True)
    assert result.stdout.strip() == str(machine.programs / "chromium")
    assert without_listing(machine.called()) == []


def test_as_root_the_system_s_packages_are_installed(machine):
    chromium = machine.programs / "chromium"
    machine.put(
        "apt-get",
        f'case "$*" in *fonts*) {machine.put_font()};; *chromium) ln -s /usr/bin/test {chromium};; esac',
    )
    machine.put_playwright(gives=False)
    result = machine.ask(root=True)
    assert result.stdout.strip() == str(chromium), result.stderr
    assert without_listing(machine.called()) == [
        "apt-get update", "apt-get install -y chromium", "apt-get install -y fonts-noto-cjk",
    ]  # fmt: skip


def test_as_root_playwright_follows_where_the_packages_have_no_chromium(machine):
    machine.put("apt-get", f'case "$*" in *fonts*) {machine.put_font()};; *) exit 100;; esac')
    machine.put_playwright(gives=True)
    result = machine.ask(root=True)
    assert result.stdout.strip() == str(machine.folder / "playwright-chromium"), result.stderr
    assert without_listing(machine.called())[-2:] == [
        "playwright install-deps chromium",
        "playwright install chromium",
    ]


def test_anybody_else_gets_it_from_playwright(machine):
    (machine.folder / "font").touch()
    machine.put("apt-get")
    machine.put_playwright(gives=True)
    result = machine.ask(root=False)
    assert result.stdout.strip() == str(machine.folder / "playwright-chromium")
    assert without_listing(machine.called()) == ["playwright install chromium"]


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("apt-get", "sudo apt-get update && sudo apt-get install -y chromium fonts-noto-cjk"),
        ("dnf", "sudo dnf install -y chromium google-noto-sans-cjk-ttc-fonts"),
        ("apk", "sudo apk add chromium font-noto-cjk"),
        ("pacman", "sudo pacman -Sy --noconfirm chromium noto-fonts-cjk"),
        ("zypper", "sudo zypper --non-interactive install chromium google-noto-sans-sc-fonts"),
        ("brew", "brew install --cask chromium font-noto-sans-cjk-sc"),
    ],
)
def test_the_line_to_type_is_the_system_s_own(machine, program, line):
    machine.put(program)
    machine.put_playwright(gives=False)
    result = machine.ask(root=False)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].strip() == line


def test_only_what_is_lacking_is_asked_for(machine):
    machine.put("chromium")
    machine.put("apt-get", "exit 100")
    result = machine.ask(root=True)
    assert result.stderr.splitlines()[-1].strip() == "apt-get update && apt-get install -y fonts-noto-cjk"


def test_a_system_we_do_not_know_is_told_of_playwright(machine):
    machine.put_playwright(gives=False)
    result = machine.ask(root=False)
    assert result.returncode == 1
    assert "-m playwright install chromium" in result.stderr.splitlines()[-1]

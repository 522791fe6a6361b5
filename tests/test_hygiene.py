"""What every file of the repository keeps to."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from doorstep.launch import cli

PROJECT = Path(__file__).resolve().parents[1]
LONGEST = 500
# set by the platform itself for processes it starts, by Django, or by the tests
INTERNAL = {
    "DEBIAN_FRONTEND", "DJANGO_SETTINGS_MODULE", "DOORSTEP_CLUSTER", "DOORSTEP_DATABASE", "DOORSTEP_DB_ROLE",
    "DOORSTEP_SUPERVISED", "PATH",
}  # fmt: skip
NOT_NAMES = {"utils", "common", "core", "helpers", "misc", "util", "helper"}
# generated, or data of the districts
LONG_BY_NATURE = (".txt", ".json", ".po", ".geojson", ".csv", ".svg", ".md", ".lock", ".tsv")
REGISTRIES = re.compile(
    r"registry\.npmjs|pypi\.org|pythonhosted|npmmirror|tuna\.tsinghua|mirrors\.(aliyun|cloud|tencent)|deb\.debian",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w/.])/(?:work|root|home/\w+|tmp)/")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
UNREASONED = re.compile(r"#\s*(?:type:\s*ignore(?:\[[\w, -]+\])?|noqa(?::\s*[A-Z0-9, ]+)?)\s*$", re.MULTILINE)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [PROJECT / name for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()]


FILES = tracked()
TEXTS = {
    path.relative_to(PROJECT).as_posix(): path.read_text(errors="replace")
    for path in FILES
    if path.suffix not in {".png", ".ttf", ".otf", ".woff2", ".docx", ".xlsx", ".ico", ".gz", ".mo", ".zip"}
}


def offending(pattern: re.Pattern[str], *, but: tuple[str, ...] = ()) -> list[str]:
    found = {name: pattern.search(text) for name, text in TEXTS.items() if name != "tests/test_hygiene.py"}
    return [f"{name}: {hit.group()}" for name, hit in found.items() if hit and not name.startswith(but)]


def test_files_are_short():
    written = {name: text for name, text in TEXTS.items() if not name.endswith(LONG_BY_NATURE)}
    lengths = {name: text.count("\n") for name, text in written.items() if "/migrations/" not in name}
    assert {name: length for name, length in lengths.items() if length >= LONGEST} == {}


def test_names_say_something():
    parts = {name: {Path(part).stem for part in Path(name).parts} for name in TEXTS}
    assert [name for name, stems in parts.items() if stems & NOT_NAMES] == []


def test_no_place_to_download_from_is_named():
    assert offending(REGISTRIES) == []


def test_no_machine_is_named():
    # /tmp and homes of nobody in particular may be spoken of in guides
    assert offending(MACHINE_PATHS, but=("docs/", "README")) == []


def test_nothing_is_put_off():
    assert offending(UNFINISHED) == []


def test_exceptions_to_the_checkers_have_a_reason():
    assert {name: found for name in TEXTS if (found := UNREASONED.findall(TEXTS[name]))} == {}


def test_the_front_end_lock_records_no_addresses():
    lock = TEXTS.get("package-lock.json")
    assert lock, "package-lock.json is missing"
    assert [name for name, entry in json.loads(lock)["packages"].items() if "resolved" in entry] == []
    assert "omit-lockfile-registry-resolved=true" in TEXTS[".npmrc"]


def test_python_packages_are_locked_with_hashes():
    for name in ("requirements/base.txt", "requirements/dev.txt"):
        text = TEXTS[name]
        assert "--index-url" not in text and "://" not in re.sub(r"(?m)^\s*#.*$", "", text)
        assert text.count("==") <= text.count("--hash=sha256:")


# Packages: one anatomy, and one page each that says what it is for.
SOURCE = "src/doorstep"
PACKAGES = sorted(
    {
        name.removesuffix("/__init__.py")
        for name in TEXTS
        if re.fullmatch(
            rf"{SOURCE}/(?:(?:kernel|modules|surfaces)/\w+|config|demo|launch)/__init__\.py", name
        )
    }
)
ONE_PAGE = 80


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_on_one_page_what_it_is_for(package: str) -> None:
    page = TEXTS.get(f"{package}/README.md", "")
    assert page.startswith("# ") and 10 < page.count("\n") <= ONE_PAGE, f"{package} has no page"
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", page))
    assert {name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in TEXTS)} == set()
    for link in re.findall(r"\]\(([^)#:]+)\)", page):
        assert (PROJECT / package / link).exists(), link


def test_each_variable_of_the_environment_is_described():
    told = TEXTS["docs/operations.md"]
    read = set()
    for name, text in TEXTS.items():
        if name.startswith(SOURCE) and name.endswith(".py"):
            read |= set(
                re.findall(
                    r"""(?:environ(?:\.get\(|\.setdefault\(|\[)|\b(?:flag|is_on)\()\s*"([A-Z_]+)\"""", text
                )
            )
    assert len(read) > 30
    assert {name for name in read - INTERNAL if f"`{name}" not in told} == set()


def test_each_command_is_described():
    told = TEXTS["docs/operations.md"]
    words = re.findall(r"(?m)^    ([a-z]+(?: [a-z]+)?)(?:  |$)", cli._parser().format_help())
    assert {"run", "places import", "manage"} <= set(words)
    assert {command for command in words if f"`{command}" not in told} == set()
    known = {command for command, _meaning in cli.DELEGATED.values()} | {
        "load_demo"
    }  # the demo's, by make run
    commands = {Path(name).stem for name in TEXTS if re.search(r"/management/commands/[a-z]\w*\.py$", name)}
    assert {name for name in commands - known if f"`{name}" not in told} == set()

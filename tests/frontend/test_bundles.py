"""The built front end: what pages load, how much of it a phone fetches first, and that nothing names a registry."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from django.template import Context, Template

from doorstep.kernel.web import assets

PROJECT = Path(__file__).resolve().parents[2]
PHONE_LIMIT = 150_000


def test_every_bundle_gives_its_styles_and_its_script() -> None:
    for name in ("desk", "phone"):
        markup = Template("{% load doorstep %}{% vite_asset name %}").render(Context({"name": name}))
        assert f'<script type="module" src="/static/assets/{name}.' in markup
        assert f'<link rel="stylesheet" href="/static/assets/{name}.' in markup


def test_built_files_are_named_by_their_content() -> None:
    found = assets.bundle("desk")
    for path in (found.script, *found.styles, *found.preloads):
        digest = path.rsplit(".", 2)[1]
        assert len(digest) == 12 and int(digest, 16) >= 0
        assert (assets.DIST / path).is_file()


def test_the_first_page_of_a_phone_is_small_and_has_no_map_or_chart_code() -> None:
    found = assets.bundle("phone")
    files = [found.script, *found.styles, *found.preloads]
    assert sum(len(gzip.compress((assets.DIST / path).read_bytes())) for path in files) < PHONE_LIMIT * 2 / 3
    assert not [path for path in files if re.search(r"/(map|chart|scan|decode)\.", path)]


def test_map_chart_and_scanning_are_parts_of_their_own() -> None:
    manifest = json.loads(assets.MANIFEST.read_text(encoding="utf-8"))
    for name in ("map", "chart", "scan"):
        assert manifest[f"modules/{name}.js"]["isDynamicEntry"]
    (reader,) = manifest["modules/scan.js"][
        "dynamicImports"
    ]  # fetched only where the browser has none of its own
    assert len(gzip.compress((assets.DIST / manifest[reader]["file"]).read_bytes())) < 20_000


def test_no_script_makes_code_from_text() -> None:
    """The content policy would stop it; so what would try is not even served."""
    for script in (assets.DIST / "assets").glob("*.js"):
        assert not re.search(r"(?<![\w.$])(eval|Function)\(", script.read_text(encoding="utf-8")), script.name


def test_an_unbuilt_bundle_says_what_to_run(monkeypatch) -> None:
    monkeypatch.setattr(assets, "MANIFEST", assets.DIST / "absent.json")
    markup = Template('{% load doorstep %}{% vite_asset "desk" %}').render(Context())
    assert markup.startswith("<!--") and "npm" in markup


def test_the_lock_file_names_no_download_address() -> None:
    lock = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert [name for name, package in lock["packages"].items() if "integrity" in package]
    assert "omit-lockfile-registry-resolved=true" in (PROJECT / ".npmrc").read_text(encoding="utf-8")

"""axe on a page: what people with a keyboard, a screen reader or weak eyes would stumble over."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}


def troubles(page: Page) -> list[str]:
    """Serious and critical findings of axe, each with the element it is about."""
    # evaluated rather than added as a script, because pages allow no inline script
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window, once a change of its size has been drawn."""
    page.wait_for_function(f"window.innerWidth === {page.viewport_size['width']}")  # type: ignore[index]  # we set one
    return int(
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
            " done(document.documentElement.scrollWidth - window.innerWidth))))"
        )
    )

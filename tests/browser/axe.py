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
    # one script of its own: wait_for_function would make code from text, which the pages forbid
    return int(
        page.evaluate(
            "width => new Promise(done => {"
            "  const measured = () => done(document.documentElement.scrollWidth - Math.min(width, innerWidth));"
            "  const until = performance.now() + 3000;"  # a phone's window grows with what does not fit into it
            "  const look = () => innerWidth === width || performance.now() > until"
            "    ? requestAnimationFrame(() => requestAnimationFrame(measured)) : requestAnimationFrame(look);"
            "  look();"
            "})",
            page.viewport_size["width"],  # type: ignore[index]  # we set one
        )
    )

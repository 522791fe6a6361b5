"""QR codes: the one place that draws them."""

from __future__ import annotations

import io
from base64 import b64encode

import segno


def qr_svg(text: str, *, border: int = 2, scale: int | None = None) -> str:
    """A QR code as SVG mark-up, without a style or script of its own. `border` in modules, `scale` in pixels a module; without
    it the page gives the size."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, border=border, scale=scale or 1, omitsize=scale is None, svgclass="qr",
        lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


def qr_address(text: str) -> str:
    """The same as the address of a picture."""
    return f"data:image/svg+xml;base64,{b64encode(qr_svg(text, scale=8).encode()).decode()}"

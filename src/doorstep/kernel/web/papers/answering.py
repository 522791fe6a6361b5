"""A paper as the answer to a request: shown in the browser, kept by nobody on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from doorstep.kernel.web.papers.printing import NotPrinted, pdf_of

# browsers of some years ago show a PDF by a plug-in of their own, which the pages' policy bars
POLICY = "default-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def paper(
    request: HttpRequest, template: str, data: Mapping[str, Any], *, name: str, back: str
) -> HttpResponse:
    """The PDF, to be saved as `name`. What cannot be made now is said in words on the page `back`."""
    try:
        made = pdf_of(template, data)
    except NotPrinted as refusal:
        messages.error(request, str(refusal.message))
        return redirect(back)
    shown = content_disposition_header(as_attachment=False, filename=name) or "inline"
    return HttpResponse(
        made, content_type="application/pdf",
        headers={"Content-Disposition": shown, "Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"},
    )  # fmt: skip

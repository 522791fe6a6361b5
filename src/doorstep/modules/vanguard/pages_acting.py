"""What pages of the vanguard share: a button and its act, a paper as an answer, a form with a title."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.web.pages import carried_out as said_at_its_field
from doorstep.kernel.web.pages import guarded
from doorstep.kernel.web.papers.printing import NotPrinted, pdf_of
from doorstep.modules.vanguard.forms import VanguardForm

desk_page = partial(guarded, says_forbidden=True)
carried_out = partial(said_at_its_field, says_forbidden=True)
# browsers of some years ago show a PDF by a plug-in of their own, which the pages' policy bars
POLICY = "default-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def pressed(request: HttpRequest, act: Callable[[], Any], said: str, *, in_office: bool = False) -> bool:
    """Do it, and say so; a refusal is said instead (in office what one may not do is the page's own answer)."""
    try:
        act()
    except NotVisible:
        raise
    except NotAllowed as refusal:
        if in_office:
            raise
        messages.error(request, str(refusal.message))
        return False
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return False
    messages.success(request, said)
    return True


def acted(request: HttpRequest, form: VanguardForm, title: Any, back: str, **more: Any) -> HttpResponse:
    """A form of the desk by itself. Whether it was sent is asked of the request: a form may have no field."""
    context = {"form": form, "title": title, "back": back, **more}
    return render(request, "vanguard/act.html", context, status=422 if request.method == "POST" else 200)


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

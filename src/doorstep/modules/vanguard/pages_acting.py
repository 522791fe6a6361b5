"""What pages of the vanguard share: a button and its act, a form with a title."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.web.pages import carried_out as said_at_its_field
from doorstep.kernel.web.pages import guarded
from doorstep.modules.vanguard.forms import VanguardForm

desk_page = partial(guarded, says_forbidden=True)
carried_out = partial(said_at_its_field, says_forbidden=True)


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


def acted(
    request: HttpRequest,
    form: VanguardForm,
    title: Any,
    back: str,
    template: str = "vanguard/act.html",
    **more: Any,
) -> HttpResponse:
    """A form of the desk by itself. Whether it was sent is asked of the request: a form may have no field."""
    context = {"form": form, "title": title, "back": back, **more}
    return render(request, template, context, status=422 if request.method == "POST" else 200)

"""What pages of partners have in common: who comes in, one form that does one thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.pages import RefusingForm, View, carried_out, guarded

desk_page = partial(guarded, says_forbidden=True)


def phone_page(view: View) -> View:
    """Of who acts for a unit, on a phone."""
    return never_cache(guarded(view, says_forbidden=True))


def form_page(
    request: HttpRequest, form: RefusingForm, title: Any, back: str, act: Callable[[], Any], done: Any, *,
    to: Callable[[], str] | None = None, place_code: str = "", template: str = "partnership/act.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    """One form: shown, refused with what was written, or carried out. `to`: where it leads then, default back."""
    if place_code:
        page_of(request).place_code = place_code
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(form, act, says_forbidden=True):
            messages.success(request, done)
            return redirect(to() if to else back)
        status = 422
    return render(request, template, {"form": form, "title": title, "back": back, **more}, status=status)

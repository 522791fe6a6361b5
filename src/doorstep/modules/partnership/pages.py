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


def answered(
    request: HttpRequest, form: RefusingForm, act: Callable[[], Any], done: Any, to: Callable[[], str], *,
    template: str, **context: Any,
) -> HttpResponse:  # fmt: skip
    """One form: shown, refused with what was written, or carried out; `to` is asked afterwards."""
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(form, act, says_forbidden=True):
            messages.success(request, done)
            return redirect(to())
        status = 422
    return render(request, template, {"form": form, **context}, status=status)


def form_page(
    request: HttpRequest, form: RefusingForm, title: Any, back: str, act: Callable[[], Any], done: Any, *,
    to: Callable[[], str] | None = None, place_code: str = "", template: str = "partnership/act.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    """`answered` with a title and a way back. `to`: where it leads when it is carried out, default back."""
    if place_code:
        page_of(request).place_code = place_code
    return answered(
        request, form, act, done, to or (lambda: back), template=template, title=title, back=back, **more
    )

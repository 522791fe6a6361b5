"""What pages of redemption have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from doorstep.kernel.web.pages import View, carried_out, guarded
from doorstep.modules.volunteering.forms_redemption import RedemptionForm


def phone_page(view: View) -> View:
    """A signed-in resident's."""
    return never_cache(guarded(view, login_url="doorway:sign_in", says_forbidden=True))


def office_page(view: View) -> View:
    """A merchant's or an officer's."""
    return never_cache(guarded(view, says_forbidden=True))


def form_page(
    request: HttpRequest, form: RedemptionForm, act: Callable[[], Any], done: Callable[[], HttpResponse], **context: Any
) -> HttpResponse:  # fmt: skip
    """One form on a page of the desk: shown, refused with what was written, or carried out."""
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(form, act):
            return done()
        status = 422
    return render(request, "volunteering/redemption/act.html", {"form": form, **context}, status=status)


def scanned_address(request: HttpRequest, number: str, code: str = "") -> str:
    """What the code of a slip holds: the merchant's page with the number in it, on paper with the paper's own code."""
    query = f"c={code}&n={number}" if code else f"n={number}"
    return f"{request.build_absolute_uri(reverse('volunteering:merchant'))}?{query}"

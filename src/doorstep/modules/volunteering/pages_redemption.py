"""What pages of redemption have in common."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.modules.volunteering.forms_redemption import RedemptionForm

View = Callable[..., HttpResponse]


def _guarded(view: View) -> View:
    """What the reader may not see does not exist; what is not theirs to do is forbidden."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            raise PermissionDenied from None

    return guarded


def phone_page(view: View) -> View:
    """A signed-in resident's."""
    return login_required(login_url="doorway:sign_in")(never_cache(_guarded(view)))


def office_page(view: View) -> View:
    """A merchant's or an officer's."""
    return login_required(never_cache(_guarded(view)))


def carried_out(form: RedemptionForm, act: Callable[[], Any]) -> bool:
    """Carry it out; say a refusal at its field, nothing written."""
    try:
        act()
    except NotVisible as refusal:
        if not refusal.field:
            raise
        form.refuse(refusal)
    except Refused as refusal:
        form.refuse(refusal)
    else:
        return True
    return False


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

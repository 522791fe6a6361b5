"""What the pages of places share: who may open them, and one small form carried out by one service."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from doorstep.kernel.places.forms import PlacesForm
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation

View = Callable[..., HttpResponse]


def places_page(view: View) -> View:
    """A signed-in page. What the reader may not see or do there does not exist; an act that is not theirs is forbidden."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            if request.method in ("GET", "HEAD"):
                raise Http404 from None
            raise PermissionDenied from None

    return guarded


def act_page(
    request: HttpRequest, form: PlacesForm, title: str, act: Callable[[dict[str, Any]], str], back: str, **more: Any
) -> HttpResponse:  # fmt: skip
    """Show a form; carry the act out and say what came of it (`act` gives a warning, or ""); show a refusal at its field."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                warning = act(form.cleaned_data)
            except (RuleViolation, Conflict) as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("已保存。"))
                if warning:
                    messages.warning(request, warning)
                return redirect(back)
    context = {"form": form, "title": title, "back": back, **more}
    return render(request, "places/act.html", context, status=status)

"""What the module's pages share: the gate, one form on a page, places to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import within
from doorstep.kernel.web.pages import RefusingForm, guarded
from doorstep.kernel.web.pages import carried_out as said_at_its_field

desk_page = partial(guarded, says_forbidden=True)
carried_out = partial(said_at_its_field, says_forbidden=True)


def form_page(
    request: HttpRequest, form: RefusingForm, act: Callable[[], Any], done: str | Callable[[], str], said: Any, *,
    title: Any, back: str, template: str = "coverage/act.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    """One form: shown, carried out and said, or shown again with what to correct. `done`: where to go afterwards."""
    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, str(said))
        return redirect(done if isinstance(done, str) else done())
    context = {"form": form, "title": title, "back": back, **more}
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def communities(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Standing communities in these subtrees: code and name."""
    rows = Area.objects.filter(within("code", codes), level="community", ended_on=None)
    return list(rows.order_by("code").values_list("code", "name")[:500])

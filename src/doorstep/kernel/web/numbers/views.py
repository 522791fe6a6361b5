"""All numbers of the rules with their sources; one number with its earlier and later values, and a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.numbers import Number, Numbers, all_numbers, numbers_of
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.numbers.services import set_number


class NumberForm(forms.Form):
    """The new value, from which day, on what ground."""

    value = forms.CharField(label=gettext_lazy("新的值"), max_length=120)
    valid_from = forms.DateField(
        label=gettext_lazy("从哪一天起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("今天或以后。以前的按当时的值，不变。"),
    )  # fmt: skip
    clause = forms.CharField(label=gettext_lazy("依据"), max_length=200)

    def refuse(self, refusal: Refused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.message))


def _keeper(request: HttpRequest) -> Actor:
    """Who sets terms; for others the page does not exist."""
    actor: Actor = actor_of(request)
    if not actor.holds_somewhere(SET_TERMS):
        raise Http404
    return actor


def _rows(numbers: Numbers) -> dict[str, list[Any]]:
    """The rows of a package by key, the newest first."""
    found: dict[str, list[Any]] = {}
    for row in numbers.model._default_manager.order_by("-valid_from"):
        found.setdefault(row.key, []).append(row)  # type: ignore[attr-defined]  # the models of numbers have a key
    return found


def _now(rows: list[Any]) -> Any:
    return next((row for row in rows if row.holds_on(clock.today())), None)


@login_required
@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """Each number: what it means, its value today, on what ground, since when, and what is to come. A query a package."""
    _keeper(request)
    groups = []
    for each in all_numbers():
        rows = _rows(each)
        groups.append((each, [_line(number, rows.get(number.key, [])) for number in each.numbers]))
    return render(request, "web/numbers/all.html", {"groups": groups})


def _line(number: Number, rows: list[Any]) -> dict[str, Any]:
    row = _now(rows)
    coming = [one for one in rows if one.valid_from > clock.today()]
    return {
        "number": number, "row": row, "value": number.show(row.value) if row else "",
        "coming": [(number.show(one.value), one.valid_from) for one in coming],
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def number(request: HttpRequest, of: str, key: str) -> HttpResponse:
    """One number with all its values, and the form of a new one."""
    actor = _keeper(request)
    numbers = numbers_of(of)
    found = numbers.number(key) if numbers else None
    if numbers is None or found is None:
        raise Http404
    rows = _rows(numbers).get(key, [])
    row = _now(rows)
    initial = {"value": found.show(row.value), "clause": row.clause} if row else {}
    form = NumberForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["value"].help_text = found.how
    if form.is_valid():
        try:
            set_number(actor=actor, of=of, key=key, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("numbers:one", of, key)
    context = {
        "form": form, "number": found, "numbers": numbers, "now": row,
        "values": [(one, found.show(one.value)) for one in rows],
    }  # fmt: skip
    return render(request, "web/numbers/one.html", context, status=422 if form.errors else 200)

"""Pages of keys for programs: one's own under the account, partner units' for the administrators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.authority.models import Token
from doorstep.kernel.authority.policies import ISSUE
from doorstep.kernel.authority.scopes import all_scopes, scope_names
from doorstep.kernel.authority.selectors import own_tokens, owner_units, units_for_keys
from doorstep.kernel.authority.services_tokens import MOST_DAYS, make_token, revoke_token
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused

USUAL_DAYS = 90


def confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The password or second factor is asked again where it was not given just now: whoever finds an open browser does
    not take a key away with them. Accounts without either (the demo's, those that come in by a code) are not asked."""
    asking = reauthentication_required(app="doorstep.authority")(view)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return asking(request, *args, **kwargs)
        except ReauthenticationRequired:
            if request.method == "GET":
                raise
            return redirect(
                request.get_full_path()
            )  # the form was left standing for too long: it asks, then opens

    return asked


@login_required
@never_cache
@require_GET
def my_keys(request: HttpRequest) -> HttpResponse:
    rows = [(row, scope_names(row.scopes)) for row in own_tokens(actor_of(request))]
    return render(request, "authority/my_keys.html", {"keys": rows})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed
def my_key_create(request: HttpRequest) -> HttpResponse:
    """A key of my own, shown on this answer alone."""
    context, status = _made(request, None)
    context |= {"scopes": _offered(request, partners=False)}
    return render(request, "authority/my_key_create.html", context, status=status)


def _made(request: HttpRequest, unit_id: int | None) -> tuple[dict[str, Any], int]:
    """What the form said, and the new key where it was taken; with the status to answer with."""
    today = clock.today()
    shown: dict[str, Any] = {
        "name": request.POST.get("name", ""), "expires_on": request.POST.get("expires_on", "") or (today + dt.timedelta(USUAL_DAYS)).isoformat(),
        "first_day": today.isoformat(), "last_day": (today + dt.timedelta(MOST_DAYS)).isoformat(), "field": "",
    }  # fmt: skip
    if request.method != "POST":
        return shown, 200
    try:
        made = make_token(
            actor=actor_of(request), name=request.POST.get("name", ""), scopes=request.POST.getlist("scopes"),
            expires_on=_day(request.POST.get("expires_on", "")), unit_id=unit_id,
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return shown | {"field": refusal.field}, 422
    return shown | {"made": made, "name": ""}, 200


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return dt.date.min  # the service says which days there are


def _offered(request: HttpRequest, *, partners: bool) -> list[tuple[Any, bool]]:
    chosen = set(request.POST.getlist("scopes"))
    return [(scope, scope.code in chosen) for scope in all_scopes(partners=partners)]


@login_required
@require_POST
def stop_my_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop one of my own; of another's nothing is known here."""
    if not any(token.pk == pk for token in own_tokens(actor_of(request))):
        raise Http404
    token = revoke_token(actor=actor_of(request), token_id=pk)
    messages.success(request, _("密钥 %s… 已停用，用它的程序从现在起不能再访问。") % token.prefix)
    return redirect("my_keys")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed
def partner_keys(request: HttpRequest) -> HttpResponse:
    """Find a unit and give it a key, shown on this answer alone."""
    actor = actor_of(request)
    if not actor.holds_somewhere(ISSUE):
        raise Http404
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    found = units_for_keys(actor, text)
    chosen = request.POST.get("unit", "") or request.GET.get("unit", "")
    unit = next((each for each in found if str(each.unit_id) == chosen), None)
    if request.method == "POST" and unit is None:
        raise Http404
    context, status = _made(request, unit.unit_id if unit is not None else None)
    context |= {"text": text, "found": found, "unit": unit, "scopes": _offered(request, partners=True)}
    return render(request, "authority/partner_keys.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def one_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop somebody's key, for the administrators."""
    actor = actor_of(request)
    row = get_object_or_404(policy_for(Token).visible_to(actor).select_related("account"), pk=pk)
    if not policy_for(Token).can(actor, "revoke", row):
        raise Http404
    if request.method == "POST":
        revoke_token(actor=actor, token_id=row.pk)
        messages.success(request, _("密钥 %s… 已停用，用它的程序从现在起不能再访问。") % row.prefix)
        return redirect("key_security", pk=pk)
    owner = str(row.account) if row.account_id else owner_units([row]).get(row.unit_id, "")
    context = {"row": row, "owner": owner, "scopes": scope_names(row.scopes)}
    return render(request, "authority/key_security.html", context)

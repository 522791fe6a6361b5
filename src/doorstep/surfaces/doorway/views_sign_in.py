"""Signing in by a one-time code: the number, the code, and the first time a name and consent."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.authority.middleware import BY_CODE
from doorstep.kernel.authority.models import Account
from doorstep.kernel.people.ciphers import open_secret, seal_secret
from doorstep.kernel.people.erasure import OWN_WISH, erase_person
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import Refused
from doorstep.surfaces.doorway import one_time_codes, services_sign_in
from doorstep.surfaces.doorway.pace import address_of, paced
from doorstep.surfaces.doorway.views import my_building

ASKED = (
    "doorway_code"  # in the session: ticket, number (sealed), whether it has been proved, where to go then
)
ABOUT = "doorway code"


@paced
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Step one: the number. Who is signed in already goes on."""
    if isinstance(request.user, Account):
        return redirect(_next(request, request.GET.get("next", "")))
    return _ask(request, "doorway/sign_in.html")


@paced
@never_cache
@login_required(login_url="doorway:sign_in")
@require_http_methods(["GET", "POST"])
def change_number(request: HttpRequest) -> HttpResponse:
    """The same for another number of somebody signed in."""
    return _ask(request, "doorway/change_number.html")


def _ask(request: HttpRequest, template: str) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"next": _next(request, asked.get("next", ""))}
    if request.method == "GET":
        return render(request, template, context)
    phone = request.POST.get("phone", "")
    try:
        number, ticket = one_time_codes.send_code(phone, address_of(request))
    except Refused as refusal:
        return render(request, template, context | {"phone": phone, "refusal": refusal.message}, status=422)
    request.session[ASKED] = {
        "ticket": ticket,
        "number": _sealed(number),
        "proved": False,
        "next": context["next"],
    }
    return redirect("doorway:sign_in_code")


@paced
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Step two: the code."""
    asked = request.session.get(ASKED)
    if asked is None:
        return redirect("doorway:sign_in")
    number = _opened(asked["number"])
    context = {
        "shown_number": MASKS["phone"](number), "minutes": one_time_codes.MINUTES,
        "file": one_time_codes.where_codes_are(), "next": asked["next"],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "doorway/sign_in_code.html", context)
    try:
        one_time_codes.use_code(asked["ticket"], number, request.POST.get("code", ""))
        if isinstance(request.user, Account):
            return _changed(request, request.user, number)
        accounts = services_sign_in.accounts_of(number)
        if len(accounts) == 1:
            return _enter(request, services_sign_in.enter(accounts[0], number), asked["next"])
    except Refused as refusal:
        return render(
            request, "doorway/sign_in_code.html", context | {"refusal": refusal.message}, status=422
        )
    request.session[ASKED] = asked | {"proved": True}
    return redirect("doorway:sign_in_name")


@paced
@never_cache
@require_http_methods(["GET", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Step three, where the number opens no account by itself, or several: who is it?"""
    asked = request.session.get(ASKED)
    if asked is None or not asked["proved"] or isinstance(request.user, Account):
        return redirect("doorway:sign_in")
    number = _opened(asked["number"])
    context: dict[str, Any] = {"given": request.POST}
    building = my_building(request)
    try:
        context["accounts"] = accounts = services_sign_in.accounts_of(number)
        if request.method == "GET":
            return render(request, "doorway/sign_in_name.html", context)
        chosen = next((each for each in accounts if str(each.pk) == request.POST.get("account")), None)
        account = (
            services_sign_in.enter(chosen, number) if chosen else services_sign_in.sign_up(
                number, name=request.POST.get("name", ""), agrees=request.POST.get("agrees") == "1",
                place_code=building.place_code if building else settings.HOME_PLACE,
            )
        )  # fmt: skip
    except Refused as refusal:
        return render(
            request, "doorway/sign_in_name.html", context | {"refusal": refusal.message}, status=422
        )
    return _enter(request, account, asked["next"])


@never_cache
@login_required(login_url="doorway:sign_in")
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Everything about me goes, once I have written my name; what must be kept, and why, is said."""
    actor = actor_of(request)
    person = Person.objects.filter(pk=actor.person_id or 0, erased_at__isnull=True).first()
    if person is None:
        return redirect("my_account")
    if request.method == "GET":
        return render(request, "doorway/erase.html", {"person": person})
    try:
        if request.POST.get("name", "").strip() != person.name:
            raise Refused(_("请照原样写下您的姓名。"), field="name")
        erase_person(actor=actor, person=person, ground=OWN_WISH)
    except Refused as refusal:
        return render(
            request, "doorway/erase.html", {"person": person, "refusal": refusal.message}, status=422
        )
    logout(request)
    messages.success(request, _("您的信息已经删除，不能恢复。"))
    return redirect("doorway:home")


def _enter(request: HttpRequest, account: Account, where: str) -> HttpResponse:
    request.session.pop(ASKED, None)
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[-1])
    request.session[BY_CODE] = True
    return redirect(where)


def _changed(request: HttpRequest, account: Account, number: str) -> HttpResponse:
    services_sign_in.change_number(account, number)
    request.session.pop(ASKED, None)
    messages.success(request, _("手机号已更换，下次用新号码登录。"))
    return redirect("my_account")


def _next(request: HttpRequest, where: str) -> str:
    safe = url_has_allowed_host_and_scheme(where, {request.get_host()}, request.is_secure())
    return where if safe else "/mine/"


def _sealed(number: str) -> str:
    return base64.b64encode(seal_secret(number, ABOUT)).decode()


def _opened(sealed: str) -> str:
    return open_secret(base64.b64decode(sealed), ABOUT)

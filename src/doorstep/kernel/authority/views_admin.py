"""Views of account administration: the system administrator makes accounts, the security administrator secures them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.authority import services
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.policies import MANAGE, SECURE
from doorstep.kernel.authority.selectors import anybody_appoints_officers, staff_without_account
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import within


def _actor(request: HttpRequest, capability: str) -> Actor:
    """The actor, who must hold the capability somewhere; for others the page does not exist."""
    actor: Actor = actor_of(request)
    if not actor.holds_somewhere(capability):
        raise Http404
    return actor


def _chosen(actor: Actor, number: str) -> Person:
    """The person, at the actor's places; elsewhere there is nobody."""
    rows = Person.objects.filter(within("place_code", actor.places_for(MANAGE)), erased_at__isnull=True)
    return get_object_or_404(rows, pk=whole_number(number) or 0)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Find somebody in office without an account (or, by whole telephone number, an administrator to be), and make one.
    The password is shown on this answer alone."""
    actor = _actor(request, MANAGE)
    text = request.GET.get("q", "").strip()
    context: dict[str, object] = {"text": text, "found": staff_without_account(actor, text)}
    context["stuck"] = not anybody_appoints_officers()
    if request.method == "POST":
        person = _chosen(actor, request.POST.get("person", ""))
        password = services.made_up_password()
        try:
            context["made"] = services.create_account(
                actor=actor,
                person=person,
                username=request.POST.get("username", "").strip().lower(),
                password=password,
            )
            context["password"] = password
        except Refused as refusal:
            messages.error(request, str(refusal.message))
    return render(request, "authority/account_create.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def security(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop, reopen, unlock one account, or give it a new password, which this answer alone shows."""
    actor = _actor(request, SECURE)
    account = get_object_or_404(policy_for(Account).visible_to(actor).select_related("person"), pk=pk)
    context: dict[str, object] = {"account": account}
    if request.method == "POST":
        try:
            context["password"] = _act(request, actor, account)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        if not context.get("password"):
            return redirect("account_security", pk=pk)
    return render(request, "authority/account_security.html", context)


def _act(request: HttpRequest, actor: Actor, account: Account) -> str:
    """Do what the pressed button says; gives the new password where there is one."""
    reason = request.POST.get("reason", "")
    match request.POST.get("act"):
        case "stop":
            services.deactivate_account(actor=actor, account=account, reason=reason)
            messages.success(request, _("账号已停用，正在使用的也随即退出。"))
        case "reopen":
            services.reactivate_account(actor=actor, account=account, reason=reason)
            messages.success(request, _("账号已恢复。"))
        case "unlock":
            services.unlock_account(actor=actor, account=account, reason=reason)
            messages.success(request, _("已解除锁定，可以重新登录。"))
        case "reset":
            return services.reset_password(actor=actor, account=account, reason=reason)
        case _other:
            raise Http404
    return ""

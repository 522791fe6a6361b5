"""Views of signing in that django-allauth does not have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.authority import services
from doorstep.kernel.authority.adapters import first_page
from doorstep.kernel.authority.demo_cast import demo_cast_in_groups, loading
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for

View = Callable[..., HttpResponse]


def has_password(view: View) -> View:
    """Demo accounts have no password to change."""

    @wraps(view)
    def only_with_password(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, Account) and not request.user.has_usable_password():
            messages.info(request, _("演示账号没有密码，一键登录即可。"))
            return redirect(first_page(request.user))
        return view(request, *args, **kwargs)

    return only_with_password


@require_GET
def demo_cast(request: HttpRequest) -> HttpResponse:
    """Everybody of the demo cast, one click each. Does not exist unless DEMO is on."""
    if not settings.DEMO:
        raise Http404
    return render(request, "authority/demo.html", {"groups": demo_cast_in_groups(), "loading": loading()})


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo cast."""
    if not settings.DEMO:
        raise Http404
    account = get_object_or_404(
        Account, username=request.POST.get("username", ""), is_demo=True, is_active=True
    )
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[-1])
    services.signed_in(actor=actor_for(account), account=account, way="demo")
    return redirect(first_page(account))

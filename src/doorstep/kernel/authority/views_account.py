"""Views of one's own account: what is kept about me, what I agreed to, who looked."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.people import own_data, services
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.purposes import consent_purposes
from doorstep.kernel.people.selectors import consenting_to
from doorstep.kernel.shared.errors import NotVisible, Refused


def _own(request: HttpRequest) -> Person | None:
    return Person.objects.filter(pk=actor_of(request).person_id or 0, erased_at__isnull=True).first()


@login_required
@require_GET
def my_account(request: HttpRequest) -> HttpResponse:
    """The account, consents to give and withdraw, and the ways to my data."""
    person = _own(request)
    given = consenting_to(person) if person is not None else set()
    consents = [(purpose, purpose.code in given) for purpose in consent_purposes().values()]
    context = {"person": person, "consents": consents if person is not None else []}
    return render(request, "authority/my_account.html", context)


@login_required
@never_cache
@require_POST
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything kept about me, as a page or (format=json) as a file. By POST, since it is recorded."""
    try:
        shown = own_data.own_data(actor=actor_of(request))
    except NotVisible as refusal:
        messages.error(request, str(refusal.message))
        return redirect("my_account")
    if request.POST.get("format") == "json":
        text = json.dumps(own_data.as_json(shown), ensure_ascii=False, indent=2)
        headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
        return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
    sections = [
        (part.section.name, part.section.columns.values(), [_cells(part.section, row) for row in part.rows])
        for part in shown
    ]
    return render(request, "authority/my_data.html", {"sections": sections})


def _cells(section: own_data.Section, row: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(name, row[key]) for key, name in section.columns.items()]


@login_required
@require_POST
def my_consent(request: HttpRequest) -> HttpResponse:
    """Give or withdraw one consent."""
    person, purpose = _own(request), request.POST.get("purpose", "")
    try:
        if person is None:
            raise NotVisible(_("这个账号没有对应的人员信息。"))
        if request.POST.get("give") == "1":
            services.give_consent(
                actor=actor_of(request), person=person, purpose=purpose, given_by=_("本人在线同意")
            )
            messages.success(request, _("已同意。您随时可以撤回。"))
        else:
            services.withdraw_consent(actor=actor_of(request), person=person, purpose=purpose)
            messages.success(request, _("已撤回，今后不再按这项用途使用您的信息。"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("my_account")


@login_required
@require_POST
def my_phone(request: HttpRequest) -> HttpResponse:
    """Correct my own phone number; empty takes it away."""
    person = _own(request)
    try:
        if person is None:
            raise NotVisible(_("这个账号没有对应的人员信息。"))
        services.correct_person(
            actor=actor_of(request), person=person, phone=request.POST.get("phone", ""), reason=_("本人更正")
        )
        messages.success(request, _("电话已更正。"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("my_account")

"""Rules of what is owed: set anew, changed from a day on with the next dates shown before saving, ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.obligations.models import Rule
from doorstep.kernel.obligations.policies import OWN, SET_RULES
from doorstep.kernel.obligations.rules import Period
from doorstep.kernel.obligations.services_rules import NewRule, end_rule, next_periods, set_rule
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.surfaces.desk.forms_owed import OTHER, RHYTHMS, EndForm, RuleForm


@login_required
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """A rule that there was not; its next dates are shown before it is saved."""
    actor = actor_of(request)
    if not actor.holds_somewhere(OWN):
        raise Http404
    if not actor.holds_somewhere(SET_RULES):
        raise PermissionDenied
    start = {"place_code": settings.HOME_PLACE, "valid_from": clock.today()}
    form = RuleForm(_places(actor), request.POST or None, initial=start)
    return _rule(request, actor, form, _("新设应办规则"), "")


@login_required
@require_http_methods(["GET", "POST"])
def rule_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Let another version of a rule hold from a day on."""
    actor, row = _own(request, pk)
    initial = {
        name: getattr(row, name) for name in
        ("name", "unit_kinds", "post", "place_code", "proof", "roll", "window", "grace", "clause", "document", "rhythm")
    }  # fmt: skip
    initial |= {
        "quorum": bool(row.needs), "often": row.rhythm if row.rhythm in dict(RHYTHMS) else OTHER,
        "valid_from": max(row.valid_from, clock.today() + dt.timedelta(days=1)),
    }  # fmt: skip
    form = RuleForm(_places(actor), request.POST or None, initial=initial, fixed=True)
    return _rule(request, actor, form, _("修改应办规则：%(name)s") % {"name": row.name}, row.code)


@login_required
@require_http_methods(["GET", "POST"])
def rule_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a rule end on a day."""
    actor, row = _own(request, pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_rule(actor=actor, rule_id=pk, valid_to=form.cleaned_data["valid_to"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("web:register", "obligations.rules")
    context = {"form": form, "title": _("终止应办规则：%(name)s") % {"name": row.name}, "back": _list()}
    return render(request, "desk/term.html", context, status=422 if form.errors else 200)


def _own(request: HttpRequest, pk: int) -> tuple[Actor, Rule]:
    actor: Actor = actor_of(request)
    row = policy_for(Rule).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not policy_for(Rule).can(actor, "set", row):
        raise PermissionDenied
    return actor, row


def _places(actor: Actor) -> Places:
    return Places.inside([code or settings.HOME_PLACE for code in actor.places_for(SET_RULES)])


def _list() -> str:
    return reverse("web:register", args=["obligations.rules"])


def _rule(request: HttpRequest, actor: Actor, form: RuleForm, title: str, code: str) -> HttpResponse:
    """First the dates that the rule would ask for; then, said again, it is saved."""
    dates: list[Period] | None = None
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = form.cleaned_data | ({"code": code} if code else {})
        try:
            if request.POST.get("do") == "save":
                set_rule(actor=actor, new=NewRule(**given))
                messages.success(request, _("已保存，应办事项已按新规则推算。"))
                return redirect("web:register", "obligations.rules")
            dates = next_periods(NewRule(**given))
        except Refused as refusal:
            form.refuse(refusal)
    context = {"form": form, "title": title, "back": _list(), "dates": dates}
    return render(request, "desk/rule.html", context, status=422 if form.errors else 200)

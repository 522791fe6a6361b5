"""Calling up at the desk: the board of positions and shifts, one shift with its people, the roster on paper."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.policies import may_organise
from doorstep.kernel.activities.selectors import visible_session
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.context import page_of
from doorstep.modules.vanguard import forms, pages, selectors, selectors_callups, services_callups
from doorstep.modules.vanguard.models import Callup
from doorstep.modules.vanguard.pages_acting import acted, carried_out, desk_page
from doorstep.modules.vanguard.policies import CALL, VIEW
from doorstep.modules.vanguard.selectors import SHIFT
from doorstep.modules.vanguard.services_callups import NewCallup, NewPosition


@desk_page
@require_GET
def callups(request: HttpRequest) -> HttpResponse:
    """Call-ups under way, and those behind."""
    actor = actor_of(request)
    if not actor.holds_somewhere(VIEW):
        raise Http404
    rows = list(policy_for(Callup).visible_to(actor).order_by("-starts_on", "-pk")[:60])
    context = {
        "rows": rows, "names": selectors.unit_names(row.unit_id for row in rows), "calls": actor.holds_somewhere(CALL),
    }  # fmt: skip
    return render(request, "vanguard/callups.html", context)


@desk_page
@require_http_methods(["GET", "POST"])
def call_up(request: HttpRequest) -> HttpResponse:
    """A new call-up."""
    actor = actor_of(request)
    if not actor.holds_somewhere(CALL):
        raise Http404
    places = pages.areas(actor.places_for(CALL), ("county", "street"))
    initial = {"key": uuid.uuid4()}
    form = forms.CallupForm(places, pages.own_units(actor), request.POST or None, initial=initial)
    made: list[int] = []

    def act() -> None:
        data = dict(form.cleaned_data)
        key, unit = data.pop("key"), whole_number(data.pop("unit")) or 0
        made.append(services_callups.call_up(actor=actor, new=NewCallup(unit_id=unit, **data), key=key).pk)

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已发起。接着通知单位，设岗位和班次。"))
        return redirect("vanguard:callup", made[0])
    return acted(request, form, _("发起党员集结"), reverse("vanguard:callups"))


def _seen(request: HttpRequest, pk: int) -> tuple[Actor, Callup]:
    actor = actor_of(request)
    row = selectors_callups.seen_callup(actor, pk)
    page_of(request).place_code = row.place_code
    return actor, row


def _day(request: HttpRequest) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


@desk_page
@require_http_methods(["GET", "POST"])
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """Positions by shifts, who stands where and how many are still wanted; whom is called."""
    actor, row = _seen(request, pk)
    calls = policy_for(Callup).can(actor, "call", row)
    units = pages.callable_units(actor, row.place_code) if calls else []
    posts = pages.callable_posts(row.place_code) if calls else []
    form = forms.CallForm(units, posts, request.POST or None)
    if request.method == "POST":
        policy_for(Callup).require(actor, "call", row)

    def act() -> None:
        data = form.cleaned_data
        services_callups.call(
            actor=actor, callup_id=pk, people=data["people"], unit_id=whole_number(data["unit"]),
            post_id=whole_number(data["post"]),
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已通知。"))
        return redirect("vanguard:callup", pk)
    shown = selectors_callups.board_of(actor, row)
    context = {
        "shown": shown, "table": selectors_callups.day_table(shown, _day(request)), "callup": row, "calls": calls and row.ended_at is None, "form": form,
        "unit": selectors.unit_names([row.unit_id]).get(row.unit_id, ""),
    }  # fmt: skip
    return render(request, "vanguard/callup.html", context, status=422 if form.is_bound else 200)


@desk_page
@require_http_methods(["GET", "POST"])
def position(request: HttpRequest, pk: int) -> HttpResponse:
    """A position with its shifts."""
    actor, row = _seen(request, pk)
    policy_for(Callup).require(actor, "call", row)
    places = pages.areas([row.place_code])
    initial = {"key": uuid.uuid4(), "first_day": row.starts_on, "last_day": row.ends_on}
    form = forms.PositionForm(places, request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        new = NewPosition(
            place_code=data["place_code"], title=data["title"], where=data["where"], phone=data["phone"]
        )
        shifts = [
            NewSession(starts_at=starts, ends_at=ends, capacity=data["capacity"])
            for starts, ends in form.times()
        ]
        services_callups.add_position(actor=actor, callup_id=pk, new=new, shifts=shifts, key=data["key"])

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("岗位和班次设好了，报到的党员在手机上报名。"))
        return redirect("vanguard:callup", pk)
    return acted(
        request, form, _("设岗位：%(what)s") % {"what": row.name}, reverse("vanguard:callup", args=[pk])
    )


@desk_page
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """It is over, or called off."""
    actor, row = _seen(request, pk)
    policy_for(Callup).require(actor, "call", row)
    form = forms.WordsForm(_("收尾或取消的原因"), request.POST or None, longest=200)
    back = reverse("vanguard:callup", args=[pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form,
            lambda: services_callups.end_callup(actor=actor, callup_id=pk, reason=form.cleaned_data["words"]),
        )
    ):
        messages.success(request, _("已收尾，未到的班次已取消并通知。"))
        return redirect(back)
    note = _("还没到的班次会取消，报了名的人会收到通知；已经站过的班和到场记录都留着。")
    return acted(request, form, _("收尾：%(what)s") % {"what": row.name}, back, note=note)


@desk_page
@require_GET
def roster(request: HttpRequest, pk: int) -> HttpResponse:
    """By day and time, for the wall and for the pocket."""
    actor, row = _seen(request, pk)
    policy_for(Callup).require(actor, "call", row)
    printed = selectors_callups.roster_of(selectors_callups.board_of(actor, row))
    return render(request, "vanguard/roster.html", {"callup": row, "days": printed.days})


@desk_page
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One shift in office: who is in it, putting somebody in, notes; who was there is ticked and confirmed as everywhere."""
    actor = actor_of(request)
    session: Session = visible_session(actor, pk)
    if session.kind != SHIFT:
        raise Http404
    page_of(request).place_code = session.place_code[:12]
    organises = may_organise(actor, session.activity.organiser_id, session.place_code)
    looked_for = (request.POST.get("q") or request.GET.get("q") or "").strip()[:40]
    form = forms.AssignForm(pages.found_persons(actor, looked_for), request.POST or None)
    if request.method == "POST":
        policy_for(Session).require(actor, "organise", session)

    def act() -> None:
        person = whole_number(form.cleaned_data["person"]) or 0
        services_callups.assign(actor=actor, session_id=pk, person_id=person)

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已安排；名额满了的排在候补。"))
        return redirect("vanguard:desk_shift", pk)
    position_row = getattr(session.activity, "vanguard_position", None)
    context: dict[str, Any] = {
        "shown": selectors_callups.shift_page(actor, session), "form": form, "organises": organises, "looked_for": looked_for,
        "callup": position_row.callup if position_row else None,
    }  # fmt: skip
    return render(request, "vanguard/desk_shift.html", context, status=422 if form.is_bound else 200)

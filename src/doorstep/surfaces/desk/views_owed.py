"""What we owe: a unit's year, a place's, the calendar; minutes kept and cancelled, and what is excused."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.feeds import answer_with
from doorstep.kernel.obligations import selectors
from doorstep.kernel.obligations.entitled import entitled_to
from doorstep.kernel.obligations.feeds import owed_file
from doorstep.kernel.obligations.models import Exemption, Minutes, Rule, UnitCalendar
from doorstep.kernel.obligations.policies import SET_RULES, own_units
from doorstep.kernel.obligations.services_calendar import digest_of, end_calendar, renew_calendar
from doorstep.kernel.obligations.services_exemptions import NewExemption, exempt, withdraw_exemption
from doorstep.kernel.obligations.services_minutes import NewMinutes, cancel_minutes, record_minutes
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.counting import address_of, counted
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.surfaces.desk import owed
from doorstep.surfaces.desk.forms_owed import ExemptionForm, MinutesForm, NothingForm, ReasonForm

FEEDS_PER_MINUTE = 60  # for one address: an office's phones share theirs, and each asks every few hours


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The page of the reader's own unit, or of their place."""
    actor = actor_of(request)
    if place := owed.own_place(actor, settings.HOME_PLACE):
        return redirect("desk:owed_place", place)
    for unit_id in own_units(actor):
        return redirect("desk:owed_unit", unit_id)
    raise Http404


def _year(request: HttpRequest) -> int:
    today = clock.today()
    asked = whole_number(request.GET.get("year", ""))
    known = asked is not None and owed.FIRST_YEAR <= asked <= today.year + owed.YEARS_AHEAD
    return asked if known and asked is not None else today.year


@login_required
@require_GET
def place(request: HttpRequest, code: str) -> HttpResponse:
    """What is owed in a place in a year, by rule and by the places below. 404 outside the reader's places."""
    actor = actor_of(request)
    if not is_code(code) or not owed.may_see(actor, code, settings.HOME_PLACE):
        raise Http404
    name = full_names_of({code}).get(code)
    if name is None:
        raise Http404
    year = _year(request)
    page_of(request).place_code = code
    context = {
        "shown": owed.place_page(actor, code, year), "place": code, "name": name, "year": year,
        "may_set": actor.holds_somewhere(SET_RULES),
        "years": range(owed.FIRST_YEAR, clock.today().year + owed.YEARS_AHEAD + 1),
    }  # fmt: skip
    return render(request, "desk/owed_place.html", context)


@login_required
@require_GET
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What a unit owes in a year. 404 for who neither serves in it nor looks after its place."""
    return _unit(request, unit_id)


def _unit(request: HttpRequest, unit_id: int, token: str = "") -> HttpResponse:
    actor = actor_of(request)
    version = owed.unit_seen(actor, unit_id)
    page_of(request).place_code = version.place_code
    feed = request.build_absolute_uri(reverse("desk:owed_feed", args=[token])) if token else ""
    context = {
        "shown": owed.unit_page(actor, version, _year(request), clock.today()), "feed": feed,
        "subscribe": re.sub(r"^https?:", "webcal:", feed), "up": owed.may_see(actor, version.place_code, settings.HOME_PLACE),
    }  # fmt: skip
    return render(request, "desk/owed_unit.html", context)


@login_required
@never_cache
@require_POST
def calendar(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A secret address for the unit's calendar, shown this once; or an end to it."""
    version = owed.unit_seen(actor_of(request), unit_id)
    probe = UnitCalendar(unit_id=unit_id, place_code=version.place_code)
    if not policy_for(UnitCalendar).can(actor_of(request), "record", probe):
        raise PermissionDenied
    if request.POST.get("do") == "end":
        end_calendar(actor=actor_of(request), unit_id=unit_id)
        messages.success(request, _("已停用，原来的地址打不开了。"))
        return redirect("desk:owed_unit", unit_id)
    return _unit(request, unit_id, renew_calendar(actor=actor_of(request), unit_id=unit_id))


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a unit owes, for who has the secret address; any other address does not exist. 429 beyond FEEDS_PER_MINUTE."""
    if counted("owed_feed", address_of(request)) > FEEDS_PER_MINUTE:
        answer = HttpResponse(
            _("读得太频繁，请一分钟后再试。"), status=429, content_type="text/plain; charset=utf-8"
        )
        answer["Retry-After"] = "60"
        return answer
    unit_id = selectors.unit_of_calendar(digest_of(token))
    if unit_id is None:
        raise Http404
    content = owed_file(
        _("%(unit)s应办事项") % {"unit": last_names([unit_id]).get(unit_id, "")}, selectors.on_calendar(unit_id),
        request.build_absolute_uri(reverse("desk:owed_unit", args=[unit_id])), request.get_host().partition(":")[0],
    )  # fmt: skip
    return answer_with(request, content, file="owed.ics", caching="private, no-cache")


@login_required
@require_http_methods(["GET", "POST"])
def minutes_new(request: HttpRequest) -> HttpResponse:
    """Minutes of a meeting of ?unit=, starting from its last ones. 403 for who sees the unit and keeps no minutes of it."""
    actor = actor_of(request)
    version = owed.unit_seen(actor, whole_number(request.GET.get("unit", "")) or 0)
    probe = Minutes(unit_id=version.unit_id, place_code=version.place_code)
    if not policy_for(Minutes).can(actor, "record", probe):
        raise PermissionDenied
    meetings = selectors.meetings_of(version.kind)
    kind = request.GET.get("kind", "")
    initial = _start(version.unit_id, kind if kind in meetings else meetings[0])
    form = MinutesForm(meetings, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        starts, ends = form.moments()
        given = {name: form.cleaned_data[name] for name in
                 ("key", "kind", "where", "entitled", "present", "agenda", "decisions")}  # fmt: skip
        try:
            row = record_minutes(
                actor=actor, new=NewMinutes(unit_id=version.unit_id, starts_at=starts, ends_at=ends, **given)
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            _say(request, row)
            return redirect(f"{reverse('desk:owed_unit', args=[version.unit_id])}?year={row.day.year}")
    return _form(
        request, form, _("登记会议记录"), version, _("只写人数，不写名单；记录就是凭据，不用再填“已办”。")
    )


def _start(unit_id: int, kind: str) -> dict[str, Any]:
    """What is likely: as last time, and those entitled as last counted."""
    start: dict[str, Any] = {"key": uuid.uuid4(), "kind": kind}
    last = selectors.last_minutes(unit_id, kind)
    if last is not None:
        hours = {name: moment.astimezone(clock.DISTRICT_ZONE).time() for name, moment in
                 (("starts", last.starts_at), ("ends", last.ends_at))}  # fmt: skip
        start |= {"where": last.where, "entitled": last.entitled} | hours
    known = entitled_to(kind, unit_id, clock.today())
    return start | ({"entitled": known} if known else {})


def _say(request: HttpRequest, row: Minutes) -> None:
    if row.quorate:
        messages.success(request, _("已登记%(kind)s。") % {"kind": row.get_kind_display()})
    else:
        messages.warning(
            request, _("已登记，但到会人数没有达到规定，不能作为凭据。应到 %(entitled)d 人，实到 %(present)d 人。")
            % {"entitled": row.entitled, "present": row.present},
        )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def minutes_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take minutes back, with a reason."""
    actor = actor_of(request)
    row = policy_for(Minutes).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not policy_for(Minutes).can(actor, "record", row):
        raise PermissionDenied
    version = owed.unit_seen(actor, row.unit_id)
    title = _("作废 %(day)s 的%(kind)s记录") % {"day": row.day, "kind": row.get_kind_display()}

    def act(given: dict[str, Any]) -> str:
        cancel_minutes(actor=actor, minutes_id=pk, reason=given["reason"])
        return _("已作废，它证明过的事项重新待办。")

    return _acted(request, ReasonForm(request.POST or None), title, version, act)


@login_required
@require_http_methods(["GET", "POST"])
def exempt_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Excuse a unit, with the number of a document."""
    actor = actor_of(request)
    version = owed.unit_seen(actor, unit_id)
    probe = Exemption(unit_id=unit_id, place_code=version.place_code)
    if not policy_for(Exemption).can(actor, "exempt", probe):
        raise PermissionDenied
    rules = [
        (row.code, row.name)
        for row in Rule.objects.in_force().filter(unit_kinds__contains=[version.kind]).order_by("code")
    ]
    due = _day(request.GET.get("due", ""))
    initial = {"code": request.GET.get("code", "")} | ({"since": due, "until": due} if due else {})
    form = ExemptionForm(rules, request.POST or None, initial=initial)

    def act(given: dict[str, Any]) -> str:
        exempt(actor=actor, new=NewExemption(unit_id=unit_id, **given))
        return _("已豁免。")

    return _acted(request, form, _("豁免应办事项"), version, act)


@login_required
@require_http_methods(["GET", "POST"])
def exemption_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End an exemption: what it excused is owed again."""
    actor = actor_of(request)
    row = policy_for(Exemption).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not policy_for(Exemption).can(actor, "exempt", row):
        raise PermissionDenied
    version = owed.unit_seen(actor, row.unit_id)

    def act(given: dict[str, Any]) -> str:
        withdraw_exemption(actor=actor, exemption_id=pk)
        return _("已撤销，这些事项重新待办。")

    title = _("撤销豁免（%(document)s）") % {"document": row.document}
    return _acted(request, NothingForm(request.POST or None), title, version, act)


def _acted(
    request: HttpRequest, form: Any, title: str, version: UnitVersion, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """One form that does one thing to what a unit owes."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
        except NotVisible:
            raise Http404 from None
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("desk:owed_unit", version.unit_id)
    return _form(request, form, title, version)


def _form(request: HttpRequest, form: Any, title: str, version: UnitVersion, about: str = "") -> HttpResponse:
    page_of(request).place_code = version.place_code
    context = {
        "form": form, "title": title, "version": version, "about": about,
        "back": reverse("desk:owed_unit", args=[version.unit_id]),
    }  # fmt: skip
    return render(request, "desk/owed_form.html", context, status=422 if form.errors else 200)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None

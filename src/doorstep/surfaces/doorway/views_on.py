"""What is on: everybody reads it, who has a name joins, who is there says so with the code on the organiser's screen."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.feeds import TENTATIVE, answer_with, calendar_file
from doorstep.kernel.activities.kinds import all_kinds, is_kind
from doorstep.kernel.activities.models import JOINED, Session
from doorstep.kernel.activities.policies import may_organise
from doorstep.kernel.activities.selectors import (
    own_calendar,
    own_sign_ups,
    public_session,
    sign_ups_at,
    standing_of,
    visible_session,
)
from doorstep.kernel.activities.services_attendance import check_in, check_out, is_shown
from doorstep.kernel.activities.services_calendar import digest_of, end_calendar, renew_calendar
from doorstep.kernel.activities.services_sign_up import agree_as_guardian, join, withdraw
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.frame.headers import with_camera
from doorstep.surfaces.doorway import on
from doorstep.surfaces.doorway.forms_on import YearForm
from doorstep.surfaces.doorway.pace import counted, paced
from doorstep.surfaces.doorway.views import around

CODES_PER_MINUTE = 10  # tries at the code on the screen, for one account
FARTHEST = 400  # days ahead that are looked at
resident_only = login_required(login_url="doorway:sign_in")


@require_GET
@paced
def whats_on(request: HttpRequest) -> HttpResponse:
    """Two weeks of what is public around my door, or in a place that is asked for."""
    context = around(request) | {"strip": "nearby"}
    place = _asked_place(request, context["community_code"])
    today = clock.today()
    first = min(max(_asked_day(request) or today, today), today + dt.timedelta(days=FARTHEST))
    kind = request.GET.get("kind", "")
    kind = kind if is_kind(kind) else ""
    days, more = on.days_in(place, first, kind)
    context |= {
        "days": days, "more": more, "place": place, "place_name": name_of_place(place), "kind": kind,
        "kinds": all_kinds(), "first": first, "later": first + dt.timedelta(days=on.DAYS),
        "earlier": first - dt.timedelta(days=on.DAYS) if first > today else None,
        "wider": [(place[:length], name) for length, name in ((9, _("整个街道")), (6, _("全区"))) if len(place) > length],
        "mine": own_sign_ups(actor_of(request), most=5),
    }  # fmt: skip
    return render(request, "doorway/on.html", context)


def _asked_day(request: HttpRequest) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return None


def _asked_place(request: HttpRequest, own: str) -> str:
    asked = request.GET.get("place", "")
    if is_code(asked) and len(asked) >= 6 and asked.startswith(settings.HOME_PLACE[:6]):
        return asked
    return own or settings.HOME_PLACE


@never_cache
@require_GET
@paced
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """One session: what, when, where, who; how I stand to it. What is not public has its page with its kind."""
    try:
        row = _session(request, session_id)
    except Http404:
        if page := on.page_elsewhere(actor_of(request), session_id):
            return redirect(page)
        raise
    return _page(request, row)


def _page(request: HttpRequest, row: Session, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    shown = on.shown(actor, row)
    context = around(request) | {
        "shown": shown, "session": row, "activity": row.activity, "strip": "nearby", "anonymous": actor.person_id is None,
        "organises": may_organise(actor, row.activity.organiser_id, row.place_code),
        "guardian_address": _guardian_address(request, shown.guardian_link), "form": YearForm(),
    }  # fmt: skip
    return render(request, "doorway/on_session.html", context | more, status=status)


def _guardian_address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("doorway:agree", args=[token])) if token else ""


def _session(request: HttpRequest, session_id: int) -> Session:
    """A public session, or one that exists for the reader in office. Raises Http404."""
    found = public_session(session_id)
    if found is None:
        try:
            found = visible_session(actor_of(request), session_id)
        except NotVisible:
            raise Http404 from None
    return found


def _session_on_the_spot(request: HttpRequest, session_id: int, code: str) -> Session:
    """The same, and a private one for who stands before its screen or came already. Raises Http404."""
    found = Session.objects.select_related("activity").filter(pk=session_id).first()
    if found is not None and (is_shown(session_id, code) or standing_of(actor_of(request), found).state):
        return found
    return _session(request, session_id)


@resident_only
@require_POST
def joining(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign up; where the year is asked for it comes with it."""
    row = _session(request, session_id)
    form = YearForm(request.POST)
    if not form.is_valid():
        return _page(request, row, 422, form=form)
    try:
        made = join(
            actor=actor_of(request), session_id=row.pk,
            who=on.applicant_of(actor_of(request), form.cleaned_data["born_in"]),
        )  # fmt: skip
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, row, 422, form=form)
    said = {
        "joined": _("报名好了。"), "waiting": _("名额已满，已排候补；有人退出时自动转正，会告诉您。"),
        "asking": _("还差一步：请把下面的链接发给监护人，监护人点一下同意。"),
    }  # fmt: skip
    messages.success(request, said[made.state])
    return redirect("doorway:on", row.pk)


@resident_only
@require_POST
def leaving(request: HttpRequest, session_id: int) -> HttpResponse:
    row = _session(request, session_id)
    actor = actor_of(request)
    try:
        withdraw(actor=actor, session_id=row.pk, person_id=int(actor.person_id or 0))
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("已退出，名额让给候补的人。"))
    return redirect("doorway:on", row.pk)


@resident_only
@with_camera
@never_cache
@require_http_methods(["GET", "POST"])
def here(request: HttpRequest, session_id: int) -> HttpResponse:
    """I am here, or I go: by the code on the organiser's screen, scanned (then it is in the address) or typed."""
    code = (request.POST.get("code") or request.GET.get("code") or "")[:40]
    row, actor = _session_on_the_spot(request, session_id, code), actor_of(request)
    standing = standing_of(actor, row)
    context = around(request) | {
        "session": row, "activity": row.activity, "standing": standing.state, "strip": "nearby", "code": code,
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "doorway/here.html", context)
    if counted("attendance", f"account {actor.account_id}") > CODES_PER_MINUTE:
        answer = render(request, "doorway/too_often.html", status=429)
        answer["Retry-After"] = "60"
        return answer
    going = request.POST.get("do") == "out"
    try:
        if going:
            made = check_out(actor=actor, session_id=row.pk, code=code)
        else:
            made = check_in(
                actor=actor, session_id=row.pk, code=code, born_in=on.applicant_of(actor, None).born_in
            )
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        return render(request, "doorway/here.html", context | {"refusal": refusal.message}, status=422)
    said = (
        _("已登记离场，一共 %(n)d 分钟。谢谢您。") % {"n": made.minutes}
        if going
        else _("已登记到场。走的时候再扫一次码。")
    )
    messages.success(request, said)
    return redirect("doorway:on", row.pk) if row.activity.is_public else redirect("doorway:my_activities")


@resident_only
@never_cache
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """A guardian's word, by the link the minor passed on."""
    asked = on.sign_up_asked(token)
    if asked is None:
        raise Http404
    context = around(request) | {
        "sign_up": asked,
        "session": asked.session,
        "activity": asked.session.activity,
    }
    if request.method == "POST":
        try:
            agree_as_guardian(actor=actor_of(request), sign_up_id=asked.pk)
        except Refused as refusal:
            context["refusal"] = refusal.message
            return render(request, "doorway/guardian.html", context, status=422)
        messages.success(request, _("您已同意。"))
        is_public = asked.session.activity.is_public
        return redirect("doorway:on", asked.session_id) if is_public else redirect("doorway:home")
    return render(request, "doorway/guardian.html", context)


@resident_only
@never_cache
@require_GET
def my_activities(request: HttpRequest) -> HttpResponse:
    """What I mean to come to, and what lies behind."""
    return _mine(request)


def _mine(request: HttpRequest, token: str = "") -> HttpResponse:
    actor = actor_of(request)
    feed = request.build_absolute_uri(reverse("doorway:own_feed", args=[token])) if token else ""
    context = around(request) | {
        "coming": own_sign_ups(actor), "past": own_sign_ups(actor, past=True, most=30), "strip": "mine",
        "calendar": own_calendar(actor), "feed": feed, "subscribe": re.sub(r"^https?:", "webcal:", feed),
    }  # fmt: skip
    return render(request, "doorway/my_activities.html", context)


@resident_only
@never_cache
@require_POST
def calendar(request: HttpRequest) -> HttpResponse:
    """An address for my phone's calendar, shown this once; or an end to it."""
    try:
        if request.POST.get("do") == "end":
            end_calendar(actor=actor_of(request))
            messages.success(request, _("已停用，原来的地址打不开了。"))
            return redirect("doorway:my_activities")
        return _mine(request, renew_calendar(actor=actor_of(request)))
    except NotVisible:
        raise Http404 from None


@paced
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own activities, for who has the secret address; any other address does not exist."""
    found = sign_ups_at(digest_of(token))
    if found is None:
        raise Http404
    content = calendar_file(
        _("我的活动"), [(row.session, "" if row.state == JOINED else TENTATIVE) for row in found],
        lambda session: request.build_absolute_uri(reverse("doorway:on", args=[session.pk])),
        request.get_host().partition(":")[0],
    )  # fmt: skip
    return answer_with(request, content, file="mine.ics", caching="private, no-cache")

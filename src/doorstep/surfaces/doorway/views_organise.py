"""Organising on a phone or at a desk: announce, the code on the screen, ticks, insurance, moving, calling off, confirming."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities import codes, services
from doorstep.kernel.activities.models import ANNOUNCED, BY_CARD, BY_TICK, CONFIRMED, Attendance, Session
from doorstep.kernel.activities.policies import KEEP, ORGANISE, may_organise
from doorstep.kernel.activities.selectors import is_open_for_sign_up, seats_of, visible_session
from doorstep.kernel.activities.services import NewActivity, NewSession
from doorstep.kernel.activities.services_attendance import (
    Presence,
    confirm,
    correct,
    return_confirmation,
    tick,
)
from doorstep.kernel.activities.services_sign_up import join, note_guardians_paper
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.frame.headers import with_camera
from doorstep.kernel.web.pages import View, guarded
from doorstep.kernel.web.qr import qr_svg
from doorstep.modules.volunteering.models import SKILLS
from doorstep.modules.volunteering.services_cards import holder_of, tick_by_card
from doorstep.surfaces.doorway import on, organising
from doorstep.surfaces.doorway.forms_on import (
    AnnounceForm,
    ConfirmForm,
    CorrectForm,
    InsuranceForm,
    ReasonForm,
    SignUpForm,
    TimesForm,
    in_district,
)

WEEK = dt.timedelta(days=7)


def organiser_page(view: View) -> View:
    """For who organises anything; what is not theirs does not exist."""

    @wraps(view)
    def organised(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not actor_of(request).holds_somewhere(ORGANISE):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(guarded(organised, says_forbidden=True))


@organiser_page
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """What waits to be confirmed, and what is to come."""
    found = organising.board_of(actor_of(request))
    return render(request, "doorway/organise.html", {"board": found})


@organiser_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Announce an activity."""
    actor = actor_of(request)
    choices = organising.choices_for(actor)
    form = AnnounceForm(
        choices.categories, choices.units, choices.places, SKILLS, request.POST or None,
        initial={"token": uuid.uuid4(), "repeats": 1},
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = _announced(actor, form, choices)
            except (NotVisible, NotAllowed):
                raise
            except Refused as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("已发布。"))
                return redirect("doorway:organised", made.sessions.order_by("number")[0].pk)
    context = {"form": form, "can": bool(choices.units and choices.categories)}
    return render(request, "doorway/organise_new.html", context, status=status)


def _announced(actor: Any, form: AnnounceForm, choices: organising.Choices) -> Any:
    data = form.cleaned_data
    kind, code = data["category"].split(":", 1)
    category = organising.category_at(kind, code, data["place_code"])
    starts, ends = in_district(data["starts_at"]), in_district(data["ends_at"])
    assert starts is not None and ends is not None  # the form requires both
    times = [
        NewSession(starts_at=starts + WEEK * number, ends_at=ends + WEEK * number, capacity=data["capacity"])
        for number in range(data["repeats"])
    ]
    activity = NewActivity(
        kind=kind, category=category.code, place_code=data["place_code"], organiser_id=int(data["organiser"]),
        title=data["title"], where=data["where"], text=data["text"], phone=data["phone"], skill=data["skill"],
        least_age=data["least_age"], most_age=data["most_age"], needs_insurance=category.needs_insurance,
        by_sign_up=data["by_sign_up"], is_public=data["is_public"],
    )  # fmt: skip
    return services.announce(actor=actor, new=activity, sessions=times, key=data["token"])


@with_camera
@organiser_page
@require_GET
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """One session for its organiser."""
    return _page(request, _own(request, session_id))


def _own(request: HttpRequest, session_id: int) -> Session:
    row = visible_session(actor_of(request), session_id)
    if not may_organise(actor_of(request), row.activity.organiser_id, row.place_code):
        raise NotVisible("")
    return row


def _page(request: HttpRequest, row: Session, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    guests = organising.guests_of(actor, row)
    now = clock.now()
    end = min(now, row.ends_at)
    still = [guest for guest in guests if guest.state == "there"]
    context = {
        "line": on.lines_of([row])[0], "session": row, "activity": row.activity, "guests": guests, "still": still,
        "is_open": row.state == ANNOUNCED, "is_over": now >= row.ends_at, "has_begun": now >= row.starts_at,
        "is_confirmed": row.state == CONFIRMED, "own": actor.person_id,
        "may_return": row.state == CONFIRMED and row.confirmed_by_id != actor.person_id and actor.holds(KEEP, row.place_code),
        "return_form": ReasonForm(initial={"version": row.lock_version}),
        "confirm_form": ConfirmForm(initial={"version": row.lock_version, "close_at": _typed(end) if still else None}),
        "move_form": TimesForm(
            initial={"starts_at": _typed(row.starts_at), "ends_at": _typed(row.ends_at), "capacity": row.capacity}
        ),
        "takes_sign_ups": is_open_for_sign_up(row), "sign_up_form": SignUpForm(),
        "cancel_form": ReasonForm(initial={"version": row.lock_version}), "insurance_form": InsuranceForm(),
        "in_at": _typed(row.starts_at), "out_at": _typed(row.ends_at),
    }  # fmt: skip
    return render(request, "doorway/organised.html", context | more, status=status)


def _typed(moment: dt.datetime) -> dt.datetime:
    """As a field for a local time shows it."""
    return moment.astimezone(clock.DISTRICT_ZONE).replace(tzinfo=None, second=0, microsecond=0)


@organiser_page
@require_GET
def code(request: HttpRequest, session_id: int) -> HttpResponse:
    """The code for everybody to scan or type, new every half minute."""
    row = _own(request, session_id)
    part = "doorway/_code_now.html" if request.headers.get("HX-Request") else "doorway/code.html"
    now = clock.now()
    address = f"{reverse('doorway:here', args=[row.pk])}?code={codes.scanned_code(row.pk, now)}"
    typed = codes.typed_code(row.pk, now)
    context = {
        "session": row, "activity": row.activity, "typed": f"{typed[:3]} {typed[3:]}", "left": codes.seconds_left(now),
        "count": seats_of([row.pk])[row.pk].there,
        "qr": mark_safe(qr_svg(request.build_absolute_uri(address))),
    }  # fmt: skip
    return render(request, part, context)


@with_camera
@organiser_page
@require_POST
def act(request: HttpRequest, session_id: int, what: str) -> HttpResponse:
    """One of the organiser's acts; a refusal comes back on the page with what was written."""
    row = _own(request, session_id)
    if what not in ACTS:
        raise Http404
    try:
        said, more = ACTS[what](request, row)
    except NotVisible:
        raise
    except Refused as refusal:
        return _page(request, row, 422, refusal=refusal.message, opened=what)
    if more:
        return _page(request, row, 422, opened=what, **more)
    messages.success(request, said)
    return redirect("doorway:organised", row.pk)


Done = tuple[str, dict[str, Any]]


def _tick(request: HttpRequest, row: Session) -> Done:
    chosen = [number for number in map(whole_number, request.POST.getlist("person")) if number]
    came, went = _moment(request, "in_at"), _moment(request, "out_at")
    if not chosen or came is None:
        raise Refused(_("请勾选到场的人，并填到场时间。"))
    present = [Presence(person_id=number, in_at=came, out_at=went) for number in chosen]
    known = {guest.person_id for guest in organising.guests_of(actor_of(request), row)}
    if not set(chosen) <= known:
        raise Refused(_("名单里没有这个人，请刷新后再点名。"))
    years = organising.years_of(chosen)
    tick(actor=actor_of(request), session_id=row.pk, present=present, by=BY_TICK, born_in=years)
    return _("已登记 %(n)d 人。") % {"n": len(present)}, {}


def _card(request: HttpRequest, row: Session) -> Done:
    """A card's code: the first time its holder comes, the second goes. A number, of the team's own or who signed up: a tick."""
    text, came, went = (
        request.POST.get("number", "")[:40],
        _moment(request, "card_in_at"),
        _moment(request, "card_out_at"),
    )
    if came is None and went is None and holder_of(text) is not None:
        tick_by_card(actor=actor_of(request), session_id=row.pk, code=text)
        return _("已凭卡登记。"), {}
    holder = holder_of(text)
    person = holder.person_id if holder is not None else organising.person_of_number(row, text)
    if person is None:
        raise Refused(_("没有这张卡，或者这个编号不在名单和队员里。请本人出示卡。"))
    start = min(max(clock.now(), row.starts_at), row.ends_at - dt.timedelta(minutes=1))
    present = [Presence(person_id=person, in_at=came or start, out_at=went)]
    by = BY_CARD if holder is not None else BY_TICK
    tick(
        actor=actor_of(request),
        session_id=row.pk,
        present=present,
        by=by,
        born_in=organising.years_of([person]),
    )
    return _("已登记。"), {}


def _sign_up(request: HttpRequest, row: Session) -> Done:
    """Somebody without a phone: a volunteer by card or number, known to the team or to who organises."""
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return "", {"sign_up_form": form}
    actor, text = actor_of(request), form.cleaned_data["who"]
    who = organising.applicant_named(actor, row, text, form.cleaned_data["born_in"])
    if who is None:
        raise Refused(_("没有找到这个人：请填卡上的码，或者本队志愿者的编号。别人请先登记成志愿者。"))
    made = join(actor=actor, session_id=row.pk, who=who, paper_seen=form.cleaned_data["paper_seen"])
    said = {
        "joined": _("已报名。"), "waiting": _("名额已满，已排候补。"),
        "asking": _("还差监护人同意：看过签字以后，在名单里点“看过监护人签字”。"),
    }  # fmt: skip
    return said[made.state], {}


def _paper(request: HttpRequest, row: Session) -> Done:
    person = whole_number(request.POST.get("person", "")) or 0
    note_guardians_paper(actor=actor_of(request), session_id=row.pk, person_id=person)
    return _("已记下：您看过监护人的签字。"), {}


def _return(request: HttpRequest, row: Session) -> Done:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return "", {"return_form": form}
    return_confirmation(actor=actor_of(request), session_id=row.pk, reason=form.cleaned_data["reason"])
    return _("已退回组织者重新确认。"), {}


def _moment(request: HttpRequest, name: str) -> dt.datetime | None:
    field = TimesForm.base_fields["starts_at"]
    try:
        return in_district(field.to_python(request.POST.get(name) or None))
    except Exception as fault:
        raise Refused(_("时间没有写对。"), field=name) from fault


def _insure(request: HttpRequest, row: Session) -> Done:
    form = InsuranceForm(request.POST)
    if not form.is_valid():
        return "", {"insurance_form": form}
    services.note_insurance(actor=actor_of(request), session_id=row.pk, policy=form.cleaned_data["insurance"])
    return _("保险已登记。"), {}


def _move(request: HttpRequest, row: Session) -> Done:
    form = TimesForm(request.POST)
    if not form.is_valid():
        return "", {"move_form": form}
    starts, ends = in_district(form.cleaned_data["starts_at"]), in_district(form.cleaned_data["ends_at"])
    assert starts is not None and ends is not None  # the form requires both
    times = NewSession(starts_at=starts, ends_at=ends, capacity=form.cleaned_data["capacity"])
    version = whole_number(request.POST.get("version")) or 0
    services.move_session(actor=actor_of(request), session_id=row.pk, new=times, expected_version=version)
    return _("已改，报名的人会收到通知。"), {}


def _cancel(request: HttpRequest, row: Session) -> Done:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return "", {"cancel_form": form}
    services.cancel_session(
        actor=actor_of(request), session_id=row.pk, reason=form.cleaned_data["reason"],
        expected_version=form.cleaned_data["version"],
    )  # fmt: skip
    return _("已取消，报名的人会收到通知。"), {}


def _confirm(request: HttpRequest, row: Session) -> Done:
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return "", {"confirm_form": form}
    data = form.cleaned_data
    confirm(
        actor=actor_of(request), session_id=row.pk, expected_version=data["version"], head_count=data["head_count"],
        close_at=in_district(data["close_at"]),
    )  # fmt: skip
    return _("已确认。由另一位工作人员审核后，时长和积分记入每个人的存折。"), {}


ACTS: dict[str, Callable[[HttpRequest, Session], Done]] = {
    "tick": _tick, "card": _card, "paper": _paper, "return": _return, "sign_up": _sign_up, "insure": _insure, "move": _move, "cancel": _cancel, "confirm": _confirm,
}  # fmt: skip


@organiser_page
@require_http_methods(["GET", "POST"])
def correcting(request: HttpRequest, session_id: int, attendance_id: int) -> HttpResponse:
    """A second person puts an attendance right."""
    row = _own(request, session_id)
    came = Attendance.objects.filter(pk=attendance_id, session=row).select_related("person").first()
    if came is None:
        raise Http404
    form = CorrectForm(
        request.POST or None,
        initial={"in_at": _typed(came.in_at), "out_at": _typed(came.out_at) if came.out_at else None},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                correct(
                    actor=actor_of(request), attendance_id=came.pk, reason=data["reason"], struck=data["struck"],
                    in_at=in_district(data["in_at"]), out_at=in_district(data["out_at"]),
                )  # fmt: skip
            except NotVisible:
                raise
            except Refused as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("已更正，原来的记录和原因都留着。"))
                return redirect("doorway:organised", row.pk)
    context = {"form": form, "session": row, "activity": row.activity, "came": came}
    return render(request, "doorway/correct.html", context, status=status)

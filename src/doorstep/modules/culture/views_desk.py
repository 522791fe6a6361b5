"""An event in office: planning one, its page with everything about it, change, move, cancel, confirm."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.models import ANNOUNCED, Session
from doorstep.kernel.activities.policies import ORGANISE
from doorstep.kernel.activities.selectors import seats_of
from doorstep.kernel.activities.services import cancel_session, move_session
from doorstep.kernel.activities.services_attendance import confirm
from doorstep.kernel.shared import clock
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.pages import carried_out as said_at_its_field
from doorstep.kernel.web.pages import guarded
from doorstep.modules.culture import rules, selectors, services
from doorstep.modules.culture.activity_kind import EVENT, category_name
from doorstep.modules.culture.forms import (
    CancelForm,
    ChangeForm,
    ConfirmForm,
    CultureForm,
    MoveForm,
    PictureForm,
    PlanForm,
)
from doorstep.modules.culture.models import Event
from doorstep.modules.culture.policies import KEEP

desk_page = partial(guarded, says_forbidden=True)
carried_out = partial(said_at_its_field, says_forbidden=True)


def acted(
    request: HttpRequest, form: CultureForm, title: Any, back: str, status: int = 200, **more: Any
) -> HttpResponse:
    return render(
        request, "culture/act.html", {"form": form, "title": title, "back": back, **more}, status=status
    )


@desk_page
def plan(request: HttpRequest) -> HttpResponse:
    """Announce an event, once or every week for some weeks."""
    actor = actor_of(request)
    organisers = selectors.organiser_choices(actor)
    if not organisers or not actor.holds_somewhere(ORGANISE):
        raise Http404
    places = selectors.planning_places(actor, ORGANISE)
    codes = actor.places_for(ORGANISE)
    asked = {"key": uuid.uuid4(), "place_code": request.GET.get("place", "")}
    form = PlanForm(
        places, organisers, selectors.series_choices(codes), selectors.compound_choices(codes), request.POST or None,
        initial=asked,
    )  # fmt: skip
    back = reverse("web:register", args=["culture.events"])
    title = _("策划文化活动")
    if request.method != "POST":
        return acted(request, form, title, back)
    planned: list[Event] = []
    if form.is_valid() and carried_out(form, lambda: planned.append(_plan(actor, form))):
        messages.success(request, _("已发布。"))
        first = Session.objects.filter(activity=planned[0].activity_id).order_by("number").first()
        return redirect("culture:desk_event", first.pk if first else 0)
    return acted(request, form, title, back, status=422)


def _plan(actor: Actor, form: PlanForm) -> Event:
    data = form.cleaned_data
    activity = NewActivity(
        kind=EVENT, category=data["category"], place_code=data["place_code"], organiser_id=data["organiser"],
        title=data["title"], where=data["where"], text=data["text"], phone=data["phone"], by_sign_up=data["by_sign_up"],
        is_public=data["is_public"],
    )  # fmt: skip
    times = [
        NewSession(starts_at=starts, ends_at=ends, capacity=data["capacity"]) for starts, ends in form.times()
    ]
    new = services.NewEvent(
        activity=activity, sessions=times, series_id=data["series"], compound_id=data["compound"], hosts=data["hosts"],
        programme=data["programme"],
    )  # fmt: skip
    return services.plan_event(actor=actor, new=new, key=data["key"])


@desk_page
@require_GET
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one time of an event, with what can be done now."""
    return shown(request, selectors.event_seen(actor_of(request), pk))


def shown(
    request: HttpRequest, session: Session, *, confirming: CultureForm | None = None,
    picture: CultureForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page, with a form of it that was refused."""
    actor = actor_of(request)
    page_of(request).place_code = session.place_code[:12]
    found: Event | None = getattr(session.activity, "cultural_event", None)
    costs = selectors.costs_of(found) if found else []
    standing = [cost for cost in costs if cost.taken_back_at is None]
    began = clock.now() >= session.starts_at
    context = {
        "session": session, "activity": session.activity, "event": found, "category": category_name(session.category),
        "organiser": selectors.unit_names([session.activity.organiser_id]).get(session.activity.organiser_id, ""),
        "seats": seats_of([session.pk])[session.pk],
        "costs": [(cost, rules.yuan_words(cost.fen)) for cost in costs],
        "spent": rules.yuan_words(sum(cost.fen for cost in standing)),
        "purses": selectors.purses_for(actor, session.place_code) if found and actor.holds_somewhere(KEEP) else [],
        "pictures": selectors.office_pictures(actor, session.pk), "said": selectors.said_of(session.pk),
        "organises": policy_for(Session).can(actor, "organise", session), "open": session.state == ANNOUNCED, "began": began,
        "over": clock.now() >= session.ends_at, "back": reverse("web:register", args=["culture.events"]),
        "confirm_form": confirming or ConfirmForm(initial={"version": session.lock_version}),
        "picture_form": picture or PictureForm(), "form": confirming or picture,
    }  # fmt: skip
    return render(request, "culture/desk_event.html", context, status=status)


def _organised(request: HttpRequest, pk: int) -> Session:
    """Raises NotVisible or NotAllowed."""
    session = selectors.event_seen(actor_of(request), pk)
    policy_for(Session).require(actor_of(request), "organise", session)
    page_of(request).place_code = session.place_code[:12]
    return session


@desk_page
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Words, series and programme; they hold for all times of the event."""
    actor, session = actor_of(request), _organised(request, pk)
    activity, found = session.activity, session.activity.cultural_event
    initial = {
        "title": activity.title, "where": activity.where, "text": activity.text, "phone": activity.phone,
        "is_public": activity.is_public, "programme": found.programme, "hosts": found.hosts, "series": found.series_id,
        "compound": found.compound_id, "version": activity.lock_version,
    }  # fmt: skip
    codes = [session.place_code]
    series, compounds = selectors.series_choices(codes), selectors.compound_choices([session.place_code[:12]])
    if found.series is not None and str(found.series_id) not in dict(series):
        series = [(str(found.series_id), found.series.name), *series]
    form = ChangeForm(series, compounds, request.POST or None, initial=initial)
    back = reverse("culture:desk_event", args=[pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(form, lambda: _change(actor, found.pk, form))
    ):
        messages.success(request, _("已保存。"))
        return redirect(back)
    title = _("修改：%(what)s") % {"what": activity.title}
    return acted(request, form, title, back, status=422 if request.method == "POST" else 200)


def _change(actor: Actor, event_id: int, form: ChangeForm) -> None:
    data = dict(form.cleaned_data)
    version, series, compound = data.pop("version"), data.pop("series"), data.pop("compound")
    services.change_event(
        actor=actor,
        event_id=event_id,
        expected_version=version,
        series_id=series,
        compound_id=compound,
        **data,
    )


@desk_page
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time or number of places; those signed up are told."""
    actor, session = actor_of(request), _organised(request, pk)
    starts, ends = (each.astimezone(clock.DISTRICT_ZONE) for each in (session.starts_at, session.ends_at))
    initial = {
        "day": session.day, "starts": starts.time(), "ends": ends.time(), "capacity": session.capacity,
        "version": session.lock_version,
    }  # fmt: skip
    form = MoveForm(request.POST or None, initial=initial)
    back = reverse("culture:desk_event", args=[pk])

    def act() -> None:
        new_starts, new_ends = form.times()
        move_session(
            actor=actor, session_id=pk, expected_version=form.cleaned_data["version"],
            new=NewSession(starts_at=new_starts, ends_at=new_ends, capacity=form.cleaned_data["capacity"]),
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已改时间，报名的人会收到通知。"))
        return redirect(back)
    title = _("改时间：%(what)s") % {"what": session.activity.title}
    return acted(request, form, title, back, status=422 if request.method == "POST" else 200)


@desk_page
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    actor, session = actor_of(request), _organised(request, pk)
    form = CancelForm(request.POST or None, initial={"version": session.lock_version})
    back = reverse("culture:desk_event", args=[pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form,
            lambda: cancel_session(
                actor=actor,
                session_id=pk,
                reason=form.cleaned_data["reason"],
                expected_version=form.cleaned_data["version"],
            ),
        )
    ):
        messages.success(request, _("已取消，报名的人会收到通知。"))
        return redirect(back)
    title = _("取消：%(what)s") % {"what": session.activity.title}
    return acted(request, form, title, back, status=422 if request.method == "POST" else 200)


@desk_page
@require_POST
def confirm_event(request: HttpRequest, pk: int) -> HttpResponse:
    """How many were there: by count, or those who signed in."""
    actor, session = actor_of(request), _organised(request, pk)
    form = ConfirmForm(request.POST)

    def act() -> None:
        data = form.cleaned_data
        confirm(
            actor=actor, session_id=pk, expected_version=data["version"], head_count=data["head_count"],
            close_at=session.ends_at,
        )  # fmt: skip

    if form.is_valid() and carried_out(form, act):
        messages.success(request, _("到场人数已确认。"))
        return redirect("culture:desk_event", pk)
    return shown(request, session, confirming=form, status=422)

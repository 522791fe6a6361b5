"""A volunteer's own pages on a phone: become one, find services and teams, passbook, record, appeal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.numerals import is_digits, whole_number
from doorstep.kernel.web.pages import carried_out, guarded
from doorstep.modules.volunteering import (
    selectors,
    selectors_near,
    services_appeals,
    services_profile,
)
from doorstep.modules.volunteering.forms import AppealForm, ProfileForm
from doorstep.modules.volunteering.models import SKILLS, TIMES, Appeal, Volunteer
from doorstep.modules.volunteering.models_review import OPEN
from doorstep.modules.volunteering.pages import areas, communities
from doorstep.modules.volunteering.selectors_papers import record_shown
from doorstep.modules.volunteering.selectors_passbook import passbook as passbook_of
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers


def _home_place(actor: Actor, volunteer: Volunteer | None) -> str:
    """Where to look first: the volunteer's community, the person's, else the district."""
    if volunteer is not None:
        return volunteer.place_code[:12]
    place = Person.objects.filter(pk=actor.person_id or 0).values_list("place_code", flat=True).first() or ""
    return place[:12] if len(place) >= 12 else settings.HOME_PLACE


def volunteer(request: HttpRequest) -> HttpResponse:
    """What volunteering is, becoming one, and what one is then offered."""
    actor = actor_of(request)
    own = selectors.own_volunteer(actor)
    left = None
    if own is None and actor.person_id is not None:
        left = Volunteer.objects.filter(person_id=actor.person_id).first()
    context: dict[str, Any] = {"own": own, "left": left, "strip": "mine"}
    if own is not None:
        context |= {"standing": selectors.standing_of(own), "neighbourhood": name_of_place(own.place_code)}
        return render(request, "volunteering/volunteer.html", context)
    if actor.person_id is None or left is not None:
        return render(request, "volunteering/volunteer.html", context)
    form, done = _profile_form(request, actor, None)
    if done:
        messages.success(request, _("您是志愿者了。看看身边有什么服务。"))
        return redirect("volunteering:volunteer")
    context |= {"form": form}
    return render(request, "volunteering/volunteer.html", context, status=422 if form.is_bound else 200)


def _profile_form(request: HttpRequest, actor: Actor, own: Volunteer | None) -> tuple[ProfileForm, bool]:
    """The form, and whether it was carried out."""
    place = _home_place(actor, own)
    initial: dict[str, Any] = {"place_code": place}
    if own is not None:
        initial |= {"born_in": own.born_in, "skills": own.skills, "times": own.times}
    places = communities([own.place_code[:6] if own else settings.HOME_PLACE])
    form = ProfileForm(places, request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        given: dict[str, Any] = {
            "place_code": data["place_code"], "born_in": data["born_in"], "skills": tuple(data["skills"]),
            "times": tuple(data["times"]),
        }  # fmt: skip
        if own is None:
            new = NewVolunteer(person_id=int(actor.person_id or 0), **given)
            register_volunteers(actor=actor, volunteers=[new])
        else:
            version = whole_number(request.POST.get("version", "")) or 0
            services_profile.change_profile(
                actor=actor, volunteer_id=own.pk, expected_version=version, **given
            )

    return form, request.method == "POST" and form.is_valid() and carried_out(form, act)


@guarded
def change(request: HttpRequest) -> HttpResponse:
    """One's own profile."""
    actor, own = _own(request)
    form, done = _profile_form(request, actor, own)
    if done:
        messages.success(request, _("已保存。"))
        return redirect("volunteering:volunteer")
    context = {"form": form, "own": own, "strip": "mine"}
    return render(request, "volunteering/change.html", context, status=422 if form.is_bound else 200)


def _own(request: HttpRequest) -> tuple[Actor, Volunteer]:
    actor = actor_of(request)
    own = selectors.own_volunteer(actor)
    if own is None:
        raise Http404
    return actor, own


@guarded
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    actor, own = _own(request)
    services_profile.leave(actor=actor, volunteer_id=own.pk)
    messages.success(request, _("已退出。时长和积分都还在，随时可以回来。"))
    return redirect("volunteering:volunteer")


@guarded
@require_POST
def come_back(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    row = Volunteer.objects.filter(person_id=actor.person_id or 0).first()
    if row is None:
        raise Http404
    services_profile.come_back(actor=actor, volunteer_id=row.pk)
    messages.success(request, _("欢迎回来，编号还是原来的。"))
    return redirect("volunteering:volunteer")


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Services near by place, time and skill. Open to everybody."""
    actor = actor_of(request)
    own = selectors.own_volunteer(actor)
    place = _asked_place(request, _home_place(actor, own))
    slot = request.GET.get("time", "")
    skill = request.GET.get("skill", "")
    slot = slot if slot in dict(TIMES) else ""
    skill = skill if skill in dict(SKILLS) else ""
    context = {
        "offers": selectors_near.services_near(place, slot=slot, skill=skill), "place": place, "slot": slot, "skill": skill,
        "places": _places(place), "times": TIMES, "skills": SKILLS, "wider": selectors_near.wider(place), "own": own,
        "place_name": name_of_place(place), "strip": "nearby",
    }  # fmt: skip
    return render(request, "volunteering/find.html", context)


def _asked_place(request: HttpRequest, usual: str) -> str:
    asked = request.GET.get("place", "")
    return asked if asked in dict(_places(usual)) else usual


def _places(place: str) -> list[tuple[str, str]]:
    """The district, its streets and communities, as a choice."""
    return areas([place[:6]], ("county", "street", "community"))


@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """Teams near, one's own first."""
    actor = actor_of(request)
    own = selectors.own_volunteer(actor)
    place = _asked_place(request, _home_place(actor, own))
    skill = request.GET.get("skill", "")
    skill = skill if skill in dict(SKILLS) else ""
    joined = [row.team_id for row in selectors.memberships_of(own)] if own else []
    context = {
        "teams": selectors_near.teams_near(place, joined, skill=skill), "place": place, "skill": skill, "own": own,
        "places": _places(place), "skills": SKILLS, "wider": selectors_near.wider(place),
        "place_name": name_of_place(place), "strip": "nearby",
    }  # fmt: skip
    return render(request, "volunteering/teams.html", context)


@guarded
@require_POST
def join_team(request: HttpRequest, pk: int) -> HttpResponse:
    return _team_act(request, pk, leaves=False)


@guarded
@require_POST
def leave_team(request: HttpRequest, pk: int) -> HttpResponse:
    return _team_act(request, pk, leaves=True)


def _team_act(request: HttpRequest, pk: int, *, leaves: bool) -> HttpResponse:
    actor, own = _own(request)
    try:
        if leaves:
            services_profile.leave_team(actor=actor, volunteer_id=own.pk, team_id=pk)
            messages.success(request, _("已退出这支服务队。"))
        else:
            services_profile.join_team(actor=actor, volunteer_id=own.pk, team_id=pk)
            messages.success(request, _("已加入。"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    place = request.POST.get("place", "")
    back = reverse("volunteering:teams")
    return redirect(f"{back}?place={place}" if is_digits(place) else back)


@guarded
@require_GET
def passbook(request: HttpRequest) -> HttpResponse:
    """Points or hours, each line with why; paged by key."""
    _actor, own = _own(request)
    book = "minutes" if request.GET.get("book") == "minutes" else "points"
    before = whole_number(request.GET.get("before", ""))
    entries, further = passbook_of(own, book, before)
    appeals = Appeal.objects.filter(volunteer=own, outcome=OPEN)
    context = {
        "own": own, "standing": selectors.standing_of(own), "book": book, "entries": entries, "next": further,
        "appealed": set(appeals.values_list("session", flat=True)), "strip": "mine",
        "answers": _answers(own) if before is None else [],
        "uncredited": selectors.uncredited(own)[:5] if before is None else [],
    }  # fmt: skip
    return render(request, "volunteering/passbook.html", context)


def _answers(own: Volunteer) -> list[Appeal]:
    """One's last appeals with their answers."""
    return list(Appeal.objects.filter(volunteer=own).select_related("session__activity").order_by("-pk")[:5])


@guarded
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """The record of service, to be printed: by whom it was recorded, and that the national system counts."""
    _actor, own = _own(request)
    context = record_shown(own) | {"strip": "mine"}
    return render(request, "volunteering/record.html", context)


@guarded
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one's own record of a session is wrong."""
    actor, own = _own(request)
    credit = selectors.credits_of(own, most=1, session_id=pk)
    session = credit[0].session if credit else selectors.uncredited(own).filter(pk=pk).first()
    if session is None:
        raise Http404
    form = AppealForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form,
            lambda: services_appeals.appeal(actor=actor, session_id=pk, text=form.cleaned_data["text"]),
        )
    ):
        messages.success(request, _("已提出，答复会写在您的存折下面。"))
        return redirect("volunteering:passbook")
    context = {
        "form": form, "session": session, "credit": credit[0] if credit else None, "strip": "mine", "days": selectors.rule_values()["appeal.days"],
    }  # fmt: skip
    return render(request, "volunteering/appeal.html", context, status=422 if form.is_bound else 200)

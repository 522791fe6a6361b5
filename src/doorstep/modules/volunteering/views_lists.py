"""Adding to the lists and ending what is on them; a volunteer registered or changed by an office; a team's own page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.policies import ADJUST_COMMUNITY
from doorstep.kernel.organisations.selectors import holders_of, versions_of
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import named_persons, with_names_seen
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.pages import carried_out, guarded
from doorstep.modules.volunteering import forms, services_lists, services_profile, services_teams
from doorstep.modules.volunteering.models import (
    SKILLS,
    Brand,
    Force,
    Membership,
    ServiceKind,
    Team,
    Volunteer,
)
from doorstep.modules.volunteering.pages import areas, brands, communities, federations
from doorstep.modules.volunteering.policies import KEEP, SET_RATES, keeps_team
from doorstep.modules.volunteering.services_teams import TEAM
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers

WIDE = ("county", "street", "community")
LONGEST_SEARCH = 60
Data = Mapping[str, Any]
Where = Sequence[str]


@dataclass(frozen=True)
class Adding:
    """What can be added: its words, register, who may, the form at these places, and the service."""

    title: Any
    register: str
    capability: str
    form: Callable[[Where, Any], forms.RefusingForm]
    act: Callable[[Actor, Data], Any]


def _kind(actor: Actor, data: Data) -> None:
    services_lists.keep_kinds(actor=actor, kinds=[services_lists.NewKind(**data)])


def _brand(actor: Actor, data: Data) -> None:
    services_lists.keep_brands(actor=actor, brands=[services_lists.NewBrand(**data)])


def _force(actor: Actor, data: Data) -> None:
    own = {key: value for key, value in data.items() if key != "federation"}
    new = services_lists.NewForce(federation_id=int(data["federation"]), **own)
    services_lists.keep_forces(actor=actor, forces=[new])


def _team(actor: Actor, data: Data) -> None:
    new = services_teams.NewTeam(
        name=data["name"], place_code=data["place_code"], founded_on=data["founded_on"], phone=data["phone"],
        federation_id=int(data["federation"]), brand_id=int(data["brand"]) if data["brand"] else None,
        skills=tuple(data["skills"]), about=data["about"], is_open=data["is_open"],
    )  # fmt: skip
    services_teams.found_teams(actor=actor, teams=[new])


ADDING: dict[str, Adding] = {
    "kind": Adding(
        gettext_lazy("设定服务类别"), "volunteering.kinds", SET_RATES,
        lambda where, data: forms.KindForm(areas(where, WIDE), data), _kind,
    ),
    "brand": Adding(
        gettext_lazy("登记服务品牌"), "volunteering.brands", KEEP,
        lambda where, data: forms.BrandForm(areas(where, WIDE), data), _brand,
    ),
    "force": Adding(
        gettext_lazy("登记专业力量"), "volunteering.forces", KEEP,
        lambda where, data: forms.ForceForm(areas(where, WIDE), federations(where), data), _force,
    ),
    "team": Adding(
        gettext_lazy("成立服务队"), "volunteering.teams", ADJUST_COMMUNITY,
        lambda where, data: forms.TeamForm(areas(where, WIDE), federations(where), brands(where), data), _team,
    ),
}  # fmt: skip

ENDING: dict[str, tuple[Any, str]] = {
    "kind": (ServiceKind, "volunteering.kinds"), "brand": (Brand, "volunteering.brands"),
    "force": (Force, "volunteering.forces"),
}  # fmt: skip


@guarded
def add(request: HttpRequest, what: str) -> HttpResponse:
    """One more on a list, at a place of the reader's (`?place=` narrows the choice)."""
    if what == "volunteer":
        return register(request)
    actor, adding = actor_of(request), ADDING.get(what)
    if adding is None or not actor.holds_somewhere(adding.capability):
        raise Http404
    form = adding.form(_where(request, actor, adding.capability), request.POST or None)
    status = 200
    back = reverse("web:register", args=[adding.register])
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: adding.act(actor, form.cleaned_data)):
            messages.success(request, _("已登记。"))
            return redirect(back)
        status = 422
    context = {"form": form, "title": adding.title, "back": back}
    return render(request, "volunteering/act.html", context, status=status)


def _where(request: HttpRequest, actor: Actor, capability: str) -> Sequence[str]:
    place = request.GET.get("place", "")
    if not is_code(place):
        raise Http404
    return [place] if place and actor.holds(capability, place) else actor.places_for(capability)


def register(request: HttpRequest) -> HttpResponse:
    """An office registers somebody without a phone: the person is looked for first."""
    actor = actor_of(request)
    if not actor.holds_somewhere(KEEP):
        raise Http404
    where = _where(request, actor, KEEP)
    looked_for = request.GET.get("q", request.POST.get("q", "")).replace("\x00", "").strip()[:LONGEST_SEARCH]
    rows = named_persons(actor, looked_for).filter(erased_at=None)[:30] if looked_for else []
    persons = [(str(row.pk), f"{row.name}（{row.place_code}）") for row in rows]
    form = forms.RegisterForm(communities(where), persons, request.POST or None)
    back = reverse("web:register", args=["volunteering.volunteers"])

    def act() -> None:
        data = form.cleaned_data
        new = NewVolunteer(
            person_id=int(data["person"]), place_code=data["place_code"], born_in=data["born_in"],
            skills=tuple(data["skills"]), times=tuple(data["times"]),
        )  # fmt: skip
        register_volunteers(actor=actor, volunteers=[new])

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已登记为志愿者，可以发志愿者卡。"))
        return redirect(back)
    context = {
        "form": form, "title": _("登记志愿者"), "back": back, "finds": True, "looked_for": looked_for, "found": persons,
    }  # fmt: skip
    return render(request, "volunteering/act.html", context, status=422 if form.is_bound else 200)


@guarded
def end(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """End a row of a list from a day on."""
    actor = actor_of(request)
    if what not in ENDING:
        raise Http404
    model, name = ENDING[what]
    row = policy_for(model).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not policy_for(model).can(actor, "keep", row):
        raise PermissionDenied
    form = forms.EndForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(
            form,
            lambda: services_lists.end_row(
                actor=actor, model=model, pk=pk, ended_on=form.cleaned_data["ended_on"]
            ),
        ):
            messages.success(request, _("已终止。"))
            return redirect("web:register", name)
        status = 422
    page_of(request).place_code = row.place_code
    context = {
        "form": form, "title": _("终止：%(what)s") % {"what": row}, "back": reverse("web:record", args=[name, pk]),
    }  # fmt: skip
    return render(request, "volunteering/act.html", context, status=status)


@guarded
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """A volunteer's profile, changed by an office for somebody without a phone."""
    actor = actor_of(request)
    row = policy_for(Volunteer).visible_to(actor).filter(pk=pk, left_on=None).first()
    if row is None:
        raise Http404
    policy_for(Volunteer).require(actor, "keep", row)
    initial = {"place_code": row.place_code, "born_in": row.born_in, "skills": row.skills, "times": row.times}
    form = forms.ProfileForm(communities(actor.places_for(KEEP)), request.POST or None, initial=initial)
    back = reverse("web:record", args=["volunteering.volunteers", pk])

    def act() -> None:
        data = form.cleaned_data
        services_profile.change_profile(
            actor=actor, volunteer_id=pk, expected_version=whole_number(request.POST.get("version", "")) or 0,
            place_code=data["place_code"], born_in=data["born_in"], skills=tuple(data["skills"]), times=tuple(data["times"]),
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已保存。"))
        return redirect(back)
    context = {
        "form": form, "title": _("修改资料：%(number)s") % {"number": row.number}, "back": back, "version": row.lock_version,
    }  # fmt: skip
    return render(request, "volunteering/act.html", context, status=422 if form.is_bound else 200)


@guarded
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """A team's page for its leader and its office: profile, members; the office adds one by number."""
    actor = actor_of(request)
    unit = policy_for(Unit).visible_to(actor).filter(pk=pk, kind=TEAM).first()
    version = versions_of([pk]).get(pk)
    if unit is None or version is None:
        raise Http404
    keeps, adds = keeps_team(actor, unit), actor.holds(KEEP, version.place_code)
    row = Team.objects.filter(unit=unit).select_related("brand").first() or Team(unit=unit)
    initial = {
        "skills": row.skills, "about": row.about, "brand": str(row.brand_id or ""), "is_open": row.is_open,
    }  # fmt: skip
    asked = request.POST.get("act", "")
    form = forms.TeamProfileForm(
        brands([version.place_code]), request.POST if asked == "profile" else None, initial=initial
    )
    adding = forms.MemberForm(request.POST if asked == "add" else None)
    if request.method == "POST":
        if not keeps or (asked == "add" and not adds):
            raise PermissionDenied
        if _team_done(request, actor, pk, form, adding):
            return redirect("volunteering:team", pk)
    skills = dict(SKILLS)
    context = {
        "unit": unit, "version": version, "team": row, "form": form, "adding": adding, "keeps": keeps, "adds": adds,
        "members": _members(actor, pk), "leaders": holders_of([pk], posts=("team_leader",)).get(pk, []),
        "skills": "、".join(str(skills[code]) for code in row.skills),
        "opened": asked,
    }  # fmt: skip
    refused = form.is_bound or adding.is_bound
    return render(request, "volunteering/team.html", context, status=422 if refused else 200)


def _team_done(
    request: HttpRequest, actor: Actor, pk: int, form: forms.TeamProfileForm, adding: forms.MemberForm
) -> bool:
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        act = partial(
            services_teams.keep_profile, actor=actor, team_id=pk, skills=tuple(data["skills"]), about=data["about"], is_open=data["is_open"],
            brand_id=int(data["brand"]) if data["brand"] else None,
        )  # fmt: skip
        if carried_out(form, act):
            messages.success(request, _("已保存。"))
            return True
    if adding.is_bound and adding.is_valid():
        number = adding.cleaned_data["number"].strip()
        found = policy_for(Volunteer).visible_to(actor).filter(number=number, left_on=None).first()
        if found is None:
            adding.add_error("number", _("没有这个编号的志愿者。"))
            return False
        add_member = partial(services_profile.join_team, actor=actor, volunteer_id=found.pk, team_id=pk)
        if carried_out(adding, add_member):
            messages.success(request, _("已加入队伍。"))
            return True
    if request.POST.get("act") == "remove":
        volunteer = whole_number(request.POST.get("volunteer", "")) or 0
        try:
            services_profile.leave_team(actor=actor, volunteer_id=volunteer, team_id=pk)
            messages.success(request, _("已移出队伍。"))
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        return True
    return False


def _members(actor: Actor, pk: int) -> list[dict[str, Any]]:
    """Members of today by number, names as far as the reader sees them, else hidden."""
    rows = policy_for(Membership).visible_to(actor).filter(team=pk)
    rows = Membership.objects.in_force().filter(pk__in=rows.values("pk")).select_related("volunteer__person")
    rows = with_names_seen(rows, actor, "volunteer__person").order_by("pk")
    return [
        {
            "volunteer": row.volunteer, "since": row.valid_from,
            "name": row.seen_name or MASKS["name"](row.volunteer.person.name),
        }
        for row in rows[:500]
    ]  # fmt: skip

"""Posts, areas, projects and members at the desk: one small form each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.models import Activity
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.kernel.web.context import page_of
from doorstep.modules.vanguard import forms, pages, selectors, services, services_members
from doorstep.modules.vanguard.models import Holding, Member, Project
from doorstep.modules.vanguard.pages_acting import acted, carried_out, desk_page
from doorstep.modules.vanguard.policies import KEEP, RECEIVE
from doorstep.modules.vanguard.selectors import HELD
from doorstep.modules.vanguard.services import NewKept, Places
from doorstep.modules.vanguard.services_members import NewMember

REGISTERS = {"post": "vanguard.posts", "area": "vanguard.areas", "project": "vanguard.projects"}


@dataclass(frozen=True)
class Adding:
    """A page that adds one. `make`: the form for an actor at a place; `act`: what its data becomes."""

    title: Any
    register: str
    capability: str
    make: Callable[[Actor, str, Any, dict[str, Any]], forms.VanguardForm]
    act: Callable[[Actor, dict[str, Any]], Any]
    finds: bool = False


def _new(data: dict[str, Any]) -> NewKept:
    return NewKept(
        place_code=data["place_code"], name=data["name"], unit_id=whole_number(data["unit"]) or 0,
        valid_from=data["valid_from"],
    )  # fmt: skip


def _places(actor: Actor) -> pages.Choices:
    return pages.areas(actor.places_for(KEEP))


def _post_form(actor: Actor, place: str, data: Any, initial: dict[str, Any]) -> forms.VanguardForm:
    return forms.PostForm(_places(actor), pages.units_at(actor, place), data, initial=initial)


def _add_post(actor: Actor, data: dict[str, Any]) -> Any:
    return services.set_up_post(actor=actor, new=_new(data), kind=data["kind"], duty=data["duty"])


def _area_form(actor: Actor, place: str, data: Any, initial: dict[str, Any]) -> forms.VanguardForm:
    here = pages.areas([place], ("street", "community"))[:1] if place else []
    return forms.AreaForm(pages.parts_of(place), here, pages.units_at(actor, place), data, initial=initial)


def _add_area(actor: Actor, data: dict[str, Any]) -> Any:
    chosen: dict[str, list[str]] = {"code": [], "compound": [], "building": []}
    for value in data["places"]:
        kind, _sep, key = value.partition("-")
        chosen[kind].append(key)
    places = Places(
        codes=chosen["code"], compounds=[int(key) for key in chosen["compound"]],
        buildings=[int(key) for key in chosen["building"]],
    )  # fmt: skip
    return services.set_up_area(
        actor=actor, new=_new(data), places=places, outline=data["outline"], duty=data["duty"]
    )


def _project_form(actor: Actor, place: str, data: Any, initial: dict[str, Any]) -> forms.VanguardForm:
    return forms.ProjectForm(_places(actor), pages.units_at(actor, place), data, initial=initial)


def _add_project(actor: Actor, data: dict[str, Any]) -> Any:
    return services.set_up_project(actor=actor, new=_new(data), aim=data["aim"], valid_to=data["valid_to"])


def _member_form(actor: Actor, place: str, data: Any, initial: dict[str, Any]) -> forms.VanguardForm:
    persons = pages.found_persons(actor, initial["q"])
    places = pages.communities(actor.places_for(RECEIVE))
    return forms.MemberAtDeskForm(persons, places, pages.employers(place), data, initial=initial)


def _add_member(actor: Actor, data: dict[str, Any]) -> Any:
    new = NewMember(
        person_id=whole_number(data["person"]) or 0, place_code=data["place_code"], employer_id=data["employer_id"],
        employer_name=data["employer_name"], slip=data["slip"], skills=tuple(data["skills"]),
        times=tuple(data["times"]),
    )  # fmt: skip
    return services_members.report_in(actor=actor, new=new)


ADDING = {
    "post": Adding(gettext_lazy("设党员先锋岗"), "vanguard.posts", KEEP, _post_form, _add_post),
    "area": Adding(gettext_lazy("划党员责任区"), "vanguard.areas", KEEP, _area_form, _add_area),
    "project": Adding(gettext_lazy("立先锋工程项目"), "vanguard.projects", KEEP, _project_form, _add_project),
    "member": Adding(
        gettext_lazy("代为登记报到"), "vanguard.members", RECEIVE, _member_form, _add_member, finds=True
    ),
}


@desk_page
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, what: str) -> HttpResponse:
    """One more, at a place of the reader's."""
    actor, adding = actor_of(request), ADDING.get(what)
    if adding is None or not actor.holds_somewhere(adding.capability):
        raise Http404
    own = actor.places_for(adding.capability)
    asked = request.GET.get("place", "")
    place = asked if is_code(asked) and any(asked.startswith(code) for code in own) else own[0]
    page_of(request).place_code = place
    looked_for = (request.POST.get("q") or request.GET.get("q") or "").strip()[:40]
    form = adding.make(actor, place, request.POST or None, {"place_code": place, "q": looked_for})
    back = reverse("web:register", args=[adding.register])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(form, lambda: adding.act(actor, form.cleaned_data))
    ):
        messages.success(request, _("已登记。"))
        return redirect(back)
    more: dict[str, Any] = {"finds": adding.finds, "looked_for": looked_for, "place": place}
    if what == "area":
        more |= {
            "elsewhere": pages.areas(own, ("street", "community")),
            "note": _("先选在哪个社区，再选里面的地方，或者在图上沿着边画出范围。"),
            "template": "vanguard/area.html",
        }
    return acted(request, form, adding.title, back, found=len(form.fields) > 0, **more)


def _row(actor: Actor, what: str, pk: int) -> Any:
    """A post, an area or a project that the reader keeps. Raises NotVisible or NotAllowed."""
    if what not in HELD:
        raise NotVisible("")
    row = policy_for(HELD[what]).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(HELD[what]).require(actor, "keep", row)
    return row


@desk_page
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """Who holds a post, answers for an area, leads a project, from a day on."""
    actor = actor_of(request)
    row = _row(actor, what, pk)
    page_of(request).place_code = row.place_code
    looked_for = (request.POST.get("q") or request.GET.get("q") or "").strip()[:40]
    persons = pages.found_persons(actor, looked_for)
    units = pages.units_at(actor, row.place_code)
    form = forms.GiveForm(persons, units, request.POST or None, initial={"unit": str(row.unit_id)})
    back = reverse("web:register", args=[REGISTERS[what]])

    def act() -> None:
        data = form.cleaned_data
        services.give(
            actor=actor, what=what, pk=pk, person_id=whole_number(data["person"]) or 0, unit_id=whole_number(data["unit"]) or 0,
            valid_from=data["valid_from"], valid_to=data["valid_to"], document=data["document"],
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已任命。"))
        return redirect(back)
    holder = selectors.holders_of(what, [row]).get(row.pk)
    note = (
        _("现在由 %(name)s 担任，新的人从起的那天接手。") % {"name": holder.person.name}
        if holder
        else _("现在空缺。")
    )
    title = _("任命：%(what)s") % {"what": row.name}
    return acted(
        request, form, title, back, finds=True, looked_for=looked_for, found=bool(persons), note=note
    )


@desk_page
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """End a post, an area or a project from a day on."""
    actor = actor_of(request)
    row = _row(actor, what, pk)
    page_of(request).place_code = row.place_code
    form = forms.EndForm(request.POST or None)
    back = reverse("web:register", args=[REGISTERS[what]])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form,
            lambda: services.end_kept(actor=actor, what=what, pk=pk, ended_on=form.cleaned_data["ended_on"]),
        )
    ):
        messages.success(request, _("已终止。"))
        return redirect(back)
    return acted(request, form, _("终止：%(what)s") % {"what": row.name}, back)


@desk_page
@require_http_methods(["GET", "POST"])
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody goes; what they held is vacant."""
    actor = actor_of(request)
    rows = policy_for(Holding).visible_to(actor).select_related("post", "area", "project", "person")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    policy_for(Holding).require(actor, "keep", row)
    page_of(request).place_code = row.place_code
    form = forms.LetGoForm(request.POST or None)
    back = reverse("web:register", args=["vanguard.holdings"])

    def act() -> None:
        data = form.cleaned_data
        services.end_holding(actor=actor, holding_id=pk, ended_on=data["ended_on"], reason=data["words"])

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已离岗，岗位空缺，请再安排人。"))
        return redirect(back)
    held = row.post or row.area or row.project
    return acted(request, form, _("离岗：%(what)s") % {"what": held.name}, back)


@desk_page
@require_http_methods(["GET", "POST"])
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """A project: its aim, who leads it, and what it has come to; activities are counted among it here."""
    actor = actor_of(request)
    row: Project | None = policy_for(Project).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    page_of(request).place_code = row.place_code
    keeps = policy_for(Project).can(actor, "keep", row)
    activities = policy_for(Activity).visible_to(actor).filter(within("place_code", [row.place_code]))
    fresh = activities.exclude(pk__in=row.works.values("activity")).order_by("-pk")[:60]
    form = forms.LinkForm([(str(one.pk), one.title) for one in fresh], request.POST or None)
    if request.method == "POST":
        policy_for(Project).require(actor, "keep", row)

    def act() -> None:
        number = whole_number(form.cleaned_data["activity"]) or 0
        services.link_activity(actor=actor, project_id=pk, activity_id=number)

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已计入项目。"))
        return redirect("vanguard:project", pk)
    context = {
        "project": row, "form": form, "keeps": keeps, "result": selectors.results_of([pk])[pk],
        "unit": selectors.unit_names([row.unit_id]).get(row.unit_id, ""), "sessions": selectors.project_sessions(row),
        "holder": selectors.holders_of("project", [row]).get(pk),
    }  # fmt: skip
    return render(request, "vanguard/project.html", context, status=422 if form.is_bound else 200)


@desk_page
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """The community has seen that somebody reported in: one press."""
    actor = actor_of(request)
    row: Member | None = policy_for(Member).visible_to(actor).filter(pk=pk).select_related("person").first()
    if row is None:
        raise Http404
    policy_for(Member).require(actor, "receive", row)
    page_of(request).place_code = row.place_code
    back = reverse("web:register", args=["vanguard.members"])
    form = forms.VanguardForm(request.POST if request.method == "POST" else None)
    if form.is_bound and carried_out(form, lambda: services_members.receive(actor=actor, member_id=pk)):
        messages.success(request, _("已收到，他可以认领心愿、报名班次了。"))
        return redirect(back)
    note = _("%(employer)s，%(day)s 报到。收到就是看过了，不用审批。") % {
        "employer": selectors.employer_of(row), "day": row.valid_from,
    }  # fmt: skip
    title = _("收到报到：%(name)s") % {"name": row.person.name}
    return acted(request, form, title, back, note=note, verb=_("收到"))

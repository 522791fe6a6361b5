"""Adding to the lists and ending what is on them: one small form each, offered in the registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from doorstep.kernel.places.models import Area, Compound, Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.kernel.web.context import page_of
from doorstep.modules.grids import forms, services_difficulty, services_lists, services_roster
from doorstep.modules.grids.models import CompoundDifficulty, GridForce, GridWork, SupervisionLine
from doorstep.modules.grids.models_roster import Professional, Question, RosterSlot
from doorstep.modules.grids.policies import KEEP, LIST_WORK, SET_LINES
from doorstep.modules.grids.services_difficulty import NewDifficulty
from doorstep.modules.grids.services_lists import NewForce, NewProfessional, NewSlot
from doorstep.modules.grids.services_roster import NewLegalVisit, NewQuestion
from doorstep.modules.grids.views_workers import carried_out, desk_page

MOST_CHOICES = 2000
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Adding:
    """What can be added: its words, register, form, who may, the levels of its place, and the service."""

    title: Any
    register: str
    form: Callable[..., forms.GridsForm]
    capability: str
    act: Callable[[Actor, Data], Any]
    levels: tuple[str, ...] = ()
    of_compound: bool = False


def _force(actor: Actor, data: Data) -> None:
    services_lists.attach_forces(actor=actor, forces=[NewForce(**data)])


def _line(actor: Actor, data: Data) -> None:
    services_lists.set_line(actor=actor, **data)


def _work(actor: Actor, data: Data) -> None:
    services_lists.list_work(actor=actor, **data)


def _professional(actor: Actor, data: Data) -> None:
    services_lists.enrol_professionals(actor=actor, professionals=[NewProfessional(**data)])


def _slot(actor: Actor, data: Data) -> None:
    own = {key: value for key, value in data.items() if key != "professional"}
    services_lists.add_slots(actor=actor, slots=[NewSlot(professional_id=int(data["professional"]), **own)])


def _legal_visit(actor: Actor, data: Data) -> None:
    own = {key: value for key, value in data.items() if key != "professional"}
    new = NewLegalVisit(professional_id=int(data["professional"]), **own)
    services_roster.record_legal_visits(actor=actor, visits=[new])


def _question(actor: Actor, data: Data) -> None:
    own = {key: value for key, value in data.items() if key != "professional"}
    new = NewQuestion(professional_id=int(data["professional"]), **own)
    services_roster.record_questions(actor=actor, questions=[new])


def _difficulty(actor: Actor, data: Data) -> None:
    own = {key: value for key, value in data.items() if key != "compound"}
    new = NewDifficulty(compound_id=int(data["compound"]), **own)
    services_difficulty.set_difficulties(actor=actor, difficulties=[new])


ADDING: dict[str, Adding] = {
    "force": Adding(gettext_lazy("登记下沉力量"), "grids.forces", forms.ForceForm, KEEP, _force, ("grid",)),
    "line": Adding(
        gettext_lazy("设定监督电话"), "grids.lines", forms.LineForm, SET_LINES, _line, ("county", "street", "community")
    ),
    "work": Adding(
        gettext_lazy("登记网格工作清单"), "grids.works", forms.WorkForm, LIST_WORK, _work, ("county", "street")
    ),
    "professional": Adding(
        gettext_lazy("登记三官一律"), "grids.professionals", forms.ProfessionalForm, KEEP, _professional,
        ("community", "grid"),
    ),
    "slot": Adding(gettext_lazy("安排驻点时间"), "grids.slots", forms.SlotForm, KEEP, _slot),
    "legal_visit": Adding(
        gettext_lazy("登记法律服务活动"), "grids.legal_visits", forms.LegalVisitForm, KEEP, _legal_visit
    ),
    "question": Adding(gettext_lazy("登记法律咨询"), "grids.questions", forms.QuestionForm, KEEP, _question),
    "difficulty": Adding(
        gettext_lazy("登记小区难度"), "grids.difficulties", forms.DifficultyForm, KEEP, _difficulty, of_compound=True
    ),
}  # fmt: skip

ENDING: dict[str, tuple[Any, str, str, Callable[..., Any]]] = {
    "force": (GridForce, "grids.forces", "force_id", services_lists.end_force),
    "line": (SupervisionLine, "grids.lines", "line_id", services_lists.end_line),
    "work": (GridWork, "grids.works", "work_id", services_lists.end_work),
    "professional": (
        Professional, "grids.professionals", "professional_id", services_lists.end_professional,
    ),
    "slot": (RosterSlot, "grids.slots", "slot_id", services_lists.end_slot),
    "difficulty": (
        CompoundDifficulty, "grids.difficulties", "difficulty_id", services_difficulty.end_difficulty,
    ),
}  # fmt: skip


@desk_page
def add(request: HttpRequest, what: str) -> HttpResponse:
    """One more on a list, at a place of the reader's (`?place=` narrows the choice)."""
    actor, adding = actor_of(request), ADDING.get(what)
    if adding is None or not actor.holds_somewhere(adding.capability):
        raise Http404
    place = request.GET.get("place", "")
    if not is_code(place):
        raise Http404
    where = (
        [place] if place and actor.holds(adding.capability, place) else actor.places_for(adding.capability)
    )
    choices = _choices(actor, adding, where)
    form = adding.form(choices, request.POST or None)
    status = 200
    back = reverse("web:register", args=[adding.register])
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: adding.act(actor, form.cleaned_data)):
            messages.success(request, _("已登记。"))
            return redirect(back)
        status = 422
    context = {"form": form, "title": adding.title, "back": back, "note": "" if choices else _nothing(adding)}
    return render(request, "grids/act.html", context, status=status)


def _choices(actor: Actor, adding: Adding, where: Sequence[str]) -> list[tuple[str, str]]:
    if adding.of_compound:
        return _compounds(where)
    return _places(where, adding.levels) if adding.levels else _professionals(actor, where)


def _nothing(adding: Adding) -> str:
    if adding.of_compound:
        return _("这里还没有登记小区楼院，请先登记。")
    if adding.levels:
        return _("这里没有可以选的地方。")
    return _("这里还没有登记三官一律，请先登记。")


def _places(where: Sequence[str], levels: Sequence[str]) -> list[tuple[str, str]]:
    """(code, name) of the places of these levels; a grid with its community's name."""
    areas = Area.objects.filter(within("code", where), level__in=levels, ended_on=None).exclude(code="")
    found = list(areas.order_by("code").values_list("code", "name")[:MOST_CHOICES])
    if "grid" in levels:
        grids = Grid.objects.filter(in_force(), within("code", where)).select_related("community")
        found += [
            (row.code, f"{row.community.name} · {row.name}") for row in grids.order_by("code")[:MOST_CHOICES]
        ]
    return sorted(found)


def _compounds(where: Sequence[str]) -> list[tuple[str, str]]:
    """(id, name with its community) of the compounds of these places."""
    found = list(
        Compound.objects.filter(within("place_code", where)).order_by("place_code", "pinyin", "pk")[
            :MOST_CHOICES
        ]
    )
    names = dict(
        Area.objects.filter(code__in={row.place_code[:12] for row in found}).values_list("code", "name")
    )
    return [(str(row.pk), f"{names.get(row.place_code[:12], '')} · {row.name}") for row in found]


def _professionals(actor: Actor, where: Sequence[str]) -> list[tuple[str, str]]:
    rows = policy_for(Professional).visible_to(actor).filter(in_force(), within("place_code", where))
    found = list(rows.order_by("place_code", "kind", "pk")[:MOST_CHOICES])
    names = dict(
        Area.objects.filter(code__in={row.place_code[:12] for row in found}).values_list("code", "name")
    )
    return [(str(row.pk), f"{names.get(row.place_code[:12], '')} · {row}（{row.unit}）") for row in found]


@desk_page
def end(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """A row holds no longer from a day on."""
    if what not in ENDING:
        raise Http404
    actor = actor_of(request)
    model, register, argument, service = ENDING[what]
    row = policy_for(model).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not policy_for(model).can(actor, "keep", row):
        raise PermissionDenied
    form = forms.EndForm(request.POST or None)
    status = 200
    back = reverse("web:record", args=[register, pk])
    if request.method == "POST":
        if form.is_valid() and carried_out(
            form, lambda: service(actor=actor, ended_on=form.cleaned_data["ended_on"], **{argument: pk})
        ):
            messages.success(request, _("已终止。"))
            return redirect("web:register", register)
        status = 422
    page_of(request).place_code = row.place_code
    title = _("终止：%(what)s") % {"what": row}
    return render(request, "grids/act.html", {"form": form, "title": title, "back": back}, status=status)


@desk_page
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then show a question with its answer to everybody, or no longer."""
    actor = actor_of(request)
    row: Question | None = policy_for(Question).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Question).require(actor, "keep", row)
    back = reverse("web:record", args=["grids.questions", pk])
    if request.method == "POST":
        services_roster.publish_question(
            actor=actor, question_id=pk, is_public=request.POST.get("is_public") == "yes"
        )
        messages.success(request, _("已保存。"))
        return redirect(back)
    return render(request, "grids/publish.html", {"row": row, "back": back})

"""Terms changed from a day on, a published year taken in, the matters of somebody who leaves handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.registers import Problem
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import CalendarYear, TimeLimit
from doorstep.kernel.matters.models_retention import RetentionTerm
from doorstep.kernel.matters.notes import EXTENDED
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.matters.services_calendar import YearRefused, import_year, problems_of
from doorstep.kernel.matters.services_deadlines import extend_deadline, is_extendable, may_extend
from doorstep.kernel.matters.services_handover import MOST, hand_over, receivers_of, waiting_of
from doorstep.kernel.matters.services_retention import set_retention_term
from doorstep.kernel.matters.services_terms import set_term
from doorstep.kernel.matters.working_days import FIRST_BY_LIBRARY, PUBLISHED_BY_LIBRARY, last_day
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.web.frame.naming import names_of
from doorstep.surfaces.desk import calendar_file
from doorstep.surfaces.desk.forms_deadlines import (
    CalendarForm,
    ExtendForm,
    HandOverForm,
    NewTermForm,
    RetentionForm,
    TermForm,
)

SHOWN_PROBLEMS = 100


def _keeper(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not actor.holds_somewhere(SET_TERMS):
        raise PermissionDenied
    return actor


@login_required
@require_http_methods(["GET", "POST"])
def term_new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = NewTermForm(request.POST or None)
    return _term(request, actor, form, _("新设时限"), {})


@login_required
@require_http_methods(["GET", "POST"])
def term_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Let another amount hold from a day on, for what this row is about."""
    actor = _keeper(request)
    row = TimeLimit.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    of = {"kind": row.kind, "promise": row.clock, "category": row.category, "urgency": row.urgency}
    form = TermForm(
        request.POST or None, initial={"amount": row.amount, "measure": row.measure, "clause": row.clause}
    )
    return _term(request, actor, form, _("改时限：%(promise)s") % {"promise": row.promise}, of)


def _term(request: HttpRequest, actor: Actor, form: TermForm, title: str, of: dict[str, str]) -> HttpResponse:
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            set_term(actor=actor, **(form.cleaned_data | of))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("web:register", "matters.terms")
    if form.errors:
        status = 422
    context = {"form": form, "title": title, "back": reverse("web:register", args=["matters.terms"])}
    return render(request, "desk/term.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def retention_change(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep the words of closed matters of a kind for another time, from a day on."""
    actor = _keeper(request)
    row = RetentionTerm.objects.in_force().filter(kind=kind).first()
    if row is None:
        raise Http404
    form = RetentionForm(request.POST or None, initial={"months": row.months, "clause": row.clause})
    if request.method == "POST" and form.is_valid():
        try:
            set_retention_term(actor=actor, kind=kind, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("web:register", "matters.retention")
    name = law_of(kind).name
    context = {
        "form": form, "title": _("改保存期限：%(kind)s") % {"kind": name},
        "back": reverse("web:register", args=["matters.retention"]),
    }  # fmt: skip
    return render(request, "desk/term.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, number: str) -> HttpResponse:
    """Extend a running promise; who handles the matter does not. 404 where the matter is not seen."""
    actor = actor_of(request)
    try:
        matter = visible_matter(actor, number)
    except NotVisible:
        raise Http404 from None
    if not may_extend(actor, matter):
        raise PermissionDenied
    rows = [row for row in matter.deadlines.order_by("-due_at") if is_extendable(row)]
    promises = [
        (row.clock, _("%(promise)s（现在 %(day)s 前）") % {
            "promise": row.promise, "day": last_day(row.due_at) + dt.timedelta(days=1),
        })
        for row in rows
    ]  # fmt: skip
    form = ExtendForm(promises, request.POST or None, initial={"version": matter.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            extend_deadline(
                actor=actor, matter_id=matter.pk, due_day=data["due_day"], explanation=data["note"],
                promise=data["promise"], expected_version=data["version"],
            )  # fmt: skip
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已延期，说明已告知报告人。"))
            return redirect("desk:matter", number)
    context = {
        "form": form, "title": _("延期：%(matter)s") % {"matter": matter}, "clause": EXTENDED.clause,
        "back": reverse("desk:matter", args=[number]),
    }  # fmt: skip
    return render(request, "desk/term.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Take a published year in: all of the file or nothing, each wrong row named."""
    actor = _keeper(request)
    form = CalendarForm(request.POST or None, request.FILES or None)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            rows, problems = calendar_file.read(data["file"])
            if problems:
                problems = [*problems, *(row for row in problems_of(data["year"], rows) if row.row)]
                raise YearRefused(problems)
            is_new = import_year(
                actor=actor, year=data["year"], document=data["document"], rows=rows, replace=data["replace"]
            )
        except YearRefused as refused:
            problems = sorted(refused.problems, key=lambda problem: problem.row)
            form.refuse(refused)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            said = (
                _("已导入，正在核定按这一年暂定的期限。")
                if is_new
                else _("这一年已经导入过，内容相同，没有变动。")
            )
            messages.success(request, said)
            return redirect("web:register", "matters.calendar")
    context = {
        "form": form, "problems": problems[:SHOWN_PROBLEMS], "years": CalendarYear.objects.order_by("-year"),
        "first": FIRST_BY_LIBRARY, "last": PUBLISHED_BY_LIBRARY,
    }  # fmt: skip
    return render(request, "desk/calendar.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def hand_over_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """What somebody has in hand, by the unit that holds it, with who may take it. 404 where nothing of it is seen."""
    actor = actor_of(request)
    person = Person.objects.filter(pk=person_id).first()
    matters = list(waiting_of(actor, person_id).select_related("holder")[:MOST])
    if person is None or not matters:
        raise Http404
    status = 200
    groups = _groups(matters, person_id)
    if request.method == "POST":
        group = next((one for one in groups if str(one["unit"]) == request.POST.get("unit")), None)
        if group is None:
            raise Http404
        form = HandOverForm(group["people"], request.POST)
        chosen = [
            matter.pk for matter in group["matters"] if str(matter.pk) in request.POST.getlist("matter")
        ]
        if form.is_valid() and _handed(request, form, person_id, chosen):
            left = waiting_of(actor, person_id).exists()
            return redirect("desk:hand_over", person_id) if left else redirect("desk:work")
        group["form"], status = form, 422
    context = {"person": person, "groups": groups, "count": len(matters)}
    return render(request, "desk/hand_over.html", context, status=status)


def _groups(matters: Sequence[Matter], person_id: int) -> list[dict]:
    names = names_of({matter.place_code for matter in matters})
    found = []
    for unit in dict.fromkeys(matter.holder_id for matter in matters):
        some = [matter for matter in matters if matter.holder_id == unit]
        for matter in some:
            matter.place_name = names.get(matter.place_code, matter.place_code)  # type: ignore[attr-defined]  # for the page
        people = [(str(row.person_id), _title(row)) for row in receivers_of(some, person_id)]
        found.append({"unit": unit, "matters": some, "people": people, "form": HandOverForm(people)})
    return found


def _title(row: Appointment) -> str:
    return f"{row.person.name}（{row.get_post_display()}）"


def _handed(request: HttpRequest, form: HandOverForm, person_id: int, chosen: Sequence[int]) -> bool:
    if not chosen:
        form.add_error(None, _("请勾选要移交的事项。"))
        return False
    data = form.cleaned_data
    try:
        count = hand_over(
            actor=actor_of(request), from_id=person_id, to_id=int(data["to"]), matter_ids=chosen,
            internal=data["internal"],
        )  # fmt: skip
    except NotVisible as refusal:
        form.add_error(None, str(refusal.message))
        return False
    except Refused as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("已移交 %(count)d 件。") % {"count": count})
    return True

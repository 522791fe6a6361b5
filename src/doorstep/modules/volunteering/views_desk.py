"""The desk of volunteering: approve, look at oddities, answer appeals, publish statements, hand out sheets and cards."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.models import Attendance
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.policies import REVEAL
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.people.selectors import name_of_place, persons_for
from doorstep.kernel.people.services import reveal_names
from doorstep.kernel.shared.errors import NotVisible, Refused, RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.kernel.web.pages import carried_out, guarded
from doorstep.kernel.web.papers.printing import NotPrinted, pdf_of
from doorstep.kernel.web.qr import qr_svg
from doorstep.kernel.web.sheets_out import download, workbook
from doorstep.modules.volunteering import (
    selectors,
    services_appeals,
    services_approval,
    services_cards,
    services_record,
    services_review,
    services_statements,
)
from doorstep.modules.volunteering.forms import AnswerForm, OddityForm, PublishForm, SheetForm
from doorstep.modules.volunteering.models import Appeal, Credit, Oddity, Statement, Volunteer
from doorstep.modules.volunteering.models_review import OPEN, WAITING
from doorstep.modules.volunteering.pages import areas
from doorstep.modules.volunteering.policies import APPROVE, PUBLISH, VIEW
from doorstep.modules.volunteering.registers_records import row_facts
from doorstep.modules.volunteering.selectors_approval import waiting
from doorstep.modules.volunteering.selectors_oddities import attendances_of
from doorstep.modules.volunteering.selectors_papers import card_paper_data
from doorstep.modules.volunteering.selectors_statements import open_quarters, published

PAGE = 20
MOST_THERE = 200  # of those there, on the page of an oddity


@guarded
def approvals(request: HttpRequest) -> HttpResponse:
    """Services waiting for a second person: one tap approves one, ticks approve several."""
    actor = actor_of(request)
    if not actor.holds_somewhere(APPROVE):
        raise Http404
    place = request.GET.get("place", "")
    if place and not is_code(place):
        raise Http404
    if request.method == "POST":
        return _approve(request, actor, place)
    rows = selectors.to_approve(actor)
    rows = rows.filter(within("place_code", [place])) if place else rows
    after = whole_number(request.GET.get("after", ""))
    shown, further = waiting(rows, after, PAGE)
    context: dict[str, Any] = {
        "waiting": shown, "place": place, "total": rows.count(), "further": further,
        "mine": selectors.unapproved_own(actor),
    }  # fmt: skip
    return render(request, "volunteering/approvals.html", context)


def _approve(request: HttpRequest, actor: Actor, place: str) -> HttpResponse:
    chosen = [request.POST["one"]] if request.POST.get("one") else request.POST.getlist("session")
    pairs = []
    for each in chosen:
        number, _sep, version = each.partition(":")
        session_id, seen = whole_number(number), whole_number(version)
        if session_id is not None and seen is not None:
            pairs.append((session_id, seen))
    try:
        found = services_approval.approve_sessions(actor=actor, sessions=pairs)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        found = []
    if not pairs:
        messages.error(request, _("请先勾选要审核的服务。"))
    _tell(request, found)
    back = reverse("volunteering:approvals")
    return redirect(f"{back}?place={place}" if place else back)


def _tell(request: HttpRequest, found: list[services_approval.Outcome]) -> None:
    done = [row.approved for row in found if row.approved is not None]
    if done:
        words = {
            "n": len(done), "people": sum(row.credited for row in done), "hours": sum(row.minutes for row in done) // 60,
            "points": sum(row.points for row in done),
        }  # fmt: skip
        messages.success(
            request,
            ngettext(
                "已审核 %(n)d 场：%(people)d 人次计入，共 %(hours)d 小时、%(points)d 分。",
                "已审核 %(n)d 场：%(people)d 人次计入，共 %(hours)d 小时、%(points)d 分。",
                len(done),
            )
            % words,
        )
        if others := sum(row.others for row in done):
            messages.info(request, _("另有 %d 人次没有注册志愿者，不计时长和积分。") % others)
        if untrue := sum(row.untrue for row in done):
            messages.info(request, _("另有 %d 人次已核实为不实，不计时长和积分。") % untrue)
    for row in found:
        if row.approved is None:
            messages.error(request, row.refusal)


@guarded
@never_cache
def oddity(request: HttpRequest, pk: int) -> HttpResponse:
    """One record worth a look: what stands there, and a person's decision."""
    actor = actor_of(request)
    row = policy_for(Oddity).visible_to(actor).select_related("session__activity").filter(pk=pk).first()
    if row is None:
        raise Http404
    looks = request.POST.get("do") == "names"
    form = OddityForm(None if looks else request.POST or None)
    back = f"{reverse('web:register', args=['volunteering.oddities'])}?decision={WAITING}"
    if request.method == "POST" and not looks and form.is_valid():
        left: list[int] = []

        def act() -> None:
            left.append(services_review.decide(actor=actor, oddity_id=pk, **form.cleaned_data)[1])

        if carried_out(form, act):
            messages.success(request, _("已记下核实的结果。"))
            if left and left[0]:
                messages.info(request, _("有 %d 分已经兑换，收不回，时长已收回。") % left[0])
            return redirect(back)
    there = list(attendances_of(row.session_id)[:MOST_THERE])
    named, trouble = _names(request, there) if looks else ({}, "")
    context = {
        "row": row, "facts": row_facts(row), "form": form, "back": back, "waits": row.decision == WAITING,
        "attendances": [(named.get(each.person_id) or MASKS["name"](each.person.name), each) for each in there],
        "place_name": name_of_place(row.place_code), "trouble": trouble, "named": bool(named),
        "purposes": list(reveal_purposes().values()) if actor.holds(REVEAL, row.place_code) else [],
        "unit": last_names([row.unit_id]).get(row.unit_id, "") if row.unit_id else "",
        "credited": Credit.objects.filter(session=row.session_id, taken_back_at=None).count() if row.session_id else 0,
    }  # fmt: skip
    refused = form.is_bound or bool(trouble)
    return render(request, "volunteering/oddity.html", context, status=422 if refused else 200)


def _names(request: HttpRequest, there: Sequence[Attendance]) -> tuple[dict[int, str], str]:
    """Names in full for a purpose, on this answer alone; or why not."""
    people, purpose = [each.person_id for each in there], request.POST.get("purpose", "")
    try:
        return reveal_names(actor=actor_of(request), person_ids=people, purpose=purpose), ""
    except RuleViolation as refusal:
        return {}, str(refusal.message)


@guarded
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal, and its answer."""
    actor = actor_of(request)
    rows = policy_for(Appeal).visible_to(actor).select_related("session__activity", "volunteer__person")
    row = rows.filter(pk=pk).first()
    if row is None or not policy_for(Appeal).can(actor, "view", row):
        raise Http404
    attendance = Attendance.objects.filter(session=row.session_id, person=row.volunteer.person_id).first()
    initial = {"in_at": attendance.in_at, "out_at": attendance.out_at} if attendance else {}
    form = AnswerForm(request.POST or None, initial=initial)
    back = f"{reverse('web:register', args=['volunteering.appeals'])}?outcome={OPEN}"
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        act = partial(
            services_appeals.answer, actor=actor, appeal_id=pk, outcome=data["outcome"], text=data["answer"], in_at=data["in_at"],
            out_at=data["out_at"],
        )  # fmt: skip
        if carried_out(form, act):
            messages.success(request, _("已答复，本人会看到。"))
            return redirect(back)
    context = {
        "row": row, "attendance": attendance, "form": form, "back": back, "waits": row.outcome == OPEN,
        "place_name": name_of_place(row.place_code), "credit": selectors.credits_of(row.volunteer, session_id=row.session_id),
    }  # fmt: skip
    return render(request, "volunteering/answer.html", context, status=422 if form.is_bound else 200)


@guarded
def publish(request: HttpRequest) -> HttpResponse:
    """Statements of one's places: what is published, and the next to publish."""
    actor = actor_of(request)
    places = areas(actor.places_for(PUBLISH), ("county", "street", "community"))
    if not places:
        raise Http404
    quarters = [(day.isoformat(), quarter_words(day)) for day in open_quarters(places[0][0])]
    form = PublishForm(places, quarters, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        act = partial(
            services_statements.publish,
            actor=actor,
            place_code=data["place_code"],
            quarter=dt.date.fromisoformat(data["quarter"]),
        )
        if carried_out(form, act):
            messages.success(request, _("已公示，任何人都能看到。"))
            return redirect("volunteering:publish")
    rows = published().filter(within("place_code", actor.places_for(PUBLISH)))
    shown = [(row, quarter_words(row.quarter), name_of_place(row.place_code)) for row in rows[:PAGE]]
    context = {"form": form, "shown": shown, "quarters": quarters}
    return render(request, "volunteering/publish.html", context, status=422 if form.is_bound else 200)


def quarter_words(first: dt.date) -> str:
    return _("%(year)d 年第 %(n)d 季度") % {"year": first.year, "n": (first.month + 2) // 3}


@require_GET
def statements(request: HttpRequest) -> HttpResponse:
    """What was published, for anybody. No sign-in."""
    rows = list(published()[:60])
    names = dict(areas(sorted({row.place_code for row in rows}) or ["-"], ("county", "street", "community")))
    shown = [(row, quarter_words(row.quarter), names.get(row.place_code, row.place_code)) for row in rows]
    context = {"shown": shown, "days": selectors.rule_values()["statement.days"], "strip": "nearby"}
    return render(request, "volunteering/statements.html", context)


@require_GET
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One statement, for anybody. No sign-in."""
    row = Statement.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    context = {
        "row": row, "quarter": quarter_words(row.quarter), "place_name": name_of_place(row.place_code), "strip": "nearby",
    }  # fmt: skip
    return render(request, "volunteering/statement.html", context)


@guarded
def sheet(request: HttpRequest) -> HttpResponseBase:
    """Records in the columns of the national system, as a workbook."""
    actor = actor_of(request)
    places = areas(actor.places_for(VIEW), ("county", "street", "community"))
    if not places:
        raise Http404
    purposes = [(each.code, each.name) for each in reveal_purposes().values()]
    form = SheetForm(places, purposes if actor.holds_somewhere(REVEAL) else [], request.POST or None)
    if request.method == "POST" and form.is_valid():
        taken: list[list[services_record.Row]] = []
        data = form.cleaned_data
        if carried_out(form, lambda: taken.append(services_record.take_records(actor=actor, **data))):
            widths = [12, 18, 32, 12, 10, 10, 12, 28]
            name = _("志愿服务记录")
            book = workbook(name, services_record.headings(), widths, taken[0])
            return download(book, f"{name}-{data['place_code']}.xlsx")
    context = {"form": form, "headings": services_record.headings()}
    return render(request, "volunteering/sheet.html", context, status=422 if form.is_bound else 200)


@guarded
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then give a card: shown this one time, to be printed."""
    actor = actor_of(request)
    row = policy_for(Volunteer).visible_to(actor).select_related("person").filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Volunteer).require(actor, "keep", row)
    back = reverse("web:record", args=["volunteering.volunteers", pk])
    context: dict[str, Any] = {"row": row, "back": back, "name": _seen_name(actor, row)}
    if request.method == "POST":
        if request.POST.get("act") == "stop":
            services_cards.stop_card(actor=actor, volunteer_id=pk)
            messages.success(request, _("已挂失，原来的卡不能再用。"))
            return redirect(back)
        try:
            made = services_cards.give_card(actor=actor, volunteer_id=pk)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            return redirect(back)
        context |= {"card": made, "picture": qr_svg(made.code, scale=5)} | _card_paper(row, made)
        answer = render(request, "volunteering/card.html", context)
        answer["Cache-Control"] = "no-store"
        return answer
    return render(request, "volunteering/card.html", context)


def _card_paper(row: Volunteer, made: services_cards.Card) -> dict[str, Any]:
    """The card as a PDF within the page: no address has it, for the code is shown this once."""
    try:
        pdf = pdf_of("volunteering/card.typ", card_paper_data(row, made.code, made.groups))
    except NotPrinted as refusal:
        return {"no_paper": refusal.message}
    address = f"data:application/pdf;base64,{base64.b64encode(pdf).decode()}"
    return {"paper": address, "file_name": f"{_('志愿者卡')}-{row.number}.pdf"}


def _seen_name(actor: Actor, row: Volunteer) -> str:
    return persons_for(actor).filter(pk=row.person_id).values_list("name", flat=True).first() or ""

"""Wishes at the desk: the community's board, taking one down in one short form, what is to be decided about one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.context import page_of
from doorstep.modules.vanguard import pages, selectors, selectors_wishes, services_wishes
from doorstep.modules.vanguard.forms import AnswerForForm, VanguardForm, WishAtDeskForm, WordsForm
from doorstep.modules.vanguard.pages_acting import acted, carried_out, desk_page, pressed
from doorstep.modules.vanguard.services_wishes import NewWish
from doorstep.modules.vanguard.states import COLLECT, LAW, VIEW

COLUMNS = ("collected", "published", "claimed", "served")


@desk_page
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """What is to be made known, what waits for somebody, what is in hand, what waits for a word."""
    actor = actor_of(request)
    places = actor.places_for(VIEW)
    asked = request.GET.get("place", "")
    place = asked if is_code(asked) and any(asked.startswith(one) for one in places) else (places or [""])[0]
    if not places or (asked and asked != place):
        raise Http404
    page_of(request).place_code = place
    names = {state.code: state for state in LAW.states}
    found, counts = (
        selectors_wishes.office_board(actor, place, COLUMNS),
        selectors_wishes.board_counts(actor, place),
    )
    columns = [
        {"code": code, "name": names[code].name, "next": names[code].next_step, "lines": found[code], "count": counts.get(code, 0)}
        for code in COLUMNS
    ]  # fmt: skip
    context = {
        "columns": columns, "place": place, "place_name": name_of_place(place), "collects": actor.holds_somewhere(COLLECT),
        "closed": counts.get("closed", 0),
    }  # fmt: skip
    return render(request, "vanguard/board.html", context)


@desk_page
@require_http_methods(["GET", "POST"])
def collect(request: HttpRequest) -> HttpResponse:
    """One short form: what, for whom, where."""
    actor = actor_of(request)
    if not actor.holds_somewhere(COLLECT):
        raise Http404
    looked_for = (request.POST.get("q") or request.GET.get("q") or "").strip()[:40]
    places = pages.collecting_places(actor.places_for(COLLECT))
    asked = request.GET.get("place", "")
    initial = {"key": uuid.uuid4(), "place_code": asked}
    persons = pages.found_persons(actor, looked_for)
    form = WishAtDeskForm(places, persons, request.POST or None, initial=initial)
    made: list[int] = []

    def act() -> None:
        data = dict(form.cleaned_data)
        person = whole_number(data.pop("helped_person", ""))
        made.append(services_wishes.collect_wish(actor=actor, new=NewWish(helped_id=person, **data)).pk)

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("已收下并公布。再收一件就接着填。"))
        return redirect("vanguard:collect")
    return acted(
        request, form, _("收一件心愿"), reverse("vanguard:board"), finds=True, looked_for=looked_for, found=bool(persons),
        finds_words=_("本人用手机的，先按姓名找到他（可以不找）"),
    )  # fmt: skip


@desk_page
@require_http_methods(["GET", "POST"])
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """One wish in office, with what may be done now."""
    actor = actor_of(request)
    page = selectors_wishes.wish_page(actor, pk, None)
    if not actor.holds(VIEW, page.matter.place_code):
        raise Http404
    page_of(request).place_code = page.matter.place_code[:12]
    asked = request.POST.get("do", "")
    bound = {
        name: request.POST if asked == name else None for name in ("decline", "release", "no_phone", "answer")
    }
    forms: dict[str, VanguardForm] = {
        "decline": WordsForm(_("为什么不公布，可以去哪里办"), bound["decline"], prefix="decline"),
        "release": WordsForm(_("为什么另请人"), bound["release"], prefix="release"),
        "no_phone": WordsForm(_("帮的是谁，如“三号楼独居老人”"), bound["no_phone"], prefix="no_phone", longest=40),
        "answer": AnswerForForm(bound["answer"], prefix="answer"),
    }  # fmt: skip
    if request.method == "POST" and _done(request, actor, pk, asked, forms):
        return redirect("vanguard:office_wish", pk)
    form = forms.get(asked)
    context: dict[str, Any] = {
        "page_of": page, "forms": forms, "form": form, "back": f"{reverse('vanguard:board')}?place={page.matter.place_code[:12]}",
        "member": selectors.employer_of(page.wish.member) if page.wish.member else "",
        "asks": "confirm_for" in page.steps and not page.wish.person_has_phone,
        "may_note": "confirm_for" in page.steps and page.wish.person_has_phone,
    }  # fmt: skip
    refused = form is not None and bool(form.errors)
    return render(request, "vanguard/office_wish.html", context, status=422 if refused else 200)


def _done(request: HttpRequest, actor: Actor, pk: int, asked: str, forms: dict[str, VanguardForm]) -> bool:
    if asked == "publish":
        act = partial(apply_transition, actor=actor, matter_id=pk, name="publish")
        pressed(request, act, _("已公布。"), in_office=True)
        return True
    form = forms.get(asked)
    if form is None or not form.is_valid():
        return False
    data = form.cleaned_data
    acts: dict[str, Callable[[], Any]] = {
        "decline": lambda: apply_transition(
            actor=actor, matter_id=pk, name="decline", inputs=Inputs(note=data["words"])
        ),
        "release": lambda: services_wishes.release(actor=actor, wish_id=pk, reason=data["words"]),
        "no_phone": lambda: services_wishes.note_no_phone(actor=actor, wish_id=pk, helped=data["words"]),
        "answer": lambda: services_wishes.answer_for(
            actor=actor,
            wish_id=pk,
            done=data["done"] == "yes",
            asked_how=data["asked_how"],
            words=data["words"],
        ),
    }
    if not carried_out(form, acts[asked]):
        return False
    messages.success(request, _("已记下。"))
    return True

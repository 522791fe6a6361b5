"""The whistle board, a new whistle, and what one department's row on a whistle's page takes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.modules.requests import selectors_whistle as selectors
from doorstep.modules.requests import services_whistle as services
from doorstep.modules.requests.selectors_rates import own_whistle_record, whistle_record
from doorstep.modules.requests.states_whistle import ISSUE, OPEN, VIEW
from doorstep.surfaces.desk import outcomes, whistles
from doorstep.surfaces.desk.forms_whistles import (
    AnswerForm,
    CallMoreForm,
    ExcuseForm,
    GradeForm,
    NewWhistleForm,
)
from doorstep.surfaces.desk.periods import asked_period
from doorstep.surfaces.desk.views_matters import page_of_whistle


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Whistles by stage, for street, department and district each in their own scope."""
    actor = actor_of(request)
    place, stage = request.GET.get("place", ""), request.GET.get("stage", "")
    if not whistles.may_open(actor) or not is_code(place):
        raise Http404
    if stage and stage not in (*selectors.STAGES, selectors.OVER):
        raise Http404
    shown = whistles.board_page(actor, place, stage)
    return render(request, "desk/whistles.html", {"board": shown, "place": place})


@login_required
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """What became of whistles over a place and period, and both sides' record by name; a department reads its own."""
    actor = actor_of(request)
    if not whistles.may_open(actor):
        raise Http404
    period = asked_period(request.GET.get("since", ""), request.GET.get("on", ""))
    place = request.GET.get("place", "") or next(iter(actor.places_for(VIEW)), "")
    if not is_code(place):
        raise Http404
    context: dict[str, Any] = {"period": period, "place": place, "over_places": actor.holds_somewhere(VIEW)}
    if context["over_places"]:
        try:
            for side in ("department", "street"):
                context[side] = whistle_record(actor, place, period.since, period.on, side=side)
            context["outcomes"] = outcomes.table_of(actor, place, period)
        except (NotVisible, NotAllowed):
            raise Http404 from None
    else:
        context["department"] = own_whistle_record(actor, period.since, period.on)
    return render(request, "desk/whistle_record.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A whistle from scratch, or from the matter named by ?from=. A street whistles; a community proposes."""
    actor = actor_of(request)
    if not actor.holds_somewhere(OPEN):
        raise Http404
    origin = _origin(actor, request.GET.get("from", ""))
    place, trouble = _place(actor, request, origin)
    calls = actor.holds(ISSUE, place)
    units = selectors.units_to_call(place) if calls and place else []
    form = NewWhistleForm(
        selectors.grounds_in_force(), units, request.POST or None, calls=calls, initial=_start(origin)
    )
    status = 200
    if request.method == "POST":
        made = _made(actor, place, origin, form) if place and form.is_valid() else None
        if made is not None:
            messages.success(request, _("已吹哨。") if made.state != "proposed" else _("已提交街道研判。"))
            return redirect("desk:matter", number=made.number)
        status = 422
    context = {
        "form": form, "place": place, "place_name": full_names_of({place}).get(place, "") if place else "",
        "trouble": trouble, "origin": origin, "calls": calls,
        "sealed": origin is not None and origin.confidentiality == Matter.SEALED,
    }  # fmt: skip
    return render(request, "desk/whistle_new.html", context, status=status)


def _start(origin: Matter | None) -> dict[str, str]:
    """What the form takes over from the request; of a sealed one no word: departments are told what they need."""
    if origin is None:
        return {}
    words = {} if origin.confidentiality == Matter.SEALED else {"title": origin.title, "text": origin.text}
    return words | {"urgency": origin.urgency}


def _origin(actor: Actor, number: str) -> Matter | None:
    if not number:
        return None
    try:
        found = visible_matter(actor, number)
    except NotVisible:
        raise Http404 from None
    if found.kind != "request":
        raise Http404
    return found


def _place(actor: Actor, request: HttpRequest, origin: Matter | None) -> tuple[str, str]:
    """The place of the whistle, and what is wrong with what was typed: a code or an exact name in one's own places."""
    own = actor.places_for(OPEN)
    typed = request.GET.get("place", "").strip()
    if not typed:
        if origin is not None and actor.holds(OPEN, origin.place_code):
            return origin.place_code, ""
        return (own[0], "") if len(own) == 1 and len(own[0]) >= LENGTHS["street"] else ("", "")
    try:
        code = Places.inside(own).resolve(typed.rpartition(" ")[2], "")
    except ValueError as error:
        return "", str(error)
    if len(code) < LENGTHS["street"]:
        return "", _("请选街道以内的地方。")
    return code, ""


def _made(actor: Actor, place: str, origin: Matter | None, form: NewWhistleForm) -> Matter | None:
    data = dict(form.cleaned_data)
    lead, others = data.pop("unit_id", None), data.pop("others", [])
    about = services.NewWhistle(place_code=place, request_id=origin.pk if origin else None, **data)
    try:
        if lead is None:
            return services.propose(actor=actor, new=about).matter
        return services.whistle(actor=actor, new=about, lead_id=lead, others=others).matter
    except Refused as refusal:
        form.refuse(refusal)
        return None


@login_required
@require_POST
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """One department's answer, or what the street does about one department. Refused, the page says why."""
    actor = actor_of(request)
    try:
        matter = visible_matter(actor, number)
    except NotVisible:
        raise Http404 from None
    unit_id = _unit(request)
    if matter.kind != "whistle" or name not in DONE or unit_id is None:
        raise Http404
    form = _form(name, matter, request.POST)
    if form.is_valid():
        try:
            DONE[name](actor, matter.pk, unit_id, form.cleaned_data)
        except NotVisible:
            raise Http404 from None
        except Refused as refusal:
            form.refuse(refusal)  # type: ignore[attr-defined]  # every form of an act takes refusals
        else:
            messages.success(request, _("已记下。"))
            return redirect("desk:matter", number=number)
    return page_of_whistle(request, number, whistles.Bound(name, unit_id, form))


def _unit(request: HttpRequest) -> int | None:
    return whole_number(request.POST.get("unit", "0"))


def _form(name: str, matter: Matter, data: Any) -> Form:
    if name == "call":
        return CallMoreForm(selectors.units_to_call(matter.place_code), data)
    return {"excuse": ExcuseForm, "grade": GradeForm}.get(name, AnswerForm)(data)


def _join(actor: Actor, matter_id: int, unit_id: int, data: dict[str, Any]) -> None:
    services.accept(actor=actor, matter_id=matter_id)


def _excuse(actor: Actor, matter_id: int, unit_id: int, data: dict[str, Any]) -> None:
    services.object_to(actor=actor, matter_id=matter_id, reason=data["reason"])


def _arrive(actor: Actor, matter_id: int, unit_id: int, data: dict[str, Any]) -> None:
    services.arrive(actor=actor, matter_id=matter_id)


def _grade(actor: Actor, matter_id: int, unit_id: int, data: dict[str, Any]) -> None:
    services.grade(
        actor=actor, matter_id=matter_id, unit_id=unit_id, value=data["value"], words=data["words"]
    )


def _release(actor: Actor, matter_id: int, unit_id: int, data: dict[str, Any]) -> None:
    services.release(actor=actor, matter_id=matter_id, unit_id=unit_id)


def _call(actor: Actor, matter_id: int, unit_id: int, data: dict[str, Any]) -> None:
    services.call_more(actor=actor, matter_id=matter_id, unit_ids=data["unit_ids"])


DONE = {
    "join": _join, "excuse": _excuse, "arrive": _arrive, "grade": _grade, "release": _release, "call": _call,
}  # fmt: skip

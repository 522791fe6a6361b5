"""Taking down what somebody says on the telephone or at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.notices import when_of
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.modules.requests import selectors
from doorstep.modules.requests.forms_desk import TakeDownForm
from doorstep.modules.requests.services import Reported
from doorstep.modules.requests.services_desk import Told, sources_of, take_down
from doorstep.modules.requests.states import DISPATCH, OPEN
from doorstep.modules.requests.views_parts import desk_page

FEWEST_WORDS = 2  # below it words say nothing about the item


@dataclass(frozen=True)
class Spot:
    """The place that was chosen; `trouble` where it was not understood."""

    code: str = ""
    name: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Hints:
    """What the words may be about, and what was reported nearby already."""

    items: list[tuple[Any, Any]]
    nearby: list[selectors.Nearby]


@desk_page
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """The form; sent, the request is there and the next one can be taken down."""
    actor, sources = _allowed(request)
    given = request.POST if request.method == "POST" else request.GET
    spot = _spot(actor, given.get("place", ""), first=request.method == "GET")
    hints = _hints(actor, spot, given)
    data = request.POST if request.method == "POST" else None
    form = _form(actor, spot, hints, data, sources, request.GET.get("source", ""))
    if data is None:
        return _page(request, form, spot, hints)
    if data.get("do") == "look":
        form.errors.clear()
        return _page(request, form, spot, hints)
    if form.is_valid() and spot.code and (taken := _taken(actor, form, spot, hints)) is not None:
        messages.success(request, _said(taken))
        return redirect("desk:matter", number=taken.matter.number)
    if not spot.code:
        form.is_valid()
        form.add_error(None, spot.trouble or _("请选在哪个社区或者网格。"))
    return _page(request, form, spot, hints, 422)


@desk_page
@require_POST
def hints(request: HttpRequest) -> HttpResponse:
    """The part beside the words, while they are written."""
    actor, sources = _allowed(request)
    spot = _spot(actor, request.POST.get("place", ""))
    found = _hints(actor, spot, request.POST)
    form = _form(actor, spot, found, request.POST, sources)
    return render(request, "requests/_take_hints.html", _context(form, spot, found))


def _allowed(request: HttpRequest) -> tuple[Actor, list[str]]:
    actor = actor_of(request)
    sources = sources_of(actor)
    if not sources:
        raise Http404
    return actor, sources


def _spot(actor: Actor, text: str, first: bool = False) -> Spot:
    """A code, an exact name, or a name with its code, in the places for which the actor opens requests."""
    own = [code or settings.HOME_PLACE for code in actor.places_for(OPEN)]
    text = text.replace("\x00", "").strip()
    if not text:
        code = own[0] if first and len(own) == 1 and len(own[0]) >= LENGTHS["community"] else ""
        return Spot(code, full_names_of({code}).get(code, "") if code else "")
    last = text.split()[-1]
    try:
        code = Places.inside(own).resolve(last if is_code(last) else text[:60], "")
    except ValueError as wrong:
        return Spot(trouble=_("地方：%(reason)s。") % {"reason": wrong})
    if len(code) < LENGTHS["street"]:
        return Spot(trouble=_("请选街道以内的地方。"))
    return Spot(code, full_names_of({code}).get(code, code))


def _hints(actor: Actor, spot: Spot, given: Any) -> Hints:
    text = given.get("text", "").strip()
    if not spot.code or len(text) < FEWEST_WORDS:
        return Hints([], [])
    items = selectors.suggest_items(text, spot.code)
    best = (
        given.get("other")
        or given.get("item")
        or next((item.code for item, _why in items if not item.elsewhere), "")
    )
    nearby = selectors.likely_duplicates(actor, place_code=spot.code, text=text, item_code=best)
    return Hints(items, nearby)


def _form(
    actor: Actor, spot: Spot, hints: Hints, data: Any, sources: list[str], source: str = ""
) -> TakeDownForm:
    suggested = [(item.code, item.name) for item, _why in hints.items if not item.elsewhere]
    listed = selectors.items_at(spot.code).filter(elsewhere="").order_by("event_class", "code")
    joins = bool(spot.code) and actor.holds(DISPATCH, spot.code)
    nearby = [
        (each.matter_id, f"{each.number} {each.title or each.item_name}") for each in hints.nearby if joins
    ]
    return TakeDownForm(
        data, sources=sources, suggested=suggested, items=list(listed.values_list("code", "name")), nearby=nearby,
        initial={"source": source} if source in sources else {},
    )  # fmt: skip


def _taken(actor: Actor, form: TakeDownForm, spot: Spot, hints: Hints) -> Reported | None:
    shown = tuple(each.matter_id for each in hints.nearby)
    told = Told(place_code=spot.code, shown=shown, **form.told())
    try:
        return take_down(actor=actor, told=told)
    except NotVisible:
        raise
    except (NotAllowed, Refused) as refusal:
        form.refuse(refusal)
        return None


def _said(taken: Reported) -> str:
    """What to tell the person at the other end."""
    matter = taken.matter
    if not taken.is_new:
        return _("%(number)s 已经登记过，没有重复登记。") % {"number": matter.number}
    if matter.main_id is not None:
        return _("已登记 %(number)s，并入同一件事，有进展会一并告知。") % {"number": matter.number}
    unit = last_names({matter.asked_id or matter.holder_id or 0}).get(
        matter.asked_id or matter.holder_id or 0, ""
    )
    words = _("已登记 %(number)s。") % {"number": matter.number}
    if unit:
        words += _("由%(unit)s办。") % {"unit": unit}
    if matter.due_at is not None:
        words += _("请告诉对方：%(when)s 前有答复。") % {"when": when_of(matter.due_at)}
    return words + " ".join(("", *taken.warnings))


def _context(form: TakeDownForm, spot: Spot, hints: Hints) -> dict[str, Any]:
    return {"form": form, "spot": spot, "hints": hints}


def _page(
    request: HttpRequest, form: TakeDownForm, spot: Spot, hints: Hints, status: int = 200
) -> HttpResponse:
    return render(request, "requests/take.html", _context(form, spot, hints), status=status)

"""Pages of the grid worker's phone. They work without scripts; scripts keep what is done while there is no network."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.forms import StepForm
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.people.services import reveal
from doorstep.kernel.places.positions import datum_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.web.frame.installing import sender_of
from doorstep.modules.grids.models import DUTIES
from doorstep.modules.grids.policies import VISIT as VISITS
from doorstep.modules.grids.selectors_visits import own_latest
from doorstep.modules.requests.states import ON_THE_SPOT
from doorstep.surfaces.patrol import selectors
from doorstep.surfaces.patrol.actions import RECORD, VISIT, Action, Outcome, perform
from doorstep.surfaces.patrol.forms import RecordForm, visit_form
from doorstep.surfaces.patrol.texts import texts

View = Callable[..., HttpResponse]
# Why a worker asks for a reporter's phone: of the purposes staff may have, those that fit on a doorstep.
PURPOSES = ("contact", "visit", "emergency")


def is_at_home_here(actor: Actor) -> bool:
    """Grid workers, and community workers who stand in for them."""
    return actor.holds_somewhere(ON_THE_SPOT)


def for_workers(view: View) -> View:
    """Signed in, with work in a grid; for everybody else there is no such page."""

    @login_required
    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_at_home_here(actor_of(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return gated


def shown(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page with what every page of the patrol has: whose it is, when it was made, the words its scripts say."""
    frame = {"texts": texts(), "sender": sender_of(actor_of(request).account_id), "made_at": clock.now()}
    return render(request, template, frame | context, status=status)


@for_workers
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Today's matters by box, the nearest deadline first."""
    chosen = request.GET.get("box", "")
    if chosen and chosen not in selectors.BOXES:
        raise Http404
    found = selectors.today(actor_of(request), chosen, request.GET.get("after", ""))
    following = urlencode({"box": found.chosen, "after": found.after})
    context = {
        "today": found, "next_url": f"?{following}" if found.after else "", "strip": "home",
        "may_visit": actor_of(request).holds_somewhere(VISITS),
    }  # fmt: skip
    return shown(request, "patrol/home.html", context)


@for_workers
@require_GET
def matter(request: HttpRequest, number: str) -> HttpResponse:
    return _matter(request, number)


@for_workers
@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Take one step, as a form sends it. What was typed stays when it is refused."""
    outcome = perform(actor=actor_of(request), action=_sent(request, name, number))
    if outcome.state == "gone":
        raise Http404
    if outcome.state != "done":
        return _matter(request, number, outcome, name)
    messages.success(request, outcome.message)
    return redirect(way_from(actor_of(request), outcome))


def way_from(actor: Actor, outcome: Outcome) -> str:
    """Where one goes on: the matter, or the list where it has left one's sight or is over."""
    try:
        found = visible_matter(actor, outcome.number)
    except NotVisible:
        return reverse("patrol:home")
    return reverse("patrol:matter", args=[found.number]) if found.is_open else reverse("patrol:home")


def _sent(request: HttpRequest, name: str, number: str = "") -> Action:
    """A form's action. One without a key (none of ours) is an action of its own."""
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    picture = request.FILES.get("picture")
    return Action(key=key, name=name, number=number, fields=request.POST.dict(), picture=picture)


def _matter(
    request: HttpRequest, number: str, outcome: Outcome | None = None, name: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    bound = outcome.form if outcome is not None and isinstance(outcome.form, StepForm) else None
    try:
        page = selectors.matter_page(
            actor, number, bound if outcome and outcome.state == "refused" else None, name
        )
    except NotVisible:
        raise Http404 from None
    context = {
        "shown": page, "matter": page.matter, "tried": name, "outcome": outcome,
        "words": _typed(request, name) if outcome else "", "remark_key": uuid.uuid4(),
        "purposes": [reveal_purposes()[code] for code in PURPOSES],
    }  # fmt: skip
    status = 200 if outcome is None else 409 if outcome.state == "conflict" else 422
    answer = shown(request, "patrol/matter.html", context, status=status)
    answer.headers["X-Matter-Version"] = str(page.matter.version)
    return answer


def _typed(request: HttpRequest, name: str) -> str:
    """The words somebody typed for a step that is not offered any more."""
    typed = (text for field, text in request.POST.dict().items() if field.endswith(("-note", "-internal")))
    return next((str(text) for text in typed if text), "")


@for_workers
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Something met on the way: settled on the spot in one step, or passed on."""
    grids = selectors.my_grids(actor_of(request))
    datum = datum_of(request.headers.get("User-Agent", ""))
    form, status = RecordForm(grids=grids, datum=datum), 200
    if request.method == "POST":
        outcome = perform(actor=actor_of(request), action=_sent(request, RECORD))
        if outcome.state == "done":
            messages.success(request, outcome.message)
            return redirect("patrol:home")
        form, status = _with(outcome, request, grids), 422
    context = {"form": form, "grids": grids, "key": uuid.uuid4(), "strip": "record"}
    return shown(request, "patrol/record.html", context, status=status)


def _with(outcome: Outcome, request: HttpRequest, grids: list[selectors.Where]) -> RecordForm:
    if isinstance(outcome.form, RecordForm):
        return outcome.form
    form = RecordForm(request.POST, grids=grids)
    form.add_error(None, outcome.message)
    return form


@for_workers
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest) -> HttpResponse:
    """A visit: one tap on what it was for. Where, to whom and on which day if need be."""
    actor, status = actor_of(request), 200
    if not actor.holds_somewhere(VISITS):
        raise Http404
    trouble = ""
    try:
        form = visit_form(actor)
        if request.method == "POST":
            outcome = perform(actor=actor, action=_sent(request, VISIT))
            if outcome.state == "done":
                messages.success(request, outcome.message)
                return redirect("patrol:home")
            form, trouble, status = visit_form(actor, request.POST.dict()), outcome.message, 422
    except NotVisible:
        raise Http404 from None
    grids = list(form.fields["grid"].choices)  # type: ignore[attr-defined]  # a ChoiceField
    context = {
        "form": form, "grids": grids, "chosen": request.POST.get("grid") or request.GET.get("grid", ""), "trouble": trouble,
        "duties": DUTIES, "key": uuid.uuid4(), "strip": "visit", "latest": own_latest(actor),
    }  # fmt: skip
    return shown(request, "patrol/visit.html", context, status=status)


@for_workers
@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter's phone, for a purpose, once on this answer: who looked and why stays in the audit."""
    actor = actor_of(request)
    try:
        page = selectors.matter_page(actor, number)
        person = selectors.reporter_of(page.matter)
        if person is None or not page.can_reveal:
            raise Http404
        phone = reveal(
            actor=actor, person=person, field="phone",
            purpose=_purpose(request),
        )  # fmt: skip
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("patrol:matter", number=number)
    context = {"matter": page.matter, "phone": phone, "none": _("没有登记电话。")}
    return shown(request, "patrol/contact.html", context)


def _purpose(request: HttpRequest) -> str:
    asked = request.POST.get("purpose", "")
    return asked if asked in PURPOSES else ""

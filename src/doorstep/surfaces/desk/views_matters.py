"""The inbox of matters and the page of one, with the steps its law offers to the reader."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.forms import StepForm, form_for
from doorstep.kernel.matters.laws import Transition, law_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.shared.errors import Conflict, NotVisible, Refused, RuleViolation
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.requests.services_steps import take
from doorstep.surfaces.desk import matters


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]  # ActorMiddleware


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Matters that wait, by box, the nearest deadline first; ?q= searches in the same scope."""
    chosen = request.GET.get("box", "unit")
    place, text = request.GET.get("place", ""), request.GET.get("q", "")[:60]
    if chosen not in matters.BOXES or not is_code(place):
        raise Http404
    trouble = ""
    try:
        shown = matters.inbox(_actor(request), chosen, place, text, request.GET.get("after", ""))
    except RuleViolation as refusal:
        trouble = str(refusal.message)
        shown = matters.inbox(_actor(request), chosen, place, "", "")
    following = urlencode({"box": chosen, "place": place, "q": text, "after": shown.after})
    context = {
        "inbox": shown, "chosen": chosen, "q": text, "place": place, "trouble": trouble,
        "next_url": f"?{following}" if shown.after else "",
    }  # fmt: skip
    return render(request, "desk/inbox.html", context)


@login_required
@require_GET
def matter(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


@login_required
@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Take one step. What was typed stays when it is refused."""
    actor = _actor(request)
    row, found = _offered(actor, number, name)
    form = form_for(found, row, request.POST)
    if not form.is_valid():
        return _page(request, number, form, name)
    try:
        take(
            actor=actor, matter_id=found.pk, name=name, inputs=form.inputs(),
            expected_version=form.cleaned_data["version"],
        )  # fmt: skip
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, number, form, name, 409 if isinstance(refusal, Conflict) else 200)
    messages.success(request, _("已%(step)s。") % {"step": row.words})
    try:
        visible_matter(actor, found.pk)
    except NotVisible:  # given away to another unit, it has left the reader's sight
        return redirect("desk:inbox")
    return redirect("desk:matter", number=number)


def _offered(actor: Actor, number: str, name: str) -> tuple[Transition, Matter]:
    """The step and the matter. A step that is not offered any more (a stale page) is answered by the page itself."""
    try:
        found = visible_matter(actor, number)
    except NotVisible:
        raise Http404 from None
    row = law_of(found.kind).by_name.get(name)
    if row is None:
        raise Http404
    return row, found


def _page(
    request: HttpRequest, number: str, bound: StepForm | None = None, name: str = "", status: int = 200
) -> HttpResponse:
    actor = _actor(request)
    try:
        shown = matters.matter_page(actor, number)
    except NotVisible:
        raise Http404 from None
    forms = [
        (row, bound if bound is not None and row.name == name else form_for(shown.matter, row))
        for row in shown.steps
    ]
    stale = bound if bound is not None and name not in {row.name for row in shown.steps} else None
    context = {"shown": shown, "matter": shown.matter, "forms": forms, "tried": name, "stale": stale}
    return render(request, "desk/matter.html", context, status=status)

"""The page of a matter, with the steps its law offers to the reader and what can be done beside them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.shared.errors import Conflict, NotVisible, Refused
from doorstep.modules.partnership.selectors_lists import page_of_matter
from doorstep.modules.partnership.states_needs import OPEN as NEED
from doorstep.modules.requests.services_taking import take
from doorstep.modules.requests.states_whistle import OPEN as WHISTLE
from doorstep.surfaces.desk import acts, matters, whistles


def _found(actor: Actor, number: str) -> Matter:
    try:
        return visible_matter(actor, number)
    except NotVisible:
        raise Http404 from None


@login_required
@require_GET
def matter(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


@login_required
@require_GET
def text(request: HttpRequest, number: str) -> HttpResponse:
    """The matter as plain text for a chat group; for htmx in a panel with its copy button."""
    try:
        shown = matters.matter_page(actor_of(request), number)
    except NotVisible:
        raise Http404 from None
    words = matters.text_of(shown)
    if request.headers.get("HX-Request") == "true":
        return render(request, "web/registers/_text.html", {"text": words, "register": {"name": number}})
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


@login_required
@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Take one step. What was typed stays when it is refused; a page that has grown old says what happened since."""
    actor = actor_of(request)
    found = _found(actor, number)
    row = law_of(found.kind).by_name.get(name)
    if row is None or not matters.is_asked_here(row):
        raise Http404
    form = matters.step_form(found, row, request.POST)
    if not form.is_valid():
        return _page(request, number, matters.Tried(name, form), 422)
    version = form.cleaned_data["version"]
    try:
        take(actor=actor, matter_id=found.pk, name=name, inputs=form.inputs(), expected_version=version)
    except NotVisible:
        raise Http404 from None
    except Refused as refusal:
        return _refused_step(request, found.pk, name, version, refusal)
    messages.success(request, _("已%(step)s。") % {"step": row.words})
    return _onward(actor, found)


def _refused_step(
    request: HttpRequest, matter_id: int, name: str, version: int, refusal: Refused
) -> HttpResponse:
    """The page as it is now, with what was typed in the form, which now stands on what the page shows."""
    found = visible_matter(actor_of(request), matter_id)
    data = request.POST.copy()
    data[f"{name}-version"] = str(found.version)
    form = matters.step_form(found, law_of(found.kind).by_name[name], data)
    form.is_valid()
    changes = matters.changes_since(found, version)
    if not changes:
        form.refuse(refusal)
    tried = matters.Tried(name, form, str(refusal.message), changes)
    return _page(request, found.number, tried, 409 if changes else 422)


def _onward(actor: Actor, found: Matter) -> HttpResponse:
    """Back to the matter; given away to another unit it has left the reader's sight, and the inbox is next."""
    try:
        visible_matter(actor, found.pk)
    except NotVisible:
        return redirect("desk:inbox")
    return redirect("desk:matter", number=found.number)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """What is done beside the steps: a page of its own, or a panel beside the matter."""
    actor = actor_of(request)
    found = _found(actor, number)
    row, setting = acts.BY_KEY.get(key), acts.Setting(actor, found)
    if row is None:
        raise Http404
    if request.method == "GET":
        if not row.offered(setting):
            messages.warning(request, _("现在不能「%(act)s」这件事。") % {"act": row.words})
            return redirect("desk:matter", number=number)
        return _act_page(request, setting, row, row.form_for(setting))
    form = row.form_for(setting, request.POST, request.FILES)
    if not form.is_valid():
        return _act_page(request, setting, row, form, status=422)
    try:
        row.do(setting, form)
    except NotVisible as refusal:
        form.add_error(None, str(refusal.message))
        return _act_page(request, setting, row, form, status=422)
    except Refused as refusal:
        return _refused_act(request, setting, row, form, refusal)
    messages.success(request, str(row.done))
    return _onward(actor, found)


def _refused_act(
    request: HttpRequest, setting: acts.Setting, row: acts.Act, form: Any, refusal: Refused
) -> HttpResponse:
    changes = matters.changes_since(setting.matter, form.cleaned_data["version"])
    if isinstance(refusal, Conflict):
        data = request.POST.copy()
        data["version"] = str(setting.matter.version)
        form = row.form_for(setting, data, request.FILES)
        form.is_valid()
    form.refuse(refusal)
    return _act_page(request, setting, row, form, changes, 409 if changes else 422)


def _act_page(
    request: HttpRequest,
    setting: acts.Setting,
    row: acts.Act,
    form: Any,
    changes: Any = (),
    status: int = 200,
) -> HttpResponse:
    context = {"matter": setting.matter, "act": row, "form": form, "changes": changes}
    part = request.method == "GET" and request.headers.get("HX-Request") == "true"
    return render(request, f"desk/{'_act' if part else 'act'}.html", context, status=status)


def page_of_whistle(
    request: HttpRequest, number: str, side: whistles.Bound, status: int = 422
) -> HttpResponse:
    """The page again, with a form of one department's row that was refused."""
    return _page(request, number, status=status, side=side)


def _page(
    request: HttpRequest, number: str, tried: matters.Tried | None = None, status: int = 200,
    side: whistles.Bound | None = None,
) -> HttpResponse:  # fmt: skip
    actor = actor_of(request)
    try:
        shown = matters.matter_page(actor, number, tried)
    except NotVisible:
        raise Http404 from None
    gone = tried is not None and tried.name not in {block.name for block in shown.blocks}
    context = {
        "shown": shown,
        "matter": shown.matter,
        "tried": tried,
        "gone": gone,
        "own_page": page_of_matter(actor, shown.matter),
    }
    if shown.matter.kind == "whistle":
        context["whistle"] = whistles.side_of(actor, shown.matter, side)
    elif shown.matter.kind == "request":
        context["may_whistle"] = shown.matter.is_open and actor.holds(WHISTLE, shown.matter.place_code)
        sealed = shown.matter.confidentiality == Matter.SEALED
        context["may_need"] = not sealed and actor.holds(NEED, shown.matter.place_code)
    return render(request, "desk/matter.html", context, status=status)

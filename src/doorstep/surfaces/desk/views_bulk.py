"""Several matters of the inbox at once: choose a step, see what it does to each, do it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.shared.errors import NotVisible
from doorstep.surfaces.desk import bulk


@login_required
@require_http_methods(["GET", "POST"])
def together(request: HttpRequest) -> HttpResponse:
    """Steps that all of the chosen offer; with a step and its inputs the preview; with `sure` the result."""
    actor: Actor = actor_of(request)
    if not bulk.may_use(actor):
        raise Http404
    back = f"{reverse('desk:inbox')}?{request.POST.get('query', '')}"
    if request.method == "GET" or not request.POST.getlist("row"):
        messages.warning(request, _("请先在办件箱里勾选要一起办的事。"))
        return redirect(back)
    try:
        batch = bulk.batch_of(actor, request.POST.getlist("row"))
    except NotVisible as refusal:
        messages.warning(request, str(refusal.message))
        return redirect(back)
    step = batch.step(request.POST.get("step", ""))
    if step is None:
        return _choice(request, batch)
    form = batch.form(step, request.POST)
    if not form.is_valid():
        return _choice(request, batch, step, form)
    if request.POST.get("sure") == "yes":
        done, refused = batch.take(step, form)
        return _page(request, batch, {"step": step, "done": done, "refused": refused, "result": True})
    rows = batch.preview(step, form)
    hidden = [(name, value) for name, value in request.POST.items() if name.startswith(f"{step.name}-")]
    context = {"step": step, "rows": rows, "hidden": hidden, "able": sum(not row.trouble for row in rows)}
    return _page(request, batch, context)


def _choice(
    request: HttpRequest, batch: bulk.Batch, tried: Transition | None = None, form: object = None
) -> HttpResponse:
    blocks = [
        (step, form if tried is not None and step.name == tried.name else batch.form(step))
        for step in batch.steps()
    ]
    context = {"blocks": blocks, "rows": batch.shown(), "partly": batch.partly(), "tried": tried}
    return _page(request, batch, context, 422 if tried is not None else 200)


def _page(
    request: HttpRequest, batch: bulk.Batch, context: dict[str, object], status: int = 200
) -> HttpResponse:
    base = {"batch": batch, "query": request.POST.get("query", "")}
    return render(request, "desk/together.html", base | context, status=status)

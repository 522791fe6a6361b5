"""The inbox of matters, and the filters one keeps of it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.modules.requests.states import VIEW as SEE_REQUESTS
from doorstep.surfaces.desk import bulk, services_filters
from doorstep.surfaces.desk import inbox as boxes
from doorstep.surfaces.desk.inbox_filters import BOX, TEXT, Asked, asked_of


def _asked(request: HttpRequest, query: QueryDict) -> Asked:
    box = query.get(BOX) or boxes.first_waiting(actor_of(request))
    if box not in boxes.BOXES:
        raise Http404
    return asked_of(actor_of(request), query, box)


def _is_clumsy(query: QueryDict, asked: Asked) -> bool:
    """Empty fields of the form, or a place by its name: sent on to the one form that can be kept and passed on."""
    return "" in query.values() or query.get("place", "") != asked.place


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Matters that wait, by box, the nearest deadline first; narrowed and searched in the same scope."""
    actor, asked = actor_of(request), _asked(request, request.GET)
    if not asked.trouble and _is_clumsy(request.GET, asked):
        return redirect(f"{reverse('desk:inbox')}?{asked.query}")
    trouble = ""
    try:
        shown = boxes.inbox(actor, asked, request.GET.get("after", ""))
    except RuleViolation as refusal:
        trouble, asked = str(refusal.message), replace(asked, text="")
        shown = boxes.inbox(actor, asked, "")
    saved = services_filters.saved_filters(actor)
    context = {
        "inbox": shown, "asked": asked, "q": request.GET.get(TEXT, "")[:60], "trouble": trouble, "saved": saved,
        "place": asked.place, "box_name": boxes.BOXES[asked.box],
        "known": next((each for each in saved if each.query == asked.query), None),
        "may_bulk": bulk.may_use(actor), "may_board": actor.holds_somewhere(SEE_REQUESTS), "next_url": f"?{asked.query}&{urlencode({'after': shown.after})}" if shown.after else "",
    }  # fmt: skip
    return render(request, "desk/inbox.html", context)


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the conditions of the address under a name."""
    asked = _asked(request, QueryDict(request.POST.get("query", "")))
    try:
        row = services_filters.save_filter(
            actor=actor_of(request), name=request.POST.get("name", ""), query=asked.query
        )
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("已保存为“%(name)s”。") % {"name": row.name})
    return redirect(f"{reverse('desk:inbox')}?{asked.query}")


@login_required
@require_http_methods(["GET", "POST"])
def filters(request: HttpRequest) -> HttpResponse:
    """The filters of one's own: open, rename, delete."""
    actor = actor_of(request)
    if request.method == "POST":
        try:
            _change(request, actor, request.POST.get("pk", ""))
        except NotVisible:
            raise Http404 from None
        except RuleViolation as refusal:
            messages.error(request, str(refusal.message))
        return redirect("desk:filters")
    rows = [
        (row, boxes.BOXES[asked.box], asked.sentence)
        for row in services_filters.saved_filters(actor)
        if (asked := _asked(request, QueryDict(row.query)))
    ]
    return render(request, "desk/filters.html", {"rows": rows})


def _change(request: HttpRequest, actor: Actor, pk: str) -> None:
    number = whole_number(pk)
    if number is None:
        raise Http404
    if request.POST.get("do") == "delete":
        name = services_filters.delete_filter(actor=actor, pk=number)
        messages.success(request, _("已删去“%(name)s”。") % {"name": name})
    else:
        row = services_filters.rename_filter(actor=actor, pk=number, name=request.POST.get("name", ""))
        messages.success(request, _("已改名为“%(name)s”。") % {"name": row.name})

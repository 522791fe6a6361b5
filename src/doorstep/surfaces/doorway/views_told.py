"""Following: what I reported, what a neighbour reported, what somebody unknown reported and has the code of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.selectors_timeline import Timeline, timeline_of
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.services_attachments import attach
from doorstep.kernel.matters.services_remarks import remark, unfollow
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.modules.requests import follow_codes
from doorstep.modules.requests.services_feedback import rate
from doorstep.modules.requests.services_following import follow_nearby
from doorstep.modules.requests.services_steps import ask_reopening
from doorstep.surfaces.doorway import told
from doorstep.surfaces.doorway.pace import CODES_PER_MINUTE, address_of, counted, paced
from doorstep.surfaces.doorway.promises import standing_of
from doorstep.surfaces.doorway.reporting import offered_in
from doorstep.surfaces.doorway.views import around

PAGE = 20
resident_only = login_required(login_url="doorway:sign_in")


@resident_only
@never_cache
@require_GET
def all_told(request: HttpRequest) -> HttpResponse:
    """Everything I reported, a page at a time."""
    rows = told.told_by(actor_of(request), PAGE + 1, whole_number(request.GET.get("before")))
    shown = rows[:PAGE]
    context = around(request) | {
        "standings": shown, "next_before": shown[-1].matter.pk if len(rows) > PAGE else None, "strip": "mine",
    }  # fmt: skip
    return render(request, "doorway/all_told.html", context)


@resident_only
@never_cache
@require_GET
def matter(request: HttpRequest, matter_id: int) -> HttpResponse:
    """One of mine: who has it, what comes next and by when, its course, and what I may do."""
    return _matter_page(request, matter_id)


def _matter_page(request: HttpRequest, matter_id: int, status: int = 200, **more: Any) -> HttpResponse:
    try:
        found = told.told_matter(actor_of(request), matter_id)
    except NotVisible:
        raise Http404 from None
    context = around(request) | {
        "standing": standing_of(found), "timeline": timeline_of(actor_of(request), found), "grades": told.GRADES,
        "choices": told.choices_for(actor_of(request), found), "strip": "mine",
    }  # fmt: skip
    return render(request, "doorway/told.html", context | more, status=status)


@resident_only
@require_POST
def act(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Remark, rate, ask to reopen, withdraw, add a picture. A refusal comes back with what was written."""
    try:
        told.told_matter(actor_of(request), matter_id)  # seen in office alone is not enough here
        said = _acts()[request.POST.get("do", "")](request, matter_id)
    except (NotVisible, KeyError):
        raise Http404 from None
    except Refused as refusal:
        refused = {"refusal": refusal.message, "given": request.POST}
        return _matter_page(request, matter_id, status=422, **refused)
    messages.success(request, said)
    return redirect("doorway:told", matter_id)


def _acts() -> dict[str, Callable[[HttpRequest, int], str]]:
    return {"remark": _remark, "rate": _rate, "reopen": _reopen, "withdraw": _withdraw, "attach": _attach}


def _remark(request: HttpRequest, matter_id: int) -> str:
    remark(actor=actor_of(request), matter_id=matter_id, text=request.POST.get("text", ""), internal=False)
    return _("已留言，承办人会看到。")


def _rate(request: HttpRequest, matter_id: int) -> str:
    grade = request.POST.get("satisfaction", "")
    solved = request.POST.get("solved", "")
    if solved not in ("0", "1"):
        raise Refused(_("请说说问题解决了没有。"), field="solved")
    row = rate(
        actor=actor_of(request), matter_id=matter_id, solved=solved == "1",
        satisfaction=whole_number(grade, 2) or 0, words=request.POST.get("words", ""),
    )  # fmt: skip
    if row.solved and row.satisfaction > 2:
        return _("谢谢，评价已记下。")
    return _("评价已记下。您说没有解决或不满意，已转为要求重办，会有人答复。")


def _reopen(request: HttpRequest, matter_id: int) -> str:
    ask_reopening(actor=actor_of(request), matter_id=matter_id, note=request.POST.get("note", ""))
    return _("已要求重办，会有人答复。")


def _withdraw(request: HttpRequest, matter_id: int) -> str:
    inputs = Inputs(note=request.POST.get("note", ""))
    apply_transition(actor=actor_of(request), matter_id=matter_id, name="withdraw", inputs=inputs)
    return _("已撤回。")


def _attach(request: HttpRequest, matter_id: int) -> str:
    picture = request.FILES.get("picture")
    if picture is None:
        raise Refused(_("请选一张照片。"), field="picture")
    attach(actor=actor_of(request), matter_id=matter_id, upload=picture)
    return _("照片已加上。")


@never_cache
@require_http_methods(["GET", "POST"])
def follow_code(request: HttpRequest) -> HttpResponse:
    """How something reported by somebody unknown stands, for whoever has its code. 404 for any other."""
    if request.method == "GET":
        return render(request, "doorway/follow_code.html", around(request) | {"strip": "mine"})
    if counted("follow", address_of(request)) > CODES_PER_MINUTE:
        answer = render(request, "doorway/too_often.html", status=429)
        answer["Retry-After"] = "60"
        return answer
    code = request.POST.get("code", "")[:60]
    found = follow_codes.matter_of(code)
    if found is None:
        context = around(request) | {"strip": "mine", "code": code, "unknown": True}
        return render(request, "doorway/follow_code.html", context, status=404)
    context = around(request) | {
        "strip": "mine", "standing": standing_of(found), "timeline": _without_files(timeline_of(ANONYMOUS, found)),
    }  # fmt: skip
    return render(request, "doorway/followed.html", context)


def _without_files(timeline: Timeline) -> Timeline:
    """Files open for people on record alone."""
    for entry in timeline.entries:
        entry.files = []
    return timeline


@paced
@require_http_methods(["GET", "POST"])
def follow_offered(request: HttpRequest) -> HttpResponse:
    """Follow what a neighbour reported, as it was offered; by way of the sign-in for somebody unknown."""
    offer = (request.POST if request.method == "POST" else request.GET).get("follow", "")
    matter_id = offered_in(offer)
    if matter_id is None:
        raise Http404
    if actor_of(request).is_anonymous:
        back = f"{reverse('doorway:follow_offered')}?{urlencode({'follow': offer})}"
        return redirect(f"{reverse('doorway:sign_in')}?{urlencode({'next': back})}")
    if request.method == "GET":
        return render(
            request, "doorway/follow_offered.html", around(request) | {"offer": offer, "strip": "mine"}
        )
    try:
        follow_nearby(actor=actor_of(request), matter_id=matter_id)
    except Refused as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("已关注。有进展会告诉您。"))
    return redirect("doorway:mine")


@resident_only
@require_POST
def stop_following(request: HttpRequest, matter_id: int) -> HttpResponse:
    unfollow(actor=actor_of(request), matter_id=matter_id)
    messages.success(request, _("不再关注了。"))
    return redirect("doorway:mine")

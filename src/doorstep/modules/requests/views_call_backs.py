"""The call-back desk: who is to be called, one short form, the next one; and the reopenings that wait for an answer."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.people.services import reveal
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.modules.requests import selectors_call_backs as selectors
from doorstep.modules.requests.forms import CallBackForm
from doorstep.modules.requests.models import CallBack
from doorstep.modules.requests.services_feedback import call_back
from doorstep.modules.requests.states import CALL_BACK, SPOT_CHECK, VERIFY
from doorstep.modules.requests.views_parts import desk_page, place_asked

PURPOSES = ("contact", "supervision")


def _asked(request: HttpRequest) -> tuple[str, str]:
    """The tab and place in the address. Raises Http404 for what the reader has not."""
    actor = actor_of(request)
    tabs = selectors.tabs_of(actor)
    if not tabs:
        raise Http404
    tab = request.GET.get("tab") or (selectors.DUE if selectors.DUE in tabs else tabs[0])
    if tab not in tabs:
        raise Http404
    return tab, place_asked(actor, (CALL_BACK, SPOT_CHECK, VERIFY), request.GET.get("place", ""))


@desk_page
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    tab, place = _asked(request)
    shown = selectors.desk(actor_of(request), tab, place, request.GET.get("after", ""))
    query = {"tab": tab} | ({"place": place} if place else {})
    context = {
        "shown": shown, "tab": tab, "place": place, "query": urlencode(query),
        "next_url": f"?{urlencode(query | {'after': shown.after})}" if shown.after else "",
    }  # fmt: skip
    return render(request, "requests/call_backs.html", context)


@desk_page
@never_cache
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, number: str) -> HttpResponse:
    """The form of one call-back; saved, the next of the queue is shown."""
    tab, place = _asked(request)
    actor = actor_of(request)
    called = _callable(request, number)
    form = CallBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = call_back(actor=actor, matter_id=called.matter.pk, **form.values())
        except NotVisible:
            raise
        except NotAllowed as refusal:
            form.refuse(refusal)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _said(row))
            return _next(request, tab, place, called.matter.pk)
    return _page(request, called, form, tab, place)


def _callable(request: HttpRequest, number: str) -> selectors.Called:
    called = selectors.to_be_called(actor_of(request), number)
    if called.matter.kind != "request" or not actor_of(request).holds(CALL_BACK, called.matter.place_code):
        raise Http404
    return called


def _page(
    request: HttpRequest, called: selectors.Called, form: CallBackForm, tab: str, place: str, status: int = 200,
    **more: object,
) -> HttpResponse:  # fmt: skip
    query = urlencode({"tab": tab} | ({"place": place} if place else {}))
    context = {
        "called": called, "matter": called.matter, "form": form, "query": query,
        "purposes": [reveal_purposes()[code] for code in PURPOSES],
        "is_closed": called.matter.state == "closed", "may_call": _may_be_called(called),
    }  # fmt: skip
    status = 422 if form.errors else status
    return render(request, "requests/call_back.html", context | more, status=status)


def _may_be_called(called: selectors.Called) -> bool:
    """An outcome is there, and nobody has had a valid answer about it yet."""
    answered = any(row.valid and _of_this(row, called) for row in called.earlier)
    return called.matter.state == "closed" and not answered


def _of_this(row: CallBack, called: selectors.Called) -> bool:
    return called.answer is not None and row.closing == called.answer.number


def _said(row: CallBack) -> str:
    """What was done, and what it does."""
    if not row.valid:
        return _("已记下：没有有效回答（%(why)s）。不计入三率。") % {"why": row.get_invalid_reason_display()}
    matter = Matter.objects.get(pk=row.request_id)
    if matter.state != "reopening_asked":
        return _("已记下，计入三率。")
    _kind, words = clock_words(matter)
    return _("已记下。报告人没有满意，%(number)s 已转为“要求重办”，须由办理人以外的人答复，%(clock)s。") % {
        "number": matter.number, "clock": words,
    }  # fmt: skip


def _next(request: HttpRequest, tab: str, place: str, but: int) -> HttpResponse:
    if tab in (selectors.ASKED, selectors.LOOK):
        tab = selectors.DUE
    query = urlencode({"tab": tab} | ({"place": place} if place else {}))
    following = selectors.next_to_call(actor_of(request), tab, place, but)
    if following is None:
        return redirect(f"{reverse('requests:call_backs')}?{query}")
    return redirect(f"{reverse('requests:call_back', args=[following.number])}?{query}")


@desk_page
@require_GET
def skip(request: HttpRequest, number: str) -> HttpResponse:
    """Leave this one where it is and go to the next."""
    tab, place = _asked(request)
    return _next(request, tab, place, _callable(request, number).matter.pk)


@desk_page
@never_cache
@require_POST
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter's phone in full, on this answer alone, for a purpose; who looked and why stays in the audit."""
    tab, place = _asked(request)
    called = _callable(request, number)
    if called.reporter is None or called.no_phone:
        raise Http404
    if not _may_be_called(called):
        return _page(request, called, CallBackForm(), tab, place, status=409)
    purpose = request.POST.get("purpose", "")
    shown, trouble = "", ""
    try:
        shown = reveal(
            actor=actor_of(request), person=called.reporter, field="phone",
            purpose=purpose if purpose in PURPOSES else "",
        )  # fmt: skip
    except NotVisible:
        raise
    except Refused as refusal:
        trouble = str(refusal.message)
    status = 422 if trouble else 200
    return _page(request, called, CallBackForm(), tab, place, status, phone=shown, phone_trouble=trouble)

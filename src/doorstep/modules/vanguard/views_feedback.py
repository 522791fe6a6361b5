"""Telling employers: the office's list of a year, one word as page and paper, what an employer was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.papers.answering import paper as paper_answer
from doorstep.modules.vanguard import selectors_feedback, services_feedback
from doorstep.modules.vanguard.pages_acting import desk_page
from doorstep.modules.vanguard.policies import TELL_EMPLOYERS, employing_units
from doorstep.modules.vanguard.rules import year_fault


def _year(request: HttpRequest) -> int:
    """The year asked for, else the running one. Raises Http404 for one that cannot be."""
    today = clock.today()
    year = whole_number(request.POST.get("year") or request.GET.get("year") or "", 4) or today.year
    if year_fault(year, today):
        raise Http404
    return year


@desk_page
@never_cache
@require_http_methods(["GET", "POST"])
def telling(request: HttpRequest) -> HttpResponse:
    """Who served in a year and agrees, and whose employer has not been told: told with one press."""
    actor = actor_of(request)
    if not actor.holds_somewhere(TELL_EMPLOYERS):
        raise Http404
    year = _year(request)
    if request.method == "POST":
        ids = [
            number for text in request.POST.getlist("member") if (number := whole_number(text)) is not None
        ]
        try:
            sent = services_feedback.tell_employers(actor=actor, member_ids=ids, year=year)
        except RuleViolation as refusal:
            messages.error(request, str(refusal.message))
        else:
            said = ngettext("已反馈 %(n)d 人。", "已反馈 %(n)d 人。", len(sent)) % {"n": len(sent)}
            if len(sent) < len(ids):
                said += _("其余的不再同意，或者已经反馈过。")
            messages.success(request, said)
        return redirect(f"{reverse('vanguard:telling')}?year={year}")
    today = clock.today()
    context = {
        "rows": selectors_feedback.to_tell(actor, year), "year": year, "years": range(today.year, today.year - 4, -1),
    }  # fmt: skip
    return render(request, "vanguard/telling.html", context)


@desk_page
@never_cache
@require_GET
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """One word to an employer, as its people read it."""
    row = selectors_feedback.seen_feedback(actor_of(request), pk)
    context = {"row": row, "paper": selectors_feedback.paper_data(row, name_of_place(row.place_code))}
    return render(request, "vanguard/feedback.html", context)


@desk_page
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same on paper; made anew each time, so that what is no longer agreed to is not there either."""
    row = selectors_feedback.seen_feedback(actor_of(request), pk)
    data = selectors_feedback.paper_data(row, name_of_place(row.place_code))
    back = reverse("vanguard:feedback", args=[pk])
    return paper_answer(
        request, "vanguard/feedback.typ", data, name=f"{data['title']}-{row.year}-{row.pk}.pdf", back=back
    )


@desk_page
@never_cache
@require_GET
def told(request: HttpRequest) -> HttpResponse:
    """What the reader's own units were told of their people."""
    actor = actor_of(request)
    if not employing_units(actor):
        raise Http404
    return render(request, "vanguard/told.html", {"rows": selectors_feedback.feedback_of_employer(actor)})

"""Papers to print: slip, passbook, record, statement. Each is there for whom its page is there for, and no one else."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.web.pages import guarded
from doorstep.kernel.web.papers.answering import paper
from doorstep.kernel.web.papers.printing import qr_of
from doorstep.modules.volunteering import selectors_papers, selectors_programmes
from doorstep.modules.volunteering import selectors_redemption as redemption
from doorstep.modules.volunteering.models import Settlement, Volunteer
from doorstep.modules.volunteering.pages_redemption import office_page, phone_page, scanned_address
from doorstep.modules.volunteering.selectors import own_volunteer


def _own(request: HttpRequest) -> Volunteer:
    own = own_volunteer(actor_of(request))
    if own is None:
        raise Http404
    return own


@guarded
@require_GET
def passbook(request: HttpRequest) -> HttpResponseBase:
    """One's own book of points, or of hours (`book=minutes`)."""
    own = _own(request)
    book = "minutes" if request.GET.get("book") == "minutes" else "points"
    data = selectors_papers.passbook_paper_data(own, book)
    back = reverse("volunteering:passbook") + ("?book=minutes" if book == "minutes" else "")
    return paper(
        request, "volunteering/passbook.typ", data, name=f"{data['title']}-{own.number}.pdf", back=back
    )


@guarded
@require_GET
def record(request: HttpRequest) -> HttpResponseBase:
    """One's own record of service."""
    own = _own(request)
    data = selectors_papers.record_paper_data(own)
    name = f"{data['title']}-{own.number}.pdf"
    return paper(request, "volunteering/record.typ", data, name=name, back=reverse("volunteering:record"))


def _slip(request: HttpRequest, shown: redemption.Shown, back: str, code: str = "") -> HttpResponse:
    number = shown.slip.number
    data = redemption.slip_paper_data(shown, qr_of(scanned_address(request, number, code)), code)
    name = _("小票 %s") % number
    return paper(request, "volunteering/slip.typ", data, name=f"{name}.pdf", back=back)


@phone_page
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """One's own slip."""
    shown = redemption.own_slip(actor_of(request), number)
    return _slip(request, shown, reverse("volunteering:slip", args=[number]))


@office_page
@require_GET
def merchant_slip(request: HttpRequest, number: str) -> HttpResponse:
    """A slip of the reader's merchant, or of the desk, for who offers it."""
    shown = redemption.clerks_slip(actor_of(request), number)
    return _slip(request, shown, reverse("volunteering:merchant_slip", args=[number]))


@office_page
@require_GET
def desk_slip(request: HttpRequest, number: str) -> HttpResponse:
    """Any slip of the list of slips, for who has that list; for who may hand it, on paper with its code."""
    actor = actor_of(request)
    shown = selectors_programmes.listed_slip(actor, number)
    back = reverse("web:record", args=["volunteering.slips", shown.slip.pk])
    return _slip(request, shown, back, redemption.code_on_paper(actor, shown.slip))


def _statement(request: HttpRequest, row: Settlement, back: str) -> HttpResponse:
    data = redemption.statement_paper_data(row)
    name = f"{data['title']}-{row.month:%Y-%m}-{row.pk}.pdf"
    return paper(request, "volunteering/statement.typ", data, name=name, back=back)


@office_page
@require_GET
def merchant_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """A settled month of one of the reader's merchants."""
    row = redemption.own_settlement(actor_of(request), pk)
    back = f"{reverse('volunteering:merchant_months')}?unit={row.merchant_id}&month={row.month:%Y-%m}"
    return _statement(request, row, back)


@office_page
@require_GET
def desk_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """A settlement of the list of settlements, for who has that list."""
    row = selectors_programmes.listed_settlement(actor_of(request), pk)
    return _statement(request, row, reverse("web:record", args=["volunteering.settlements", pk]))

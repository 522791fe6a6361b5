"""The merchant's side, on a phone: scan or type a slip, compare, confirm; today; the month and its settlement."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.frame.headers import with_camera
from doorstep.modules.volunteering import selectors_redemption as selectors
from doorstep.modules.volunteering import services_settlement
from doorstep.modules.volunteering import services_slips as services
from doorstep.modules.volunteering.pages_redemption import office_page
from doorstep.modules.volunteering.policies_redemption import managed_by, merchants_of
from doorstep.modules.volunteering.rules_redemption import paper_code_in, read_number


def _own(actor: Actor) -> dict[int, str]:
    """The reader's merchants and their names. Raises NotVisible for who has none."""
    mine = merchants_of(actor)
    if not mine:
        raise NotVisible("")
    return selectors.names_of_merchants(mine)


@office_page
@with_camera
@require_GET
def merchant(request: HttpRequest) -> HttpResponse:
    """Scan or type; what was handed today. A number (`n`) leads to its slip."""
    actor = actor_of(request)
    names, asked, wrong = _own(actor), request.GET.get("n", ""), ""
    if asked:
        number = read_number(asked)
        if number:
            try:
                selectors.clerks_slip(actor, number)
                address = reverse("volunteering:merchant_slip", args=[number])
                code = request.GET.get("c", "") or paper_code_in(asked)
                return redirect(f"{address}?{urlencode({'c': code})}" if code else address)
            except NotVisible:
                wrong = _("没有这张小票，或者它不是本店的。")
        else:
            wrong = _("编号不对，请核对后再输：一共11位数字，少了、错了都不行。")
    context = {
        "names": list(names.values()), "asked": asked, "wrong": wrong, "slips": selectors.handed_today(actor),
    }  # fmt: skip
    return render(request, "volunteering/redemption/merchant.html", context, status=422 if wrong else 200)


@office_page
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    return _slip_page(request, number)


def _slip_page(request: HttpRequest, number: str, refused: str = "") -> HttpResponse:
    actor = actor_of(request)
    found = selectors.clerks_slip(actor, number)
    context = {
        "shown": found, "refused": refused, "reason": request.POST.get("reason", ""),
        "own": found.slip.offered_by_id == actor.person_id,
        "code": (request.POST.get("code") or request.GET.get("c") or "")[:40],
    }  # fmt: skip
    return render(
        request, "volunteering/redemption/merchant_slip.html", context, status=422 if refused else 200
    )


@office_page
@require_GET
def slip_now(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the page that changes while the volunteer confirms."""
    found = selectors.clerks_slip(actor_of(request), number)
    return render(request, "volunteering/redemption/_merchant_now.html", {"shown": found})


@office_page
@require_POST
def slip_act(request: HttpRequest, number: str) -> HttpResponse:
    """Offer, take the offer back, void."""
    actor, do = actor_of(request), request.POST.get("do", "")
    selectors.clerks_slip(actor, number)  # 404 for what does not exist here, whatever is asked
    try:
        if do == "offer":
            services.offer_slip(actor=actor, number=number)
        elif do == "paper":
            services.take_paper_slip(actor=actor, number=number, code=request.POST.get("code", "")[:40])
            messages.success(request, _("已兑换，请把纸质小票收好。"))
        elif do == "take_back":
            services.take_offer_back(actor=actor, number=number)
            messages.success(request, _("已撤回，小票还能用。"))
        elif do == "void":
            services.void_slip(actor=actor, number=number, reason=request.POST.get("reason", ""))
            messages.success(request, _("已作废，积分已退回。"))
        else:
            raise NotVisible("")
    except NotVisible:
        raise
    except Refused as refusal:
        return _slip_page(request, number, str(refusal.message))
    return redirect("volunteering:merchant_slip", number)


@office_page
@require_GET
def months(request: HttpRequest) -> HttpResponse:
    """A month of one of the reader's merchants (`unit`, `month`): by programme, settled or not."""
    actor = actor_of(request)
    names = _own(actor)
    unit = whole_number(request.GET.get("unit")) or min(names)
    choices = selectors.last_months()
    asked = request.GET.get("month", "")
    month = next((each for each in choices if f"{each:%Y-%m}" == asked), choices[0])
    context = {
        "names": sorted(names.items()), "unit": unit, "name": names.get(unit, ""), "choices": choices, "month": month,
        "lines": selectors.statement(actor, unit, month), "manages": unit in managed_by(actor),
    }  # fmt: skip
    return render(request, "volunteering/redemption/merchant_months.html", context)


@office_page
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The merchant has compared a settlement and agrees."""
    row = services_settlement.agree_settlement(actor=actor_of(request), settlement_id=pk)
    messages.success(request, _("已核对，等待付款。"))
    return redirect(f"/merchant/months/?unit={row.merchant_id}&month={row.month:%Y-%m}")

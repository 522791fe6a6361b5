"""The volunteer's side, on a phone: what there is, what I can have now, my slips, and the slip that is shown at the shop."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.qr import qr_address
from doorstep.modules.volunteering import selectors_redemption as selectors
from doorstep.modules.volunteering import services_slips as services
from doorstep.modules.volunteering.pages_redemption import phone_page, scanned_address
from doorstep.modules.volunteering.selectors import own_volunteer


@phone_page
@require_GET
def shop(request: HttpRequest) -> HttpResponse:
    """Everything offered where I live, programme by programme."""
    volunteer = own_volunteer(actor_of(request))
    if volunteer is None:
        return render(request, "volunteering/redemption/no_volunteer.html", {"strip": "mine"})
    after = whole_number(request.GET.get("after")) or 0
    found = selectors.shop(volunteer, after=after)
    return render(request, "volunteering/redemption/shop.html", {"shop": found, "strip": "mine"})


@phone_page
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item; a POST makes the slip. The form carries a key, so a second tap is the same slip."""
    actor = actor_of(request)
    volunteer = own_volunteer(actor)
    if volunteer is None:
        raise NotVisible("")
    refused = ""
    if request.method == "POST":
        try:
            key = uuid.UUID(request.POST.get("key", ""))
        except ValueError:
            raise NotVisible("") from None
        try:
            slip = services.make_slip(actor=actor, item_id=pk, key=key)
        except NotVisible:
            raise
        except Refused as refusal:
            refused = str(refusal.message)
        else:
            return redirect("volunteering:slip", slip.number)
    found = selectors.shop(volunteer, only=pk)
    if not found.offers:
        raise NotVisible("")
    context = {
        "offer": found.offers[0], "points": found.points, "refused": refused, "strip": "mine", "key": uuid.uuid4(),
        "left": found.points - found.offers[0].item.points,
    }  # fmt: skip
    return render(request, "volunteering/redemption/item.html", context, status=422 if refused else 200)


@phone_page
@require_GET
def slips(request: HttpRequest) -> HttpResponse:
    rows = selectors.own_slips(
        actor_of(request), before=whole_number(request.GET.get("before")), most=selectors.PAGE + 1
    )
    shown = rows[: selectors.PAGE]
    context = {
        "slips": shown, "before": shown[-1].pk if len(rows) > selectors.PAGE else None, "strip": "mine",
    }  # fmt: skip
    return render(request, "volunteering/redemption/slips.html", context)


@phone_page
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    return _slip_page(request, number)


def _slip_page(request: HttpRequest, number: str, refused: str = "") -> HttpResponse:
    found = selectors.own_slip(actor_of(request), number)
    address = scanned_address(request, found.slip.number)
    context = {"shown": found, "qr": qr_address(address), "refused": refused, "strip": "mine"}
    return render(request, "volunteering/redemption/slip.html", context, status=422 if refused else 200)


@phone_page
@require_GET
def slip_now(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the slip's page that changes."""
    found = selectors.own_slip(actor_of(request), number)
    return render(request, "volunteering/redemption/_slip_now.html", {"shown": found})


@phone_page
@require_POST
def slip_act(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm, say no to an offer, or give the slip up. A refusal comes back on the slip's page."""
    act = {
        "confirm": (services.confirm_slip, _("已兑换，祝您用得称心。")),
        "decline": (services.take_offer_back, _("没有兑换，小票还能用。")),
        "give_up": (services.give_slip_up, _("已取消，积分退回了。")),
    }.get(request.POST.get("do", ""))
    if act is None:
        raise NotVisible("")
    service, said = act
    try:
        service(actor=actor_of(request), number=number)
    except NotVisible:
        raise
    except Refused as refusal:
        return _slip_page(request, number, str(refusal.message))
    messages.success(request, said)
    return redirect("volunteering:slip", number)


@phone_page
@require_GET
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """What the slip carries, as a file that anybody checks with the public key alone."""
    found = selectors.own_slip(actor_of(request), number)
    answer = JsonResponse(selectors.proof_of(found.slip) or {}, json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="slip-{found.slip.number}.json"'
    return answer

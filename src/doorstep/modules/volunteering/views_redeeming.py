"""The desk: exchanging for who shows a card, in two signatures; voiding a slip; settling months with merchants."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.pages import carried_out
from doorstep.modules.volunteering import forms_redemption as forms
from doorstep.modules.volunteering import selectors_programmes as selectors
from doorstep.modules.volunteering import services_settlement
from doorstep.modules.volunteering import services_slips as services
from doorstep.modules.volunteering.models import Settlement, Slip
from doorstep.modules.volunteering.pages_redemption import form_page, office_page
from doorstep.modules.volunteering.policies_redemption import HAND, SETTLE
from doorstep.modules.volunteering.rules_redemption import read_number, spaced
from doorstep.modules.volunteering.selectors_redemption import names_of_merchants


@office_page
def desk(request: HttpRequest) -> HttpResponse:
    """One officer makes the slip of who shows a card; below, what waits for a second one."""
    actor = actor_of(request)
    if not actor.holds_somewhere(HAND):
        raise Http404
    found = selectors.desk_items(actor)
    merchants = names_of_merchants(item.merchant_id for item in found)
    items = [
        (
            item.pk,
            _("%(name)s（%(points)d 分，%(where)s）")
            % {
                "name": item.name,
                "points": item.points,
                "where": merchants.get(item.merchant_id or 0, _("社区领取")),
            },
        )
        for item in found
    ]
    form = forms.DeskForm(items, request.POST or None)
    status = 200
    if request.method == "POST":
        data = form.cleaned_data if form.is_valid() else {}
        if data and carried_out(
            form,
            lambda: services.make_slip_by_card(
                actor=actor, item_id=data["item"], key=data["key"], card=data["card"]
            ),
        ):
            messages.success(request, _("小票开好了，请另一位工作人员核对。"))
            return redirect("volunteering:desk")
        status = 422
    context = {"form": form, "waiting": selectors.waiting_at_desk(actor), "items": items,
        "papers": selectors.on_paper(actor), "left": selectors.left_at_desk(actor),
    }  # fmt: skip
    return render(request, "volunteering/redemption/desk.html", context, status=status)


@office_page
@require_POST
def offer(request: HttpRequest) -> HttpResponse:
    """A slip of a phone, for what the desk hands out: the officer offers, the volunteer confirms."""
    actor = actor_of(request)
    if not actor.holds_somewhere(HAND):
        raise Http404
    try:
        slip = services.offer_slip(actor=actor, number=request.POST.get("number", ""))
        told = (
            _("%(number)s 请另一位工作人员发放。")
            if slip.card
            else _("已确认 %(number)s，请本人在手机上确认。")
        )
        messages.success(request, told % {"number": spaced(slip.number)})
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("volunteering:desk")


@office_page
def hand(request: HttpRequest, number: str) -> HttpResponse:
    """The second signature: the holder shows the card once more, and has the goods, or a slip on paper for them."""
    actor = actor_of(request)
    shown = selectors.desk_slip(actor, number)
    paper = shown.slip.issued_by_id is not None
    if not policy_for(Slip).can(actor, "vouch" if paper else "hand", shown.slip):
        raise NotAllowed("")
    form = forms.CardForm(request.POST or None)

    def done() -> HttpResponse:
        messages.success(request, _("已签字，请打印小票交给本人。") if paper else _("已发放。"))
        return redirect("volunteering:desk")

    sign = services.vouch_slip if paper else services.hand_by_card

    page_of(request).place_code = shown.slip.place_code
    return form_page(
        request, form,
        lambda: sign(actor=actor, number=shown.slip.number, card=form.cleaned_data["card"]), done,
        title=(_("签字：%(name)s") if paper else _("发放：%(name)s")) % {"name": shown.slip.item.name},
        back=reverse("volunteering:desk"), shown=shown, verb=_("核对无误，签字") if paper else _("已发放"),
    )  # fmt: skip


@office_page
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """The holder of the card does not want it: points, piece and money go back."""
    actor = actor_of(request)
    shown = selectors.desk_slip(actor, number)
    if not policy_for(Slip).can(actor, "give_back", shown.slip):
        raise NotAllowed("")
    form = forms.CardForm(request.POST or None)

    def done() -> HttpResponse:
        messages.success(request, _("已退回，积分回到卡上。"))
        return redirect("volunteering:desk")

    page_of(request).place_code = shown.slip.place_code
    return form_page(
        request, form,
        lambda: services.give_back_by_card(
            actor=actor, number=shown.slip.number, card=form.cleaned_data["card"]
        ), done,
        title=_("退回：%(name)s") % {"name": shown.slip.item.name},
        back=reverse("volunteering:desk"), shown=shown, verb=_("不要了，退回积分"),
    )  # fmt: skip


@office_page
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Take a handed slip back, with a reason."""
    actor = actor_of(request)
    shown = selectors.desk_slip(actor, read_number(number))
    if not policy_for(Slip).can(actor, "void", shown.slip):
        raise NotAllowed("")
    form = forms.VoidForm(request.POST or None)
    back = reverse("web:record", args=["volunteering.slips", shown.slip.pk])

    def done() -> HttpResponse:
        messages.success(request, _("已作废，积分、库存和资金都退回了。"))
        return redirect(back)

    page_of(request).place_code = shown.slip.place_code
    return form_page(
        request, form,
        lambda: services.void_slip(actor=actor, number=shown.slip.number, reason=form.cleaned_data["reason"]), done,
        title=_("作废小票 %(number)s") % {"number": shown.number}, back=back, shown=shown, verb=_("作废"),
    )  # fmt: skip


@office_page
@require_GET
def settlements(request: HttpRequest) -> HttpResponse:
    """What is to be settled, to be agreed, to be paid."""
    actor = actor_of(request)
    if not actor.holds_somewhere(SETTLE):
        raise Http404
    found = selectors.settlements_open(actor)
    context = {
        "to_settle": selectors.to_settle(actor), "to_agree": [pair for pair in found if pair[0].agreed_at is None],
        "to_pay": [pair for pair in found if pair[0].agreed_at is not None],
    }  # fmt: skip
    return render(request, "volunteering/redemption/settlements.html", context)


@office_page
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Make one settlement of last month (or of what lies before it)."""
    actor = actor_of(request)
    programme = whole_number(request.POST.get("programme"))
    merchant = whole_number(request.POST.get("merchant"))
    line = next(
        (
            each
            for each in selectors.to_settle(actor)
            if (each.programme_id, each.merchant_id) == (programme, merchant)
        ),
        None,
    )
    if line is None:
        raise NotVisible("")
    try:
        services_settlement.make_settlement(
            actor=actor, programme_id=line.programme_id, merchant_id=line.merchant_id, month=line.month
        )
        messages.success(request, _("结算做好了，等商户核对。"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("volunteering:settlements")


@office_page
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """It was paid: on which day, by which document."""
    actor = actor_of(request)
    row: Settlement | None = policy_for(Settlement).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Settlement).require(actor, "pay", row)
    form = forms.PayForm(request.POST or None)
    back = reverse("volunteering:settlements")

    def done() -> HttpResponse:
        messages.success(request, _("付款已登记。"))
        return redirect(back)

    page_of(request).place_code = row.place_code
    return form_page(
        request, form,
        lambda: services_settlement.pay_settlement(actor=actor, settlement_id=pk, **form.cleaned_data), done,
        title=_("登记付款：%(month)s") % {"month": f"{row.month:%Y-%m}"}, back=back, verb=_("登记付款"),
    )  # fmt: skip

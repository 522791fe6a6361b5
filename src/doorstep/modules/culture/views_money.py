"""What comes into a purse, what an event cost, a cost taken back, days closed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.web.context import page_of
from doorstep.modules.culture import rules, selectors, services_money
from doorstep.modules.culture.forms import CloseForm, CostForm, GrantForm, ReasonForm
from doorstep.modules.culture.models import Cost, Purse
from doorstep.modules.culture.policies import FUND
from doorstep.modules.culture.views_desk import acted, carried_out, desk_page


@desk_page
def cost(request: HttpRequest, pk: int) -> HttpResponse:
    """A cost of an event, out of one of the purses that hold for its place."""
    actor = actor_of(request)
    session = selectors.event_seen(actor, pk)
    page_of(request).place_code = session.place_code[:12]
    purses = selectors.purses_for(actor, session.place_code)
    back = reverse("culture:desk_event", args=[pk])
    choices = [
        (str(line.purse.pk), _("%(name)s（剩 %(left)s 元）") % {"name": line.purse.name, "left": line.words})
        for line in purses
    ]
    form = CostForm(choices, request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services_money.spend(
            actor=actor, event_id=session.activity.cultural_event.pk, purse_id=data["purse"], what=data["what"],
            fen=rules.fen_of(data["yuan"]), voucher=data["voucher"], day=data["day"],
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("支出已登记。"))
        return redirect(back)
    note = "" if choices else _("这里还没有可以用的经费。经费由街道或区设立并拨入。")
    title = _("登记支出：%(what)s") % {"what": session.activity.title}
    return acted(request, form, title, back, status=422 if request.method == "POST" else 200, note=note)


@desk_page
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Money comes into a purse."""
    actor = actor_of(request)
    purse = policy_for(Purse).visible_to(actor).filter(pk=pk).first()
    if purse is None:
        raise NotVisible("")
    policy_for(Purse).require(actor, "fund", purse)
    page_of(request).place_code = purse.place_code
    form = GrantForm(request.POST or None)
    back = reverse("web:record", args=["culture.purses", pk])

    def act() -> None:
        data = form.cleaned_data
        services_money.grant(
            actor=actor, purse_id=pk, fen=rules.fen_of(data["yuan"]), source=data["source"], document=data["document"],
            day=data["day"],
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carried_out(form, act):
        messages.success(request, _("拨入已登记。"))
        return redirect(back)
    title = _("拨入：%(what)s") % {"what": purse.name}
    return acted(request, form, title, back, status=422 if request.method == "POST" else 200)


@desk_page
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A cost entered wrongly: the money is in the purse again, the row stays."""
    actor = actor_of(request)
    row = policy_for(Cost).visible_to(actor).select_related("purse", "event__activity").filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    if not policy_for(Purse).can(actor, "keep", row.purse):
        raise PermissionDenied
    page_of(request).place_code = row.place_code[:12]
    form = ReasonForm(request.POST or None)
    back = reverse("web:record", args=["culture.costs", pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(
            form,
            lambda: services_money.take_back(actor=actor, cost_id=pk, reason=form.cleaned_data["reason"]),
        )
    ):
        messages.success(request, _("已冲销，钱回到经费里。"))
        return redirect(back)
    told = {"what": row.what, "yuan": rules.yuan_words(row.fen), "voucher": row.voucher}
    note = _("“%(what)s”%(yuan)s 元，凭证号 %(voucher)s。冲销后这一行还在，标明已冲销。") % told
    return acted(
        request, form, _("冲销支出"), back, status=422 if request.method == "POST" else 200, note=note
    )


@desk_page
def close(request: HttpRequest) -> HttpResponse:
    """Close the money's days: by who gives money in the whole district."""
    actor = actor_of(request)
    if not actor.holds(FUND, settings.HOME_PLACE):
        raise Http404
    form = CloseForm(request.POST or None)
    back = reverse("web:register", args=["culture.costs"])
    if (
        request.method == "POST"
        and form.is_valid()
        and carried_out(form, lambda: services_money.close_days(actor=actor, **form.cleaned_data))
    ):
        messages.success(request, _("已结账。"))
        return redirect(back)
    closed = selectors.closed_through()
    note = (
        _("现在结到 %s。结了不能再打开。") % closed.isoformat()
        if closed
        else _("还没有结过账。结了不能再打开。")
    )
    return acted(
        request, form, _("活动经费结账"), back, status=422 if request.method == "POST" else 200, note=note
    )

"""What keepers of the lists do to one row: end an item or a rule, say that a fault of the routes is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.requests import selectors, services_lists
from doorstep.modules.requests.forms import EndForm, ListForm
from doorstep.modules.requests.models import EventItem, RoutingFault, RoutingRule
from doorstep.modules.requests.views_parts import desk_page


@dataclass(frozen=True)
class Ending:
    """A dated list whose rows can be ended: its register, and the service with the name of its argument."""

    model: type[Any]
    register: str
    service: Callable[..., Any]
    argument: str
    about: Any


ENDINGS = {
    "item": Ending(
        EventItem, "requests.items", services_lists.end_item, "item_id",
        gettext_lazy("从这一天起，事项目录里不再有它；已经登记的诉求不受影响。"),
    ),
    "route": Ending(
        RoutingRule, "requests.routes", services_lists.end_route, "rule_id",
        gettext_lazy("从这一天起，新的诉求不再按它派办；已经派出的不受影响。"),
    ),
}  # fmt: skip


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@desk_page
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """An item or a rule holds no longer from a day on."""
    kind = ENDINGS.get(what)
    if kind is None:
        raise Http404
    actor = actor_of(request)
    row = policy_for(kind.model).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not policy_for(kind.model).can(actor, "keep", row):
        raise PermissionDenied
    form, status = EndForm(_sent(request)), 200
    if request.method == "POST":
        try:
            if form.is_valid():
                kind.service(actor=actor, ended_on=form.cleaned_data["ended_on"], **{kind.argument: pk})
                messages.success(request, _("已终止。"))
                return redirect("web:register", kind.register)
        except RuleViolation as refusal:
            form.refuse(refusal)
        status = 422
    context = {
        "form": form, "title": _("终止：%(what)s") % {"what": row}, "about": kind.about, "verb": _("终止"),
        "back": reverse("web:record", args=[kind.register, pk]),
    }  # fmt: skip
    return render(request, "requests/list_act.html", context, status=status)


@desk_page
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Where such a report would go today; once it goes somewhere, the fault can be closed."""
    actor = actor_of(request)
    row: RoutingFault | None = (
        policy_for(RoutingFault).visible_to(actor).select_related("matter").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    item = selectors.items_at(row.place_code).filter(code=row.item).first() if row.item else None
    route = selectors.route_for(row.place_code, item, row.urgency)
    form, status = ListForm(_sent(request)), 200
    if request.method == "POST":
        form.is_valid()
        try:
            services_lists.settle_fault(actor=actor, fault_id=pk)
            messages.success(request, _("故障已处理。"))
            return redirect("web:register", "requests.faults")
        except RuleViolation as refusal:
            form.refuse(refusal)
            status = 422
    context = {
        "form": form, "title": _("派办故障：%(number)s %(what)s") % {"number": row.matter.number, "what": row.get_kind_display()},
        "about": _("现在同样的诉求会派到：%(words)s") % {"words": route.words}, "verb": _("已处理"),
        "back": reverse("web:record", args=["requests.faults", pk]), "settled": row.settled_at is not None,
        "mend": reverse("web:register", args=["requests.routes"]) if route.fault else "",
    }  # fmt: skip
    return render(request, "requests/list_act.html", context, status=status)

"""One more item on the list, one more rule of where requests go: a form each, offered in the registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.requests import selectors_lists as selectors
from doorstep.modules.requests import services_lists
from doorstep.modules.requests.forms_lists import KIND, UNIT, AddForm, ItemForm, RouteForm
from doorstep.modules.requests.policies import KEEP_LISTS, KEEP_ROUTES
from doorstep.modules.requests.views_parts import desk_page

Make = Callable[[Any, Sequence[str]], AddForm]


@dataclass(frozen=True)
class Adding:
    """A list to which one may add: its words, register, form over the keeper's places, who may, and the service."""

    title: Any
    about: Any
    register: str
    capability: str
    form: Make
    service: Callable[..., Any]


def _item_form(data: Any, places: Sequence[str]) -> AddForm:
    return ItemForm(data, places=selectors.places_inside(places))


def _route_form(data: Any, places: Sequence[str]) -> AddForm:
    nearest = [(f"{KIND}:{kind}", UNIT_KINDS[kind]) for kind in selectors.NEAREST]
    named = [
        (name, [(f"{UNIT}:{number}", unit) for number, unit in units])
        for name, units in selectors.units_inside(places)
    ]
    return RouteForm(
        data, places=selectors.places_inside(places), items=selectors.items_inside(places),
        units=[(_("就近的这一类单位"), nearest), *named],
    )  # fmt: skip


ADDING = {
    "item": Adding(
        gettext_lazy("加一个事项"), gettext_lazy("从这一天起，报告人和工作人员可以选它。改已有的事项，代码写成原来的。"),
        "requests.items", KEEP_LISTS, _item_form, services_lists.list_item,
    ),
    "route": Adding(
        gettext_lazy("加一条派办规则"),
        gettext_lazy("从这一天起，合乎这些条件的新诉求派到这里；已经派出的不受影响。几条都合的，事项比类别优先，小地方比大地方优先。"),
        "requests.routes", KEEP_ROUTES, _route_form, services_lists.set_route,
    ),
}  # fmt: skip


@desk_page
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, what: str) -> HttpResponse:
    """A row from a day on (`?place=` is proposed). One that stands for the same case is named, and replaced only when asked."""
    actor, adding = actor_of(request), ADDING.get(what)
    place = request.GET.get("place", "")
    if adding is None or not actor.holds_somewhere(adding.capability) or not is_code(place):
        raise Http404
    own = actor.places_for(adding.capability)
    form, status = adding.form(request.POST if request.method == "POST" else None, own), 200
    form.fields["place"].initial = place
    if request.method == "POST":
        if form.is_valid() and _added(actor, adding, form):
            messages.success(request, _("已登记。"))
            return redirect("web:register", adding.register)
        status = 422
    context = {
        "form": form, "title": adding.title, "about": adding.about, "verb": _("登记"),
        "back": reverse("web:register", args=[adding.register]),
    }  # fmt: skip
    return render(request, "requests/list_act.html", context, status=status)


def _added(actor: Actor, adding: Adding, form: Any) -> bool:
    """Carry it out; a refusal is said at its field, with the way to the row that stands."""
    try:
        adding.service(actor=actor, new=form.new(), replaces=form.replaces)
    except services_lists.Standing as standing:
        day = form.cleaned_data["valid_from"]
        address = f"{reverse('web:record', args=[adding.register, standing.row.pk])}?on={day.isoformat()}"
        form.refuse(standing, format_html('{} <a href="{}">{}</a>', standing.message, address, _("看这一条")))
        form.offer_replacing()
    except Refused as refusal:
        form.refuse(refusal)
    else:
        return True
    return False

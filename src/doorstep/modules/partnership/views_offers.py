"""What units offer, in office: put on the list, changed, taken off."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership import services_resources as services
from doorstep.modules.partnership.forms_lists import EndForm, ResourceForm, as_time
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Resource
from doorstep.modules.partnership.pages import desk_page
from doorstep.modules.partnership.pages_lists import form_page, kinds_at, stand_at
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.selectors_uses import uses_of


def areas_of(unit_ids: list[int]) -> list[tuple[str, str]]:
    """Places of the agreements in force of some units, as a choice."""
    agreed = Agreement.objects.in_force().filter(unit_id__in=unit_ids)
    rows = Area.objects.filter(code__in=agreed.values("place_code")).order_by("code")
    return list(rows.values_list("code", "name"))


def resource_initial(row: Resource) -> dict[str, Any]:
    return {
        "resource_class": row.resource_class, "name": row.name, "about": row.about, "capacity": row.capacity,
        "week": [] if row.weekdays == rules.ALL_WEEK else list(rules.weekdays_of(row.weekdays)), "opens": as_time(row.opens),
        "closes": as_time(row.closes), "price": row.price, "yuan": None if row.fen is None else f"{row.fen / 100:.2f}",
        "price_words": row.price_words, "areas": list(row.areas.values_list("code", flat=True)), "version": row.lock_version,
        "unit": row.unit_id,
    }  # fmt: skip


def _partners(actor: Actor) -> list[tuple[int, str]]:
    """Units with an agreement where the reader keeps them."""
    rows = Agreement.objects.in_force().filter(within("place_code", actor.places_for(KEEP)))
    names = last_names(set(rows.values_list("unit_id", flat=True)))
    return sorted(names.items(), key=lambda item: (item[1], item[0]))


@desk_page
def new(request: HttpRequest) -> HttpResponse:
    """A resource for a unit that has nobody to do it."""
    actor = actor_of(request)
    mine = actor.places_for(KEEP)
    if not mine:
        raise Http404
    units = _partners(actor)
    form = ResourceForm(
        kinds_at(mine[0]), units, areas_of([pk for pk, _name in units]), request.POST or None,
        initial={"unit": request.GET.get("unit", "")},
    )  # fmt: skip
    back = reverse("web:register", args=["partnership.resources"])
    nothing = "" if units else _("先登记共建协议，才能登记资源。")
    return form_page(
        request, form, lambda: services.offer(actor=actor, data=form.data_of()), _("已列入资源清单。"), lambda: back,
        title=_("登记资源"), back=back, verb=_("登记"), nothing=nothing,
    )  # fmt: skip


@desk_page
def change(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row = _kept(request, pk)
    units = list(last_names([row.unit_id]).items())
    form = ResourceForm(
        kinds_at(row.place_code),
        units,
        areas_of([row.unit_id]),
        request.POST or None,
        initial=resource_initial(row),
    )
    back = reverse("web:register", args=["partnership.resources"])
    return form_page(
        request, form,
        lambda: services.change_resource(
            actor=actor, resource_id=pk, data=form.data_of(), expected_version=form.cleaned_data["version"] or 0
        ),
        _("已保存。"), lambda: back, title=_("修改资源：%s") % row.name, back=back, verb=_("保存"), uses=uses_of(actor, pk),
    )  # fmt: skip


@desk_page
def end(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row = _kept(request, pk)
    form = EndForm(request.POST or None)
    back = reverse("web:register", args=["partnership.resources"])
    return form_page(
        request, form,
        lambda: services.withdraw_resource(actor=actor, resource_id=pk, ended_on=form.cleaned_data["ended_on"]),
        _("已从清单上撤下。"), lambda: back, title=_("撤下资源：%s") % row.name, back=back, verb=_("撤下"),
    )  # fmt: skip


def _kept(request: HttpRequest, pk: int) -> tuple[Actor, Resource]:
    """Raises NotVisible, NotAllowed."""
    actor = actor_of(request)
    row: Resource | None = policy_for(Resource).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    if not policy_for(Resource).can(actor, "keep", row):
        raise NotAllowed("")
    if actor.stands_near(row.place_code):
        stand_at(request, row.place_code)
    return actor, row

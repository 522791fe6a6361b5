"""Keeping what is recorded of a building, a grid or a venue: one page for each act, offered in the registers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.places import services
from doorstep.kernel.places.forms import (
    BuildingForm,
    CloseVenueForm,
    PlaceBuildingForm,
    RenameGridForm,
    VenueForm,
)
from doorstep.kernel.places.models import Area, Building, Grid, Venue
from doorstep.kernel.places.pages import act_page, places_page
from doorstep.kernel.places.policies import ADJUST_GRIDS, KEEP_BUILDINGS
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import LENGTHS

Data = dict[str, Any]


def _found(request: HttpRequest, model: Any, action: str, **key: Any) -> Any:
    """The record, for whoever may do this to it. Raises NotVisible, NotAllowed."""
    row = policy_for(model).visible_to(actor_of(request)).filter(**key).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor_of(request), action, row)
    return row


def _record(register: str, row: Any) -> str:
    return reverse("web:record", args=[register, row.pk])


@places_page
def edit_building(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a building's name, address, households and position."""
    row = _found(request, Building, "edit", pk=pk)
    names = ("lock_version", "name", "address", "households", "longitude", "latitude")
    form = BuildingForm(request.POST or None, initial={name: getattr(row, name) for name in names})

    def act(data: Data) -> str:
        own = {key: value for key, value in data.items() if key not in ("longitude", "latitude")}
        position = data["longitude"], data["latitude"]
        saved = services.edit_building(actor=actor_of(request), building_id=pk, position=position, **own)
        return saved.warning

    title = _("更正楼栋：{name}").format(name=row.name)
    return act_page(request, form, title, act, _record("places.buildings", row))


@places_page
def place_building(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a building into a grid of its community; one that has a grid already, for whoever adjusts grids."""
    actor = actor_of(request)
    row = _found(request, Building, "edit", pk=pk)
    community = row.place_code[: LENGTHS["community"]]
    placement = row.placements.filter(valid_to=None).select_related("grid").first()
    require_place(actor, ADJUST_GRIDS if row.placements.exists() else KEEP_BUILDINGS, row.place_code)
    grids = Grid.objects.filter(community_id=community, valid_to=None).order_by("code")
    now = placement.grid.code if placement else ""
    choices = [(grid.code, f"{grid.name}（{grid.code}）") for grid in grids if grid.code != now]
    form = PlaceBuildingForm(choices, request.POST or None)

    def act(data: Data) -> str:
        services.place_building(
            actor=actor, building_id=pk, grid_code=data["grid"], effective_on=data["effective_on"]
        )
        return ""

    said = (
        _("自 {day} 起属于{grid}。").format(day=placement.valid_from, grid=placement.grid.name)
        if placement
        else _("还没有划入网格。")
    )
    name = Area.objects.filter(code=community).values_list("name", flat=True).first() or community
    title = _("划入网格：{name}").format(name=row.name)
    return act_page(
        request, form, title, act, _record("places.buildings", row), lead=f"{name} · {said}",
        nothing="" if choices else _("这个社区没有别的网格。"),
    )  # fmt: skip


@places_page
def rename_grid(request: HttpRequest, code: str) -> HttpResponse:
    """Give a grid another name; its code stays."""
    row = _found(request, Grid, "adjust", code=code)
    form = RenameGridForm(request.POST or None, initial={"name": row.name, "lock_version": row.lock_version})

    def act(data: Data) -> str:
        services.rename_grid(actor=actor_of(request), grid_id=row.pk, **data)
        return ""

    title = _("网格更名：{name}").format(name=row.name)
    return act_page(
        request, form, title, act, _record("places.grids", row), lead=f"{row.code} · {_('代码不变。')}"
    )


@places_page
def edit_venue(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what people need to know of a venue."""
    row = _found(request, Venue, "edit", pk=pk)
    names = ("kind", "address", "phone", "hours")
    form = VenueForm(request.POST or None, initial={name: getattr(row, name) for name in names})

    def act(data: Data) -> str:
        services.edit_venue(actor=actor_of(request), venue_id=pk, **data)
        return ""

    return act_page(
        request, form, _("更正场所：{name}").format(name=row.name), act, _record("places.venues", row)
    )


@places_page
def close_venue(request: HttpRequest, pk: int) -> HttpResponse:
    """A venue closes from a day on."""
    row = _found(request, Venue, "edit", pk=pk)
    form = CloseVenueForm(request.POST or None)

    def act(data: Data) -> str:
        services.close_venue(actor=actor_of(request), venue_id=pk, on=data["on"])
        return ""

    back = f"{reverse('web:register', args=['places.venues'])}?place={row.place_code}"
    return act_page(request, form, _("关闭场所：{name}").format(name=row.name), act, back)

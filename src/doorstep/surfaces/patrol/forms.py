"""What is recorded where it is found: a few words and a place, settled already or passed on; and a visit."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.geometry import check_inside_country
from doorstep.kernel.places.positions import GCJ02, WGS84, to_wgs84
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.modules.grids.forms import VisitForm
from doorstep.modules.grids.selectors_visits import buildings_of, own_grids, persons_of
from doorstep.modules.grids.services import NewVisit
from doorstep.surfaces.patrol.selectors import Where


class RecordForm(forms.Form):
    """`grids`: those of the worker; the building need not be named, nor the position."""

    SETTLED, OPEN = "settled", "open"

    text = forms.CharField(
        label=_("什么事"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写一句是什么事。")},
    )  # fmt: skip
    place = forms.ChoiceField(label=_("在哪里"), error_messages={"required": _("请选在哪个网格或楼栋。")})
    address = forms.CharField(label=_("具体位置（可不填）"), max_length=120, required=False)
    note = forms.CharField(
        label=_("怎么处理的"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        initial=_("已当场处理好。"),
    )  # fmt: skip
    for_whom = forms.CharField(label=_("替谁报（怎么称呼、怎么联系）"), max_length=60, required=False)
    how = forms.ChoiceField(choices=[(SETTLED, _("当场办好了")), (OPEN, _("还要别人办"))])
    longitude = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    latitude = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    datum = forms.ChoiceField(
        choices=[(WGS84, WGS84), (GCJ02, GCJ02)], required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: Any = None, *, grids: Sequence[Where], datum: str = WGS84) -> None:
        super().__init__(data, initial={"datum": datum})
        choices: list[Any] = [
            (grid.name, [(grid.code, _("整个网格")), *((f"b{pk}", name) for pk, name in grid.buildings)])
            for grid in grids
        ]
        self.fields["place"].choices = choices if len(grids) == 1 else [("", _("请选择")), *choices]  # type: ignore[attr-defined]  # a ChoiceField

        for each in self.fields.values():
            is_choice = isinstance(each.widget, forms.Select)
            each.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how") == self.SETTLED and not given.get("note", "").strip():
            self.add_error("note", _("请写一句怎么处理的。"))
        given["longitude"], given["latitude"] = _position(given)
        return given

    def report(self) -> dict[str, Any]:
        """What `Report` takes of it. Call after is_valid()."""
        given = self.cleaned_data
        place = given["place"]
        where = {"building_id": int(place[1:])} if place.startswith("b") else {"place_code": place}
        return where | {
            name: given[name] for name in ("text", "address", "for_whom", "longitude", "latitude")
        }


def visit_form(actor: Actor, data: Any = None, done_at: dt.datetime | None = None) -> VisitForm:
    """The form of a visit over all the worker's grids, so that a page kept on the phone serves for each of them. Without
    a day it was the day it was noted on the phone. Raises NotVisible for whoever has no grid to visit."""
    grids = own_grids(actor)
    if not grids:
        raise NotVisible(_("您名下没有网格。"))
    codes = [grid.code for grid in grids]
    if data is not None and not data.get("visited_on"):
        day = min(clock.today(), done_at.astimezone(clock.DISTRICT_ZONE).date() if done_at else clock.today())
        data = {**data, "visited_on": day.isoformat()}
    names = [(grid.code, grid.name) for grid in grids]
    form = VisitForm(names, buildings_of(*codes), persons_of(actor, *codes), data)
    for each in form.fields.values():
        each.widget.attrs["class"] = (
            "form-select" if isinstance(each.widget, forms.Select) else "form-control"
        )
    return form


def new_visit(form: VisitForm, key: uuid.UUID) -> NewVisit:
    """What is to be kept of it, once for the key. Call after is_valid()."""
    given = form.cleaned_data
    return NewVisit(
        place_code=given["grid"], visited_on=given["visited_on"], kind=given["kind"], note=given["note"], door=given["door"],
        building_id=whole_number(given["building"]), person_id=whole_number(given["person"]), token=key,
    )  # fmt: skip


def _position(given: dict[str, Any]) -> tuple[float | None, float | None]:
    """In WGS-84. What is no position in the country is left out: the record matters more."""
    try:
        longitude, latitude = float(given.get("longitude") or "nan"), float(given.get("latitude") or "nan")
        check_inside_country(longitude, latitude)
    except (ValueError, RuleViolation):
        return None, None
    return to_wgs84(longitude, latitude) if given.get("datum") == GCJ02 else (longitude, latitude)

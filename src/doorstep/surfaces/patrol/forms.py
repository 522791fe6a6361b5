"""What is recorded where it is found: a few words and a place; settled already, or passed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
    how = forms.ChoiceField(choices=[(SETTLED, _("当场办好了")), (OPEN, _("还要别人办"))])
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, grids: Sequence[Where]) -> None:
        super().__init__(data)
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
        if (given.get("longitude") is None) != (given.get("latitude") is None):
            given["longitude"] = given["latitude"] = None
        return given

    def report(self) -> dict[str, Any]:
        """What `Report` takes of it. Call after is_valid()."""
        given = self.cleaned_data
        place = given["place"]
        where = {"building_id": int(place[1:])} if place.startswith("b") else {"place_code": place}
        return where | {name: given[name] for name in ("text", "address", "longitude", "latitude")}

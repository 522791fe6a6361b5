"""Forms of single acts on places: what is corrected of a building, grid or venue, and from which day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.places.rules import LONGEST_NAME, VENUE_KINDS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused


class PlacesForm(forms.Form):
    """A form that a service's refusal can be written into, at the field the service names."""

    def refuse(self, refusal: Refused) -> None:
        text = str(refusal.message)
        if refusal.clause:
            text = f"{text}{_('（依据：{clause}）')}".format(clause=refusal.clause)
        self.add_error(refusal.field if refusal.field in self.fields else None, text)


def day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def degrees(label: Any, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(
        label=label, help_text=help_text, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    )  # fmt: skip


class BuildingForm(PlacesForm):
    """`lock_version` is the version its reader saw."""

    lock_version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("楼栋"), max_length=LONGEST_NAME)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    households = forms.IntegerField(label=_("户数"), min_value=0, max_value=5000)
    longitude = degrees(_("经度"), _("WGS-84，度，如 121.650000。"))
    latitude = degrees(_("纬度"), _("WGS-84，度，如 38.910000。"))


class PlaceBuildingForm(PlacesForm):
    grid = forms.ChoiceField(label=_("网格"))

    def __init__(self, grids: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grid"].choices = [("", _("请选择")), *grids]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["effective_on"] = day(_("生效日期"), _("从这一天起属于这个网格；可以是将来的一天。"))


class RenameGridForm(PlacesForm):
    lock_version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("网格名称"), max_length=LONGEST_NAME)


class VenueForm(PlacesForm):
    kind = forms.ChoiceField(label=_("种类"), choices=list(VENUE_KINDS.items()))
    address = forms.CharField(label=_("地址"), max_length=200)
    phone = forms.CharField(label=_("办公电话"), max_length=40, required=False)
    hours = forms.CharField(label=_("开放时间"), max_length=120, required=False)


class OutlinesForm(PlacesForm):
    file = forms.FileField(
        label=_("GeoJSON 文件"),
        help_text=_("最大 4 MB；经纬度（WGS-84）；每个图形的属性里有一列 code，填社区、街道或网格的代码。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json,application/json"}),
    )
    source = forms.CharField(
        label=_("来源"), max_length=200, help_text=_("谁在什么时候划定的，如文号或测绘单位。")
    )
    illustrative = forms.BooleanField(
        label=_("示意边界"), required=False, help_text=_("不是法定界线时勾选，每张地图上都会注明。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"] = day(_("生效日期"), _("从这一天起按新的边界；原来的边界保留在历史里。"))


class CloseVenueForm(PlacesForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"] = day(_("关闭日期"), _("从这一天起不再开放；以前的记录保留。"))
